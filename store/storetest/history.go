package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

var historyTests = []func(*testing.T, Open){
	testPagesOfTheHistory,
	testAddedBy,
	testAGoalThatIsGoneIsKnownAsItWasBefore,
	testUndoGoesBackOneChangeAfterTheOther,
	testLastTellsWhenAChangeStands,
}

// noted adds a note by somebody and returns the key of the change.
func noted(t testing.TB, p Engine, number, by int64, text string) string {
	t.Helper()
	o := origin("note", by)
	update(t, p, o, func(tx store.Tx) error { _, err := tx.List().AddNote(number, text, noon); return err })
	return o.Key
}

// names are the names and goals of events, newest first.
func names(events []store.Event) string {
	text := ""
	for _, e := range events {
		text += fmt.Sprintf("%s%d ", e.Name, e.Edit.Number)
	}
	return text
}

func changeOf(t testing.TB, p Engine, key string) []store.Event {
	t.Helper()
	return view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.Change(key) })
}

func testPagesOfTheHistory(t *testing.T, open Open) {
	p := open.fresh(t)
	add(t, p, "one")
	add(t, p, "two")
	for range 3 {
		update(t, p, origin("both", 7), func(tx store.Tx) error {
			_, err := tx.List().AddNote(1, "n", noon)
			_, err2 := tx.List().AddNote(2, "n", noon)
			return errors.Join(err, err2)
		})
	}
	for _, c := range []struct {
		number      int64
		skip, limit int
		want        string
	}{
		{0, 0, 2, "both1 both1 "}, {0, 2, 2, "both1 addgoal2 "}, {0, 4, 10, "addgoal1 "}, {0, 5, 10, ""}, {0, 0, 0, ""}, {0, -1, 1, "both1 "},
		{1, 0, 2, "both1 both1 "}, {1, 2, 10, "both1 addgoal1 "}, {1, 4, 10, ""}, {1, 1, -1, ""}, {3, 0, 10, ""},
	} {
		got := view(t, p, func(tx store.Tx) ([]store.Event, error) {
			if c.number == 0 {
				return tx.Changes(c.skip, c.limit)
			}
			return tx.Events(c.number, c.skip, c.limit)
		})
		same(t, fmt.Sprintf("#%d, %d events after %d", c.number, c.limit, c.skip), names(got), c.want)
		for _, e := range got {
			same(t, "goals of "+e.Key, e.Goals, map[string]int{"both": 2, "addgoal": 1}[e.Name])
		}
	}
}

// Who added a goal is whoever did so first, whatever became of it since.
func testAddedBy(t *testing.T, open Open) {
	p := open(t, Options{Limits: Limits{GoalEvents: 5, Undoable: 1}})
	by := func(who int64, do func(*goals.List) error) {
		update(t, p, origin("x", who), func(tx store.Tx) error { return do(tx.List()) })
	}
	want := func(number, who int64) {
		t.Helper()
		same(t, fmt.Sprintf("who added #%d", number), view(t, p, func(tx store.Tx) (int64, error) { return tx.AddedBy(number) }), who)
	}
	for _, who := range []int64{7, 0, 8} {
		by(who, func(l *goals.List) error {
			_, err := l.Add(goals.Draft{Description: "one"}, fmt.Sprintf("g-%08d", l.LastNumber()), noon)
			return err
		})
	}
	var deleted *goals.Goal
	by(8, func(l *goals.List) (err error) { deleted, err = l.Delete(1); return err })
	by(8, func(l *goals.List) error { l.Put(deleted); return nil })
	want(1, 7)
	want(2, 0)
	want(3, 8)
	want(4, 0)
	for range 100 { // its beginning is forgotten
		by(9, func(l *goals.List) error { _, err := l.AddNote(3, "n", noon); return err })
	}
	want(3, 0)
}

// A goal that is gone comes back as it was before a change, whatever was done
// since: that is pieced together from what it was when it was deleted.
func testAGoalThatIsGoneIsKnownAsItWasBefore(t *testing.T, open Open) {
	p := open.fresh(t)
	add(t, p, "one")
	add(t, p, "two")
	keys := map[string]string{}
	was := map[string]*goals.Goal{}
	do := func(name string, f func(l *goals.List) error) {
		was[name] = p.List().Number(1)
		o := origin(name, 7)
		keys[name] = o.Key
		update(t, p, o, func(tx store.Tx) error { return f(tx.List()) })
	}
	e := func(_ *goals.Goal, err error) error { return err }
	do("note", func(l *goals.List) error { return e(l.AddNote(1, "a", noon)) })
	do("both", func(l *goals.List) error { return errors.Join(e(l.Begin(1, noon)), e(l.Begin(2, noon))) })
	do("rename", func(l *goals.List) error { return e(l.Rename(1, "uno", noon)) })
	do("delete", func(l *goals.List) error { return e(l.Delete(1)) })
	do("back", func(l *goals.List) error { // by goals.json, and otherwise than it was
		g := *p.List().Number(2)
		g.Number, g.ID, g.Description = 1, "g-one", "another"
		l.Put(&g)
		return nil
	})
	do("done", func(l *goals.List) error { return e(l.Finish(1, false, noon)) })
	before := func(key string) map[int64]*goals.Goal {
		return view(t, p, func(tx store.Tx) (map[int64]*goals.Goal, error) { return tx.Before(key) })
	}
	same(t, "goals that are there", len(before(keys["rename"])), 0)
	do("delete again", func(l *goals.List) error { return e(l.Delete(1)) })
	for _, name := range []string{"done", "delete again"} {
		if g := before(keys[name])[1]; !g.Same(was[name]) {
			t.Errorf("before %s: got %+v, want %+v", name, g, was[name])
		}
	}
	same(t, "only what is gone", len(before(keys["both"])), 1)
	same(t, "before what nobody did", len(before("no such key")), 0)

	// What was deleted before is known as far as what is there bears it out.
	if g := before(keys["rename"])[1]; g == nil || g.Description != "one" {
		t.Errorf("before rename: %+v", g)
	}
}

