package health

import (
	"maps"
	"slices"
	"time"
)

// This file decides when a finding becomes an alert, and when there is news of
// one. It reads no clock and does no I/O. Of every cause:
//
//	ok ──found──> suspect ──found again──> firing ──gone──> ok
//	                 └──────gone───────> ok
//
// A firing cause may be acknowledged or muted, and one that keeps coming and
// going is flapping, which is told once and then not again until it keeps still.

const (
	flapTurns  = 4                // so many turns within flapWindow are too many to tell each
	flapWindow = time.Hour        //
	flapStill  = 30 * time.Minute // without a turn, and it is told how it stands

	// MaxMute is the longest mute, also of one until the cause is gone: it ends, always.
	MaxMute = 7 * 24 * time.Hour
	// knownRepeat is how often an acknowledged cause is told again.
	knownRepeat = 7 * 24 * time.Hour

	// maxGap is the longest time between two steps that the clock is believed.
	maxGap = 31 * 24 * time.Hour
)

// Book is what stands about every cause, and what every chat was told of it.
// It is plain data: what is kept of alerts is a Book in JSON.
type Book struct {
	Revision int64 `json:"revision"` // of two books that were kept the higher one counts
	Count    int64 `json:"count"`    // numbers whatever there is to tell, in order

	// Clock is the time that has passed since the book was begun, and Wall is
	// what the clock on the wall said then. All that waits or lasts is
	// reckoned by Clock, so that a wall clock that jumps changes nothing.
	Clock time.Duration `json:"clock"`
	Wall  time.Time     `json:"wall"`

	Alerts map[Cause]Alert `json:"alerts"`
	Chats  map[int64]Chat  `json:"chats"`
	Posts  []Post          `json:"posts,omitempty"` // that wait, oldest first
}

// Alert is how it stands with one cause.
type Alert struct {
	Finding
	State    State `json:"state"`
	Flapping bool  `json:"flapping,omitempty"`

	Since time.Time       `json:"since"` // on the wall, for people
	Began time.Duration   `json:"began"`
	Ended time.Duration   `json:"ended,omitempty"`
	Turns []time.Duration `json:"turns,omitempty"` // when it began, changed and ended, lately

	First int64         `json:"first,omitempty"` // the number of the news that it is there; 0 where nobody was to be told
	News  int64         `json:"news,omitempty"`  // the number of the latest news
	Kind  Kind          `json:"kind,omitempty"`  // what that is about
	Mark  int64         `json:"mark,omitempty"`  // the number of the latest change that a message shows
	Told  time.Duration `json:"told,omitempty"`  // when it was told last, or was to be; reminders count from there

	By         string        `json:"by,omitempty"`         // who has acknowledged it
	MutedUntil time.Duration `json:"mutedUntil,omitempty"` // 0: not muted
	UntilOver  bool          `json:"untilOver,omitempty"`  // the mute ends with the cause, if that comes first
}

// State is where a cause stands.
type State string

// The states. Suspect was found once and is looked at again before it is told.
const (
	OK      State = ""
	Suspect State = "suspect"
	Fires   State = "firing"
)

// Standing reports whether people should know of it.
func (a Alert) Standing() bool { return a.State == Fires || a.Flapping }

// Muted reports whether it is not to be told of.
func (a Alert) Muted() bool { return a.MutedUntil != 0 }

// Notice is news of one cause.
type Notice struct {
	Kind   Kind
	Alert  Alert
	Lasted time.Duration
}

// Kind is what news is about.
type Kind int

// The kinds of news.
const (
	Firing   Kind = iota // a new cause, or a known one that now says something else
	Reminder             // it still lasts
	Resolved             // it is over
	Flaps                // it comes and goes
)

func (k Kind) String() string { return [...]string{"firing", "reminder", "resolved", "flapping"}[k] }

// NewBook is a book in which nothing stands.
func NewBook() *Book { return &Book{Alerts: map[Cause]Alert{}, Chats: map[int64]Chat{}} }

