package palace

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"goalbot/goals"
	"goalbot/progress"
	"goalbot/store"
)

// This file keeps the history: what was done to which goal, by whom and when,
// so that it can be told and taken back.

// undo is the name of changes that LastChange passes over, whoever made them.
const undo = "undo"

// event is an event as it is kept.
type event struct {
	store.Event
	seq  int64
	goal sql.NullString // the goal as it was added, or put back by a repair
}

// saveChanges saves the goals that changed, and notes in the history how. list
// is the one that will be committed.
func (t *tx) saveChanges(changes []goals.Change, list *goals.List, m *meta) error {
	if len(changes) == 0 {
		return nil
	}
	var err error
	seq := int64(0)
	save := func(s savedGoal) {
		if err == nil {
			err = t.saveOne(seq, s, list, m)
		}
		seq++
		progress.Step(t.ctx, progress.Saving, seq, int64(len(changes)))
	}
	list.Batch(func() { // each deletion is noted in the list, which is large
		make := func(emit func(savedGoal)) {
			for _, c := range changes {
				emit(t.back.saved(c, t.now))
			}
		}
		if len(changes) <= 64 {
			make(save)
		} else { // to make the rows takes as long as to write them
			overlap(make, save)
		}
	})
	if err == nil {
		err = t.saveChange(m.revision, len(changes))
	}
	// Of very many goals each has had one change more only; a new one has a single event.
	t.grown = len(changes) <= 64 && slices.ContainsFunc(changes, func(c goals.Change) bool { return c.Number() <= m.lastNumber })
	return err
}

func (t *tx) saveOne(seq int64, s savedGoal, list *goals.List, m *meta) error {
	if s.err != nil {
		return s.err
	}
	if err := t.saveGoal(&s, list, m); err != nil {
		return err
	}
	var goal any
	if !s.known {
		goal = s.row.body
	}
	return t.saveEvent(m, seq, s.row.number, s.edit, goal)
}

func (t *tx) saveChange(revision int64, n int) error {
	o := t.origin
	return t.insert("record change", changeTable, revision, o.Key, o.Name, o.By, nanos(o.At), int64(n), int64(0))
}

// editOf says what a change did, as the table events keeps it.
func editOf(c goals.Change) ([]byte, error) {
	edit, err := json.Marshal(goals.EditOf(c))
	if err != nil {
		return nil, fmt.Errorf("record event: %w", err)
	}
	return edit, nil
}

// saveEvent notes what was done to one goal. goal is its body afterwards, or nil.
func (t *tx) saveEvent(m *meta, seq, number int64, edit []byte, goal any) error {
	body, _ := goal.(string)
	m.eventRows++
	m.eventBytes += int64(len(edit) + len(body))
	return t.insert("record event", eventTable, m.revision, seq, number, edit, goal)
}

// SetName implements store.Tx.
func (t *tx) SetName(name string) { t.origin.Name = name }

// Change implements store.Tx.
func (t *tx) Change(key string) ([]store.Event, error) {
	revision, err := t.revision("SELECT revision FROM changes WHERE key = $1", key)
	if err != nil {
		return nil, err
	}
	events, _, err := t.wholeChange(revision)
	return events, err
}

// LastChange implements store.Tx.
func (t *tx) LastChange(by int64) ([]store.Event, error) {
	if by == 0 {
		return nil, nil // what the program did is not anyone's to take back
	}
	for before := int64(math.MaxInt64); ; {
		revision, err := t.revision(`
			SELECT revision FROM changes WHERE member = $1 AND revision < $2 AND taken_back = 0 AND name <> $3
			ORDER BY revision DESC LIMIT 1`, by, before, undo)
		if err != nil || revision == 0 {
			return nil, err
		}
		events, whole, err := t.wholeChange(revision)
		if err != nil || whole {
			return events, err
		}
		before = revision // a part of it has been forgotten
	}
}

