package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"goalbot/access"
	"goalbot/handlers"
	"goalbot/message"
	"goalbot/store"
	"goalbot/telegramtest"
)

// Most tests run in a synctest bubble against the stand-in for Telegram, over
// real HTTP on pipes in memory: hours of long polls and back-off take no time.
//
// Every guard was broken once on purpose, and this is what went red:
//
//	confirming before the commit        TestWhatWasNotHandledIsNotConfirmed
//	a key of its own for every update   TestNothingTakesEffectTwice, FuzzUpdate
//	taking ids below the offset         TestIDsThatStartAnew
//	the pause where nothing is new      TestNoServerMakesThePollerSpin
//	the pause after an error            TestEveryFailureOfAPollIsWaitedOutAndPasses
//	recover around an update            TestWhatCannotBeHandledDoesNotBlockTheNext
//	membership before a tap is answered TestOnlyTapsOfMembersAreAnsweredAndOnce
//	tap answered beside the handler     TestATapIsAnsweredWhileTheHandlerWorks
//	stripping the URL from errors       TestNoErrorHoldsTheToken
//	redacting what others say           TestNoErrorHoldsTheToken/mangled_redirect
//	the cap on answers                  TestAnswersHaveACap
//	refusing redirects                  TestARedirectIsNotFollowed
//	the deadline of a call              TestTheDeadlineCoversTheLastByte
//	one chat beside the others          TestAChatThatWaitsHoldsUpNoOther
//	retry_after                         TestPatienceIsKept
//	remembering what was sent           TestWhatWasSentAndNotNotedIsNotSentAgain
//	counting unsure sends, the probe    TestAYesThatIsLost, TestAnOutageLosesAndDoublesNothing

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// deep lets the tests try all that they take samples of otherwise.
var deep = flag.Bool("deep", false, "try all that is only sampled otherwise; takes minutes")

// canary is the token of all tests. No error and no line of a log may hold its secret.
const (
	canary = "1234567890:AACanaryThatNobodyMayEverSeeInAnyLog"
	secret = "AACanaryThatNobodyMayEverSeeInAnyLog"
)

var (
	ann = telegramtest.User{ID: 1001, FirstName: "Ann"} // a member
	bob = telegramtest.User{ID: 1002, FirstName: "Bob"} // another
	eve = telegramtest.User{ID: 6666, FirstName: "Eve"} // a stranger
)

// world is the stand-in and a client of it.
type world struct {
	*telegramtest.Server
	t      *testing.T
	pipe   *pipe
	client *Client
	log    *slog.Logger
	lines  *lines

	editors []int64 // chats that may speak for themselves
	name    string  // that the bot is to have
}

// bubble runs a test in a bubble of its own.
func bubble(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		f(t, w)
		w.CheckUnexpected(t)
		if text := w.lines.String(); strings.Contains(text, secret) {
			t.Errorf("the log holds the token:\n%s", text)
		}
	})
}

func newWorld(t *testing.T) *world {
	w := &world{Server: telegramtest.New(telegramtest.Config{Token: canary}), t: t, pipe: &pipe{conns: make(chan net.Conn), done: make(chan struct{})}, lines: &lines{}}
	w.log = slog.New(slog.NewTextHandler(w.lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	web := &http.Server{Handler: w.Server, ErrorLog: log.New(io.Discard, "", 0)}
	go web.Serve(w.pipe)
	w.client = NewClient("http://telegram.test", canary)
	road := w.client.http.Transport.(*http.Transport)
	road.Proxy, road.DialContext = nil, w.pipe.dial
	t.Cleanup(func() {
		w.CheckUnexpected(t)
		w.Server.Close()
		w.client.Close()
		web.Close()
	})
	w.Meet(ann)
	w.Meet(bob)
	return w
}

// poller starts a poller, once Telegram is reached, and returns it and a
// function that stops it and returns what Run does.
func (w *world) poller(h Handler) (*Poller, func() error) {
	w.t.Helper()
	return w.pollerWith(h, NewSender(w.client, newShelf(), Hooks{}, w.log))
}

// pollerWith starts a poller that works together with a sender.
func (w *world) pollerWith(h Handler, s *Sender) (*Poller, func() error) {
	w.t.Helper()
	p := NewPoller(w.client, h, s, w.name, w.log)
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, func(string) {}) }()
	stop := sync.OnceValue(func() error { cancel(); return <-ended })
	w.t.Cleanup(func() { stop() })
	synctest.Wait()
	return p, stop
}

