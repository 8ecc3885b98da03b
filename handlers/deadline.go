package handlers

import "time"

// deadline is when a question has waited too long. It is kept by two clocks, that of
// Telegram, which dates messages, and ours, which dates taps. A request is late only if
// it is late by both. So a clock that is hours off does not end a question early, and
// an answer that was sent in time still counts if it arrives late because the program
// was down.
type deadline struct {
	Until time.Time `json:"until"`
	Here  time.Time `json:"here,omitzero"`
}

// in is the deadline that far from now.
func (c *call) in(d time.Duration) deadline { return deadline{c.At.Add(d), c.now().Add(d)} }

// late reports whether the request comes after a deadline.
func (c *call) late(d deadline) bool { return c.At.After(d.Until) && c.now().After(d.Here) }
