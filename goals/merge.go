package goals

import "time"

// Merged says what taking in another version of the list did.
type Merged struct {
	Added        []*Goal  // new here, or back
	Back         []*Goal  // of those, the ones that had been deleted here
	Changed      []*Goal  // theirs was the newer
	Kept         []*Goal  // differs there, and ours was the newer
	Vanished     []*Goal  // not there, and kept here
	DuplicateIDs []string // ids that stand there more than once
	LeftOut      []Double // what those say there and not here
}

// Double is another version of a goal in the same list.
type Double struct {
	Stays, LeftOut *Goal
}

// Quiet reports whether there is nothing to tell: the other version was at
// most older than ours.
func (m Merged) Quiet() bool {
	return len(m.Added) == 0 && len(m.Changed) == 0 && len(m.Vanished) == 0 && len(m.DuplicateIDs) == 0
}

// Merge takes in a version of the list that another program wrote at the given
// time. Goals are told apart by id. The one with the newer update wins; where
// both have the same, theirs does: our own changes always move that time, so
// somebody altered the goal and left the time as it was, as a person with an
// editor does. Of those that stand there more than once the newest counts, and
// the first where several are as new. Nothing is removed: a goal that is missing
// there stays and is reported as vanished, unless it is younger than their
// version. A goal that was deleted here stays deleted, unless they updated it
// after that: their version may be a copy from before.
func (l *List) Merge(theirs []*Goal, written time.Time) Merged {
	return l.merge(theirs, written, false)
}

// Import is [List.Merge] for a version that a person hands over: what was
// deleted here and stands there comes back.
func (l *List) Import(theirs []*Goal, written time.Time) Merged {
	return l.merge(theirs, written, true)
}

func (l *List) merge(theirs []*Goal, written time.Time, revive bool) Merged {
	var m Merged
	newest := make(map[string]*Goal, len(theirs))
	doubled := map[string]bool{}
	var leftOut []*Goal
	for _, t := range theirs {
		if other, ok := newest[t.ID]; ok {
			if !doubled[t.ID] {
				doubled[t.ID] = true
				m.DuplicateIDs = append(m.DuplicateIDs, t.ID)
			}
			if !t.Updated.After(other.Updated) {
				leftOut = append(leftOut, t)
				continue
			}
			leftOut = append(leftOut, other)
		}
		newest[t.ID] = t
	}
	ours := make(map[string]*Goal, l.Len())
	for _, g := range l.All() {
		ours[g.ID] = g
		if newest[g.ID] == nil && g.Updated.Before(written) {
			m.Vanished = append(m.Vanished, g)
		}
	}
	l.Batch(func() {
		for _, t := range theirs {
			if newest[t.ID] != t {
				continue
			}
			g := ours[t.ID]
			if g == nil {
				r, deleted := l.retired[t.ID]
				if deleted && !revive && (r.At.IsZero() || !t.Updated.After(r.At)) {
					continue
				}
				g = l.adopt(t)
				m.Added = append(m.Added, g)
				if deleted {
					m.Back = append(m.Back, g)
				}
				continue
			}
			numbered := *t
			numbered.Number = g.Number
			switch same := g.Same(&numbered); {
			case t.Updated.After(g.Updated), t.Updated.Equal(g.Updated) && !same:
				l.Put(&numbered)
				m.Changed = append(m.Changed, &numbered)
			case !same:
				m.Kept = append(m.Kept, g)
			}
		}
	})
	if len(leftOut) == 0 {
		return m
	}
	kept := make(map[string]*Goal, l.Len())
	for _, g := range l.All() {
		kept[g.ID] = g
	}
	for _, t := range leftOut {
		other := *t
		stays := kept[t.ID]
		if stays == nil {
			continue // deleted here
		}
		if other.Number = stays.Number; !stays.Same(&other) {
			m.LeftOut = append(m.LeftOut, Double{Stays: stays, LeftOut: &other})
		}
	}
	return m
}
