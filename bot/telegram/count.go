package telegram

import (
	"strconv"
	"sync"
)

// Counts says how often things happened since the program started, by what
// and by how it went.
type Counts struct {
	mu sync.Mutex
	n  map[counted]uint64
}

// counted is what one count is of. Calls are counted by method, and by how
// they went: "ok", the error's code, or "unreachable". Updates are counted by
// kind, and by whether a member sent them: "member", "stranger", or "unread"
// for what could not be decoded.
type counted struct{ what, how string }

func (c *Counts) add(what, how string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[counted]uint64{}
	}
	c.n[counted{what, how}]++
}

// Each hands out every count.
func (c *Counts) Each(f func(what, how string, n uint64)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, n := range c.n {
		f(k.what, k.how, n)
	}
}

// outcome is how a call went, in the words of [Counts].
func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	if _, e := classify(err); e != nil {
		return strconv.Itoa(e.Code)
	}
	return "unreachable"
}

// kind names what an update holds, as the Bot API's Update has it.
func (u *update) kind() string {
	switch {
	case u.Message != nil:
		return "message"
	case u.Edited != nil:
		return "edited_message"
	case u.Callback != nil:
		return "callback_query"
	}
	return "other"
}
