package goals

import (
	"slices"
	"time"
)

// Revert takes a change back. A goal that is still as the change left it
// becomes what it was. One that has been changed since loses what this change
// did to it and keeps what else was done; a goal that was added goes, and one
// that is gone comes back as it was before the change. Either way it is newer
// than all that was written of it.
func (l *List) Revert(c Change, now time.Time) {
	present := l.Number(c.Number())
	switch {
	case c.Before == nil && present != nil:
		_, _ = l.Delete(present.Number) // it is there
		return
	case c.Before == nil, c.After == nil && present != nil:
		return // it is so already
	}
	g := *c.Before
	exact := present == nil || present.Same(c.After)
	if !exact {
		g = *present
		g.Description = back(c.Before.Description, c.After.Description, g.Description)
		g.Status = back(c.Before.Status, c.After.Status, g.Status)
		g.Acceptance = listBack(c.Before.Acceptance, c.After.Acceptance, g.Acceptance)
		g.Notes = listBack(c.Before.Notes, c.After.Notes, g.Notes)
		if g.Same(present) {
			return
		}
	}
	for _, version := range []*Goal{c.Before, c.After, present} {
		if version != nil && version.Updated.After(g.Updated) {
			g.Updated = version.Updated
		}
	}
	g.Touch(now)
	if exact {
		g.Progress = c.Before.Progress
	}
	l.Put(&g)
}

// back is now, unless the change altered it.
func back[T comparable](before, after, now T) T {
	if before == after {
		return now
	}
	return before
}

// listBack takes from a list what the change added to it, and puts back what
// the change removed.
func listBack(before, after, now []string) []string {
	if slices.Equal(before, after) {
		return now
	}
	if slices.Equal(after, now) {
		return before
	}
	now = slices.Clone(now)
	for _, s := range minus(after, before) {
		if i := slices.Index(now, s); i >= 0 {
			now = slices.Delete(now, i, i+1)
		}
	}
	return append(now, minus(before, after)...)
}

// minus is what stands in a more often than in b.
func minus(a, b []string) []string {
	count := make(map[string]int, len(b))
	for _, s := range b {
		count[s]++
	}
	var left []string
	for _, s := range a {
		if count[s]--; count[s] < 0 {
			left = append(left, s)
		}
	}
	return left
}
