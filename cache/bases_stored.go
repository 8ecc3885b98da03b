package cache

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/store"
)

// This file keeps in the palace what [bases] knows, beyond the end of the process.

// load reads what the palace holds.
func (b *bases) load(tx store.Tx) error {
	rows, err := tx.Records(store.BaseRecord)
	if err != nil {
		return err
	}
	theirs := map[int]*written{}
	overtaken := false
	stored := map[int]*storedBase{}
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
		if stored[slot] == nil {
			stored[slot] = newStoredBase()
		}
		if err := stored[slot].read(rest, value); err != nil {
			return err
		}
	}
	differs := func(slot int) map[int64]*goals.Goal {
		if s := stored[slot]; s != nil {
			return maps.Clone(s.goals)
		}
		return nil
	}
	if b.ours == nil {
		b.list, b.ours = *tx.List(), []ourVersion{{Base: goals.Base{Differs: differs(oursSlot)}, overtaken: overtaken}}
	}
	b.follow(*tx.List())
	b.theirs, b.uses, b.stored, b.storedOvertaken = nil, 0, stored, overtaken
	for _, slot := range slices.Sorted(maps.Keys(theirs)) {
		w := *theirs[slot]
		w.base = goals.Base{Differs: differs(slot), Theirs: true}
		b.theirs = append(b.theirs, w)
		b.uses = max(b.uses, w.Used)
	}
	return nil
}

// storedBase is what the palace holds of the version in one slot: a row for each goal
// that it says differently than the list, under "slot/number", and rows for the numbers
// of those that it lacks, which may be all of a long list: each has those of a span,
// under "slot/lacks/span".
type storedBase struct {
	goals map[int64]*goals.Goal // nil for one that it lacks
	// single are the numbers of goals that it lacks and that have rows of their own, as
	// older versions of this program wrote them.
	single []int64
}

const (
	absent     = "null" // the value of a goal that a version did not have
	lacks      = "lacks/"
	spanOfRows = 1000 // how many numbers a row covers
)

func newStoredBase() *storedBase { return &storedBase{goals: map[int64]*goals.Goal{}} }

// read takes in a row, by its name without the slot.
func (s *storedBase) read(name, value string) error {
	if strings.HasPrefix(name, lacks) {
		for run := range strings.FieldsSeq(value) {
			first, last, ok := parseRun(run)
			if !ok || last-first >= spanOfRows {
				return fmt.Errorf("read what others wrote: %.60q is no run of numbers", run)
			}
			for n := first; n <= last; n++ {
				s.goals[n] = nil
			}
		}
		return nil
	}
	number, err := strconv.ParseInt(name, 10, 64)
	if err != nil {
		return nil
	}
	if value == absent {
		s.goals[number] = nil
		s.single = append(s.single, number)
		return nil
	}
	g, err := goaljson.DecodeGoal([]byte(value))
	if err != nil {
		return fmt.Errorf("read what others wrote of #%d: %w", number, err)
	}
	g.Number = number
	s.goals[number] = g
	return nil
}

// parseRun reads "3" or "3-7".
func parseRun(run string) (first, last int64, ok bool) {
	from, to, several := strings.Cut(run, "-")
	first, err := strconv.ParseInt(from, 10, 64)
	if last = first; several {
		var lastErr error
		last, lastErr = strconv.ParseInt(to, 10, 64)
		err = errors.Join(err, lastErr)
	}
	return first, last, err == nil && first <= last
}

// baseWriter alters what the palace holds of one slot. What was altered is complete
// after flush.
type baseWriter struct {
	tx     store.Tx
	slot   string // with its slash
	stored *storedBase
	spans  map[int64]bool // in which other goals are lacking
}

func (b *bases) write(tx store.Tx, slot int) *baseWriter {
	if b.stored[slot] == nil {
		b.stored[slot] = newStoredBase()
	}
	return &baseWriter{tx: tx, slot: strconv.Itoa(slot) + "/", stored: b.stored[slot], spans: map[int64]bool{}}
}

func (w *baseWriter) set(name, value string) error {
	return w.tx.SetRecord(store.BaseRecord, w.slot+name, value)
}

// put keeps a goal, nil for one that the version lacks.
func (w *baseWriter) put(number int64, g *goals.Goal) error {
	was, there := w.stored.goals[number]
	if there && was == g {
		return nil
	}
	if g != nil {
		w.stored.goals[number] = g
		w.spans[number/spanOfRows] = w.spans[number/spanOfRows] || there && was == nil
		return w.set(strconv.FormatInt(number, 10), string(goaljson.AppendGoal(nil, g)))
	}
	if err := w.forget(number); err != nil {
		return err
	}
	w.stored.goals[number] = nil
	w.spans[number/spanOfRows] = true
	return nil
}

// forget keeps nothing of a goal.
func (w *baseWriter) forget(number int64) error {
	was, there := w.stored.goals[number]
	delete(w.stored.goals, number)
	switch {
	case !there:
		return nil
	case was == nil:
		w.spans[number/spanOfRows] = true
		return nil
	}
	return w.set(strconv.FormatInt(number, 10), "")
}

// flush writes the rows of the goals that the version lacks.
func (w *baseWriter) flush() error {
	for _, number := range w.stored.single {
		w.spans[number/spanOfRows] = true
		if w.stored.goals[number] == nil { // else its row was written over
			if err := w.set(strconv.FormatInt(number, 10), ""); err != nil {
				return err
			}
		}
	}
	w.stored.single = nil
	for span, changed := range w.spans {
		if !changed {
			continue
		}
		if err := w.set(lacks+strconv.FormatInt(span, 10), w.runs(span)); err != nil {
			return err
		}
	}
	return nil
}

// runs are the numbers of the goals of a span that the version lacks.
func (w *baseWriter) runs(span int64) string {
	var text []byte
	missing := func(n int64) bool {
		g, there := w.stored.goals[n]
		return there && g == nil
	}
	end := (span + 1) * spanOfRows
	for n := span * spanOfRows; n < end; n++ {
		if !missing(n) {
			continue
		}
		first := n
		for n+1 < end && missing(n+1) {
			n++
		}
		if len(text) > 0 {
			text = append(text, ' ')
		}
		text = strconv.AppendInt(text, first, 10)
		if n > first {
			text = strconv.AppendInt(append(text, '-'), n, 10)
		}
	}
	return string(text)
}

// putAll makes the palace hold these goals for a slot, and no others.
func (b *bases) putAll(tx store.Tx, slot int, differs map[int64]*goals.Goal) error {
	w := b.write(tx, slot)
	for number := range w.stored.goals {
		if _, still := differs[number]; !still {
			if err := w.forget(number); err != nil {
				return err
			}
		}
	}
	for number, g := range differs {
		if err := w.put(number, g); err != nil {
			return err
		}
	}
	return w.flush()
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
		w := b.write(tx, t.slot)
		for _, c := range changes {
			if _, differs := t.base.Differs[c.Number()]; differs {
				continue
			}
			if err := w.put(c.Number(), c.Before); err != nil {
				return err
			}
		}
		if err := w.flush(); err != nil {
			return err
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
		if i != place && w.Maybe == b.theirs[i].Maybe {
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
