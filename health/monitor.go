// Package health checks goals.json and what it depends on, and delivers what
// package alert has to say about the findings, so that nothing is lost.
package health

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
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

// observation is what one look at everything saw.
type observation struct {
	found     []alert.Finding
	unsure    []alert.Cause // that could not be looked for
	immediate []alert.Cause // of what was found, what sources that are swift have found
}

// judges reports whether it can be told by this look that a cause is not there.
func (s observation) judges(c alert.Cause) bool { return !slices.Contains(s.unsure, c) }

// voice is what the words need to know now.
func (m *Monitor) voice() alert.Env {
	return alert.Env{Path: m.file.Path(), Zone: m.Zone(), Silent: !m.Rings(), PalaceKnown: m.palaceKnown.Load()}
}

// wait is a message that waits in the outbox.
type wait struct {
	since    time.Time
	composed bool      // it has its words and may be on its way, so that what comes now waits for the next
	upTo     int64     // all news and changes up to this number are in its words
	said     time.Time // when it was last tried past the outbox
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

func (m *Monitor) look(ctx context.Context) (s observation) {
	err := m.guarded(func() error { return m.file.Check(ctx) })
	if ctx.Err() != nil {
		return s // it was broken off, which is no fault of the file
	}
	s.found = Diagnose(err)
	for _, f := range s.found {
		m.log.Error("goals.json is not OK", "cause", f.Cause, "err", err)
		s.unsure = append(s.unsure, hiddenBy(f.Cause)...)
	}
	swift := m.lookSwiftly(ctx)
	for _, f := range swift.found {
		s.immediate = append(s.immediate, f.Cause)
	}
	var others observation
	for _, source := range m.Others {
		others.ask(ctx, m, source)
	}
	others.add(swift.found, swift.unsure) // the others know more of the same cause
	m.mu.Lock()
	unkept := m.unkept
	m.mu.Unlock()
	damaged := slices.ContainsFunc(others.found, func(f alert.Finding) bool { return f.Cause == alert.PalaceDamaged })
	switch {
	case unkept == nil:
	case damaged && !errors.Is(unkept, store.ErrFull): // that is why, and what is to be done is said there
		others.add(nil, []alert.Cause{alert.PalaceUnwritable})
	default:
		others.add([]alert.Finding{unkeptFinding(unkept)}, nil)
	}
	m.latest.Lock()
	if time.Now().Before(m.trial) {
		others.found = append(others.found, alert.Finding{Cause: alert.Test, Detail: "Somebody asked for it with /testalert."})
	}
	m.latest.Unlock()
	s.add(others.found, others.unsure)
	m.palaceKnown.Store(!slices.ContainsFunc(alert.PalaceCauses, func(c alert.Cause) bool { return !s.judges(c) }))
	m.recall(&s)
	return s
}

// add takes in what somebody has seen. What was found counts, also where
// somebody else could not look for it.
func (s *observation) add(found []alert.Finding, unsure []alert.Cause) {
	s.unsure = append(s.unsure, unsure...)
	for _, f := range found {
		if !slices.ContainsFunc(s.found, func(o alert.Finding) bool { return o.Cause == f.Cause }) {
			s.found = append(s.found, f)
		}
	}
	slices.Sort(s.unsure)
	s.unsure = slices.DeleteFunc(slices.Compact(s.unsure), func(c alert.Cause) bool {
		return slices.ContainsFunc(s.found, func(f alert.Finding) bool { return f.Cause == c })
	})
}

// recall adds what stands of the causes that could not be looked for: nobody
// knows that it is over.
func (m *Monitor) recall(s *observation) {
	for _, cause := range s.unsure {
		if a := m.State().Alerts[cause]; a.Phase == alert.Firing {
			s.found = append(s.found, a.Finding)
		}
	}
}

func (m *Monitor) lookSwiftly(ctx context.Context) (s observation) {
	for _, source := range m.Immediate {
		s.ask(ctx, m, source)
	}
	return s
}

// ask takes in what a source says.
func (s *observation) ask(ctx context.Context, m *Monitor, source Source) {
	err := m.guarded(func() error {
		s.add(source(ctx))
		return nil
	})
	if err != nil {
		s.add(Diagnose(err), nil)
	}
}

// guarded makes an error of a panic: one over what stands in the file, say,
// would come at every check, and end the program at every start.
func (m *Monitor) guarded(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			m.log.Error("a check caused a panic", "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f()
}

// unkeptFinding says why the palace did not take the state of alerts.
func unkeptFinding(err error) alert.Finding {
	switch {
	case errors.Is(err, store.ErrFull):
		return alert.Finding{Cause: alert.PalaceUnwritable, Detail: "The disk is full; please free some space.", Degree: "full"}
	case errors.Is(err, errNoAnswer):
		return alert.Finding{Cause: alert.PalaceUnwritable, Detail: "The disk does not answer.", Degree: "hangs"}
	}
	return alert.Finding{Cause: alert.PalaceUnwritable, Detail: "The log says why."}
}

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

// sayTo tells chats past the outbox what they are to be told. The network may
// take its time, so m.mu must not be held.
func (m *Monitor) sayTo(chats []int64) {
	var all sync.WaitGroup
	for _, chat := range chats {
		all.Go(func() { m.say(chat) })
	}
	all.Wait()
}

// say tells one chat. Where that is being done already, whoever does it says
// what has come since too, and nothing is said twice.
func (m *Monitor) say(chat int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, busy := m.saying[chat]; busy {
		m.saying[chat] = true
		return
	}
	defer delete(m.saying, chat)
	for again := true; again; again = m.saying[chat] {
		m.saying[chat] = false
		words, ok := m.state.Next(chat, m.voice())
		if !ok || m.Say == nil || !slices.Contains(m.Chats(), chat) {
			return
		}
		number, err := m.sayAloud(chat, words)
		if err != nil {
			m.log.Warn("an alert could not be sent past the outbox", "chat", chat, "err", err)
			return
		}
		m.log.Warn("an alert was sent past the outbox", "chat", chat)
		b := m.state.Clone()
		b.Delivered(words.Tag, number)
		m.show(b)
		if m.unkept != nil {
			m.keepAside(context.Background(), b)
		}
		wake(m.wake)
	}
}

// sayAloud sends with m.mu given back, and takes it again.
func (m *Monitor) sayAloud(chat int64, words message.Message) (number int64, err error) {
	m.mu.Unlock()
	defer m.mu.Lock()
	ctx, cancel := context.WithTimeout(context.Background(), sayTime)
	defer cancel()
	return m.Say(ctx, chat, words)
}

// Compose makes the words of a message that waits in the outbox. ours is false
// for a message that is none of the monitor's, and ok where there is nothing to
// say any more.
func (m *Monitor) Compose(ctx context.Context, queued store.Message) (body []byte, ours, ok bool, err error) {
	waiting, err := message.Decode(queued.Body)
	chat, ours := alert.ChatOf(waiting.Tag)
	if err != nil || !ours {
		return nil, false, false, nil
	}
	if !slices.Contains(m.Chats(), queued.Chat) {
		return nil, true, false, nil // who has been an owner when it was queued, and is none now
	}
	// First the receipts and then the state, which takes them in before they go.
	receipts, err := m.receipts(ctx)
	if err != nil {
		return nil, true, false, err
	}
	b := m.shared.Load().Clone()
	b.Pass(m.clock.Now())
	for _, r := range receipts {
		b.Delivered(r.tag, r.number)
	}
	words, ok := b.Next(chat, m.voice())
	if !ok {
		return nil, true, false, nil
	}
	m.queue.Lock()
	if w, waits := m.waits[chat]; waits {
		w.composed, w.upTo = true, b.Count
		m.waits[chat] = w
	}
	m.queue.Unlock()
	body, err = words.Fit().Encode()
	return body, true, true, err
}

// Gone notes that a message of ours has left the outbox: because it was
// delivered or had nothing to say any more, or because Telegram refused it for
// good.
func (m *Monitor) Gone(queued store.Message, refused bool) {
	waiting, err := message.Decode(queued.Body)
	if chat, ours := alert.ChatOf(waiting.Tag); err == nil && ours {
		m.queue.Lock()
		delete(m.waits, chat)
		if refused {
			m.refused = append(m.refused, chat)
		}
		m.queue.Unlock()
		wake(m.wake)
	}
}

func wake(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default: // it will look anyway
	}
}

// Run checks at once and then whenever the schedule says so, and when changed
// says that there may be something to see, until ctx ends.
func (m *Monitor) Run(ctx context.Context, changed <-chan struct{}) {
	check := func(ctx context.Context) {
		if _, err := m.Check(ctx); err != nil && ctx.Err() == nil {
			m.log.Error("the state of alerts could not be kept", "err", err)
		}
	}
	m.latest.Lock()
	m.started = time.Now()
	m.latest.Unlock()
	m.log.Info("goals.json is checked " + m.Schedule.Describe(time.Now()))
	var all sync.WaitGroup
	all.Go(func() { m.watch(ctx) })
	check(ctx)
	all.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-changed:
				check(ctx)
			case <-m.soon:
				check(ctx)
			}
		}
	})
	m.runner.Run(ctx, check)
	all.Wait()
}

