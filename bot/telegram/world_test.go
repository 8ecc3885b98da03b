package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

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

// pass lets time go by, and then everything come to rest.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func raw(text string) json.RawMessage { return json.RawMessage(text) }
