package goals

import "time"

// Merged says what taking in another version of the list did.
type Merged struct {
	Added        []*Goal    // new here, or back
	Back         []*Goal    // of those, the ones that had been deleted here
	Changed      []Change   // by what they changed
	Conflicts    []Conflict // what was changed here and there
	Kept         []*Goal    // differs there, and ours was the newer (Import alone)
	Vanished     []*Goal    // they removed it, and it is kept here
	DuplicateIDs []string   // ids that stand there more than once
	LeftOut      []Double   // what those say there and not here
	// Routine says that the program went on from what it wrote before, as one does
	// that keeps its goals in memory and writes all of them at every change.
	Routine bool
}

// Double is another version of a goal in the same list.
type Double struct {
	Stays, LeftOut *Goal
}

// Conflict is a value of a goal that was changed here and there, to different ones.
type Conflict struct {
	Goal   *Goal  // as it is now
	Field  string // as it is called in goals.json
	Stays  string // the value that it has now
	Other  string // the other one, which a note of the goal tells of
	Theirs bool   // the value that stays is theirs
}

// Quiet reports whether there is nothing to tell: they changed nothing.
func (m Merged) Quiet() bool {
	return len(m.Added) == 0 && len(m.Changed) == 0 && len(m.Vanished) == 0 && len(m.DuplicateIDs) == 0
}

// Merge takes in a version of the list that another program wrote at the given
// time. Goals are told apart by id.
//
// What differs from base is what they changed, and only that is applied, field by
// field. A value that was changed here as well is a conflict: the one of the newer
// goal wins, and a note tells the other. Of notes, criteria, sessions and members
// that nobody here knows, what they added is added; what they removed is removed,
// apart from the members, since many programs drop what they do not know. A goal
// that has the time of ours was written by somebody who had ours before them, as a
// person with an editor; one that is older than in the base was never seen by them
// as it is there, so that nothing of it counts as removed.
//
// Of goals that stand there more than once the newest counts, and the first where
// several are as new. No goal is removed: one that they removed stays and is
// reported as vanished, unless it is younger than their version. A goal that was
// deleted here stays deleted, unless they changed it after that.
func (l *List) Merge(theirs []*Goal, base Base, written time.Time) Merged {
	v := l.Compare(theirs)
	m := Merged{DuplicateIDs: v.duplicates, Routine: base.Theirs}
	for _, g := range l.All() {
		if v.newest[g.ID] == nil && base.of(g.Number, g) != nil && g.Updated.Before(written) {
			m.Vanished = append(m.Vanished, g)
		}
	}
	l.Batch(func() {
		for _, t := range theirs {
			if v.newest[t.ID] != t {
				continue
			}
			g := v.ours[t.ID]
			if g != nil {
				numbered := v.numbered[g.Number]
				was := base.of(g.Number, g)
				near := was
				if base.Near != nil {
					near = base.Near.of(g.Number, g)
				}
				switch {
				case !base.Theirs && t.Updated.Equal(g.Updated):
					was, near = g, g
				case was != nil && near != nil && t.Updated.Before(was.Updated) && !t.Updated.Before(near.Updated):
					was = near // theirs is too old for the other
				}
				var or []*Goal
				for _, b := range base.Or {
					or = append(or, b.of(g.Number, g))
				}
				merged, conflicts := combine(was, or, near, g, numbered)
				if Identical(merged, g) {
					continue
				}
				l.Put(merged)
				m.Conflicts = append(m.Conflicts, conflicts...)
				if !merged.Same(g) {
					m.Changed = append(m.Changed, Change{g, merged})
				}
				continue
			}
			r, deleted := l.retired[t.ID]
			if deleted && (r.At.IsZero() || !t.Updated.After(r.At)) {
				continue
			}
			g = l.adopt(t)
			m.Added = append(m.Added, g)
			if deleted {
				m.Back = append(m.Back, g)
			}
		}
	})
	m.LeftOut = l.doubles(v)
	return m
}

// Import takes in a version that a person hands over. The newer version of a goal
// wins as a whole, and theirs where both are as new; members that it lacks stay.
// What was deleted here and stands there comes back. Nothing is removed. The plan of
// theirs is a part of it, so a file that carries none must be given ours before.
func (l *List) Import(theirs []*Goal, written time.Time) Merged {
	v := l.Compare(theirs)
	m := Merged{DuplicateIDs: v.duplicates}
	for _, g := range l.All() {
		if v.newest[g.ID] == nil && g.Updated.Before(written) {
			m.Vanished = append(m.Vanished, g)
		}
	}
	l.Batch(func() {
		for _, t := range theirs {
			if v.newest[t.ID] != t {
				continue
			}
			g := v.ours[t.ID]
			if g == nil {
				_, deleted := l.retired[t.ID]
				g = l.adopt(t)
				m.Added = append(m.Added, g)
				if deleted {
					m.Back = append(m.Back, g)
				}
				continue
			}
			t = v.numbered[g.Number]
			whole := *t
			whole.Extra = (&combiner{newer: true}).members(g.Extra, g.Extra, t.Extra)
			switch same := g.Same(&whole); {
			case t.Updated.After(g.Updated), t.Updated.Equal(g.Updated) && !same:
				l.Put(&whole)
				m.Changed = append(m.Changed, Change{g, &whole})
			case !same:
				m.Kept = append(m.Kept, g)
			}
		}
	})
	m.LeftOut = l.doubles(v)
	return m
}

// Version is what somebody else wrote, beside the list.
type Version struct {
	list       List
	newest     map[string]*Goal // theirs by id; of several the newest
	ours       map[string]*Goal
	numbered   map[int64]*Goal // theirs that have, or had, a number here, with it
	duplicates []string        // ids that stand there more than once
	leftOut    []*Goal         // theirs that are not the newest
}

// Compare lays another version beside the list, which must not change meanwhile.
func (l *List) Compare(theirs []*Goal) *Version {
	v := &Version{
		list:     *l,
		newest:   make(map[string]*Goal, len(theirs)),
		ours:     make(map[string]*Goal, l.Len()),
		numbered: make(map[int64]*Goal, len(theirs)),
	}
	duplicate := map[string]bool{}
	for _, t := range theirs {
		if other, ok := v.newest[t.ID]; ok {
			if !duplicate[t.ID] {
				duplicate[t.ID] = true
				v.duplicates = append(v.duplicates, t.ID)
			}
			if !t.Updated.After(other.Updated) {
				v.leftOut = append(v.leftOut, t)
				continue
			}
			v.leftOut = append(v.leftOut, other)
		}
		v.newest[t.ID] = t
	}
	for _, g := range l.All() {
		v.ours[g.ID] = g
	}
	for id, t := range v.newest {
		numbered := *t
		if g := v.ours[id]; g != nil {
			numbered.Number = g.Number
		} else {
			numbered.Number = l.retired[id].Number
		}
		if numbered.Number != 0 {
			v.numbered[numbered.Number] = &numbered
		}
	}
	return v
}

// doubles lists what stands there more than once and says something else than here.
func (l *List) doubles(v *Version) (all []Double) {
	if len(v.leftOut) == 0 {
		return nil
	}
	now := make(map[string]*Goal, l.Len())
	for _, g := range l.All() {
		now[g.ID] = g
	}
	for _, t := range v.leftOut {
		stays := now[t.ID]
		if stays == nil {
			continue // deleted here
		}
		other := *t
		if other.Number = stays.Number; !stays.sameInFile(&other) {
			all = append(all, Double{Stays: stays, LeftOut: &other})
		}
	}
	return all
}
