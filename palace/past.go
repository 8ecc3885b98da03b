package palace

import (
	"context"
	"fmt"
	"iter"
	"math"

	"goalbot/goals"
	"goalbot/store"
)

// This file goes back in time: a goals.json that was written on another machine, or
// long ago, is compared with what the list was.

// Past hands look the present list and the changes that led to it, the newest first,
// each with the goal before and after it. They end where the history does, or where it
// does not say what a goal was.
func (p *Palace) Past(ctx context.Context, look func(now goals.List, back iter.Seq[goals.Change])) error {
	var failed error
	err := p.View(ctx, func(t store.Tx) error {
		now := *t.List()
		look(now, func(yield func(goals.Change) bool) { failed = t.(*tx).lookBack(now, yield) })
		return failed
	})
	if err != nil {
		return fmt.Errorf("look back: %w", err)
	}
	return nil
}

// pastEvents is how many events are read at a time.
const pastEvents = 1000

func (t *tx) lookBack(now goals.List, yield func(goals.Change) bool) error {
	was := map[int64]*goals.Goal{} // what was passed already
	for revision, seq := int64(math.MaxInt64), int64(0); ; {
		events, damaged, err := t.events("look back", "events AS e",
			"WHERE (e.revision, e.seq) < ($1, $2) ORDER BY e.revision DESC, e.seq DESC LIMIT $3", revision, seq, pastEvents)
		if err != nil || len(events) == 0 {
			return err
		}
		for _, e := range events {
			n := e.Edit.Number
			after, passed := was[n]
			if !passed {
				after = now.Number(n)
			}
			if !e.Edit.Left(after) {
				return nil
			}
			before, known, err := t.beforeEdit(e.Edit, after)
			if err != nil || !known || !yield(goals.Change{Before: before, After: after}) {
				return err
			}
			was[n] = before
			revision, seq = e.Revision, e.seq
		}
		if damaged {
			return nil
		}
	}
}

// beforeEdit returns a goal as it was before an edit that left it as after, nil where
// it was not there. known is false where nobody can tell.
func (t *tx) beforeEdit(e goals.Edit, after *goals.Goal) (before *goals.Goal, known bool, err error) {
	switch {
	case e.Before == nil:
		return nil, true, nil
	case e.After != nil:
		return e.Undo(after), true, nil
	}
	row, err := t.goalRow(e.Number) // of one that is deleted it holds the last that was known
	if err != nil || row == nil || row.Print() != e.Before.Print {
		return nil, false, err
	}
	row.Updated = e.Before.Updated.Time
	return row, true, nil
}
