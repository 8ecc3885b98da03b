package goals

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// checklist is a goal with three criteria.
func checklist() List {
	return listOf(Goal{ID: "a", Description: "a", Status: Pending, Acceptance: []string{"one", "two", "three"}, Notes: []string{"first", "second"}, Created: noon, Updated: noon})
}

// ticks shows the criteria as a card does.
func ticks(g *Goal) string {
	var b strings.Builder
	for _, c := range g.Acceptance {
		box := "-"
		if g.IsTicked(c) {
			box = "+"
		}
		b.WriteString(box + c + " ")
	}
	return fmt.Sprintf("%s%d%%", b.String(), g.Progress)
}

func wantKind(t *testing.T, err error, want RefusalKind) {
	t.Helper()
	if r, ok := errors.AsType[Refusal](err); !ok || r.Kind != want {
		t.Errorf("got %v, want refusal %d", err, want)
	}
}

func TestTick(t *testing.T) {
	l := checklist()
	tick := func(want string, criteria ...int) {
		t.Helper()
		g, err := l.Tick(1, criteria, noon)
		if err != nil || ticks(g) != want {
			t.Errorf("ticking %v: %s, %v; want %s", criteria, ticks(l.Number(1)), err, want)
		}
	}
	tick("-one +two -three 33%", 2)
	tick("+one +two -three 67%", 1, 2) // what is ticked stays, since one is not
	tick("-one -two -three 0%", 1, 2)
	tick("+one -two +three 67%", 1, 3)
	_, err := l.Tick(1, []int{2, 4}, noon)
	wantKind(t, err, NoCriterion)
	_, err = l.Tick(1, []int{0}, noon)
	wantKind(t, err, NoCriterion)
	if got := ticks(l.Number(1)); got != "+one -two +three 67%" {
		t.Errorf("a refusal left %s", got)
	}
	if _, err := l.Finish(1, true, noon); err != nil {
		t.Error(err)
	}
	_, err = l.Tick(1, []int{2}, noon)
	wantKind(t, err, ClosedGoal)
}

// A file that somebody rewrote, in another order and without a criterion, moves no
// tick. Red where ticks are kept by their places.
func TestTicksStayWithTheirText(t *testing.T) {
	l := checklist()
	if _, err := l.Tick(1, []int{2}, noon); err != nil {
		t.Fatal(err)
	}
	theirs := *l.Number(1)
	theirs.SetPlan(Plan{}) // which no file has
	theirs.Acceptance, theirs.Updated = []string{"four", "three", "two", "one"}, noon.Add(time.Hour)
	l.Merge([]*Goal{&theirs}, Base{}, noon.Add(time.Hour))
	if got := ticks(l.Number(1)); got != "-four -three +two -one 25%" {
		t.Errorf("got %s", got)
	}
	// Nor do they make a goal differ from the file.
	if m := l.Merge([]*Goal{&theirs}, l.Compare([]*Goal{&theirs}).Base(), noon.Add(time.Hour)); !m.Quiet() {
		t.Errorf("merged again: %+v", m)
	}
}

func TestEditCriterion(t *testing.T) {
	l := checklist()
	if _, err := l.Tick(1, []int{2}, noon); err != nil {
		t.Fatal(err)
	}
	edit := func(want string, i int, text string) {
		t.Helper()
		if g, err := l.EditCriterion(1, i, text, noon); err != nil || ticks(g) != want {
			t.Errorf("got %s, %v; want %s", ticks(l.Number(1)), err, want)
		}
	}
	edit("-one +zwei -three 33%", 2, " zwei ")
	edit("-one +Zwei -three 33%", 2, "Zwei")
	edit("+Zwei -three 50%", 1, "")
	edit("-three 0%", 1, "")
	_, err := l.EditCriterion(1, 2, "x", noon)
	wantKind(t, err, NoCriterion)
	_, err = l.EditCriterion(1, 1, "three", noon)
	wantKind(t, err, SameCriterion)
	if _, err := l.AddCriterion(1, "four", noon); err != nil {
		t.Fatal(err)
	}
	_, err = l.EditCriterion(1, 2, "THREE", noon)
	wantRefusal(t, err, Refusal{Kind: SameCriterion, Goal: 1, Has: 1})
	_, err = l.AddCriterion(1, "Four", noon)
	wantRefusal(t, err, Refusal{Kind: SameCriterion, Goal: 1, Has: 2})
	edit("-four 0%", 1, "")
	edit("0%", 1, "")
}

