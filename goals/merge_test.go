package goals

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// In the tables below a goal is described by its text, since its id says
// which one it is.
func texts(all []*Goal) []string {
	var list []string
	for _, g := range all {
		list = append(list, fmt.Sprintf("#%d %s", g.Number, g.Description))
	}
	return list
}

func after(all []Change) (list []*Goal) {
	for _, c := range all {
		list = append(list, c.After)
	}
	return list
}

func TestMerge(t *testing.T) {
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	goal := func(id, text string, updated int) Goal {
		return Goal{ID: id, Description: text, Status: Pending, Created: noon, Updated: at(updated)}
	}
	for _, c := range []struct {
		name    string
		ours    []Goal
		theirs  []Goal
		written int
		want    Merged // by Description
		list    []string
		quiet   bool
		leftOut []string
	}{
		{name: "the same", ours: []Goal{goal("a", "one", 0)}, theirs: []Goal{goal("a", "one", 0)}, written: 5,
			list: []string{"#1 one"}, quiet: true},
		{name: "theirs is newer", ours: []Goal{goal("a", "one", 0)}, theirs: []Goal{goal("a", "uno", 1)}, written: 5,
			want: Merged{Changed: []Change{{After: &Goal{Number: 1, Description: "uno"}}}}, list: []string{"#1 uno"}},
		{name: "ours is newer", ours: []Goal{goal("a", "one", 2)}, theirs: []Goal{goal("a", "uno", 1)}, written: 5,
			list: []string{"#1 one"}, quiet: true},
		{name: "ours is newer and says the same", ours: []Goal{goal("a", "one", 2)}, theirs: []Goal{goal("a", "one", 1)}, written: 5,
			list: []string{"#1 one"}, quiet: true},
		{name: "a tie: somebody with an editor", ours: []Goal{goal("a", "one", 1)}, theirs: []Goal{goal("a", "uno", 1)}, written: 5,
			want: Merged{Changed: []Change{{After: &Goal{Number: 1, Description: "uno"}}}}, list: []string{"#1 uno"}},
		{name: "new ones, in their order", ours: []Goal{goal("a", "one", 0)},
			theirs: []Goal{goal("c", "three", 0), goal("a", "one", 0), goal("b", "two", 0)}, written: 5,
			want: Merged{Added: []*Goal{{Number: 2, Description: "three"}, {Number: 3, Description: "two"}}},
			list: []string{"#1 one", "#2 three", "#3 two"}},
		{name: "vanished", ours: []Goal{goal("a", "one", 0), goal("b", "two", 0)}, theirs: []Goal{goal("b", "two", 0)}, written: 5,
			want: Merged{Vanished: []*Goal{{Number: 1, Description: "one"}}}, list: []string{"#1 one", "#2 two"}},
		{name: "younger than their version", ours: []Goal{goal("a", "one", 6)}, theirs: nil, written: 5,
			list: []string{"#1 one"}, quiet: true},
		{name: "doubled: the newer of them counts", ours: []Goal{goal("a", "one", 0)},
			theirs: []Goal{goal("a", "old", 1), goal("a", "new", 3), goal("a", "middle", 2)}, written: 5,
			want: Merged{Changed: []Change{{After: &Goal{Number: 1, Description: "new"}}}, DuplicateIDs: []string{"a"}}, list: []string{"#1 new"}, leftOut: []string{"old for new", "middle for new"}},
		{name: "doubled at the same time: the first counts", theirs: []Goal{goal("b", "first", 1), goal("b", "second", 1)}, written: 5,
			want: Merged{Added: []*Goal{{Number: 1, Description: "first"}}, DuplicateIDs: []string{"b"}}, list: []string{"#1 first"}, leftOut: []string{"second for first"}},
		{name: "doubled, and the same: nothing is lost", theirs: []Goal{goal("b", "first", 1), goal("b", "first", 1)}, written: 5,
			want: Merged{Added: []*Goal{{Number: 1, Description: "first"}}, DuplicateIDs: []string{"b"}}, list: []string{"#1 first"}},
		{name: "an empty file", ours: []Goal{goal("a", "one", 0)}, written: 5,
			want: Merged{Vanished: []*Goal{{Number: 1, Description: "one"}}}, list: []string{"#1 one"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := listOf(c.ours...)
			var theirs []*Goal
			for _, g := range c.theirs {
				theirs = append(theirs, &g)
			}
			m := l.Merge(theirs, Base{}, at(c.written))
			for _, part := range []struct {
				name      string
				got, want []*Goal
			}{{"added", m.Added, c.want.Added}, {"changed", after(m.Changed), after(c.want.Changed)}, {"kept", m.Kept, c.want.Kept}, {"vanished", m.Vanished, c.want.Vanished}} {
				if got, want := texts(part.got), texts(part.want); !slices.Equal(got, want) {
					t.Errorf("%s: got %v, want %v", part.name, got, want)
				}
			}
			var leftOut []string
			for _, d := range m.LeftOut {
				leftOut = append(leftOut, d.LeftOut.Description+" for "+d.Stays.Description)
			}
			if !slices.Equal(leftOut, c.leftOut) {
				t.Errorf("left out: got %v, want %v", leftOut, c.leftOut)
			}
			if !slices.Equal(m.DuplicateIDs, c.want.DuplicateIDs) {
				t.Errorf("doubled: got %v, want %v", m.DuplicateIDs, c.want.DuplicateIDs)
			}
			if got := texts(l.All()); !slices.Equal(got, c.list) {
				t.Errorf("the list is %v, want %v", got, c.list)
			}
			if m.Quiet() != c.quiet {
				t.Errorf("quiet is %v", m.Quiet())
			}
			// What was merged once is nothing new.
			again := l.Clone()
			if m := again.Merge(theirs, again.Compare(theirs).Base(), at(c.written)); len(m.Added)+len(m.Changed) > 0 || len(Diff(l, again)) > 0 {
				t.Errorf("merged again: %+v", m)
			}
		})
	}
}