// revision is the answer to a query, or 0 if there is none: no change has that.
func (t *tx) revision(query string, args ...any) (revision int64, err error) {
	err = t.query("look up change", func(scan func(...any) error) error { return scan(&revision) }, query, args...)
	return revision, err
}

// wholeChange returns the events of a change, in the order of the goals, if
// none of them has been forgotten. It is an error if one of them is damaged:
// nothing may be done by what it says.
func (t *tx) wholeChange(revision int64) (whole []store.Event, ok bool, err error) {
	events, damaged, err := t.events("read change", "events AS e", "WHERE e.revision = $1 ORDER BY e.seq", revision)
	switch {
	case err != nil:
		return nil, false, err
	case damaged:
		return nil, false, fmt.Errorf("read change: %w: a row of the history does not match its checksum; %s", ErrDamaged, cureRepair)
	case len(events) == 0 || len(events) != events[0].Goals:
		return nil, false, nil
	}
	return withoutRows(events), true, nil
}

// Events implements store.Tx. Which events are on a page is found in an index:
// what comes before them is not read.
func (t *tx) Events(number int64, skip, limit int) ([]store.Event, error) {
	const page = "(SELECT revision, seq FROM events WHERE number = $3 ORDER BY revision DESC, seq DESC LIMIT $1 OFFSET $2) AS page JOIN events AS e USING (revision, seq)"
	events, _, err := t.events("read events", page, "ORDER BY e.revision DESC, e.seq DESC", max(limit, 0), max(skip, 0), number)
	return withoutRows(events), err
}

// Changes implements store.Tx.
func (t *tx) Changes(skip, limit int) ([]store.Event, error) {
	const page = `(SELECT revision, (SELECT min(seq) FROM events WHERE revision = c.revision) AS seq
		FROM changes AS c ORDER BY revision DESC LIMIT $1 OFFSET $2) AS page JOIN events AS e USING (revision, seq)`
	events, _, err := t.events("read changes", page, "ORDER BY e.revision DESC", max(limit, 0), max(skip, 0))
	return withoutRows(events), err
}

// AddedBy implements store.Tx.
func (t *tx) AddedBy(number int64) (int64, error) {
	events, _, err := t.events("look for who added a goal", "(SELECT revision, seq FROM events WHERE number = $1 ORDER BY revision, seq LIMIT 1) AS first JOIN events AS e USING (revision, seq)", "", number)
	if err != nil || len(events) == 0 || events[0].Edit.Before != nil {
		return 0, err
	}
	return events[0].By, nil
}

// Last implements store.Tx.
func (t *tx) Last(name string) (map[int64]time.Time, error) {
	times := map[int64]time.Time{}
	events, _, err := t.events("read times of changes", "events AS e", "WHERE c.name = $1 AND c.taken_back = 0 ORDER BY e.revision", name)
	for _, e := range events {
		if e.At.After(times[e.Edit.Number]) {
			times[e.Edit.Number] = e.At
		}
	}
	return times, err
}

// Before implements store.Tx.
func (t *tx) Before(key string) (map[int64]*goals.Goal, error) {
	revision, err := t.revision("SELECT revision FROM changes WHERE key = $1", key)
	if err != nil {
		return nil, err
	}
	was := map[int64]*goals.Goal{}
	err = t.query("read goals", func(scan func(...any) error) error {
		var r row
		if err := scan(r.targets()...); err != nil {
			return err
		}
		g, err := r.goal()
		if err != nil {
			t.notice(fmt.Sprintf("goal #%d", r.number))
		}
		if g != nil && t.List().Number(r.number) == nil {
			was[r.number] = g
		}
		return nil
	}, "SELECT "+goalTable.read+" FROM goals WHERE number IN (SELECT number FROM events WHERE revision = $1)", revision)
	if err != nil || len(was) == 0 {
		return was, err
	}
	// From what they were when they were deleted, back through all that was done since the change.
	events, _, err := t.events("read changes since", "events AS e", `
		WHERE e.revision >= $1 AND e.number IN (SELECT number FROM events WHERE revision = $1)
		ORDER BY e.revision DESC, e.seq DESC`, revision)
	for _, e := range events {
		if g := was[e.Edit.Number]; g != nil {
			was[e.Edit.Number] = e.Edit.Undo(g)
		}
	}
	return was, err
}

