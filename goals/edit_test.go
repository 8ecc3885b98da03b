package goals

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// anyGoal draws goals that are much alike, so that changes of them have much
// in common.
func anyGoal(t *rapid.T, label string) *Goal {
	text := rapid.SampledFrom([]string{"", "a", "b", "c", "long " + strings.Repeat("x", 30), "a\x00", "\u2028"})
	texts := rapid.SliceOfN(text, 0, 6)
	fields := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Field {
		return Field{rapid.SampledFrom([]string{`"x"`, `"y"`}).Draw(t, "name"), rapid.SampledFrom([]string{"1", `"\ud800"`, "[ ]"}).Draw(t, "value")}
	}), 0, 3)
	session := rapid.Custom(func(t *rapid.T) Session {
		s := Session{ID: text.Draw(t, "id"), Task: text.Draw(t, "task"), State: rapid.SampledFrom(SessionStates).Draw(t, "state"), Extra: fields.Draw(t, "extra")}
		if rapid.Bool().Draw(t, "has evidence") {
			evidence := text.Draw(t, "evidence")
			s.Evidence = &evidence
		}
		return s
	})
	when := rapid.SampledFrom([]string{"", "2027-05-04"})
	at := rapid.Custom(func(t *rapid.T) time.Time {
		return noon.Add(time.Duration(rapid.Int64Range(-1e18, 1e18).Draw(t, "at"))).AddDate(rapid.IntRange(-1500, 5000).Draw(t, "years"), 0, 0)
	})
	g := &Goal{
		Number: 1, ID: "g-1", Description: text.Draw(t, label), Status: rapid.SampledFrom(Statuses).Draw(t, "status"),
		Acceptance: texts.Draw(t, "acceptance"), Notes: texts.Draw(t, "notes"), Sessions: rapid.SliceOfN(session, 0, 3).Draw(t, "sessions"),
		Progress: rapid.Uint8().Draw(t, "progress"), Created: at.Draw(t, "created"), Updated: at.Draw(t, "updated"), Extra: fields.Draw(t, "extra"),
	}
	g.SetPlan(Plan{
		Ticked: rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3).Draw(t, "ticked"), Due: when.Draw(t, "due"), Repeat: when.Draw(t, "repeat"),
		Remind: when.Draw(t, "remind"), Told: when.Draw(t, "told"), Text: when.Draw(t, "text"), Chat: rapid.Int64Range(-1, 1).Draw(t, "chat"), Topic: rapid.Int64Range(0, 1).Draw(t, "topic"), Count: anyCount.Draw(t, "count"),
	})
	return g
}

// anyCount draws counts that have much in common.
var anyCount = rapid.Custom(func(t *rapid.T) Count {
	amount := rapid.SampledFrom([]Amount{0, 1, -1500, Whole(10), -MaxAmount})
	c := Count{Unit: rapid.SampledFrom([]string{"", "books"}).Draw(t, "unit"), Start: amount.Draw(t, "start"), Target: amount.Draw(t, "target")}
	for at := range rapid.Int64Range(0, 5).Draw(t, "entries") {
		if rapid.Bool().Draw(t, "is there") {
			c.Log = append(c.Log, Entry{At: at * 700, Set: rapid.Bool().Draw(t, "set"), Amount: amount.Draw(t, "amount"), Of: rapid.SampledFrom([]int{0, 0, 2, 3}).Draw(t, "of")})
		}
	}
	return c
})

