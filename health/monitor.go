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
	"goalbot/schedule"
	"goalbot/store"
)

// File is what the monitor looks after.
type File interface {
	Path() string
	// Check looks at the whole file and returns what is wrong with it, in a
	// form that [Diagnose] understands.
	Check(context.Context) error
	// Restore writes it from the palace; see cache.Mirror.
	Restore(context.Context) (kept string, err error)
}

// Keeper holds the state while the palace cannot.
type Keeper interface {
	Load() ([]byte, error) // nil if it holds nothing
	Save([]byte) error     // nil empties it
}

// Settings of a monitor.
type Settings struct {
	Schedule schedule.Schedule
	Clock    *clock.Clock          // nil for the machine's
	Silent   time.Duration         // the shortest time without a check that is a fault
	Watch    time.Duration         // from one look at that to the next
	Repeat   func() time.Duration  // remind of what lasts
	Chats    func() []int64        // where alerts go
	Zone     func() *time.Location // for times that are shown
	Rings    func() bool           // whether an alert may make a sound
	Polled   func() time.Time      // when Telegram last answered a poll; zero for never

	// Heard is told what every check found, and the causes that it could not
	// look for, after what becomes of alerts is in [Monitor.Posts]. It must
	// return at once.
	Heard func(found []alert.Finding, unsure []alert.Cause)
	// Posting says that somebody takes what is in [Monitor.Posts].
	Posting bool

	Others []Source // what else is looked at in every check
	// Swift are further ones, which look at nothing but memory. What begins or
	// ends there brings the next check forward.
	Immediate []Source
	Aside     Keeper // may be nil

	// Say sends a message past the outbox, where that does not work, and
	// returns the number that it has in the chat.
	Say func(ctx context.Context, chat int64, m message.Message) (int64, error)
	// Outbox says how many messages wait and how many were put aside.
	Outbox func(context.Context) (waiting, dead int, err error)
}

// A Source says what is wrong with something beside goals.json, and which causes
// it could not look for: of those nothing is said that was not known before. It
// answers within seconds: what takes long is looked at elsewhere, and a source
// tells what was found there last. One that hangs with its disk keeps the check
// from coming to an end, and that is an alert of its own ([alert.Silent]).
type Source func(context.Context) (found []alert.Finding, unsure []alert.Cause)

// Monitor checks goals.json and what it depends on, and tells the alert chats
// what changes.
//
// What is to be told is queued in the outbox as a message without its words.
// Whoever empties the outbox has them made by [Monitor.Compose] when it
// leaves, and says so with [Monitor.Gone].
type Monitor struct {
	Settings
	file   File
	truth  store.Store
	log    *slog.Logger
	clock  *clock.Clock
	runner *schedule.Runner
	wake   chan struct{} // something has left the outbox
	soon   chan struct{} // a check is wanted now

	checking chan struct{} // holds one: one check at a time

	latest      sync.Mutex // guards what the last check found
	started     time.Time  // when checks were to begin
	underWay    time.Time  // when the check that goes on has begun; zero without one
	last        time.Time
	allowed     time.Duration // until the next one must have been
	observation               // what it saw
	trial       time.Time     // a test alert stands until then
	looked      clock.Moment  // at the clocks

	// Where the state is kept, and where the file is. A disk that hangs must not
	// keep anybody from saying so.
	store, aside, disk door

	mu         sync.Mutex // guards what follows
	state      *alert.State
	loaded     bool
	kept       []byte         // the state as it was kept last
	keptAside  bool           // the state is kept aside, or may be
	secret     []byte         // of the palace; proves that what is kept aside is ours
	secretKept bool           // the palace has it
	forgets    bool           // the state is kept nowhere as it is now
	unkept     error          // why the palace did not keep it
	asked      bool           // whether it does is known
	saying     map[int64]bool // chats that are told something past the outbox now; true: there is more to say
	queue      sync.Mutex     // guards what follows; nothing is waited for under it
	waits      map[int64]wait // by chat: a message that is queued
	refused    []int64        // chats that Telegram has refused a message to, which the state does not know yet

	palaceKnown atomic.Bool // see [alert.Env]

	// shared is the state for those who only read. It is replaced, never changed.
	shared atomic.Pointer[alert.State]
	posts  atomic.Pointer[[]alert.Post] // that wait and are kept
}

// voice is what the words need to know now.
func (m *Monitor) voice() alert.Env {
	return alert.Env{Path: m.file.Path(), Zone: m.Zone(), Silent: !m.Rings(), PalaceKnown: m.palaceKnown.Load()}
}

// NewMonitor takes the file, and the store that keeps the state.
func NewMonitor(file File, truth store.Store, s Settings, log *slog.Logger) *Monitor {
	m := &Monitor{Settings: s, file: file, truth: truth, log: log,
		checking: make(chan struct{}, 1), store: newDoor(), aside: newDoor(), disk: newDoor(),
		wake: make(chan struct{}, 1), soon: make(chan struct{}, 1), state: alert.New(), waits: map[int64]wait{}, saying: map[int64]bool{}}
	m.shared.Store(m.state)
	if m.clock = s.Clock; m.clock == nil {
		m.clock = clock.New()
	}
	m.runner = schedule.NewRunner(s.Schedule, m.clock, log)
	m.runner.OnTick = m.lookAtClock
	return m
}

