package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

var batchTests = []func(*testing.T, Open){
	testManyUpdatesTogether,
	testUpdatesThatWereExpected,
	testASaveThatFailsIsUndoneAlone,
	testTogetherIsAllOrNothing,
	testABatchWithinABatchIsAPartOfIt,
	testRecordsWithinABatch,
}

// TestManyUpdatesTogether: each of them is kept or undone as if it were alone,
// and sees what those before it did. Red without the savepoint of each update,
// without looking up its key, and with a state that does not move on.
func testManyUpdatesTogether(t *testing.T, open Open) {
	p := open.fresh(t)
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
	var leaked store.Store
	err := p.Batch(t.Context(), func(s store.Store) error {
		leaked = s
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
	if err := leaked.View(t.Context(), func(store.Tx) error { return nil }); err == nil {
		t.Error("a batch that is over shows something")
	}
	if err := leaked.Update(t.Context(), origin("late", 7), send(7, "Late.")); err == nil {
		t.Error("a batch that is over takes an update")
	}
	for range 2 {
		same(t, "list", listed(p.List()), "#1 one #2 two ")
		same(t, "status", p.List().Number(2).Status, goals.Done)
		same(t, "record", record(t, p, "kind", "name"), "")
		same(t, "outbox", queued(t, p), "Before. Added. refused")
		same(t, "last change", view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.LastChange(7) })[0].Key, two.Key)
		wantErr(t, p.Update(t.Context(), two, addTwo), store.ErrRepeat)
		p = p.Reopen(t)
	}
	if err := p.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// Which updates a batch was expected to make changes nothing. Red where what was found at
// its beginning is not looked at, where it still counts when an update was made since,
// and where it counts for updates that were not named.
func testUpdatesThatWereExpected(t *testing.T, open Open) {
	p := open.fresh(t)
	before, odd, last, unnamed := origin("x", 7), origin("x", 7), origin("x", 7), origin("x", 7)
	odd.Key += "\x00\xff"
	for _, o := range []store.Origin{before, odd, last, unnamed} {
		update(t, p, o, send(7, "Before."))
	}
	twice, fails, refused, more := origin("x", 7), origin("x", 7), origin("x", 7), origin("x", 7)
	keys := []string{before.Key, odd.Key, twice.Key, fails.Key, refused.Key, "x/never"}
	for range 200 {
		keys = append(keys, origin("x", 7).Key)
	}
	keys = append(keys, last.Key)
	mine := errors.New("mine")
	err := p.Batch(store.Expecting(t.Context(), keys), func(s store.Store) error {
		for i, step := range []struct {
			o          store.Origin
			does, want error
		}{
			{before, nil, store.ErrRepeat}, {odd, nil, store.ErrRepeat}, {last, nil, store.ErrRepeat}, {unnamed, nil, store.ErrRepeat},
			{twice, nil, nil}, {twice, nil, store.ErrRepeat},
			{fails, mine, mine}, {fails, nil, nil}, {fails, nil, store.ErrRepeat},
			{refused, store.ErrRefused, store.ErrRefused}, {refused, nil, store.ErrRepeat},
			{more, nil, nil}, {more, nil, store.ErrRepeat},
		} {
			err := s.Update(t.Context(), step.o, func(tx store.Tx) error { return errors.Join(send(7, fmt.Sprint(i))(tx), step.does) })
			wantErr(t, err, step.want)
		}
		return nil
	})
	wantErr(t, err, nil)
	same(t, "outbox", queued(t, p), "Before. Before. Before. Before. 4 7 9 11")
	for _, o := range []store.Origin{twice, fails, refused, more} {
		wantErr(t, p.Update(t.Context(), o, send(7, "Again.")), store.ErrRepeat)
	}
}

func testTogetherIsAllOrNothing(t *testing.T, open Open) {
	broken := errors.New("broken")
	for _, test := range []struct {
		name    string
		outcome Outcome // of the commit
		f       error
		want    error // nil: it has happened
	}{
		{"f fails", none, broken, broken},
		{"f refuses", none, store.ErrRefused, store.ErrRefused},
		{"the commit fails", Dropped, nil, errDropped},
		{"the commit says that it failed", Applied, nil, nil},
		{"nobody knows of the commit", DroppedUnseen, nil, store.ErrUnknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := open.fresh(t)
			add(t, p, "one")
			a, b := origin("addgoal", 7), origin("addgoal", 7)
			adds := func(id string) func(store.Tx) error {
				return func(tx store.Tx) error {
					_, err := tx.List().Add(goals.Draft{Description: id}, "g-"+id, noon)
					return errors.Join(err, send(7, id)(tx))
				}
			}
			stop := func() {}
			if test.outcome != none {
				stop = p.FailCommits(t, test.outcome)
			}
			err := p.Batch(t.Context(), func(s store.Store) error {
				return errors.Join(s.Update(t.Context(), a, adds("two")), s.Update(t.Context(), b, adds("three")), test.f)
			})
			stop()
			if test.want != nil {
				failed(t, err, test.want)
				same(t, "list", listed(p.List()), "#1 one ")
				same(t, "outbox", queued(t, p), "")
			} else {
				wantErr(t, err, nil)
			}
			// One by one each of them is applied once, whatever has happened.
			for _, err := range []error{p.Update(t.Context(), a, adds("two")), p.Update(t.Context(), b, adds("three"))} {
				if err != nil && !errors.Is(err, store.ErrRepeat) {
					t.Fatal(err)
				}
			}
			same(t, "list", listed(p.List()), "#1 one #2 two #3 three ")
			same(t, "outbox", queued(t, p), "two three")
			same(t, "after reopening", listed(p.Reopen(t).List()), "#1 one #2 two #3 three ")
		})
	}
}

