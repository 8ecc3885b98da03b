package palace

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

func TestARefusalKeepsTheAnswerAndNothingElse(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	update(t, p, origin("done", 7), func(tx store.Tx) error {
		_, err := tx.List().Finish(1, false, noon.Add(time.Minute))
		return errors.Join(err, tx.SetRecord("kind", "kept", "before"))
	})
	done := view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.LastChange(7) })[0].Key

	o := origin("rename", 7)
	refuse := func(tx store.Tx) error {
		if _, err := tx.List().Rename(1, "another", noon.Add(time.Hour)); err != nil {
			return err
		}
		if _, err := tx.List().Add(goals.Draft{Description: "two"}, "g-two", noon); err != nil {
			return err
		}
		err := errors.Join(tx.SetRecord("kind", "kept", "after"), tx.SetRecord("kind", "new", "x"), tx.TakeBack(done))
		if err != nil {
			return err
		}
		if err := tx.Send(store.Message{Chat: 7, Body: []byte("No.")}); err != nil {
			return err
		}
		return fmt.Errorf("no: %w", store.ErrRefused)
	}
	err := p.Update(t.Context(), o, refuse)
	if !errors.Is(err, store.ErrRefused) {
		t.Fatalf("got %v, want the refusal", err)
	}
	wantErr(t, p.Update(t.Context(), o, refuse), store.ErrRepeat)

	for range 2 {
		same(t, "list", listed(p.List()), "#1 one ")
		same(t, "last number", p.List().LastNumber(), 1)
		same(t, "record", record(t, p, "kind", "kept"), "before")
		same(t, "new record", record(t, p, "kind", "new"), "")
		same(t, "outbox", waiting(t, p), "7:No. ")
		last := view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.LastChange(7) })
		same(t, "last change", last[0].Key, done)
		p = reopened(t, p)
	}
}

func TestARepeatedUpdateIsNotRunAgain(t *testing.T) {
	p := fresh(t)
	o := origin("addgoal", 7)
	runs := 0
	f := func(tx store.Tx) error {
		runs++
		_, err := tx.List().Add(goals.Draft{Description: "one"}, "g-1", noon)
		return errors.Join(err, send(7, "Added.")(tx))
	}
	update(t, p, o, f)
	wantErr(t, p.Update(t.Context(), o, f), store.ErrRepeat)
	p = reopened(t, p)
	wantErr(t, p.Update(t.Context(), o, f), store.ErrRepeat)
	same(t, "runs", runs, 1)
	same(t, "list", listed(p.List()), "#1 one ")
	same(t, "outbox", waiting(t, p), "7:Added. ")
}

func TestAnErrorKeepsNothing(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	mine := errors.New("mine")
	o := origin("rename", 7)
	change := func(tx store.Tx) error {
		_, err := tx.List().Rename(1, "another", noon.Add(time.Hour))
		return errors.Join(err, tx.SetRecord("kind", "name", "x"), send(7, "Said.")(tx))
	}
	err := p.Update(t.Context(), o, func(tx store.Tx) error { return errors.Join(change(tx), mine) })
	wantErr(t, err, mine)
	same(t, "list", listed(p.List()), "#1 one ")
	same(t, "record", record(t, p, "kind", "name"), "")
	same(t, "outbox", waiting(t, p), "")
	update(t, p, o, change) // the key was not kept either
	same(t, "list", listed(p.List()), "#1 another ")
}

func TestAPanicKeepsNothingAndGoesOn(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	o := origin("rename", 7)
	func() {
		defer func() { same(t, "panic", recover(), "boom") }()
		p.Update(t.Context(), o, func(tx store.Tx) error {
			tx.List().Delete(1)
			tx.SetRecord("kind", "name", "x")
			panic("boom")
		})
	}()
	same(t, "list", listed(p.List()), "#1 one ")
	same(t, "record", record(t, p, "kind", "name"), "")
	update(t, p, o, send(7, "Still here."))
}

