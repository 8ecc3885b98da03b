package telegram

import (
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
	"golang.org/x/time/rate"

	"goalbot/goals"
	"goalbot/handlers"
	"goalbot/message"
)

// Outbox holds what is to be sent. It is implemented by the palace.
type Outbox interface {
	// Outbox is the oldest message of every chat.
	Outbox(context.Context) ([]goals.Message, error)
	// Waiting is what waits for one chat, oldest first, limit at most.
	Waiting(ctx context.Context, chat int64, limit int) ([]goals.Message, error)
	// Sent forgets a message that Telegram took, and keeps what f records.
	Sent(ctx context.Context, id int64, f func(goals.Tx) error) error
	// SentTogether forgets messages that Telegram took as one, all or none.
	SentTogether(ctx context.Context, ids []int64) error
	// Park puts a message aside that Telegram will never take.
	Park(ctx context.Context, id int64, reason string) error
	MoveChat(ctx context.Context, from, to int64) error
	// Queued wakes the sender after something was put in.
	Queued() <-chan struct{}

	// StaleBoards are the edits of the boards that show something else than the
	// list; see handlers.StaleBoards.
	StaleBoards(context.Context) ([]handlers.BoardEdit, error)
	// BoardShown tells what became of such an edit.
	BoardShown(edit handlers.BoardEdit, taken bool)
}

const (
	// FirstPoll is how long the sender waits at the start, at most, for the
	// commands that came while the program was down.
	FirstPoll = 2 * time.Second
	// maxVolley is how many answers a chat gets one by one; where more wait,
	// they are told together.
	maxVolley   = 10
	maxTogether = 200 // are looked at for that

	noteTime = 10 * time.Second // to note in the outbox what became of a message
	noteWait = 5 * time.Second  // before the next try, where that failed
	idle     = time.Minute      // a round without anything to send; queueing ends it
)

// unsureWaits are the pauses before a message is sent again of which nobody
// can tell whether it arrived: the Bot API knows no key by which it would see
// a message that it has already. The last is for all that follow: long, since
// each try may be one copy more, and not so long that a chat seems dead when
// Telegram is well again.
var unsureWaits = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 15 * time.Minute}

// Sender sends what waits in the outbox: for each chat in order, one after
// the other, at the pace that Telegram allows. A chat that has to wait holds
// up no other.
type Sender struct {
	client *Client
	outbox Outbox
	log    *slog.Logger

	mu    sync.Mutex
	until time.Time     // nothing is sent before
	woken chan struct{} // that was altered

	all    *rate.Limiter
	chats  map[int64]*pace // for run, which hands each to one delivery at a time
	boards time.Time       // for run: when they are looked at next
}

// pace is how it stands with a chat.
type pace struct {
	limit  *rate.Limiter
	retry  *backoff.ExponentialBackOff
	notYet time.Time // it may not be written to before
	busy   bool      // a delivery is under way
	head   attempt
	board  time.Time // its board is not edited before
	volley bool      // answers were sent together, and more of the same row may wait
}

// attempt is what is known of the message that is the chat's next.
type attempt struct {
	message int64   // its id in the outbox
	all     []int64 // the ids of what was sent together with it, its own first; nil where it goes alone
	alone   bool    // Telegram does not take it together with others
	unsure  int     // how often it was sent and Telegram did not say whether it arrived
	sent    bool    // Telegram said yes, and only the outbox does not know yet
	number  int64   // the number that it has in the chat
	tag     string
}

// NewSender takes the outbox that it empties.
func NewSender(client *Client, outbox Outbox, log *slog.Logger) *Sender {
	return &Sender{client: client, outbox: outbox, log: log, all: rate.NewLimiter(25, 25), chats: map[int64]*pace{}, woken: make(chan struct{}, 1),
		boards: time.Now().Add(boardPause)} // what changed while the program was down
}

// Hold keeps everything back, for that long at most, so that answers which are
// still being made can be told together.
func (s *Sender) Hold(most time.Duration) { s.hold(time.Now().Add(most)) }

// Release lets go what is held back.
func (s *Sender) Release() { s.hold(time.Time{}) }

func (s *Sender) hold(until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until = until
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

func (s *Sender) held() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Until(s.until)
}

// Run sends until the context ends. What is under way then is finished.
func (s *Sender) Run(ctx context.Context) { s.run(ctx, false) }

// Drain sends what is due now and returns when nothing more is, or when the
// context ends.
func (s *Sender) Drain(ctx context.Context) { s.run(ctx, true) }

