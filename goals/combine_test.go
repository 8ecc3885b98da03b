package goals

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What two programs changed of one goal at the same time is combined field by field.
func TestCombine(t *testing.T) {
	was := Goal{Number: 1, ID: "a", Description: "one", Status: Pending, Acceptance: []string{"it runs"}, Created: noon, Updated: noon,
		Sessions: []Session{{ID: "s", Task: "t", State: Running}}, Notes: []string{"first"}, Extra: []Field{{`"due"`, "1"}}}
	type change = func(*Goal)
	set := func(s Status) change { return func(g *Goal) { g.Status = s } }
	name := func(s string) change { return func(g *Goal) { g.Description = s } }
	note := func(s string) change { return func(g *Goal) { g.Notes = append(slices.Clone(g.Notes), s) } }
	member := func(name, value string) change {
		return func(g *Goal) {
			name := `"` + name + `"`
			others := slices.DeleteFunc(slices.Clone(g.Extra), func(f Field) bool { return f.Name == name })
			g.Extra = append(others, Field{name, value})
		}
	}
	state := func(s SessionState) change {
		return func(g *Goal) {
			g.Sessions = []Session{{ID: "s", Task: "t", State: s}}
			g.Progress = g.DerivedProgress()
		}
	}
	for _, c := range []struct {
		name         string
		ours, theirs []change
		older        bool // theirs
		want         string
		conflicts    string
	}{
		{name: "nothing", want: "one pending [it runs] [first] s=running due=1"},
		{name: "they alone", theirs: []change{set(Blocked), name("uno"), note("second")}, want: "uno blocked [it runs] [first second] s=running due=1"},
		{name: "they the progress alone", theirs: []change{func(g *Goal) { g.Progress = 40 }}, want: "one pending [it runs] [first] s=running due=1 40%"},
		{name: "we alone", ours: []change{set(Blocked), name("uno"), note("second")}, want: "uno blocked [it runs] [first second] s=running due=1"},
		{name: "different fields", ours: []change{set(Blocked)}, theirs: []change{name("uno")}, want: "uno blocked [it runs] [first] s=running due=1"},
		{name: "the same value", ours: []change{set(Blocked)}, theirs: []change{set(Blocked)}, want: "one blocked [it runs] [first] s=running due=1"},
		{name: "both note", ours: []change{note("ours")}, theirs: []change{note("theirs")}, want: "one pending [it runs] [first ours theirs] s=running due=1"},
		{name: "both note the same", ours: []change{note("x")}, theirs: []change{note("x")}, want: "one pending [it runs] [first x] s=running due=1"},
		{name: "they remove a note, we add one", ours: []change{note("ours")}, theirs: []change{func(g *Goal) { g.Notes = nil }}, want: "one pending [it runs] [ours] s=running due=1"},
		{name: "we remove a note, they keep it", ours: []change{func(g *Goal) { g.Notes = nil }}, theirs: []change{set(Done)}, want: "one done [it runs] [] s=running due=1"},
		{name: "a session goes on", ours: []change{note("ours")}, theirs: []change{state(Verified)}, want: "one pending [it runs] [first ours] s=verified due=1 100%"},
		{name: "a session leaves", ours: []change{note("ours")}, theirs: []change{func(g *Goal) { g.Sessions = nil }}, want: "one pending [it runs] [first ours] due=1"},
		{name: "a member is dropped", theirs: []change{set(Done), func(g *Goal) { g.Extra = nil }}, want: "one done [it runs] [first] s=running due=1"},
		{name: "a member is set", ours: []change{set(Done)}, theirs: []change{func(g *Goal) { g.Extra = []Field{{`"due"`, "2"}, {`"x"`, "3"}} }}, want: "one done [it runs] [first] s=running due=2 x=3"},
		{name: "we set a member, they add one", ours: []change{member("due", "2")}, theirs: []change{member("x", "3")}, want: "one pending [it runs] [first] s=running due=2 x=3"},
		{name: "both set a member", ours: []change{member("due", "2")}, theirs: []change{member("due", "3")},
			want: "one pending [it runs] [first Changed in two places at once: \"due\" was also set to “2”.] s=running due=3", conflicts: `"due" 3 2 true`},
		{name: "we take a member out, they keep it and add one", ours: []change{func(g *Goal) { g.Extra = nil }}, theirs: []change{member("x", "3")}, want: "one pending [it runs] [first] s=running x=3"},
		{name: "a conflict, theirs is newer", ours: []change{set(Blocked)}, theirs: []change{set(Done)},
			want: "one done [it runs] [first Changed in two places at once: the status was also set to “blocked”.] s=running due=1", conflicts: "status done blocked true"},
		{name: "a conflict, ours is newer", ours: []change{name("uno")}, theirs: []change{name("eins")}, older: true,
			want: "uno pending [it runs] [first Changed in two places at once: the name was also set to “eins”.] s=running due=1", conflicts: "description uno eins false"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ours, theirs := was, was
			alter := func(g *Goal, changes []change, at time.Time) {
				for _, f := range changes {
					f(g)
					g.Updated = at
				}
			}
			early, late := noon.Add(time.Minute), noon.Add(time.Hour)
			if c.older {
				early, late = late, early
			}
			alter(&ours, c.ours, early)
			alter(&theirs, c.theirs, late)
			got, conflicts := combine(&was, nil, &was, &ours, &theirs)
			if text := inShort(got); text != c.want {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
			var all []string
			for _, c := range conflicts {
				if c.Goal != got {
					t.Errorf("a conflict is told of %v", c.Goal)
				}
				all = append(all, fmt.Sprint(c.Field, " ", c.Stays, " ", c.Other, " ", c.Theirs))
			}
			if text := strings.Join(all, ", "); text != c.conflicts {
				t.Errorf("conflicts: %q, want %q", text, c.conflicts)
			}
			for _, g := range []*Goal{&ours, &theirs} {
				if !got.Same(g) && !got.Updated.After(g.Updated) {
					t.Errorf("%s has the time of %s", inShort(got), inShort(g))
				}
			}
			// What was combined once is nothing new.
			if again, _ := combine(&theirs, nil, &theirs, got, &theirs); again != got {
				t.Errorf("again: %s", inShort(again))
			}
		})
	}
}