// sender starts a sender and returns it and a function that stops it.
func (w *world) sender(o Outbox) (s *Sender, stop func()) { return w.senderWith(o, Hooks{}) }

func (w *world) senderWith(o Outbox, hooks Hooks) (s *Sender, stop func()) {
	s = NewSender(w.client, o, hooks, w.log)
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan struct{})
	go func() { s.Run(ctx); close(ended) }()
	stop = sync.OnceFunc(func() { cancel(); <-ended })
	w.t.Cleanup(stop)
	return s, stop
}

// texts are what the bot has said in a chat and is there now.
func (w *world) texts(chat int64) []string {
	var texts []string
	for _, m := range w.Messages(chat) {
		if m.FromBot {
			texts = append(texts, m.Text+m.Caption)
		}
	}
	return texts
}

// pipe is a network in memory.
type pipe struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
	down  atomic.Bool // connections are refused
}

func (p *pipe) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if p.down.Load() {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipe) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipe) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipe) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

// lines is a log to be read afterwards.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// clerk is a handler that notes what it is asked, once for each key, as the
// store does.
type clerk struct {
	before func(context.Context, handlers.Request) error // may fail, wait or panic
	group  int64                                         // that may speak for itself

	mu        sync.Mutex
	keys      map[string]bool
	done      []string // what took effect
	files     []string // see filed
	failed    []string // what was given up
	strangers []string
	roles     map[int64]access.Role // of whom the menus are; Ann's and Bob's if nil
	changed   chan struct{}
}

func (c *clerk) Member(user int64) bool {
	return user == ann.ID || user == bob.ID || c.group != 0 && user == c.group
}

func (c *clerk) Roles() map[int64]access.Role {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.roles == nil {
		return map[int64]access.Role{ann.ID: access.Owner, bob.ID: access.Viewer}
	}
	return maps.Clone(c.roles)
}

func (c *clerk) RolesChanged() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changed == nil {
		c.changed = make(chan struct{})
	}
	return c.changed
}

// change makes people something else.
func (c *clerk) change(roles map[int64]access.Role) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.roles = roles
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

func (c *clerk) Handle(ctx context.Context, req handlers.Request) error {
	if c.before != nil {
		if err := c.before(ctx, req); err != nil {
			return err
		}
	}
	return c.note(&c.done, req)
}

func (c *clerk) Seen(_ context.Context, key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.keys[key]
}

// Batch is for the tests of the real handlers.
func (c *clerk) Batch(context.Context, []handlers.Request) (int, error) { return 0, nil }

func (c *clerk) Failed(ctx context.Context, req handlers.Request) error {
	return c.note(&c.failed, req)
}

func (c *clerk) Stranger(ctx context.Context, req handlers.Request) error {
	if c.before != nil {
		if err := c.before(ctx, req); err != nil {
			return err
		}
	}
	return c.note(&c.strangers, req)
}

func (c *clerk) note(list *[]string, req handlers.Request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keys[req.Key] {
		return store.ErrRepeat
	}
	if c.keys == nil {
		c.keys = map[string]bool{}
	}
	c.keys[req.Key] = true
	*list = append(*list, strings.TrimSpace(req.Name+" "+req.Args))
	return nil
}

// did checks what took effect, after everything has come to rest.
func (c *clerk) did(t *testing.T, want ...string) {
	t.Helper()
	if got := c.list(&c.done); !slices.Equal(got, want) {
		t.Errorf("took effect: %q, want %q", got, want)
	}
}

func (c *clerk) list(l *[]string) []string {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(*l)
}