// eventColumns are what is read of an event and of its change.
var eventColumns = changeTable.readAs("c") + ", " + eventTable.readAs("e")

// events reads events, and says whether any was left out because it is damaged.
func (t *tx) events(what, from, which string, args ...any) (events []event, damaged bool, err error) {
	query := fmt.Sprintf("SELECT %s FROM %s JOIN changes AS c ON c.revision = e.revision %s", eventColumns, from, which)
	err = t.query(what, func(scan func(...any) error) error {
		e, matches, err := scanEvent(scan)
		if err == nil && !matches {
			damaged = true
			t.notice(fmt.Sprintf("the history of #%d", e.Edit.Number))
			return nil
		}
		events = append(events, e)
		return err
	}, query, args...)
	return events, damaged, err
}

// scanEvent reads one event of which eventColumns were selected.
func scanEvent(scan func(...any) error) (e event, matches bool, err error) {
	var at, n, takenBack, changeSum, revision, number, eventSum int64
	var edit []byte
	err = scan(&e.Revision, &e.Key, &e.Name, &e.By, &at, &n, &takenBack, &changeSum,
		&revision, &e.seq, &number, &edit, &e.goal, &eventSum)
	if err != nil {
		return e, false, err
	}
	e.At, e.Goals, e.Undone, e.Edit.Number = fromNanos(at), int(n), takenBack != 0, number
	var goal any
	if e.goal.Valid {
		goal = e.goal.String
	}
	if changeSum != changeTable.sum(e.Revision, e.Key, e.Name, e.By, at, n, takenBack) ||
		eventSum != eventTable.sum(revision, e.seq, number, edit, goal) {
		return e, false, nil
	}
	if err := json.Unmarshal(edit, &e.Edit); err != nil {
		return e, false, fmt.Errorf("event %s of #%d: %w", e.Key, number, err)
	}
	return e, true, nil
}

// withoutRows is what of events is for others than this package.
func withoutRows(events []event) []store.Event {
	all := make([]store.Event, len(events))
	for i, e := range events {
		all[i] = e.Event
	}
	return all
}

// TakeBack implements store.Tx.
func (t *tx) TakeBack(key string) error {
	if err := t.mayWrite(); err != nil {
		return fmt.Errorf("take back: %w", err)
	}
	var revision, by, at, n, takenBack, sum int64
	var name string
	err := t.query("take back", func(scan func(...any) error) error {
		return scan(&revision, &key, &name, &by, &at, &n, &takenBack, &sum)
	}, "SELECT "+changeTable.read+" FROM changes WHERE key = $1", key)
	switch {
	case err != nil:
		return err
	case revision == 0:
		return fmt.Errorf("take back: there is no change %q", key)
	case sum != changeTable.sum(revision, key, name, by, at, n, takenBack):
		t.notice(fmt.Sprintf("the change %q", key))
		return fmt.Errorf("take back: %w: the change %q does not match its checksum; %s", ErrDamaged, key, cureRepair)
	}
	return t.change("take back", "UPDATE changes SET taken_back = 1, sum = $2 WHERE revision = $1",
		revision, changeTable.sum(revision, key, name, by, at, n, int64(1)))
}

// eachEvent reads the whole history, oldest first, and passes over what is
// damaged.
func eachEvent(ctx context.Context, q querier, each func(event)) error {
	rows, err := q.QueryContext(ctx, "SELECT "+eventColumns+" FROM events AS e JOIN changes AS c ON c.revision = e.revision ORDER BY e.revision, e.seq")
	if err != nil {
		return fmt.Errorf("read history: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		e, matches, err := scanEvent(rows.Scan)
		if err != nil {
			return fmt.Errorf("read history: %w", err)
		}
		if matches {
			each(e)
		}
	}
	return rows.Err()
}