// inShort says what a goal says, in one line.
func inShort(g *Goal) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %v %v", g.Description, g.Status, g.Acceptance, g.Notes)
	for _, s := range g.Sessions {
		fmt.Fprintf(&b, " %s=%s", s.ID, s.State)
	}
	for _, f := range g.Extra {
		fmt.Fprintf(&b, " %s=%s", strings.Trim(f.Name, `"`), f.Value)
	}
	if g.Progress > 0 {
		fmt.Fprintf(&b, " %d%%", g.Progress)
	}
	return b.String()
}

// A copy from before what we know holds no change of a value, and removes nothing;
// what it has and nobody knew is kept.
func TestCombineAStaleCopy(t *testing.T) {
	was := Goal{Number: 1, ID: "a", Description: "new name", Status: Done, Notes: []string{"one", "two"}, Created: noon, Updated: noon.Add(time.Hour),
		Sessions: []Session{{ID: "s", State: Running}}, Extra: []Field{{`"due"`, "2"}}}
	theirs := Goal{Number: 1, ID: "a", Description: "old name", Status: Pending, Notes: []string{"one", "never seen"}, Created: noon.Add(1), Updated: noon,
		Sessions: []Session{{ID: "never seen", State: Failed}}, Extra: []Field{{`"due"`, "1"}}}
	got, conflicts := combine(&was, nil, &was, &was, &theirs)
	if text := inShort(got); text != "new name done [] [one two never seen] s=running never seen=failed due=2" || len(conflicts) > 0 || !got.Updated.After(was.Updated) || got.Created != noon {
		t.Errorf("got %s, %v", text, conflicts)
	}
}

