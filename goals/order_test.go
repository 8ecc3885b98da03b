package goals

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// shown are the numbers of a list in its order.
func (l List) shown() (numbers []int64) {
	all := slices.Clone(l.All())
	slices.SortFunc(all, CompareOrder)
	for _, g := range all {
		numbers = append(numbers, g.Number)
	}
	return numbers
}

func TestMoving(t *testing.T) {
	var l List
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for i := range 5 {
		if _, err := l.Add(Draft{Description: fmt.Sprint("goal ", i+1)}, fmt.Sprint("g-", i), now); err != nil {
			t.Fatal(err)
		}
	}
	top := func(int) int { return 0 }
	up, down := func(at int) int { return at - 1 }, func(at int) int { return at + 1 }
	later := l.Clone()
	if _, err := later.Move(1, func(int) int { return 4 }, now); err != nil {
		t.Fatal(err)
	}
	if _, err := later.Add(Draft{Description: "goal 6"}, "g-6", now); err != nil || fmt.Sprint(later.shown()) != "[2 3 4 5 1 6]" {
		t.Errorf("a new goal after one that was moved to the end: %v, %v", later.shown(), err)
	}
	for _, step := range []struct {
		n    int64
		to   func(int) int
		want string
	}{{4, top, "[4 1 2 3 5]"}, {3, up, "[4 1 3 2 5]"}, {3, up, "[4 3 1 2 5]"}, {5, up, "[4 3 1 5 2]"}, {4, down, "[3 4 1 5 2]"}, {3, down, "[4 3 1 5 2]"}, {5, down, "[4 3 1 2 5]"}} {
		before := l.Clone()
		if _, err := l.Move(step.n, step.to, now); err != nil || fmt.Sprint(l.shown()) != step.want {
			t.Fatalf("moving #%d: %v, %v, want %s", step.n, l.shown(), err, step.want)
		}
		if changes := Diff(before, l); len(changes) != 1 {
			t.Errorf("moving #%d changed %d goals", step.n, len(changes))
		}
	}
	for _, refused := range []struct {
		n    int64
		to   func(int) int
		want RefusalKind
	}{{4, up, FirstAlready}, {4, top, FirstAlready}, {5, down, LastAlready}, {9, up, NoGoal}} {
		_, err := l.Move(refused.n, refused.to, now)
		wantKind(t, err, refused.want)
	}
	// What is going on stands before what is not, wherever that was moved, and a pin
	// before both.
	if _, err := l.Begin(2, now); err != nil || fmt.Sprint(l.shown()) != "[2 4 3 1 5]" {
		t.Errorf("begun: %v, %v", l.shown(), err)
	}
	for i, n := range []int64{5, 1, 3} {
		if _, err := l.SetPinned(n, true, now); err != nil {
			t.Fatalf("pin %d: %v", i, err)
		}
	}
	if fmt.Sprint(l.shown()) != "[3 1 5 2 4]" {
		t.Errorf("pinned: %v", l.shown())
	}
	for _, refused := range []struct {
		n    int64
		pin  bool
		want RefusalKind
	}{{4, true, ManyPinned}, {5, true, PinnedAlready}, {4, false, NotPinned}, {9, true, NoGoal}, {9, false, NoGoal}} {
		_, err := l.SetPinned(refused.n, refused.pin, now)
		wantKind(t, err, refused.want)
	}
	for n, want := range map[int64][]int64{1: {3, 1, 5}, 2: {2}, 4: {4}} {
		if got := (NewList(0, l.Neighbours(l.Number(n)))).shown(); !slices.Equal(got, want) {
			t.Errorf("#%d can be moved among %v, want %v", n, got, want)
		}
	}
	for to, want := range map[int]RefusalKind{-1: FirstAlready, 1: LastAlready} { // it stands alone
		_, err := l.Move(4, func(at int) int { return at + to }, now)
		wantKind(t, err, want)
	}
	if _, err := l.Finish(5, false, now); err != nil {
		t.Fatal(err)
	}
	if got := l.Neighbours(l.Number(1)); len(got) != 2 {
		t.Errorf("#1 can be moved among %v", texts(got))
	}
	if _, err := l.SetPinned(4, true, now); err != nil { // a goal that is done takes no place
		t.Error(err)
	}
}

