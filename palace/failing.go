package palace

import "time"

// This file remembers that changes could not be committed, for whoever looks
// after the palace: a person is told of one that failed, and nobody tries it
// again to see whether it still does.

// failure is a change that the database did not take.
type failure struct {
	err  error
	name string // of the change, as in [store.Origin]; "" where it had not begun
	at   time.Time
}

// failureLasts is how long a failure counts that nothing contradicts.
const failureLasts = 10 * time.Minute

// Failing returns why the last change could not be committed. It returns nil
// once one of the same name was, or when that is long ago. It looks at nothing
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

// works takes note of a commit of changes with these names.
func (p *Palace) works(names map[string]bool) {
	if f := p.failure.Load(); f != nil && (f.name == "" || names[f.name]) {
		p.failure.CompareAndSwap(f, nil)
	}
}
