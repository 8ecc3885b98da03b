package storetest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

var forgetTests = []func(*testing.T, Open){
	testTheHistoryIsBounded,
	testWhatUndoReachesIsNotForgotten,
	testForgettingHidesNoDamage,
	testNothingIsForgottenThatMustStay,
	testAPartOfAChangeIsNotTakenForAllOfIt,
	testTheTextOfADeletedGoalIsForgottenWithItsHistory,
}

// small keeps very little of the history.
var small = Options{Limits: Limits{GoalEvents: 8, Events: 32, EventBytes: 1 << 20, Undoable: 2}}

func eventsOf(t testing.TB, p Engine, number int64) []store.Event {
	return view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.Events(number, 0, 10_000) })
}

func allEvents(t testing.TB, p Engine) (n int) {
	for number := range p.List().LastNumber() {
		n += len(eventsOf(t, p, number+1))
	}
	return n
}

// Leaving out any of the bounds turns this red.
func testTheHistoryIsBounded(t *testing.T, open Open) {
	t.Run("of a goal", func(t *testing.T) {
		p := open(t, small)
		add(t, p, "one")
		add(t, p, "two")
		var keys []string
		for i := range 40 {
			keys = append(keys, noted(t, p, 1, 0, fmt.Sprint(i)))
			n := len(eventsOf(t, p, 1))
			if n > 9+2 || n < min(i+2, 8) { // and the two of #1's member
				t.Fatalf("%d events after %d notes", n, i+1)
			}
		}
		same(t, "the newest", eventsOf(t, p, 1)[0].Key, keys[39])
		same(t, "another goal", len(eventsOf(t, p, 2)), 1)
		same(t, "a change that is forgotten", len(changeOf(t, p, keys[0])), 0)
		same(t, "one that is not", len(changeOf(t, p, keys[39])), 1)
		wantErr(t, p.Check(t.Context()), nil)
	})
	t.Run("in all", func(t *testing.T) {
		p := open(t, small)
		update(t, p, store.Origin{Key: "import", Name: "import", At: noon}, func(tx store.Tx) error {
			for i := range 30 {
				if _, err := tx.List().Add(goals.Draft{Description: fmt.Sprint(i)}, fmt.Sprint("g-", i), noon); err != nil {
					return err
				}
			}
			return nil
		})
		same(t, "events", allEvents(t, p), 30)
		for i := range int64(20) {
			noted(t, p, i+1, 0, "x")
			if n := allEvents(t, p); n > 32 {
				t.Fatalf("%d events", n)
			}
			if i == 1 { // as many as may stay
				same(t, "events at the bound", allEvents(t, p), 32)
			}
		}
		same(t, "the oldest change", len(changeOf(t, p, "import")), 0)
		same(t, "events left", allEvents(t, p), 20)
		wantErr(t, p.Check(t.Context()), nil)
	})
	t.Run("but for what was just done", func(t *testing.T) {
		p := open(t, small)
		n := 0
		imports := func(s store.Store) string {
			o := store.Origin{Key: fmt.Sprint("import/", n), Name: "import", At: noon}
			wantErr(t, s.Update(t.Context(), o, func(tx store.Tx) error {
				for range 20 {
					n++
					if _, err := tx.List().Add(goals.Draft{Description: fmt.Sprint(n)}, fmt.Sprint("g-", n), noon); err != nil {
						return err
					}
				}
				return nil
			}), nil)
			return o.Key
		}
		first := imports(p)
		var together []string
		wantErr(t, p.Batch(t.Context(), func(s store.Store) error {
			together = append(together, imports(s), imports(s))
			return nil
		}), nil)
		same(t, "the one before", len(changeOf(t, p, first)), 0)
		for _, key := range together { // more than may stay
			same(t, "one of the last", len(changeOf(t, p, key)), 20)
		}
		wantErr(t, p.Check(t.Context()), nil)
	})
	t.Run("in bytes", func(t *testing.T) {
		p := open(t, Options{Limits: Limits{GoalEvents: 1000, Events: 1000, EventBytes: 20_000, Undoable: 2}})
		add(t, p, "one")
		for range 60 {
			noted(t, p, 1, 0, strings.Repeat("y", 900))
			bytes := p.SQL(t, "SELECT sum(length(edit) + coalesce(length(goal), 0)) FROM events")
			if n, err := strconv.Atoi(bytes); err != nil || n > 20_000 {
				t.Fatalf("%s bytes, %v", bytes, err)
			}
		}
		if n := len(eventsOf(t, p, 1)); n < 10 {
			t.Errorf("only %d events are left", n)
		}
		wantErr(t, p.Check(t.Context()), nil)
	})
}

