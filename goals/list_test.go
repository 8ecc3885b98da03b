package goals

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAddGivesTheNextNumber(t *testing.T) {
	var l List
	for i, text := range []string{"one", "two"} {
		g, err := l.Add(Draft{Description: " " + text + " ", Acceptance: []string{"a\t"}}, fmt.Sprint(text), noon)
		if err != nil || g.Number != int64(i+1) || g.Description != text || g.Status != Pending ||
			!g.Created.Equal(noon) || !g.Updated.Equal(noon) || !slices.Equal(g.Acceptance, []string{"a"}) {
			t.Fatalf("got %+v, %v", g, err)
		}
	}
	if g, err := new(List).Add(Draft{Description: "done before", Done: true}, "done", noon); err != nil || g.Status != Done {
		t.Errorf("one that is done already is %+v, %v", g, err)
	}
	if _, err := l.Add(Draft{Description: "three"}, "one", noon); err == nil {
		t.Error("an id was given twice")
	}
	_, err := l.Add(Draft{}, "three", noon)
	wantRefusal(t, err, Refusal{Kind: NoText})
	if l.Len() != 2 || l.LastNumber() != 2 {
		t.Errorf("a refused goal left something: %d goals, last number %d", l.Len(), l.LastNumber())
	}
}

// Giving the highest number of the list plus one turns this red.
func TestNumbersAndIDsAreNeverGivenAgain(t *testing.T) {
	l := listOf(Goal{Description: "one"}, Goal{Description: "two"})
	two, err := l.Delete(2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Add(Draft{Description: "x"}, two.ID, noon); err == nil {
		t.Error("the id of a deleted goal was given again")
	}
	if g, err := l.Add(Draft{Description: "x"}, "new", noon); err != nil || g.Number != 3 {
		t.Errorf("got %+v, %v; want #3", g, err)
	}
	// A list that is read anew knows what was deleted before.
	l = NewList(9, slices.Clone(l.All())).WithRetired(map[string]Retired{two.ID: {Number: 2, At: noon}})
	if g, err := l.Add(Draft{Description: "y"}, "newer", noon); err != nil || g.Number != 10 {
		t.Errorf("got %+v, %v; want #10", g, err)
	}
	l.Put(two) // as undo does
	if l.Number(2) != two || !slices.IsSortedFunc(l.All(), func(a, b *Goal) int { return cmp.Compare(a.Number, b.Number) }) {
		t.Error("the deleted goal is not back in its place")
	}
	if _, err := l.Delete(2); err != nil {
		t.Fatal(err)
	}
	m := l.Import([]*Goal{{ID: two.ID, Description: "two", Status: Pending, Updated: noon}}, noon)
	if len(m.Added) != 1 || m.Added[0].Number != 2 {
		t.Errorf("a deleted goal came back as %+v", m.Added)
	}
}

func TestDiff(t *testing.T) {
	before := listOf(Goal{Description: "one"}, Goal{Description: "two"}, Goal{Description: "three"})
	after := before.Clone()
	if changes := Diff(before, after); changes != nil {
		t.Errorf("a clone differs: %v", changes)
	}
	added, _ := after.Add(Draft{Description: "four"}, "four", noon)
	deleted, _ := after.Delete(1)
	old := after.Number(3)
	renamed, _ := after.Rename(3, "drei", noon)
	want := []Change{{Before: deleted}, {Before: old, After: renamed}, {After: added}}
	if got := Diff(before, after); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for i, n := range []int64{1, 3, 4} {
		if got := want[i].Number(); got != n {
			t.Errorf("change %d has number %d", i, got)
		}
	}
	if got := After(want); !slices.Equal(got, []*Goal{renamed, added}) {
		t.Errorf("left are %v", texts(got))
	}
	if got := Diff(after, before); len(got) != 3 || got[0].Before != nil || got[2].After != nil {
		t.Errorf("the other way round: %v", got)
	}
}

// A list remembers what changed since an earlier one as long as that is little, and
// finds it in any case.
func TestAListRemembersLittle(t *testing.T) {
	var all []*Goal
	for i := range maxTouched + 2 {
		all = append(all, &Goal{Number: int64(i + 1)})
	}
	for _, c := range []struct {
		steps, touched int // how many times it was copied, and how many goals changed each time
		known          bool
	}{
		{1, 1, true}, {1, maxTouched, true}, {1, maxTouched + 1, false}, {1, maxTouched + 2, false},
		{2, maxTouched / 2, true}, {2, maxTouched/2 + 1, false}, {maxSteps, 1, true}, {maxSteps + 1, 1, false},
	} {
		before := NewList(0, slices.Clone(all))
		after, n := before.Clone(), 0
		for range c.steps {
			after = after.Clone()
			for range c.touched {
				after.Put(&Goal{Number: int64(n%len(all) + 1)})
				n++
			}
		}
		if numbers, known := after.touchedSince(before); known != c.known || known && len(numbers) != n {
			t.Errorf("%d times %d: remembers %d, %v", c.steps, c.touched, len(numbers), known)
		}
		if changes := Diff(before, after); len(changes) != min(n, len(all)) {
			t.Errorf("%d times %d: %d changes", c.steps, c.touched, len(changes))
		}
	}
}

// Nothing that is done to a clone alters the list it was cloned from, neither
// its order nor any goal of it; and Diff tells the two apart exactly.
//
// It goes red when edit changes the goal itself instead of a copy, when a note
// is appended into the shared array, and when Delete writes to the shared map
// of retired ids.
func TestAClonesChangesStayItsOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var original List
		change(t, &original, rapid.IntRange(0, 15).Draw(t, "first steps"))
		was := snapshot(original)
		clone := original.Clone()
		change(t, &clone, rapid.IntRange(1, 15).Draw(t, "steps"))
		sibling := original.Clone()
		wasClone := snapshot(clone)
		change(t, &sibling, rapid.IntRange(1, 15).Draw(t, "steps of another"))
		if now := snapshot(original); now != was {
			t.Fatalf("the original was\n%s\nand is\n%s", was, now)
		}
		if now := snapshot(clone); now != wasClone {
			t.Fatalf("a change of one clone altered the other:\n%s\nand is\n%s", wasClone, now)
		}
		replayed := original.Clone()
		for _, c := range Diff(original, clone) {
			if c.After != nil {
				replayed.Put(c.After)
			} else if _, err := replayed.Delete(c.Number()); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(replayed.All(), clone.All()) {
			t.Fatal("the differences do not lead from one list to the other")
		}
		if original.LastNumber() > clone.LastNumber() {
			t.Fatal("the last number went back")
		}
	})
}