const (
	// lookAgain is how long a new finding waits for a second look: a program
	// that writes the file in place leaves a piece of it for a moment.
	lookAgain  = time.Second
	personTime = 5 * time.Second // a person does not wait longer for a check

	// An alert that has not left the outbox for sayAfter although Telegram is
	// there is sent past it, and again every sayAfter.
	sayAfter = 2 * time.Minute
	sayTime  = 15 * time.Second

	// showAfter is how long an alert that is out of date waits for its edit:
	// what else is being said comes first, and several changes become one edit.
	showAfter = 500 * time.Millisecond

	trialLasts = 5 * time.Second
)

// Check looks at everything and queues what is to be told about it. The error
// is the store's, or ctx has ended before the check did; what is wrong with the
// file is no error of the check.
func (m *Monitor) Check(ctx context.Context) ([]alert.Finding, error) {
	select {
	case m.checking <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-m.checking }()
	m.begins(time.Now())
	defer m.begins(time.Time{})
	s := m.look(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err() // it was broken off and has found nothing
	}
	checked := func(c alert.Cause) bool { return m.checked(c) && s.judges(c) }
	_, doubtful, err := m.step(ctx, s.found, checked)
	if doubtful {
		select {
		case <-ctx.Done():
			return s.found, ctx.Err()
		case <-time.After(lookAgain):
		}
		if s = m.look(ctx); ctx.Err() != nil {
			return nil, ctx.Err()
		}
		_, _, err = m.step(ctx, s.found, checked)
	}
	now := time.Now()
	m.latest.Lock()
	m.last, m.observation, m.allowed = now, s, m.patience(now)
	m.latest.Unlock()
	m.tellOutside(s.found, s.unsure)
	return s.found, err
}

// tellOutside tells of what was found those who hear of it by other ways.
func (m *Monitor) tellOutside(found []alert.Finding, unsure []alert.Cause) {
	m.Heard(slices.DeleteFunc(slices.Clone(found), func(f alert.Finding) bool { return f.Cause == alert.Test }), unsure)
}

func (m *Monitor) begins(at time.Time) {
	m.latest.Lock()
	defer m.latest.Unlock()
	m.underWay = at
}

// patience is how long after a check the absence of the next one is a fault:
// two and a half intervals.
func (m *Monitor) patience(now time.Time) time.Duration {
	runs := m.Schedule.NextRuns(now, 3)
	if len(runs) < 3 {
		return 0
	}
	return max(m.Silent, runs[1].Sub(now)+runs[2].Sub(runs[1])/2)
}

// Last is when the last check was; the zero time before the first.
func (m *Monitor) Last() time.Time {
	m.latest.Lock()
	defer m.latest.Unlock()
	return m.last
}

// Found is what is wrong now: what the last check found and, where no check has
// come to an end for too long, that.
func (m *Monitor) Found() []alert.Finding {
	m.latest.Lock()
	found := m.found
	m.latest.Unlock()
	if f, silent := m.silent(); silent {
		return append(slices.Clone(found), f)
	}
	return found
}

// Unsure are the causes that the last check could not look for.
func (m *Monitor) Unsure() []alert.Cause {
	m.latest.Lock()
	defer m.latest.Unlock()
	return m.unsure
}

// silent reports whether the last check is too long ago.
func (m *Monitor) silent() (f alert.Finding, silent bool) {
	m.latest.Lock()
	defer m.latest.Unlock()
	last, allowed := m.last, m.allowed
	if last.IsZero() {
		if last = m.started; last.IsZero() {
			return f, false
		}
		allowed = max(m.Silent, m.patience(last))
	}
	// By the monotonic clock: a machine that slept has missed no check.
	if allowed <= 0 || time.Since(last) <= allowed {
		return f, false
	}
	detail := fmt.Sprintf("The last check ended %s ago; it is to run %s.", agenda.InWords(time.Since(last)), m.Schedule.Words())
	if m.last.IsZero() {
		detail = fmt.Sprintf("None has ended since I began, %s ago; it is to run %s.", agenda.InWords(time.Since(last)), m.Schedule.Words())
	}
	if m.underWay.IsZero() {
		detail += " None is under way."
	} else {
		detail += " One has been under way since " + m.underWay.In(m.Zone()).Format("15:04:05") + "; the disk may not be responding."
	}
	if set, ok := m.clock.Jumped(time.Since(last)); ok {
		detail += " " + set.String() + " meanwhile."
	}
	return alert.Finding{Cause: alert.Silent, Detail: detail}, true
}

// State is what is known, to read only.
func (m *Monitor) State() *alert.State { return m.shared.Load() }

// step takes in what was found. The news is noted even where the store fails.
// Where checks do not come to an end, the outbox may not be emptied either, and
// what is to be told is said past it at once.
func (m *Monitor) step(ctx context.Context, found []alert.Finding, looked func(alert.Cause) bool) (news []alert.Notice, doubtful bool, err error) {
	var dropped []alert.Post
	hangs := slices.ContainsFunc(found, func(f alert.Finding) bool { return f.Cause == alert.Silent })
	err = m.alter(ctx, hangs, func(b *alert.State) {
		if news, doubtful = b.Step(found, looked, m.clock.Now(), m.Repeat()); m.Posting {
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

// Restore writes goals.json from the palace and looks at it again, so that the
// all-clear follows at once.
func (m *Monitor) Restore(ctx context.Context) (kept string, err error) {
	kept, err = through(ctx, m.disk, personTime, m.file.Restore)
	if err != nil {
		return kept, err
	}
	if cerr := m.change(ctx, (*alert.State).Restored); cerr != nil {
		m.log.Error("the state of alerts could not be kept", "err", cerr)
	}
	if _, _, cerr := m.checkSoon(ctx); cerr != nil {
		m.log.Error("the state of alerts could not be kept", "err", cerr)
	}
	return kept, nil
}
