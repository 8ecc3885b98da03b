package schedule

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/clock"
)

// run tells what becomes of a schedule between midnight of the first of January
// 2000, where a bubble begins, and the end.
type run struct {
	*clock.Fake
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
		{"set back a day", "*/20 * * * *", func(r *run) { r.pass("30m10s"); r.Set(-24 * time.Hour); r.pass("50m") }, "20m0s 40m0s 1h0m0s 1h20m0s"},
		{"set back to just before a run", "*/20 * * * *", func(r *run) { r.pass("30m10.5s"); r.Set(-(10*time.Minute + 11*time.Second)); r.pass("21m") }, "20m0s 30m11s 50m11s"},
		{"set ahead a day", "*/20 * * * *", func(r *run) { r.pass("30m10.5s"); r.Set(24 * time.Hour); r.pass("20m") }, "20m0s 30m11s 40m0s"},
		{"set ahead and back", "0 */4 * * *", func(r *run) {
			r.pass("3h0.5s")
			r.Set(240 * time.Hour)
			r.pass("5m")
			r.Set(-240 * time.Hour)
			r.pass("6h")
		}, "3h0m1s 8h0m0s"},
		{"asleep", "0 */4 * * *", func(r *run) { r.pass("1h0.5s"); r.Sleep(5 * time.Hour); r.pass("3h") }, "1h0m1s 3h0m0s"}, // at 6, and at 8
		{"asleep for days", "0 */4 * * *", func(r *run) { r.pass("1h0.5s"); r.Sleep(72 * time.Hour); r.pass("3h30m") }, "1h0m1s 4h0m0s"},
		{"asleep over nothing", "0 */4 * * *", func(r *run) { r.pass("4h10m"); r.Sleep(3 * time.Hour); r.pass("1h") }, "4h0m0s 5h0m0s"},
		{"set back an hour after the run", "0 */4 * * *", func(r *run) { r.pass("4h30m"); r.Set(-time.Hour); r.pass("5h") }, "4h0m0s 9h0m0s"},
		{"set back by half of what lies between two runs", "0 */4 * * *", func(r *run) { r.pass("4h30m"); r.Set(-2 * time.Hour); r.pass("2h") }, "4h0m0s 6h0m0s"},
		{"set back a second after the run", "0 */4 * * *", func(r *run) { r.pass("4h0.5s"); r.Set(-time.Second); r.pass("4h1m") }, "4h0m0s 8h0m1s"},
		{"set back long after the run", "0 */4 * * *", func(r *run) { r.pass("7h"); r.Set(-4 * time.Hour); r.pass("1h30m") }, "4h0m0s 8h0m0s"},
		{"set back before the run", "0 */4 * * *", func(r *run) { r.pass("3h"); r.Set(-2 * time.Hour); r.pass("4h") }, "6h0m0s"},
		{"a pace, set back and ahead", "@every 20m", func(r *run) {
			r.pass("10m")
			r.Set(-24 * time.Hour)
			r.pass("20m")
			r.Set(48 * time.Hour)
			r.pass("20m")
		}, "20m0s 40m0s"},
		{"a pace, asleep", "@every 3h", func(r *run) { r.pass("1h0.5s"); r.Sleep(2 * time.Hour); r.pass("3h1m") }, "1h0m1s 4h0m1s"},
		{"a pace, asleep, where the system does not say so", "@every 3h", func(r *run) {
			r.ForgetSleep()
			r.pass("1h0.5s")
			r.Sleep(2 * time.Hour)
			r.pass("3h1m")
		}, "1h0m1s 4h0m1s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := &run{Fake: &clock.Fake{}, began: time.Now()}
			ctx, stop := context.WithCancel(t.Context())
			runner := NewRunner(mustParse(t, tt.spec, time.UTC), r.Clock(), slog.New(slog.DiscardHandler))
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
				c := &clock.Fake{}
				runner := NewRunner(mustParse(t, spec, time.UTC), c.Clock(), slog.New(slog.DiscardHandler))
				ctx, stop := context.WithCancel(t.Context())
				var all sync.WaitGroup
				ran := make(chan time.Time, 1000)
				all.Go(func() {
					runner.Run(ctx, func(context.Context) { ran <- runner.clock.Now().Wall })
				})
				time.Sleep(2*time.Hour + 10*time.Minute + time.Second/2)
				c.Set(by)
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
