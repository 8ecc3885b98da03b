package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
	"golang.org/x/time/rate"

	"goalbot/goals"
	"goalbot/message"
)

// SentRecord is the kind of record that holds the number of a delivered
// message that had a tag, under "<tag>/<chat>".
const SentRecord = "sent"

// Outbox holds what is to be sent. It is implemented by the palace.
type Outbox interface {
	// Outbox is the oldest message of every chat.
	Outbox(context.Context) ([]goals.Message, error)
	// Sent forgets a message that Telegram took, and keeps what f records.
	Sent(ctx context.Context, id int64, f func(goals.Tx) error) error
	// Park puts a message aside that Telegram will never take.
	Park(ctx context.Context, id int64, reason string) error
	MoveChat(ctx context.Context, from, to int64) error
	// Queued wakes the sender after something was put in.
	Queued() <-chan struct{}
}

// Sender sends what waits in the outbox: for each chat in order, one after
// the other, at the pace that Telegram allows.
type Sender struct {
	client *Client
	outbox Outbox
	log    *slog.Logger

	all   *rate.Limiter
	chats map[int64]*pace
}

// pace is when a chat may be written to.
type pace struct {
	limit  *rate.Limiter
	retry  *backoff.ExponentialBackOff
	notYet time.Time
}

// NewSender takes the outbox that it empties.
func NewSender(client *Client, outbox Outbox, log *slog.Logger) *Sender {
	return &Sender{client: client, outbox: outbox, log: log, all: rate.NewLimiter(25, 25), chats: map[int64]*pace{}}
}

// Run sends until the context ends.
func (s *Sender) Run(ctx context.Context) {
	for ctx.Err() == nil {
		wait, err := s.round(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.Error("the outbox could not be read or written", "err", err)
			wait = 5 * time.Second
		}
		if wait == 0 {
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-s.outbox.Queued():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Drain sends what is due now and returns when nothing more is, or when the
// context ends.
func (s *Sender) Drain(ctx context.Context) {
	for ctx.Err() == nil {
		if wait, err := s.round(ctx); wait != 0 || err != nil {
			return
		}
	}
}

// idle is how long a round waits when there is nothing to send; it is woken.
const idle = time.Minute

// round sends the oldest message of every chat that may be written to. It
// returns how long to wait for the next round, 0 for not at all.
func (s *Sender) round(ctx context.Context) (time.Duration, error) {
	heads, err := s.outbox.Outbox(ctx)
	if err != nil {
		return 0, err
	}
	wait := idle
	for _, m := range heads {
		p := s.pace(m.Chat)
		now := time.Now()
		if now.Before(p.notYet) {
			wait = min(wait, p.notYet.Sub(now))
			continue
		}
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		if err := s.deliver(ctx, m, p); err != nil {
			return 0, err
		}
		wait = 0
	}
	return wait, nil
}

// pace knows the limits that the Bot API's FAQ names: about one message a
// second to one chat, 20 a minute to a group. Short bursts are let through;
// where the server thinks otherwise it says how long to wait.
func (s *Sender) pace(chat int64) *pace {
	p := s.chats[chat]
	if p == nil {
		p = &pace{limit: rate.NewLimiter(rate.Every(time.Second), 20), retry: newBackOff(time.Second, 5*time.Minute)}
		if chat < 0 {
			p.limit = rate.NewLimiter(rate.Every(3*time.Second), 10)
		}
		s.chats[chat] = p
	}
	return p
}

// deliver sends one message and notes the outcome. The error is the outbox's.
func (s *Sender) deliver(ctx context.Context, queued goals.Message, p *pace) error {
	m, err := message.Decode(queued.Body)
	if err != nil {
		s.log.Error("a message in the outbox cannot be read", "id", queued.ID, "err", err)
		return s.outbox.Park(ctx, queued.ID, "it cannot be read")
	}
	if err := s.all.Wait(ctx); err != nil {
		return nil
	}
	// Sending and noting that it was sent belong together: once begun, the end
	// of the program does not come between them.
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), callDeadline+5*time.Second)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(finishTime, cancel) })
	defer stop()
	id, err := s.client.send(own, queued.Chat, m)
	if err == nil {
		p.retry.Reset()
		p.notYet = time.Now().Add(p.limit.Reserve().Delay())
		return s.outbox.Sent(own, queued.ID, recordSent(m.Tag, queued.Chat, id))
	}
	switch kind, e := classify(err); kind {
	case flood:
		p.notYet = time.Now().Add(retryAfter(e))
		s.log.Warn("Telegram asks for patience", "wait", retryAfter(e))
	case migrated:
		s.log.Info("a group has become a supergroup", "from", queued.Chat, "to", e.MigrateToChatID)
		return s.outbox.MoveChat(own, queued.Chat, e.MigrateToChatID)
	case gone, refused, badEntities, noMessage, noThread:
		s.log.Error("Telegram does not take a message; it is put aside", "id", queued.ID, "chat", queued.Chat, "err", err)
		return s.outbox.Park(own, queued.ID, e.Message)
	default:
		p.notYet = time.Now().Add(p.retry.NextBackOff())
		if ctx.Err() == nil {
			s.log.Warn("a message could not be sent and will be tried again", "err", err, "wait", time.Until(p.notYet).Round(time.Millisecond))
		}
	}
	return nil
}