func (s *Sender) run(ctx context.Context, drain bool) {
	ended := make(chan *pace)
	underWay := 0
	begin := func(chat int64, f func(*pace)) {
		p := s.pace(chat)
		p.busy = true
		underWay++
		go func() {
			defer func() { ended <- p }()
			f(p)
		}()
	}
	for ctx.Err() == nil {
		due, boards, wait, err := s.due(ctx, drain)
		if err != nil && ctx.Err() == nil {
			s.log.Error("the outbox could not be read", "err", err)
			wait = noteWait
		}
		for _, m := range due {
			begin(m.Chat, func(p *pace) { s.deliver(ctx, m, p) })
		}
		for _, e := range boards {
			begin(e.Chat, func(p *pace) { s.refresh(ctx, e, p) })
		}
		if drain && underWay == 0 {
			return
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-s.outbox.Queued():
			s.lookAtBoards(boardPause)
		case <-s.woken:
		case <-timer.C:
		case p := <-ended:
			p.busy = false
			underWay--
			s.lookAtBoards(boardPause)
		}
		timer.Stop()
	}
	for ; underWay > 0; underWay-- {
		p := <-ended
		p.busy = false
	}
}

// due returns the oldest message of every chat that may be written to, edits of
// boards in chats where nothing waits, and how long to wait for the next of
// either. Nothing is due while all is held back, unless the program ends.
func (s *Sender) due(ctx context.Context, drain bool) (due []goals.Message, boards []handlers.BoardEdit, wait time.Duration, err error) {
	if wait := s.held(); wait > 0 && !drain {
		return nil, nil, wait, nil
	}
	// Before the outbox is read: what was queued until then, and could be about
	// a board, is found there.
	stale := s.staleBoards(ctx, drain)
	heads, err := s.outbox.Outbox(ctx)
	if err != nil {
		return nil, nil, 0, err
	}
	waits := map[int64]bool{}
	for _, m := range heads {
		waits[m.Chat] = true
	}
	wait = idle
	for chat, p := range s.chats {
		if !p.busy && !waits[chat] {
			p.volley = false
		}
	}
	for _, m := range heads {
		p := s.pace(m.Chat)
		if p.busy {
			continue // its end is waited for
		}
		if left := time.Until(p.notYet); left > 0 {
			wait = min(wait, left)
			continue
		}
		due = append(due, m)
	}
	boards = s.dueBoards(stale, waits)
	return due, boards, min(wait, time.Until(s.boards)), nil
}

// pace knows the limits that the Bot API's FAQ names: about one message a
// second to one chat, 20 a minute to a group. Short bursts are let through;
// where the server thinks otherwise it says how long to wait.
func (s *Sender) pace(chat int64) *pace {
	p := s.chats[chat]
	if p == nil {
		p = &pace{limit: rate.NewLimiter(rate.Every(time.Second), 20), retry: newBackOff(time.Second, time.Minute)}
		if chat < 0 {
			p.limit = rate.NewLimiter(rate.Every(3*time.Second), 10)
		}
		s.chats[chat] = p
	}
	return p
}

// deliver sends one message and notes what became of it. One that causes a
// panic even when it goes alone is put aside: it would do so at every start.
func (s *Sender) deliver(ctx context.Context, queued goals.Message, p *pace) {
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		s.log.Error("a message caused a panic", "id", queued.ID, "chat", queued.Chat, "panic", r, "stack", string(debug.Stack()))
		p.notYet = time.Now().Add(noteWait)
		if p.head.sent { // it is only to be noted
			return
		}
		if !p.head.alone { // it may have been another one that was to go with it
			p.head.alone = true
			return
		}
		own, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
		defer cancel()
		if err := s.outbox.Park(own, queued.ID, "it caused a panic"); err != nil {
			s.log.Error("the outbox could not be written", "id", queued.ID, "err", err)
		}
	}()
	if p.head.message != queued.ID {
		p.head = attempt{message: queued.ID}
	}
	note := s.attempt(ctx, queued, p)
	if note == nil {
		return
	}
	// To send and to note that it was sent belong together: the end of the
	// program does not come between them.
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	if err := note(own); err != nil {
		p.notYet = time.Now().Add(noteWait)
		s.log.Error("the outbox could not be written", "id", queued.ID, "err", err)
	}
}

