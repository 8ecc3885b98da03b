package health

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/clock"
)

// The clock was set back and /health said the time of a check that never came;
// nobody was told why.
func TestHealthTellsOfAClockThatWasSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		c := &clock.Fake{}
		w.begin(Config{Schedule: mustParse(t, "*/20 * * * *"), Clock: c.Clock()})
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { w.Run(ctx, nil) })
		time.Sleep(30*time.Minute + time.Second/2)
		w.forget()
		c.Set(-24 * time.Hour)
		time.Sleep(time.Second)
		synctest.Wait()
		w.mu.Lock()
		if len(w.heard) == 0 {
			t.Error("nothing is looked at when the clock was set")
		}
		w.mu.Unlock()
		time.Sleep(time.Minute)
		if text := w.Report(t.Context()).Text; !strings.Contains(text, "Next check: today 00:40, in 8 min 59 s.") || !strings.Contains(text, "\nThe clock was set back by 1 d, 1 min 1 s ago.") {
			t.Errorf("/health says:\n%s", text)
		}
		w.file.hangs.begin()
		time.Sleep(time.Hour)
		synctest.Wait()
		f, _ := w.silent()
		if !strings.Contains(f.Detail, "One has been under way since 00:40:00; the disk may not be responding.") {
			t.Errorf("of a check that hangs: %s", f.Detail)
		}
		w.file.hangs.end()
		time.Sleep(24 * time.Hour)
		if text := w.Report(t.Context()).Text; strings.Contains(text, "clock") {
			t.Errorf("a day later /health says:\n%s", text)
		}
		stop()
		all.Wait()
	})
}

// How long an alert lasts, and when it is told again, is no matter of what the
// wall clock is set to.
func TestAClockThatIsSetChangesNoDuration(t *testing.T) {
	for _, by := range []time.Duration{-24 * time.Hour, 24 * time.Hour, 2 * time.Minute, -2 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			w := newWard(t)
			c := &clock.Fake{}
			w.begin(Config{Schedule: mustParse(t, "@every 5m"), Clock: c.Clock()})
			w.file.err = gone
			w.check(t)
			w.sends(t)
			time.Sleep(10 * time.Minute)
			c.Set(by)
			w.check(t)
			if said := w.sends(t); len(said) > 0 {
				t.Errorf("set by %v: %q", by, said)
			}
			w.file.err = nil
			w.check(t)
			one(t, w.sends(t), "✅ goals.json is OK again, after 10 min 1 s.")
		})
	}
}