// shelf is an outbox in memory. Its lock orders what a real outbox does not:
// where two goroutines could meet, let it take its time.
type shelf struct {
	queued chan struct{}
	unable atomic.Pointer[error] // Sent fails with it
	takes  time.Duration         // for a note, before the lock is taken, as a disk does

	mu     sync.Mutex
	next   int64
	rows   []store.Message
	dead   map[int64]string // by message id
	moved  int
	boards map[int64]handlers.BoardEdit // those that are out of date, by chat
	shown  []string                     // what became of them
	looked func()                       // called when the boards were looked at; may be nil
}

func newShelf() *shelf { return &shelf{queued: make(chan struct{}, 1), dead: map[int64]string{}} }

// put queues a message and returns its id.
func (s *shelf) put(chat int64, m message.Message) int64 {
	body, err := m.Encode()
	if err != nil {
		panic(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	s.rows = append(s.rows, store.Message{ID: s.next, Chat: chat, Body: body})
	select {
	case s.queued <- struct{}{}:
	default:
	}
	return s.next
}

func (s *shelf) say(chat int64, text string) int64 {
	return s.put(chat, new(message.Text).Add(text).Message())
}

func (s *shelf) Outbox(context.Context) ([]store.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var heads []store.Message
	seen := map[int64]bool{}
	for _, m := range s.rows {
		if !seen[m.Chat] {
			heads = append(heads, store.Message{ID: m.ID, Chat: m.Chat})
		}
		seen[m.Chat] = true
	}
	return heads, nil
}

func (s *shelf) Sent(ctx context.Context, id int64, f func(store.Tx) error) error {
	time.Sleep(s.takes)
	if err := s.unable.Load(); err != nil {
		return *err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.drop(id, "")
}

func (s *shelf) Waiting(_ context.Context, chat int64, limit int) (waiting []store.Message, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.rows {
		if m.Chat == chat && len(waiting) < limit {
			waiting = append(waiting, m)
		}
	}
	return waiting, nil
}

func (s *shelf) SentTogether(ctx context.Context, ids []int64) error {
	time.Sleep(s.takes)
	if err := s.unable.Load(); err != nil {
		return *err
	}
	for _, id := range ids {
		if err := s.drop(id, ""); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (s *shelf) MoveToDeadLetters(ctx context.Context, id int64, reason string) error {
	time.Sleep(s.takes)
	return s.drop(id, reason)
}

func (s *shelf) drop(id int64, reason string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = slices.DeleteFunc(s.rows, func(m store.Message) bool { return m.ID == id })
	if reason != "" {
		s.dead[id] = reason
	}
	return nil
}

func (s *shelf) MoveChat(ctx context.Context, from, to int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.rows {
		if s.rows[i].Chat == from {
			s.rows[i].Chat = to
		}
	}
	s.moved++
	return nil
}

func (s *shelf) StaleBoards(context.Context) ([]handlers.BoardEdit, error) {
	s.mu.Lock()
	stale, looked := slices.Collect(maps.Values(s.boards)), s.looked
	s.mu.Unlock()
	if looked != nil {
		looked()
	}
	return stale, nil
}

func (s *shelf) BoardShown(e handlers.BoardEdit, taken bool) {
	time.Sleep(s.takes)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.boards, e.Chat)
	s.shown = append(s.shown, fmt.Sprint(e.Chat, taken))
}

// stale says that a board is out of date, as a change does that is answered in
// some chat.
func (s *shelf) stale(chat, board int64, text string) {
	m := new(message.Text).Add(text).Message()
	m.Edit = board
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.boards == nil {
		s.boards = map[int64]handlers.BoardEdit{}
	}
	s.boards[chat] = handlers.BoardEdit{Chat: chat, Message: m}
}

func (s *shelf) Queued() <-chan struct{} { return s.queued }

func (s *shelf) left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.rows)
}

func (s *shelf) reason(id int64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dead[id]
}

// pass lets time go by, and then everything come to rest.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func raw(text string) json.RawMessage { return json.RawMessage(text) }
