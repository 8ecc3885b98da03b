package health

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// clocks are a machine's: the one on the wall may be set, and the machine may
// sleep, while nothing of it sees time pass.
type clocks struct {
	mu          sync.Mutex
	ahead       time.Duration // of the wall clock
	slept       time.Duration
	saysNothing bool // of how long it has slept
}

func (c *clocks) clock() *Clock {
	return newClock(func() time.Time {
		c.mu.Lock()
		defer c.mu.Unlock()
		return time.Now().Round(0).Add(c.ahead)
	}, func() (time.Duration, bool) {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.slept, !c.saysNothing
	})
}

func (c *clocks) set(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += by
}

// forgets has the system not say any more how long it has slept.
func (c *clocks) forgets() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.saysNothing = true
}

func (c *clocks) sleep(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
	c.slept += d
}

// run tells what becomes of a schedule between midnight of the first of January
// 2000, where a bubble begins, and the end.
type run struct {
	*clocks
	began time.Time
	mu    sync.Mutex
	at    []string // how long the bubble had run, when there was a run
}

// A wall clock that was set back a day stopped every schedule with fixed times for
// a day, and a machine that slept over such a time ran late by what it had slept.
// Broken on purpose, and what went red: cron in the place of the ticks, most of
// them; a search from where the clock was, "to just before a run"; without
// repeats, "set ahead and back" and those after the run; a pace by the wall clock
// or without the sleep, those of a pace.
func TestRunsWhenTheClocksSaySo(t *testing.T) {
	for _, tt := range []struct {
		name, spec string
		do         func(*run)
		want       string
	}{
		{"nothing happens", "*/20 * * * *", func(r *run) { r.pass("1h10m") }, "20m0s 40m0s 1h0m0s"},
		{"set back a day", "*/20 * * * *", func(r *run) { r.pass("30m10s"); r.set(-24 * time.Hour); r.pass("50m") }, "20m0s 40m0s 1h0m0s 1h20m0s"},
		{"set back to just before a run", "*/20 * * * *", func(r *run) { r.pass("30m10.5s"); r.set(-(10*time.Minute + 11*time.Second)); r.pass("21m") }, "20m0s 30m11s 50m11s"},
		{"set ahead a day", "*/20 * * * *", func(r *run) { r.pass("30m10.5s"); r.set(24 * time.Hour); r.pass("20m") }, "20m0s 30m11s 40m0s"},
		{"set ahead and back", "0 */4 * * *", func(r *run) {
			r.pass("3h0.5s")
			r.set(240 * time.Hour)
			r.pass("5m")
			r.set(-240 * time.Hour)
			r.pass("6h")
		}, "3h0m1s 8h0m0s"},
		{"asleep", "0 */4 * * *", func(r *run) { r.pass("1h0.5s"); r.sleep(5 * time.Hour); r.pass("3h") }, "1h0m1s 3h0m0s"}, // at 6, and at 8
		{"asleep for days", "0 */4 * * *", func(r *run) { r.pass("1h0.5s"); r.sleep(72 * time.Hour); r.pass("3h30m") }, "1h0m1s 4h0m0s"},
		{"asleep over nothing", "0 */4 * * *", func(r *run) { r.pass("4h10m"); r.sleep(3 * time.Hour); r.pass("1h") }, "4h0m0s 5h0m0s"},
		{"set back an hour after the run", "0 */4 * * *", func(r *run) { r.pass("4h30m"); r.set(-time.Hour); r.pass("5h") }, "4h0m0s 9h0m0s"},
		{"set back a second after the run", "0 */4 * * *", func(r *run) { r.pass("4h0.5s"); r.set(-time.Second); r.pass("4h1m") }, "4h0m0s 8h0m1s"},
		{"set back long after the run", "0 */4 * * *", func(r *run) { r.pass("7h"); r.set(-4 * time.Hour); r.pass("1h30m") }, "4h0m0s 8h0m0s"},
		{"set back before the run", "0 */4 * * *", func(r *run) { r.pass("3h"); r.set(-2 * time.Hour); r.pass("4h") }, "6h0m0s"},
		{"a pace, set back and ahead", "@every 20m", func(r *run) {
			r.pass("10m")
			r.set(-24 * time.Hour)
			r.pass("20m")
			r.set(48 * time.Hour)
			r.pass("20m")
		}, "20m0s 40m0s"},
		{"a pace, asleep", "@every 3h", func(r *run) { r.pass("1h0.5s"); r.sleep(2 * time.Hour); r.pass("3h1m") }, "1h0m1s 4h0m1s"},
		{"a pace, asleep, where the system does not say so", "@every 3h", func(r *run) {
			r.forgets()
			r.pass("1h0.5s")
			r.sleep(2 * time.Hour)
			r.pass("3h1m")
		}, "1h0m1s 4h0m1s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := &run{clocks: &clocks{}, began: time.Now()}
			ctx, stop := context.WithCancel(t.Context())
			runner := NewRunner(schedule(t, tt.spec, time.UTC), r.clock(), slog.New(slog.DiscardHandler))
			var all sync.WaitGroup
			all.Go(func() {
				runner.Run(ctx, func(context.Context) {
					r.mu.Lock()
					defer r.mu.Unlock()
					r.at = append(r.at, time.Since(r.began).String())
				})
			})
			tt.do(r)
			synctest.Wait()
			stop()
			all.Wait()
			if got := strings.Join(r.at, " "); got != tt.want {
				t.Errorf("%s: runs after %s, want %s", tt.name, got, tt.want)
			}
		})
	}
}