// attempt sends a message, unless that has been done, and returns how to note
// what became of it: nil where it stays the chat's next.
func (s *Sender) attempt(ctx context.Context, queued goals.Message, p *pace) (note func(context.Context) error) {
	park := func(reason string) func(context.Context) error {
		return func(own context.Context) error { return s.outbox.Park(own, queued.ID, reason) }
	}
	m, err := message.Decode(queued.Body)
	if err != nil {
		s.log.Error("a message in the outbox cannot be read and is put aside", "id", queued.ID, "err", err)
		return park("it cannot be read")
	}
	sent := func(own context.Context) error {
		if p.head.all != nil {
			return s.outbox.SentTogether(own, p.head.all)
		}
		return s.outbox.Sent(own, queued.ID, recordSent(p.head.tag, queued.Chat, p.head.number))
	}
	if p.head.sent {
		return sent
	}
	if err := s.all.Wait(ctx); err != nil {
		return nil
	}
	own, cancel := outlive(ctx, 2*uploadDeadline)
	defer cancel()
	m, p.head.all, err = s.together(own, queued, m, p)
	if err != nil {
		s.log.Error("the outbox could not be read", "err", err)
		p.notYet = time.Now().Add(noteWait)
		return nil
	}
	if p.head.unsure > 0 {
		// Another copy only where Telegram is there to take it.
		err = s.client.reach(own, queued.Chat)
	}
	if err == nil {
		p.head.number, err = s.client.send(own, queued.Chat, m)
	}
	if err == nil {
		p.head.sent, p.volley = true, p.volley || p.head.all != nil
		p.head.tag = m.Tag // the outbox may hold other words when it is noted
		p.retry.Reset()
		p.notYet = time.Now().Add(p.limit.Reserve().Delay())
		return sent
	}
	kind, e := classify(err)
	if kind == refused && p.head.all != nil {
		s.log.Error("Telegram does not take answers together; they are sent one by one", "chat", queued.Chat, "err", err)
		p.head.alone = true
		return nil
	}
	switch kind {
	case flood:
		wait := retryAfter(e)
		p.notYet = time.Now().Add(wait)
		s.client.Retries.Add(1)
		s.log.Warn("Telegram asks for patience", "chat", queued.Chat, "wait", wait.Round(time.Millisecond))
		return nil
	case migrated:
		if e.MigrateToChatID == queued.Chat {
			return park(e.Message)
		}
		return func(own context.Context) error { return s.moveChat(own, queued.Chat, e.MigrateToChatID) }
	case gone, refused, badEntities, badButtons, noMessage, noThread:
		s.log.Error("Telegram does not take a message; it is put aside", "id", queued.ID, "chat", queued.Chat, "err", err)
		return park(e.Message)
	}
	if ctx.Err() != nil {
		return nil // it was cut off by ourselves
	}
	wait := p.retry.NextBackOff()
	if mayHaveSent(err) {
		unsure := unsureWaits[min(p.head.unsure, len(unsureWaits)-1)]
		wait = max(wait, unsure+rand.N(unsure/10))
		p.head.unsure++
	}
	p.notYet = time.Now().Add(wait)
	s.client.Retries.Add(1)
	s.log.Warn("a message could not be sent and will be tried again", "id", queued.ID, "chat", queued.Chat, "err", err, "wait", wait.Round(time.Millisecond))
	return nil
}

// together makes one message of the answers that wait for a chat, where they
// are too many to be sent one by one, and returns the ids of those that it
// holds. Otherwise the message goes alone, and there are no ids.
func (s *Sender) together(ctx context.Context, queued goals.Message, alone message.Message, p *pace) (message.Message, []int64, error) {
	if !alone.Answer || p.head.alone {
		return alone, nil, nil
	}
	waiting, err := s.outbox.Waiting(ctx, queued.Chat, maxTogether)
	if err != nil {
		return alone, nil, err
	}
	if len(waiting) <= maxVolley && !p.volley || len(waiting) == 0 || waiting[0].ID != queued.ID {
		return alone, nil, nil
	}
	var row []message.Message
	var ids []int64
	for _, w := range waiting {
		m, err := message.Decode(w.Body)
		if err != nil {
			break // it has to become the first before it can be put aside
		}
		row, ids = append(row, m), append(ids, w.ID)
	}
	m, n := handlers.Together(row)
	if n == 0 || n <= maxVolley && !p.volley && n == len(row) {
		return alone, nil, nil
	}
	return m, ids[:n], nil
}

// moveChat follows a group that has become a supergroup.
func (s *Sender) moveChat(ctx context.Context, from, to int64) error {
	s.log.Info("a group has become a supergroup", "from", from, "to", to)
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	return s.outbox.MoveChat(own, from, to)
}

// Say sends a message past the outbox, once, and returns the number that it
// has in the chat.
func (c *Client) Say(ctx context.Context, chat int64, m message.Message) (int64, error) {
	return c.send(ctx, chat, m)
}

// reach asks Telegram for something without effect. The error says that
// Telegram does not answer, or asks for patience.
func (c *Client) reach(ctx context.Context, chat int64) error {
	params := tgbotapi.Params{"chat_id": strconv.FormatInt(chat, 10), "action": tgbotapi.ChatTyping}
	_, err := c.call(ctx, "sendChatAction", params, callDeadline)
	if kind, _ := classify(err); kind == transient || kind == flood {
		return err
	}
	return nil // what is wrong with the chat, the message itself will be told
}

