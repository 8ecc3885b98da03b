package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"goalbot/goals"
	"goalbot/handlers"
	"goalbot/message"
)

const (
	pollTimeout  = 50 * time.Second // the server does not wait longer (Bot API server, getUpdates)
	pollDeadline = pollTimeout + 15*time.Second
	handleTime   = 30 * time.Second // for one update, its commit included
	finishTime   = 3 * time.Second  // for the update in hand when the program is told to stop
)

// ErrRejected reports that Telegram does not know the token.
var ErrRejected = errors.New("the token is not one that Telegram knows")

// Handler acts on requests; it is implemented by handlers.Handlers.
type Handler interface {
	Member(user int64) bool
	Handle(context.Context, handlers.Request) error
	Failed(context.Context, handlers.Request) error
	Stranger(context.Context, handlers.Request) error
}

// Poller asks for updates and hands them on one by one, in order. An update is
// confirmed to the server only after it has been handled and what it did is
// committed, so that a crash at any moment brings it again.
type Poller struct {
	client  *Client
	handler Handler
	log     *slog.Logger

	username string
	offset   int64        // the next update to ask for; all before it are confirmed by asking
	polled   atomic.Int64 // when a poll was last answered, in nanoseconds since 1970
	taps     sync.WaitGroup
}

// NewPoller takes what handles the updates.
func NewPoller(client *Client, handler Handler, log *slog.Logger) *Poller {
	return &Poller{client: client, handler: handler, log: log}
}

// Polled is when Telegram last answered a poll; the zero time if it never did.
// The loop is deaf when that is long ago.
func (p *Poller) Polled() time.Time {
	if n := p.polled.Load(); n != 0 {
		return time.Unix(0, n)
	}
	return time.Time{}
}