// change does something to a list as many times as steps says.
func change(t *rapid.T, l *List, steps int) {
	for range steps {
		n := rapid.Int64Range(1, max(1, l.LastNumber())).Draw(t, "number")
		text := rapid.SampledFrom([]string{"a", "call mother", "long walk", ""}).Draw(t, "text")
		now := noon.Add(time.Duration(rapid.IntRange(-3, 3).Draw(t, "minutes")) * time.Minute)
		before := l.Number(n)
		var after *Goal
		var err error
		switch rapid.IntRange(0, 13).Draw(t, "what") {
		case 0, 1, 2:
			_, err = l.Add(Draft{Description: text, Acceptance: []string{"x"}}, fmt.Sprintf("g-%d", l.LastNumber()+1), now)
		case 3:
			after, err = l.Finish(n, rapid.Bool().Draw(t, "anyway"), now)
		case 4:
			after, err = l.Begin(n, now)
		case 5:
			after, err = l.Block(n, text, now)
		case 6:
			after, err = l.Abandon(n, text, now)
		case 7:
			after, err = l.Reopen(n, now)
		case 8:
			after, err = l.Rename(n, text, now)
		case 9, 12, 13:
			after, err = l.AddNote(n, text, now)
		case 10:
			_, err = l.Delete(n)
		case 11:
			theirs := []*Goal{{ID: fmt.Sprintf("g-%d", n), Description: text, Status: InProgress, Updated: now, Notes: []string{"theirs"},
				Sessions: sessions(Running, Verified)}}
			l.Merge(theirs, Base{}, now)
			if theirs[0].Number != 0 {
				t.Fatal("a merge altered what it was given")
			}
		}
		if after != nil && (err != nil || !after.Updated.After(before.Updated) || after == before) {
			t.Fatalf("%+v became %+v, %v", before, after, err)
		}
	}
}

// snapshot is all that a list says, written down.
func snapshot(l List) string {
	var b strings.Builder
	fmt.Fprintln(&b, l.LastNumber(), l.retired)
	for _, g := range l.All() {
		fmt.Fprintf(&b, "%p %+v\n", g, *g)
	}
	return b.String()
}

// Many changes at once copy the retired ids once, and show in no other list.
// Leaving out that copy turns this red.
func TestTogetherChangesNoOtherList(t *testing.T) {
	list := NewList(0, []*Goal{{Number: 1, ID: "g-1"}, {Number: 2, ID: "g-2"}, {Number: 3, ID: "g-3"}}).WithRetired(map[string]Retired{"g-9": {Number: 9}})
	other := list.Clone()
	list.Batch(func() {
		for n := range int64(2) {
			if _, err := list.Delete(n + 1); err != nil {
				t.Error(err)
			}
		}
		list.Put(&Goal{Number: 9, ID: "g-9"})
	})
	if want := map[string]Retired{"g-9": {Number: 9}}; !maps.Equal(other.retired, want) {
		t.Errorf("the other list has retired %v", other.retired)
	}
	later := list.Clone()
	if _, err := later.Delete(3); err != nil {
		t.Error(err)
	}
	back := list.Clone()
	back.Put(&Goal{Number: 1, ID: "g-1"}) // as the undo of its deletion does
	if want := map[string]Retired{"g-1": {Number: 1}, "g-2": {Number: 2}}; !maps.Equal(list.retired, want) {
		t.Errorf("retired are %v, want %v", list.retired, want)
	}
}

