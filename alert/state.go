// Package alert decides when a finding becomes an alert, what each chat is told of
// it, and in which words. It reads no clock and does no I/O.
package alert

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"goalbot/clock"
)

// This file is the state machine. Every cause goes through these phases:
//
//	inactive ──found──> pending ──found again──> firing ──gone──> inactive
//	                       └───────gone──────> inactive
//
// A firing cause may be acknowledged or muted; both end when the cause does. A
// cause that fires and resolves again and again is flapping: people are told once,
// and again when nothing has changed for a while. A cause that keeps firing with
// ever new details is unsteady: people are told again when the detail has stayed
// the same for a while.

const (
	// A cause with flapTransitions within flapWindow is flapping, until it has had
	// none for flapStill.
	flapTransitions = 4
	flapWindow      = time.Hour
	flapStill       = 30 * time.Minute

	// A cause whose detail has changed maxChanges times within flapWindow is
	// unsteady, until it has not changed for steadyAfter.
	maxChanges  = 3
	steadyAfter = 5 * time.Minute

	// maxMute is the longest mute: it ends even if the cause does not.
	maxMute = 7 * 24 * time.Hour
	// AcknowledgedRepeat is how often an acknowledged cause is told again.
	AcknowledgedRepeat = 7 * 24 * time.Hour

	// maxGap is the longest time between two steps; a larger one is an error of the clock.
	maxGap = 31 * 24 * time.Hour
)

// State is the state of alerts: of every cause, and what every chat was told of it.
// It is plain data and is kept as JSON.
type State struct {
	Revision int64 `json:"revision"` // of two states that were kept the higher one counts
	Count    int64 `json:"count"`    // numbers whatever there is to tell, in order

	// Clock is the time that has passed since the state was begun, and Wall is
	// what the wall clock showed then. All durations are measured with Clock, so that
	// a wall clock that jumps changes nothing.
	Clock time.Duration `json:"clock"`
	Wall  time.Time     `json:"wall"`
	read  clock.Moment  // what the clocks said then; zero where that was in an earlier run of the program

	Alerts map[Cause]Alert `json:"alerts"`
	Chats  map[int64]Chat  `json:"chats"`
	Posts  []Post          `json:"posts,omitempty"` // that wait, oldest first

	news []Notice // of the step that is being made, muted causes included
}

// Alert is the state of one cause.
type Alert struct {
	Finding
	Phase    Phase `json:"state"`
	Flapping bool  `json:"flapping,omitempty"`
	Unsteady bool  `json:"unsteady,omitempty"`

	Since       time.Time       `json:"since"` // by the wall clock, for people
	Began       time.Duration   `json:"began"`
	Ended       time.Duration   `json:"ended,omitempty"`
	Transitions []time.Duration `json:"turns,omitempty"` // within flapWindow, when it began and ended

	Changes []time.Duration `json:"changes,omitempty"` // within flapWindow, when its detail changed
	Unsaid  bool            `json:"unsaid,omitempty"`  // its detail is not the one that was told

	First int64         `json:"first,omitempty"` // the number of the news that it is there; 0 where nobody was to be told
	News  int64         `json:"news,omitempty"`  // the number of the latest news
	Kind  Kind          `json:"kind,omitempty"`  // what that is about
	Mark  int64         `json:"mark,omitempty"`  // the number of the latest change that a message shows
	Told  time.Duration `json:"told,omitempty"`  // when it was told last, or was to be; reminders count from there

	By         string        `json:"by,omitempty"`         // who has acknowledged it
	MutedUntil time.Duration `json:"mutedUntil,omitempty"` // at most; 0: not muted
}

// Phase says where a cause is in its life.
type Phase string

// The phases. A pending cause was found once and is checked again before anybody
// is told.
const (
	Inactive Phase = ""
	Pending  Phase = "suspect"
	Firing   Phase = "firing"
)

// Active reports whether people should know of it: it is firing or flapping.
func (a Alert) Active() bool { return a.Phase == Firing || a.Flapping }

// Muted reports whether people are not to be told of it.
func (a Alert) Muted() bool { return a.MutedUntil != 0 }

// Notice is news of one cause.
type Notice struct {
	Kind   Kind
	Alert  Alert
	Lasted time.Duration
	Active []Cause // all active causes after the step
}

// Kind is what news is about.
type Kind int

// The kinds of news.
const (
	Fired    Kind = iota // a new cause, or a known one that now says something else
	Reminded             // it still lasts
	Resolved             // it is over
	Flapped              // it comes and goes
)

