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
	for _, step := range []struct {
		n    int64
		to   func(int) int
		want string
	}{{4, top, "[4 1 2 3 5]"}, {3, up, "[4 1 3 2 5]"}, {3, up, "[4 3 1 2 5]"}, {5, up, "[4 3 1 5 2]"}, {4, down, "[3 4 1 5 2]"}, {3, down, "[4 3 1 5 2]"}, {5, down, "[4 3 1 2 5]"}} {
		if _, err := l.Move(step.n, step.to, now); err != nil || fmt.Sprint(l.shown()) != step.want {
			t.Fatalf("moving #%d: %v, %v, want %s", step.n, l.shown(), err, step.want)
		}
	}
	for kind, move := range map[RefusalKind]func() (*Goal, error){
		FirstAlready: func() (*Goal, error) { return l.Move(4, up, now) },
		LastAlready:  func() (*Goal, error) { return l.Move(5, down, now) },
		NoGoal:       func() (*Goal, error) { return l.Move(9, up, now) },
	} {
		if _, err := move(); err == nil || err.(Refusal).Kind != kind {
			t.Errorf("%v, want the kind %d", err, kind)
		}
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
	if _, err := l.SetPinned(4, true, now); err == nil || err.(Refusal).Kind != ManyPinned {
		t.Errorf("a fourth pin: %v", err)
	}
	if _, err := l.Finish(5, false, now); err != nil {
		t.Fatal(err)
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

// Two goals that go by one another between others need new ranks at some time.
func TestMovingMakesRoom(t *testing.T) {
	var l List
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for i := range 4 {
		if _, err := l.Add(Draft{Description: fmt.Sprint("goal ", i+1)}, fmt.Sprint("g-", i), now); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 200 {
		n, want := int64(3), "[1 3 2 4]"
		if i%2 == 1 {
			n, want = 2, "[1 2 3 4]"
		}
		if _, err := l.Move(n, func(at int) int { return at - 1 }, now); err != nil || fmt.Sprint(l.shown()) != want {
			t.Fatalf("move %d: %v, %v, want %s", i, l.shown(), err, want)
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
			g.Plan.Pinned, g.Plan.Rank = random.IntN(5) == 0, []int64{0, 0, 0, int64(random.IntN(1000))}[random.IntN(4)]
			found = append(found, Found{Goal: g})
		}
		want := slices.Clone(found)
		slices.SortFunc(want, func(a, b Found) int { return CompareOrder(a.Goal, b.Goal) })
		if SortFound(found); !slices.Equal(found, want) {
			t.Fatalf("%v, want %v", found, want)
		}
	}
}
