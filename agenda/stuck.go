package agenda

import (
	"cmp"
	"slices"
	"time"

	"goalbot/goals"
)

// How long a goal may rest until it is stuck, and how many are named at once.
const (
	StuckInProgress = 14 * day
	StuckBlocked    = 7 * day
	MaxStuck        = 5
)

// A Stuck goal has rested for too long.
type Stuck struct {
	Item
	Rested time.Duration // without the time in which it was paused
}

// FindStuck returns the goals that are stuck, the longest first, [MaxStuck] at
// most: in progress and untouched for [StuckInProgress], or blocked for
// [StuckBlocked] and untouched as long. Parked goals are not stuck.
func FindStuck(items []Item, now time.Time) (stuck []Stuck) {
	for _, i := range items {
		if i.parked(now) {
			continue
		}
		since, most := i.Touched, StuckInProgress
		switch i.Status {
		case goals.InProgress:
		case goals.Blocked:
			most = StuckBlocked
			if i.Blocked.After(since) {
				since = i.Blocked
			}
		default:
			continue
		}
		if rested := now.Sub(since) - paused(i.Pauses, since, now); rested >= most {
			stuck = append(stuck, Stuck{i, rested})
		}
	}
	slices.SortFunc(stuck, func(a, b Stuck) int {
		return cmp.Or(cmp.Compare(b.Rested, a.Rested), cmp.Compare(a.Number, b.Number))
	})
	return stuck[:min(len(stuck), MaxStuck)]
}

// paused returns how much of the time between two instants lies in pauses,
// which may overlap.
func paused(pauses []Span, from, to time.Time) (sum time.Duration) {
	pauses = slices.SortedFunc(slices.Values(pauses), func(a, b Span) int { return a.From.Compare(b.From) })
	for _, p := range pauses {
		if p.From.Before(from) {
			p.From = from
		}
		if p.To.After(to) {
			p.To = to
		}
		if p.To.After(p.From) {
			sum += p.To.Sub(p.From)
			from = p.To // what follows counts from there
		}
	}
	return sum
}
