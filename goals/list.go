package goals

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// MaxGoals is how many goals a list holds at most.
const MaxGoals = 100_000

// List is a list of goals in the order of their numbers. The zero List is
// empty. [List.Clone] copies nothing: the slice of the goals is copied when a list
// is first changed, and the goals themselves are shared and never altered in place.
// So a changed list can be compared with the one before it by comparing pointers;
// [Diff] does that.
type List struct {
	goals   []*Goal            // shared, so written to only where it is owned
	own     bool               // goals is this list's own
	array   *array             // tells goals from the slices of other lists
	steps   []step             // the last copies that led to goals, the newest last
	next    int64              // the highest number ever given
	retired map[string]Retired // deleted goals by id; shared, so written to only where it is owned
	ownIDs  bool               // retired is this list's own, while f of Batch runs
}

// array is the identity of a slice of goals, which it does not keep in memory.
type array struct{ _ byte }

// step is a copy of a slice of goals, which was changed then.
type step struct {
	of      *array
	touched []int64 // the numbers of the goals that were put or deleted
}

// maxSteps and maxTouched are how much a list remembers at most of how it came about.
// To compare all goals takes about as long as to look up some thousands.
const (
	maxSteps   = 256
	maxTouched = 1000
)

// Retired is what a list knows of a goal that was deleted.
type Retired struct {
	Number int64
	// At is when it was deleted. It is never before the last update of the goal,
	// whoever's clock that was by, and zero until the deletion is committed.
	At time.Time
}

// NewList takes goals that have numbers. next is the highest number ever
// given, which may belong to a goal that is gone.
func NewList(next int64, goals []*Goal) List {
	slices.SortStableFunc(goals, func(a, b *Goal) int { return cmp.Compare(a.Number, b.Number) })
	if n := len(goals); n > 0 {
		next = max(next, goals[n-1].Number)
	}
	return List{goals: goals, array: new(array), next: next}
}

// WithRetired returns the list with the goals that were deleted, by id, so that
// neither an id nor a number is given to another goal.
func (l List) WithRetired(deleted map[string]Retired) List {
	l.retired = deleted
	return l
}

// DeletedAt notes when a goal was deleted. It does nothing for one that was not.
func (l *List) DeletedAt(id string, at time.Time) {
	if r, ok := l.retired[id]; ok {
		l.ownRetired()
		r.At = at
		l.retired[id] = r
	}
}

// Clone returns a list that can be changed without changing l, and the other way
// round. Clones of a list that nobody changes meanwhile may be made at the same time.
func (l *List) Clone() List {
	if l.own {
		l.own = false
	}
	return *l
}

// touch makes the slice of the goals this list's own, and notes that the goal with
// that number is about to change there.
func (l *List) touch(number int64) {
	if !l.own {
		l.goals = append(make([]*Goal, 0, len(l.goals)+1), l.goals...)
		before := l.steps[max(0, len(l.steps)-maxSteps+1):]
		l.steps = append(slices.Clip(before), step{of: l.array})
		l.array, l.own = new(array), true
	}
	if n := len(l.steps); n > 0 {
		last := &l.steps[n-1]
		if last.touched = append(last.touched, number); len(last.touched) > maxTouched {
			l.steps = nil
		}
	}
}

// touchedSince returns the numbers of the goals that may differ from another list that
// this one was made of, sorted.
func (l List) touchedSince(o List) (numbers []int64, known bool) {
	for _, s := range slices.Backward(l.steps) {
		if numbers = append(numbers, s.touched...); len(numbers) > maxTouched {
			return nil, false
		}
		if s.of == o.array {
			slices.Sort(numbers)
			return slices.Compact(numbers), true
		}
	}
	return nil, false
}

// replace puts a goal in the place of the one at index i.
func (l *List) replace(i int, g *Goal) {
	g = l.withinPins(l.goals[i], g)
	l.touch(g.Number)
	l.goals[i] = g
}

// shares reports whether two slices are the same.
func shares(a, b []*Goal) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// Batch makes many changes about as fast as one, and as one: only in the end no more
// goals are pinned than may be. The list must not be copied while f runs.
func (l *List) Batch(f func()) {
	before := l.Clone()
	l.ownRetired()
	l.ownIDs = true
	defer func() {
		l.ownIDs = false
		l.limitPins(before)
	}()
	f()
}

// ownRetired makes sure that what is written to the retired ids shows in no other list.
func (l *List) ownRetired() {
	if l.ownIDs {
		return
	}
	if l.retired = maps.Clone(l.retired); l.retired == nil {
		l.retired = map[string]Retired{}
	}
}

// All returns the goals in the order of their numbers, to read only.
func (l List) All() []*Goal { return l.goals }

// Len is the number of goals.
func (l List) Len() int { return len(l.goals) }

// LastNumber is the highest number ever given to a goal.
func (l List) LastNumber() int64 { return l.next }

// Number returns the goal with that number, or nil.
func (l List) Number(n int64) *Goal {
	if i, ok := l.index(n); ok {
		return l.goals[i]
	}
	return nil
}