// An edit leads from each side of a change to the other, exactly, also after it
// was kept as JSON. Leaving any field out of EditOf, Undo or Inverse, or out of
// Print, turns this red.
func TestAnEditLeadsBackAndForth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := anyGoal(t, "before"), anyGoal(t, "after")
		e := EditOf(Change{before, after})
		kept, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		e = Edit{Number: 1}
		if err := json.Unmarshal(kept, &e); err != nil {
			t.Fatal(err)
		}
		if got := e.Undo(after); !got.Same(before) || !got.Updated.Equal(before.Updated) {
			t.Fatalf("undone it is %+v, want %+v; the edit is %s", got, before, kept)
		}
		if got := e.Inverse().Undo(before); !got.Same(after) || !got.Updated.Equal(after.Updated) {
			t.Fatalf("done again it is %+v, want %+v; the edit is %s", got, after, kept)
		}
		if before.Same(after) != (before.Print() == after.Print()) || e.Left(before) != before.Same(after) || !e.Left(after) {
			t.Fatal("the checksums do not tell whether goals are the same")
		}
	})
}

// Each note was kept with the whole goal, twice: a thousand of them were a
// thousand times as large as the goal.
func TestAnEditIsAsLargeAsTheChange(t *testing.T) {
	long := strings.Repeat("x", MaxDescription)
	g := Goal{Description: strings.Repeat("d", 5*MaxDescription), Notes: slices.Repeat([]string{long}, 300), Acceptance: slices.Repeat([]string{long}, 50),
		Sessions: slices.Repeat([]Session{{ID: long, Task: long}}, 100), Extra: []Field{{`"x"`, long}}}
	for name, do := range map[string]func(l *List) error{
		"note":   func(l *List) error { _, err := l.AddNote(1, "small", noon); return err },
		"status": func(l *List) error { _, err := l.Begin(1, noon); return err },
		"criterion": func(l *List) error {
			changed := *l.Number(1)
			changed.Acceptance = changed.Acceptance[:49]
			l.Put(&changed)
			return nil
		},
		"two sessions": func(l *List) error {
			changed := *l.Number(1)
			changed.Sessions = slices.Clone(changed.Sessions)
			changed.Sessions[3].State, changed.Sessions[90].State = Running, Verified
			l.Put(&changed)
			return nil
		},
		"deletion": func(l *List) error { _, err := l.Delete(1); return err },
	} {
		l := listOf(g)
		before := l.Clone()
		if err := do(&l); err != nil {
			t.Fatal(err)
		}
		kept, err := json.Marshal(EditOf(Diff(before, l)[0]))
		if err != nil || len(kept) > 12_000 {
			t.Errorf("%s: %d bytes, %v", name, len(kept), err)
		}
	}
}

func TestATitleIsCut(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""}, {"short", "short"},
		{strings.Repeat("й", MaxDescription+1), strings.Repeat("й", MaxDescription+1)},
		{strings.Repeat("й", 5*MaxDescription), strings.Repeat("й", MaxDescription+1)},
	} {
		if got := title(&Goal{Description: c.in}); got != c.want {
			t.Errorf("got %d bytes, want %d", len(got), len(c.want))
		}
	}
}

// Whether a goal is as a change left it is known of one that the change added or deleted
// too. To take that back is no matter of the goal, which stays as it is.
func TestAnEditOfAGoalThatCameOrWent(t *testing.T) {
	g := &Goal{Number: 1, ID: "a", Description: "one", Status: Pending, Created: noon, Updated: noon}
	other := *g
	other.Description = "two"
	added, deleted := EditOf(Change{After: g}), EditOf(Change{Before: g})
	if !added.Left(g) || added.Left(&other) || added.Left(nil) {
		t.Error("it is not known whether a goal is as it was added")
	}
	if !deleted.Left(nil) || deleted.Left(g) {
		t.Error("it is not known whether a goal is still deleted")
	}
	renamed := EditOf(Change{g, &other})
	if titles := []string{added.Title, deleted.Title, renamed.Title, renamed.Inverse().Title}; !slices.Equal(titles, []string{"one", "one", "two", "one"}) {
		t.Errorf("the changes are told of %q", titles)
	}
	if added.Undo(g) != g || deleted.Undo(g) != g {
		t.Error("a goal was altered")
	}
}

