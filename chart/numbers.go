// Package chart sums a list of goals up in numbers, and draws a picture of
// them. It does no I/O and reads no clock.
package chart

import (
	"fmt"
	"slices"
	"time"

	"goalbot/agenda"
	"goalbot/goals"
)

// Weeks is how many weeks are looked at, the present one included.
const Weeks = 12

// Numbers sum a list up.
type Numbers struct {
	At     time.Time
	Weeks  []Week // the oldest first; the last is the one that At is in
	Counts map[goals.Status]int

	Oldest *goals.Goal // the open goal that was created first, nil without any

	// Median is the time from creation to done of the goals that were
	// finished: half of them took longer. Timed is how many they are.
	Median time.Duration
	Timed  int
}

// Week counts what happened in a week.
type Week struct {
	Monday   time.Time // 0:00 in the reader's time zone
	Created  int
	Finished int
}

// Count sums up. finished tells of goals when they were finished, by their
// numbers; of a done goal that it does not name, the last update is taken for
// that. Weeks begin as they do in the zone of now.
func Count(all []*goals.Goal, finished map[int64]time.Time, now time.Time) Numbers {
	n := Numbers{At: now, Counts: map[goals.Status]int{}}
	monday := mondayBefore(now)
	for i := range Weeks {
		n.Weeks = append(n.Weeks, Week{Monday: monday.AddDate(0, 0, 7*(i-Weeks+1))})
	}
	var took []time.Duration
	for _, g := range all {
		n.Counts[g.Status]++
		if w := n.week(g.Created); w != nil {
			w.Created++
		}
		if g.Status.Open() && (n.Oldest == nil || g.Created.Before(n.Oldest.Created)) {
			n.Oldest = g
		}
		if g.Status != goals.Done {
			continue
		}
		done, ok := finished[g.Number]
		if !ok {
			done = g.Updated
		}
		if w := n.week(done); w != nil {
			w.Finished++
		}
		took = append(took, max(0, done.Sub(g.Created)))
	}
	n.Median, n.Timed = median(took), len(took)
	return n
}

// Open is how many goals are open.
func (n Numbers) Open() int {
	return n.Counts[goals.Pending] + n.Counts[goals.InProgress] + n.Counts[goals.Blocked]
}

// Total is how many goals there are.
func (n Numbers) Total() int {
	total := 0
	for _, count := range n.Counts {
		total += count
	}
	return total
}

// Shows tells pictures apart: equal ones have the same.
func (n Numbers) Shows() string {
	return fmt.Sprint(n.Weeks, n.Counts, n.Oldest != nil, agenda.Roughly(n.Age()), n.Timed, agenda.Roughly(n.Median))
}

// Age is how old the oldest open goal is, 0 without any.
func (n Numbers) Age() time.Duration {
	if n.Oldest == nil {
		return 0
	}
	return max(0, n.At.Sub(n.Oldest.Created))
}

// week is the one that a time falls into, nil for none.
func (n Numbers) week(t time.Time) *Week {
	if !t.Before(n.Weeks[Weeks-1].Monday.AddDate(0, 0, 7)) {
		return nil
	}
	for i := range slices.Backward(n.Weeks) {
		if !t.Before(n.Weeks[i].Monday) {
			return &n.Weeks[i]
		}
	}
	return nil
}

// mondayBefore is the beginning of the week. It goes by the calendar, since a
// day may have 23 or 25 hours.
func mondayBefore(t time.Time) time.Time {
	since := (int(t.Weekday()) + 6) % 7
	return time.Date(t.Year(), t.Month(), t.Day()-since, 0, 0, 0, 0, t.Location())
}

// median is the middle one, or the mean of the two in the middle.
func median(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	low, high := all[(len(all)-1)/2], all[len(all)/2]
	return low + (high-low)/2
}
