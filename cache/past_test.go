package cache

import (
	"maps"
	"slices"
	"testing"

	"goalbot/goals"
)

// Where the list was as much like a file at several times, the latest counts: what
// differs from it was written by others.
func TestWhenTheListWasMostLikeAFile(t *testing.T) {
	version := func(note string) *goals.Goal {
		g := goal(1, "call mother")
		g.Number, g.Notes = 1, []string{note}
		return g
	}
	v1, v2, v3 := version("one"), version("two"), version("three")
	back := []goals.Change{{Before: v2, After: v3}, {Before: v1, After: v2}, {After: v1}}
	for _, tt := range []struct {
		name    string
		theirs  *goals.Goal
		differs map[int64]*goals.Goal
		exact   bool
	}{
		{"as it is now", v3, nil, true},
		{"as it was once", v2, map[int64]*goals.Goal{1: v2}, true},
		{"as it was at first", v1, map[int64]*goals.Goal{1: v1}, true},
		{"as it never was", version("theirs"), nil, false},
	} {
		theirs := *tt.theirs
		differs, exact := mostLike([]*goals.Goal{&theirs}, goals.NewList(1, []*goals.Goal{v3}), slices.Values(back))
		if exact != tt.exact || !maps.EqualFunc(differs, tt.differs, goals.Identical) {
			t.Errorf("%s: it differs by %v, exact %v", tt.name, differs, exact)
		}
		// The same where a goal came since.
		since := goal(2, "buy milk")
		want := map[int64]*goals.Goal{2: nil}
		maps.Copy(want, tt.differs)
		differs, exact = mostLike([]*goals.Goal{&theirs}, goals.NewList(2, []*goals.Goal{v3, since}), slices.Values(append([]goals.Change{{After: since}}, back...)))
		if exact != tt.exact || !maps.EqualFunc(differs, want, goals.Identical) {
			t.Errorf("%s, and a goal came since: it differs by %v, exact %v", tt.name, differs, exact)
		}
	}
}