// Run connects, calls ready with the bot's user name, and polls until the
// context ends. It then finishes the update in hand and confirms it. The error
// is [ErrRejected], or nil.
func (p *Poller) Run(ctx context.Context, ready func(username string)) error {
	defer p.taps.Wait()
	if err := p.connect(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	p.log.Info("connected to Telegram", "bot", "@"+p.username)
	ready(p.username)
	p.setMenu(ctx)
	retry := newBackOff(time.Second, 30*time.Second)
	for ctx.Err() == nil {
		began := time.Now()
		updates, err := p.poll(ctx)
		if err != nil {
			if ctx.Err() == nil {
				p.recover(ctx, err, retry)
			}
			continue
		}
		retry.Reset()
		fresh := p.handleAll(ctx, updates)
		if !fresh && time.Since(began) < time.Second {
			// A server that answers at once with nothing new must not be
			// asked in a tight loop.
			sleep(ctx, time.Second)
		}
	}
	p.confirm()
	return nil
}

// connect asks who we are, for as long as it takes.
func (p *Poller) connect(ctx context.Context) error {
	retry := newBackOff(time.Second, 30*time.Second)
	for ctx.Err() == nil {
		result, err := p.client.call(ctx, "getMe", nil, callDeadline)
		if err == nil {
			var me user
			if err = json.Unmarshal(result, &me); err == nil {
				p.username = me.Username
				return nil
			}
		}
		if kind, _ := classify(err); kind == unauthorized {
			return fmt.Errorf("%w. Ask @BotFather for the right one (/token) and set TELEGRAM_BOT_TOKEN", ErrRejected)
		}
		if ctx.Err() == nil {
			p.recover(ctx, err, retry)
		}
	}
	return nil
}

// setMenu tells Telegram our commands. Nothing depends on it.
func (p *Poller) setMenu(ctx context.Context) {
	type entry struct {
		Command     string `json:"command"`
		Description string `json:"description"`
	}
	var menu []entry
	for _, c := range handlers.Commands() {
		menu = append(menu, entry{c.Name, c.Short})
	}
	params := tgbotapi.Params{}
	err := params.AddInterface("commands", menu)
	if err == nil {
		_, err = p.client.call(ctx, "setMyCommands", params, callDeadline)
	}
	if err != nil && ctx.Err() == nil {
		p.log.Warn("the menu of commands could not be set", "err", err)
	}
}

func (p *Poller) poll(ctx context.Context) ([]json.RawMessage, error) {
	params := tgbotapi.Params{"timeout": strconv.Itoa(int(pollTimeout.Seconds())), "limit": "100"}
	params.AddNonZero64("offset", p.offset)
	if err := params.AddInterface("allowed_updates", allowedUpdates); err != nil {
		return nil, err
	}
	result, err := p.client.call(ctx, "getUpdates", params, pollDeadline)
	if err != nil {
		return nil, err
	}
	var updates []json.RawMessage
	if err := json.Unmarshal(result, &updates); err != nil {
		return nil, fmt.Errorf("getUpdates: %w", err)
	}
	p.polled.Store(time.Now().UnixNano())
	return updates, nil
}

// confirm tells the server what has been handled, without waiting for more.
func (p *Poller) confirm() {
	if p.offset == 0 {
		return
	}
	params := tgbotapi.Params{"timeout": "0", "limit": "1", "offset": strconv.FormatInt(p.offset, 10)}
	// Not confirmed is no harm: the updates come again and are known by their keys.
	if _, err := p.client.call(context.Background(), "getUpdates", params, 1500*time.Millisecond); err != nil {
		p.log.Warn("the last updates could not be confirmed and will come again", "err", err)
	}
}

// recover waits after a failed poll, according to what went wrong.
func (p *Poller) recover(ctx context.Context, err error, retry backoff.BackOff) {
	kind, e := classify(err)
	wait := retry.NextBackOff()
	switch kind {
	case flood:
		wait = retryAfter(e)
	case conflict:
		wait = max(wait, 5*time.Second)
		p.log.Error("somebody else polls with this token; stop the other program, or ask @BotFather for a new token", "wait", wait)
		sleep(ctx, wait)
		return
	case webhook:
		p.log.Warn("a webhook is set for this bot; removing it")
		if _, err := p.client.call(ctx, "deleteWebhook", nil, callDeadline); err != nil {
			p.log.Error("the webhook could not be removed", "err", err)
		}
	case unauthorized:
		wait = max(wait, time.Minute)
	}
	p.log.Warn("Telegram cannot be reached", "err", err, "wait", wait.Round(time.Millisecond))
	sleep(ctx, wait)
}

// handleAll handles a batch in order and moves the offset past what has been
// handled. It reports whether there was anything that had not been seen before.
func (p *Poller) handleAll(ctx context.Context, updates []json.RawMessage) (fresh bool) {
	for _, raw := range updates {
		if ctx.Err() != nil {
			return fresh
		}
		var u update
		err := json.Unmarshal(raw, &u)
		if err != nil {
			// The id alone, so that what cannot be read does not come for ever.
			var bare struct {
				ID int64 `json:"update_id"`
			}
			if json.Unmarshal(raw, &bare) == nil && bare.ID != 0 {
				u.ID = bare.ID
			} else {
				u.ID = p.offset
			}
			p.log.Error("an update could not be read and is passed over", "update", u.ID, "bytes", len(raw), "err", err)
		} else if p.handle(ctx, &u) {
			fresh = true
		} else if ctx.Err() != nil {
			return fresh // not handled, so not to be confirmed
		}
		// Not the highest id so far: ids start anew after a quiet week.
		p.offset = u.ID + 1
	}
	return fresh
}

// handle handles one update. It returns false for one that had been handled
// before, and when the program stops before it could be handled.
func (p *Poller) handle(ctx context.Context, u *update) (fresh bool) {
	req, ok := u.request(p.username, time.Now())
	if !ok {
		return true
	}
	if !p.handler.Member(req.From.ID) {
		if err := p.handler.Stranger(ctx, req); err != nil && !errors.Is(err, goals.ErrRepeat) {
			p.log.Error("pairing failed", "update", u.ID, "err", err)
		}
		return true
	}
	if u.Callback != nil {
		// First of all and beside the rest: the button spins until this is answered.
		p.taps.Go(func() { p.answerTap(u.Callback.ID) })
	}
	retry := newBackOff(200*time.Millisecond, 10*time.Second)
	for try := 1; ; try++ {
		err := p.handleOnce(ctx, req)
		switch {
		case err == nil:
			return true
		case errors.Is(err, goals.ErrRepeat):
			return false
		case errors.Is(err, goals.ErrFull):
			p.log.Error("the disk is full; a command was not saved", "command", req.Name)
			p.sayNow(req, handlers.NotSaved())
			return true
		case try >= 3 && !errors.Is(err, goals.ErrUnknown):
			p.log.Error("a command failed and was given up", "command", req.Name, "update", u.ID, "err", err)
			if ferr := p.handler.Failed(ctx, req); ferr != nil && !errors.Is(ferr, goals.ErrRepeat) {
				p.sayNow(req, handlers.NotDone())
			}
			return true
		}
		p.log.Warn("a command failed and is tried again", "command", req.Name, "update", u.ID, "err", err)
		if !sleep(ctx, retry.NextBackOff()) {
			return false
		}
	}
}

// handleOnce gives the handler a context of its own: an update that has been
// begun is finished even when the program is told to stop.
func (p *Poller) handleOnce(ctx context.Context, req handlers.Request) error {
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), handleTime)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(finishTime, cancel) })
	defer stop()
	return p.handler.Handle(own, req)
}

func (p *Poller) answerTap(id string) {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Second)
	defer cancel()
	// An old query is refused; what the tap asked for is done all the same.
	if _, err := p.client.call(ctx, "answerCallbackQuery", tgbotapi.Params{"callback_query_id": id}, callDeadline); err != nil {
		p.log.Debug("a tap could not be answered", "err", err)
	}
}

// sayNow sends without the outbox, for when the outbox cannot be written.
func (p *Poller) sayNow(req handlers.Request, m message.Message) {
	m.Thread = req.Chat.Thread
	if _, err := p.client.send(context.Background(), req.Chat.ID, m); err != nil {
		p.log.Error("a failure could not be told", "err", err)
	}
}

// retryAfter is how long a flood answer asks to wait, with some more, and at
// most ten minutes.
func retryAfter(e *tgbotapi.Error) time.Duration {
	wait := 5 * time.Second
	if e != nil && e.RetryAfter > 0 {
		wait = time.Duration(e.RetryAfter) * time.Second
	}
	return min(wait+wait/20, 10*time.Minute)
}

func newBackOff(first, most time.Duration) *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval = first, most
	b.Reset()
	return b
}

// sleep waits and reports whether it did so to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
