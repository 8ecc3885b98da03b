// Package health checks goals.json and what it depends on, and delivers what
// package alert has to say about the findings, so that nothing is lost.
package health

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"goalbot/agenda"
	"goalbot/alert"
	"goalbot/clock"
	"goalbot/message"
	"goalbot/palace"
	"goalbot/schedule"
	"goalbot/settings"
	"goalbot/store"
)

// File is what the monitor checks.
type File interface {
	Path() string
	// Check reads the whole file and returns what is wrong with it, in a form that
	// [Diagnose] understands.
	Check(context.Context) error
	// Restore writes it from the palace; see cache.Mirror.
	Restore(context.Context) (kept string, err error)
}

// Store keeps the state of alerts and the outbox.
type Store interface {
	store.Store
	Depth(context.Context) (store.Depth, error)
}

// Fallback keeps the state of alerts while the store cannot.
type Fallback interface {
	Load() ([]byte, error) // nil if it holds nothing
	Save([]byte) error     // nil empties it
}

// Settings are what people may change while the program runs.
type Settings interface{ Values() settings.Values }

// Recipients are the chats that get alerts.
type Recipients interface{ AlertChats() []int64 }

// Telegram is the direct way to it, for what the outbox does not deliver.
type Telegram interface {
	Polled() time.Time // when it last answered a poll; zero for never
	// Say sends a message and returns the number that it has in the chat.
	Say(ctx context.Context, chat int64, m message.Message) (int64, error)
}

// Listener is told by other ways than Telegram.
type Listener interface {
	// Heard is told what every check found, and the causes that it could not look
	// for, when what becomes of alerts is in [Monitor.Posts]. It returns at once.
	Heard(found []alert.Finding, unsure []alert.Cause)
	// Posting reports whether somebody takes what is in [Monitor.Posts].
	Posting() bool
}

// Source looks at something beside goals.json. It returns what is wrong and the
// causes that it could not look for: the alerts of those stay as they are. It
// answers within seconds; what takes long is done elsewhere, and the source tells
// the last result. A source that hangs keeps the check from ending, which is an
// alert of its own ([alert.Silent]).
type Source func(context.Context) (found []alert.Finding, unsure []alert.Cause)

// Config is what a [Monitor] works with.
type Config struct {
	Schedule   schedule.Schedule // of the checks
	Limits     Limits
	Clock      *clock.Clock // nil for the machine's
	Settings   Settings
	Recipients Recipients
	Telegram   Telegram
	Listener   Listener
	Fallback   Fallback // may be nil
	Sources    []Source // asked in every check
	// Leadership says who leads and who stands by; nil, or zero, where only one may.
	Leadership func(context.Context) (palace.Leadership, error)
	// Immediate are further sources, which look at nothing but memory. What begins
	// or ends there brings the next check forward. What begins while a check hangs
	// does not wait for its end.
	Immediate []Source
}

// Monitor checks goals.json and what it depends on, and tells the alert chats
// what changes.
//
// What there is to tell is queued in the outbox as one message per chat without
// its words. Whoever empties the outbox calls [Monitor.Compose] for the words when
// the message leaves, and [Monitor.Gone] when it has left.
//
// Every change of the state of alerts goes through [Monitor.change].
type Monitor struct {
	Config
	file   File
	truth  Store
	log    *slog.Logger
	clock  *clock.Clock
	runner *schedule.Runner
	wake   chan struct{} // something was delivered, so the state is to be saved
	soon   chan struct{} // a check is wanted now

	checking                           semaphore // one check at a time
	storeCalls, fallbackCalls, restore semaphore // of [withTimeout]
	palaceKnown                        atomic.Bool

	// saving is held during a change of the state. It guards what follows: where the
	// state is saved.
	saving      semaphore
	loaded      bool
	saved       []byte // the state as the store has it; nil where that is not known
	inFallback  bool   // the fallback holds a state, or may
	secret      []byte // of the store; proves that what the fallback holds is ours
	secretSaved bool   // the store has it

	mu sync.Mutex // guards what follows; nothing that may block is done under it

	checks  status
	testing time.Time    // until when a test alert is firing
	looked  clock.Moment // at the clocks

	// The alerts.
	state    *alert.State   // replaced, never changed
	posts    []alert.Post   // that wait and are saved
	tried    bool           // to save the state
	unsaved  error          // why the store did not take the state
	lost     bool           // the state is saved nowhere
	queued   map[int64]wait // by chat: a message in the outbox
	rejected []int64        // chats that refused a message, not yet in the state
	saying   map[int64]bool // chats that say is sending to; true if there is more to send
}

