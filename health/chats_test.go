package health

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/message"
)

// An alert that was queued for an owner reached him after his access was taken
// away, and so did the reminders past the outbox. Broken on purpose: the look
// at who gets alerts in Compose, in say, and in Meet.
func TestWhoIsNoOwnerAnyMoreGetsNoAlert(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		var mu sync.Mutex
		chats := []int64{chat}
		w.chats = func() []int64 {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(chats)
		}
		set := func(now ...int64) {
			mu.Lock()
			defer mu.Unlock()
			chats = now
		}
		w.file.err = gone
		w.check(t)
		if len(w.shelf.queued) != 1 {
			t.Fatalf("%d messages are queued", len(w.shelf.queued))
		}
		set()
		if said := w.sends(t); len(said) > 0 {
			t.Errorf("what was queued is sent: %q", said)
		}
		w.check(t)
		time.Sleep(7 * time.Hour) // a reminder is due
		w.check(t)
		w.shelf.broken = errors.New("no") // and everything is said past the outbox
		w.check(t)
		w.shelf.broken = nil
		if said := append(w.sends(t), w.said...); len(said) > 0 {
			t.Errorf("later: %q", said)
		}

		w.file.err = differing
		w.check(t)
		set(chat) // again, and told how it stands, but not what was meanwhile
		w.check(t)
		one(t, w.sends(t), "🚨 goals.json differs")
		set()
		w.file.err = nil
		w.check(t)
		set(chat)
		w.check(t)
		if said := w.sends(t); len(said) > 0 {
			t.Errorf("of what was over: %q", said)
		}
	})
}

// A message waits for a chat past the end of its access, while the watch says
// past the outbox what waits too long.
func TestNothingIsSaidPastTheOutboxToWhoIsNoOwnerAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		slow := make(chan struct{})
		var mu sync.Mutex
		owner := true
		w.chats = func() []int64 {
			mu.Lock()
			defer mu.Unlock()
			if owner {
				return []int64{chat, chat + 1}
			}
			return []int64{chat + 1}
		}
		var said []int64
		w.say = func(_ context.Context, to int64, _ message.Message) (int64, error) {
			<-slow
			mu.Lock()
			defer mu.Unlock()
			said = append(said, to)
			return 5, nil
		}
		w.file.err = gone
		w.check(t)
		var all sync.WaitGroup
		mu.Lock()
		owner = false
		mu.Unlock()
		all.Go(func() { w.sayTo([]int64{chat, chat + 1}) })
		close(slow)
		all.Wait()
		if !slices.Equal(said, []int64{chat + 1}) {
			t.Errorf("said to %v", said)
		}
	})
}