// A criterion that another program wrote twice has one tick, which an edit of one of
// them does not take from the other; and one that it removed leaves no tick to the next
// of that text.
func TestTicksOfTheSameText(t *testing.T) {
	l := checklist()
	theirs := func(criteria ...string) {
		g := *l.Number(1)
		g.Acceptance = criteria
		l.Put(&g)
	}
	want := func(want string, err error) {
		t.Helper()
		if got := ticks(l.Number(1)); err != nil || got != want {
			t.Errorf("got %s, %v; want %s", got, err, want)
		}
	}
	do := func(_ *Goal, err error) func(string) { return func(s string) { t.Helper(); want(s, err) } }
	do(l.Tick(1, []int{2}, noon))("-one +two -three 33%")
	theirs("one", "two", "two")
	do(l.EditCriterion(1, 3, "drei", noon))("-one +two +drei 67%")
	theirs("one", "drei")
	do(l.EditCriterion(1, 1, "two", noon))("-two +drei 50%")
	theirs("two")
	do(l.AddCriterion(1, "drei", noon))("-two -drei 0%")
	if ticked := l.Number(1).Plan().Ticked; ticked != nil {
		t.Errorf("ticks are left: %q", ticked)
	}
}

func TestEditNote(t *testing.T) {
	l := checklist()
	for _, c := range []struct {
		i    int
		text string
		want []string
		kind RefusalKind
	}{
		{2, "zwei", []string{"first", "zwei"}, 0},
		{2, "zwei", nil, NothingNew},
		{3, "x", nil, NoSuchNote},
		{0, "x", nil, NoSuchNote},
		{1, "\u200b", nil, NoText},
		{1, "", []string{"zwei"}, 0},
		{1, "", nil, 0},
	} {
		g, err := l.EditNote(1, c.i, c.text, noon)
		if c.kind != 0 {
			wantKind(t, err, c.kind)
		} else if err != nil || !slices.Equal(g.Notes, c.want) {
			t.Errorf("note %d %q: got %q, %v", c.i, c.text, l.Number(1).Notes, err)
		}
	}
}

func TestSetPlan(t *testing.T) {
	l := checklist()
	due := func(when string) (*Goal, error) {
		return l.SetPlan(1, noon, func(p *Plan) error { p.Due = when; return nil })
	}
	if g, err := due("2027-05-04"); err != nil || g.Plan().Due != "2027-05-04" || !g.Updated.After(noon) {
		t.Errorf("got %+v, %v", g, err)
	}
	_, err := due("2027-05-04")
	wantKind(t, err, NothingNew)
	updated := l.Number(1).Updated
	l.NotePlan(1, func(p *Plan) { p.Told = p.Due })
	if g := l.Number(1); g.Plan().Told != "2027-05-04" || !g.Updated.Equal(updated) {
		t.Errorf("got %+v", g)
	}
	l.NotePlan(7, func(*Plan) { t.Error("there is no such goal") })
	if _, err := l.Abandon(1, "", noon); err != nil {
		t.Fatal(err)
	}
	_, err = due("2027-05-05")
	wantKind(t, err, ClosedGoal)
}

// What others did to a plan stays when a change of it is undone.
func TestUndoOfAPlan(t *testing.T) {
	l := checklist()
	do := func(f func(l *List) error) Edit {
		t.Helper()
		before := l.Clone()
		if err := f(&l); err != nil {
			t.Fatal(err)
		}
		return EditOf(Diff(before, l)[0])
	}
	first := do(func(l *List) error { _, err := l.Tick(1, []int{1}, noon); return err })
	due := do(func(l *List) error {
		_, err := l.SetPlan(1, noon, func(p *Plan) error { p.Due, p.Chat = "2027-05-04", 7; return nil })
		return err
	})
	do(func(l *List) error { _, err := l.Tick(1, []int{2}, noon); return err })
	l.Revert(first, nil, noon)
	if g := l.Number(1); ticks(g) != "-one +two -three 33%" || g.Plan().Due != "2027-05-04" {
		t.Errorf("got %s, %+v", ticks(g), g.Plan())
	}
	l.Revert(due, nil, noon)
	if g := l.Number(1); ticks(g) != "-one +two -three 33%" || g.Plan().Due != "" || g.Plan().Chat != 0 {
		t.Errorf("got %s, %+v", ticks(g), g.Plan())
	}
	// What is begun is not put aside any more.
	do(func(l *List) error {
		_, err := l.SetPlan(1, noon, func(p *Plan) error { p.Parked = "2027-01-01"; return nil })
		return err
	})
	before := l.Clone()
	if g, err := l.Begin(1, noon); err != nil || g.Plan().Parked != "" || before.Number(1).Plan().Parked == "" {
		t.Errorf("begun it is %+v, %v", g, err)
	}
	// A criterion that is edited changes no list from before.
	if _, err := l.EditCriterion(1, 1, "uno", noon); err != nil || before.Number(1).Acceptance[0] != "one" {
		t.Errorf("before it was %q, %v", before.Number(1).Acceptance, err)
	}
	// A place is a chat and a topic: where one of them is another since, it stays.
	place := func(chat, topic int64) Edit {
		return do(func(l *List) error {
			_, err := l.SetPlan(1, noon, func(p *Plan) error { p.Chat, p.Topic = chat, topic; return nil })
			return err
		})
	}
	for _, since := range [][2]int64{{7, 3}, {8, 2}} {
		place(5, 1)
		moved := place(7, 2)
		place(since[0], since[1])
		l.Revert(moved, nil, noon)
		if p := l.Number(1).Plan(); p.Chat != since[0] || p.Topic != since[1] {
			t.Errorf("it is in chat %d, topic %d, and was moved to %v since", p.Chat, p.Topic, since)
		}
	}
}