func recordSent(tag string, chat, id int64) func(goals.Tx) error {
	if tag == "" {
		return nil
	}
	return func(tx goals.Tx) error {
		return tx.SetRecord(SentRecord, fmt.Sprintf("%s/%d", tag, chat), strconv.FormatInt(id, 10))
	}
}

// send sends a message, or edits the one whose place it takes, and returns its
// number in the chat. Where Telegram refuses the frills the words go without them.
func (c *Client) send(ctx context.Context, chat int64, m message.Message) (int64, error) {
	id, err := c.sendOnce(ctx, chat, m)
	for range 3 {
		switch kind, _ := classify(err); {
		case err == nil:
			return id, nil
		case kind == unchanged:
			return m.Edit, nil
		case kind == noMessage && m.Edit != 0:
			m.Edit = 0
		case kind == noThread && m.Thread != 0:
			m.Thread = 0
		case kind == badEntities && len(m.Entities) > 0:
			m.Entities = nil
		default:
			return 0, err
		}
		id, err = c.sendOnce(ctx, chat, m)
	}
	return id, err
}

func (c *Client) sendOnce(ctx context.Context, chat int64, m message.Message) (int64, error) {
	params := tgbotapi.Params{"chat_id": strconv.FormatInt(chat, 10)}
	text, entities := "text", "entities"
	if m.Document != nil {
		text, entities = "caption", "caption_entities"
	}
	params.AddNonEmpty(text, m.Text)
	if len(m.Entities) > 0 {
		if err := params.AddInterface(entities, m.Entities); err != nil {
			return 0, err
		}
	}
	if err := addMarkup(params, m); err != nil {
		return 0, err
	}
	method := "sendMessage"
	switch {
	case m.Document != nil:
		method = "sendDocument"
	case m.Edit != 0:
		method = "editMessageText"
		params.AddNonZero64("message_id", m.Edit)
	}
	if method != "editMessageText" {
		params.AddNonZero64("message_thread_id", m.Thread)
		params.AddBool("disable_notification", m.Quiet)
		if m.ReplyTo != 0 {
			params.AddNonZero64("reply_to_message_id", m.ReplyTo)
			params.AddBool("allow_sending_without_reply", true)
		}
	}
	if m.Document == nil {
		params["link_preview_options"] = `{"is_disabled":true}`
	}
	var result json.RawMessage
	var err error
	if m.Document != nil {
		file := tgbotapi.RequestFile{Name: "document", Data: tgbotapi.FileBytes{Name: m.Document.Name, Bytes: m.Document.Data}}
		result, err = c.upload(ctx, method, params, file)
	} else {
		result, err = c.call(ctx, method, params, callDeadline)
	}
	if err != nil {
		return 0, err
	}
	var sent incoming
	if err := json.Unmarshal(result, &sent); err != nil || sent.ID == 0 {
		return 0, errors.Join(fmt.Errorf("%s: the answer holds no message", method), err)
	}
	return sent.ID, nil
}

// addMarkup adds the buttons, or the request to open the keyboard.
func addMarkup(params tgbotapi.Params, m message.Message) error {
	type button struct {
		Text string `json:"text"`
		Data string `json:"callback_data"`
	}
	if len(m.Buttons) > 0 {
		rows := make([][]button, len(m.Buttons))
		for i, row := range m.Buttons {
			for _, b := range row {
				rows[i] = append(rows[i], button{b.Label, b.Command})
			}
		}
		return params.AddInterface("reply_markup", map[string]any{"inline_keyboard": rows})
	}
	if m.Ask {
		return params.AddInterface("reply_markup", map[string]any{"force_reply": true, "selective": true})
	}
	return nil
}