// However often goals are moved, each stands where it was put and the others keep
// their order. Red where ranks are halved without making room.
func TestMovingForEver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l List
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		n := rapid.IntRange(2, 6).Draw(t, "goals")
		var want []int64
		for i := range n {
			g, err := l.Add(Draft{Description: fmt.Sprint("goal ", i+1)}, fmt.Sprint("g-", i), now)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, g.Number)
		}
		for range rapid.IntRange(1, 300).Draw(t, "moves") {
			number := rapid.SampledFrom(want).Draw(t, "goal")
			at := slices.Index(want, number)
			to := rapid.IntRange(0, n-1).Draw(t, "place")
			_, err := l.Move(number, func(int) int { return to }, now)
			if (err != nil) != (to == at) {
				t.Fatalf("moving #%d from %d to %d: %v", number, at, to, err)
			}
			want = slices.Insert(slices.Delete(want, at, at+1), to, number)
			if got := l.shown(); !slices.Equal(got, want) {
				t.Fatalf("%v, want %v", got, want)
			}
		}
	})
}

// Two goals that go by one another between others need new ranks at some time, and the
// others stay where they were put.
func TestMovingMakesRoom(t *testing.T) {
	var l List
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for i := range 4 {
		if _, err := l.Add(Draft{Description: fmt.Sprint("goal ", i+1)}, fmt.Sprint("g-", i), now); err != nil {
			t.Fatal(err)
		}
	}
	move := func(n int64, to func(at int) int, want string) {
		t.Helper()
		if _, err := l.Move(n, to, now); err != nil || fmt.Sprint(l.shown()) != want {
			t.Fatalf("moving #%d: %v, %v, want %s", n, l.shown(), err, want)
		}
	}
	up := func(at int) int { return at - 1 }
	move(4, func(int) int { return 0 }, "[4 1 2 3]")
	move(1, func(int) int { return 3 }, "[4 2 3 1]")
	for range 100 {
		move(3, up, "[4 3 2 1]")
		move(2, up, "[4 2 3 1]")
	}
}

func TestRoomForARank(t *testing.T) {
	for _, c := range []struct{ before, after, want int64 }{
		{5, 9, 7}, {5, 7, 6}, {5, 6, 0}, {5, 5, 0}, {-9, -5, -7},
		{-1, 1, 0}, {-1, 2, 1}, {-2, 1, -1}, {-2, 2, 1}, // 0 stands for no rank
	} {
		rank, ok := rankAt([]*Goal{{plan: &Plan{Rank: c.before}}, {plan: &Plan{Rank: c.after}}}, 1)
		if rank != c.want || ok != (c.want != 0) {
			t.Errorf("between %d and %d: %d, %v", c.before, c.after, rank, ok)
		}
	}
}

// Goals that are put together by their states first come out in the same order.
func TestSortFoundSortsByCompareOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var found []Found
		for i := range random.IntN(60) {
			g := &Goal{Number: int64(i + 1), Status: append(Statuses, "unknown")[random.IntN(6)]}
			g.SetPlan(Plan{Pinned: random.IntN(5) == 0, Rank: []int64{0, 0, 0, int64(random.IntN(1000))}[random.IntN(4)]})
			found = append(found, Found{Goal: g})
		}
		want := slices.Clone(found)
		slices.SortFunc(want, func(a, b Found) int { return CompareOrder(a.Goal, b.Goal) })
		if SortFound(found); !slices.Equal(found, want) {
			t.Fatalf("%v, want %v", found, want)
		}
	}
}

// pinnedNow are the numbers of the goals that are pinned.
func (l List) pinnedNow() (numbers []int64) {
	for _, g := range l.All() {
		if g.IsPinned() {
			numbers = append(numbers, g.Number)
		}
	}
	return numbers
}