// A program that writes all day must not take away what people can take back.
func testWhatUndoReachesIsNotForgotten(t *testing.T, open Open) {
	p := open(t, small)
	add(t, p, "one") // by 7
	mine := noted(t, p, 1, 7, "mine")
	other := noted(t, p, 1, 8, "other")
	undone := noted(t, p, 1, 8, "undone")
	update(t, p, origin("undo", 8), func(tx store.Tx) error { return tx.TakeBack(undone) })
	for i := range 200 {
		noted(t, p, 1, 0, fmt.Sprint(i))
	}
	same(t, "mine", names(changeOf(t, p, mine)), "note1 ")
	same(t, "before mine", eventsOf(t, p, 1)[len(eventsOf(t, p, 1))-1].Name, "addgoal")
	same(t, "another's", names(changeOf(t, p, other)), "note1 ")
	same(t, "what was taken back", len(changeOf(t, p, undone)), 0)
	for by, key := range map[int64]string{7: mine, 8: other} {
		last := view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.LastChange(by) })
		if len(last) != 1 || last[0].Key != key {
			t.Errorf("the last change of %d is %+v", by, last)
		}
	}
	// It can still be taken back.
	update(t, p, origin("undo", 7), func(tx store.Tx) error {
		events, err := tx.LastChange(7)
		if err == nil {
			tx.List().Revert(events[0].Edit, nil, noon)
			err = tx.TakeBack(events[0].Key)
		}
		return err
	})
	if notes := p.List().Number(1).Notes; strings.Contains(strings.Join(notes, " "), "mine") || len(notes) != 202 {
		t.Errorf("the notes are %q", notes)
	}
	wantErr(t, p.Check(t.Context()), nil)
}

// The text of a deleted goal is dropped with its last event. A row that is damaged
// must not get a checksum that matches then.
func testForgettingHidesNoDamage(t *testing.T, open Open) {
	p := open(t, small)
	add(t, p, "one")
	program := func(do func(*goals.List) error) {
		update(t, p, origin("merge", 0), func(tx store.Tx) error { return do(tx.List()) })
	}
	program(func(l *goals.List) error {
		_, err := l.Add(goals.Draft{Description: "two"}, "g-two", noon)
		return err
	})
	program(func(l *goals.List) error { _, err := l.Delete(2); return err })
	p.SQL(t, "UPDATE goals SET body = replace(body, 'two', 'twp') WHERE number = 2")
	for i := range 40 {
		program(func(l *goals.List) error { _, err := l.AddNote(1, fmt.Sprint(i), noon); return err })
	}
	for i := range 30 {
		program(func(l *goals.List) error {
			_, err := l.Add(goals.Draft{Description: "new"}, fmt.Sprint("g-", i), noon)
			return err
		})
	}
	same(t, "events of the deleted goal", len(eventsOf(t, p, 2)), 0)
	if err := p.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "#2") {
		t.Errorf("the check says: %v", err)
	}
}

// Where all that there is must stay, it stays, and forgetting comes to an end.
func testNothingIsForgottenThatMustStay(t *testing.T, open Open) {
	p := open(t, Options{Limits: Limits{Events: 2, Undoable: 10}})
	for i := range 5 {
		add(t, p, fmt.Sprint(i))
	}
	same(t, "events", allEvents(t, p), 5)
	wantErr(t, p.Check(t.Context()), nil)
}