func (k Kind) String() string { return [...]string{"firing", "reminder", "resolved", "flapping"}[k] }

// New returns a state in which no cause is active.
func New() *State { return &State{Alerts: map[Cause]Alert{}, Chats: map[int64]Chat{}} }

// Clone is a copy that can be changed.
func (s *State) Clone() *State {
	c := *s
	c.news = nil
	c.Alerts, c.Chats = maps.Clone(s.Alerts), maps.Clone(s.Chats)
	return &c
}

// Pass advances the clock of the state to now. Since an earlier run of the program
// only the wall clock tells how much time has passed; a difference below zero or
// above maxGap counts as none.
func (s *State) Pass(now clock.Moment) {
	if !s.Wall.IsZero() {
		passed := now.Wall.Sub(s.Wall.Round(0))
		if s.read.Lived != 0 && now.Lived != 0 {
			passed = now.Lived - s.read.Lived
		}
		if passed < 0 || passed > maxGap {
			passed = 0
		}
		s.Clock += passed
	}
	s.Wall, s.read = now.Wall, now
}

// Step takes in what a check has found among the causes that it looked for, and
// returns the news, also of what is muted. doubtful means that something was
// found for the first time, which is to be looked at again after a moment.
func (s *State) Step(found []Finding, looked func(Cause) bool, now clock.Moment, repeat time.Duration) (news []Notice, doubtful bool) {
	s.Pass(now)
	s.news = nil
	maps.DeleteFunc(s.Alerts, func(c Cause, _ Alert) bool { _, known := causes[c]; return !known }) // of another version of the program
	causes := slices.Collect(maps.Keys(s.Alerts))
	for _, f := range found {
		if !slices.Contains(causes, f.Cause) {
			causes = append(causes, f.Cause)
		}
	}
	slices.Sort(causes)
	replaced := slices.ContainsFunc(found, func(f Finding) bool {
		return aboutFile(f.Cause) && looked(f.Cause) && s.Alerts[f.Cause].Phase == Inactive
	})
	for _, cause := range causes {
		a := s.Alerts[cause]
		a.Cause = cause
		i := slices.IndexFunc(found, func(f Finding) bool { return f.Cause == cause })
		switch {
		case !looked(cause):
		case i >= 0:
			s.found(&a, found[i], repeat)
		case replaced && a.Phase == Firing && aboutFile(cause):
			// Not over as long as what may have taken its place is in doubt:
			// that goals.json is OK again must be true when it is said.
		default:
			s.gone(&a)
		}
		s.endMute(&a)
		doubtful = doubtful || a.Phase == Pending
		s.Alerts[cause] = a
		if n := len(s.news); n > 0 && s.news[n-1].Alert.Cause == cause { // the last word of a cause
			news = append(news, Notice{Kind: s.news[n-1].Kind, Alert: a, Lasted: s.lasted(a)})
		}
	}
	for i := range news {
		news[i].Active = s.Active()
	}
	slices.SortStableFunc(news, func(x, y Notice) int { return cmp.Compare(x.Kind, y.Kind) })
	return news, doubtful
}

// found handles a cause that was found.
func (s *State) found(a *Alert, f Finding, repeat time.Duration) {
	switch {
	case a.Phase == Inactive:
		a.Phase = Pending
		if !a.Flapping {
			a.Since, a.Began = s.Wall, s.Clock
		}
		return
	case a.Phase == Pending:
		a.Phase, a.Finding, a.By = Firing, f, ""
		if !a.Flapping {
			a.First = 0
		}
		s.transition(a, Fired)
		return
	}
	changed := a.saysOtherThan(f)
	a.Finding = f
	if changed {
		a.By = ""
		s.changed(a)
		return
	}
	if s.settles(a) || s.steadies(a) {
		s.notify(a, Fired)
	}
	s.remind(a, repeat)
}

// gone handles a cause that was not found.
func (s *State) gone(a *Alert) {
	switch {
	case a.Phase == Firing:
		a.Phase, a.Ended, a.By = Inactive, s.Clock, ""
		a.Unsteady, a.Unsaid = false, false
		s.transition(a, Resolved)
		return
	case a.Phase == Pending:
		a.Phase = Inactive // over before the second look: nothing to speak of
	}
	if s.settles(a) {
		s.over(a)
	}
}

