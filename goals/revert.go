package goals

import "time"

// Revert takes a change back. A goal that is still as the change left it
// becomes what it was. One that has been changed since loses what this change
// did to it and keeps what else was done; a goal that was added goes, and one
// that is gone comes back as was, which is the goal before the change: without
// that it stays gone. Either way it is newer than all that was written of it.
func (l *List) Revert(e Edit, was *Goal, now time.Time) {
	present := l.Number(e.Number)
	var g Goal
	switch {
	case e.Before == nil:
		if present != nil {
			_, _ = l.Delete(e.Number) // it is there
		}
		return
	case present == nil && was == nil, present != nil && e.After == nil:
		return // nobody knows what it was, or it is back already
	case present == nil:
		g = *was
	default:
		if g = *e.Undo(present); g.Same(present) && !e.Left(present) {
			return // nothing is left of the change
		}
	}
	progress := g.Progress
	exact := present == nil || e.Left(present)
	for _, facts := range []*Facts{e.Before, e.After} {
		if facts != nil && facts.Updated.After(g.Updated) {
			g.Updated = facts.Updated.Time
		}
	}
	if present != nil && present.Updated.After(g.Updated) {
		g.Updated = present.Updated
	}
	g.Touch(now)
	if exact {
		g.Progress = progress
	}
	l.Put(&g)
}