// A goal that is missing in what a person imports is named, unless it is younger.
func TestImportNamesWhatIsMissing(t *testing.T) {
	l := listOf(Goal{ID: "a", Description: "one"}, Goal{ID: "b", Description: "two"}, Goal{ID: "c", Description: "three", Created: noon, Updated: noon.Add(time.Hour)})
	m := l.Import([]*Goal{{ID: "b", Description: "two", Status: Pending, Updated: noon}}, noon.Add(time.Minute))
	if got := texts(m.Vanished); !slices.Equal(got, []string{"#1 one"}) || l.Len() != 3 {
		t.Errorf("missing are %v of %d", got, l.Len())
	}
}

// Of what a person imports only what is newer takes the place of ours, or as new and
// different. The rest is said to be kept, and what is the same is not told.
func TestImportTakesTheNewer(t *testing.T) {
	for _, c := range []struct {
		name, text    string
		minutes       int
		want          string
		changed, kept int
	}{
		{"newer", "uno", 1, "#1 uno", 1, 0},
		{"as new", "uno", 0, "#1 uno", 1, 0},
		{"older", "uno", -1, "#1 one", 0, 1},
		{"the same", "one", 0, "#1 one", 0, 0},
		{"the same and older", "one", -1, "#1 one", 0, 0},
	} {
		l := listOf(Goal{ID: "a", Description: "one", Status: Pending, Created: noon, Updated: noon})
		theirs := Goal{ID: "a", Description: c.text, Status: Pending, Created: noon, Updated: noon.Add(time.Duration(c.minutes) * time.Minute)}
		m := l.Import([]*Goal{&theirs}, noon.Add(time.Hour))
		if got := texts(l.All()); !slices.Equal(got, []string{c.want}) || len(m.Changed) != c.changed || len(m.Kept) != c.kept || len(m.Added) != 0 {
			t.Errorf("%s: %v; %+v", c.name, got, m)
		}
		twice := theirs
		twice.Description = "twice"
		if m = l.Import([]*Goal{&theirs, &twice}, noon.Add(time.Hour)); len(m.LeftOut) != 1 || m.LeftOut[0].LeftOut.Description != "twice" {
			t.Errorf("%s: of two with one id is left out %+v", c.name, m.LeftOut)
		}
	}
}

