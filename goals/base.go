package goals

import (
	"maps"
	"math"
	"slices"
)

// This file finds out what another program started from. What it wrote says what
// it changed only beside that.

// Base is a version of the list that somebody may have started from. Differs holds
// what it said differently than a list, by number: nil for a goal that was not in it.
// Of all other goals it said the same or, where Nothing is set, it had none of them.
//
// A Base belongs to one list, and to the next one after [Base.Follow].
type Base struct {
	Differs map[int64]*Goal
	Nothing bool
	Theirs  bool // another program wrote it
	// Or are other versions that they may have started from. A text that not all of
	// them have counts as neither added nor removed by them.
	Or []Base
	// Near is another version that theirs is equally close to, or nil. A value that
	// differs in all three is a conflict.
	Near *Base
}

// of is what the version said of a goal of which the list says g.
func (b Base) of(number int64, g *Goal) *Goal {
	if was, differs := b.Differs[number]; differs {
		return was
	}
	if b.Nothing {
		return nil
	}
	return g
}

// Follow keeps what the version said when the list changes.
func (b *Base) Follow(changes []Change) {
	for _, c := range changes {
		n := c.Number()
		if Identical(c.Before, c.After) {
			continue
		}
		if was, differs := b.Differs[n]; !differs && !b.Nothing {
			if b.Differs == nil {
				b.Differs = make(map[int64]*Goal)
			}
			b.Differs[n] = c.Before
		} else if differs && Identical(was, c.After) {
			delete(b.Differs, n)
		}
	}
}

// Shows reports whether theirs has a goal, or part of one, as this base has it and not
// as the list has it, and no later base explains that as well. Its writer has then not
// seen the later changes.
func (v *Version) Shows(b Base, later ...Base) bool {
	for n, was := range b.Differs {
		t, g := v.numbered[n], v.list.Number(n)
		if t != nil && was != nil && (Identical(was, t) || g != nil && keeps(was, g, t)) {
			return !slices.ContainsFunc(later, func(l Base) bool { return !v.before(b, l) })
		}
	}
	return false
}

// before reports whether theirs was written without knowledge of the changes between
// two bases: it has a goal exactly as in the first, has something that the second
// lacks, or lacks something that only the second has. Values prove nothing, since they
// may have been set back.
func (v *Version) before(b, later Base) bool {
	for _, differs := range []map[int64]*Goal{b.Differs, later.Differs} {
		for n := range differs {
			g, t := v.list.Number(n), v.numbered[n]
			was, then := b.of(n, g), later.of(n, g)
			if t == nil || was == nil || Identical(was, then) {
				continue
			}
			if Identical(was, t) || then != nil && (keeps(was, then, t) || lacks(was, then, t)) {
				return true
			}
		}
	}
	return false
}

// Saw reports whether theirs has something that the later of two bases has and the
// earlier lacks: a goal, an entry of one, or a value. Its writer has then most likely
// seen the later one.
func (v *Version) Saw(b, later Base) bool {
	for _, differs := range []map[int64]*Goal{b.Differs, later.Differs} {
		for n := range differs {
			g, t := v.list.Number(n), v.numbered[n]
			was, then := b.of(n, g), later.of(n, g)
			if t == nil || then == nil {
				continue
			}
			if was == nil || took(was.Description, then.Description, t.Description) || took(was.Status, then.Status, t.Status) ||
				anyOf(was, then, t, func(was, then, t []string) bool {
					added := minus(then, was)
					return len(minus(added, t)) < len(added)
				}) {
				return true
			}
		}
	}
	return false
}

// took reports whether a value is the later one of two that differ.
func took[T comparable](was, then, value T) bool { return value == then && then != was }

// keeps reports whether a goal has something that was removed from one version of it
// to the next, and lacks whether it has not what was added.
func keeps(was, then, g *Goal) bool {
	return anyOf(was, then, g, func(was, then, g []string) bool {
		gone := minus(was, then)
		return len(minus(gone, g)) < len(gone)
	})
}

