package storetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

var updateTests = []func(*testing.T, Open){
	testWhatWasUpdatedIsThereAfterReopening,
	testARefusalKeepsTheAnswerAndNothingElse,
	testARepeatedUpdateIsNotRunAgain,
	testAnErrorKeepsNothing,
	testAPanicKeepsNothingAndGoesOn,
	testAGoroutineThatEndsInAnUpdateLeavesThePalaceFree,
	testAnUpdateWithoutAKeyIsRefused,
	testWaitingForTheWriterEndsWithTheContext,
	testACancelledContextDoesNotUndoAnUpdateInHand,
	testReadersSeeListAndRowsOfOneCommit,
	testUpdatesFromManySidesAllCount,
	testViewChangesNothing,
	testWhoeverKeepsTheListCannotAlterWhatIsCommitted,
	testAKeyThatWillNotComeAgainIsNotKept,
	testAStoreHasANameOfItsOwn,
	testATransactionEndsWithItsFunction,
	testSeenTellsWhichKeysWereKept,
	testAStoreHasANameOfItsOwn,
	testATransactionEndsWithItsFunction,
	testSeenTellsWhichKeysWereKept,
}

func testWhatWasUpdatedIsThereAfterReopening(t *testing.T, open Open) {
	p := open.fresh(t)
	add(t, p, "one")
	add(t, p, "two")
	update(t, p, origin("done", 7), func(tx store.Tx) error {
		if err := tx.SetRecord("mute", "file", "8h"); err != nil {
			return err
		}
		if _, err := tx.List().Finish(1, false, noon.Add(time.Hour)); err != nil {
			return err
		}
		return tx.Send(store.Message{Chat: 7, Body: []byte("Done.")})
	})
	before := p.List()
	p = p.Reopen(t)
	after := p.List()
	same(t, "list", listed(after), listed(before))
	for i, g := range before.All() {
		if !g.Same(after.All()[i]) || !g.Updated.Equal(after.All()[i].Updated) {
			t.Errorf("goal %d: got %+v, want %+v", g.Number, after.All()[i], g)
		}
	}
	same(t, "status", after.Number(1).Status, goals.Done)
	same(t, "record", record(t, p, "mute", "file"), "8h")
	same(t, "outbox", waiting(t, p), "7:Done. ")
	if err := p.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func testARefusalKeepsTheAnswerAndNothingElse(t *testing.T, open Open) {
	p := open.fresh(t)
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
		p = p.Reopen(t)
	}
}

func testARepeatedUpdateIsNotRunAgain(t *testing.T, open Open) {
	p := open.fresh(t)
	o := origin("addgoal", 7)
	runs := 0
	f := func(tx store.Tx) error {
		runs++
		_, err := tx.List().Add(goals.Draft{Description: "one"}, "g-1", noon)
		return errors.Join(err, send(7, "Added.")(tx))
	}
	update(t, p, o, f)
	wantErr(t, p.Update(t.Context(), o, f), store.ErrRepeat)
	p = p.Reopen(t)
	wantErr(t, p.Update(t.Context(), o, f), store.ErrRepeat)
	same(t, "runs", runs, 1)
	same(t, "list", listed(p.List()), "#1 one ")
	same(t, "outbox", waiting(t, p), "7:Added. ")
}