// Clone is a copy that can be changed.
func (b *Book) Clone() *Book {
	c := *b
	c.Alerts, c.Chats = maps.Clone(b.Alerts), maps.Clone(b.Chats)
	return &c
}

// Pass lets the book's time pass until now. A difference that the wall clock
// cannot have run through is not believed; where the process has a clock that
// only runs forward, that one counts then.
func (b *Book) Pass(now time.Time) {
	if !b.Wall.IsZero() {
		passed := now.Round(0).Sub(b.Wall.Round(0))
		if passed < 0 || passed > maxGap {
			passed = now.Sub(b.Wall) // by the monotonic clock, if both have it
		}
		if passed < 0 || passed > maxGap {
			passed = 0
		}
		b.Clock += passed
	}
	b.Wall = now
}

// Step takes in what a look has found among the causes that it was for, and
// returns the news. doubtful means that something was found for the first
// time, which is to be looked at again after a moment.
func (b *Book) Step(found []Finding, looked func(Cause) bool, now time.Time, repeat time.Duration) (news []Notice, doubtful bool) {
	b.Pass(now)
	causes := slices.Collect(maps.Keys(b.Alerts))
	for _, f := range found {
		if !slices.Contains(causes, f.Cause) {
			causes = append(causes, f.Cause)
		}
	}
	slices.Sort(causes)
	for _, cause := range causes {
		a := b.Alerts[cause]
		a.Cause = cause
		said := a.News
		i := slices.IndexFunc(found, func(f Finding) bool { return f.Cause == cause })
		switch {
		case !looked(cause):
		case i >= 0:
			b.there(&a, found[i], repeat)
		default:
			b.gone(&a)
		}
		b.endMute(&a)
		doubtful = doubtful || a.State == Suspect
		if a.News != said {
			news = append(news, Notice{Kind: a.Kind, Alert: a, Lasted: b.Lasted(a)})
		}
		b.Alerts[cause] = a
	}
	slices.SortStableFunc(news, func(x, y Notice) int { return int(x.Kind) - int(y.Kind) })
	return news, doubtful
}

// there is for a cause that was found.
func (b *Book) there(a *Alert, f Finding, repeat time.Duration) {
	switch {
	case a.State == OK:
		a.State = Suspect
		if !a.Flapping {
			a.Since, a.Began = b.Wall, b.Clock
		}
		return
	case a.State == Suspect:
		a.State, a.Finding, a.By = Fires, f, ""
		if !a.Flapping {
			a.First = 0
		}
		b.turn(a, Firing)
		return
	}
	changed := a.saysOtherThan(f)
	a.Finding = f
	if changed {
		a.By = ""
		b.turn(a, Firing)
		return
	}
	if b.settles(a) {
		b.news(a, Firing)
	}
	b.remind(a, repeat)
}

// gone is for a cause that was not found.
func (b *Book) gone(a *Alert) {
	switch {
	case a.State == Fires:
		a.State, a.Ended, a.By = OK, b.Clock, ""
		if a.UntilOver {
			a.MutedUntil, a.UntilOver = 0, false
		}
		b.turn(a, Resolved)
		return
	case a.State == Suspect:
		a.State = OK // over before the second look: nothing to speak of
	}
	if b.settles(a) {
		b.news(a, Resolved)
	}
}

// turn notes that the cause began, changed or ended, and makes news of it,
// unless that happens too often.
func (b *Book) turn(a *Alert, kind Kind) {
	a.Turns = append(slices.DeleteFunc(slices.Clone(a.Turns), func(t time.Duration) bool { return b.Clock-t >= flapWindow }), b.Clock)
	a.Turns = a.Turns[max(0, len(a.Turns)-2*flapTurns):]
	switch {
	case a.Flapping:
		// Neither told nor shown, until it keeps still.
	case kind == Firing && len(a.Turns) >= flapTurns:
		// Not where it ends: whoever was told of it hears that it is over.
		a.Flapping = true
		a.Began = min(a.Began, a.Turns[0])
		b.news(a, Flaps)
	default:
		b.news(a, kind)
	}
}

