package health

import "time"

// Limits are the thresholds above which a finding is reported.
type Limits struct {
	PollStalled   time.Duration // time without an answer to a poll; one without updates takes 50 seconds
	TokenConflict time.Duration // time for which another program polls with our token; resolved after as long without it
	OutboxStuck   time.Duration // time that a message waits in the outbox
	Silent        time.Duration // time without a check, at least; more if the schedule is slower
	Watch         time.Duration // interval at which Silent is checked
	Leftover      time.Duration // age above which a temporary file counts as left over

	Kept      int   // quarantined files beside goals.json from which on there is a warning
	KeptBytes int64 // and their size in bytes

	RoomWarn uint64 // free bytes below which there is a warning
	RoomStop uint64 // free bytes below which changes are refused
	Room     func(dir string) (free uint64, ok bool)
	Remote   func(dir string) (kind string) // kind of a file system on which the palace is not safe, else ""
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