// A clone and the list that it was made of never show what is done to the other, and
// what differs is found whether or not they were changed one after the other.
func TestClonesAreApart(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		said := map[int]map[int64]string{} // by list
		var lists []*List
		list := &List{}
		for i := range 5 {
			list.Put(&Goal{Number: int64(i + 1), ID: fmt.Sprint("g-", i+1), Description: "first"})
		}
		say := func(l List) map[int64]string {
			m := map[int64]string{}
			for _, g := range l.All() {
				m[g.Number] = g.Description
			}
			return m
		}
		lists, said[0] = append(lists, list), say(*list)
		for step := range 40 {
			i := random.IntN(len(lists))
			if random.IntN(3) == 0 {
				clone := lists[i].Clone()
				said[len(lists)] = say(clone)
				lists = append(lists, &clone)
				continue
			}
			l, n := lists[i], int64(1+random.IntN(8))
			if random.IntN(4) == 0 {
				_, _ = l.Delete(n)
				delete(said[i], n)
			} else if text := fmt.Sprint("step ", step); l.Number(n) == nil || random.IntN(2) == 0 {
				l.Put(&Goal{Number: n, ID: fmt.Sprint("g-", n), Description: text})
				said[i][n] = text
			} else {
				_, _ = l.Rename(n, text, time.Unix(int64(step), 0))
				said[i][n] = text
			}
		}
		for i, l := range lists {
			if got := say(*l); !maps.Equal(got, said[i]) {
				t.Fatalf("list %d says %v, want %v", i, got, said[i])
			}
			for j, o := range lists {
				now := maps.Clone(said[j])
				last := int64(0)
				for _, c := range Diff(*o, *l) {
					if c.Number() <= last || c.Before != o.Number(c.Number()) || c.After != l.Number(c.Number()) || c.Before == c.After {
						t.Fatalf("a change of #%d from %v to %v, after #%d", c.Number(), c.Before, c.After, last)
					}
					if last = c.Number(); c.After == nil {
						delete(now, last)
					} else {
						now[last] = c.After.Description
					}
				}
				if !maps.Equal(now, said[i]) {
					t.Fatalf("from list %d, %v, to list %d, %v, the changes lead to %v", j, said[j], i, said[i], now)
				}
			}
		}
	}
}

// To clone a list, and to compare it with one that was changed from it, takes no
// memory or time that grows with the list. Red where Clone copies.
func TestCloningCostsNothing(t *testing.T) {
	var all []*Goal
	for i := range 10_000 {
		all = append(all, &Goal{Number: int64(i + 1), ID: fmt.Sprint("g-", i)})
	}
	list := NewList(0, all)
	changed := list.Clone()
	changed.Put(&Goal{Number: 7, ID: "g-6", Description: "another"})
	if n := testing.AllocsPerRun(10, func() {
		clone := list.Clone()
		if len(Diff(list, clone)) != 0 || len(Diff(list, changed)) != 1 {
			t.Error("other changes")
		}
	}); n > 5 {
		t.Errorf("%v allocations", n)
	}
}

// A list is in the order of the numbers, in whatever order it is made of.
func TestAListIsInOrder(t *testing.T) {
	l := NewList(0, []*Goal{{Number: 3, ID: "c"}, {Number: 1, ID: "a"}, {Number: 2, ID: "b"}})
	for i, g := range l.All() {
		if g.Number != int64(i+1) || l.Number(g.Number) != g {
			t.Errorf("at %d stands #%d", i, g.Number)
		}
	}
	if n := l.LastNumber(); n != 3 {
		t.Errorf("the last number is %d", n)
	}
}

// When a goal was deleted is noted in one list, and not in those it was made of: the
// change may fail, and the goal may come back until then.
func TestATimeOfDeletionShowsInNoOtherList(t *testing.T) {
	before := NewList(1, nil).WithRetired(map[string]Retired{"a": {Number: 1}})
	after := before.Clone()
	after.DeletedAt("a", noon)
	if !before.retired["a"].At.IsZero() || !after.retired["a"].At.Equal(noon) {
		t.Errorf("it was deleted at %v, and at %v", before.retired["a"].At, after.retired["a"].At)
	}
}
