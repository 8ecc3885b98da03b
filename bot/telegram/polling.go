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
	due      atomic.Pointer[time.Time] // when the loop must have gone on
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

// overdue is how much longer than it may a step takes before the loop hangs.
const overdue = time.Minute

// step notes that the loop goes on, and takes its next step within d. Where
// steps overlap, the longest counts.
func (p *Polling) step(d time.Duration) {
	due := time.Now().Add(d)
	for {
		old := p.due.Load()
		if old != nil && old.After(due) || p.due.CompareAndSwap(old, &due) {
			return
		}
	}
}

// Hangs reports whether a step of the loop takes longer than it may, by a minute:
// a lock that is never released, or a disk that does not answer. While Telegram
// cannot be reached, or a command is tried again, the loop goes on.
func (p *Polling) Hangs() bool {
	due := p.due.Load()
	return due != nil && time.Since(*due) > overdue
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
