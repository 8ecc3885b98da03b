package palace

import "time"

// This file says whether changes can be committed, for the health check. That one could
// not is remembered: the person is told at once, and may not try again.

// failure is a change that could not be committed.
type failure struct {
	err  error
	name string // of the change, as in [store.Origin]; "" where it had not begun
	at   time.Time
}

// failureLasts is how long a failure counts if no commit shows that it is over.
const failureLasts = 10 * time.Minute

// Failing returns why a change could not be committed lately. It returns nil once
// a change of the same name was committed, or ten minutes later. It also returns why a
// leader could not renew its lease until it was over: then no change can be committed,
// and one that is under way may wait for long. It reads nothing but memory.
func (p *Palace) Failing() error {
	if l := p.lease(); l != nil {
		if err := l.failing(); err != nil {
			return err
		}
	}
	f := p.failure.Load()
	if f == nil || time.Since(f.at) > failureLasts {
		return nil
	}
	return f.err
}

func (p *Palace) fails(name string, err error) {
	p.failure.Store(&failure{err, name, time.Now()})
}

// works forgets the failure if a change of the same name was committed.
func (p *Palace) works(names map[string]bool) {
	if f := p.failure.Load(); f != nil && (f.name == "" || names[f.name]) {
		p.failure.CompareAndSwap(f, nil)
	}
}
