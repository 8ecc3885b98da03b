package telegram

import (
	"sync/atomic"
	"time"
)

// Polling is what is known of the poll loop of a client. The [Poller] notes it;
// anybody may read it at any time, also before there is a Poller.
type Polling struct {
	polled   atomic.Pointer[time.Time]
	busy     atomic.Pointer[time.Time]
	conflict atomic.Pointer[conflictSpan]
}

// Polled is when Telegram last answered a poll; the zero time if it never did.
// Polling has stalled when that is long ago.
func (p *Polling) Polled() time.Time {
	if t := p.polled.Load(); t != nil {
		return *t
	}
	return time.Time{}
}

// Busy is since when the loop has been handling what it has in hand; the zero
// time if it has nothing. No poll is made meanwhile.
func (p *Polling) Busy() time.Time {
	if t := p.busy.Load(); t != nil {
		return *t
	}
	return time.Time{}
}

// conflictSpan is a time through which another program kept polling with this token.
type conflictSpan struct{ first, last time.Time }

// conflictPause is how long no conflict may come for two of them to belong to one
// conflict: a poll lasts that long, and the pause after a conflict comes to it.
const conflictPause = 2 * time.Minute

// Conflict returns the latest time through which somebody else polled; zero
// times if nobody ever did.
func (p *Polling) Conflict() (first, last time.Time) {
	if r := p.conflict.Load(); r != nil {
		return r.first, r.last
	}
	return first, last
}

func (p *Polling) noteConflict(now time.Time) {
	first, last := p.Conflict()
	if now.Sub(last) > conflictPause {
		first = now
	}
	p.conflict.Store(&conflictSpan{first, now})
}