func testUndoGoesBackOneChangeAfterTheOther(t *testing.T, open Open) {
	p := open.fresh(t)
	add(t, p, "one")
	add(t, p, "two")
	key := map[string]string{}
	change := func(name string, by int64, f func(*goals.List) error) {
		o := origin(name, by)
		key[name] = o.Key
		update(t, p, o, func(tx store.Tx) error { return f(tx.List()) })
	}
	change("both", 7, func(l *goals.List) error {
		_, err := l.Finish(1, false, noon.Add(time.Minute))
		_, err2 := l.Finish(2, false, noon.Add(time.Minute))
		return errors.Join(err, err2)
	})
	change("rename", 7, func(l *goals.List) error { _, err := l.Rename(1, "uno", noon.Add(2*time.Minute)); return err })
	change("other", 8, func(l *goals.List) error { _, err := l.Rename(2, "dos", noon.Add(2*time.Minute)); return err })
	change("program", 0, func(l *goals.List) error { _, err := l.Rename(2, "two", noon.Add(3*time.Minute)); return err })
	change("undo", 7, func(l *goals.List) error { _, err := l.Rename(2, "tres", noon.Add(4*time.Minute)); return err })

	last := func(by int64) []store.Event {
		return view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.LastChange(by) })
	}
	take := func(name string) {
		update(t, p, origin("undo", 7), func(tx store.Tx) error {
			err := tx.TakeBack(key[name])
			if events, _ := tx.LastChange(7); len(events) > 0 && events[0].Key == key[name] {
				t.Errorf("%s is the last change after it was taken back in the same transaction", name)
			}
			return err
		})
	}
	events := last(7)
	same(t, "last change", len(events), 1)
	e := events[0]
	same(t, "event", fmt.Sprint(e.Key, e.Name, e.By, e.At, e.Undone), fmt.Sprint(key["rename"], "rename", int64(7), noon, false))
	same(t, "before and after", *e.Edit.Description, [2]string{"one", "uno"})
	same(t, "title", e.Edit.Title, "uno")
	same(t, "number", e.Edit.Number, 1)

	take("rename")
	p = p.Reopen(t)
	same(t, "change before it", fmt.Sprint(last(7)[0].Key, len(last(7))), fmt.Sprint(key["both"], 2))
	take("both")
	same(t, "change before that", last(7)[0].Edit.Title, "two")
	same(t, "other member's", last(8)[0].Key, key["other"])
	same(t, "the program's", len(last(0)), 0)

	changed := view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.Change(key["both"]) })
	same(t, "change by key", fmt.Sprint(len(changed), changed[0].Edit.Number, changed[1].Edit.Number, changed[0].Undone), "2 1 2 true")
	history := view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.Events(2, 0, 3) })
	same(t, "history", fmt.Sprint(len(history), " ", history[0].Name, " ", history[1].Name, " ", history[2].Name), "3 undo program other")
	recent := view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.Changes(1, 4) })
	names := ""
	for _, e := range recent {
		names += fmt.Sprint(e.Name, e.Edit.Number, " ")
	}
	same(t, "changes without the newest", names, "program2 other2 rename1 both1 ")
	same(t, "beyond the oldest", len(view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.Changes(100, 4) })), 0)
	if err := p.Update(t.Context(), origin("undo", 7), func(tx store.Tx) error { return tx.TakeBack("no such key") }); err == nil {
		t.Error("a change that never was can be taken back")
	}
}

// What was taken back counts no more; forgetting that turns this red.
func testLastTellsWhenAChangeStands(t *testing.T, open Open) {
	p := open.fresh(t)
	add(t, p, "one")
	add(t, p, "two")
	finish := func(number int64, at time.Time) string {
		o := origin("done", 7)
		o.At = at
		update(t, p, o, func(tx store.Tx) error {
			_, err := tx.List().Finish(number, false, at)
			return err
		})
		return o.Key
	}
	last := func() string {
		return fmt.Sprint(view(t, p, func(tx store.Tx) (map[int64]time.Time, error) { return tx.Last("done") }))
	}
	want := func(what string, times map[int64]time.Time) { t.Helper(); same(t, what, last(), fmt.Sprint(times)) }
	want("nothing done", map[int64]time.Time{})
	finish(2, noon)
	key := finish(1, noon.Add(time.Hour))
	want("both done", map[int64]time.Time{1: noon.Add(time.Hour), 2: noon})
	update(t, p, origin("undo", 7), func(tx store.Tx) error { return tx.TakeBack(key) })
	want("one taken back", map[int64]time.Time{2: noon})
	update(t, p, origin("reopen", 7), func(tx store.Tx) error {
		_, err := tx.List().Reopen(2, noon.Add(2*time.Hour))
		return err
	})
	finish(2, noon.Add(3*time.Hour))
	want("done again", map[int64]time.Time{2: noon.Add(3 * time.Hour)})
	o := origin("text", 7) // which turns out to mean done
	o.At = noon.Add(4 * time.Hour)
	update(t, p, o, func(tx store.Tx) error {
		tx.SetName("done")
		_, err := tx.List().AddNote(1, "a word", o.At)
		return err
	})
	want("done in other words", map[int64]time.Time{1: o.At, 2: noon.Add(3 * time.Hour)})
}
