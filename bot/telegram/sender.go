package telegram

import (
	"cmp"
	"context"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"goalbot/handlers"
	"goalbot/message"
	"goalbot/store"
)

// Outbox holds what is to be sent. It is implemented by the palace.
type Outbox interface {
	// Outbox returns the oldest message of every chat, without its body.
	Outbox(context.Context) ([]store.Message, error)
	// Waiting returns the messages that wait for one chat, oldest first: at most limit
	// of them and no more than fit into memory easily, but at least one.
	Waiting(ctx context.Context, chat int64, limit int) ([]store.Message, error)
	// Sent drops a message that Telegram accepted, and stores what f records.
	Sent(ctx context.Context, id int64, f func(store.Tx) error) error
	// SentBatch drops messages that Telegram accepted as one: all of them, or none.
	SentBatch(ctx context.Context, ids []int64) error
	// MoveToDeadLetters sets aside a message that Telegram will never accept.
	MoveToDeadLetters(ctx context.Context, id int64, reason string) error
	MoveChat(ctx context.Context, from, to int64) error
	// Queued wakes the sender after something was put in.
	Queued() <-chan struct{}

	// StaleBoards returns the edits of the boards that no longer show the list as it
	// is; see handlers.StaleBoards.
	StaleBoards(context.Context) ([]handlers.BoardEdit, error)
	// BoardShown reports whether Telegram accepted such an edit.
	BoardShown(edit handlers.BoardEdit, taken bool)
}

// Hooks are called for a message right before it is sent. A nil hook changes nothing.
type Hooks struct {
	// Render returns the message to send for a queued one, which is the queued one
	// itself unless it only names what to render. ok is false if there is nothing to
	// say any more: the message is then dropped. After an error the sender asks again
	// later. The sender also calls Render before it sends a message to another chat
	// than the one it was queued for; queued then holds nothing but that chat.
	Render func(ctx context.Context, queued store.Message, m message.Message) (made message.Message, ok bool, err error)
}

const (
	// FirstPoll is how long the sender waits at the start, at most, for the
	// commands that came while the program was down.
	FirstPoll = 2 * time.Second
	// maxBurst is the largest number of waiting answers that are sent one by
	// one to a chat. More are combined into one message.
	maxBurst     = 10
	maxCombined  = 200 // answers that are read to combine them
	maxUnderWay  = 64  // deliveries at once; each holds its message in memory
	moreAttended = 8   // beside those, for chats in which somebody is there

	outboxTimeout = 10 * time.Second // for recording the outcome of a message
	outboxRetry   = 5 * time.Second  // wait after the outbox could not be read or written
	idle          = time.Minute      // a round without anything to send; queueing ends it
)

// Sender sends what waits in the outbox: for each chat in order, one after
// the other, at the pace that Telegram allows. A chat that has to wait holds
// up no other. Answers for people who are there go first; see [Sender.Attend].
type Sender struct {
	client *Client
	outbox Outbox
	hooks  Hooks
	log    *slog.Logger

	mu       sync.Mutex
	until    time.Time           // nothing is sent before this time; see Hold
	woken    chan struct{}       // signals that until has changed
	attended map[int64]time.Time // when somebody last did something in a chat

	// Only run uses what follows. A delivery works on a copy of its chat's
	// state, which run stores when the delivery has ended.
	all    *allowance
	chats  map[int64]*chatState
	boards time.Time // when boards are checked next

	beside sync.WaitGroup // goroutines that show the progress of deliveries
}

// chatState is the sender's rate limit and retry state for one chat.
type chatState struct {
	allowed      *allowance                  // for run alone
	wrote        bool                        // a delivery has sent something
	refused      bool                        // a delivery was told to wait
	retry        *backoff.ExponentialBackOff // for deliveries only
	blockedUntil time.Time                   // nothing is sent to the chat before
	busy         bool                        // a delivery is under way
	served       time.Time                   // when the last one began
	head         attempt
	board        time.Time // its board is not edited before
	burst        bool      // answers were combined, and more of the same backlog may wait
}

// attempt is what is known of the message that is the chat's next.
type attempt struct {
	message int64   // its id in the outbox
	ahead   bool    // it is sent before older ones
	all     []int64 // the ids of the answers combined into it, its own first; nil if it is sent alone
	alone   bool    // it must not be combined with others
	unsure  int     // how often it was sent and Telegram did not say whether it arrived
	broken  int     // how often an upload of it broke off
	sent    bool    // Telegram accepted it, but the outbox does not say so yet
	number  int64   // the number that it has in the chat
	tag     string
	ask     bool            // it is a question
	work    *showing        // shows that it is being made and sent; one message for all tries
	told    map[int64]int64 // if its own chat refused it: its numbers in the private chats that got it
}

// NewSender returns a sender that empties an outbox.
func NewSender(client *Client, outbox Outbox, hooks Hooks, log *slog.Logger) *Sender {
	return &Sender{client: client, outbox: outbox, hooks: hooks, log: log, all: newAllowance(allPerSecond, allPerSecond, 0), chats: map[int64]*chatState{}, attended: map[int64]time.Time{}, woken: make(chan struct{}, 1),
		boards: time.Now().Add(boardPause)} // for changes made while the program was down
}

// Hold delays sending for up to most, so that the answers to a backlog can be combined.
func (s *Sender) Hold(most time.Duration) { s.hold(time.Now().Add(most)) }

// release ends a Hold.
func (s *Sender) release() { s.hold(time.Time{}) }

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