// over resolves a cause and ends its mute, so that it is told if it comes again.
func (s *State) over(a *Alert) {
	a.MutedUntil = 0
	s.notify(a, Resolved)
}

// changed makes news of a cause that is still found and has another detail, unless
// that happens too often.
func (s *State) changed(a *Alert) {
	a.Changes = s.lately(a.Changes, maxChanges)
	switch {
	case a.Flapping:
	case a.Unsteady:
		a.Unsaid = true
	default:
		a.Unsteady = len(a.Changes) >= maxChanges
		s.notify(a, Fired)
	}
}

// steadies ends the unsteadiness of a cause whose detail has stayed the same for
// steadyAfter, and reports whether people are to be told the detail.
func (s *State) steadies(a *Alert) (unsaid bool) {
	if !a.Unsteady || s.Clock-a.Changes[len(a.Changes)-1] < steadyAfter {
		return false
	}
	unsaid = a.Unsaid
	a.Unsteady, a.Unsaid = false, false
	s.mark(a)
	return unsaid
}

// lately adds now to some moments, and keeps at most that many within flapWindow.
func (s *State) lately(times []time.Duration, most int) []time.Duration {
	times = append(slices.DeleteFunc(slices.Clone(times), func(t time.Duration) bool { return s.Clock-t >= flapWindow }), s.Clock)
	return times[max(0, len(times)-most):]
}

// transition notes that the cause began or ended, and makes news of it, unless that
// happens too often.
func (s *State) transition(a *Alert, kind Kind) {
	a.Transitions = s.lately(a.Transitions, 2*flapTransitions)
	switch {
	case a.Flapping:
		// Neither told nor shown, until nothing has changed for flapStill.
	case kind == Fired && len(a.Transitions) >= flapTransitions && a.Cause != Test:
		// Not where it ends: whoever was told of it hears that it is over.
		a.Flapping = true
		a.Began = min(a.Began, a.Transitions[0])
		s.notify(a, Flapped)
	case kind == Resolved:
		s.over(a)
	default:
		s.notify(a, kind)
	}
}

// settles ends the flapping of a cause that has not changed for flapStill, and
// reports whether people are to be told how it is now.
func (s *State) settles(a *Alert) bool {
	if !a.Flapping || s.Clock-a.Transitions[len(a.Transitions)-1] < flapStill {
		return false
	}
	a.Flapping = false
	if a.Phase != Firing && a.First == 0 { // nobody was told of it
		a.MutedUntil = 0
		s.mark(a)
		return false
	}
	return true
}

func (s *State) remind(a *Alert, repeat time.Duration) {
	if a.By != "" {
		repeat = max(repeat, AcknowledgedRepeat)
	}
	if !a.Muted() && s.Clock-a.Told >= repeat {
		s.notify(a, Reminded)
	}
}

// notify makes news of a cause. What is muted is not told to people, and counts
// as not told where it is new.
func (s *State) notify(a *Alert, kind Kind) {
	s.mark(a)
	s.news = append(s.news, Notice{Kind: kind, Alert: *a})
	if a.Muted() {
		return
	}
	a.News, a.Kind, a.Told = s.Count, kind, s.Clock
	if a.First == 0 {
		a.First = s.Count
	}
}

// mark notes that messages which show this cause are to be edited.
func (s *State) mark(a *Alert) {
	s.Count++
	a.Mark = s.Count
}

// lasted is how long a cause has been there, or was.
func (s *State) lasted(a Alert) time.Duration {
	if a.Active() {
		return s.Clock - a.Began
	}
	return a.Ended - a.Began
}

// Active returns the causes that people should know of, the newest first.
func (s *State) Active() []Cause { return s.Where(Alert.Active) }

// Where returns the causes of the alerts that pass, the latest news first.
func (s *State) Where(pass func(Alert) bool) []Cause {
	var causes []Cause
	for cause, a := range s.Alerts {
		if pass(a) {
			causes = append(causes, cause)
		}
	}
	slices.Sort(causes)
	slices.SortStableFunc(causes, func(x, y Cause) int { return cmp.Compare(s.Alerts[y].First, s.Alerts[x].First) })
	return causes
}

// saysOtherThan reports whether the same cause now has another reason. Where
// the detail holds a measure, which changes all the time, the degree says so.
func (f Finding) saysOtherThan(o Finding) bool {
	return f.Degree != o.Degree || f.Cause.hasReasons() && (f.Detail != o.Detail || f.Excerpt != o.Excerpt)
}
