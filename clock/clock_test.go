package clock

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestJumps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Fake{}
		clock := c.Clock()
		var said []string
		look := func() {
			time.Sleep(time.Second)
			if set, ok := clock.Jumped(time.Second / 2); ok {
				said = append(said, set.String())
			}
		}
		for _, by := range []time.Duration{0, time.Second, -time.Second, -24 * time.Hour, 90 * time.Second} {
			c.Set(by)
			look()
		}
		c.Sleep(8 * time.Hour)
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
			c := &Fake{}
			clock := c.Clock()
			long := clock.Now().Wall
			time.Sleep(10 * time.Minute)
			before := clock.Now().Wall
			c.Set(by)
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
