package health

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/alert"
	"goalbot/message"
	"goalbot/store"
)

// An alert that was said past the outbox kept everybody waiting while the
// network took its time: a tap on "I know", a mute, the next check. Broken on
// purpose: m.mu was not given back, and what was said twice where nobody noted
// who says it already.
func TestNobodyWaitsForTheNetworkOfAnAlert(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		slow := make(chan struct{})
		var sent atomic.Int32
		w.say = func(_ context.Context, _ int64, m message.Message) (int64, error) {
			<-slow
			if m.Edit == 0 {
				sent.Add(1)
			}
			return 5, nil
		}
		w.shelf.broken = errors.New("no")
		w.file.err = gone
		var all sync.WaitGroup
		all.Go(func() { w.check(t) })
		synctest.Wait()
		time.Sleep(lookAgain)
		synctest.Wait()

		began := time.Now()
		var known message.Message
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = w.change(t.Context(), func(b *alert.State) { b.Acknowledge([]alert.Cause{alert.Missing}, "Owner") })
			known = w.Acknowledge(t.Context(), "", "Owner")
			w.Mute(t.Context(), "1h")
		}()
		synctest.Wait()
		select {
		case <-done:
		default:
			t.Error("a person waits for the network")
		}
		if time.Since(began) > 0 {
			t.Errorf("a person waited for %v", time.Since(began))
		}
		close(slow)
		<-done
		all.Wait()
		if !strings.Contains(known.Text, "goals.json is missing") {
			t.Errorf("acknowledged: %q", known.Text)
		}
		if n := sent.Load(); n != 1 {
			t.Errorf("said %d times", n)
		}
	})
}

// Where too much waits for a chat an alert was said to be that the palace cannot
// be written, and nothing was kept. Taking a full outbox for a palace that fails,
// and for one that has the alert, turn this red.
func TestAnAlertThatTheOutboxHasNoRoomFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.check(t)
		w.shelf.full = true
		w.file.err = gone
		w.check(t)
		one(t, w.said, "🚨 goals.json is missing")
		if kept := w.shelf.records[string(store.AlertRecord)+"|"+stateName]; w.unsaved != nil || !strings.Contains(kept, `"missing"`) {
			t.Errorf("kept: %s, %v", kept, w.unsaved)
		}
		w.check(t)
		w.shelf.full = false
		w.file.err = nil
		w.check(t)
		w.check(t)
		one(t, w.said, "🚨 goals.json is missing") // and no more of it
		one(t, w.sends(t), "✅ goals.json is OK again")
	})
}

// Receipts whose numbers are far apart were compared by the sign of their
// difference, which overflows.
func TestReceiptsFarApartAreInOrder(t *testing.T) {
	w := newWard(t)
	for name, number := range map[string]string{"alert:told:7:1:0:": "9223372036854775807", "alert:told:7:2:0:": "-9223372036854775808"} {
		w.shelf.records[string(store.SentRecord)+"|"+name+"/7"] = number
	}
	list, err := w.receipts(t.Context())
	if err != nil || len(list) != 2 || list[0].number > list[1].number {
		t.Errorf("receipts: %+v, %v", list, err)
	}
}
