package goals

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// differs shows what a version says differently than the list.
func differs(b Base) string {
	var all []string
	for _, n := range slices.Sorted(maps.Keys(b.Differs)) {
		said := "nothing"
		if g := b.Differs[n]; g != nil {
			said = g.Description
		}
		all = append(all, fmt.Sprintf("#%d %s", n, said))
	}
	return strings.Join(all, ", ")
}

// A version of the list is told by what it says differently, of goals that are gone
// here too. What has no number here is no part of it.
func TestAVersionIsWhatItSaysDifferently(t *testing.T) {
	goal := func(id, text string) *Goal {
		return &Goal{ID: id, Description: text, Status: Pending, Created: noon, Updated: noon}
	}
	list := listOf(*goal("a", "one"), *goal("b", "two"), *goal("c", "three"))
	if _, err := list.Delete(3); err != nil {
		t.Fatal(err)
	}
	later := goal("a", "one")
	later.Updated = noon.Add(time.Second)
	for _, tt := range []struct {
		name   string
		theirs []*Goal
		want   string
	}{
		{"the same", []*Goal{goal("a", "one"), goal("b", "two")}, ""},
		{"another text", []*Goal{goal("a", "uno"), goal("b", "two")}, "#1 uno"},
		{"another time alone", []*Goal{later, goal("b", "two")}, "#1 one"},
		{"without one", []*Goal{goal("a", "one")}, "#2 nothing"},
		{"with one that was deleted here", []*Goal{goal("a", "one"), goal("b", "two"), goal("c", "three")}, "#3 three"},
		{"with a new one", []*Goal{goal("a", "one"), goal("b", "two"), goal("d", "four")}, ""},
	} {
		v := list.Compare(tt.theirs).Base()
		if got := differs(v); got != tt.want || !v.Theirs {
			t.Errorf("%s: it says %q, want %q", tt.name, got, tt.want)
		}
		if same := v.Says(list.Compare(list.All()).Base()); same != (tt.want == "") || !v.Says(list.Compare(tt.theirs).Base()) {
			t.Errorf("%s: it says the same as the list: %v", tt.name, same)
		}
	}
	if (Base{Nothing: true}).Says(Base{}) {
		t.Error("who had nothing had all of the list")
	}
}

// A version keeps what it said while the list changes, and says nothing differently
// any more where the list has come back to it. Whoever shows one of its goals as
// only it has it has not seen what came after.
func TestAVersionFollowsTheList(t *testing.T) {
	list := listOf(Goal{Description: "one", Created: noon, Updated: noon}, Goal{Description: "two", Created: noon, Updated: noon})
	old := list.Clone()
	var b Base
	nothing := Base{Nothing: true}
	change := func(text string, at time.Time) {
		before := list.Number(1)
		after := *before
		after.Description, after.Updated = text, at
		list.Put(&after)
		b.Follow([]Change{{before, &after}})
		nothing.Follow([]Change{{before, &after}})
	}
	check := func(want string, seen bool) {
		t.Helper()
		if got := differs(b); got != want || differs(nothing) != "" {
			t.Errorf("it says %q, want %q; and who had nothing %q", got, want, differs(nothing))
		}
		if list.Compare(old.All()).Shows(b) == seen || list.Compare(list.All()).Shows(b) {
			t.Error("who has seen what came after, and who has not, is mixed up")
		}
	}
	check("", true)
	change("one", noon) // which is none
	check("", true)
	change("uno", noon.Add(1))
	check("#1 one", false)
	change("eins", noon.Add(2))
	check("#1 one", false)
	change("one", noon)
	check("", true)
}

// Two goals are identical where the file would have the same of them, and the same
// time of the last change. One that is not there is identical to another such.
func TestIdentical(t *testing.T) {
	a := &Goal{ID: "a", Description: "one", Status: Pending, Created: noon, Updated: noon}
	same, later, other := *a, *a, *a
	later.Updated, other.Description = noon.Add(1), "two"
	same.SetPlan(Plan{Due: "2026-12-01"}) // is not in the file
	for _, tt := range []struct {
		a, b *Goal
		want bool
	}{{a, &same, true}, {a, &later, false}, {a, &other, false}, {a, nil, false}, {nil, a, false}, {nil, nil, true}} {
		if got := Identical(tt.a, tt.b); got != tt.want {
			t.Errorf("%+v and %+v: %v", tt.a, tt.b, got)
		}
	}
}