// Where they may have started from either of two versions, what one of them lacks was
// not removed, and a value is compared with the newer version.
func TestCombineWithTwoBases(t *testing.T) {
	or := Goal{Number: 1, ID: "a", Description: "a", Status: Pending, Notes: []string{"one"}, Created: noon, Updated: noon}
	was := or
	was.Notes, was.Status, was.Updated = []string{"one", "two"}, Blocked, noon.Add(time.Minute)
	was.Sessions = []Session{{ID: "s", State: Running}}
	theirs := or
	theirs.Notes, theirs.Updated = nil, noon.Add(time.Hour)
	if got, _ := combine(&was, []*Goal{&or}, &was, &was, &theirs); inShort(got) != "a pending [] [two] s=running" {
		t.Errorf("got %s", inShort(got))
	}
	// A task that one of them had is none that they added, unless they went on with it.
	with, later := or, theirs
	with.Sessions, with.Updated = []Session{{ID: "z", State: Running}}, noon.Add(time.Second)
	with.Notes, later.Notes = []string{"one", "old"}, []string{"old"} // nor is a note
	for _, c := range []struct {
		state SessionState
		stale bool
		want  string
	}{
		{Running, false, "a pending [] [one two] s=running"},
		{Verified, false, "a pending [] [one two] s=running z=verified 50%"},
		{Verified, true, "a blocked [] [one two] s=running"},
	} {
		if later.Sessions = []Session{{ID: "z", State: c.state}}; c.stale {
			later.Updated = noon
		}
		if got, _ := combine(&was, []*Goal{nil, &with, &or}, &was, &was, &later); inShort(got) != c.want {
			t.Errorf("with a task that is %s: got %s, want %s", c.state, inShort(got), c.want)
		}
	}
}

// Where nobody knows what they started from, the newer value wins, and of lists all is kept.
func TestCombineWithoutABase(t *testing.T) {
	ours := Goal{Number: 1, ID: "a", Description: "ours", Status: Done, Notes: []string{"both", "ours"}, Created: noon, Updated: noon}
	theirs := Goal{Number: 1, ID: "a", Description: "theirs", Status: Pending, Notes: []string{"both", "theirs"}, Created: noon, Updated: noon.Add(time.Hour)}
	for older := range 2 {
		theirs.Updated = theirs.Updated.Add(time.Duration(older) * -2 * time.Hour)
		want := []string{"theirs pending [] [both ours theirs]", "ours done [] [both ours theirs]"}[older]
		if got, _ := combine(nil, nil, nil, &ours, &theirs); inShort(got) != want {
			t.Errorf("got %s, want %s", inShort(got), want)
		}
	}
}

// The order in which two changes arrive does not matter where they are not of the
// same value.
func TestCombineInAnyOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		texts := rapid.SliceOfNDistinct(rapid.StringMatching("[a-f]"), 0, 4, rapid.ID)
		was := Goal{Number: 1, ID: "a", Description: "one", Status: Pending, Created: noon, Updated: noon,
			Notes: texts.Draw(r, "notes"), Acceptance: texts.Draw(r, "criteria")}
		alter := func(who string, fields []string, at time.Time) *Goal {
			g := was
			for _, field := range fields {
				switch field {
				case "name":
					g.Description = who
				case "status":
					g.Status = Blocked
				case "notes":
					g.Notes = append(slices.DeleteFunc(slices.Clone(g.Notes), func(s string) bool { return rapid.Bool().Draw(r, "remove") }), who)
				case "criteria":
					g.Acceptance = append(slices.Clone(g.Acceptance), who)
				case "session":
					g.Sessions = append(slices.Clone(g.Sessions), Session{ID: who, Task: who, State: Verified})
				case "member":
					g.Extra = append(slices.Clone(g.Extra), Field{`"` + who + `"`, "1"})
				}
				g.Updated = at
			}
			return &g
		}
		shared := []string{"notes", "criteria", "session", "member"}
		some := rapid.SliceOfDistinct(rapid.SampledFrom(shared), rapid.ID)
		first, second := some.Draw(r, "first"), some.Draw(r, "second")
		for _, value := range []string{"name", "status"} {
			switch rapid.IntRange(0, 2).Draw(r, value) {
			case 1:
				first = append(first, value)
			case 2:
				second = append(second, value)
			}
		}
		a := alter("first", first, noon.Add(time.Minute))
		b := alter("second", second, noon.Add(time.Hour))
		ab, conflicts := combine(&was, nil, &was, a, b)
		ba, others := combine(&was, nil, &was, b, a)
		for _, g := range []*Goal{ab, ba} {
			slices.Sort(g.Notes)
			slices.Sort(g.Acceptance)
			slices.SortFunc(g.Sessions, func(a, b Session) int { return strings.Compare(a.ID, b.ID) })
			slices.SortFunc(g.Extra, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
		}
		if inShort(ab) != inShort(ba) || len(conflicts)+len(others) > 0 {
			r.Errorf("%s\n%s", inShort(ab), inShort(ba))
		}
	})
}