// status is what is known of checks.
type status struct {
	observation               // of the last one
	started     time.Time     // when checks were to begin
	underWay    time.Time     // when the one that goes on has begun; zero without one
	last        time.Time     // when the last one ended; zero before the first
	allowed     time.Duration // from then until the next one must have ended

	early []alert.Finding // what immediate sources find beyond that while a check hangs
}

// NewMonitor takes the file, and the store that keeps the state.
func NewMonitor(file File, truth Store, c Config, log *slog.Logger) *Monitor {
	m := &Monitor{Config: c, file: file, truth: truth, log: log, clock: c.Clock,
		wake: make(chan struct{}, 1), soon: make(chan struct{}, 1),
		checking: newSemaphore(), saving: newSemaphore(), storeCalls: newSemaphore(), fallbackCalls: newSemaphore(), restore: newSemaphore(),
		state: alert.New(), queued: map[int64]wait{}, saying: map[int64]bool{}}
	if m.clock == nil {
		m.clock = clock.New()
	}
	m.runner = schedule.NewRunner(c.Schedule, m.clock, log)
	m.runner.OnTick = m.lookAtClock
	return m
}

const (
	// lookAgain is how long a new finding waits for a second look: a program
	// that writes the file in place leaves a piece of it for a moment.
	lookAgain  = time.Second
	personTime = 5 * time.Second // a person does not wait longer for a check

	testLasts = 5 * time.Second
)

// zone is for times that are shown.
func (m *Monitor) zone() *time.Location { return m.Settings.Values().Zone }

// env is what the words need to know now.
func (m *Monitor) env() alert.Env {
	v := m.Settings.Values()
	return alert.Env{Path: m.file.Path(), Zone: v.Zone, Silent: !v.Rings(settings.RingAlerts, time.Now()), PalaceKnown: m.palaceKnown.Load()}
}