func recordSent(tag string, chat, id int64) func(goals.Tx) error {
	if tag == "" || id == 0 {
		return nil
	}
	return func(tx goals.Tx) error {
		return tx.SetRecord(message.SentRecord, message.SentName(tag, chat), strconv.FormatInt(id, 10))
	}
}

// send sends a message, or edits the one whose place it takes, and returns its
// number in the chat, 0 if Telegram does not tell. Where Telegram refuses the
// frills the words go without them.
func (c *Client) send(ctx context.Context, chat int64, m message.Message) (int64, error) {
	for {
		id, err := c.sendOnce(ctx, chat, m)
		switch kind, _ := classify(err); { // what a kind refuses is gone the next time
		case err == nil:
			return id, nil
		case kind == unchanged:
			return m.Edit, nil
		case kind == noMessage && m.ButtonsAlone():
			return 0, nil
		case kind == noMessage && m.Edit != 0:
			m.Edit = 0
		case kind == noThread && m.Thread != 0:
			m.Thread = 0
		case kind == badEntities && len(m.Entities) > 0:
			m.Entities = nil
		case kind == badButtons && hasStyles(m.Buttons):
			m.Buttons = withoutStyles(m.Buttons)
		case kind == badButtons && (len(m.Buttons) > 0 || m.Ask):
			m.Buttons, m.Ask = nil, false
		default:
			return 0, err
		}
	}
}

func (c *Client) sendOnce(ctx context.Context, chat int64, m message.Message) (int64, error) {
	params := tgbotapi.Params{"chat_id": strconv.FormatInt(chat, 10)}
	text, entities := "text", "entities"
	if m.Attached() {
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
	case m.Photo != nil:
		method = "sendPhoto"
	case m.Document != nil:
		method = "sendDocument"
	case m.ButtonsAlone():
		method = "editMessageReplyMarkup"
		params.AddNonZero64("message_id", m.Edit)
	case m.Edit != 0:
		method = "editMessageText"
		params.AddNonZero64("message_id", m.Edit)
	}
	if m.Edit == 0 || m.Attached() {
		params.AddNonZero64("message_thread_id", m.Thread)
		params.AddBool("disable_notification", m.Quiet)
		if m.ReplyTo != 0 {
			params.AddNonZero64("reply_to_message_id", m.ReplyTo)
			params.AddBool("allow_sending_without_reply", true)
		}
	}
	if !m.Attached() && !m.ButtonsAlone() {
		params["link_preview_options"] = `{"is_disabled":true}`
	}
	var result json.RawMessage
	var err error
	switch method {
	case "sendPhoto":
		result, err = c.upload(ctx, method, params, file("photo", "picture.png", m.Photo))
	case "sendDocument":
		result, err = c.upload(ctx, method, params, file("document", m.Document.Name, m.Document.Data))
	default:
		result, err = c.call(ctx, method, params, callDeadline)
	}
	if err != nil {
		return 0, err
	}
	var sent incoming
	// Telegram has said yes. What else it says must not send the message again.
	_ = json.Unmarshal(result, &sent)
	return sent.ID, nil
}

func file(field, name string, data []byte) tgbotapi.RequestFile {
	return tgbotapi.RequestFile{Name: field, Data: tgbotapi.FileBytes{Name: name, Bytes: data}}
}

func hasStyles(rows [][]message.Button) bool {
	return slices.ContainsFunc(rows, func(row []message.Button) bool {
		return slices.ContainsFunc(row, func(b message.Button) bool { return b.Style != "" })
	})
}

func withoutStyles(rows [][]message.Button) (all [][]message.Button) {
	for _, row := range rows {
		row = slices.Clone(row)
		for i := range row {
			row[i].Style = ""
		}
		all = append(all, row)
	}
	return all
}

// addMarkup adds the buttons, or the request to open the keyboard.
func addMarkup(params tgbotapi.Params, m message.Message) error {
	type button struct {
		Text  string        `json:"text"`
		Data  string        `json:"callback_data"`
		Style message.Style `json:"style,omitempty"`
	}
	if len(m.Buttons) > 0 {
		rows := make([][]button, len(m.Buttons))
		for i, row := range m.Buttons {
			for _, b := range row {
				rows[i] = append(rows[i], button{b.Label, b.Command, b.Style})
			}
		}
		return params.AddInterface("reply_markup", map[string]any{"inline_keyboard": rows})
	}
	if m.Ask {
		return params.AddInterface("reply_markup", map[string]any{"force_reply": true, "selective": true})
	}
	return nil
}