// A change of which a part is forgotten cannot be taken back: the rest of it
// would be taken for all of it.
func testAPartOfAChangeIsNotTakenForAllOfIt(t *testing.T, open Open) {
	p := open(t, Options{Limits: Limits{GoalEvents: 8, Events: 1000, EventBytes: 1 << 20, Undoable: 1}})
	add(t, p, "one")
	add(t, p, "two")
	both := origin("both", 7)
	update(t, p, both, func(tx store.Tx) error {
		_, err := tx.List().Begin(1, noon)
		_, err2 := tx.List().Begin(2, noon)
		return errors.Join(err, err2)
	})
	noted(t, p, 2, 7, "newer")
	same(t, "both", len(changeOf(t, p, both.Key)), 2)
	for i := range 20 {
		noted(t, p, 1, 0, fmt.Sprint(i))
	}
	same(t, "both, later", len(changeOf(t, p, both.Key)), 0)
	same(t, "its other goal", names(eventsOf(t, p, 2)), "note2 both2 addgoal2 ")
	last := func() string {
		return names(view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.LastChange(7) }))
	}
	same(t, "last change", last(), "note2 ")
	update(t, p, origin("undo", 7), func(tx store.Tx) error {
		events, err := tx.LastChange(7)
		return errors.Join(err, tx.TakeBack(events[0].Key))
	})
	same(t, "last change before that", last(), "addgoal2 ")
	wantErr(t, p.Check(t.Context()), nil)
}

// The row of a deleted goal stays for its number and its id; its text goes when
// nobody can bring it back any more.
func testTheTextOfADeletedGoalIsForgottenWithItsHistory(t *testing.T, open Open) {
	o := small
	o.Now = func() time.Time { return noon } // the goal's clock is ahead of it
	p := open(t, o)
	add(t, p, "one")
	text := strings.Repeat("secret", 100)
	update(t, p, store.Origin{Key: "add", Name: "merge", At: noon}, func(tx store.Tx) error {
		_, err := tx.List().Add(goals.Draft{Description: text}, "g-two", noon.Add(time.Hour))
		_, err2 := tx.List().Add(goals.Draft{Description: "the last year"}, "g-far", time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))
		return errors.Join(err, err2)
	})
	deleted := store.Origin{Key: "delete", Name: "merge", At: noon}
	update(t, p, deleted, func(tx store.Tx) error {
		_, err := tx.List().Delete(2)
		_, err2 := tx.List().Delete(3)
		return errors.Join(err, err2)
	})
	before := func() map[int64]*goals.Goal {
		return view(t, p, func(tx store.Tx) (map[int64]*goals.Goal, error) { return tx.Before("delete") })
	}
	same(t, "before", before()[2].Description, text)
	for i := range int64(40) {
		number := add(t, p, fmt.Sprint("new", i))
		noted(t, p, number, 0, "x")
	}
	same(t, "before", len(before()), 0)
	p = p.Reopen(t)
	wantErr(t, p.Check(t.Context()), nil)
	same(t, "the row", p.SQL(t, "SELECT body FROM goals WHERE number = 2"), "")
	err := p.Update(t.Context(), origin("x", 7), func(tx store.Tx) error {
		_, err := tx.List().Add(goals.Draft{Description: "again"}, "g-two", noon)
		return err
	})
	if err == nil {
		t.Error("the id was given again")
	}
	// An older file does not bring it back, and a newer one does.
	merge := func(id string, updated time.Time) string {
		var added []*goals.Goal
		update(t, p, store.Origin{Key: fmt.Sprint("merge", id, updated), Name: "merge", At: noon}, func(tx store.Tx) error {
			g := &goals.Goal{ID: id, Description: "from the file", Status: goals.Pending, Created: noon, Updated: updated}
			added = tx.List().Merge([]*goals.Goal{g}, goals.Base{}, updated).Added
			return nil
		})
		return fmt.Sprint(len(added), " ", p.List().Number(2) != nil)
	}
	same(t, "an older file", merge("g-two", noon.Add(30*time.Minute)), "0 false")
	same(t, "an older file with another", merge("g-far", noon.Add(-time.Minute)), "0 false")
	same(t, "a newer file", merge("g-two", time.Now().AddDate(10, 0, 0)), "1 true")
	same(t, "its title", eventsOf(t, p, 2)[0].Edit.Title, "from the file")
	wantErr(t, p.Check(t.Context()), nil)
}