// Check looks at everything and queues what is to be told about it. The error
// is the store's, or ctx has ended before the check did; what is wrong with the
// file is no error of the check.
func (m *Monitor) Check(ctx context.Context) (found []alert.Finding, err error) {
	if err := m.checking.acquire(ctx); err != nil {
		return nil, err
	}
	defer m.checking.release()
	m.begins(time.Now())
	defer m.begins(time.Time{})
	s, doubtful, err := m.lookOnce(ctx)
	if doubtful {
		select {
		case <-ctx.Done():
		case <-time.After(lookAgain):
			s, _, err = m.lookOnce(ctx)
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err() // it was broken off and has found nothing
	}
	now := time.Now()
	allowed := m.patience(now)
	m.mu.Lock()
	m.checks.last, m.checks.observation, m.checks.allowed, m.checks.early = now, s, allowed, nil
	m.mu.Unlock()
	m.tellListener(s.found, s.unsure)
	return s.found, err
}

// lookOnce looks at everything and takes in what was found. doubtful asks for a
// second look.
func (m *Monitor) lookOnce(ctx context.Context) (s observation, doubtful bool, err error) {
	if s = m.look(ctx); ctx.Err() != nil {
		return s, false, ctx.Err()
	}
	_, doubtful, err = m.step(ctx, s.found, func(c alert.Cause) bool {
		// That the store can be written again is not known before it was tried.
		return c != alert.Silent && (c != alert.PalaceUnwritable || m.tried) && s.judges(c)
	})
	return s, doubtful, err
}

// step takes in what was found among the causes that were looked for. The news
// is noted even where the store fails. Where checks do not come to an end, the
// outbox may not be emptied either, and what is to be told is said directly.
// looked is called with m.mu held.
func (m *Monitor) step(ctx context.Context, found []alert.Finding, looked func(alert.Cause) bool) (news []alert.Notice, doubtful bool, err error) {
	var dropped []alert.Post
	posting, repeat, now := m.Listener.Posting(), m.Settings.Values().Repeat, m.clock.Now()
	hangs := contains(found, alert.Silent)
	err = m.changeAndSay(ctx, hangs, func(b *alert.State) {
		if news, doubtful = b.Step(found, looked, now, repeat); posting {
			dropped = b.Post(news, m.file.Path())
		} else {
			b.Posts = nil
		}
	})
	for _, p := range dropped {
		m.log.Error("too much waits to be posted; what newer news of the same cause has overtaken is not posted", "cause", p.Cause, "kind", p.Kind, "post", p.ID)
	}
	for _, n := range news {
		m.log.Warn("an alert: "+n.Kind.String(), "cause", n.Alert.Cause, "lasted", n.Lasted.Round(time.Second))
	}
	return news, doubtful, err
}

// tellListener leaves out what is found for show.
func (m *Monitor) tellListener(found []alert.Finding, unsure []alert.Cause) {
	m.Listener.Heard(slices.DeleteFunc(slices.Clone(found), func(f alert.Finding) bool { return f.Cause == alert.Test }), unsure)
}

func (m *Monitor) begins(at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.checks.underWay = at
}

// patience is how long after a check the absence of the next one is a fault:
// two and a half intervals.
func (m *Monitor) patience(now time.Time) time.Duration {
	runs := m.Schedule.NextRuns(now, 3)
	if len(runs) < 3 {
		return 0
	}
	return max(m.Limits.Silent, runs[1].Sub(now)+runs[2].Sub(runs[1])/2)
}

func (m *Monitor) status() status {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.checks
}

// State is the state of alerts, to read only.
func (m *Monitor) State() *alert.State {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state
}

// Found is what is wrong now: what the last check found, what immediate sources find
// while one hangs and, where none has come to an end for too long, that.
func (m *Monitor) Found() []alert.Finding {
	s := m.status()
	found := slices.Concat(s.found, s.early)
	if f, silent := m.silent(); silent {
		found = append(found, f)
	}
	return found
}

// Unsure are the causes that the last check could not look for, and that are not found now.
func (m *Monitor) Unsure() []alert.Cause {
	s := m.status()
	return slices.DeleteFunc(slices.Clone(s.unsure), func(c alert.Cause) bool { return contains(s.early, c) })
}

// silent reports whether the last check is too long ago.
func (m *Monitor) silent() (f alert.Finding, silent bool) {
	s := m.status()
	since, allowed, what := s.last, s.allowed, "The last check ended"
	if since.IsZero() {
		since, what = s.started, "None has ended since I began,"
		if since.IsZero() {
			return f, false
		}
		allowed = max(m.Limits.Silent, m.patience(since))
	}
	// By the monotonic clock: a machine that slept has missed no check.
	age := time.Since(since)
	if allowed <= 0 || age <= allowed {
		return f, false
	}
	detail := fmt.Sprintf("%s %s ago; it is to run %s.", what, agenda.InWords(age), m.Schedule.Words())
	if s.underWay.IsZero() {
		detail += " None is under way."
	} else {
		detail += " One has been under way since " + m.time(s.underWay) + s.whyItHangs()
	}
	if set, ok := m.clock.Jumped(age); ok {
		detail += " " + set.String() + " meanwhile."
	}
	return alert.Finding{Cause: alert.Silent, Detail: detail}, true
}

// whyItHangs ends the sentence that a check hangs. Where it is known that the palace
// takes nothing, that says why.
func (s status) whyItHangs() string {
	if contains(s.early, alert.PalaceUnwritable) || contains(s.found, alert.PalaceUnwritable) {
		return "; the bot's database cannot be written."
	}
	return "; the disk may not be responding."
}

// time is a time of day, for people.
func (m *Monitor) time(t time.Time) string { return t.In(m.zone()).Format("15:04:05") }

// Restore writes goals.json from the palace and looks at it again, so that the
// all-clear follows at once.
func (m *Monitor) Restore(ctx context.Context) (kept string, err error) {
	kept, err = withTimeout(ctx, m.restore, personTime, m.file.Restore)
	if err != nil {
		return kept, err
	}
	if err := m.change(ctx, (*alert.State).Restored); err != nil {
		m.log.Error("the state of alerts could not be saved", "err", err)
	}
	if _, _, err := m.checkSoon(ctx); err != nil {
		m.log.Error("the state of alerts could not be saved", "err", err)
	}
	return kept, nil
}