// Theirs is as near to what we wrote last as to what they wrote last: each side has
// changed one value of one goal. That was taken for a change of ours by them, so that
// what we had said was gone without a word, and what they had said where theirs was
// older. A value that only one side changed is no conflict.
func TestOneValueThatBothChangedIsAConflict(t *testing.T) {
	near := Goal{Number: 1, ID: "a", Description: "a", Status: Pending, Created: noon, Updated: noon,
		Sessions: []Session{{ID: "s", Task: "t", State: Launched}}}
	state := func(s SessionState) []Session { return []Session{{ID: "s", Task: "t", State: s}} }
	for _, c := range []struct {
		name   string
		theirs func(*Goal)
		older  bool
		want   string
	}{
		{"both", func(g *Goal) { g.Status = InProgress }, false, "a inProgress [] [Changed in two places at once: the status was also set to “done”.] s=launched"},
		{"both, theirs is older", func(g *Goal) { g.Status = InProgress }, true, "a done [] [Changed in two places at once: the status was also set to “in progress”.] s=launched"},
		{"they another value", func(g *Goal) { g.Status, g.Description = Done, "b" }, false, "b done [] [] s=launched"},
		{"they another value, and theirs is older", func(g *Goal) { g.Description = "b" }, true, "b done [] [] s=launched"},
		{"they set back what we had set", func(g *Goal) { g.Description = "b" }, false, "b pending [] [] s=launched"},
		{"they a task", func(g *Goal) { g.Status, g.Sessions = Done, state(Failed) }, false, "a done [] [] s=failed"},
	} {
		ours := near
		ours.Status, ours.Updated = Done, noon.Add(time.Minute)
		theirs := near
		c.theirs(&theirs)
		if theirs.Updated = noon.Add(time.Hour); c.older {
			theirs.Updated = noon.Add(time.Second)
		}
		list := listOf(ours)
		m := list.Merge([]*Goal{&theirs}, Base{Near: &Base{Theirs: true, Differs: map[int64]*Goal{1: &near}}}, noon.Add(2*time.Hour))
		if got := inShort(list.Number(1)); got != c.want || (len(m.Conflicts) > 0) != strings.Contains(c.want, "Changed") {
			t.Errorf("%s: got %s, %d conflicts", c.name, got, len(m.Conflicts))
		}
	}
	// A status that we set to the first one.
	was := near
	was.Status = Blocked
	their := was
	their.Status, their.Updated = Done, noon.Add(time.Hour)
	if got, _ := combine(&was, nil, &was, &near, &their); inShort(got) != "a done [] [Changed in two places at once: the status was also set to “to do”.] s=launched" {
		t.Errorf("got %s", inShort(got))
	}
	// A state that both set of one task.
	ours, theirs := near, near
	ours.Sessions, ours.Updated = state(Failed), noon.Add(time.Minute)
	theirs.Sessions, theirs.Updated = state(Running), noon.Add(time.Hour)
	if got, conflicts := combine(&ours, nil, &near, &ours, &theirs); inShort(got) != "a pending [] [Changed in two places at once: the state of s was also set to “failed”.] s=running" || len(conflicts) != 1 {
		t.Errorf("got %s, %v", inShort(got), conflicts)
	}
}

