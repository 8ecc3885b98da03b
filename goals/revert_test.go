package goals

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Each case is a list of one goal that is changed, changed again, and then
// loses the first change. Putting the old goal back as a whole where it was
// changed since, or ignoring lists, turns this red.
func TestRevertTakesBackOneChangeAlone(t *testing.T) {
	type step func(*List) error
	status := func(f func(*List) (*Goal, error)) step { return func(l *List) error { _, err := f(l); return err } }
	note := func(text string) step {
		return status(func(l *List) (*Goal, error) { return l.AddNote(1, text, noon) })
	}
	rename := func(text string) step {
		return status(func(l *List) (*Goal, error) { return l.Rename(1, text, noon) })
	}
	criterion := func(text string) step {
		return status(func(l *List) (*Goal, error) { return l.AddCriterion(1, text, noon) })
	}
	revise := func(all ...string) step {
		return status(func(l *List) (*Goal, error) {
			return l.Revise(1, Draft{Description: "goal", Acceptance: all}, noon)
		})
	}
	begin := status(func(l *List) (*Goal, error) { return l.Begin(1, noon) })
	block := status(func(l *List) (*Goal, error) { return l.Block(1, "rain", noon) })
	finish := status(func(l *List) (*Goal, error) { return l.Finish(1, true, noon) })
	remove := status(func(l *List) (*Goal, error) { return l.Delete(1) })
	add := status(func(l *List) (*Goal, error) { return l.Add(Draft{Description: "new"}, "g-2", noon) })
	back := func(l *List) error {
		g := *l.Number(1)
		l.Put(&g)
		return nil
	}
	none := step(func(*List) error { return nil })
	for _, c := range []struct {
		name        string
		first, then step
		want        string
	}{
		{"nothing since", begin, none, "pending goal [a b] [n]"},
		{"the same field since", begin, finish, "pending goal [a b] [n]"},
		{"another field since", begin, rename("new"), "pending new [a b] [n]"},
		{"renamed twice", rename("one"), rename("two"), "pending goal [a b] [n]"},
		{"a note before a note", note("x"), note("y"), "pending goal [a b] [n y]"},
		{"the same note twice", note("x"), note("x"), "pending goal [a b] [n x]"},
		{"a reason", block, note("y"), "pending goal [a b] [n y]"},
		{"a criterion", criterion("c"), criterion("d"), "pending goal [a b d] [n]"},
		{"criteria replaced", revise("b", "x"), none, "pending goal [a b] [n]"},
		{"criteria replaced, and one more", revise("b", "x"), criterion("d"), "pending goal [b d a] [n]"},
		{"gone since", begin, remove, "pending goal [a b] [n]"},
		{"removed", remove, none, "pending goal [a b] [n]"},
		{"added, and nothing since", add, none, "pending goal [a b] [n]"},
		{"added, and changed since", add, status(func(l *List) (*Goal, error) { return l.Finish(2, false, noon) }), "pending goal [a b] [n]"},
		{"added, and gone since", add, status(func(l *List) (*Goal, error) { return l.Delete(2) }), "pending goal [a b] [n]"},
		{"a copy of it since", begin, back, "pending goal [a b] [n]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := listOf(Goal{Description: "goal", Acceptance: []string{"a", "b"}, Notes: []string{"n"}})
			start := l.Clone()
			if err := c.first(&l); err != nil {
				t.Fatal(err)
			}
			change := Diff(start, l)[0]
			if err := c.then(&l); err != nil {
				t.Fatal(err)
			}
			before := l.Clone()
			l.Revert(EditOf(change), change.Before, noon.Add(-time.Hour)) // a clock that was set back
			var got []string
			for _, g := range l.All() {
				got = append(got, fmt.Sprint(g.Status, " ", g.Description, " ", g.Acceptance, " ", g.Notes))
			}
			if strings.Join(got, "; ") != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			for _, d := range Diff(before, l) {
				for _, old := range []*Goal{change.Before, change.After, d.Before} {
					if d.After != nil && old != nil && !d.After.Updated.After(old.Updated) {
						t.Error("it is not newer than what was written of it before")
					}
				}
			}
		})
	}
}

func TestRevertLeavesWhatCameBackByItself(t *testing.T) {
	l := listOf(Goal{Description: "goal"})
	start := l.Clone()
	if _, err := l.Delete(1); err != nil {
		t.Fatal(err)
	}
	change := Diff(start, l)[0]
	g := *start.Number(1)
	g.Description = "back again"
	l.Put(&g)
	l.Revert(EditOf(change), change.Before, noon)
	if l.Number(1) != &g {
		t.Errorf("it became %+v", l.Number(1))
	}
}

// A program whose clock is ahead wrote the goal again as it was. What is reverted after
// that is newer all the same, or the next file of that program would bring the change back.
func TestRevertIsNewerThanAClockThatIsAhead(t *testing.T) {
	l := listOf(Goal{Description: "goal"})
	start := l.Clone()
	if _, err := l.Rename(1, "renamed", noon); err != nil {
		t.Fatal(err)
	}
	change := Diff(start, l)[0]
	ahead := *l.Number(1)
	ahead.Updated = noon.Add(10 * time.Hour)
	l.Put(&ahead)
	l.Revert(EditOf(change), nil, noon.Add(time.Minute))
	if g := l.Number(1); g.Description != "goal" || !g.Updated.After(ahead.Updated) {
		t.Errorf("it became %+v", g)
	}
}

func TestRevertOfARevertIsTheChange(t *testing.T) {
	odd := Goal{Description: "goal", Progress: 255, Extra: []Field{{`"x"`, "1"}}, Sessions: sessions(Verified)}
	l := listOf(odd)
	start := l.Clone()
	if _, err := l.Finish(1, true, noon); err != nil {
		t.Fatal(err)
	}
	done := l.Clone()
	change := Diff(start, l)[0]
	l.Revert(EditOf(change), nil, noon)
	if !l.Number(1).Same(start.Number(1)) {
		t.Errorf("got %+v, want %+v", l.Number(1), start.Number(1))
	}
	l.Revert(EditOf(Diff(done, l)[0]), nil, noon)
	if !l.Number(1).Same(done.Number(1)) {
		t.Errorf("got %+v, want %+v", l.Number(1), done.Number(1))
	}
}
