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
// cause that keeps coming and going is flapping: people are told once, and again
// when it has kept still. A cause that stays but keeps changing its detail is
// unsteady: people are told again when the detail has stayed the same for a while.

const (
	flapTransitions = 4                // so many turns within flapWindow are too many to tell each
	flapWindow      = time.Hour        //
	flapStill       = 30 * time.Minute // without a turn, and it is told how it stands

	maxChanges  = 3               // so many changes within flapWindow are told at once
	steadyAfter = 5 * time.Minute // the same for so long, and what it says now is told

	// maxMute is the longest mute, of what is never over: it ends, always.
	maxMute = 7 * 24 * time.Hour
	// AcknowledgedRepeat is how often an acknowledged cause is told again.
	AcknowledgedRepeat = 7 * 24 * time.Hour

	// maxGap is the longest time between two steps that the clock is believed.
	maxGap = 31 * 24 * time.Hour
)

// State is the state of alerts: of every cause, and what every chat was told of it.
// It is plain data and is kept as JSON.
type State struct {
	Revision int64 `json:"revision"` // of two states that were kept the higher one counts
	Count    int64 `json:"count"`    // numbers whatever there is to tell, in order

	// Clock is the time that has passed since the state was begun, and Wall is
	// what the clock on the wall said then. All that waits or lasts is
	// reckoned by Clock, so that a wall clock that jumps changes nothing.
	Clock time.Duration `json:"clock"`
	Wall  time.Time     `json:"wall"`
	read  clock.Moment  // what the clocks said then; zero where that was in an earlier run of the program

	Alerts map[Cause]Alert `json:"alerts"`
	Chats  map[int64]Chat  `json:"chats"`
	Posts  []Post          `json:"posts,omitempty"` // that wait, oldest first

	news []Notice // of the step that is being made, muted causes included
}

