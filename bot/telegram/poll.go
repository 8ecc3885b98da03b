package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
	"golang.org/x/time/rate"

	"goalbot/access"
	"goalbot/handlers"
)

const (
	maxBatch     = 100              // updates at once (Bot API, getUpdates)
	pollTimeout  = 50 * time.Second // the server does not wait longer (Bot API server, getUpdates)
	pollDeadline = pollTimeout + 15*time.Second
	handleTime   = 30 * time.Second // for one update, its commit included
	holdMost     = 5 * time.Second  // answers wait for one update of a backlog
	typingAfter  = time.Second      // a command that takes longer shows that it is being worked on,
	tapTime      = 10 * time.Second // to answer a tap; people do not wait longer
	sayTime      = time.Hour        // to say what no outbox holds; all else waits for it

	// A commit of unknown outcome is spoken of when so many tries have failed.
	unsureTries = 4

	// When the program is told to stop, which it has five seconds for:
	finishTime  = 2500 * time.Millisecond // for what is in hand
	confirmTime = 900 * time.Millisecond  // to confirm it

	// Where nothing came for so long the ids may start anew, and a number kept
	// from before means nothing (Bot API, Update: after a week).
	idsLast = 6 * 24 * time.Hour
)

// ErrRejected reports that Telegram does not know the token.
var ErrRejected = errors.New("the token is not one that Telegram knows")

// Handler acts on requests; it is implemented by handlers.Handlers.
type Handler interface {
	Member(user int64) bool
	Roles() map[int64]access.Role
	RolesChanged() <-chan struct{}
	Handle(context.Context, handlers.Request) error
	Batch(context.Context, []handlers.Request) (done int, err error)
	Failed(context.Context, handlers.Request) error
	Stranger(context.Context, handlers.Request) error
	// Seen reports whether a request with that key has been handled.
	Seen(ctx context.Context, key string) bool
}

// Poller asks for updates and hands them on one by one, in order. An update is
// confirmed to the server only after it has been handled and what it did is
// committed, so that a crash at any moment brings it again.
type Poller struct {
	Updates Counts        // that have been handed on, and those that could not be read
	Retries atomic.Uint64 // how often a command was tried again

	// Now is when a tap happens, and a message without a date; time.Now unless it is set.
	Now func() time.Time

	client  *Client
	handler Handler
	sender  *Sender
	log     *slog.Logger

	name   string // to be set
	us     user
	offset int64   // the next update to ask for; all before it are confirmed by asking
	moved  instant // when the offset last did
	asked  int64   // the offset that the server was asked with last
	recent recent
	album  string         // the rest of which was waited for last
	hints  *rate.Limiter  // of questions about strangers who tap
	beside sync.WaitGroup // what goes on beside the loop
	menus  *menus
}

// NewPoller takes what handles the updates, the sender of the answers, which
// waits while a backlog is worked through, and the name that the bot is to
// have; "" leaves it the one that @BotFather was told.
func NewPoller(client *Client, handler Handler, sender *Sender, name string, log *slog.Logger) *Poller {
	return &Poller{Now: time.Now, client: client, handler: handler, sender: sender, name: name, log: log, menus: newMenus(), hints: rate.NewLimiter(rate.Every(time.Second), 5)}
}

