package formats

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
)

// A place and an assignee are taken as far as they can be meant, as a spreadsheet may
// have saved them since; no more goals are pinned than may be. Broken on purpose: no
// look at how far a place is, and no count of the pins.
func TestPlacesOfAList(t *testing.T) {
	text := func(s string) *string { return &s }
	for _, c := range []struct {
		name string
		s    planFields
		want string
		left string
	}{
		{"nothing", planFields{}, "true 7 1001", "[]"},
		{"none", planFields{pinned: text(""), order: text(""), assignee: text("")}, "false 0 0", "[]"},
		{"others", planFields{pinned: text("TRUE"), order: text(" 3,5 "), assignee: text("1002 ")}, "true 15032385536 1002", "[]"},
		{"zero", planFields{order: text("0")}, "true 1 1001", "[]"},
		{"before all", planFields{order: text("-1")}, "true -4294967296 1001", "[]"},
		{"far away", planFields{order: text("1e300"), assignee: text("-5")}, "true 7 1001", "[1 place in the order that cannot be read 1 assignee that cannot be read]"},
		{"words", planFields{order: text("NaN"), assignee: text("Ann")}, "true 7 1001", "[1 place in the order that cannot be read 1 assignee that cannot be read]"},
	} {
		left := leave{}
		p := c.s.plan(goals.Plan{Pinned: true, Rank: 7, Assignee: 1001}, nil, on(noon), left)
		if got := fmt.Sprint(p.Pinned, p.Rank, p.Assignee); got != c.want || fmt.Sprint(left.words()) != c.left {
			t.Errorf("%s: %s and %v, want %s and %s", c.name, got, left.words(), c.want, c.left)
		}
	}

	var there []*goals.Goal
	for i := range 5 {
		there = append(there, &goals.Goal{Number: int64(i + 1), ID: fmt.Sprint("g-", i), Description: "x", Status: goals.Pending, Created: noon, Updated: noon})
	}
	ours := []*goals.Goal{{Number: 1, ID: "g-9", Status: goals.Pending}, {Number: 2, ID: "g-4", Status: goals.Pending}}
	for _, g := range slices.Concat(there, ours) {
		g.SetPlan(goals.Plan{Pinned: true})
	}
	here := goals.NewList(0, ours)
	for name := range forms {
		f, err := read(t, name, written(t, name, there, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		taken := f.Take(here, on(noon))
		pinned := ""
		for _, g := range taken.Goals {
			if g.IsPinned() {
				pinned += " " + g.ID
			}
		}
		if pinned != " g-0 g-4" || fmt.Sprint(taken.LeftOut) != "[3 pins beyond the first three]" {
			t.Errorf("%s: pinned are%s, and %v", name, pinned, taken.LeftOut)
		}
	}
}

// A page of a version that carried no places leaves them as they are. Broken on purpose:
// taken as one that carries them.
func TestAPageWithoutPlaces(t *testing.T) {
	all := ours()
	var page strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(string(written(t, "goals.md", all, time.UTC)), carriesPlans, carriedBefore)) {
		inner := strings.TrimSpace(line)
		if !strings.HasPrefix(inner, "- Pinned:") && !strings.HasPrefix(inner, "- Order:") && !strings.HasPrefix(inner, "- Assignee:") {
			page.WriteString(line)
		}
	}
	list := goals.NewList(0, all)
	f, err := read(t, "goals.md", []byte(page.String()))
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.Take(list, on(noon)).Goals {
		if want := list.ID(g.ID).Plan(); g.Plan().Pinned != want.Pinned || g.Plan().Rank != want.Rank || g.Plan().Assignee != want.Assignee || g.Plan().Due != want.Due {
			t.Errorf("%q has the plan %+v, want %+v", g.Description, g.Plan(), want)
		}
	}
}
