package health

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"goalbot/alert"
	"goalbot/store"
)

// This file looks at everything once and says what it saw.

// observation is what one look at everything saw.
type observation struct {
	found     []alert.Finding
	unsure    []alert.Cause // that could not be looked for
	immediate []alert.Cause // of what was found, what sources that are swift have found
}

// judges reports whether it can be told by this look that a cause is not there.
func (s observation) judges(c alert.Cause) bool { return !slices.Contains(s.unsure, c) }

func (m *Monitor) look(ctx context.Context) (s observation) {
	err := m.guarded(func() error { return m.file.Check(ctx) })
	if ctx.Err() != nil {
		return s // it was broken off, which is no fault of the file
	}
	s.found = Diagnose(err)
	for _, f := range s.found {
		m.log.Error("goals.json is not OK", "cause", f.Cause, "err", err)
		s.unsure = append(s.unsure, hiddenBy(f.Cause)...)
	}
	swift := m.lookSwiftly(ctx)
	for _, f := range swift.found {
		s.immediate = append(s.immediate, f.Cause)
	}
	var others observation
	for _, source := range m.Others {
		others.ask(ctx, m, source)
	}
	others.add(swift.found, swift.unsure) // the others know more of the same cause
	m.mu.Lock()
	unkept := m.unkept
	m.mu.Unlock()
	damaged := slices.ContainsFunc(others.found, func(f alert.Finding) bool { return f.Cause == alert.PalaceDamaged })
	switch {
	case unkept == nil:
	case damaged && !errors.Is(unkept, store.ErrFull): // that is why, and what is to be done is said there
		others.add(nil, []alert.Cause{alert.PalaceUnwritable})
	default:
		others.add([]alert.Finding{unkeptFinding(unkept)}, nil)
	}
	m.latest.Lock()
	if time.Now().Before(m.trial) {
		others.found = append(others.found, alert.Finding{Cause: alert.Test, Detail: "Somebody asked for it with /testalert."})
	}
	m.latest.Unlock()
	s.add(others.found, others.unsure)
	m.palaceKnown.Store(!slices.ContainsFunc(alert.PalaceCauses, func(c alert.Cause) bool { return !s.judges(c) }))
	m.recall(&s)
	return s
}

// add takes in what somebody has seen. What was found counts, also where
// somebody else could not look for it.
func (s *observation) add(found []alert.Finding, unsure []alert.Cause) {
	s.unsure = append(s.unsure, unsure...)
	for _, f := range found {
		if !slices.ContainsFunc(s.found, func(o alert.Finding) bool { return o.Cause == f.Cause }) {
			s.found = append(s.found, f)
		}
	}
	slices.Sort(s.unsure)
	s.unsure = slices.DeleteFunc(slices.Compact(s.unsure), func(c alert.Cause) bool {
		return slices.ContainsFunc(s.found, func(f alert.Finding) bool { return f.Cause == c })
	})
}

// recall adds what stands of the causes that could not be looked for: nobody
// knows that it is over.
func (m *Monitor) recall(s *observation) {
	for _, cause := range s.unsure {
		if a := m.State().Alerts[cause]; a.Phase == alert.Firing {
			s.found = append(s.found, a.Finding)
		}
	}
}

func (m *Monitor) lookSwiftly(ctx context.Context) (s observation) {
	for _, source := range m.Immediate {
		s.ask(ctx, m, source)
	}
	return s
}

// ask takes in what a source says.
func (s *observation) ask(ctx context.Context, m *Monitor, source Source) {
	err := m.guarded(func() error {
		s.add(source(ctx))
		return nil
	})
	if err != nil {
		s.add(Diagnose(err), nil)
	}
}

// guarded makes an error of a panic: one over what stands in the file, say,
// would come at every check, and end the program at every start.
func (m *Monitor) guarded(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			m.log.Error("a check caused a panic", "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f()
}

// unkeptFinding says why the palace did not take the state of alerts.
func unkeptFinding(err error) alert.Finding {
	switch {
	case errors.Is(err, store.ErrFull):
		return alert.Finding{Cause: alert.PalaceUnwritable, Detail: "The disk is full; please free some space.", Degree: "full"}
	case errors.Is(err, errNoAnswer):
		return alert.Finding{Cause: alert.PalaceUnwritable, Detail: "The disk does not answer.", Degree: "hangs"}
	}
	return alert.Finding{Cause: alert.PalaceUnwritable, Detail: "The log says why."}
}