// settles ends the flapping of a cause that has kept still.
func (b *Book) settles(a *Alert) bool {
	if !a.Flapping || b.Clock-a.Turns[len(a.Turns)-1] < flapStill {
		return false
	}
	a.Flapping = false
	if a.State != Fires && a.First == 0 {
		b.mark(a)
		return false
	}
	return true
}

func (b *Book) remind(a *Alert, repeat time.Duration) {
	if a.By != "" {
		repeat = max(repeat, knownRepeat)
	}
	if !a.Muted() && b.Clock-a.Told >= repeat {
		b.news(a, Reminder)
	}
}

// news makes news of a cause. What is muted is not told, and counts as not
// told where it is new.
func (b *Book) news(a *Alert, kind Kind) {
	b.mark(a)
	if a.Muted() {
		return
	}
	a.News, a.Kind, a.Told = b.Count, kind, b.Clock
	if a.First == 0 {
		a.First = b.Count
	}
}

// mark notes that messages which show this cause are to be shown anew.
func (b *Book) mark(a *Alert) {
	b.Count++
	a.Mark = b.Count
}

// endMute ends a mute whose time is over, and tells what it has hidden.
func (b *Book) endMute(a *Alert) {
	if a.MutedUntil == 0 || b.Clock < a.MutedUntil {
		return
	}
	b.Unmute(a)
}

// Unmute ends a mute.
func (b *Book) Unmute(a *Alert) {
	a.MutedUntil, a.UntilOver = 0, false
	switch {
	case !a.Standing():
		b.mark(a)
	case a.Flapping:
		b.news(a, Flaps)
	case a.First == 0:
		b.news(a, Firing)
	default:
		b.news(a, Reminder)
	}
}

// Mute mutes causes for some time, at most [MaxMute].
func (b *Book) Mute(causes []Cause, most time.Duration, untilOver bool) {
	for _, cause := range causes {
		a := b.Alerts[cause]
		a.MutedUntil, a.UntilOver = b.Clock+min(max(most, time.Second), MaxMute), untilOver
		b.mark(&a)
		b.Alerts[cause] = a
	}
}

// UnmuteAll ends all mutes and returns which there were.
func (b *Book) UnmuteAll() (ended []Cause) {
	for _, cause := range b.sorted(Alert.Muted) {
		a := b.Alerts[cause]
		b.Unmute(&a)
		b.Alerts[cause] = a
		ended = append(ended, cause)
	}
	return ended
}

// Acknowledge notes that somebody knows of causes.
func (b *Book) Acknowledge(causes []Cause, by string) {
	for _, cause := range causes {
		a := b.Alerts[cause]
		a.By = by
		b.mark(&a)
		b.Alerts[cause] = a
	}
}

// Lasted is how long a cause has been there, or was.
func (b *Book) Lasted(a Alert) time.Duration {
	if a.Standing() {
		return b.Clock - a.Began
	}
	return a.Ended - a.Began
}

// Left is how long a mute still lasts.
func (b *Book) Left(a Alert) time.Duration { return max(0, a.MutedUntil-b.Clock) }

// Standing returns the causes that people should know of, the newest first.
func (b *Book) Standing() []Cause { return b.sorted(Alert.Standing) }

// sorted returns the causes of the alerts that pass, the latest news first.
func (b *Book) sorted(pass func(Alert) bool) []Cause {
	var causes []Cause
	for cause, a := range b.Alerts {
		if pass(a) {
			causes = append(causes, cause)
		}
	}
	slices.Sort(causes)
	slices.SortStableFunc(causes, func(x, y Cause) int { return int(b.Alerts[y].First - b.Alerts[x].First) })
	return causes
}

// saysOtherThan reports whether the same cause now has another reason. Where
// the detail holds a measure, which changes all the time, it has not.
func (f Finding) saysOtherThan(o Finding) bool {
	return f.Cause.hasReasons() && (f.Detail != o.Detail || f.Excerpt != o.Excerpt)
}