// watch sees to it that what is to be told leaves, and that checks take place.
func (m *Monitor) watch(ctx context.Context) {
	tick := time.NewTicker(m.Watch)
	defer tick.Stop()
	wasSilent := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			wasSilent = m.watchOver(ctx, wasSilent)
		case <-m.wake:
			select {
			case <-ctx.Done():
				return
			case <-time.After(showAfter):
			}
			_ = m.change(ctx, func(*alert.State) {}) // a failure is logged there
		}
	}
}

// watchOver looks whether checks take place, whether one is wanted before its
// time, and whether what is to be told leaves.
func (m *Monitor) watchOver(ctx context.Context, wasSilent bool) (silent bool) {
	var found []alert.Finding
	f, silent := m.silent()
	if silent {
		found = append(found, f)
	}
	if silent && !wasSilent {
		m.tellOutside(m.Found(), m.Unsure()) // before anything that may take long
	}
	news, _, _ := m.step(ctx, found, func(c alert.Cause) bool { return c == alert.Silent }) // a failure is logged there
	if len(news) > 0 {
		m.tellOutside(m.Found(), m.Unsure())
	}
	if m.turned(ctx) {
		wake(m.soon)
	}
	m.push()
	return silent
}

// turned reports whether the sources that are swift find something else than
// in the last check.
func (m *Monitor) turned(ctx context.Context) bool {
	now := m.lookSwiftly(ctx)
	m.latest.Lock()
	defer m.latest.Unlock()
	return !m.last.IsZero() && !slices.EqualFunc(now.found, m.immediate, func(f alert.Finding, c alert.Cause) bool { return f.Cause == c })
}