// What an update of a batch could not save is undone alone, the rows included that were
// written before the one that is impossible. Red without a savepoint before the save.
func testASaveThatFailsIsUndoneAlone(t *testing.T, open Open) {
	p := open.fresh(t)
	add(t, p, "one")
	add(t, p, "two")
	err := p.Batch(t.Context(), func(s store.Store) error {
		err := s.Update(t.Context(), origin("impossible", 7), func(tx store.Tx) error {
			_, err := tx.List().Rename(1, "another", noon.Add(time.Hour))
			two := *tx.List().Number(2)
			two.ID = "g-another"
			tx.List().Put(&two)
			return err
		})
		if err == nil {
			t.Error("the id of a goal was changed")
		}
		return s.Update(t.Context(), origin("after", 7), send(7, "After."))
	})
	wantErr(t, err, nil)
	same(t, "list", listed(p.List()), "#1 one #2 two ")
	same(t, "outbox", queued(t, p), "After.")
	same(t, "after reopening", listed(p.Reopen(t).List()), "#1 one #2 two ")
}

// A batch within a batch is kept or dropped with it. Committing it by itself turns
// this red.
func testABatchWithinABatchIsAPartOfIt(t *testing.T, open Open) {
	p := open.fresh(t)
	broken := errors.New("broken")
	nested := func(outcome error) error {
		return p.Batch(t.Context(), func(s store.Store) error {
			return errors.Join(s.Batch(t.Context(), func(s store.Store) error {
				return s.Update(t.Context(), origin("x", 7), send(7, "Within."))
			}), outcome)
		})
	}
	wantErr(t, nested(broken), broken)
	same(t, "outbox", queued(t, p), "")
	wantErr(t, nested(nil), nil)
	same(t, "outbox", queued(t, p), "Within.")
}

// An update of a batch reads the records as those before it left them, but for what
// was undone. Red where what was read stays known after that.
func testRecordsWithinABatch(t *testing.T, open Open) {
	p := open.fresh(t)
	update(t, p, origin("x", 7), func(tx store.Tx) error { return tx.SetRecord("kind", "a", "1") })
	mine := errors.New("mine")
	set := func(to string, sure error) func(store.Tx) error {
		return func(tx store.Tx) error { return errors.Join(tx.SetRecord("kind", "a", to), sure) }
	}
	err := p.Batch(t.Context(), func(s store.Store) error {
		reads := func(want string) {
			t.Helper()
			read := func(tx store.Tx) error {
				a, err := tx.Record("kind", "a")
				same(t, "record", a, want)
				all, failed := tx.Records("kind")
				same(t, "records", all, map[string]string{"a": want})
				all["a"] = "the caller's own"
				return errors.Join(err, failed)
			}
			wantErr(t, s.View(t.Context(), read), nil)
			wantErr(t, s.Update(t.Context(), origin("x", 7), read), nil)
		}
		reads("1")
		wantErr(t, s.Update(t.Context(), origin("x", 7), set("2", nil)), nil)
		reads("2")
		wantErr(t, s.Update(t.Context(), origin("x", 7), set("3", mine)), mine)
		reads("2")
		wantErr(t, s.Update(t.Context(), origin("x", 7), set("4", store.ErrRefused)), store.ErrRefused)
		reads("2")
		return nil
	})
	wantErr(t, err, nil)
	same(t, "record", record(t, p, "kind", "a"), "2")
}
