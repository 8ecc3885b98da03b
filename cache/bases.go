package cache

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/store"
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
	theirs []written
	uses   int
	// stored are the goals that the palace holds for them, by slot and number. Where
	// it is nil they must be read: a commit may have failed.
	stored map[int]map[int64]*goals.Goal
	// storedOvertaken says that the palace holds of the last version of ours that it
	// is overtaken.
	storedOvertaken bool
}

// ourVersion is a version that we wrote.
type ourVersion struct {
	goals.Base
	// overtaken says that nothing but changes of others came after it. Who writes it
	// again takes those back, as a person with an editor does.
	overtaken bool
}

// written is a version that another program wrote. When the program writes again,
// that takes its place.
type written struct {
	base  goals.Base
	slot  int
	Again bool // its writer has gone on from a version of its own
	Maybe bool // or it has gone on from this one
	Used  int  // counts the versions that were taken in
	Or    int  // Used of the version that its writer may have gone on from as well; 0 for none
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
	last := len(b.ours) - 1
	older := slices.DeleteFunc(b.ours[:max(last, 0)], func(o ourVersion) bool { return len(o.Differs) > maxDiffers })
	if last >= 0 {
		b.ours = append(older, b.ours[last])
	}
}

// wrote notes that the file holds the list now.
func (b *bases) wrote(list goals.List) {
	b.follow(list)
	if n := len(b.ours); n > 0 && len(b.ours[n-1].Differs) == 0 && !b.ours[n-1].overtaken {
		return
	}
	b.ours = append(b.ours, ourVersion{})
	b.ours = slices.Delete(b.ours, 0, max(0, len(b.ours)-keptOurs))
}