// tellJump is how long /health tells of a clock that was set.
const tellJump = 24 * time.Hour

// lookAtClock is called every second. Where the clock was set, or the machine has
// slept, what is known of anything is old, so it is looked at anew.
func (m *Monitor) lookAtClock(now clock.Moment) {
	m.latest.Lock()
	before := m.looked
	m.looked = now
	m.latest.Unlock()
	if before.Lived == 0 {
		return
	}
	slept := (now.Lived - now.Awake) - (before.Lived - before.Awake)
	set, _ := m.clock.Jumped(tellJump)
	jumped := set.At.Lived > before.Lived
	if slept >= clock.SleptFor {
		m.log.Info("the machine has slept", "for", slept.Round(time.Second))
	}
	if jumped {
		m.log.Warn("the clock was set", "by", set.By.Round(time.Second), "now", set.At.Wall)
	}
	if jumped || slept >= clock.SleptFor {
		wake(m.soon)
	}
}

// push says past the outbox what has not left it for long: because nobody has
// even fetched it, or although Telegram answers.
func (m *Monitor) push() {
	there := time.Since(m.Polled()) <= sayAfter/2
	var late []int64
	m.queue.Lock()
	for chat, w := range m.waits {
		if time.Since(w.since) >= sayAfter && time.Since(w.said) >= sayAfter && (there || !w.composed) {
			w.said = time.Now()
			m.waits[chat] = w
			late = append(late, chat)
		}
	}
	m.queue.Unlock()
	m.sayTo(late)
}

// checked reports whether a check is for a cause. A start anew must not make it
// seem that the palace can be written again. m.mu is held.
func (m *Monitor) checked(c alert.Cause) bool {
	return c != alert.Silent && (c != alert.PalaceUnwritable || m.asked)
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

// checkSoon is Check for a person, who does not wait for a disk that hangs. done
// is false where the check has not come to an end.
func (m *Monitor) checkSoon(ctx context.Context) (found []alert.Finding, done bool, err error) {
	ended, err := through(ctx, newDoor(), personTime, func(ctx context.Context) (func() ([]alert.Finding, error), error) {
		found, err := m.Check(ctx)
		return func() ([]alert.Finding, error) { return found, err }, nil
	})
	if err != nil {
		return nil, false, nil
	}
	found, err = ended()
	return found, true, err
}
