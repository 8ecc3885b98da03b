package telegram

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/handlers"
	"goalbot/telegramtest"
)

func TestAnUpdateIsConfirmedOnlyAfterItsCommit(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := &clerk{}
		var updates []int64
		commit := make(chan struct{})
		c.before = func(_ context.Context, req handlers.Request) error {
			<-commit
			for _, id := range updates {
				if w.IsConfirmed(id) && strings.HasPrefix(req.Key, fmt.Sprintf("tg/%d/", id)) {
					t.Errorf("update %d is confirmed before its commit", id)
				}
			}
			return nil
		}
		for _, text := range []string{"/done 1", "/done 2", "/done 3"} {
			updates = append(updates, w.Say(w.Private(ann), ann, text).Update)
		}
		w.poller(c)
		for range updates {
			if n := w.Confirmed(); n != 0 {
				t.Errorf("%d updates are confirmed before all of the batch is committed", n)
			}
			commit <- struct{}{}
			synctest.Wait()
		}
		c.did(t, "done 1", "done 2", "done 3")
		if w.Pending() != 0 {
			t.Errorf("%d updates are not confirmed", w.Pending())
		}
	})
}

func TestWhatWasNotHandledIsNotConfirmed(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := &clerk{before: func(ctx context.Context, req handlers.Request) error {
			if req.Args == "2" {
				<-ctx.Done() // as a disk that does not answer
				return ctx.Err()
			}
			return nil
		}}
		first := w.Say(w.Private(ann), ann, "/done 1").Update
		second := w.Say(w.Private(ann), ann, "/done 2").Update
		_, stop := w.poller(c)
		began := time.Now()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("stopping took %v", took)
		}
		if !w.IsConfirmed(first) || w.IsConfirmed(second) {
			t.Errorf("confirmed: %v and %v, want the first alone", w.IsConfirmed(first), w.IsConfirmed(second))
		}
		c.before = nil
		w.poller(c)
		c.did(t, "done 1", "done 2")
	})
}

func TestStoppingEndsALongPollAtOnceAndConfirmsWhatIsDone(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := &clerk{}
		_, stop := w.poller(c)
		pass(17 * time.Second)
		if !w.Polling() {
			t.Fatal("there is no poll to be cut off")
		}
		began := time.Now()
		if err := stop(); err != nil || time.Since(began) >= time.Second {
			t.Errorf("stopped with %v after %v", err, time.Since(began))
		}

		// Soon after an update: the poll that is cut off has confirmed that one,
		// and a server that makes a repetition of it wait holds nobody up.
		_, stop = w.poller(c)
		id := w.Say(w.Private(ann), ann, "/done 0").Update
		pass(100 * time.Millisecond)
		began = time.Now()
		if err := stop(); err != nil || time.Since(began) >= 100*time.Millisecond || !w.IsConfirmed(id) {
			t.Errorf("stopped with %v after %v, confirmed %v", err, time.Since(began), w.IsConfirmed(id))
		}

		// In the middle of a commit: that is finished and confirmed.
		going := make(chan struct{})
		c.before = func(context.Context, handlers.Request) error {
			close(going)
			time.Sleep(2 * time.Second)
			return nil
		}
		id = w.Say(w.Private(ann), ann, "/done 1").Update
		w.Say(w.Private(ann), ann, "/done 2")
		_, stop = w.poller(c)
		<-going
		began = time.Now()
		if err := stop(); err != nil || time.Since(began) > 2100*time.Millisecond {
			t.Errorf("stopped with %v after %v", err, time.Since(began))
		}
		c.did(t, "done 0", "done 1")
		if !w.IsConfirmed(id) || w.Pending() != 1 {
			t.Errorf("confirmed %v, pending %d", w.IsConfirmed(id), w.Pending())
		}

		// A Telegram that does not answer keeps nobody from stopping.
		c.before = nil
		_, stop = w.poller(c)
		w.Fail("", -1, telegramtest.Hang())
		w.Say(w.Private(ann), ann, "/done 3")
		synctest.Wait()
		began = time.Now()
		if stop(); time.Since(began) > time.Second {
			t.Errorf("stopped after %v", time.Since(began))
		}
	})
}