// A goal that is gone comes back as its caller says that it was.
func TestRevertWithoutKnowingLeavesItGone(t *testing.T) {
	l := listOf(Goal{Description: "one"})
	start := l.Clone()
	if _, err := l.Delete(1); err != nil {
		t.Fatal(err)
	}
	e := EditOf(Diff(start, l)[0])
	l.Revert(e, nil, noon)
	if l.Len() != 0 {
		t.Error("something came back out of nothing")
	}
	l.Revert(e, start.Number(1), noon)
	if g := l.Number(1); !g.Same(start.Number(1)) || !g.Updated.After(noon) {
		t.Errorf("it came back as %+v", g)
	}
}

// Where lists of the same length differ, each stretch that does is kept, and nothing
// of what stands between them.
func TestSplicesAreTheStretchesThatDiffer(t *testing.T) {
	all := splices([]int{1, 2, 3, 4, 5, 6}, []int{1, 20, 3, 40, 50, 6}, same)
	want := []Splice[int]{{1, []int{2}, []int{20}}, {3, []int{4, 5}, []int{40, 50}}}
	if !reflect.DeepEqual(all, want) {
		t.Errorf("got %v, want %v", all, want)
	}
}

// What a change put into a list is taken out wherever it stands by now, also as the
// first.
func TestWhatWasAddedIsTakenOutWhereverItStands(t *testing.T) {
	all := splices([]string{"old"}, []string{"new", "old"}, same)
	for _, now := range [][]string{{"new", "old", "later"}, {"later", "new", "old"}} {
		got := listBack(all, 2, now)
		if slices.Sort(got); !slices.Equal(got, []string{"later", "old"}) {
			t.Errorf("of %v is left %v", now, got)
		}
	}
}

// Goals that have the same words in other places have other checksums.
func TestTheChecksumTellsWhereTheWordsAre(t *testing.T) {
	none, some := (*string)(nil), ""
	prints := map[uint64]string{}
	for name, g := range map[string]Goal{
		"a in the id":            {ID: "ab", Description: "c"},
		"a in the description":   {ID: "a", Description: "bc"},
		"two criteria, one note": {Acceptance: []string{"a", "b"}, Notes: []string{"c"}},
		"one criterion":          {Acceptance: []string{"a"}, Notes: []string{"b", "c"}},
		"one task":               {Sessions: []Session{{ID: "s"}}},
		"another task":           {Sessions: []Session{{ID: "t"}}},
		"a task with evidence":   {Sessions: []Session{{ID: "s", Evidence: &some}}},
		"a member of the task":   {Sessions: []Session{{ID: "s", Evidence: none, Extra: []Field{{"x", "1"}}}}},
		"another member":         {Sessions: []Session{{ID: "s", Evidence: none, Extra: []Field{{"y", "1"}}}}},
		"a member of the goal":   {Sessions: []Session{{ID: "s"}}, Extra: []Field{{"x", "1"}}},
		"without a name":         {Sessions: []Session{{ID: "s"}}, Extra: []Field{{"", "1"}}},
		"with a list in between": {Sessions: []Session{{ID: "s", Extra: []Field{{"x", "1"}, {"y", "1"}}}}},
	} {
		if other, there := prints[g.Print()]; there {
			t.Errorf("%s and %s have the same checksum", name, other)
		}
		prints[g.Print()] = name
	}
}

// To take a change back alters neither what is known of the change nor the notes of
// before, which other lists still have.
func TestToTakeBackAltersNothingElse(t *testing.T) {
	splices := []Splice[string]{{At: 1, Removed: []string{"two"}}}
	if back := inverse(splices); !slices.Equal(back[0].Added, []string{"two"}) || len(splices[0].Added) > 0 {
		t.Errorf("it is %+v, taken back %+v", splices, back)
	}
	now := []string{"two", "one", "two", "more"}
	if got := listBack([]Splice[string]{{At: 1, Added: []string{"two"}}}, 2, now); !slices.Equal(got, []string{"one", "two", "more"}) || now[0] != "two" {
		t.Errorf("taken back it is %q, and the list that it was made of %q", got, now)
	}
}