// nearest returns the base of a version, and the index in theirs if it can only be
// one of those. Where the last one of ours is as near, as it is while nothing was
// changed here, equal is the index of theirs. A program that begins with an empty
// memory has a base that is empty. held is what the file held last.
func (b *bases) nearest(version *goals.Version, held goals.List) (base goals.Base, index, equal int) {
	var all []goals.Base
	last := len(b.ours) - 1
	latest := last >= 0 && !b.ours[last].overtaken
	if latest {
		all = append(all, b.ours[last].Base)
	}
	first := len(all)
	var indexes []int
	for i, t := range b.theirs {
		if t.Maybe && !version.Shows(t.base, b.theirsAfter(t)...) {
			continue // its writer has gone on
		}
		if k := slices.IndexFunc(b.theirs, func(o written) bool { return o.Used == t.Or }); k >= 0 {
			t.base.Or = &b.theirs[k].base
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
	base = all[i]
	if k := i - first; k >= 0 && k < len(indexes) {
		return base, indexes[k], -1
	}
	equal = -1
	if !base.Nothing {
		// Who read an older version of ours and who removed what we added since write
		// the same. Nothing is removed for it, so what was there last counts.
		base.Differs = maps.Clone(base.Differs)
		maps.DeleteFunc(base.Differs, func(n int64, was *goals.Goal) bool { return was == nil && held.Number(n) != nil })
		if k := slices.Index(distances[first:first+len(indexes)], distances[i]); k >= 0 {
			equal, base.Or, base.Near = indexes[k], all[first+k].Or, &all[first+k]
		}
	}
	return base, -1, equal
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

// next returns theirs with one more version: in the place of the one at index, which
// its writer went on from, or in a new one. The writer may have gone on from the one
// at equal as well.
func (b *bases) next(version goals.Base, index, equal int) (theirs []written, place int) {
	theirs = slices.Clone(b.theirs)
	w := written{base: version, Used: b.uses + 1}
	if equal >= 0 {
		theirs[equal].Maybe, w.Or = true, theirs[equal].Used
	}
	switch {
	case index >= 0:
		w.slot, w.Again = theirs[index].slot, true
		theirs[index] = w
		return theirs, index
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
	if w.worth() != o.worth() {
		return w.worth() < o.worth()
	}
	return w.Used < o.Used
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

// load reads what the palace holds.
func (b *bases) load(tx store.Tx) error {
	rows, err := tx.Records(store.BaseRecord)
	if err != nil {
		return err
	}
	theirs := map[int]*written{}
	overtaken := false
	differs, stored := map[int]map[int64]*goals.Goal{}, map[int]map[int64]*goals.Goal{}
	for name, value := range rows {
		first, rest, ofGoal := strings.Cut(name, "/")
		slot, err := strconv.Atoi(first)
		if err != nil {
			continue
		}
		if slot == oursSlot && !ofGoal {
			overtaken = true
			continue
		}
		if !ofGoal {
			w := &written{slot: slot}
			if err := json.Unmarshal([]byte(value), w); err != nil {
				return fmt.Errorf("read what others wrote last: %w", err)
			}
			theirs[slot] = w
			continue
		}
		number, err := strconv.ParseInt(rest, 10, 64)
		if err != nil {
			continue
		}
		var g *goals.Goal
		if value != absent {
			if g, err = goaljson.DecodeGoal([]byte(value)); err != nil {
				return fmt.Errorf("read what others wrote of #%d: %w", number, err)
			}
			g.Number = number
		}
		if differs[slot] == nil {
			differs[slot], stored[slot] = map[int64]*goals.Goal{}, map[int64]*goals.Goal{}
		}
		differs[slot][number], stored[slot][number] = g, g
	}
	if b.ours == nil {
		b.list, b.ours = *tx.List(), []ourVersion{{Base: goals.Base{Differs: differs[oursSlot]}, overtaken: overtaken}}
	}
	b.follow(*tx.List())
	b.theirs, b.uses, b.stored, b.storedOvertaken = nil, 0, stored, overtaken
	for _, slot := range slices.Sorted(maps.Keys(theirs)) {
		w := *theirs[slot]
		w.base = goals.Base{Differs: differs[slot], Theirs: true}
		b.theirs = append(b.theirs, w)
		b.uses = max(b.uses, w.Used)
	}
	return nil
}

// absent is the value of a goal that a version did not have.
const absent = "null"

func encodeBase(g *goals.Goal) string {
	if g == nil {
		return absent
	}
	return string(goaljson.AppendGoal(nil, g))
}

func baseName(slot int, number int64) string {
	return strconv.Itoa(slot) + "/" + strconv.FormatInt(number, 10)
}

// put makes the palace hold a goal for a slot.
func (b *bases) put(tx store.Tx, slot int, number int64, g *goals.Goal) error {
	if was, there := b.stored[slot][number]; there && was == g {
		return nil
	}
	if err := tx.SetRecord(store.BaseRecord, baseName(slot, number), encodeBase(g)); err != nil {
		return err
	}
	if b.stored[slot] == nil {
		b.stored[slot] = map[int64]*goals.Goal{}
	}
	b.stored[slot][number] = g
	return nil
}

// putAll makes the palace hold these goals for a slot, and no others.
func (b *bases) putAll(tx store.Tx, slot int, differs map[int64]*goals.Goal) error {
	for number := range b.stored[slot] {
		if _, still := differs[number]; !still {
			if err := tx.SetRecord(store.BaseRecord, baseName(slot, number), ""); err != nil {
				return err
			}
			delete(b.stored[slot], number)
		}
	}
	for number, g := range differs {
		if err := b.put(tx, slot, number, g); err != nil {
			return err
		}
	}
	return nil
}

// keep makes the palace hold, with changes of the list, what they make differ: from
// what stands in the file, and from what others wrote. merged says that the changes
// are those of others.
func (b *bases) keep(tx store.Tx, changes []goals.Change, merged bool) error {
	last := b.ours[len(b.ours)-1]
	if err := b.keepOvertaken(tx, last.overtaken || merged && len(last.Differs) == 0); err != nil {
		return err
	}
	behind := maps.Clone(last.Differs)
	if behind == nil {
		behind = make(map[int64]*goals.Goal, len(changes))
	}
	for _, c := range changes {
		if _, differs := behind[c.Number()]; !differs {
			behind[c.Number()] = c.Before
		}
	}
	if err := b.putAll(tx, oursSlot, behind); err != nil {
		return err
	}
	for _, t := range b.theirs {
		for _, c := range changes {
			if _, differs := t.base.Differs[c.Number()]; differs {
				continue
			}
			if err := b.put(tx, t.slot, c.Number(), c.Before); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepOvertaken makes the palace hold whether the last version of ours is overtaken.
func (b *bases) keepOvertaken(tx store.Tx, overtaken bool) error {
	if overtaken == b.storedOvertaken {
		return nil
	}
	value := ""
	if overtaken {
		value = "{}"
	}
	b.storedOvertaken = overtaken
	return tx.SetRecord(store.BaseRecord, strconv.Itoa(oursSlot), value)
}

// keepTheirs makes the palace hold the versions that others wrote, of which the one
// at place is new.
func (b *bases) keepTheirs(tx store.Tx, theirs []written, place int) error {
	for i, w := range theirs {
		if i != place && (i >= len(b.theirs) || w.Maybe == b.theirs[i].Maybe) {
			continue
		}
		value, err := json.Marshal(w)
		if err != nil {
			return err
		}
		if err := tx.SetRecord(store.BaseRecord, strconv.Itoa(w.slot), string(value)); err != nil {
			return err
		}
	}
	return b.putAll(tx, theirs[place].slot, theirs[place].base.Differs)
}