func TestAGoroutineThatEndsInAnUpdateLeavesThePalaceFree(t *testing.T) {
	p := fresh(t)
	var wg sync.WaitGroup
	wg.Go(func() { p.Update(t.Context(), origin("x", 7), func(store.Tx) error { runtime.Goexit(); return nil }) })
	wg.Wait()
	add(t, p, "one")
}

func TestRecordsAreReadBackWithinTheirTransaction(t *testing.T) {
	p := fresh(t)
	update(t, p, origin("x", 7), func(tx store.Tx) error { return tx.SetRecord("kind", "a", "1") })
	update(t, p, origin("x", 7), func(tx store.Tx) error {
		err := errors.Join(tx.SetRecord("kind", "a", "2"), tx.SetRecord("kind", "b", "3"), tx.SetRecord("other", "c", "4"))
		a, _ := tx.Record("kind", "a")
		all, _ := tx.Records("kind")
		same(t, "record", a, "2")
		same(t, "records", all, map[string]string{"a": "2", "b": "3"})
		err = errors.Join(err, tx.SetRecord("kind", "a", ""))
		a, _ = tx.Record("kind", "a")
		same(t, "forgotten record", a, "")
		return err
	})
	all := view(t, p, func(tx store.Tx) (map[string]string, error) { return tx.Records("kind") })
	same(t, "records", all, map[string]string{"b": "3"})
}

