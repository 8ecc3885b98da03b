package palace

import "time"

// This file remembers that a change could not be committed, for the health check.
// The person is told at once, and may not try again.

// failure is a change that could not be committed.
type failure struct {
	err  error
	name string // of the change, as in [store.Origin]; "" where it had not begun
	at   time.Time
}

// failureLasts is how long a failure counts if no commit shows that it is over.
const failureLasts = 10 * time.Minute

// Failing returns why a change could not be committed lately. It returns nil once
// a change of the same name was committed, or ten minutes later. It reads nothing
// but memory.
func (p *Palace) Failing() error {
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
