package cache

import (
	"cmp"
	"maps"
	"slices"

	"goalbot/goals"
)

// This file keeps the versions of the file that another program may have started
// from, so that what it wrote can be told from what it never saw.

const (
	// keptOurs is how many of the last versions that we wrote are kept in memory: a
	// program may have read one, and write it back with its change a moment later.
	keptOurs = 16
	// maxDiffers is by how many goals an older one of them may differ from the list.
	maxDiffers = 1000
	// keptTheirs is how many versions that others wrote are kept, also beyond the end
	// of the process: each of as many programs may write from its memory.
	keptTheirs = 8
)

// bases are the versions of the file from which a program may have started.
type bases struct {
	list   goals.List   // that they belong to
	ours   []ourVersion // the newest last
	count  int          // of those that were ever written
	theirs []written
	uses   int
	// stored is what the palace holds for them, by slot. Where it is nil it must be
	// read: a commit may have failed.
	stored map[int]*storedBase
	// storedOvertaken is what the palace stores as overtaken of our last version.
	storedOvertaken bool
}

// ourVersion is a version that we wrote.
type ourVersion struct {
	goals.Base
	number int // counted from 1
	// overtaken is set if only changes of others followed. Writing this version again
	// then takes those changes back, as a person with an editor may do.
	overtaken bool
}

// written is a version that another program wrote. When the program writes again,
// that takes its place.
type written struct {
	base  goals.Base
	slot  int
	Again bool // its writer has continued from its own version
	Maybe bool // its writer may have continued from this one
	Used  int  // counts the versions that were taken in
}

// oursSlot is the slot of what stands in the file, as it differs from the palace.
// The slots of theirs are counted from 1.
const oursSlot = 0

// follow brings the bases in line with the list.
func (b *bases) follow(list goals.List) {
	changes := goals.Diff(b.list, list)
	b.list = list
	if len(changes) == 0 {
		return
	}
	for i := range b.ours {
		b.ours[i].Follow(changes)
	}
	for i := range b.theirs {
		b.theirs[i].base.Follow(changes)
	}
	last := max(len(b.ours)-1, 0) // which is kept in any case
	older := slices.DeleteFunc(b.ours[:last], func(o ourVersion) bool { return len(o.Differs) > maxDiffers })
	b.ours = append(older, b.ours[last:]...)
}

// wrote notes that the file holds the list now.
func (b *bases) wrote(list goals.List) {
	b.follow(list)
	if n := len(b.ours); n > 0 && len(b.ours[n-1].Differs) == 0 && !b.ours[n-1].overtaken {
		return
	}
	b.count++
	b.ours = append(b.ours, ourVersion{number: b.count})
	b.ours = slices.Delete(b.ours, 0, max(0, len(b.ours)-keptOurs))
}

// without returns the bases without our versions from a number on, which the writer of
// a version cannot have seen.
func (b *bases) without(unseen int) *bases {
	seen := *b
	seen.ours = slices.DeleteFunc(slices.Clone(b.ours), func(o ourVersion) bool { return o.number >= unseen })
	return &seen
}

// nearest is the base of a version that others wrote.
type nearest struct {
	goals.Base
	// index is that of the base in theirs, or -1 where it is one of ours.
	index int
	// equal is the index in theirs of one that is as near as the base, which is our
	// latest version, or -1. So it is while nothing was changed here.
	equal int
	// saw is set where the writer most likely saw what the base has and the one at
	// equal lacks. Somebody else, who wrote that one, may then still go on from it.
	saw bool
}

// nearest finds out the base of a version. That of a program that starts with an empty
// memory is empty. held is the last content of the file.
func (b *bases) nearest(version *goals.Version, held goals.List) nearest {
	var all []goals.Base
	last := len(b.ours) - 1
	if last >= 0 && !b.ours[last].overtaken {
		all = append(all, b.ours[last].Base)
	}
	first := len(all)
	var indexes []int
	var left []goals.Base // of theirs, whose writers have gone on
	for i, t := range b.theirs {
		if t.Maybe && !version.Shows(t.base, b.theirsAfter(t)...) {
			left = append(left, t.base)
			continue
		}
		all, indexes = append(all, t.base), append(indexes, i)
	}
	var later []goals.Base // of ours
	for i, o := range slices.Backward(b.ours) {
		if i < last {
			if !o.overtaken && version.Shows(o.Base, later...) {
				all = append(all, o.Base)
			}
			later = append(later, o.Base)
		}
	}
	all = append(all, goals.Base{Nothing: true})
	i, distances := version.Nearest(all)
	near := nearest{Base: all[i], index: -1, equal: -1}
	_, far := version.Nearest(left)
	for k, l := range left {
		if far[k] <= distances[i] && !version.Saw(l, all[i]) {
			near.Or = append(near.Or, l)
		}
	}
	if k := i - first; k >= 0 && k < len(indexes) {
		near.index = indexes[k]
		return near
	}
	if !near.Nothing {
		// Who read an older version of ours and who removed what we added since write
		// the same. Nothing is removed for it, so what was there last counts.
		near.Differs = maps.Clone(near.Differs)
		maps.DeleteFunc(near.Differs, func(n int64, was *goals.Goal) bool { return was == nil && held.Number(n) != nil })
		if k := slices.Index(distances[first:first+len(indexes)], distances[i]); k >= 0 {
			near.equal, near.Near = indexes[k], &all[first+k]
			near.saw = version.Saw(all[first+k], all[i])
		}
	}
	return near
}

// theirsAfter are the versions of others that were taken in after one of them.
func (b *bases) theirsAfter(t written) (later []goals.Base) {
	for _, o := range b.theirs {
		if o.Used > t.Used {
			later = append(later, o.base)
		}
	}
	return later
}

// overtake notes that a version of others was taken in.
func (b *bases) overtake() {
	for i := range b.ours {
		b.ours[i].overtaken = b.ours[i].overtaken || len(b.ours[i].Differs) == 0
	}
}

// next returns theirs with one more version: in the place of the one that its writer
// went on from, or in a new one.
func (b *bases) next(version goals.Base, from nearest) (theirs []written, place int) {
	theirs = slices.Clone(b.theirs)
	w := written{base: version, Used: b.uses + 1}
	if e := from.equal; e >= 0 {
		theirs[e].Maybe = theirs[e].Maybe || !from.saw
	}
	switch i := from.index; {
	case i >= 0:
		w.slot, w.Again = theirs[i].slot, true
		theirs[i] = w
		return theirs, i
	case len(theirs) < keptTheirs:
		w.slot = 1
		for slices.ContainsFunc(theirs, func(t written) bool { return t.slot == w.slot }) {
			w.slot++
		}
		return append(theirs, w), len(theirs)
	}
	for i := range theirs {
		if theirs[i].before(theirs[place]) {
			place = i
		}
	}
	w.slot = theirs[place].slot
	theirs[place] = w
	return theirs, place
}

// before reports whether a version is to be forgotten before another one.
func (w written) before(o written) bool {
	return cmp.Or(cmp.Compare(w.worth(), o.worth()), cmp.Compare(w.Used, o.Used)) < 0
}

func (w written) worth() int {
	switch {
	case w.Maybe:
		return 0
	case !w.Again:
		return 1
	}
	return 2
}
