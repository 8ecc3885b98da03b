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