func TestUndoGoesBackOneChangeAfterTheOther(t *testing.T) {
	p := fresh(t)
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
	p = reopened(t, p)
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

func TestNumbersAndIDsOfDeletedGoalsAreNotGivenAgain(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	add(t, p, "two")
	o := origin("delete", 7)
	update(t, p, o, func(tx store.Tx) error { _, err := tx.List().Delete(2); return err })
	p = reopened(t, p)
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
	} {
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
	p = reopened(t, p)
	same(t, "list", listed(p.List()), "#1 one #2 two #3 three ")
}

func TestUnknownFieldsAndOddValuesSurvive(t *testing.T) {
	p := fresh(t)
	evidence := ""
	odd := &goals.Goal{
		Number: 12, ID: "g-\u2028\"x\"\x00", Description: "naïve 🎯 \u2028", Status: goals.Blocked, Progress: 255,
		Created: noon.Add(120 * time.Millisecond), Updated: noon.Add(1),
		Acceptance: []string{"", "two"}, Notes: []string{"a\nb"},
		Sessions: []goals.Session{{ID: "s", Task: "t", State: goals.Failed, Evidence: &evidence, Extra: []goals.Field{{Name: `"e"`, Value: "[ ]"}}}},
		Extra:    []goals.Field{{Name: `"z"`, Value: "1e999"}, {Name: `"\u0061"`, Value: `"\ud800"`}, {Name: `""`, Value: "null"}},
	}
	update(t, p, origin("x", 7), func(tx store.Tx) error { tx.List().Put(odd); return nil })
	p = reopened(t, p)
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

func TestTheListIsWhatCanBeReadBack(t *testing.T) {
	p := fresh(t)
	odd := &goals.Goal{Number: 1, ID: "g-1", Description: "broken \xff", Status: "unheard of"}
	update(t, p, origin("x", 7), func(tx store.Tx) error { tx.List().Put(odd); return nil })
	before := p.List().Number(1)
	after := reopened(t, p).List().Number(1)
	if !before.Same(after) || !before.Updated.Equal(after.Updated) {
		t.Errorf("the list said %+v, the file says %+v", before, after)
	}
}

func TestViewChangesNothing(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	var kept store.Tx
	err := p.View(t.Context(), func(tx store.Tx) error {
		kept = tx
		wantErr(t, tx.SetRecord("kind", "name", "x"), ErrReadOnly)
		wantErr(t, tx.SetRecord("kind", "name", ""), ErrReadOnly)
		wantErr(t, tx.Send(store.Message{Chat: 7}), ErrReadOnly)
		wantErr(t, tx.TakeBack("test/1"), ErrReadOnly)
		tx.List().Delete(1)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "list", listed(p.List()), "#1 one ")
	if _, err := kept.Record("kind", "name"); err == nil {
		t.Error("a transaction can be used after its end")
	}
	l := p.List()
	l.Delete(1)
	same(t, "list", listed(p.List()), "#1 one ")
	mine := errors.New("mine")
	wantErr(t, p.View(t.Context(), func(store.Tx) error { return mine }), mine)
}

func TestWhoeverKeepsTheListCannotAlterWhatIsCommitted(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	var kept *goals.List
	update(t, p, origin("x", 7), func(tx store.Tx) error { kept = tx.List(); return nil })
	kept.Delete(1)
	kept.Rename(1, "else", noon)
	same(t, "list", listed(p.List()), "#1 one ")
}

func TestAnUpdateWithoutAKeyIsRefused(t *testing.T) {
	p := fresh(t)
	if err := p.Update(t.Context(), store.Origin{Name: "x"}, send(7, "x")); err == nil {
		t.Error("an update without a key was taken")
	}
}

func TestWaitingForTheWriterEndsWithTheContext(t *testing.T) {
	p := fresh(t)
	update(t, p, origin("x", 7), func(store.Tx) error {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		wantErr(t, p.Update(ctx, origin("y", 7), send(7, "x")), context.Canceled)
		return nil
	})
}

func TestACancelledContextDoesNotUndoAnUpdateInHand(t *testing.T) {
	p := fresh(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := p.Update(ctx, origin("x", 7), func(tx store.Tx) error {
		cancel()
		return tx.SetRecord("kind", "name", "x")
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "record", record(t, p, "kind", "name"), "x")
}

func TestReadersSeeListAndRowsOfOneCommit(t *testing.T) {
	p := fresh(t)
	add(t, p, "0")
	var log strings.Builder
	p.log = logTo(&log)
	const rounds = 60
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 3 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				err := p.View(t.Context(), func(tx store.Tx) error {
					value, err := tx.Record("count", "renames")
					if name := tx.List().Number(1).Description; err == nil && name != value && value != "" {
						return fmt.Errorf("the goal is at %s, the record at %s", name, value)
					}
					events, err2 := tx.Events(1, 0, 1)
					if err2 == nil && events[0].Edit.Title != tx.List().Number(1).Description {
						return errors.New("the newest event is not that of the list")
					}
					return errors.Join(err, err2)
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range rounds {
		update(t, p, origin("rename", 7), func(tx store.Tx) error {
			text := fmt.Sprint(i + 1)
			_, err := tx.List().Rename(1, text, noon.Add(time.Duration(i+1)*time.Second))
			return errors.Join(err, tx.SetRecord("count", "renames", text))
		})
	}
	close(stop)
	wg.Wait()
	same(t, "log", log.String(), "") // no reader took our own commit for a stranger's
}

func TestNothingIsWrittenAfterAStatementHasFailed(t *testing.T) {
	p := fresh(t)
	err := p.Update(t.Context(), origin("x", 7), func(tx store.Tx) error {
		inside := tx.(interface {
			exec(what, query string, args ...any) (int64, error)
		})
		tx.SetRecord("kind", "a", "1")
		inside.exec("end", "ROLLBACK") // as SQLite does by itself when it is short of something
		inside.exec("fail", "this is no SQL")
		if err := tx.SetRecord("kind", "b", "2"); err == nil {
			t.Error("a record was kept outside of any transaction")
		}
		return nil // whatever the function makes of it
	})
	if err == nil {
		t.Error("the update was said to be saved")
	}
	same(t, "records", view(t, p, func(tx store.Tx) (map[string]string, error) { return tx.Records("kind") }), map[string]string{})
	update(t, p, origin("x", 7), send(7, "Still here."))
}

func TestUpdatesFromManySidesAllCount(t *testing.T) {
	p := fresh(t)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 10 {
				o := store.Origin{Key: fmt.Sprint(w, "/", i), Name: "addgoal", By: 7, At: noon}
				err := p.Update(t.Context(), o, func(tx store.Tx) error {
					_, err := tx.List().Add(goals.Draft{Description: o.Key}, o.Key, noon)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	same(t, "goals", p.List().Len(), 40)
	same(t, "last number", p.List().LastNumber(), 40)
	same(t, "goals after reopening", reopened(t, p).List().Len(), 40)
}

func TestASecondWriterIsNoticedAndNotClobbered(t *testing.T) {
	a := fresh(t)
	add(t, a, "one")
	b := at(t, a.path)
	add(t, b, "two")
	same(t, "a's view", view(t, a, func(tx store.Tx) (string, error) { return listed(*tx.List()), nil }), "#1 one #2 two ")
	same(t, "number", add(t, a, "three"), 3)
	same(t, "a's list", listed(a.List()), "#1 one #2 two #3 three ")
	add(t, b, "four")
	same(t, "b's list", listed(b.List()), "#1 one #2 two #3 three #4 four ")
}

func TestOldKeysAreForgottenButNeverTheNewest(t *testing.T) {
	p := fresh(t)
	same(t, "keys that stay", p.keptKeys, 50_000) // more than come in a day
	p.keptKeys = 500
	const before = 1_500
	for i := range int64(before) {
		p.sql(t, keyTable.insert, keyTable.with(fmt.Sprintf("old/%d", 100_001+i), i+1, int64(0))...)
	}
	p.remember(t, func(m *meta) { m.revision = 1998 })
	for range 3 {
		update(t, p, origin("x", 7), send(7, "x"))
	}
	var n int
	if err := p.writer.QueryRowContext(t.Context(), "SELECT count(*) FROM applied").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n < 500 || n > 510 {
		t.Errorf("%d keys are kept, want at least %d and not many more", n, p.keptKeys)
	}
	old := func(i int) error {
		return p.Update(t.Context(), store.Origin{Key: fmt.Sprintf("old/%d", 100_000+i)}, send(7, "x"))
	}
	wantErr(t, old(before), store.ErrRepeat)
	wantErr(t, old(before-490), store.ErrRepeat)
	if err := old(1); err != nil {
		t.Errorf("the oldest key is still kept: %v", err)
	}
}

func TestAnAbandonedPalaceHasEverythingThatWasCommitted(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	add(t, p, "two")
	begun, err := p.writer.BeginTx(t.Context(), nil) // cut off in the middle of a third change
	if err != nil {
		t.Fatal(err)
	}
	defer begun.Rollback()
	if _, err := begun.ExecContext(t.Context(), "UPDATE goals SET body = 'half'"); err != nil {
		t.Fatal(err)
	}
	if size(p.path+"-wal") == 0 {
		t.Fatal("there is no log to lose")
	}
	// A killed process leaves these files, and nobody holding them.
	dir := t.TempDir()
	for _, name := range []string{"palace.db", "palace.db-wal", "palace.id"} {
		copyFile(t, filepath.Join(filepath.Dir(p.path), name), filepath.Join(dir, name))
	}
	again := at(t, filepath.Join(dir, "palace.db"))
	same(t, "list", listed(again.List()), "#1 one #2 two ")
	if err := again.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if n := add(t, again, "three"); n != 3 || strings.Contains(listed(again.List()), "half") {
		t.Errorf("got #%d in %s", n, listed(again.List()))
	}
}

// What was taken back counts no more; forgetting that turns this red.
func TestLastTellsWhenAChangeStands(t *testing.T) {
	p := fresh(t)
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

// TestManyUpdatesTogether: each of them is kept or undone as if it were alone,
// and sees what those before it did. Red without the savepoint of each update,
// without looking up its key, and with a state that does not move on.
func TestManyUpdatesTogether(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	old := origin("before", 7)
	update(t, p, old, send(7, "Before."))
	mine := errors.New("mine")
	named := func(text string, sure error) func(store.Tx) error {
		return func(tx store.Tx) error {
			_, err := tx.List().Rename(1, text, noon.Add(time.Hour))
			return errors.Join(err, tx.SetRecord("kind", "name", text), send(7, text)(tx), sure)
		}
	}
	two := origin("addgoal", 7)
	addTwo := func(tx store.Tx) error {
		_, err := tx.List().Add(goals.Draft{Description: "two"}, "g-two", noon)
		return errors.Join(err, send(7, "Added.")(tx))
	}
	var stray store.Store
	err := p.Batch(t.Context(), func(s store.Store) error {
		stray = s
		do := func(o store.Origin, f func(store.Tx) error) error { return s.Update(t.Context(), o, f) }
		wantErr(t, do(old, send(7, "Twice.")), store.ErrRepeat)
		wantErr(t, do(origin("fails", 7), named("failed", mine)), mine)
		wantErr(t, do(two, addTwo), nil)
		wantErr(t, do(two, addTwo), store.ErrRepeat)
		wantErr(t, do(origin("refused", 7), named("refused", store.ErrRefused)), store.ErrRefused)
		func() {
			defer func() { same(t, "panic", recover(), "boom") }()
			do(origin("panics", 7), func(tx store.Tx) error { named("panicked", nil)(tx); panic("boom") })
		}()
		wantErr(t, do(origin("done", 8), func(tx store.Tx) error {
			_, err := tx.List().Finish(2, false, noon.Add(time.Minute))
			return err
		}), nil)
		// What was done is seen from inside, and from nowhere else.
		wantErr(t, s.View(t.Context(), func(tx store.Tx) error {
			same(t, "inside", listed(*tx.List()), "#1 one #2 two ")
			last, err := tx.LastChange(8)
			same(t, "last change inside", last[0].Name, "done")
			return err
		}), nil)
		same(t, "outside", listed(p.List()), "#1 one ")
		same(t, "outbox outside", queued(t, p), "Before.")
		return nil
	})
	wantErr(t, err, nil)
	if err := stray.View(t.Context(), func(store.Tx) error { return nil }); err == nil {
		t.Error("a batch that is over shows something")
	}
	if err := stray.Update(t.Context(), origin("stray", 7), send(7, "Stray.")); err == nil {
		t.Error("a batch that is over takes an update")
	}
	for range 2 {
		same(t, "list", listed(p.List()), "#1 one #2 two ")
		same(t, "status", p.List().Number(2).Status, goals.Done)
		same(t, "record", record(t, p, "kind", "name"), "")
		same(t, "outbox", queued(t, p), "Before. Added. refused")
		same(t, "last change", view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.LastChange(7) })[0].Key, two.Key)
		wantErr(t, p.Update(t.Context(), two, addTwo), store.ErrRepeat)
		p = reopened(t, p)
	}
	if err := p.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// queued is all that waits for chat 7.
func queued(t *testing.T, p *Palace) string {
	t.Helper()
	messages, err := p.Waiting(t.Context(), 7, 100)
	if err != nil {
		t.Fatal(err)
	}
	var bodies []string
	for _, m := range messages {
		bodies = append(bodies, string(m.Body))
	}
	return strings.Join(bodies, " ")
}

func TestTogetherIsAllOrNothing(t *testing.T) {
	broken := errors.New("broken")
	for _, test := range []struct {
		name   string
		commit func(*sql.Tx) error
		f      error
		want   error // nil: it has happened
	}{
		{"f fails", nil, broken, broken},
		{"f refuses", nil, store.ErrRefused, store.ErrRefused},
		{"the commit fails", func(tx *sql.Tx) error { return errors.Join(tx.Rollback(), broken) }, nil, broken},
		{"the commit says that it failed", func(tx *sql.Tx) error { return errors.Join(tx.Commit(), broken) }, nil, nil},
		{"its sync failed", func(tx *sql.Tx) error { tx.Rollback(); return driverError(10 | 4<<8) }, nil, store.ErrUnknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := fresh(t)
			add(t, p, "one")
			a, b := origin("addgoal", 7), origin("addgoal", 7)
			adds := func(id string) func(store.Tx) error {
				return func(tx store.Tx) error {
					_, err := tx.List().Add(goals.Draft{Description: id}, "g-"+id, noon)
					return errors.Join(err, send(7, id)(tx))
				}
			}
			if test.commit != nil {
				p.commit = test.commit
			}
			err := p.Batch(t.Context(), func(s store.Store) error {
				return errors.Join(s.Update(t.Context(), a, adds("two")), s.Update(t.Context(), b, adds("three")), test.f)
			})
			if test.want != nil {
				wantErr(t, err, test.want)
				same(t, "list", listed(p.List()), "#1 one ")
				same(t, "outbox", queued(t, p), "")
			} else {
				wantErr(t, err, nil)
			}
			// One by one each of them is applied once, whatever has happened.
			p.commit = (*sql.Tx).Commit
			for _, err := range []error{p.Update(t.Context(), a, adds("two")), p.Update(t.Context(), b, adds("three"))} {
				if err != nil && !errors.Is(err, store.ErrRepeat) {
					t.Fatal(err)
				}
			}
			same(t, "list", listed(p.List()), "#1 one #2 two #3 three ")
			same(t, "outbox", queued(t, p), "two three")
			same(t, "after reopening", listed(reopened(t, p).List()), "#1 one #2 two #3 three ")
		})
	}
}

// Nobody knows what a connection holds whose commit failed, so it is never used
// again. Red without discarding it.
func TestAConnectionWhoseCommitFailedIsNotUsedAgain(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	const mark = "1234" // by which this connection is known
	p.commit = func(tx *sql.Tx) error {
		_, err := tx.Exec("PRAGMA cache_size = " + mark + `;
			CREATE TABLE parent (id INTEGER PRIMARY KEY);
			CREATE TABLE child (parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
			INSERT INTO child VALUES (7)`)
		if err != nil {
			t.Fatal(err)
		}
		return tx.Commit() // fails, and SQLite leaves the transaction open to be mended
	}
	err := p.Update(t.Context(), origin("note", 7), send(7, "Lost."))
	if err == nil || errors.Is(err, store.ErrUnknown) {
		t.Fatalf("Update = %v; want that it has not happened", err)
	}
	p.commit = (*sql.Tx).Commit
	add(t, p, "two")
	var size string
	if err := p.writer.QueryRowContext(t.Context(), "PRAGMA cache_size").Scan(&size); err != nil || size == mark {
		t.Errorf("the connection is used again: cache_size %s, %v", size, err)
	}
	same(t, "list", listed(p.List()), "#1 one #2 two ")
	same(t, "outbox", queued(t, p), "")
	same(t, "after reopening", listed(reopened(t, p).List()), "#1 one #2 two ")
}

// A statement that fails may have ended the transaction: what went before it
// must not seem to be kept.
func TestAFullDiskEndsAllThatIsDoneTogether(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	var pages int
	if err := p.writer.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	p.sql(t, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	long := func(tx store.Tx) error {
		for range 40 {
			if err := send(7, strings.Repeat("y", 900))(tx); err != nil {
				return err
			}
		}
		return nil
	}
	small := origin("note", 7)
	err := p.Batch(t.Context(), func(s store.Store) error {
		wantErr(t, s.Update(t.Context(), small, send(7, "Small.")), nil)
		wantErr(t, s.Update(t.Context(), origin("note", 7), long), store.ErrFull)
		wantErr(t, s.Update(t.Context(), origin("note", 7), send(7, "After.")), store.ErrFull)
		return nil // shrugging it off gains nothing
	})
	wantErr(t, err, store.ErrFull)
	same(t, "outbox", queued(t, p), "")
	update(t, p, small, send(7, "Small."))
	same(t, "outbox", queued(t, p), "Small.")
}
