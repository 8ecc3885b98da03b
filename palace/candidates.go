package palace

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"goalbot/goals"
)

// This file finds out what the damaged row of a goal was.

func readRows(ctx context.Context, q querier) ([]row, error) {
	var all []row
	err := eachRow(ctx, q, func(r row) { all = append(all, r) })
	return all, err
}

func (r row) matches() bool {
	_, err := r.goal()
	return err == nil
}

// candidate is a goal from one source that may be what a damaged row was. Its row has
// no checksum.
type candidate struct {
	row
	goal *goals.Goal
	from string
}

// sources are all that is known beside the rows themselves.
type sources struct {
	file    map[string]*goals.Goal // goals.json, by id: it has no numbers
	numbers map[int64][]candidate  // the history, then the backup
	ids     map[string][]candidate // the same, by id
}

const (
	fromFile    = "goals.json"
	fromHistory = "the database's history"
)

func readSources(ctx context.Context, q querier, store string, from Sources) (sources, error) {
	s := sources{map[string]*goals.Goal{}, map[int64][]candidate{}, map[string][]candidate{}}
	for _, g := range from.File {
		if _, duplicate := s.file[g.ID]; duplicate {
			s.file[g.ID] = nil // which of them is meant is not known
			continue
		}
		s.file[g.ID] = g
	}
	var backup map[int64]candidate
	var revision int64
	for _, path := range slices.Backward(from.Backups) {
		var err error
		if backup, revision, err = readBackup(ctx, path, store); err == nil {
			break
		}
	}
	history, err := readHistory(ctx, q, backup, revision)
	for _, known := range []map[int64]candidate{history, backup} {
		for _, c := range known {
			s.numbers[c.number], s.ids[c.id] = append(s.numbers[c.number], c), append(s.ids[c.id], c)
		}
	}
	return s, err
}

// readHistory reads how the newest event left each goal. It goes on from how the
// goal was when it was added, or else from a backup that was made at the given
// revision. An event that does not follow from the one before makes the goal
// unknown.
func readHistory(ctx context.Context, q querier, backup map[int64]candidate, revision int64) (map[int64]candidate, error) {
	known := map[int64]candidate{}
	err := eachEvent(ctx, q, func(e event) {
		n := e.Edit.Number
		c, ok := known[n]
		// What the change of that very revision did is in the backup, and does not follow from it.
		if old, inBackup := backup[n]; !ok && inBackup && e.Revision > revision && !e.goal.Valid {
			c, ok = candidate{old.row, old.goal, fromHistory + " and " + old.from}, true
		}
		if c, ok = c.after(e, ok); ok {
			known[n] = c
		} else {
			delete(known, n)
		}
	})
	for n, c := range known {
		c.id, c.body = c.goal.ID, encode(c.goal)
		known[n] = c
	}
	return known, err
}

// after returns what an event left of a goal, if that follows from what is known
// of it before.
func (s candidate) after(e event, known bool) (candidate, bool) {
	n, edit := e.Edit.Number, e.Edit
	if e.goal.Valid {
		g, err := decode(n, e.goal.String)
		s = candidate{row{number: n}, g, fromHistory}
		if edit.After == nil {
			s.deleted = 1
		}
		return s, err == nil
	}
	if !known {
		return s, false
	}
	switch {
	case edit.Before == nil: // it came back
		s.deleted = 0
		return s, edit.Left(s.goal)
	case s.goal.Print() != edit.Before.Print:
		return s, false
	case edit.After == nil:
		s.deleted = 1
		return s, true
	}
	s.goal = edit.Inverse().Undo(s.goal)
	return s, edit.Left(s.goal)
}

// readBackup reads the goals of a backup of the same palace, by their numbers, and
// its revision. A damaged backup is an error.
func readBackup(ctx context.Context, path, store string) (known map[int64]candidate, revision int64, err error) {
	f, err := inspect(ctx, path)
	if err != nil {
		return nil, 0, err
	}
	if f.status != Existing || f.store != store || f.version != version() {
		return nil, 0, ErrIdentity
	}
	from := "the backup " + filepath.Base(path)
	if at, ok := BackupTime(path); ok {
		from = "the backup of " + at.Format("2006-01-02 15:04 UTC")
	}
	known = map[int64]candidate{}
	err = examine(ctx, path, func(ctx context.Context, q querier, path string) error {
		if err := verifyPresent(ctx, q, path); err != nil {
			return err
		}
		rows, err := readRows(ctx, q)
		for _, r := range rows {
			g, gerr := r.known()
			err = errors.Join(err, gerr)
			known[r.number] = candidate{r, g, from}
		}
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return known, f.revision, nil
}

// known is goal, but never nil: of a deleted goal whose text is forgotten only
// the number and the id are known.
func (r *row) known() (*goals.Goal, error) {
	g, err := r.goal()
	if err == nil && g == nil {
		g = &goals.Goal{Number: r.number, ID: r.id}
	}
	return g, err
}

// candidates returns what the sources have under the number or the id of a damaged
// row: goals.json first, then the others.
func (s sources) candidates(damaged row) []candidate {
	remembered := slices.Concat(s.numbers[damaged.number], s.ids[damaged.id])
	names := []row{damaged} // the numbers and ids that the row may have had
	for _, c := range remembered {
		names = append(names, c.row)
	}
	var found []candidate
	for _, name := range names {
		if g := s.file[name.id]; g != nil {
			found = append(found, candidate{row{number: name.number, id: name.id, body: encode(g)}, g, fromFile})
		}
	}
	return append(found, remembered...)
}

// loss finds out what a damaged row was.
func (s sources) loss(damaged row) Loss {
	l := Loss{Number: damaged.number}
	found := s.candidates(damaged)
	l.InFile = slices.ContainsFunc(found, func(c candidate) bool { return c.from == fromFile })
	for _, c := range found {
		if r, ok := proven(damaged, c); ok {
			l.put(r, c, true)
			return l
		}
	}
	if c, ok := newest(damaged, found); ok {
		r := c.row
		if r.deleted != 0 && damaged.deleted != 0 {
			r.deleted = damaged.deleted
		}
		r.sum = r.checksum()
		l.put(r, c, r.body == damaged.body && r.deleted == damaged.deleted) // then only the checksum was altered
	}
	return l
}

func (l *Loss) put(r row, s candidate, exact bool) {
	if g, err := r.known(); err == nil {
		l.row, l.Goal, l.Deleted, l.Exact, l.From = r, g, r.deleted != 0, exact, s.from
	}
}

// proven returns what a row was, where its checksum proves it: the candidate has
// the part that was altered, and the rest of the row is as it was.
func proven(damaged row, s candidate) (row, bool) {
	for _, body := range []string{s.body, damaged.body} {
		for _, deleted := range []int64{damaged.deleted, s.deleted} {
			r := row{number: s.number, id: s.id, body: body, deleted: deleted, sum: damaged.sum}
			if r.matches() {
				return r, true
			}
		}
	}
	return row{}, false
}

// newest returns the newest candidate with this number and id, if a source other than
// goals.json confirms that the two belong together. It returns none if goals.json has a
// goal that the history has as deleted.
func newest(damaged row, found []candidate) (candidate, bool) {
	var best candidate
	sure, there, deleted := false, false, false
	for _, s := range found {
		if s.number != damaged.number || s.id != damaged.id {
			continue
		}
		sure = sure || s.from != fromFile
		there = there || s.from == fromFile
		deleted = deleted || s.from == fromHistory && s.deleted != 0
		if best.goal == nil || s.goal.Updated.After(best.goal.Updated) {
			best = s
		}
	}
	return best, sure && !(there && deleted)
}