// ID returns the goal with exactly that id, or nil.
func (l List) ID(id string) *Goal {
	for _, g := range l.goals {
		if g.ID == id {
			return g
		}
	}
	return nil
}

func (l List) index(n int64) (int, bool) {
	return slices.BinarySearchFunc(l.goals, n, func(g *Goal, n int64) int { return cmp.Compare(g.Number, n) })
}

// Draft is what a person says of a goal that does not exist yet.
type Draft struct {
	Description string
	Acceptance  []string
	Done        bool // it begins as one that is done
}

// Add puts a new goal at the end of the list, under the next number.
// The id must be new; it is the caller's to make up, since that takes chance.
func (l *List) Add(d Draft, id string, now time.Time) (*Goal, error) {
	if err := l.takes(id); err != nil {
		return nil, err
	}
	g := &Goal{ID: id, Status: Pending, Created: now, Updated: now}
	if d.Done {
		g.Status = Done
	}
	if err := g.fill(d); err != nil {
		return nil, err
	}
	return l.adopt(g), nil
}

// takes reports why one more goal with that id has no place in the list.
func (l *List) takes(id string) error {
	switch {
	case len(l.goals) >= MaxGoals:
		return Refusal{Kind: FullList, Has: len(l.goals), Limit: MaxGoals}
	case l.used(id):
		return fmt.Errorf("add goal: id %q is taken", id)
	}
	return nil
}

// used reports whether a goal has that id, or had it and was deleted.
func (l *List) used(id string) bool {
	_, retired := l.retired[id]
	return retired || l.ID(id) != nil
}

// UnusedID returns the first of the ids from next that no goal has or ever had.
// It gives up after 100: then next makes the same few again and again.
func (l *List) UnusedID(next func() string) (string, error) {
	for range 100 {
		if id := next(); !l.used(id) {
			return id, nil
		}
	}
	return "", errors.New("add goal: 100 new ids in a row are taken")
}

// adopt gives a goal its number: the next one or, where its id was deleted
// before, the one it had.
func (l *List) adopt(g *Goal) *Goal {
	adopted := *g
	adopted.Number = l.retired[g.ID].Number
	if adopted.Number == 0 {
		adopted.Number = l.next + 1
	}
	l.Put(&adopted)
	return l.Number(adopted.Number)
}

// Put stores a goal under the number it has, in place of the one that has
// that number now, if any. One that is pinned beyond [MaxPinned] loses its pin.
func (l *List) Put(g *Goal) {
	i, found := l.index(g.Number)
	if found {
		l.replace(i, g)
	} else {
		g = l.withinPins(nil, g)
		l.touch(g.Number)
		l.goals = slices.Insert(l.goals, i, g)
		if _, ok := l.retired[g.ID]; ok {
			l.ownRetired()
			delete(l.retired, g.ID)
		}
	}
	l.next = max(l.next, g.Number)
}

// Delete removes a goal. Its number is not given again.
func (l *List) Delete(n int64) (*Goal, error) {
	i, ok := l.index(n)
	if !ok {
		return nil, Refusal{Kind: NoGoal, Goal: n}
	}
	g := l.goals[i]
	l.touch(n)
	l.goals = slices.Delete(l.goals, i, i+1)
	l.ownRetired()
	l.retired[g.ID] = Retired{Number: g.Number}
	return g, nil
}

// Change is what one transaction did to one goal: Before is nil for a new
// goal, After for a deleted one.
type Change struct{ Before, After *Goal }

// Number is the number of the goal that changed.
func (c Change) Number() int64 {
	if c.After != nil {
		return c.After.Number
	}
	return c.Before.Number
}

// After returns the goals as the changes left them, without those that were deleted.
func After(changes []Change) []*Goal {
	var all []*Goal
	for _, c := range changes {
		if c.After != nil {
			all = append(all, c.After)
		}
	}
	return all
}

// Diff lists what changed between two lists, in the order of the numbers.
// It compares pointers, so it is meant for a list and its changed clone.
func Diff(before, after List) (changes []Change) {
	b, a := before.goals, after.goals
	if shares(b, a) {
		return nil
	}
	if numbers, known := after.touchedSince(before); known {
		for _, n := range numbers {
			if was, is := before.Number(n), after.Number(n); was != is {
				changes = append(changes, Change{was, is})
			}
		}
		return changes
	}
	for len(b) > 0 || len(a) > 0 {
		switch {
		case len(a) == 0 || len(b) > 0 && b[0].Number < a[0].Number:
			changes = append(changes, Change{Before: b[0]})
			b = b[1:]
		case len(b) == 0 || a[0].Number < b[0].Number:
			changes = append(changes, Change{After: a[0]})
			a = a[1:]
		default:
			if b[0] != a[0] {
				changes = append(changes, Change{Before: b[0], After: a[0]})
			}
			b, a = b[1:], a[1:]
		}
	}
	return changes
}
