package store

import "time"

// Depth is how much waits to be sent, and how much never will be.
type Depth struct {
	Messages    int
	Bytes       int64     // of their bodies
	Oldest      time.Time // when the oldest of them was queued; zero without any
	DeadLetters int       // messages that were set aside
}

// DeadLetter is a message that Telegram will never take.
type DeadLetter struct {
	Message
	Reason string
	At     time.Time // when it was set aside
}
