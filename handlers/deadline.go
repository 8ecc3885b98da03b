package handlers

import "time"

// deadline is when something has waited too long for a person. It is kept by
// two clocks, that of Telegram, which says when a message was sent, and ours,
// which says when a button was pressed, since neither need be right about the
// other: only what is late by both is late. So a clock that is hours off makes
// no question run out before it is answered, and an answer that was sent in
// time and comes late, because the program was down, still counts.
type deadline struct {
	Until time.Time `json:"until"`
	Here  time.Time `json:"here,omitzero"`
}

// in is the deadline that far from now.
func (c *call) in(d time.Duration) deadline { return deadline{c.At.Add(d), c.now().Add(d)} }

// late reports whether the request comes after a deadline.
func (c *call) late(d deadline) bool { return c.At.After(d.Until) && c.now().After(d.Here) }
