package goals

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Reasons are notes. They were not counted, so a person could let a goal grow
// for ever by /block 1 why, and by finishing and reopening it. Leaving the
// count out of addReason or of Finish turns this red.
func TestNoCommandLetsNotesGrowForEver(t *testing.T) {
	l := listOf(Goal{Description: "one", Notes: slices.Repeat([]string{"n"}, MaxNotes-1), Sessions: sessions(Running)})
	for i := range 5 {
		for _, do := range []func() (*Goal, error){
			func() (*Goal, error) { return l.Block(1, fmt.Sprint(i), noon) },
			func() (*Goal, error) { return l.Abandon(1, fmt.Sprint(i), noon) },
			func() (*Goal, error) { return l.Reopen(1, noon) },
			func() (*Goal, error) { return l.AddNote(1, "x", noon) },
			func() (*Goal, error) { return l.Finish(1, true, noon) },
			func() (*Goal, error) { return l.Reopen(1, noon) },
		} {
			if _, err := do(); err != nil {
				if _, ok := errors.AsType[Refusal](err); !ok {
					t.Fatal(err)
				}
			}
		}
	}
	if n := len(l.Number(1).Notes); n != MaxNotes {
		t.Errorf("it has %d notes, want %d", n, MaxNotes)
	}
	if g, err := l.Finish(1, true, noon); err != nil || g.Status != Done {
		t.Errorf("a goal with all its notes cannot be finished: %v", err)
	}
}

// Leaving any text out of the size turns this red.
func TestAPersonLetsAGoalGrowToALimit(t *testing.T) {
	long := strings.Repeat("x", MaxDescription)
	mib := strings.Repeat("y", MaxGoalBytes-2*MaxDescription-500)
	for name, g := range map[string]Goal{
		"description":          {Description: mib},
		"note":                 {Notes: []string{mib}},
		"criterion":            {Acceptance: []string{mib}},
		"task":                 {Sessions: []Session{{Task: mib, State: Verified}}},
		"evidence":             {Sessions: []Session{{Evidence: &mib, State: Verified}}},
		"unknown":              {Extra: []Field{{`"x"`, mib}}},
		"unknown in a session": {Sessions: []Session{{State: Verified, Extra: []Field{{`"x"`, mib}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			l := listOf(g)
			for range 2 {
				if _, err := l.AddNote(1, long, noon); err != nil {
					t.Fatal(err)
				}
			}
			for _, do := range []func() (*Goal, error){
				func() (*Goal, error) { return l.AddNote(1, long, noon) },
				func() (*Goal, error) { return l.AddCriterion(1, long, noon) },
				func() (*Goal, error) { return l.Block(1, long, noon) },
				func() (*Goal, error) { return l.Abandon(1, long, noon) },
			} {
				before := l.Number(1)
				_, err := do()
				if r, ok := errors.AsType[Refusal](err); !ok || r.Kind != LargeGoal || r.Goal != 1 || r.Has <= r.Limit || r.Limit != MaxGoalBytes {
					t.Errorf("got %#v", err)
				}
				if l.Number(1) != before {
					t.Error("a refused change left something behind")
				}
			}
			if _, err := l.Finish(1, true, noon); err != nil {
				t.Errorf("it cannot be finished: %v", err)
			}
		})
	}
}

// What other programs write is taken as it is, and a person can do everything
// to it but let it grow.
func TestALargeGoalFromTheFileIsKeptAndCanShrink(t *testing.T) {
	var l List
	theirs := &Goal{ID: "g-1", Status: Pending, Description: strings.Repeat("x", 3*MaxGoalBytes), Created: noon, Updated: noon, Sessions: sessions(Running)}
	l.Merge([]*Goal{theirs}, Base{}, noon)
	if _, err := l.AddNote(1, "x", noon); err == nil {
		t.Error("it grew")
	}
	for _, do := range []func() (*Goal, error){
		func() (*Goal, error) { return l.Begin(1, noon) },
		func() (*Goal, error) { return l.Finish(1, true, noon) }, // without a note
		func() (*Goal, error) { return l.Rename(1, "short", noon) },
		func() (*Goal, error) { return l.AddNote(1, "x", noon) },
	} {
		if _, err := do(); err != nil {
			t.Error(err)
		}
	}
}

// A goal may be exactly as large as the limit, also with the note of [List.Finish] that
// not all tasks are verified, which is left out of one that has no room for it.
func TestAGoalMayBeAsLargeAsTheLimit(t *testing.T) {
	const note = "Finished with 0/1 tasks verified."
	for _, left := range []int{len(note), len(note) - 1} {
		g := Goal{Sessions: sessions(Running)}
		g.Description = strings.Repeat("x", MaxGoalBytes-left-len("g-00000001")-g.size())
		l := listOf(g)
		_, err := l.AddNote(1, strings.Repeat("y", left+1), noon)
		wantRefusal(t, err, Refusal{Kind: LargeGoal, Goal: 1, Has: MaxGoalBytes + 1, Limit: MaxGoalBytes})
		other := l.Clone()
		if _, err := other.AddNote(1, strings.Repeat("y", left), noon); err != nil {
			t.Errorf("a note that just fits: %v", err)
		}
		done, err := l.Finish(1, true, noon)
		if err != nil || done.Status != Done || slices.Contains(done.Notes, note) != (left == len(note)) {
			t.Errorf("with %d bytes left: %v, %q", left, err, done.Notes)
		}
	}
}
