package health

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/alert"
	"goalbot/store"
)

func TestAKillLosesAndDoublesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.file.err = gone
		w.check(t)
		w.restart(t) // between queueing and sending
		w.check(t)
		if n := len(w.shelf.queued); n != 2 {
			t.Fatalf("%d messages are queued", n) // the second for a message that might have got lost
		}
		one(t, w.sends(t), "🚨 goals.json is missing")
		w.restart(t) // the receipt is there, and nobody has read it
		w.check(t)
		if said := w.sends(t); len(said) > 0 {
			t.Errorf("told twice: %q", said)
		}
		w.file.err = nil
		w.check(t)
		w.restart(t)
		w.check(t)
		one(t, w.sends(t), "✅ goals.json is OK again")
	})
}

// While Telegram is down every try gives the alert its words anew. Broken on
// purpose: each check queued another message.
func TestAnOutageQueuesNoMoreThanThereIsToSay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		expect := func(n int) {
			t.Helper()
			for range 10 {
				w.check(t)
				if _, _, _, err := w.Compose(t.Context(), w.shelf.queued[0]); err != nil {
					t.Fatal(err)
				}
			}
			if got := len(w.shelf.queued); got != n {
				t.Fatalf("%d messages are queued, want %d", got, n)
			}
		}
		w.file.err = gone
		expect(1)
		w.file.err = differing // the first may be on its way with the old words
		expect(2)
		one(t, w.sends(t), "🚨 goals.json differs")
	})
}

// A program that is told to end does not take that for a palace that fails.
// Broken on purpose: what was to be told was said past the outbox, where it
// may be on its way already.
func TestAnEndIsNoFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.check(t)
		w.file.err = gone
		ctx, stop := context.WithCancel(t.Context())
		updates := 0
		w.shelf.during = func() {
			if updates++; updates == 2 { // the first is about a suspicion
				stop()
				w.shelf.broken = ctx.Err()
			}
		}
		_, _ = w.Check(ctx)
		if len(w.said) > 0 || len(w.Posts()) > 0 || w.note.data != nil || updates != 2 {
			t.Errorf("said %q, kept aside %q, after %d updates", w.said, w.note.data, updates)
		}
		w.shelf.during, w.shelf.broken = nil, nil
		w.restart(t)
		w.check(t)
		one(t, w.sends(t), "🚨 goals.json is missing")
	})
}

// Broken on purpose: a first check after the start that takes the palace for
// one that can be written.
func TestWhereThePalaceIsThePatient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.check(t)
		w.shelf.broken = store.ErrFull
		w.file.err = gone
		w.check(t)
		one(t, w.said, "🚨 goals.json is missing")
		if w.note.data == nil {
			t.Fatal("nothing is kept aside")
		}
		w.restart(t)
		w.forget()
		w.check(t)
		if len(w.said) > 1 || len(w.said) == 1 && !strings.Contains(w.said[0], "The bot's database cannot be written") {
			t.Errorf("after a restart: %q", w.said)
		}
		w.check(t)
		if said := strings.Join(w.said, "\n"); !strings.Contains(said, "The bot's database cannot be written") {
			t.Errorf("not told of the palace: %q", said)
		}
		w.restart(t)
		w.forget()
		w.check(t)
		w.check(t)
		if len(w.said) > 0 {
			t.Errorf("after another restart, with nothing changed: %q", w.said)
		}
		w.said, w.shelf.broken, w.file.err = nil, nil, nil
		w.check(t)
		w.check(t)
		if w.note.data != nil {
			t.Error("the state is still aside")
		}
		if said := strings.Join(append(w.sends(t), w.said...), "\n"); !strings.HasPrefix(said, "✅") || !strings.Contains(said, "goals.json is missing, after") {
			t.Errorf("not told that it is over: %q", said)
		}
	})
}