func lacks(was, then, g *Goal) bool {
	return anyOf(was, then, g, func(was, then, g []string) bool { return len(minus(minus(then, was), g)) > 0 })
}

// anyOf reports whether a rule holds for one of the lists of three versions of a goal.
func anyOf(a, b, c *Goal, holds func(a, b, c []string) bool) bool {
	return holds(a.Notes, b.Notes, c.Notes) || holds(a.Acceptance, b.Acceptance, c.Acceptance) ||
		holds(ids(a.Sessions), ids(b.Sessions), ids(c.Sessions))
}

// Says reports whether two bases of one list are the same version.
func (b Base) Says(o Base) bool {
	return b.Nothing == o.Nothing && maps.EqualFunc(b.Differs, o.Differs, Identical)
}

// Identical reports whether goals.json has the same of two goals, and the same time.
func Identical(a, b *Goal) bool {
	return a.sameInFile(b) && (a == nil || a.Updated.Equal(b.Updated))
}

// Base is the base for who goes on from theirs: all of it that has a number here.
func (v *Version) Base() Base {
	b := Base{Differs: make(map[int64]*Goal), Theirs: true}
	for _, g := range v.list.All() {
		if t := v.numbered[g.Number]; !Identical(t, g) {
			b.Differs[g.Number] = t
		}
	}
	for n, t := range v.numbered {
		if v.ours[t.ID] == nil {
			b.Differs[n] = t
		}
	}
	return b
}

// Nearest returns the index of the base that theirs differs least from, the first
// of several, or -1 where there is none, and how much it differs from each.
func (v *Version) Nearest(bases []Base) (best int, distances []int) {
	present := 0 // how far it is from the list
	for _, g := range v.list.All() {
		present += distance(v.numbered[g.Number], g)
	}
	for _, t := range v.numbered {
		if v.ours[t.ID] == nil {
			present += distance(t, nil)
		}
	}
	best = -1
	for i, b := range bases {
		far := present
		if b.Nothing {
			far = 0
			if len(v.numbered) > 0 { // who begins with nothing has none of what we know
				far = math.MaxInt
			}
		}
		for n, was := range b.Differs {
			t := v.numbered[n]
			far += distance(t, was) - distance(t, v.list.Number(n))
		}
		distances = append(distances, far)
		if best < 0 || far < distances[best] {
			best = i
		}
	}
	return best, distances
}

// distance says how much two versions of a goal differ. When a goal was last
// updated tells more than what it says, since no two changes have the same time.
func distance(a, b *Goal) int {
	const whole, time, member, value, entry, small = 8, 3, 3, 2, 2, 1
	if a == b {
		return 0
	}
	if a == nil || b == nil {
		return whole
	}
	d := 0
	differs := func(yes bool, weight int) {
		if yes {
			d += weight
		}
	}
	differs(!a.Updated.Equal(b.Updated), time)
	if a.sameInFile(b) {
		return d
	}
	differs(a.Description != b.Description, value)
	differs(a.Status != b.Status, value)
	differs(a.Progress != b.Progress, small)
	differs(!a.Created.Equal(b.Created), small)
	d += entry * apart(a.Acceptance, b.Acceptance)
	d += entry * apart(a.Notes, b.Notes)
	d += member * apart(a.Extra, b.Extra)
	d += entry * apart(ids(a.Sessions), ids(b.Sessions))
	d += small * apart(states(a.Sessions), states(b.Sessions))
	return d
}

// apart counts what stands in one of two lists only.
func apart[T comparable](a, b []T) int { return len(minus(a, b)) + len(minus(b, a)) }

func ids(sessions []Session) (all []string) {
	for _, s := range sessions {
		all = append(all, s.ID)
	}
	return all
}

func states(sessions []Session) (all []SessionState) {
	for _, s := range sessions {
		all = append(all, s.State)
	}
	return all
}