// The next of a goal has its text and criteria, also where they are longer than a person
// may write; such a goal could not be finished.
func TestAgainTakesTheTextAsItIs(t *testing.T) {
	l := checklist()
	long := *l.Number(1)
	long.Description = strings.Repeat("long ", MaxDescription)
	long.SetPlan(Plan{Repeat: "every day"})
	long.Acceptance = []string{"two", "two\x00"}
	l.Put(&long)
	next, err := l.Again(l.Number(1), "b", "2027-05-05", noon)
	if err != nil || next.Number != 2 || next.Description != long.Description || !slices.Equal(next.Acceptance, long.Acceptance) || next.Plan().Repeat != "every day" || l.Number(1).Plan().Repeat != "" {
		t.Errorf("got %+v, %v after %+v", next, err, l.Number(1))
	}
	if _, err := l.Again(l.Number(1), "b", "2027-05-05", noon); err == nil {
		t.Error("an id was given twice")
	}
}

// The next of a goal lost its attachments, its pin and its place. Broken on purpose: each
// of what it takes left out, and the pin left on both.
func TestAgainTakesWhatStays(t *testing.T) {
	l := checklist()
	daily := *l.Number(1)
	daily.Status = Done
	daily.SetPlan(Plan{Repeat: "every day", Pinned: true, Rank: 7, Assignee: 1001, Chat: -100, Topic: 5, Files: []File{{Kind: Link, Name: "https://example.org"}}})
	l.Put(&daily)
	next, err := l.Again(l.Number(1), "b", "2027-05-05", noon)
	if err != nil {
		t.Fatal(err)
	}
	want := daily.Plan()
	want.Due = "2027-05-05"
	if !next.Plan().Same(want) {
		t.Errorf("the next has %+v, want %+v", next.Plan(), want)
	}
	if p := l.Number(1).Plan(); p.Pinned || p.Repeat != "" || len(p.Files) != 1 {
		t.Errorf("left is %+v", p)
	}
}

// A date that comes back brings with it whether it was told; it was told a second time.
func TestUndoOfADateKnowsWhatWasTold(t *testing.T) {
	told := func(p Plan) Plan { p.Told = p.Due; return p }
	first, second := Plan{Due: "2027-05-04"}, Plan{Due: "2027-05-05"}
	moved := told(first)
	moved.Due = second.Due
	for _, c := range []struct{ now, before, after, want Plan }{
		{moved, told(first), moved, told(first)},
		{told(second), told(first), moved, told(first)},
		{told(second), first, second, first},
		{told(first), second, first, second},
		{told(first), told(first), told(first), told(first)},
		{Plan{Due: "2027-05-06", Told: "2027-05-06"}, told(first), moved, Plan{Due: "2027-05-06", Told: "2027-05-06"}},
	} {
		if got := c.now.undo(c.before, c.after); !got.Same(c.want) {
			t.Errorf("%+v without %+v → %+v: %+v, want %+v", c.now, c.before, c.after, got, c.want)
		}
	}
}

// A criterion that another program writes again after it was removed, or given another text, is
// not ticked.
func TestACriterionThatComesBackIsNotTicked(t *testing.T) {
	for name, text := range map[string]string{"removed": "", "renamed": "it is tested"} {
		l := listOf(Goal{ID: "a", Description: "a", Acceptance: []string{"it runs", "it is fast"}})
		var g *Goal
		for _, change := range []func() (*Goal, error){
			func() (*Goal, error) { return l.Tick(1, []int{1}, noon) },
			func() (*Goal, error) { return l.EditCriterion(1, 1, text, noon) },
			func() (*Goal, error) { // another program writes it
				theirs := *l.Number(1)
				theirs.plan, theirs.Acceptance, theirs.Updated = nil, append(slices.Clone(theirs.Acceptance), "it runs"), noon.Add(time.Hour)
				l.Merge([]*Goal{&theirs}, Base{}, noon.Add(time.Hour))
				return l.Number(1), nil
			},
		} {
			var err error
			if g, err = change(); err != nil {
				t.Fatal(err)
			}
		}
		if len(g.Acceptance) < 2 || g.IsTicked("it runs") || text != "" && !g.IsTicked(text) {
			t.Errorf("%s: ticked are %q", name, g.Plan().Ticked)
		}
	}
}
