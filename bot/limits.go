package main

import "time"

// limits say from when on something that the program watches is a fault.
type limits struct {
	pollStalled   time.Duration // without an answer to a poll, which takes 50 seconds when there is nothing to say
	tokenConflict time.Duration // of another program that polls with our token; and so long without it, and it is over
	outboxStuck   time.Duration // that a message waits
	silent        time.Duration // without a check, at least; more where the schedule is slower
	watch         time.Duration // from one look at that to the next
	left          time.Duration // of a temporary file, that nobody is writing any more

	kept      int   // files that did not load beside goals.json; with as many there is a warning
	keptBytes int64 // and with as much of them

	roomWarn uint64 // bytes; with less there is a warning
	roomStop uint64 // with less no change is taken
	room     func(dir string) (free uint64, ok bool)
}

// standard are the limits of the program; the tests of the program may be in
// more of a hurry.
func standard() limits {
	return limits{
		pollStalled: 3 * time.Minute, tokenConflict: 2 * time.Minute, outboxStuck: 10 * time.Minute,
		silent: time.Minute, watch: 10 * time.Second, left: 5 * time.Minute,
		kept: 20, keptBytes: 256 << 20,
		roomWarn: 200 << 20, roomStop: 20 << 20, room: room,
	}
}
