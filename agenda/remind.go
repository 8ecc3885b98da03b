package agenda

import (
	"cmp"
	"slices"
	"time"
)

// A Reminder is to tell of a goal at a time.
type Reminder struct {
	Goal int64 // its number
	When When
	Own  bool // it has a time of its own, and does not follow the due date
}

// Quiet returns the stretch of quiet hours that an instant falls into, if it
// does. It ends after that instant. A nil Quiet is never quiet.
type Quiet func(time.Time) (begin, end time.Time, ok bool)

// until returns when quiet hours end that t falls into, else t.
func (q Quiet) until(t time.Time) time.Time {
	if q != nil {
		if _, end, quiet := q(t); quiet && end.After(t) {
			return end
		}
	}
	return t
}

// Punctual is how long after its time a reminder is not called late.
const Punctual = 5 * time.Minute

// Ringing is a reminder whose time has come.
type Ringing struct {
	Reminder
	At   time.Time     // when it was to come
	Late time.Duration // how much later it comes, quiet hours not counted; 0 up to [Punctual]
}

// Round is what there is to do about reminders at some instant.
type Round struct {
	Ring []Ringing // leave now, the earliest first
	Hold []Ringing // would leave, but it is quiet
	Next time.Time // when to look again: a reminder or the end of quiet hours; zero for never
}

// Remind sorts reminders by what there is to do at now, in whose location they
// come. A whole day is told of at morning. What has been told must not be among
// them: they are all that still have to ring, however long ago that was.
func Remind(reminders []Reminder, now time.Time, morning time.Duration, quiet Quiet) (round Round) {
	wake := func(t time.Time) {
		if round.Next.IsZero() || t.Before(round.Next) {
			round.Next = t
		}
	}
	quietUntil := quiet.until(now)
	for _, r := range reminders {
		at := r.When.Remind(now.Location(), morning)
		if at.After(now) {
			wake(at)
			continue
		}
		ringing := Ringing{Reminder: r, At: at}
		if quietUntil.After(now) {
			round.Hold = append(round.Hold, ringing)
			wake(quietUntil)
			continue
		}
		if late := now.Sub(quiet.until(at)); late > Punctual {
			ringing.Late = late
		}
		round.Ring = append(round.Ring, ringing)
	}
	for _, list := range [][]Ringing{round.Ring, round.Hold} {
		slices.SortStableFunc(list, func(a, b Ringing) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Goal, b.Goal)) })
	}
	return round
}

// Group is what one message tells: a goal, or a digest of several.
type Group struct {
	Shown []Ringing // one for each goal, the earliest first
	More  int       // goals that are not shown
}

// GroupReminders makes one message of all that ring together, which shows so
// many goals at most. Several reminders of a goal are one.
func GroupReminders(ringing []Ringing, most int) (g Group) {
	seen := make(map[int64]bool, len(ringing))
	for _, r := range ringing {
		switch {
		case seen[r.Goal]:
			continue
		case len(g.Shown) < most:
			g.Shown = append(g.Shown, r)
		default:
			g.More++
		}
		seen[r.Goal] = true
	}
	return g
}

// SnoozeTarget says until when a reminder is put off.
type SnoozeTarget string

// The targets, as buttons carry them.
const (
	SnoozeHour     SnoozeTarget = "hour"
	SnoozeMorning  SnoozeTarget = "morning"
	SnoozeEvening  SnoozeTarget = "evening"
	SnoozeTomorrow SnoozeTarget = "tomorrow"
	SnoozeWeek     SnoozeTarget = "week"
)

// A Snooze is a time to which a reminder can be put off.
type Snooze struct {
	Target SnoozeTarget
	Label  string // what it is called at that time of the day: "this evening", "tomorrow evening"
	When   When   // always after now, and outside of quiet hours
}

// Snoozed returns what a target means now: on the day of an old message, "this
// evening" may be over, and is the evening of the next day. ok is false for an
// unknown target.
func Snoozed(target SnoozeTarget, o Options, quiet Quiet) (s Snooze, ok bool) {
	hours, today, clock := o.hours(), DateOf(o.Now), clockOf(o.Now)
	// A part of today is offered while it is at least an hour away.
	partOf := func(at time.Duration) (string, When) {
		if clock+time.Hour > at {
			return "tomorrow", AtClock(today.AddDays(1), at)
		}
		return "this", AtClock(today, at)
	}
	s.Target = target
	switch target {
	case SnoozeHour:
		s.Label, s.When = "in 1 h", AtInstant(o.Now.Add(time.Hour))
	case SnoozeMorning:
		s.Label, s.When = partOf(hours.Morning)
		s.Label += " morning"
	case SnoozeEvening:
		s.Label, s.When = partOf(hours.Evening)
		s.Label += " evening"
	case SnoozeTomorrow:
		s.Label, s.When = "tomorrow", AtClock(today.AddDays(1), hours.Morning)
	case SnoozeWeek:
		monday := today.weekStart(o.SundayFirst).AddDays(6).next(time.Monday)
		s.Label, s.When = "next week", AtClock(monday, hours.Morning)
	default:
		return s, false
	}
	at := s.When.Time(o.Now.Location())
	if end := quiet.until(at); end.After(at) {
		if target == SnoozeHour {
			s.Label = "after quiet hours"
		}
		s.When = AtInstant(end)
	}
	return s, true
}

// Snoozes returns what to offer for a reminder, the earliest first. Of targets
// that mean the same time one is there.
func Snoozes(o Options, quiet Quiet) (offered []Snooze) {
	zone := o.Now.Location()
	for _, target := range []SnoozeTarget{SnoozeHour, SnoozeMorning, SnoozeTomorrow, SnoozeEvening, SnoozeWeek} {
		s, _ := Snoozed(target, o, quiet)
		same := func(t Snooze) bool { return t.When.Time(zone).Equal(s.When.Time(zone)) }
		if !slices.ContainsFunc(offered, same) && s.Label != "tomorrow morning" { // which is tomorrow
			offered = append(offered, s)
		}
	}
	slices.SortStableFunc(offered, func(a, b Snooze) int { return a.When.Compare(b.When, zone) })
	return offered
}
