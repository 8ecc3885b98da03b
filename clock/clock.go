// Package clock reads the machine's clocks and notices when the wall clock was
// set and when the machine slept.
package clock

import (
	"sync"
	"time"

	"goalbot/agenda"
)

// There are two clocks: the wall clock, which people see and which may be set at
// any time, and the monotonic clock, which only runs forward and stands still
// while the machine sleeps. What waits or lasts goes by the monotonic clock and by
// how long the machine has slept; what is due at a time of day goes by the wall
// clock.

// Moment is what both clocks show at one moment.
type Moment struct {
	Wall  time.Time     // without a monotonic reading
	Awake time.Duration // how long the machine has been awake since the Clock was made
	Lived time.Duration // the same with the time that it has slept; never 0
}

// Clock reads the clocks of the machine, and notices what becomes of them. It
// must be read often: where the system does not say how long it has slept, a
// wall clock that is far ahead after a while means that it has.
type Clock struct {
	wall   func() time.Time // without a monotonic reading
	asleep func() (total time.Duration, known bool)
	began  time.Time // for Awake

	mu    sync.Mutex
	last  Moment
	slept time.Duration // since the Clock was made
	total time.Duration // what asleep said last
	set   Jump          // the last one
}

// Jump is a wall clock that was set.
type Jump struct {
	By time.Duration // ahead, or back where it is negative
	At Moment        // when it was noticed
}

const (
	// setBy is the least difference that is taken for a clock that was set. Less
	// is made up by the system's time service, which does not jump for it.
	setBy = 2 * time.Second
	// SleptFor is the least gap that is taken for sleep where the system does not
	// say how long it has slept.
	SleptFor = 5 * time.Second
)

// New reads the machine's clocks.
func New() *Clock {
	return newClock(func() time.Time { return time.Now().Round(0) }, asleep)
}

// Of reads a wall clock of its own, as a demonstration has that moves it.
func Of(wall func() time.Time) *Clock {
	return newClock(func() time.Time { return wall().Round(0) }, asleep)
}

// newClock makes a Clock of other sources than the machine's. asleep returns how long
// the machine has slept in all, if that is known.
func newClock(wall func() time.Time, asleep func() (time.Duration, bool)) *Clock {
	c := &Clock{wall: wall, asleep: asleep, began: time.Now()}
	c.total, _ = asleep()
	c.last = Moment{Wall: wall(), Lived: 1}
	return c
}

// Now reads the clocks.
func (c *Clock) Now() Moment {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := Moment{Wall: c.wall(), Awake: time.Since(c.began)}
	passed := now.Wall.Sub(c.last.Wall)
	if total, known := c.asleep(); known {
		if more := total - c.total; more > 10*time.Millisecond { // the rest is how exactly that can be read
			c.slept, c.total = c.slept+more, total
		}
	} else if gap := passed - (now.Awake - c.last.Awake); gap >= SleptFor {
		c.slept += gap // or it was set ahead, which nobody can tell
	}
	now.Lived = 1 + now.Awake + c.slept
	if by := passed - (now.Lived - c.last.Lived); by >= setBy || by <= -setBy {
		c.set = Jump{By: by, At: now}
	}
	c.last = now
	return now
}

// Jumped returns the last time that the wall clock was set, if that was not
// longer ago than within.
func (c *Clock) Jumped(within time.Duration) (Jump, bool) {
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.set, c.set.By != 0 && now.Lived-c.set.At.Lived <= within
}

// Since is how long ago something was that was noted by the wall clock, with
// what that was set by meanwhile taken into account: the last time, where that
// was in this run of the program. A time that the clock has shown twice is taken
// for the later one. It is never negative.
func (c *Clock) Since(noted time.Time) time.Duration {
	now := c.Now()
	c.mu.Lock()
	set := c.set
	c.mu.Unlock()
	age := now.Wall.Sub(noted.Round(0))
	if set.By != 0 && (age < 0 || age > now.Lived-set.At.Lived) { // it was noted before
		age -= set.By
	}
	return max(0, age)
}

// String says what happened, as in "The clock was set back by 24 h".
func (j Jump) String() string {
	if j.By < 0 {
		return "The clock was set back by " + agenda.InWords(-j.By)
	}
	return "The clock was set ahead by " + agenda.InWords(j.By)
}