// A goal that was done when another one took its pin made four when it was opened again,
// in whichever way. Broken on purpose: no limit for one goal, for a batch, and the next of a
// repeat added before the one before it lets its pin go.
func TestNoMoreThanThreePins(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	start := func() (l List) {
		for i := range 5 {
			must(l.Add(Draft{Description: fmt.Sprint("goal ", i+1)}, fmt.Sprint("g-", i), now))
		}
		for n := range int64(3) {
			must(l.SetPinned(n+1, true, now))
		}
		return l
	}
	doneThen := func(n int64) (l List, done Edit) { // #1 is done and #n takes its place
		l = start()
		before := l.Clone()
		must(l.Finish(1, false, now))
		done = EditOf(Diff(before, l)[0])
		must(l.SetPinned(n, true, now))
		return l, done
	}
	reopened := func(l List) *Goal {
		g := *l.Number(1)
		g.Status, g.Updated = Pending, now.Add(time.Hour)
		return &g
	}
	for name, test := range map[string]struct {
		do   func() List
		want string
	}{
		"reopened": {func() List {
			l, _ := doneThen(4)
			g, err := l.Reopen(1, now)
			if must(g, err); g.Plan().Pinned {
				t.Error("what is returned has the pin")
			}
			return l
		}, "[2 3 4]"},
		"reopened when there is room": {func() List {
			l, _ := doneThen(4)
			must(l.SetPinned(2, false, now))
			must(l.Reopen(1, now))
			return l
		}, "[1 3 4]"},
		"undone": {func() List {
			l, done := doneThen(4)
			l.Revert(done, nil, now)
			return l
		}, "[2 3 4]"},
		"undone in a batch": {func() List {
			l, done := doneThen(4)
			l.Batch(func() { l.Revert(done, nil, now) })
			return l
		}, "[2 3 4]"},
		"undone in a batch that changes others": {func() List {
			l, done := doneThen(4)
			l.Batch(func() {
				l.Revert(done, nil, now)
				must(l.Rename(4, "still pinned", now))
				must(l.Rename(5, "never pinned", now))
			})
			return l
		}, "[2 3 4]"},
		"deleted and brought back": {func() List {
			l := start()
			before := l.Clone()
			must(l.Delete(1))
			deleted := EditOf(Diff(before, l)[0])
			must(l.SetPinned(4, true, now))
			l.Revert(deleted, before.Number(1), now)
			return l
		}, "[2 3 4]"},
		"written by another program": {func() List {
			l, _ := doneThen(4)
			l.Merge([]*Goal{reopened(l)}, Base{}, now)
			return l
		}, "[2 3 4]"},
		"imported": {func() List {
			l, _ := doneThen(4)
			more := *l.Number(5)
			more.ChangePlan(func(p *Plan) { p.Pinned = true })
			more.Updated = now.Add(time.Hour)
			l.Import([]*Goal{reopened(l), &more}, now)
			return l
		}, "[2 3 4]"},
		"imported where one has room": {func() List {
			l := start()
			must(l.SetPinned(3, false, now))
			var more []*Goal
			for _, n := range []int64{4, 5} {
				g := *l.Number(n)
				g.ChangePlan(func(p *Plan) { p.Pinned = true })
				g.Updated = now.Add(time.Hour)
				more = append(more, &g)
			}
			l.Import(more, now)
			return l
		}, "[1 2 4]"},
		"imported as a new one": {func() List {
			l := start()
			l.Import([]*Goal{{ID: "new", Status: Pending, Updated: now, plan: &Plan{Pinned: true}}}, now)
			return l
		}, "[1 2 3]"},
		"imported where four have been from before there was a limit": {func() List {
			var old []Goal
			for range 4 {
				old = append(old, Goal{plan: &Plan{Pinned: true}})
			}
			l := listOf(old...)
			l.Import([]*Goal{{ID: "new", Status: Pending, Updated: now, plan: &Plan{Pinned: true}}}, now)
			return l
		}, "[1 2 3 4]"},
		"imported with others in its place": {func() List {
			l, _ := doneThen(4)
			less := *l.Number(4)
			less.ChangePlan(func(p *Plan) { p.Pinned = false })
			less.Updated = now.Add(time.Hour)
			l.Import([]*Goal{reopened(l), &less}, now)
			return l
		}, "[1 2 3]"},
		"the next of one that repeats": {func() List {
			l, _ := doneThen(4)
			must(l.Again(l.Number(1), "next", "2026-03-02", now))
			return l
		}, "[2 3 4]"},
		"the next of one that repeats, which is open": {func() List {
			l := start()
			must(l.Again(l.Number(1), "next", "2026-03-02", now))
			return l
		}, "[2 3 6]"},
		"the next of one that repeats, undone": {func() List {
			l := start()
			before := l.Clone()
			must(l.Finish(1, false, now))
			must(l.Again(l.Number(1), "next", "2026-03-02", now))
			changes := Diff(before, l)
			l.Batch(func() {
				for _, c := range changes {
					l.Revert(EditOf(c), c.Before, now)
				}
			})
			return l
		}, "[1 2 3]"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := fmt.Sprint(test.do().pinnedNow()); got != test.want {
				t.Errorf("pinned are %s, want %s", got, test.want)
			}
		})
	}
}