func (r *run) pass(d string) {
	passed, err := time.ParseDuration(d)
	if err != nil {
		panic(err)
	}
	time.Sleep(passed)
}

// What a runner says of the next run is what it does, whatever becomes of the clock.
func TestTheNextRunIsWhenItIsSaidToBe(t *testing.T) {
	for _, spec := range []string{"0 */2 * * *", "*/20 * * * *", "@every 45m"} {
		for _, by := range []time.Duration{0, -time.Hour, -24 * time.Hour, time.Hour, -time.Second} {
			synctest.Test(t, func(t *testing.T) {
				c := &clocks{}
				runner := NewRunner(schedule(t, spec, time.UTC), c.clock(), slog.New(slog.DiscardHandler))
				ctx, stop := context.WithCancel(t.Context())
				var all sync.WaitGroup
				ran := make(chan time.Time, 1000)
				all.Go(func() {
					runner.Run(ctx, func(context.Context) { ran <- runner.clock.Now().Wall })
				})
				time.Sleep(2*time.Hour + 10*time.Minute + time.Second/2)
				c.set(by)
				time.Sleep(time.Second)
				synctest.Wait()
				for len(ran) > 0 {
					<-ran
				}
				said := runner.Next()
				if got := <-ran; got.Sub(said).Abs() > tick {
					t.Errorf("%s, set by %v: said to run at %v, and ran at %v", spec, by, said, got)
				}
				stop()
				all.Wait()
			})
		}
	}
}

// The clock was set back and /health said the time of a check that never came;
// nobody was told why.
func TestHealthTellsOfAClockThatWasSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		c := &clocks{}
		w.Settings.Schedule, w.Settings.Clock = schedule(t, "*/20 * * * *", time.UTC), c.clock()
		w.Monitor = NewMonitor(w.file, w.shelf, w.Settings, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { w.Run(ctx, nil) })
		time.Sleep(30*time.Minute + time.Second/2)
		w.forget()
		c.set(-24 * time.Hour)
		time.Sleep(tick)
		synctest.Wait()
		w.mu.Lock()
		if len(w.heard) == 0 {
			t.Error("nothing is looked at when the clock was set")
		}
		w.mu.Unlock()
		time.Sleep(time.Minute)
		if text := w.Report(t.Context()).Text; !strings.Contains(text, "Next check: 1999-12-31 00:40:00, in 8 min 59 s.") || !strings.Contains(text, "\nThe clock was set back by 1 d, 1 min 1 s ago.") {
			t.Errorf("/health says:\n%s", text)
		}
		w.file.hangs.begin()
		time.Sleep(time.Hour)
		synctest.Wait()
		f, _ := w.silent()
		if !strings.Contains(f.Detail, "One has been under way since 00:40:00; the disk may hang.") {
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
			c := &clocks{}
			w.Settings.Clock = c.clock()
			w.Monitor = NewMonitor(w.file, w.shelf, w.Settings, slog.New(slog.DiscardHandler))
			w.file.err = gone{nil}
			w.check(t)
			w.sends(t)
			time.Sleep(10 * time.Minute)
			c.set(by)
			w.check(t)
			if said := w.sends(t); len(said) > 0 {
				t.Errorf("set by %v: %q", by, said)
			}
			w.file.err = nil
			w.check(t)
			one(t, w.sends(t), "✅ goals.json is sound again, after 10 min 1 s.")
		})
	}
}

func TestJumps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clocks{}
		clock := c.clock()
		var said []string
		look := func() {
			time.Sleep(tick)
			if set, ok := clock.Jumped(tick / 2); ok {
				said = append(said, set.String())
			}
		}
		for _, by := range []time.Duration{0, time.Second, -time.Second, -24 * time.Hour, 90 * time.Second} {
			c.set(by)
			look()
		}
		c.sleep(8 * time.Hour)
		look()
		if want := []string{"The clock was set back by 1 d", "The clock was set ahead by 1 min 30 s"}; !slices.Equal(said, want) {
			t.Errorf("noticed %q, want %q", said, want)
		}
		if now := clock.Now(); now.Lived-now.Awake < 8*time.Hour || now.Lived-now.Awake > 8*time.Hour+time.Second {
			t.Errorf("slept for %v", now.Lived-now.Awake)
		}
	})
}

// A clock that was set a year ahead made a message that was just queued one that
// waits for a year, and one set back hid what waits.
func TestHowLongAgoIsNoMatterOfTheClock(t *testing.T) {
	for _, by := range []time.Duration{0, -24 * time.Hour, 8760 * time.Hour, 5 * time.Minute, -time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			c := &clocks{}
			clock := c.clock()
			long := clock.Now().Wall
			time.Sleep(10 * time.Minute)
			before := clock.Now().Wall
			c.set(by)
			clock.Now()
			time.Sleep(20 * time.Minute)
			after := clock.Now().Wall
			time.Sleep(2 * time.Minute)
			for noted, want := range map[time.Time]time.Duration{long: 32 * time.Minute, before: 22 * time.Minute, after: 2 * time.Minute} {
				if got := clock.Since(noted); got != want {
					t.Errorf("set by %v: %v ago, want %v", by, got, want)
				}
			}
		})
	}
}
