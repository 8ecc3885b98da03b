package clock

import (
	"sync"
	"time"
)

// Fake stands in for a machine's clocks in tests: the wall clock may be set, and
// the machine may sleep, while the monotonic clock stands still. The zero Fake is
// a machine that is awake and whose clock is right.
type Fake struct {
	mu          sync.Mutex
	ahead       time.Duration // of the wall clock
	slept       time.Duration
	saysNothing bool // of how long it has slept
}

// Clock reads the clocks of the fake machine.
func (c *Fake) Clock() *Clock {
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

// Set moves the wall clock.
func (c *Fake) Set(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += by
}

// ForgetSleep makes the system unable to say how long it has slept.
func (c *Fake) ForgetSleep() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.saysNothing = true
}

func (c *Fake) Sleep(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
	c.slept += d
}
