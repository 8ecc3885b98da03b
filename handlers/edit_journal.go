package handlers

import "goalbot/store"

// journal is a transaction whose records can be put back to what they were at
// some point of it, so that a command that is refused half way leaves nothing.
type journal struct {
	store.Tx
	was []record // before each was set, the oldest first
}

type record struct {
	kind        store.Kind
	name, value string
}

// SetRecord implements [store.Tx].
func (j *journal) SetRecord(kind store.Kind, name, value string) error {
	before, err := j.Record(kind, name)
	if err != nil {
		return err
	}
	j.was = append(j.was, record{kind, name, before})
	return j.Tx.SetRecord(kind, name, value)
}

// now is a point to put the records back to.
func (j *journal) now() int { return len(j.was) }

func (j *journal) putBack(point int) error {
	for len(j.was) > point {
		last := j.was[len(j.was)-1]
		j.was = j.was[:len(j.was)-1]
		if err := j.Tx.SetRecord(last.kind, last.name, last.value); err != nil {
			return err
		}
	}
	return nil
}
