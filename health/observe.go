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
	immediate []alert.Cause // of what was found, what immediate sources have found
	bad       bool          // goals.json is not in order
}

// judges reports whether this look could have found a cause.
func (s observation) judges(c alert.Cause) bool { return !slices.Contains(s.unsure, c) }

func (m *Monitor) look(ctx context.Context) (s observation) {
	err := m.recovered(func() error { return m.file.Check(ctx) })
	if ctx.Err() != nil {
		return s // it was broken off, which is no fault of the file
	}
	s.found, s.bad = Diagnose(err), err != nil
	for _, f := range s.found {
		m.log.Error("goals.json is not OK", "cause", f.Cause, "err", err)
		s.unsure = append(s.unsure, hiddenBy(f.Cause)...)
	}
	immediate := m.ask(ctx, m.Immediate)
	for _, f := range immediate.found {
		s.immediate = append(s.immediate, f.Cause)
	}
	others := m.ask(ctx, m.Sources)
	others.add(immediate.found, immediate.unsure) // the others know more of the same cause
	m.mu.Lock()
	unsaved, testing := m.unsaved, time.Now().Before(m.testing)
	m.mu.Unlock()
	damaged := contains(others.found, alert.PalaceDamaged)
	switch {
	case unsaved == nil:
	case damaged && !errors.Is(unsaved, store.ErrFull): // that is why, and what is to be done is said there
		others.add(nil, []alert.Cause{alert.PalaceUnwritable})
	default:
		others.add([]alert.Finding{unsavedFinding(unsaved)}, nil)
	}
	if testing {
		others.found = append(others.found, alert.Finding{Cause: alert.Test, Detail: "Somebody asked for it with /testalert."})
	}
	s.add(others.found, others.unsure)
	m.palaceKnown.Store(!slices.ContainsFunc(alert.PalaceCauses, func(c alert.Cause) bool { return !s.judges(c) }))
	state := m.State()
	for _, cause := range s.unsure { // nobody knows that it is over
		if a := state.Alerts[cause]; a.Phase == alert.Firing {
			s.found = append(s.found, a.Finding)
		}
	}
	return s
}

// add takes in what somebody has seen. What was found counts, also where
// somebody else could not look for it.
func (s *observation) add(found []alert.Finding, unsure []alert.Cause) {
	s.unsure = append(s.unsure, unsure...)
	for _, f := range found {
		if !contains(s.found, f.Cause) {
			s.found = append(s.found, f)
		}
	}
	slices.Sort(s.unsure)
	s.unsure = slices.DeleteFunc(slices.Compact(s.unsure), func(c alert.Cause) bool { return contains(s.found, c) })
}

// ask takes in what sources say.
func (m *Monitor) ask(ctx context.Context, sources []Source) (s observation) {
	for _, source := range sources {
		err := m.recovered(func() error {
			s.add(source(ctx))
			return nil
		})
		s.add(Diagnose(err), nil)
	}
	return s
}

// recovered makes an error of a panic: one over what stands in the file, say,
// would come at every check, and end the program at every start.
func (m *Monitor) recovered(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			m.log.Error("a check caused a panic", "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f()
}

// fullDisk says which disk is full, and what to do.
func fullDisk(err error) string {
	if errors.Is(err, store.ErrServerFull) {
		return "The disk of the database server is full; please free some space there."
	}
	return "The disk is full; please free some space."
}

// unknownReason is what to do where it is not known why the palace takes nothing.
const unknownReason = "The log says why. Please check the disk of the bot's machine."

// unsavedFinding says why the palace did not take the state of alerts.
func unsavedFinding(err error) alert.Finding {
	switch {
	case errors.Is(err, store.ErrFull):
		return alert.Finding{Cause: alert.PalaceUnwritable, Detail: fullDisk(err), Degree: "full"}
	case errors.Is(err, errNoAnswer):
		return alert.Finding{Cause: alert.PalaceUnwritable, Detail: "The disk does not answer.", Degree: "hangs"}
	}
	return alert.Finding{Cause: alert.PalaceUnwritable, Detail: unknownReason}
}
