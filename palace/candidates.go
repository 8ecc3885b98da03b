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

// candidate is a goal as one source has it, which may be what the damaged row was.
// Its row has no checksum.
type candidate struct {
	row
	goal *goals.Goal
	from string
}

// candidates are the goals of one source that knows their numbers.
type candidates struct {
	numbers map[int64]candidate
	ids     map[string]candidate
}

func newCandidates() candidates { return candidates{map[int64]candidate{}, map[string]candidate{}} }

func (m candidates) add(s candidate) { m.numbers[s.number], m.ids[s.id] = s, s }

// repairSources are all that is known beside the rows themselves.
type repairSources struct {
	file            map[string]*goals.Goal // by id
	history, backup candidates
	revision        int64 // of the backup
}

const (
	fromFile    = "goals.json"
	fromHistory = "the database's history"
)

func readSources(ctx context.Context, q querier, store string, s Sources) (repairSources, error) {
	w := repairSources{file: map[string]*goals.Goal{}, backup: newCandidates()}
	for _, g := range s.File {
		if _, doubled := w.file[g.ID]; doubled {
			w.file[g.ID] = nil // nobody knows which is meant
			continue
		}
		w.file[g.ID] = g
	}
	for _, path := range slices.Backward(s.Backups) {
		if m, revision, err := readBackup(ctx, path, store); err == nil {
			w.backup, w.revision = m, revision
			break
		}
	}
	var err error
	w.history, err = readHistory(ctx, q, w.backup, w.revision)
	return w, err
}

// readHistory reads how each goal was left by the newest event: from how it was
// when it was added, or else from a backup of some revision. What does not
// follow from what came before it is passed over, as if nothing were known.
func readHistory(ctx context.Context, q querier, backup candidates, revision int64) (candidates, error) {
	m := newCandidates()
	states := map[int64]candidate{}
	err := eachEvent(ctx, q, func(e event) {
		n := e.Edit.Number
		s, known := states[n]
		if old, ok := backup.numbers[n]; !known && ok && e.Revision > revision && !e.goal.Valid {
			s, known = candidate{old.row, old.goal, fromHistory + " and " + old.from}, true
		}
		if s, known = s.after(e, known); known {
			states[n] = s
		} else {
			delete(states, n)
		}
	})
	for _, s := range states {
		s.id, s.body = s.goal.ID, encode(s.goal)
		m.add(s)
	}
	return m, err
}

// after is what is said of a goal when the event has been, if that follows.
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

// readBackup reads the rows of a backup of the same palace, if nothing is damaged in it, and
// its revision.
func readBackup(ctx context.Context, path, store string) (m candidates, revision int64, err error) {
	m = newCandidates()
	f, err := inspect(ctx, path)
	if err != nil {
		return m, 0, err
	}
	if f.status != Existing || f.store != store || f.version != version() {
		return m, 0, ErrIdentity
	}
	from := "the backup " + filepath.Base(path)
	if at, ok := BackupTime(path); ok {
		from = "the backup of " + at.Format("2006-01-02 15:04 UTC")
	}
	err = examine(ctx, path, func(ctx context.Context, q querier, path string) error {
		if err := verify(ctx, q, path); err != nil {
			return err
		}
		rows, err := readRows(ctx, q)
		for _, r := range rows {
			g, gerr := r.known()
			err = errors.Join(err, gerr)
			m.add(candidate{r, g, from})
		}
		return err
	})
	return m, f.revision, err
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

// about returns what is said of the goal of a damaged row, by those who know
// its number or its id: goals.json first, then the history, then the backup.
func (w repairSources) about(r row) []candidate {
	var found, remembered []candidate
	names := []row{r} // whom the row may be about
	for _, m := range []candidates{w.history, w.backup} {
		for _, s := range []candidate{m.numbers[r.number], m.ids[r.id]} {
			if s.goal != nil {
				remembered, names = append(remembered, s), append(names, s.row)
			}
		}
	}
	for _, name := range names {
		if g := w.file[name.id]; g != nil {
			found = append(found, candidate{row{number: name.number, id: name.id, body: encode(g)}, g, fromFile})
		}
	}
	return append(found, remembered...)
}

// loss finds out what a damaged row was.
func (w repairSources) loss(damaged row) Loss {
	l := Loss{Number: damaged.number}
	found := w.about(damaged)
	l.InFile = slices.ContainsFunc(found, func(s candidate) bool { return s.from == fromFile })
	for _, s := range found {
		if r, ok := proven(damaged, s); ok {
			l.put(r, s, true)
			return l
		}
	}
	if s, ok := newest(damaged, found); ok {
		r := s.row
		if r.deleted != 0 && damaged.deleted != 0 {
			r.deleted = damaged.deleted
		}
		r.sum = r.checksum()
		l.put(r, s, r.body == damaged.body && r.deleted == damaged.deleted) // then only the checksum was altered
	}
	return l
}

func (l *Loss) put(r row, s candidate, exact bool) {
	if g, err := r.known(); err == nil {
		l.row, l.Goal, l.Deleted, l.Exact, l.From = r, g, r.deleted != 0, exact, s.from
	}
}

// proven returns what a row was, where its checksum bears that out: what is
// said explains what was altered, and the rest stands as it did.
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

// newest returns the newest that is said of this very goal. It must be borne
// out that the number and the id belong together, which goals.json does not
// know. Where that has a goal that the history says was deleted, nobody knows.
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