// What the palace does not know stays with the goal, and a change of ours
// after a merge is the newer one even if their clock was ahead.
func TestMergeKeepsTheirGoalWhole(t *testing.T) {
	evidence := "log"
	theirs := &Goal{ID: "a", Description: fmt.Sprintf("%01200d", 7), Status: Blocked, Created: noon, Updated: noon.Add(1000 * time.Hour),
		Sessions: []Session{{ID: "s", Task: "t", State: Failed, Evidence: &evidence}}, Progress: 200,
		Notes: []string{"n"}, Extra: []Field{{`"owner"`, `"x"`}}}
	var l List
	l.Merge([]*Goal{theirs}, Base{}, noon)
	g := l.Number(1)
	numbered := *theirs
	numbered.Number = 1
	if !g.Same(&numbered) || !g.Updated.Equal(theirs.Updated) {
		t.Errorf("got %+v", g)
	}
	done, err := l.Finish(1, true, noon)
	if err != nil || !done.Updated.After(theirs.Updated) || done.Progress != 0 || !slices.Equal(done.Extra, theirs.Extra) {
		t.Errorf("got %+v, %v", done, err)
	}
	if m := l.Merge([]*Goal{theirs}, Base{}, noon); len(m.Changed) != 0 || l.Number(1) != done {
		t.Error("their older version came back")
	}
}

func TestSameLooksAtEverythingButTheTimeOfTheUpdate(t *testing.T) {
	evidence, other := "e", "e"
	base := func() *Goal {
		g := &Goal{Number: 1, ID: "a", Description: "d", Status: Pending, Acceptance: []string{"x"}, Notes: []string{"n"}, Created: noon,
			Sessions: []Session{{ID: "s", Evidence: &evidence}}, Extra: []Field{{`"k"`, "1"}}}
		g.SetPlan(Plan{Due: "2026-11-30"})
		return g
	}
	g := base()
	g.Updated = noon
	g.Created = noon.In(time.FixedZone("", 3600))
	g.Sessions[0].Evidence = &other
	if !g.Same(base()) || !g.Same(g) || g.Same(nil) || (*Goal)(nil).Same(g) || !(*Goal)(nil).Same(nil) {
		t.Error("what is the same counts as different, or the other way round")
	}
	for name, alter := range map[string]func(*Goal){
		"number":      func(g *Goal) { g.Number = 2 },
		"id":          func(g *Goal) { g.ID = "b" },
		"description": func(g *Goal) { g.Description = "" },
		"status":      func(g *Goal) { g.Status = Done },
		"progress":    func(g *Goal) { g.Progress = 1 },
		"created":     func(g *Goal) { g.Created = noon.Add(1) },
		"acceptance":  func(g *Goal) { g.Acceptance = nil },
		"notes":       func(g *Goal) { g.Notes = []string{"m"} },
		"extra":       func(g *Goal) { g.Extra = nil },
		"session":     func(g *Goal) { g.Sessions[0].Task = "t" },
		"evidence":    func(g *Goal) { g.Sessions[0].Evidence = nil },
		"sessions":    func(g *Goal) { g.Sessions = nil },
		"state":       func(g *Goal) { g.Sessions[0].State = Failed },
		"reason":      func(g *Goal) { text := "f"; g.Sessions[0].Evidence = &text },
		"day":         func(g *Goal) { g.Created = noon.Add(24 * time.Hour) },
		"member":      func(g *Goal) { g.Extra = []Field{{`"k"`, "2"}} },
		"plan":        func(g *Goal) { g.ChangePlan(func(p *Plan) { p.Due = "2026-12-01" }) },
		"count":       func(g *Goal) { g.ChangePlan(func(p *Plan) { p.Count.Target = 1 }) },
	} {
		g := base()
		alter(g)
		if g.Same(base()) || base().Same(g) {
			t.Errorf("a different %s counts as the same", name)
		}
		if (g.Print() == base().Print()) != (name == "number") {
			t.Errorf("the checksum with a different %s is the same, or only the number counts", name)
		}
	}
}

