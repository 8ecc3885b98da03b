package clock

import (
	"time"

	"golang.org/x/sys/unix"
)

// asleep is how long the machine has slept since it was started: one of its
// clocks counts that and the other does not (clock_gettime(2)).
func asleep() (total time.Duration, known bool) {
	for range 10 {
		var before, with, after unix.Timespec
		if unix.ClockGettime(unix.CLOCK_MONOTONIC, &before) != nil || unix.ClockGettime(unix.CLOCK_BOOTTIME, &with) != nil ||
			unix.ClockGettime(unix.CLOCK_MONOTONIC, &after) != nil {
			return 0, false
		}
		total = time.Duration(with.Nano() - after.Nano())
		if after.Nano()-before.Nano() < int64(time.Millisecond) {
			break // they were read at once, and nothing came between
		}
	}
	return total, true
}