// Run connects, calls ready with the bot's user name, and polls until the
// context ends. It then finishes the update in hand and confirms it. The error
// is [ErrRejected], or nil.
func (p *Poller) Run(ctx context.Context, ready func(username string)) error {
	defer p.beside.Wait()
	if err := p.connect(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	p.sender.Hold(FirstPoll)
	p.log.Info("connected to Telegram", "bot", "@"+p.us.Username)
	ready(p.us.Username)
	p.aside(func() { p.introduce(ctx) })
	p.aside(func() { p.keepMenus(ctx) })
	retry := newBackOff(time.Second, 30*time.Second)
	for ctx.Err() == nil {
		began := time.Now()
		p.client.Polling.step(pollDeadline)
		updates, err := p.poll(ctx)
		if err != nil {
			if ctx.Err() == nil {
				p.pause(ctx, err, retry)
			}
			continue
		}
		retry.Reset()
		if album := unfinished(updates); album != "" && album != p.album {
			p.album = album
			sleep(ctx, albumWait)
			continue // none of them is confirmed, so all come again, with the rest
		}
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
		p.client.Polling.step(callDeadline)
		result, err := p.client.call(ctx, "getMe", nil, callDeadline)
		if err == nil {
			var me user
			if err = json.Unmarshal(result, &me); err == nil {
				p.us = me
				return nil
			}
		}
		kind, refused := classify(err)
		switch {
		case kind == unauthorized && refused == nil:
			return fmt.Errorf("%w, or something else than the Bot API answers at TELEGRAM_API_URL (%w)", ErrRejected, err)
		case kind == unauthorized:
			return fmt.Errorf("%w. Ask @BotFather for the right one (/token) and set TELEGRAM_BOT_TOKEN", ErrRejected)
		case ctx.Err() == nil:
			p.pause(ctx, err, retry)
		}
	}
	return nil
}

func (p *Poller) poll(ctx context.Context) ([]json.RawMessage, error) {
	if p.moved.until(now()) > idsLast {
		p.offset = 0
	}
	params := tgbotapi.Params{"timeout": strconv.Itoa(int(pollTimeout.Seconds())), "limit": strconv.Itoa(maxBatch)}
	params.AddNonZero64("offset", p.offset)
	if err := params.AddInterface("allowed_updates", allowedUpdates); err != nil {
		return nil, err
	}
	result, err := p.client.call(ctx, "getUpdates", params, pollDeadline)
	if err == nil || arrived(err) {
		p.asked = p.offset
	}
	if err != nil {
		return nil, err
	}
	var updates []json.RawMessage
	if err := json.Unmarshal(result, &updates); err != nil {
		return nil, fmt.Errorf("getUpdates: %w", err)
	}
	polled := time.Now()
	p.client.Polling.polled.Store(&polled)
	return updates, nil
}

// confirm tells the server what has been handled, without waiting for more.
func (p *Poller) confirm() {
	// The poll that was broken off has confirmed what it asked with, and the
	// server lets a second one like it wait for seconds.
	if p.offset == 0 || p.offset == p.asked {
		return
	}
	params := tgbotapi.Params{"timeout": "0", "limit": "1", "offset": strconv.FormatInt(p.offset, 10)}
	// Not confirmed is no harm: the updates come again and are known by their keys.
	if _, err := p.client.call(context.Background(), "getUpdates", params, confirmTime); err != nil {
		p.log.Warn("the last updates could not be confirmed and will come again", "err", err)
	}
}

// pause waits after a failed poll, according to what went wrong.
func (p *Poller) pause(ctx context.Context, err error, retry backoff.BackOff) {
	wait := retry.NextBackOff()
	switch kind, e := classify(err); kind {
	case flood:
		wait = retryAfter(e)
		p.log.Warn("Telegram asks for patience", "err", err, "wait", wait)
	case conflict:
		p.client.Polling.noteConflict(time.Now())
		wait = min(max(wait, 5*time.Second), 30*time.Second)
		p.log.Error("somebody else polls with this token; stop the other program, or ask @BotFather for a new token", "wait", wait)
	case webhook:
		p.log.Warn("a webhook is set for this bot; removing it")
		if _, err := p.client.call(ctx, "deleteWebhook", nil, callDeadline); err != nil && ctx.Err() == nil {
			p.log.Error("the webhook could not be removed", "err", err)
		}
	case unauthorized:
		wait = max(wait, time.Minute)
		p.log.Error("Telegram does not take the token any more; ask @BotFather for the right one (/token) and set TELEGRAM_BOT_TOKEN", "err", err, "wait", wait)
	default:
		p.log.Warn("Telegram cannot be reached", "err", err, "wait", wait.Round(time.Millisecond))
	}
	p.client.Polling.step(wait)
	sleep(ctx, wait)
}

// outlive returns a context for work that must be finished once begun: it ends after
// most, or finishTime after ctx does.
func outlive(ctx context.Context, most time.Duration) (context.Context, context.CancelFunc) {
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), most)
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(finishTime, cancel) })
	return own, func() { stop(); cancel() }
}

// retryAfter returns how long a flood error asks to wait, plus a little, and a day at
// most.
func retryAfter(e *tgbotapi.Error) time.Duration {
	wait := 5 * time.Second
	if e != nil && e.RetryAfter > 0 {
		wait = time.Duration(min(e.RetryAfter, 24*60*60)) * time.Second
	}
	return wait + wait/50 + rand.N(wait/20)
}

// instant is a time by both clocks. The monotonic clock stands still while the machine
// sleeps; the wall clock may be set.
type instant struct{ awake, wall time.Time }

func now() instant {
	t := time.Now()
	return instant{t, t.Round(0)} // without the reading of the other clock
}

// until returns the time from i to o, by the clock that shows more.
func (i instant) until(o instant) time.Duration {
	return max(o.awake.Sub(i.awake), o.wall.Sub(i.wall))
}

func newBackOff(first, most time.Duration) *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval = first, most
	b.Reset()
	return b
}

// sleep waits and reports whether it did so to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