// What somebody wrote tells from which of several versions they went on: by a goal that
// is exactly as in one of them, by what they still have, and by what they lack. A value
// that is as it was before may have been set back.
func TestWhatTellsAnOlderVersion(t *testing.T) {
	at := func(minutes int, status Status, notes ...string) *Goal {
		return &Goal{Number: 1, ID: "a", Description: "a", Status: status, Notes: notes, Created: noon, Updated: noon.Add(time.Duration(minutes) * time.Minute)}
	}
	list := listOf(*at(9, Done, "list"))
	base := func(g *Goal) Base { return Base{Differs: map[int64]*Goal{1: g}} }
	for _, c := range []struct {
		name                string
		older, later, wrote *Goal
		want                bool
	}{
		{"it is exactly the older", at(1, Pending), at(2, Pending), at(1, Pending), true},
		{"it is exactly the later", at(1, Pending), at(2, Pending), at(2, Pending), false},
		{"it is as both", at(1, Pending), at(1, Pending), at(1, Pending), false},
		{"it has what the list and the later lack", at(1, Pending, "gone"), at(2, Pending), at(10, Blocked, "gone"), true},
		{"it has what the list alone lacks", at(1, Pending, "gone"), at(2, Pending, "gone"), at(10, Blocked, "gone"), false},
		{"it lacks what the later has too", at(1, Pending, "gone"), at(2, Pending, "gone", "added"), at(10, Blocked, "gone"), true},
		{"it has what the later has", at(1, Pending, "gone"), at(2, Pending, "gone", "added"), at(10, Blocked, "gone", "added"), false},
		{"a status is as in the older", at(1, Pending, "gone"), at(2, Blocked, "gone"), at(10, Pending, "gone"), false},
		{"it has nothing of the older", at(1, Pending), at(2, Pending), at(10, Pending), false},
	} {
		if got := list.Compare([]*Goal{c.wrote}).Shows(base(c.older), base(c.later)); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// A goal that they do not have tells neither.
func TestAGoalThatTheyLackTellsNothing(t *testing.T) {
	goal := func(id, text string) *Goal {
		return &Goal{ID: id, Description: text, Status: Pending, Notes: []string{text}, Created: noon, Updated: noon}
	}
	list := listOf(*goal("a", "later"), *goal("b", "later"))
	base := func(a, b string) Base { return list.Compare([]*Goal{goal("a", a), goal("b", b)}).Base() }
	wrote := list.Compare([]*Goal{goal("a", "first")})
	if wrote.Shows(base("later", "first")) {
		t.Error("it shows a version by a goal that they lack")
	}
	if wrote.Shows(base("first", "first"), base("first", "second")) {
		t.Error("it is older than a version of which it lacks what is newer")
	}
}

// What somebody wrote tells that they have seen the later of two versions: by a goal,
// an entry or a value that only that one has.
func TestWhatTellsThatALaterVersionWasSeen(t *testing.T) {
	at := func(status Status, text string, notes ...string) *Goal {
		return &Goal{Number: 1, ID: "a", Description: text, Status: status, Notes: notes, Created: noon, Updated: noon}
	}
	list := listOf(*at(Done, "list"))
	base := func(g *Goal) Base { return Base{Differs: map[int64]*Goal{1: g}} }
	for _, c := range []struct {
		name                string
		older, later, wrote *Goal
		want                bool
	}{
		{"the same in all", at(Pending, "a"), at(Pending, "a"), at(Pending, "a"), false},
		{"its status", at(Pending, "a"), at(Blocked, "a"), at(Blocked, "b"), true},
		{"the older status", at(Pending, "a"), at(Blocked, "a"), at(Pending, "a"), false},
		{"another status", at(Pending, "a"), at(Blocked, "a"), at(Done, "a"), false},
		{"its name", at(Pending, "a"), at(Pending, "b"), at(Done, "b"), true},
		{"a note that it added", at(Pending, "a"), at(Pending, "a", "x", "y"), at(Done, "a", "y"), true},
		{"a note that both have", at(Pending, "a", "x"), at(Pending, "a", "x", "y"), at(Done, "a", "x"), false},
		{"a note of their own", at(Pending, "a"), at(Pending, "a", "x"), at(Done, "a", "z"), false},
		{"a goal", nil, at(Pending, "a"), at(Done, "b"), true},
		{"a goal that the later lacks", at(Pending, "a"), nil, at(Pending, "a"), false},
		{"a goal that they lack", at(Pending, "a"), at(Blocked, "a"), nil, false},
	} {
		var wrote []*Goal
		if c.wrote != nil {
			wrote = append(wrote, c.wrote)
		}
		v := list.Compare(wrote)
		if got := v.Saw(base(c.older), base(c.later)); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	// A goal of which only one of the two says something else than the list.
	same := at(Done, "list")
	for _, c := range []struct {
		older, later Base
		want         bool
	}{
		{base(at(Pending, "list")), Base{}, true},
		{Base{}, base(at(Pending, "list")), false},
	} {
		if got := list.Compare([]*Goal{same}).Saw(c.older, c.later); got != c.want {
			t.Errorf("%+v and %+v: %v", c.older, c.later, got)
		}
	}
}

// Which of several versions somebody went on from is told by how little what they wrote
// differs from it. A version is what the list was when they could have read it, or what
// they wrote themselves before.
func TestTheNearestVersion(t *testing.T) {
	goal := func(id string, minute int, changes ...func(*Goal)) *Goal {
		g := &Goal{ID: id, Description: id, Status: Pending, Created: noon, Updated: noon.Add(time.Duration(minute) * time.Minute),
			Acceptance: []string{"it runs"}, Notes: []string{"first"}, Sessions: []Session{{ID: "s", Task: "t", State: Running}}, Extra: []Field{{`"due"`, "1"}}}
		for _, c := range changes {
			c(g)
		}
		return g
	}
	name := func(s string) func(*Goal) { return func(g *Goal) { g.Description = s } }
	status := func(s Status) func(*Goal) { return func(g *Goal) { g.Status = s } }
	notes := func(all ...string) func(*Goal) { return func(g *Goal) { g.Notes = all } }
	sessions := func(all ...Session) func(*Goal) { return func(g *Goal) { g.Sessions = all } }
	type version []*Goal
	versions := func(all ...version) []version { return all }
	a, b := goal("a", 0), goal("b", 0)
	for _, c := range []struct {
		name    string
		list    version
		deleted []*Goal // of the list
		bases   []version
		wrote   version
		want    int
	}{
		{"a person saved the file as it was read: the list itself", version{goal("a", 5), b}, nil,
			versions(version{a, b}, version{goal("a", 5), b}), version{goal("a", 5), b}, 1},
		{"a program wrote again what it wrote before", version{goal("a", 5), b}, nil,
			versions(version{goal("a", 5), b}, version{a, b}), version{a, b}, 1},
		{"both are as near: the first", version{goal("a", 5), b}, nil,
			versions(version{goal("a", 2), b}, version{goal("a", 3), b}), version{goal("a", 9), b}, 0},
		{"a person added a note to the list", version{goal("a", 5, status(Done)), b}, nil,
			versions(version{a, b}, version{goal("a", 5, status(Done)), b}), version{goal("a", 5, status(Done), notes("first", "second")), b}, 1},
		{"a program set a status in the older version", version{goal("a", 5, name("uno")), b}, nil,
			versions(version{goal("a", 5, name("uno")), b}, version{a, b}), version{goal("a", 9, status(Done)), b}, 1},
		{"a program removed a goal that both have", version{goal("a", 5), b}, nil,
			versions(version{goal("a", 5), b}, version{a, b}), version{a}, 1},
		{"a program never had a goal that was added since", version{a, b}, nil,
			versions(version{a, b}, version{a}), version{goal("a", 9, name("uno"))}, 1},
		{"a person has the goal that was added", version{a, b}, nil,
			versions(version{a}, version{a, b}), version{goal("a", 9, name("uno")), b}, 1},
		{"a program still has a goal that was deleted", version{a, b}, version{b},
			versions(version{a}, version{a, b}), version{a, b}, 1},
		{"it changed that goal", version{a, b}, version{b},
			versions(version{a}, version{a, b}), version{a, goal("b", 9, name("two"))}, 1},
		{"a person has seen the deletion", version{a, b}, version{b},
			versions(version{a, b}, version{a}), version{a}, 1},
		{"goals that are nowhere else tell nothing", version{goal("a", 5), b}, nil,
			versions(version{a, b}, version{goal("a", 5), b}), version{goal("a", 5), b, goal("new", 9), goal("newer", 9)}, 1},
		{"a program began with nothing and has none of the list", version{a}, nil,
			versions(version{goal("a", 0, name("uno"))}, nil), nil, 1},
		{"nor has it a goal of the list among its own", version{a}, nil,
			versions(version{goal("a", 0, name("uno"))}, nil), version{goal("new", 9)}, 1},
		{"who has one goal of the list did not begin with nothing, however much it was changed", version{a, b}, nil,
			versions(nil, version{a, b}), version{goal("a", 9, name("uno"), status(Done), notes("x", "y", "z"))}, 1},
		{"nor did who has one that was deleted", version{a, b}, version{b}, versions(nil, version{a}), version{b}, 1},

		{"the time of the last change tells more than a value", version{goal("a", 9), b}, nil,
			versions(version{goal("a", 2, status(Blocked)), b}, version{goal("a", 1, status(Pending)), b}), version{goal("a", 1, status(Blocked)), b}, 1},
		{"a goal that is missing tells more than a time", version{a, b}, nil,
			versions(version{a, b}, version{goal("a", 1)}), version{a}, 1},
		{"a name tells more than a status in progress", version{a}, nil,
			versions(version{goal("a", 5)}, version{goal("a", 5, name("uno"))}), version{goal("a", 9, name("uno"), func(g *Goal) { g.Progress = 50 })}, 1},

		// What differs in one thing alone, at one time.
		{"the name", version{goal("a", 9)}, nil, versions(version{a}, version{goal("a", 0, name("uno"))}), version{goal("a", 1, name("uno"))}, 1},
		{"the status", version{goal("a", 9)}, nil, versions(version{a}, version{goal("a", 0, status(Done))}), version{goal("a", 1, status(Done))}, 1},
		{"the progress", version{goal("a", 9)}, nil,
			versions(version{a}, version{goal("a", 0, func(g *Goal) { g.Progress = 10 })}), version{goal("a", 1, func(g *Goal) { g.Progress = 10 })}, 1},
		{"when it was created", version{goal("a", 9)}, nil,
			versions(version{a}, version{goal("a", 0, func(g *Goal) { g.Created = noon.Add(1) })}), version{goal("a", 1, func(g *Goal) { g.Created = noon.Add(1) })}, 1},
		{"a criterion", version{goal("a", 9)}, nil,
			versions(version{goal("a", 0, func(g *Goal) { g.Acceptance = nil })}, version{a}), version{goal("a", 1)}, 1},
		{"a note that it has", version{goal("a", 9)}, nil, versions(version{goal("a", 0, notes())}, version{a}), version{goal("a", 1)}, 1},
		{"a note that it lacks", version{goal("a", 9)}, nil, versions(version{a}, version{goal("a", 0, notes())}), version{goal("a", 1, notes())}, 1},
		{"more of the notes", version{goal("a", 9)}, nil,
			versions(version{goal("a", 0, notes("x"))}, version{goal("a", 0, notes("x", "y"))}), version{goal("a", 1, notes("x", "y", "z"))}, 1},
		{"a member", version{goal("a", 9)}, nil,
			versions(version{goal("a", 0, func(g *Goal) { g.Extra = nil })}, version{a}), version{goal("a", 1)}, 1},
		{"a session", version{goal("a", 9)}, nil, versions(version{goal("a", 0, sessions())}, version{a}), version{goal("a", 1)}, 1},
		{"the state of a session", version{goal("a", 9)}, nil,
			versions(version{a}, version{goal("a", 0, sessions(Session{ID: "s", Task: "t", State: Verified}))}), version{goal("a", 1, sessions(Session{ID: "s", Task: "t", State: Verified}))}, 1},
		{"another session rather than another state", version{goal("a", 9)}, nil,
			versions(version{goal("a", 0, sessions(Session{ID: "z", State: Running}))}, version{goal("a", 0, sessions(Session{ID: "s", State: Failed}))}), version{goal("a", 1)}, 1},
		{"changes of two goals together", version{goal("a", 9), goal("b", 9)}, nil,
			versions(version{goal("a", 0, notes("x", "y")), b}, version{goal("a", 0, notes("x")), goal("b", 0, name("two"))}), version{goal("a", 0, notes("x")), goal("b", 0, name("two"), status(Done))}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var list List
			for _, g := range c.list {
				list.adopt(g)
			}
			for _, g := range c.deleted {
				if _, err := list.Delete(list.ID(g.ID).Number); err != nil {
					t.Fatal(err)
				}
			}
			var bases []Base
			for _, v := range c.bases {
				b := list.Compare(v).Base()
				if v == nil {
					b = Base{Nothing: true}
				}
				bases = append(bases, b)
			}
			best, distances := list.Compare(c.wrote).Nearest(bases)
			if best != c.want || len(distances) != len(bases) {
				t.Errorf("nearest is %d of %v, want %d", best, distances, c.want)
			}
			for i, v := range c.bases { // who wrote exactly a version differs from no version less
				if best, distances := list.Compare(v).Nearest(bases); distances[i] != 0 || distances[best] != 0 {
					t.Errorf("what version %d says differs from it: %v", i, distances)
				}
			}
		})
	}
	if best, distances := new(List).Compare(version{a}).Nearest(nil); best != -1 || distances != nil {
		t.Errorf("of none the nearest is %d, %v", best, distances)
	}
}