func testAnErrorKeepsNothing(t *testing.T, open Open) {
	p := open.fresh(t)
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

func testAPanicKeepsNothingAndGoesOn(t *testing.T, open Open) {
	p := open.fresh(t)
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

func testAGoroutineThatEndsInAnUpdateLeavesThePalaceFree(t *testing.T, open Open) {
	p := open.fresh(t)
	var wg sync.WaitGroup
	wg.Go(func() { p.Update(t.Context(), origin("x", 7), func(store.Tx) error { runtime.Goexit(); return nil }) })
	wg.Wait()
	add(t, p, "one")
}

func testAnUpdateWithoutAKeyIsRefused(t *testing.T, open Open) {
	p := open.fresh(t)
	if err := p.Update(t.Context(), store.Origin{Name: "x"}, send(7, "x")); err == nil {
		t.Error("an update without a key was taken")
	}
}

func testWaitingForTheWriterEndsWithTheContext(t *testing.T, open Open) {
	p := open.fresh(t)
	update(t, p, origin("x", 7), func(store.Tx) error {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		wantErr(t, p.Update(ctx, origin("y", 7), send(7, "x")), context.Canceled)
		return nil
	})
}

func testACancelledContextDoesNotUndoAnUpdateInHand(t *testing.T, open Open) {
	p := open.fresh(t)
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

func testReadersSeeListAndRowsOfOneCommit(t *testing.T, open Open) {
	var log strings.Builder
	p := open(t, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	add(t, p, "0")
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

func testUpdatesFromManySidesAllCount(t *testing.T, open Open) {
	p := open.fresh(t)
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
	same(t, "goals after reopening", p.Reopen(t).List().Len(), 40)
}

func testViewChangesNothing(t *testing.T, open Open) {
	p := open.fresh(t)
	add(t, p, "one")
	refused := func(what string, err error) {
		if err == nil {
			t.Errorf("%s in a View is no error", what)
		}
	}
	var kept store.Tx
	err := p.View(t.Context(), func(tx store.Tx) error {
		kept = tx
		refused("SetRecord", tx.SetRecord("kind", "name", "x"))
		refused("SetRecord", tx.SetRecord("kind", "name", ""))
		refused("Send", tx.Send(store.Message{Chat: 7}))
		refused("TakeBack", tx.TakeBack("test/1"))
		refused("Unsend", tx.Unsend(7))
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

func testWhoeverKeepsTheListCannotAlterWhatIsCommitted(t *testing.T, open Open) {
	p := open.fresh(t)
	add(t, p, "one")
	var kept *goals.List
	update(t, p, origin("x", 7), func(tx store.Tx) error { kept = tx.List(); return nil })
	kept.Delete(1)
	kept.Rename(1, "else", noon)
	same(t, "list", listed(p.List()), "#1 one ")
}

// A program that wrote goals.json all day left a key for every time, and pushed
// those of Telegram's updates out of what is remembered. Red where every key is
// kept, and where a commit that failed is looked up by a key that is not kept.
func testAKeyThatWillNotComeAgainIsNotKept(t *testing.T, open Open) {
	p := open.fresh(t)
	key := 0
	once := func(text string) error {
		key++
		return p.Update(t.Context(), store.Origin{Key: fmt.Sprint("merge/", key), Name: "merge", At: noon, Once: true}, func(tx store.Tx) error {
			_, err := tx.List().Add(goals.Draft{Description: text}, "g-"+text, noon)
			return err
		})
	}
	wantErr(t, once("one"), nil)
	seen := view(t, p, func(tx store.Tx) (bool, error) { return tx.Seen("merge/1") })
	same(t, "seen", seen, false)
	same(t, "the change by its key", len(changeOf(t, p, "merge/1")), 1)

	stop := p.FailCommits(t, Applied)
	wantErr(t, once("two"), nil)
	stop()
	stop = p.FailCommits(t, Dropped)
	if err := once("three"); err == nil {
		t.Error("a commit that took no effect is no error")
	}
	stop()
	same(t, "list", listed(p.List()), "#1 one #2 two ")
	same(t, "after reopening", listed(p.Reopen(t).List()), "#1 one #2 two ")
}

// A store is another than any other, and the same when it is opened again. Taking
// one for the other would replace the list.
func testAStoreHasANameOfItsOwn(t *testing.T, open Open) {
	p := open.fresh(t)
	name := p.Name()
	if name == "" || open.fresh(t).Name() == name {
		t.Errorf("%q is no name of its own", name)
	}
	same(t, "name after reopening", p.Reopen(t).Name(), name)
}

// Red where a transaction does not know that it is over.
func testATransactionEndsWithItsFunction(t *testing.T, open Open) {
	p := open.fresh(t)
	var kept store.Tx
	update(t, p, origin("x", 7), func(tx store.Tx) error { kept = tx; return nil })
	_, recordErr := kept.Record("kind", "name")
	_, eventsErr := kept.Events(1, 0, 1)
	for what, err := range map[string]error{
		"Record": recordErr, "Events": eventsErr, "SetRecord": kept.SetRecord("kind", "name", "x"),
		"Send": send(7, "Late.")(kept), "Unsend": kept.Unsend(7), "TakeBack": kept.TakeBack("test/1"),
	} {
		if err == nil {
			t.Errorf("%s works after the end", what)
		}
	}
	same(t, "record", record(t, p, "kind", "name"), "")
	same(t, "outbox", waiting(t, p), "")
}

func testSeenTellsWhichKeysWereKept(t *testing.T, open Open) {
	p := open.fresh(t)
	kept, refused, failed := origin("x", 7), origin("x", 7), origin("x", 7)
	update(t, p, kept, send(7, "a"))
	wantErr(t, p.Update(t.Context(), refused, func(store.Tx) error { return store.ErrRefused }), store.ErrRefused)
	wantErr(t, p.Update(t.Context(), failed, func(store.Tx) error { return errMine }), errMine)
	for range 2 {
		for o, want := range map[store.Origin]bool{kept: true, refused: true, failed: false} {
			same(t, o.Key, view(t, p, func(tx store.Tx) (bool, error) { return tx.Seen(o.Key) }), want)
		}
		p = p.Reopen(t)
	}
}