// ended is a delivery that has ended, with its copy of the chat's state.
type ended struct {
	chat  int64
	state chatState
}

func (s *Sender) run(ctx context.Context, drain bool) {
	ends := make(chan ended)
	underWay := 0
	begin := func(chat int64, f func(*chatState)) {
		p := s.state(chat)
		p.served = time.Now()
		s.all.spend(p.served)
		own := *p
		p.busy = true
		underWay++
		go func() {
			defer func() { ends <- ended{chat, own} }()
			defer s.caught(chat, &own)
			f(&own)
		}()
	}
	end := func(e ended) {
		*s.chats[e.chat] = e.state
		s.settle(s.chats[e.chat])
		underWay--
	}
	for ctx.Err() == nil {
		now, err := s.due(ctx, maxUnderWay-underWay, drain)
		if err != nil && ctx.Err() == nil {
			s.log.Error("the outbox could not be read", "err", err)
			now.wait = outboxRetry
		}
		for _, m := range now.messages {
			begin(m.Chat, func(p *chatState) { s.deliver(ctx, m, p) })
		}
		for _, e := range now.boards {
			begin(e.Chat, func(p *chatState) { s.refresh(ctx, e, p) })
		}
		if drain && underWay == 0 && !now.cut {
			return
		}
		timer := time.NewTimer(now.wait)
		select {
		case <-ctx.Done():
		case <-s.outbox.Queued():
			s.lookAtBoards(boardPause)
		case <-s.woken:
		case <-timer.C:
		case e := <-ends:
			end(e)
			s.lookAtBoards(boardPause)
		}
		timer.Stop()
	}
	for underWay > 0 {
		end(<-ends)
	}
	s.beside.Wait()
}

// caught ends a panic of a delivery, so that it does not end the program. It is
// to be deferred.
func (s *Sender) caught(chat int64, p *chatState) {
	if r := recover(); r != nil {
		s.log.Error("a delivery caused a panic", "chat", chat, "panic", r, "stack", string(debug.Stack()))
		p.blockedUntil = time.Now().Add(outboxRetry)
	}
}

// round is what the sender starts in one pass of its loop.
type round struct {
	messages []store.Message
	boards   []handlers.BoardEdit
	wait     time.Duration // until more may be due
	cut      bool          // more is due, but the overall rate limit delays it
}

// due returns what may be sent now, at most most of it: the oldest message of every
// chat that is not blocked, and edits of boards in chats where no message waits. Chats
// in which somebody is active come first, then those that have waited longest. While
// sending is held, nothing is due unless the program ends.
func (s *Sender) due(ctx context.Context, most int, drain bool) (now round, err error) {
	if wait := s.held(); wait > 0 && !drain {
		return round{wait: wait}, nil
	}
	// The boards are read before the outbox: any message that was queued by then, and
	// that could be about a board, is found in the outbox.
	stale := s.staleBoards(ctx, drain)
	heads, err := s.outbox.Outbox(ctx)
	if err != nil {
		return round{}, err
	}
	waits := map[int64]bool{}
	for _, m := range heads {
		waits[m.Chat] = true
	}
	now.wait = idle
	s.all.ease(time.Now())
	for chat, p := range s.chats {
		p.allowed.ease(time.Now())
		if !p.busy && !waits[chat] {
			p.burst = false
		}
	}
	var due []store.Message
	for _, m := range heads {
		p := s.state(m.Chat)
		if p.busy {
			continue // a delivery is still running
		}
		if left := time.Until(p.blockedUntil); left > 0 {
			now.wait = min(now.wait, left)
			continue
		}
		due = append(due, m)
	}
	s.grant(&now, due, most)
	if !drain { // no board is looked at then
		now.boards = s.dueBoards(stale, waits, min(most, s.spare())-len(now.messages))
		now.wait = min(now.wait, time.Until(s.boards))
	}
	return now, nil
}

// spare is how many messages the overall rate limit allows now, apart from those
// reserved for chats in which somebody is active.
func (s *Sender) spare() int { return int(s.all.Tokens()) - min(allReserve, s.all.Burst()/2) }

// grant adds as many of the due messages to now as the limits allow.
func (s *Sender) grant(now *round, due []store.Message, most int) {
	attended := map[int64]int{}
	for _, m := range due {
		if s.attends(m.Chat) {
			attended[m.Chat] = 1
		}
	}
	slices.SortStableFunc(due, func(a, b store.Message) int {
		return cmp.Or(attended[b.Chat]-attended[a.Chat], s.state(a.Chat).served.Compare(s.state(b.Chat).served))
	})
	tokens, spare := int(s.all.Tokens()), s.spare()
	for _, m := range due {
		room, allowed := most, spare
		if attended[m.Chat] > 0 {
			room, allowed = most+moreAttended, tokens
		}
		n := len(now.messages)
		switch {
		case n >= room: // a delivery has to end first
		case n >= allowed:
			now.cut = true
			now.wait = min(now.wait, s.all.until(time.Now(), float64(1+tokens-allowed)))
		default:
			now.messages = append(now.messages, m)
		}
	}
}

// state returns the state of a chat, a new one for a chat that has none.
func (s *Sender) state(chat int64) *chatState {
	p := s.chats[chat]
	if p == nil {
		p = &chatState{allowed: chatAllowance(chat), retry: newBackOff(time.Second, time.Minute)}
		s.chats[chat] = p
	}
	return p
}