// The cron library runs nothing before the first interval is over. Broken on
// purpose: no check at the start.
func TestTheFirstCheckComesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.file.err = gone
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { w.Run(ctx, nil) })
		time.Sleep(lookAgain)
		synctest.Wait()
		one(t, w.sends(t), "🚨 goals.json is missing")
		stop()
		all.Wait()
	})
}

func TestAnAlertThatDoesNotLeaveTheOutboxIsSaidPastIt(t *testing.T) {
	for _, polled := range []time.Time{{}, time.Now().Add(1000 * time.Hour)} { // never, and all the time
		saidPastTheOutbox(t, polled)
	}
}

func saidPastTheOutbox(t *testing.T, polled time.Time) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.polled = func() time.Time { return polled }
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		w.file.err = gone // before the first check
		all.Go(func() { w.Run(ctx, nil) })
		time.Sleep(sayAfter + 6*time.Minute)
		stop()
		all.Wait()
		one(t, w.said, "🚨 goals.json is missing")
		if said := w.sends(t); len(said) > 0 {
			t.Errorf("and said again from the outbox: %q", said)
		}
	})
}

// A panic over what stands in the file ended the program, in a check that was not
// a scheduled one: at every start anew, and with nobody told. Red without recovered,
// and, for whoever asks in the chat, without the recover in withTimeout.
func TestAPanicInACheckIsAnAlert(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.file.looks = func() { panic("an odd file") }
		w.Sources = []Source{func(context.Context) ([]alert.Finding, []alert.Cause) { panic("an odd disk") }}
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { w.Run(ctx, nil) })
		time.Sleep(lookAgain)
		synctest.Wait()
		one(t, w.sends(t), "🚨 goals.json could not be checked")
		w.Sources = nil
		w.file.mu.Lock()
		w.file.looks = nil
		w.file.mu.Unlock()
		time.Sleep(6 * time.Minute)
		synctest.Wait()
		one(t, w.sends(t), "✅ goals.json can be checked again")
		stop()
		all.Wait()
	})
	_, err := withTimeout(t.Context(), nil, time.Minute, func(context.Context) (int, error) { panic("an odd disk") })
	if err == nil || !strings.Contains(err.Error(), "an odd disk") {
		t.Errorf("withTimeout returns %v", err)
	}
}

// A check that was broken off because the program ends left "goals.json is not
// sound" in its log. Red without the look at the context in look.
func TestACheckThatIsBrokenOffIsNoFault(t *testing.T) {
	w := newWard(t)
	var log bytes.Buffer
	w.log = slog.New(slog.NewTextHandler(&log, nil))
	ctx, end := context.WithCancel(t.Context())
	w.file.looks, w.file.err = end, context.Canceled
	if _, err := w.Check(ctx); !errors.Is(err, context.Canceled) || log.Len() > 0 {
		t.Errorf("Check = %v, logged %q", err, log.String())
	}
}

// An owner who has blocked the bot was once asked again and again, without a
// pause: every refusal set off the next try.
func TestAChatThatRefusesIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		w.file.err = gone // before the first check
		all.Go(func() { w.Run(ctx, nil) })
		tries := 0
		for range 24 * 60 * 60 { // a sender that is refused
			time.Sleep(time.Second)
			synctest.Wait()
			w.shelf.mu.Lock()
			queued := w.shelf.queued
			w.shelf.queued = nil
			w.shelf.mu.Unlock()
			for _, m := range queued {
				tries++
				w.Gone(m, true)
			}
		}
		if tries < 20 || tries > 24 {
			t.Errorf("%d tries in a day", tries)
		}
		time.Sleep(alert.RefusedWait + time.Minute)
		synctest.Wait()
		one(t, append(w.sends(t), w.said...), "🚨 goals.json is missing")
		time.Sleep(time.Minute)
		stop()
		all.Wait()
		if c := w.State().Chats[chat]; c.Refused != 0 {
			t.Errorf("after it was heard: %+v", c)
		}
	})
}