// Of a goal with ticked criteria the progress stayed as it was when another program
// added a criterion, or linked a task of which nothing is verified.
func TestProgressFollowsWhatIsCombined(t *testing.T) {
	criteria := []string{"one", "two"}
	was := Goal{Number: 1, ID: "a", Description: "a", Status: Pending, Acceptance: criteria, Created: noon, Updated: noon}
	ours := was
	ours.Progress, ours.Updated = 50, noon.Add(time.Minute)
	ours.SetPlan(Plan{Ticked: criteria[:1:1]})
	task := []Session{{ID: "s", Task: "t", State: Launched}}
	for _, c := range []struct {
		name        string
		was, theirs func(*Goal) // what differs from the goal before it was ticked
		want        uint8
	}{
		{"nothing", nil, nil, 50},
		{"a note", nil, func(g *Goal) { g.Notes = []string{"n"} }, 50},
		{"a criterion", nil, func(g *Goal) { g.Acceptance = []string{"one", "two", "three"} }, 33},
		{"without one", nil, func(g *Goal) { g.Acceptance = []string{"one"} }, 100},
		{"a task", nil, func(g *Goal) { g.Sessions = task }, 0},
		{"a task and a progress of their own", nil, func(g *Goal) { g.Sessions, g.Progress = task, 7 }, 7},
		{"the only task leaves", func(g *Goal) { g.Sessions = task }, func(g *Goal) {}, 50},
		{"the only task leaves, and nothing was ticked", func(g *Goal) { g.Sessions = task; g.SetPlan(Plan{}) }, func(g *Goal) {}, 30},
		{"a criterion where nothing was ticked", func(g *Goal) { g.SetPlan(Plan{}) }, func(g *Goal) { g.Acceptance = []string{"one", "two", "three"} }, 30},
	} {
		was, ours, theirs := was, ours, was
		if theirs.Updated = noon.Add(time.Hour); c.theirs != nil {
			c.theirs(&theirs)
		}
		if c.was != nil {
			c.was(&was)
			c.was(&ours)
			if ours.Progress = ours.DerivedProgress(); ours.Plan().IsZero() {
				ours.Progress = 30 // which another program wrote
			}
		}
		if got, _ := combine(&was, nil, &was, &ours, &theirs); got.Progress != c.want {
			t.Errorf("%s: %d%%, want %d%%", c.name, got.Progress, c.want)
		}
	}
}

// Members of a task stay that they dropped; where they dropped none, the tasks stand in
// the order that they chose.
func TestTheirTasksKeepMembers(t *testing.T) {
	session := func(id string, state SessionState, extra ...Field) Session {
		return Session{ID: id, State: state, Extra: extra}
	}
	x := Field{`"x"`, "1"}
	was := Goal{Number: 1, ID: "a", Sessions: []Session{session("s", Launched, x), session("z", Running)}, Updated: noon}
	for _, c := range []struct {
		name   string
		theirs []Session
		want   string
	}{
		{"dropped", []Session{session("s", Verified), session("z", Failed)}, "[{s  verified <nil> [{\"x\" 1}]} {z  failed <nil> []}]"},
		{"kept, in another order", []Session{session("z", Failed), session("s", Launched, x)}, "[{z  failed <nil> []} {s  launched <nil> [{\"x\" 1}]}]"},
	} {
		theirs := was
		theirs.Sessions, theirs.Updated = c.theirs, noon.Add(time.Hour)
		if got, _ := combine(&was, nil, &was, &was, &theirs); fmt.Sprint(got.Sessions) != c.want {
			t.Errorf("%s: %v, want %s", c.name, got.Sessions, c.want)
		}
	}
}

// What another program says anew of a task is taken over, also that it has no evidence
// any more.
func TestATaskIsTakenOver(t *testing.T) {
	evidence := "it ran"
	was := Goal{Number: 1, ID: "a", Sessions: []Session{{ID: "s", Task: "try", State: Verified, Evidence: &evidence}}, Updated: noon}
	ours, theirs := was, was
	ours.Description, theirs.Updated = "a", noon.Add(time.Hour)
	ours.Sessions = []Session{{ID: "s", Task: "try", State: Verified, Evidence: &evidence, Extra: []Field{{`"x"`, "1"}}}}
	theirs.Sessions = []Session{{ID: "s", Task: "try again", State: Launched, Extra: []Field{{`"y"`, "2"}}}}
	theirs.Created = noon
	got, conflicts := combine(&was, nil, &was, &ours, &theirs)
	if members := fmt.Sprint(got.Sessions[0].Extra); members != `[{"x" 1} {"y" 2}]` || got.Created != noon {
		t.Errorf("its members are %s, and the goal was created at %v", members, got.Created)
	}
	if s := got.Sessions[0]; s.Task != "try again" || s.State != Launched || s.Evidence != nil || got.Description != "a" || len(conflicts) > 0 {
		t.Errorf("the task is %+v, with the conflicts %v", s, conflicts)
	}
	other := "it ran twice"
	theirs.Sessions = []Session{{ID: "s", Task: "try", State: Verified, Evidence: &other}}
	got, _ = combine(&was, nil, &was, &ours, &theirs)
	if s := got.Sessions[0]; s.Evidence == nil || *s.Evidence != other || len(s.Extra) != 1 {
		t.Errorf("with other evidence the task is %+v", s)
	}
}
