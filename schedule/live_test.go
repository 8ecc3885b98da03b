package schedule

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Broken on purpose, and what went red: not looking back to the beginning of
// the stretch, TestRunsThatArePutOff; not following, TestALiveScheduleIsFollowed.

// nights are from 22:00 to 07:00 UTC.
func nights(t time.Time) (begin, end time.Time, ok bool) {
	t = t.UTC()
	for _, back := range []int{0, 1} {
		begin = time.Date(t.Year(), t.Month(), t.Day()-back, 22, 0, 0, 0, time.UTC)
		if end = begin.Add(9 * time.Hour); !t.Before(begin) && t.Before(end) {
			return begin, end, true
		}
	}
	return begin, end, false
}

func TestRunsThatArePutOff(t *testing.T) {
	for _, tt := range []struct{ spec, from, want string }{
		{"0 8 * * *", "01 09:00", "02 08:00"},  // outside
		{"0 23 * * *", "01 09:00", "02 07:00"}, // put off
		{"0 23 * * *", "01 22:30", "02 07:00"}, // not due yet
		{"0 23 * * *", "01 23:30", "02 07:00"}, // due, and the program began anew
		{"0 22 * * *", "01 22:30", "02 07:00"}, // was due as they began
		{"0 23 * * *", "02 07:00", "03 07:00"}, // once only
		{"30 * * * *", "01 21:00", "01 21:30"},
		{"30 * * * *", "01 21:30", "02 07:00"}, // nine become one
		{"30 * * * *", "02 07:00", "02 07:30"},
		{"0 22 * * *", "01 21:59", "02 07:00"},
		{"0 7 * * *", "01 23:00", "02 07:00"},
		{"@every 1h", "01 23:00", "02 07:00"},
	} {
		s := mustParse(t, tt.spec, time.UTC).PutOff(nights)
		from, err := time.Parse("2006-01-02 15:04", "2026-06-"+tt.from)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Next(from).Format("02 15:04"); got != tt.want {
			t.Errorf("%s after %s: %s, want %s", tt.spec, tt.from, got, tt.want)
		}
	}
	if !(Schedule{}).PutOff(nights).Next(time.Now()).IsZero() {
		t.Error("no schedule runs")
	}
}

func TestALiveScheduleIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		present, changed := Schedule{}, make(chan struct{})
		set := func(s Schedule) {
			mu.Lock()
			defer mu.Unlock()
			close(changed)
			present, changed = s, make(chan struct{})
		}
		live := Live(func() (Schedule, <-chan struct{}) {
			mu.Lock()
			defer mu.Unlock()
			return present, changed
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		runs := 0
		go func() {
			Run(ctx, live, slog.New(slog.DiscardHandler), func(ctx context.Context) {
				runs++
				time.Sleep(90 * time.Second)
				if ctx.Err() != nil {
					t.Error("a change ended a run")
				}
			})
			close(ended)
		}()
		expect := func(n int) {
			t.Helper()
			synctest.Wait()
			if runs != n {
				t.Errorf("%d runs, want %d", runs, n)
			}
			runs = 0
		}
		time.Sleep(24 * time.Hour)
		expect(0)
		if !live.IsZero() || live.Words() != "never" {
			t.Errorf("it runs %s", live.Words())
		}
		set(mustParse(t, "@every 10m", time.UTC))
		time.Sleep(time.Hour + time.Second)
		expect(6)
		if now := time.Now(); !live.Last(now.Add(-25*time.Minute), now).Equal(now.Add(-5 * time.Minute)) {
			t.Errorf("it was due at %v", live.Last(now.Add(-25*time.Minute), now))
		}
		set(mustParse(t, "0 * * * *", time.UTC)) // while one is under way
		if live.Words() != "every hour at 0 past" || live.String() != "0 * * * *" {
			t.Errorf("it runs %s", live.Words())
		}
		hourly, now := mustParse(t, "0 * * * *", time.UTC), time.Now()
		if live.IsZero() || live.Describe(now) != hourly.Describe(now) {
			t.Errorf("it runs %s", live.Describe(now))
		}
		time.Sleep(3 * time.Hour)
		expect(3)
		set(Schedule{})
		time.Sleep(24 * time.Hour)
		expect(0)
		cancel()
		<-ended
	})
}
