package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

var outboxTests = []func(*testing.T, Open){
	testMessagesLeaveInOrderForEachChat,
	testSentForgetsTheMessageAndKeepsWhatIsRecordedTogether,
	testSentMayChangeTheListAndQueueMore,
	testAMessagesIDIsNotGivenAgain,
	testAParkedMessageMakesWayAndIsKeptWithItsReason,
	testTheOutboxSaysHowDeepItIsAndSinceWhen,
	testQueuedIsSignalledAfterTheCommit,
	testWhatWaitsForOneChatAndIsSentAsABatch,
	testWhatWaitsForAChatCanBeDroppedInTheChangeThatShutsItOut,
	testNoMoreIsReadThanFitsIntoMemory,
}

func outbox(t testing.TB, p Engine) []store.Message {
	t.Helper()
	messages, err := p.Outbox(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

func testMessagesLeaveInOrderForEachChat(t *testing.T, open Open) {
	p := open.fresh(t)
	update(t, p, origin("x", 7), func(tx store.Tx) error {
		return errors.Join(send(7, "a")(tx), send(7, "b")(tx), send(-9, "c")(tx))
	})
	update(t, p, origin("x", 7), func(tx store.Tx) error {
		return errors.Join(send(-9, "d")(tx), tx.Send(store.Message{Chat: 8})) // without a body
	})
	same(t, "outbox", waiting(t, p), "7:a -9:c 8: ")
	for _, want := range []string{"7:b -9:c 8: ", "-9:c 8: ", "-9:d 8: ", "8: ", ""} {
		if err := p.Sent(t.Context(), outbox(t, p)[0].ID, nil); err != nil {
			t.Fatal(err)
		}
		same(t, "outbox", waiting(t, p), want)
	}
}

func testSentForgetsTheMessageAndKeepsWhatIsRecordedTogether(t *testing.T, open Open) {
	p := open.fresh(t)
	update(t, p, origin("x", 7), send(7, "a"))
	id := outbox(t, p)[0].ID
	mine := errors.New("mine")
	set := func(tx store.Tx) error { return tx.SetRecord("shown", "7", "99") }

	wantErr(t, p.Sent(t.Context(), id, func(tx store.Tx) error { return errors.Join(set(tx), mine) }), mine)
	same(t, "outbox", waiting(t, p), "7:a ")
	same(t, "record", record(t, p, "shown", "7"), "")

	if err := p.Sent(t.Context(), id, set); err != nil {
		t.Fatal(err)
	}
	same(t, "outbox", waiting(t, p), "")
	same(t, "record", record(t, p, "shown", "7"), "99")

	again := func(store.Tx) error { t.Error("what was recorded is recorded again"); return nil }
	if err := p.Sent(t.Context(), id, again); err != nil {
		t.Errorf("a message that is gone: %v", err)
	}
	if err := p.Sent(t.Context(), 12345, nil); err != nil {
		t.Errorf("a message that never was: %v", err)
	}
}

func testSentMayChangeTheListAndQueueMore(t *testing.T, open Open) {
	p := open.fresh(t)
	add(t, p, "one")
	update(t, p, origin("x", 7), send(7, "a"))
	id := outbox(t, p)[0].ID
	err := p.Sent(t.Context(), id, func(tx store.Tx) error {
		_, err := tx.List().Begin(1, noon.Add(time.Hour))
		return errors.Join(err, send(7, "b")(tx))
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "outbox", waiting(t, p), "7:b ")
	p = p.Reopen(t)
	same(t, "status", p.List().Number(1).Status, goals.InProgress)
	events := view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.Events(1, 0, 1) })
	same(t, "event", fmt.Sprint(events[0].Key, " ", events[0].Name, events[0].By), fmt.Sprintf("sent/%d sent0", id))
}

func testAMessagesIDIsNotGivenAgain(t *testing.T, open Open) {
	p := open.fresh(t)
	update(t, p, origin("x", 7), send(7, "a"))
	first := outbox(t, p)[0].ID
	if err := p.Sent(t.Context(), first, nil); err != nil {
		t.Fatal(err)
	}
	p = p.Reopen(t)
	update(t, p, origin("x", 7), send(7, "b"))
	if second := outbox(t, p)[0].ID; second <= first {
		t.Errorf("message %d came after %d", second, first)
	}
}

func testAParkedMessageMakesWayAndIsKeptWithItsReason(t *testing.T, open Open) {
	now := noon
	p := open(t, Options{Now: func() time.Time { return now }})
	update(t, p, origin("x", 7), func(tx store.Tx) error { return errors.Join(send(7, "a")(tx), send(7, "b")(tx)) })
	id := outbox(t, p)[0].ID
	now = noon.Add(time.Hour)
	for range 2 { // once more is no error
		if err := p.MoveToDeadLetters(t.Context(), id, "the chat is gone"); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "outbox", waiting(t, p), "7:b ")
	p = p.Reopen(t)
	dead, err := p.DeadLetters(t.Context())
	if err != nil || len(dead) != 1 {
		t.Fatalf("got %v, %v", dead, err)
	}
	m := dead[0]
	same(t, "parked", fmt.Sprintf("%d %d %s %s %v", m.ID, m.Chat, m.Body, m.Reason, m.At),
		fmt.Sprintf("%d 7 a the chat is gone %v", id, now))
}

func testTheOutboxSaysHowDeepItIsAndSinceWhen(t *testing.T, open Open) {
	now := noon
	p := open(t, Options{Now: func() time.Time { return now }})
	depth := func() store.Depth {
		d, err := p.Depth(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	same(t, "depth", depth(), store.Depth{})
	update(t, p, origin("x", 7), send(7, "a"))
	now = noon.Add(time.Hour)
	update(t, p, origin("x", 7), send(7, "three"))
	same(t, "depth", depth(), store.Depth{Messages: 2, Bytes: 6, Oldest: noon})
	if err := p.MoveToDeadLetters(t.Context(), outbox(t, p)[0].ID, "no"); err != nil {
		t.Fatal(err)
	}
	same(t, "depth", depth(), store.Depth{Messages: 1, Bytes: 5, Oldest: now, DeadLetters: 1})
}

func testQueuedIsSignalledAfterTheCommit(t *testing.T, open Open) {
	p := open.fresh(t)
	signalled := func() bool {
		select {
		case <-p.Queued():
			return true
		default:
			return false
		}
	}
	same(t, "signal at first", signalled(), false)
	update(t, p, origin("x", 7), func(tx store.Tx) error {
		err := send(7, "a")(tx)
		same(t, "signal before the commit", signalled(), false)
		return err
	})
	update(t, p, origin("x", 7), send(7, "b"))
	same(t, "signal", signalled(), true)
	same(t, "second signal", signalled(), false)
	p.Update(t.Context(), origin("x", 7), func(tx store.Tx) error {
		return errors.Join(send(7, "c")(tx), store.ErrRefused)
	})
	same(t, "signal of a refusal", signalled(), true)
	p.Update(t.Context(), origin("x", 7), func(tx store.Tx) error { send(7, "d")(tx); return errors.New("mine") })
	same(t, "signal of an error", signalled(), false)
	add(t, p, "one")
	same(t, "signal of a change without a message", signalled(), false)
	p = p.Reopen(t)
	same(t, "signal after reopening", signalled(), true)
}

func testWhatWaitsForOneChatAndIsSentAsABatch(t *testing.T, open Open) {
	p := open.fresh(t)
	update(t, p, origin("x", 7), func(tx store.Tx) error {
		return errors.Join(send(7, "a")(tx), send(-9, "b")(tx), send(7, "c")(tx), send(7, "d")(tx))
	})
	row, err := p.Waiting(t.Context(), 7, 2)
	if err != nil || len(row) != 2 || string(row[0].Body) != "a" || string(row[1].Body) != "c" {
		t.Fatalf("waiting: %v, %v", row, err)
	}
	for range 2 { // once more is no error
		if err := p.SentBatch(t.Context(), []int64{row[0].ID, row[1].ID}); err != nil {
			t.Fatal(err)
		}
		p = p.Reopen(t)
		same(t, "outbox", waiting(t, p), "-9:b 7:d ")
	}
}

// What waits for somebody who is shut out must not reach them later. Dropping
// the messages of the change itself, or those of other chats, turns this red.
func testWhatWaitsForAChatCanBeDroppedInTheChangeThatShutsItOut(t *testing.T, open Open) {
	p := open.fresh(t)
	update(t, p, origin("x", 7), func(tx store.Tx) error {
		return errors.Join(send(8, "secret")(tx), send(8, "more")(tx), send(7, "a")(tx))
	})
	refused := p.Update(t.Context(), origin("revoke", 7), func(tx store.Tx) error {
		return errors.Join(tx.Unsend(8), store.ErrRefused)
	})
	wantErr(t, refused, store.ErrRefused)
	same(t, "outbox after a refusal", waiting(t, p), "8:secret 7:a ")

	update(t, p, origin("revoke", 7), func(tx store.Tx) error {
		return errors.Join(send(8, "you are out")(tx), tx.Unsend(8), send(7, "done")(tx))
	})
	same(t, "outbox", waiting(t, p), "7:a 8:you are out ")
	p = p.Reopen(t)
	same(t, "outbox after a restart", waiting(t, p), "7:a 8:you are out ")

	// In a batch it is what came before it that is dropped.
	err := p.Batch(t.Context(), func(s store.Store) error {
		return errors.Join(
			s.Update(t.Context(), origin("x", 7), send(9, "queued in the batch")),
			s.Update(t.Context(), origin("revoke", 7), func(tx store.Tx) error { return tx.Unsend(9) }),
			s.Update(t.Context(), origin("x", 7), send(9, "later")))
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "outbox after a batch", waiting(t, p), "7:a 8:you are out 9:later ")
}

// What waits may be large, and much: no more of it is read than is sent next.
// Reading all rows turns this red.
func testNoMoreIsReadThanFitsIntoMemory(t *testing.T, open Open) {
	p := open.fresh(t)
	update(t, p, origin("x", 7), func(tx store.Tx) error {
		var err error
		for _, size := range []int{10 << 20, 400 << 10, 624 << 10, 400 << 10, 5} {
			err = errors.Join(err, tx.Send(store.Message{Chat: 7, Body: make([]byte, size)}))
		}
		return err
	})
	for _, want := range []int{1, 2, 2} { // the large one alone, then a megabyte
		row, err := p.Waiting(t.Context(), 7, 100)
		if err != nil || len(row) != want {
			t.Fatalf("%d are read, want %d; %v", len(row), want, err)
		}
		var ids []int64
		for _, m := range row {
			ids = append(ids, m.ID)
		}
		if err := p.SentBatch(t.Context(), ids); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "outbox", waiting(t, p), "")
}