// Alert is how it stands with one cause.
type Alert struct {
	Finding
	Phase    Phase `json:"state"`
	Flapping bool  `json:"flapping,omitempty"`
	Unsteady bool  `json:"unsteady,omitempty"`

	Since       time.Time       `json:"since"` // on the wall, for people
	Began       time.Duration   `json:"began"`
	Ended       time.Duration   `json:"ended,omitempty"`
	Transitions []time.Duration `json:"turns,omitempty"` // when it began and ended, lately

	Changes []time.Duration `json:"changes,omitempty"` // when it began to say something else, lately
	Unsaid  bool            `json:"unsaid,omitempty"`  // it says something else than what was told

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
	Active []Cause // all that do, in the end
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
func (b *State) Clone() *State {
	c := *b
	c.news = nil
	c.Alerts, c.Chats = maps.Clone(b.Alerts), maps.Clone(b.Chats)
	return &c
}

// Pass lets the state's time pass until now. Since an earlier run of the program
// the wall clock alone tells how much that is; a difference that it cannot have
// run through is not believed.
func (b *State) Pass(now clock.Moment) {
	if !b.Wall.IsZero() {
		passed := now.Wall.Sub(b.Wall.Round(0))
		if b.read.Lived != 0 && now.Lived != 0 {
			passed = now.Lived - b.read.Lived
		}
		if passed < 0 || passed > maxGap {
			passed = 0
		}
		b.Clock += passed
	}
	b.Wall, b.read = now.Wall, now
}

// Step takes in what a check has found among the causes that it looked for, and
// returns the news, also of what is muted. doubtful means that something was
// found for the first time, which is to be looked at again after a moment.
func (b *State) Step(found []Finding, looked func(Cause) bool, now clock.Moment, repeat time.Duration) (news []Notice, doubtful bool) {
	b.Pass(now)
	b.news = nil
	maps.DeleteFunc(b.Alerts, func(c Cause, _ Alert) bool { _, known := causes[c]; return !known }) // of another version of the program
	causes := slices.Collect(maps.Keys(b.Alerts))
	for _, f := range found {
		if !slices.Contains(causes, f.Cause) {
			causes = append(causes, f.Cause)
		}
	}
	slices.Sort(causes)
	replaced := slices.ContainsFunc(found, func(f Finding) bool {
		return aboutFile(f.Cause) && looked(f.Cause) && b.Alerts[f.Cause].Phase == Inactive
	})
	for _, cause := range causes {
		a := b.Alerts[cause]
		a.Cause = cause
		i := slices.IndexFunc(found, func(f Finding) bool { return f.Cause == cause })
		switch {
		case !looked(cause):
		case i >= 0:
			b.there(&a, found[i], repeat)
		case replaced && a.Phase == Firing && aboutFile(cause):
			// Not over as long as what may have taken its place is in doubt:
			// that goals.json is OK again must be true when it is said.
		default:
			b.gone(&a)
		}
		b.endMute(&a)
		doubtful = doubtful || a.Phase == Pending
		b.Alerts[cause] = a
		if n := len(b.news); n > 0 && b.news[n-1].Alert.Cause == cause { // the last word of a cause
			news = append(news, Notice{Kind: b.news[n-1].Kind, Alert: a, Lasted: b.lasted(a)})
		}
	}
	for i := range news {
		news[i].Active = b.Active()
	}
	slices.SortStableFunc(news, func(x, y Notice) int { return cmp.Compare(x.Kind, y.Kind) })
	return news, doubtful
}

// there is for a cause that was found.
func (b *State) there(a *Alert, f Finding, repeat time.Duration) {
	switch {
	case a.Phase == Inactive:
		a.Phase = Pending
		if !a.Flapping {
			a.Since, a.Began = b.Wall, b.Clock
		}
		return
	case a.Phase == Pending:
		a.Phase, a.Finding, a.By = Firing, f, ""
		if !a.Flapping {
			a.First = 0
		}
		b.transition(a, Fired)
		return
	}
	changed := a.saysOtherThan(f)
	a.Finding = f
	if changed {
		a.By = ""
		b.changed(a)
		return
	}
	if b.settles(a) || b.steadies(a) {
		b.notify(a, Fired)
	}
	b.remind(a, repeat)
}

// gone is for a cause that was not found.
func (b *State) gone(a *Alert) {
	switch {
	case a.Phase == Firing:
		a.Phase, a.Ended, a.By = Inactive, b.Clock, ""
		a.Unsteady, a.Unsaid = false, false
		b.transition(a, Resolved)
		return
	case a.Phase == Pending:
		a.Phase = Inactive // over before the second look: nothing to speak of
	}
	if b.settles(a) {
		b.over(a)
	}
}

// over is for a cause that is over for good. Its mute is over with it: what
// comes later is told.
func (b *State) over(a *Alert) {
	a.MutedUntil = 0
	b.notify(a, Resolved)
}

// changed makes news of a cause that has not gone and now says something else,
// unless that happens too often.
func (b *State) changed(a *Alert) {
	a.Changes = b.lately(a.Changes, maxChanges)
	switch {
	case a.Flapping:
	case a.Unsteady:
		a.Unsaid = true
	default:
		a.Unsteady = len(a.Changes) >= maxChanges
		b.notify(a, Fired)
	}
}

// steadies ends the unsteadiness of a cause that has stayed the same, and
// reports whether what it says is not told yet.
func (b *State) steadies(a *Alert) (unsaid bool) {
	if !a.Unsteady || b.Clock-a.Changes[len(a.Changes)-1] < steadyAfter {
		return false
	}
	unsaid = a.Unsaid
	a.Unsteady, a.Unsaid = false, false
	b.mark(a)
	return unsaid
}

// lately adds the present to some moments and keeps the last of them.
func (b *State) lately(times []time.Duration, most int) []time.Duration {
	times = append(slices.DeleteFunc(slices.Clone(times), func(t time.Duration) bool { return b.Clock-t >= flapWindow }), b.Clock)
	return times[max(0, len(times)-most):]
}

// transition notes that the cause began or ended, and makes news of it, unless that
// happens too often.
func (b *State) transition(a *Alert, kind Kind) {
	a.Transitions = b.lately(a.Transitions, 2*flapTransitions)
	switch {
	case a.Flapping:
		// Neither told nor shown, until it keeps still.
	case kind == Fired && len(a.Transitions) >= flapTransitions && a.Cause != Test:
		// Not where it ends: whoever was told of it hears that it is over.
		a.Flapping = true
		a.Began = min(a.Began, a.Transitions[0])
		b.notify(a, Flapped)
	case kind == Resolved:
		b.over(a)
	default:
		b.notify(a, kind)
	}
}

// settles ends the flapping of a cause that has kept still.
func (b *State) settles(a *Alert) bool {
	if !a.Flapping || b.Clock-a.Transitions[len(a.Transitions)-1] < flapStill {
		return false
	}
	a.Flapping = false
	if a.Phase != Firing && a.First == 0 { // nobody was told of it
		a.MutedUntil = 0
		b.mark(a)
		return false
	}
	return true
}

func (b *State) remind(a *Alert, repeat time.Duration) {
	if a.By != "" {
		repeat = max(repeat, AcknowledgedRepeat)
	}
	if !a.Muted() && b.Clock-a.Told >= repeat {
		b.notify(a, Reminded)
	}
}

// notify makes news of a cause. What is muted is not told to people, and counts
// as not told where it is new.
func (b *State) notify(a *Alert, kind Kind) {
	b.mark(a)
	b.news = append(b.news, Notice{Kind: kind, Alert: *a})
	if a.Muted() {
		return
	}
	a.News, a.Kind, a.Told = b.Count, kind, b.Clock
	if a.First == 0 {
		a.First = b.Count
	}
}

// mark notes that messages which show this cause are to be shown anew.
func (b *State) mark(a *Alert) {
	b.Count++
	a.Mark = b.Count
}

// lasted is how long a cause has been there, or was.
func (b *State) lasted(a Alert) time.Duration {
	if a.Active() {
		return b.Clock - a.Began
	}
	return a.Ended - a.Began
}

// Active returns the causes that people should know of, the newest first.
func (b *State) Active() []Cause { return b.Where(Alert.Active) }

// Where returns the causes of the alerts that pass, the latest news first.
func (b *State) Where(pass func(Alert) bool) []Cause {
	var causes []Cause
	for cause, a := range b.Alerts {
		if pass(a) {
			causes = append(causes, cause)
		}
	}
	slices.Sort(causes)
	slices.SortStableFunc(causes, func(x, y Cause) int { return cmp.Compare(b.Alerts[y].First, b.Alerts[x].First) })
	return causes
}

// saysOtherThan reports whether the same cause now has another reason. Where
// the detail holds a measure, which changes all the time, the degree says so.
func (f Finding) saysOtherThan(o Finding) bool {
	return f.Degree != o.Degree || f.Cause.hasReasons() && (f.Detail != o.Detail || f.Excerpt != o.Excerpt)
}
