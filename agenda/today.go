package agenda

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"goalbot/goals"
)

// An Item is what the agenda knows of a goal.
type Item struct {
	Number           int64
	Status           goals.Status
	Due              When      // or never
	Started          time.Time // since when it is in progress; zero where that is not known
	Blocked          time.Time // since when it is blocked; zero where that is not known
	Ticked, Criteria int
	Pinned           bool
	Touched          time.Time // when somebody last did something about it, if only to say that it goes on
	Parked           time.Time // until when it is or was put aside; zero for never
}

func (i Item) parked(now time.Time) bool { return i.Parked.After(now) }

// dueNow reports whether the goal is overdue or due today.
func (i Item) dueNow(now time.Time) bool {
	return !i.Due.IsZero() && i.Due.Day(now.Location()).Compare(DateOf(now)) <= 0
}

// Plan is what a day asks for. No goal is in two of its lists.
type Plan struct {
	Overdue    []Item // the longest overdue first
	Today      []Item // due later today, the earliest first
	InProgress []Item // neither, nor parked; what is due soonest first, then what was touched last
	Next       *Choice
}

// A Choice is the one goal to look at now.
type Choice struct {
	Item
	Reason  string // in words: "due tomorrow, started"
	Unblock bool   // all is blocked, and this is what to unblock
}

// Today plans the day of now, in whose location it is. Goals that are done or
// abandoned are passed over.
func Today(items []Item, now time.Time) (p Plan) {
	for _, i := range items {
		switch {
		case !i.Status.Open():
		case !i.Due.IsZero() && i.Due.Overdue(now):
			p.Overdue = append(p.Overdue, i)
		case i.dueNow(now):
			p.Today = append(p.Today, i)
		case i.Status == goals.InProgress && !i.parked(now):
			p.InProgress = append(p.InProgress, i)
		}
	}
	byDue := func(a, b Item) int { return cmp.Or(compareDue(a, b, now), cmp.Compare(a.Number, b.Number)) }
	slices.SortFunc(p.Overdue, byDue)
	slices.SortFunc(p.Today, byDue)
	slices.SortFunc(p.InProgress, func(a, b Item) int {
		return cmp.Or(compareDue(a, b, now), b.Touched.Compare(a.Touched), cmp.Compare(a.Number, b.Number))
	})
	p.Next = Next(items, now)
	return p
}

// rank orders what is so after what is not.
func rank(so bool) int {
	if so {
		return 1
	}
	return 0
}

// compareDue puts what is due sooner first, and what is never due last.
func compareDue(a, b Item, now time.Time) int {
	if a.Due.IsZero() || b.Due.IsZero() {
		return cmp.Compare(rank(a.Due.IsZero()), rank(b.Due.IsZero()))
	}
	return a.Due.Compare(b.Due, now.Location())
}

// Next returns the goal to look at now, nil where there is none. What is
// overdue or due today comes before the rest; then what is in progress before
// what is not begun; then what is pinned, what is due sooner, what has more of its criteria
// ticked, what was touched last, and among goals that are not begun the oldest.
// Parked goals wait. Where all others are blocked, it is the one to unblock.
func Next(items []Item, now time.Time) *Choice {
	var free, blocked *Item
	for k := range items {
		i := &items[k]
		switch {
		case !i.Status.Open() || i.parked(now):
		case i.Status == goals.Blocked:
			if blocked == nil || compareBlocked(i, blocked, now) < 0 {
				blocked = i
			}
		case free == nil || comparePriority(i, free, now) < 0:
			free = i
		}
	}
	switch {
	case free != nil:
		return &Choice{Item: *free, Reason: free.reason(now)}
	case blocked != nil:
		return &Choice{Item: *blocked, Reason: blocked.reason(now), Unblock: true}
	}
	return nil
}

func compareBlocked(a, b *Item, now time.Time) int {
	return cmp.Or(compareDue(*a, *b, now), a.blockedSince().Compare(b.blockedSince()), cmp.Compare(a.Number, b.Number))
}

func comparePriority(a, b *Item, now time.Time) int {
	started := func(i *Item) bool { return i.Status == goals.InProgress }
	order := cmp.Or(
		cmp.Compare(rank(b.dueNow(now)), rank(a.dueNow(now))),
		cmp.Compare(rank(started(b)), rank(started(a))),
		cmp.Compare(rank(b.Pinned), rank(a.Pinned)),
		compareDue(*a, *b, now),
		cmp.Compare(b.share(), a.share()),
	)
	if order == 0 && started(a) {
		order = b.Touched.Compare(a.Touched)
	}
	return cmp.Or(order, cmp.Compare(a.Number, b.Number))
}

// share returns how much of the criteria is ticked.
func (i Item) share() float64 {
	if i.Criteria == 0 {
		return 0
	}
	return float64(i.Ticked) / float64(i.Criteria)
}

// blockedSince returns since when the goal is blocked, as far as that is known.
func (i Item) blockedSince() time.Time {
	if i.Blocked.IsZero() {
		return i.Touched
	}
	return i.Blocked
}

// reason says in words why a goal is chosen.
func (i Item) reason(now time.Time) string {
	var why []string
	if i.Status == goals.Blocked {
		why = append(why, "blocked for "+DurationText(now.Sub(i.blockedSince())))
	}
	if !i.Due.IsZero() {
		why = append(why, dueText(i.Due, now))
	}
	if i.Status == goals.InProgress {
		why = append(why, "started")
	}
	if i.Pinned {
		why = append(why, "pinned")
	}
	if i.Ticked > 0 {
		why = append(why, fmt.Sprintf("%d of %d ticked", i.Ticked, i.Criteria))
	}
	if len(why) == 0 {
		return "the oldest that is not started"
	}
	return strings.Join(why, ", ")
}

// dueText says when a goal is due: "due today 17:44", "due in 3 days", "overdue by 2 days".
func dueText(due When, now time.Time) string {
	if due.Overdue(now) {
		return Relative(due, now)
	}
	switch days := due.Day(now.Location()).Sub(DateOf(now)); {
	case days < 2:
		return "due " + Format(due, now)
	case days <= 7:
		return "due in " + daysText(days)
	}
	return "due " + Format(due, now)
}
