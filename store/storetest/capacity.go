package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"goalbot/store"
)

var capacityTests = []func(*testing.T, Open){
	testNoMoreWaitsThanTheOutboxHolds,
	testAFullOutboxEndsNoTransaction,
	testDeadLettersTakeLittleRoom,
}

// sized is a message of that many bytes.
func sized(chat int64, bytes int) func(store.Tx) error {
	return send(chat, strings.Repeat("x", bytes))
}

// Whoever asks for more than Telegram takes must not fill the disk: 300 answers
// of 15 MB each once waited in 4.6 GB. Leaving out any of the bounds, or what
// was queued before in the same transaction or batch, turns this red.
func testNoMoreWaitsThanTheOutboxHolds(t *testing.T, open Open) {
	small := Options{Limits: Limits{ChatMessages: 6, ChatBytes: 1000, Bytes: 1500, Short: 10}}
	for _, test := range []struct {
		name   string
		before func(store.Tx) error
		m      func(store.Tx) error
		full   bool
	}{
		{"empty", nil, sized(7, 1000), false},
		{"too large for a chat alone", nil, sized(7, 1001), true},
		{"as much as a chat takes", sized(7, 600), sized(7, 400), false},
		{"more than a chat takes", sized(7, 600), sized(7, 401), true},
		{"another chat", sized(8, 600), sized(7, 900), false},
		{"more than all take", sized(8, 600), sized(7, 901), true},
		{"a short one beyond that", func(tx store.Tx) error { return errors.Join(sized(7, 1000)(tx), sized(8, 500)(tx)) }, sized(7, 10), false},
		{"not so short", sized(7, 1000), sized(7, 11), true},
		{"too many", func(tx store.Tx) error {
			var err error
			for range 6 {
				err = errors.Join(err, sized(7, 1)(tx))
			}
			return err
		}, sized(7, 1), true},
	} {
		want := func(t *testing.T, err error) {
			t.Helper()
			if test.full {
				wantErr(t, err, store.ErrOutboxFull)
			} else if err != nil {
				t.Fatal(err)
			}
		}
		before := func(tx store.Tx) error {
			if test.before == nil {
				return nil
			}
			return test.before(tx)
		}
		t.Run(test.name, func(t *testing.T) {
			p := open(t, small)
			update(t, p, origin("x", 7), before)
			want(t, p.Update(t.Context(), origin("x", 7), test.m))
		})
		t.Run(test.name+", at once", func(t *testing.T) {
			p := open(t, small)
			want(t, p.Update(t.Context(), origin("x", 7), func(tx store.Tx) error {
				if err := before(tx); err != nil {
					return err
				}
				return test.m(tx)
			}))
		})
		t.Run(test.name+", in a batch", func(t *testing.T) {
			p := open(t, small)
			err := p.Batch(t.Context(), func(s store.Store) error {
				failed := errors.New("this one is put back")
				if err := s.Update(t.Context(), origin("x", 7), func(tx store.Tx) error { return errors.Join(sized(9, 900)(tx), failed) }); !errors.Is(err, failed) {
					return fmt.Errorf("got %w", err)
				}
				return errors.Join(s.Update(t.Context(), origin("x", 7), before), s.Update(t.Context(), origin("x", 7), test.m))
			})
			want(t, err)
		})
	}
}

// The rest of the transaction is not lost for a message that has no room, and
// there is room again when something has left.
func testAFullOutboxEndsNoTransaction(t *testing.T, open Open) {
	p := open(t, Options{Limits: Limits{ChatMessages: 2, ChatBytes: 100, Bytes: 100, Short: 10}})
	update(t, p, origin("x", 7), func(tx store.Tx) error {
		wantErr(t, sized(7, 101)(tx), store.ErrOutboxFull)
		return errors.Join(send(7, "a")(tx), tx.SetRecord("kept", "7", "yes"))
	})
	same(t, "record", record(t, p, "kept", "7"), "yes")
	update(t, p, origin("x", 7), send(7, "b"))
	wantErr(t, p.Update(t.Context(), origin("x", 7), send(7, "c")), store.ErrOutboxFull)
	if err := p.Sent(t.Context(), outbox(t, p)[0].ID, nil); err != nil {
		t.Fatal(err)
	}
	update(t, p, origin("x", 7), send(7, "c"))
	update(t, p, origin("x", 7), func(tx store.Tx) error { return errors.Join(tx.Unsend(7), send(7, "d")(tx), send(7, "e")(tx)) })
	same(t, "outbox", waiting(t, p), "7:d ")
}

// A file that nobody gets is not kept, and not everything that nobody gets.
func testDeadLettersTakeLittleRoom(t *testing.T, open Open) {
	now := noon
	p := open(t, Options{Now: func() time.Time { return now }, Limits: Limits{DeadLetters: 3}})
	letters := func() []store.DeadLetter {
		dead, err := p.DeadLetters(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return dead
	}
	park := func(body int, reason string) store.DeadLetter {
		now = now.Add(time.Minute)
		update(t, p, origin("x", 7), sized(7, body))
		if err := p.MoveToDeadLetters(t.Context(), outbox(t, p)[0].ID, reason); err != nil {
			t.Fatal(err)
		}
		return letters()[0]
	}
	const most = 16 << 10
	same(t, "a text", len(park(most, "a").Body), most)
	m := park(most+1, "b")
	same(t, "a file", fmt.Sprintf("%d %s %d", len(m.Body), m.Reason, m.Chat), "0 b 7")
	park(1, "c")
	park(1, "d")
	reasons := ""
	for _, m := range letters() {
		reasons += m.Reason
	}
	same(t, "what is kept", reasons, "dcb")
}
