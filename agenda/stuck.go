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
	Rested time.Duration // since it was touched, or parked until
}

// FindStuck returns the goals that are stuck, the longest first, [MaxStuck] at
// most: in progress and untouched for [StuckInProgress], or blocked for
// [StuckBlocked] and untouched as long. Parked goals are not stuck, and the time in
// which a goal was parked does not count.
func FindStuck(items []Item, now time.Time) (stuck []Stuck) {
	for _, i := range items {
		if i.parked(now) {
			continue
		}
		since, most := i.Touched, StuckInProgress
		if i.Parked.After(since) {
			since = i.Parked
		}
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
		if rested := now.Sub(since); rested >= most {
			stuck = append(stuck, Stuck{i, rested})
		}
	}
	slices.SortFunc(stuck, func(a, b Stuck) int {
		return cmp.Or(cmp.Compare(b.Rested, a.Rested), cmp.Compare(a.Number, b.Number))
	})
	return stuck[:min(len(stuck), MaxStuck)]
}
