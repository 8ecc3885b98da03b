package goals

import (
	"cmp"
	"slices"
	"time"
)

// MaxPinned is how many open goals may be pinned.
const MaxPinned = 3

// rankStep lies between the ranks of goals that nobody moved, so that there is room
// for many moves between two.
const rankStep = 1 << 32

// rank is the place of a goal among those of its state.
func (g *Goal) rank() int64 {
	if g.plan != nil && g.plan.Rank != 0 {
		return g.plan.Rank
	}
	return g.Number * rankStep
}

// IsPinned reports whether a goal stands before all others of the list, which only an
// open one does.
func (g *Goal) IsPinned() bool { return g.plan != nil && g.plan.Pinned && g.Status.Open() }

// stateOrder is the order of the states in a list: what is going on first.
var stateOrder = [...]Status{InProgress, Blocked, Pending, Done, Abandoned}

// CompareOrder puts goals into the order in which a list shows them: those that are
// pinned, then by their state, then as somebody moved them or by their numbers.
func CompareOrder(a, b *Goal) int {
	if a.IsPinned() != b.IsPinned() {
		if a.IsPinned() {
			return -1
		}
		return 1
	}
	if !a.IsPinned() && a.Status != b.Status {
		return cmp.Compare(slices.Index(stateOrder[:], a.Status), slices.Index(stateOrder[:], b.Status))
	}
	return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.Number, b.Number))
}

// SortFound puts goals that are in the order of their numbers into that of
// [CompareOrder]. Grouping by state leaves only those that somebody moved out of
// place.
func SortFound(found []Found) {
	place := func(g *Goal) int {
		if g.IsPinned() {
			return 0
		}
		return 2 + slices.Index(stateOrder[:], g.Status) // -1 for one that is not known
	}
	var next [3 + len(stateOrder)]int // where the next one of each place goes
	for _, f := range found {
		next[place(f.Goal)+1]++
	}
	for i := range len(next) - 1 {
		next[i+1] += next[i]
	}
	sorted := make([]Found, len(found))
	for _, f := range found {
		p := place(f.Goal)
		sorted[next[p]] = f
		next[p]++
	}
	slices.SortFunc(sorted, func(a, b Found) int { return CompareOrder(a.Goal, b.Goal) })
	copy(found, sorted)
}

// Neighbours are the open goals among which a goal can be moved, in their order, itself
// included: all that are pinned, or all of its state that are not.
func (l List) Neighbours(g *Goal) (all []*Goal) {
	for _, other := range l.goals {
		if other.Status.Open() && other.IsPinned() == g.IsPinned() && (g.IsPinned() || other.Status == g.Status) {
			all = append(all, other)
		}
	}
	slices.SortFunc(all, CompareOrder)
	return all
}

// Move puts an open goal to another place among its neighbours, which are counted from
// 0; a place before the first is the first, one behind the last the last.
func (l *List) Move(n int64, to func(at int) int, now time.Time) (*Goal, error) {
	g := l.Number(n)
	if g == nil {
		return nil, Refusal{Kind: NoGoal, Goal: n}
	}
	if !g.Status.Open() {
		return nil, g.closed()
	}
	all := l.Neighbours(g)
	at := slices.Index(all, g)
	place := min(max(to(at), 0), len(all)-1)
	if place == at {
		kind := FirstAlready
		if at > 0 || to(at) > at {
			kind = LastAlready
		}
		return nil, Refusal{Kind: kind, Goal: n, Has: len(all)}
	}
	others := slices.Delete(slices.Clone(all), at, at+1)
	rank, ok := rankAt(others, place)
	if !ok {
		for i, other := range others { // room is made once in many moves
			l.NotePlan(other.Number, func(p *Plan) { p.Rank = int64(i+1) * rankStep })
			others[i] = l.Number(other.Number)
		}
		rank, _ = rankAt(others, place)
	}
	return l.SetPlan(n, now, func(p *Plan) error { p.Rank = rank; return nil })
}

// rankAt is a rank for a goal that shall stand at a place among others; it is not 0,
// which stands for none. ok is false where there is no room.
func rankAt(others []*Goal, place int) (rank int64, ok bool) {
	switch place {
	case 0:
		return cmp.Or(others[0].rank()-rankStep, 1), true
	case len(others):
		return cmp.Or(others[place-1].rank()+rankStep/2, 1), true
	}
	before, after := others[place-1].rank(), others[place].rank()
	for _, rank := range []int64{before + (after-before)/2, 1} {
		if rank != 0 && before < rank && rank < after {
			return rank, true
		}
	}
	return 0, false
}

// SetPinned pins an open goal, or takes the pin off.
func (l *List) SetPinned(n int64, pinned bool, now time.Time) (*Goal, error) {
	g := l.Number(n)
	if g != nil && g.Status.Open() && g.Plan().Pinned == pinned {
		kind := NotPinned
		if pinned {
			kind = PinnedAlready
		}
		return nil, Refusal{Kind: kind, Goal: n}
	}
	if g != nil && pinned {
		if has := l.pins(); has >= MaxPinned {
			return nil, Refusal{Kind: ManyPinned, Goal: n, Has: has, Limit: MaxPinned}
		}
	}
	return l.SetPlan(n, now, func(p *Plan) error { p.Pinned = pinned; return nil })
}

// pins is how many goals are pinned.
func (l List) pins() (n int) {
	for _, g := range l.goals {
		if g.IsPinned() {
			n++
		}
	}
	return n
}

// withinPins is the goal as it may take the place of the one before, which is nil for a
// new goal: a closed one that had a pin may be opened again when others have taken all
// pins, and then it has none. A batch is limited at its end.
func (l List) withinPins(before, g *Goal) *Goal {
	if l.ownIDs || !g.IsPinned() || before != nil && before.IsPinned() || l.pins() < MaxPinned {
		return g
	}
	without := *g
	without.ChangePlan(func(p *Plan) { p.Pinned = false })
	return &without
}

// limitPins takes the pins off goals that have been pinned since the list before, the
// last ones first, until no more are pinned than may be.
func (l *List) limitPins(before List) {
	var fresh []int64
	for _, c := range Diff(before, *l) {
		if c.After != nil && c.After.IsPinned() && (c.Before == nil || !c.Before.IsPinned()) {
			fresh = append(fresh, c.Number())
		}
	}
	if len(fresh) == 0 {
		return
	}
	for more := l.pins() - MaxPinned; more > 0 && len(fresh) > 0; more-- {
		l.NotePlan(fresh[len(fresh)-1], func(p *Plan) { p.Pinned = false })
		fresh = fresh[:len(fresh)-1]
	}
}
