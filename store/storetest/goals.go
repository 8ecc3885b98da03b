package storetest

import (
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

var goalTests = []func(*testing.T, Open){
	testNumbersAndIDsOfDeletedGoalsAreNotGivenAgain,
	testUnknownFieldsAndOddValuesSurvive,
	testTheListIsWhatCanBeReadBack,
}

func testNumbersAndIDsOfDeletedGoalsAreNotGivenAgain(t *testing.T, open Open) {
	p := open.fresh(t)
	add(t, p, "one")
	add(t, p, "two")
	o := origin("delete", 7)
	update(t, p, o, func(tx store.Tx) error { _, err := tx.List().Delete(2); return err })
	p = p.Reopen(t)
	same(t, "next number", add(t, p, "three"), 3)
	err := p.Update(t.Context(), origin("addgoal", 7), func(tx store.Tx) error {
		_, err := tx.List().Add(goals.Draft{Description: "again"}, "g-two", noon)
		return err
	})
	if err == nil {
		t.Error("the id of a deleted goal was given again")
	}
	// Nor can anyone get around the list.
	for _, g := range []*goals.Goal{
		{Number: 2, ID: "g-new", Status: goals.Pending},
		{Number: 4, ID: "g-two", Status: goals.Pending},
		{Number: 1, ID: "g-new", Status: goals.Pending},
		{Number: 0, ID: "g-new", Status: goals.Pending},
		{Number: 4, ID: "g-\xff", Status: goals.Pending}, // goals.json would have another id
	} {
		g.Description, g.Created, g.Updated = "new", noon, noon
		if err := p.Update(t.Context(), origin("x", 7), func(tx store.Tx) error { tx.List().Put(g); return nil }); err == nil {
			t.Errorf("goal %q took number %d", g.ID, g.Number)
		}
	}
	same(t, "list", listed(p.List()), "#1 one #3 three ")

	// Taking the deletion back gives the goal its number.
	update(t, p, origin("undo", 7), func(tx store.Tx) error {
		events, err := tx.Change(o.Key)
		if err == nil {
			was, err := tx.Before(o.Key)
			tx.List().Revert(events[0].Edit, was[2], noon)
			return err
		}
		return err
	})
	p = p.Reopen(t)
	same(t, "list", listed(p.List()), "#1 one #2 two #3 three ")
}

func testUnknownFieldsAndOddValuesSurvive(t *testing.T, open Open) {
	p := open.fresh(t)
	evidence := ""
	odd := &goals.Goal{
		Number: 12, ID: "g-\u2028\"x\"\x00", Description: "naïve 🎯 \u2028", Status: goals.Blocked, Progress: 255,
		Created: noon.Add(120 * time.Millisecond), Updated: noon.Add(1),
		Acceptance: []string{"", "two"}, Notes: []string{"a\nb"},
		Sessions: []goals.Session{{ID: "s", Task: "t", State: goals.Failed, Evidence: &evidence, Extra: []goals.Field{{Name: `"e"`, Value: "[ ]"}}}},
		Extra:    []goals.Field{{Name: `"z"`, Value: "1e999"}, {Name: `"\u0061"`, Value: `"\ud800"`}, {Name: `""`, Value: "null"}},
	}
	odd.SetPlan(goals.Plan{Ticked: []string{"two"}, Due: "2027-05-04 09:00", Repeat: "every monday", Remind: "2027-05-03", Told: "2027-05-03", Assignee: 1002, Chat: -7, Topic: 3})
	update(t, p, origin("x", 7), func(tx store.Tx) error { tx.List().Put(odd); return nil })
	p = p.Reopen(t)
	got := p.List().Number(12)
	if !got.Same(odd) || !got.Updated.Equal(odd.Updated) {
		t.Errorf("got %+v\nwant %+v", got, odd)
	}
	event := view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.Events(12, 0, 1) })[0]
	if event.Edit.Before != nil || !event.Edit.Left(odd) {
		t.Errorf("event: got %+v", event.Edit)
	}
	if next := add(t, p, "next"); next != 13 {
		t.Errorf("next number: got %d", next)
	}
}

func testTheListIsWhatCanBeReadBack(t *testing.T, open Open) {
	p := open.fresh(t)
	odd := &goals.Goal{Number: 1, ID: "g-1", Description: "broken \xff", Status: "unheard of"}
	update(t, p, origin("x", 7), func(tx store.Tx) error { tx.List().Put(odd); return nil })
	before := p.List().Number(1)
	after := p.Reopen(t).List().Number(1)
	if !before.Same(after) || !before.Updated.Equal(after.Updated) {
		t.Errorf("the list said %+v, the file says %+v", before, after)
	}
}