// A session manager writes from its own memory: a goal that was deleted on the
// phone stands in every file that it writes later. It came back with each.
func TestADeletionHolds(t *testing.T) {
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	deleted := func(updated, deleted int) List {
		l := listOf(Goal{ID: "a", Description: "one", Updated: at(updated)}, Goal{ID: "b", Description: "two", Updated: noon})
		if _, err := l.Delete(1); err != nil {
			t.Fatal(err)
		}
		if deleted != 0 {
			l.DeletedAt("a", at(deleted))
		}
		return l
	}
	for _, c := range []struct {
		name    string
		list    List
		updated int // their version of it
		back    bool
	}{
		{"a copy from before", deleted(0, 10), 0, false},
		{"they changed it before that", deleted(0, 10), 9, false},
		{"at the same instant", deleted(0, 10), 10, false},
		{"they changed it since", deleted(0, 10), 11, true},
		{"deleted in the same change, when nobody can have changed it since", deleted(0, 0), 11, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			theirs := []*Goal{{ID: "a", Description: "uno", Status: Pending, Updated: at(c.updated)},
				{ID: "b", Description: "two", Updated: noon}, {ID: "a", Description: "again", Status: Pending, Updated: at(c.updated)}}
			l := c.list.Clone()
			m := l.Merge(theirs, Base{}, at(60))
			want := []string{"#2 two"}
			if c.back {
				want = []string{"#1 uno", "#2 two"}
			}
			if got := texts(l.All()); !slices.Equal(got, want) {
				t.Errorf("the list is %v, want %v", got, want)
			}
			if back := len(m.Back) == 1 && len(m.Added) == 1; back != c.back {
				t.Errorf("merged: %+v", m)
			}
			if m := l.Merge(theirs, Base{}, at(60)); len(m.Added)+len(m.Changed) > 0 {
				t.Errorf("merged again: %+v", m)
			}
			// A person who hands a file over wants what is in it.
			l = c.list.Clone()
			if m := l.Import(theirs, at(60)); len(m.Back) != 1 || l.Number(1) == nil {
				t.Errorf("imported: %+v", m)
			}
		})
	}
}

// A list that a person hands over may come from a program that drops what it does not
// know: the members of a goal stay.
func TestAnImportKeepsMembersThatItLacks(t *testing.T) {
	l := listOf(Goal{ID: "a", Description: "one", Extra: []Field{{`"x"`, "1"}}, Updated: noon})
	m := l.Import([]*Goal{{ID: "a", Description: "uno", Updated: noon.Add(time.Hour)}}, noon.Add(time.Hour))
	if g := l.Number(1); g.Description != "uno" || len(g.Extra) != 1 || len(m.Changed) != 1 {
		t.Errorf("the goal is %+v; %+v", g, m)
	}
}

// A goal that only one of the two versions had which they may have started from is
// combined with what is known of it.
func TestMergeWithAVersionThatLackedTheGoal(t *testing.T) {
	had := Goal{Number: 1, ID: "a", Description: "had", Updated: noon.Add(time.Minute)}
	for _, c := range []struct {
		name      string
		was, near *Goal
		want      string
	}{
		{"both had it", &had, &had, "#1 one"},
		{"the base lacked it", nil, &had, "#1 one"},
		{"the other lacked it", &had, nil, "#1 one"},
	} {
		l := listOf(Goal{ID: "a", Description: "one", Status: Pending, Created: noon, Updated: noon.Add(time.Hour)})
		base := Base{Differs: map[int64]*Goal{1: c.was}, Theirs: true, Near: &Base{Differs: map[int64]*Goal{1: c.near}}}
		l.Merge([]*Goal{{ID: "a", Description: "uno", Status: Pending, Updated: noon}}, base, noon.Add(time.Minute))
		if got := texts(l.All()); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
}

// What another version lacks that they may have started from was not removed by them.
func TestMergeWithAnotherVersion(t *testing.T) {
	goal := func(updated int, notes ...string) *Goal {
		return &Goal{Number: 1, ID: "a", Description: "one", Status: Pending, Notes: notes, Created: noon, Updated: noon.Add(time.Duration(updated) * time.Minute)}
	}
	for or, want := range map[*Goal]string{goal(0, "first"): "[second]", goal(0, "first", "second"): "[]", nil: "[first second]"} {
		l := listOf(*goal(1, "first", "second"))
		l.Merge([]*Goal{goal(2)}, Base{Or: []Base{{Differs: map[int64]*Goal{1: or}}}}, noon.Add(time.Hour))
		if got := fmt.Sprint(l.Number(1).Notes); got != want {
			t.Errorf("with %+v the notes are %s, want %s", or, got, want)
		}
	}
}

// A person with an editor does not touch the time: what they took out is out, also
// beside an older version that a program may have gone on from.
func TestAnEditWithTheTimeOfOursIsOfOurs(t *testing.T) {
	l := listOf(Goal{ID: "a", Description: "one", Notes: []string{"n"}, Updated: noon})
	old := Goal{Number: 1, ID: "a", Description: "one", Updated: noon.Add(-time.Hour)}
	l.Merge([]*Goal{{ID: "a", Description: "one", Updated: noon}}, Base{Differs: map[int64]*Goal{1: &old}}, noon.Add(time.Minute))
	if g := l.Number(1); len(g.Notes) > 0 {
		t.Errorf("its notes are %q", g.Notes)
	}
}
