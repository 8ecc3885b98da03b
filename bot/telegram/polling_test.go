package telegram

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"goalbot/handlers"
	"goalbot/store"
	"goalbot/telegramtest"
)

// The watchdog of a service manager restarts a program whose loop hangs, and no other.
func TestOnlyALoopThatHangsDoesSo(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		var away atomic.Bool
		goOn := make(chan struct{})
		c := &clerk{before: func(_ context.Context, req handlers.Request) error {
			switch {
			case req.Args == "1" && away.Load():
				return store.ErrUnreachable
			case req.Args == "2":
				<-goOn // whatever the context says, as a write to a disk that does not answer
			}
			return nil
		}}
		p, _ := w.poller(c)
		calm := func(what string, lasts time.Duration) {
			t.Helper()
			for end := time.Now().Add(lasts); time.Now().Before(end); time.Sleep(time.Second) {
				if p.client.Polling.Hangs() {
					t.Fatalf("the loop seems to hang while %s", what)
				}
			}
		}
		calm("nothing comes", time.Hour)
		w.Fail("getUpdates", -1, telegramtest.ServerErrorHTML(502))
		calm("Telegram cannot be reached", time.Hour)
		w.Heal("getUpdates")
		w.Fail("getUpdates", 1, telegramtest.TooManyRequests(3*60*60))
		calm("Telegram asks for patience", 4*time.Hour)
		away.Store(true)
		w.Say(w.Private(ann), ann, "/done 1")
		calm("a command is tried again", time.Hour)
		away.Store(false)
		calm("a command is handled", time.Minute)
		w.Say(w.Private(ann), ann, "/done 2")
		calm("a command takes long", handleTime+overdue-time.Second)
		time.Sleep(time.Minute)
		if !p.client.Polling.Hangs() {
			t.Error("nobody notices that the loop hangs")
		}
		close(goOn)
		time.Sleep(time.Second)
		calm("all is well again", time.Hour)
		c.did(t, "done 1", "done 2")
	})
}

// Conflicts that follow each other closely are one: it lasts from the first to the last.
func TestHowLongSomebodyElseHasPolled(t *testing.T) {
	var p Polling
	if first, last := p.Conflict(); !first.IsZero() || !last.IsZero() {
		t.Errorf("before any there is one from %v to %v", first, last)
	}
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct{ at, first time.Duration }{
		{0, 0},
		{time.Minute, 0},
		{time.Minute + conflictPause, 0},
		{2*time.Minute + 2*conflictPause, 2*time.Minute + 2*conflictPause}, // another one
		{3*time.Minute + 2*conflictPause, 2*time.Minute + 2*conflictPause},
	} {
		p.noteConflict(start.Add(tt.at))
		if first, last := p.Conflict(); first.Sub(start) != tt.first || last.Sub(start) != tt.at {
			t.Errorf("after %v it is from %v to %v", tt.at, first.Sub(start), last.Sub(start))
		}
	}
}
