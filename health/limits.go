package health

import "time"

// Limits say when something that the program watches becomes a fault.
type Limits struct {
	PollStalled   time.Duration // without an answer to a poll, which takes 50 seconds when there is nothing to say
	TokenConflict time.Duration // of another program that polls with our token; and so long without it, and it is over
	OutboxStuck   time.Duration // that a message waits
	Silent        time.Duration // without a check, at least; more where the schedule is slower
	Watch         time.Duration // from one look at that to the next
	Leftover      time.Duration // after which a temporary file was left behind by a write that was cut off

	Kept      int   // files that did not load beside goals.json; with as many there is a warning
	KeptBytes int64 // and with as much of them

	RoomWarn uint64 // bytes; with less there is a warning
	RoomStop uint64 // with less no change is taken
	Room     func(dir string) (free uint64, ok bool)
	Remote   func(dir string) (kind string) // of a file system on which the palace is not safe; empty otherwise
}

// DefaultLimits are the limits of the program. Tests use shorter ones.
func DefaultLimits() Limits {
	return Limits{
		PollStalled: 3 * time.Minute, TokenConflict: 2 * time.Minute, OutboxStuck: 10 * time.Minute,
		Silent: time.Minute, Watch: 10 * time.Second, Leftover: 5 * time.Minute,
		Kept: 20, KeptBytes: 256 << 20,
		RoomWarn: 200 << 20, RoomStop: 20 << 20, Room: FreeSpace, Remote: RemoteFilesystem,
	}
}