func TestNothingTakesEffectTwice(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := &clerk{}
		_, stop := w.poller(c)
		first := w.Say(w.Private(ann), ann, "/addgoal a")
		w.Say(w.Private(ann), ann, "words")
		tap := w.TapForged(w.Private(ann), ann, first.ID, "done 1")
		if _, err := w.Edit(w.Private(ann), ann, first.ID, "/addgoal b"); err != nil {
			t.Fatal(err)
		}
		want := []string{"addgoal a", "words", "done 1", "addgoal b"}
		c.did(t, want...)
		for n := range 4 { // also out of order, and beside something new
			w.Redeliver(4 - n)
			text := fmt.Sprint("new ", n)
			w.Say(w.Private(ann), ann, text)
			want = append(want, text)
			pass(5 * time.Second)
			c.did(t, want...)
		}
		stop()
		w.Redeliver(8)
		w.poller(c) // a new one remembers nothing
		pass(5 * time.Second)
		c.did(t, want...)
		if !tap.Answered() || w.Pending() != 0 {
			t.Errorf("answered %v, pending %d", tap.Answered(), w.Pending())
		}
	})
}

func TestIDsThatStartAnew(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := &clerk{}
		w.poller(c)
		first := w.Say(w.Private(ann), ann, "one").Update
		want := []string{"one"}
		for i, next := range []int64{5, 2_000_000_000, first, 77, first} { // lower, higher, used before
			pass(8 * 24 * time.Hour / 100)
			w.RestartIDs(next)
			for j := range 3 {
				text := fmt.Sprintf("%d.%d", i, j)
				w.Say(w.Private(ann), ann, text)
				want = append(want, text)
				pass(2 * time.Second)
			}
		}
		c.did(t, want...)
		if w.Pending() != 0 {
			t.Errorf("%d updates are not confirmed", w.Pending())
		}
	})
}

func TestAnOffsetIsForgottenBeforeTheIDsStartAnew(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := NewPoller(w.client, &clerk{}, NewSender(w.client, newShelf(), Hooks{}, w.log), "", w.log)
		w.Fail("getUpdates", -1, telegramtest.EmptyAtOnce())
		for _, tt := range []struct {
			awake, wall time.Duration // that have gone by
			want        string
		}{
			{idsLast - time.Hour, idsLast - time.Hour, "41"},
			{idsLast + time.Hour, idsLast + time.Hour, ""},
			{time.Hour, idsLast + time.Hour, ""},              // the machine slept
			{idsLast + time.Hour, -30 * 24 * time.Hour, ""},   // the clock was set back
			{idsLast - time.Hour, -30 * 24 * time.Hour, "41"}, // and that alone says nothing
			{time.Minute, idsLast - time.Hour, "41"},          // asleep, not so long
		} {
			then := now()
			p.offset, p.moved = 41, instant{then.awake.Add(-tt.awake), then.wall.Add(-tt.wall)}
			want := tt.want
			if _, err := p.poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			calls := w.CallsTo("getUpdates")
			if got := calls[len(calls)-1].Params["offset"]; got != want {
				t.Errorf("after %v awake and %v by the clock the offset is %q, want %q", tt.awake, tt.wall, got, want)
			}
		}
	})
}

// The service message comes from an anonymous administrator; nobody else could
// say it.
func TestAGroupIsFollowedWhenItSaysSo(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		p := NewPoller(w.client, &clerk{}, NewSender(w.client, o, Hooks{}, w.log), "", w.log)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx, func(string) {}) }()
		w.Group(-4001, "Club", telegramtest.BasicGroup, ann)
		w.MigrateGroup(-4001, -1001234567890)
		pass(time.Minute)
		if o.moved != 1 {
			t.Errorf("moved %d times", o.moved)
		}
		if text := w.lines.String(); strings.Contains(text, "could not be followed") {
			t.Errorf("the log says\n%s", text)
		}
		stop()
		<-ended
	})
}
