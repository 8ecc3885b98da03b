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

// A digest that was due while the program was started again never came. Broken
// on purpose: a run at the start without looking at Late, one for each that was
// missed, a pace that begins anew, a change of schedule that begins a pace anew,
// a late run in the time that runs are put off from, or by a schedule that there
// is no more.
func TestWhatWasMissedIsRunOnce(t *testing.T) {
	night := func(t time.Time) (begin, end time.Time, ok bool) { // from midnight to 0:20
		begin = t.UTC().Truncate(24 * time.Hour)
		end = begin.Add(20 * time.Minute)
		return begin, end, t.Before(end)
	}
	for _, tt := range []struct {
		name, spec string
		since      time.Duration // before midnight, when the bubble begins; 0 for never
		within     func(time.Time) (begin, end time.Time, ok bool)
		want       string
	}{
		{"at night, and then it is changed", "0 22 * * *, then 0 9 * * *", 3 * time.Hour, night, ""},
		{"a minute before the start", "59 23 * * *", 2 * time.Minute, nil, "1s"},
		{"at the start", "0 0 * * *", time.Minute, nil, "1s"},
		{"several", "*/20 20-23 * * *", 4 * time.Hour, nil, "1s"},
		{"it was run before the start", "59 23 * * *", 59 * time.Second, nil, ""},
		{"too late", "0 17 * * *", 24 * time.Hour, nil, ""},
		{"at the last moment", "0 18 * * *", 24 * time.Hour, nil, "1s"},
		{"just in time", "1 18 * * *", 24 * time.Hour, nil, "1s"},
		{"down for a month", "0 17 * * *", 30 * 24 * time.Hour, nil, ""},
		{"since is ahead of the clock", "59 23 * * *", -time.Hour, nil, ""},
		{"never before", "59 23 * * *", 0, nil, ""},
		{"at night", "0 22 * * *", 3 * time.Hour, night, "20m0s"},
		{"at night, and put off anyway", "10 0 * * *", 3 * time.Hour, night, "20m0s"},
		{"a pace goes on", "@every 30m", 20 * time.Minute, nil, "10m0s 40m0s"},
		{"a pace that was missed", "@every 30m", 40 * time.Minute, nil, "1s 30m1s"},
		{"a pace that was missed long ago", "@every 18h", 25 * time.Hour, nil, ""},
		{"a pace at night", "@every 15m", 4 * time.Hour, night, "20m0s 35m0s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			first, then, another := strings.Cut(tt.spec, ", then ")
			s := mustParse(t, first, time.UTC).PutOff(tt.within)
			after := s // some other setting is changed
			if another {
				after = mustParse(t, then, time.UTC).PutOff(tt.within)
			}
			changed, never := make(chan struct{}), make(chan struct{})
			live := Live(func() (Schedule, <-chan struct{}) {
				select {
				case <-changed:
					return after, never
				default:
					return s, changed
				}
			})
			r := NewRunner(live, clock.New(), slog.New(slog.DiscardHandler))
			if r.Late = 6 * time.Hour; tt.since != 0 {
				r.Since = began.Add(-tt.since)
			}
			var mu sync.Mutex
			var at []string
			ctx, stop := context.WithCancel(t.Context())
			var all sync.WaitGroup
			all.Go(func() {
				r.Run(ctx, func(context.Context) {
					mu.Lock()
					defer mu.Unlock()
					at = append(at, time.Since(began).String())
				})
			})
			time.Sleep(5 * time.Minute)
			close(changed)
			time.Sleep(40 * time.Minute)
			stop()
			all.Wait()
			if got := strings.Join(at, " "); got != tt.want {
				t.Errorf("%s: runs after %s, want %s", tt.name, got, tt.want)
			}
		})
	}
}

func TestLast(t *testing.T) {
	for _, tt := range []struct{ spec, since, now, want string }{
		{"0 8 * * *", "2026-03-01T09:00:00Z", "2026-03-05T07:59:59Z", "2026-03-04T08:00:00Z"},
		{"0 8 * * *", "2026-03-01T09:00:00Z", "2026-03-05T08:00:00Z", "2026-03-05T08:00:00Z"},
		{"0 8 * * *", "2026-03-05T08:00:00Z", "2026-03-05T12:00:00Z", ""},
		{"0 8 * * *", "2026-03-05T07:59:59.9Z", "2026-03-05T12:00:00Z", "2026-03-05T08:00:00Z"},
		{"0 8 29 2 *", "2000-01-01T00:00:00Z", "2026-03-05T12:00:00Z", "2024-02-29T08:00:00Z"},
		{"* * * * *", "2000-01-01T00:00:00Z", "2026-03-05T12:00:30Z", "2026-03-05T12:00:00Z"},
		{"@every 1h", "2026-03-05T08:20:00Z", "2026-03-05T12:00:30Z", "2026-03-05T11:20:00Z"},
		{"@every 1h", "2026-03-05T11:20:00Z", "2026-03-05T12:00:30Z", ""},
		{"0 8 * * *", "2026-03-06T00:00:00Z", "2026-03-05T12:00:00Z", ""},
	} {
		at := func(text string) (at time.Time) {
			if text != "" {
				var err error
				if at, err = time.Parse(time.RFC3339, text); err != nil {
					t.Fatal(err)
				}
			}
			return at
		}
		if got := mustParse(t, tt.spec, time.UTC).Last(at(tt.since), at(tt.now)); !got.Equal(at(tt.want)) {
			t.Errorf("%s between %s and %s: %v, want %s", tt.spec, tt.since, tt.now, got, tt.want)
		}
	}
	if got := (Schedule{}).Last(time.Unix(0, 0), time.Unix(1<<40, 0)); !got.IsZero() {
		t.Errorf("without a schedule: %v", got)
	}
}
