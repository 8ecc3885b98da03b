package palace

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"goalbot/goals"
)

// This file keeps the history: what was done to which goal, by whom and when,
// so that it can be told and taken back.

// undo is the name of changes that LastChange passes over, whoever made them.
const undo = "undo"

// event is an event as it is kept.
type event struct {
	goals.Event
	seq     int64
	goal    sql.NullString // the goal as it was added, or put back by a repair
	changed int64          // how many events the change had
}

// saveChanges saves the goals that changed, and notes in the history how. list
// is the one that will be committed.
func (t *tx) saveChanges(changes []goals.Change, list *goals.List, m *meta) error {
	for seq, c := range changes {
		c, known, err := t.saveGoal(c, list, m)
		if err != nil {
			return err
		}
		var goal any
		if !known {
			goal = encode(c.After)
		}
		if err := t.saveEvent(m, int64(seq), goals.EditOf(c), goal); err != nil {
			return err
		}
	}
	if len(changes) == 0 {
		return nil
	}
	if err := t.saveChange(m.revision, len(changes)); err != nil {
		return err
	}
	return t.forgetHistory(changes, m)
}

func (t *tx) saveChange(revision int64, n int) error {
	o := t.origin
	return t.insert("record change", changeTable, revision, o.Key, o.Name, o.By, nanos(o.At), int64(n), int64(0))
}

// saveEvent notes what was done to one goal. goal is its body afterwards, or nil.
func (t *tx) saveEvent(m *meta, seq int64, e goals.Edit, goal any) error {
	edit, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("record event: %w", err)
	}
	body, _ := goal.(string)
	m.eventRows++
	m.eventBytes += int64(len(edit) + len(body))
	return t.insert("record event", eventTable, m.revision, seq, e.Number, edit, goal)
}

// Seen implements goals.Tx.
func (t *tx) Seen(key string) (bool, error) {
	found := false
	err := t.query("look up key", func(scan func(...any) error) error { found = true; return nil },
		"SELECT 1 FROM applied WHERE key = $1", key)
	return found, err
}

// Change implements goals.Tx.
func (t *tx) Change(key string) ([]goals.Event, error) {
	revision, err := t.revision("SELECT revision FROM changes WHERE key = $1", key)
	if err != nil || revision == 0 {
		return nil, err
	}
	events, _, err := t.wholeChange(revision)
	return events, err
}

// LastChange implements goals.Tx.
func (t *tx) LastChange(by int64) ([]goals.Event, error) {
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

// revision is the answer to a query, or 0 if there is none.
func (t *tx) revision(query string, args ...any) (revision int64, err error) {
	err = t.query("look up change", func(scan func(...any) error) error { return scan(&revision) }, query, args...)
	return revision, err
}

// wholeChange returns the events of a change, in the order of the goals, if
// none of them has been forgotten. It is an error if one of them is damaged:
// nothing may be done by what it says.
func (t *tx) wholeChange(revision int64) (whole []goals.Event, ok bool, err error) {
	events, damaged, err := t.events("read change", "events AS e", "WHERE e.revision = $1 ORDER BY e.seq", revision)
	switch {
	case err != nil:
		return nil, false, err
	case damaged:
		return nil, false, fmt.Errorf("read change: %w: a row of the history does not match its checksum; %s", ErrDamaged, mend)
	case len(events) == 0 || int64(len(events)) != events[0].changed:
		return nil, false, nil
	}
	return told(events), true, nil
}

// Events implements goals.Tx.
func (t *tx) Events(number int64, skip, limit int) ([]goals.Event, error) {
	return t.page("SELECT revision, seq FROM events WHERE number = $3", skip, limit, number)
}

// Recent implements goals.Tx.
func (t *tx) Recent(skip, limit int) ([]goals.Event, error) {
	return t.page("SELECT revision, seq FROM events", skip, limit)
}

// page reads one page of events, newest first. Which ones are on it is found
// in an index: what comes before them is not read.
func (t *tx) page(which string, skip, limit int, args ...any) ([]goals.Event, error) {
	page := fmt.Sprintf("(%s ORDER BY revision DESC, seq DESC LIMIT $1 OFFSET $2) AS page JOIN events AS e USING (revision, seq)", which)
	args = append([]any{max(limit, 0), max(skip, 0)}, args...)
	events, _, err := t.events("read events", page, "ORDER BY e.revision DESC, e.seq DESC", args...)
	return told(events), err
}

// Last implements goals.Tx.
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

// Before implements goals.Tx.
func (t *tx) Before(key string) (map[int64]*goals.Goal, error) {
	revision, err := t.revision("SELECT revision FROM changes WHERE key = $1", key)
	if err != nil || revision == 0 {
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
		e, sound, err := scanEvent(scan)
		if err == nil && !sound {
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
func scanEvent(scan func(...any) error) (e event, sound bool, err error) {
	var at, takenBack, changeSum, revision, number, eventSum int64
	var edit []byte
	err = scan(&e.Revision, &e.Key, &e.Name, &e.By, &at, &e.changed, &takenBack, &changeSum,
		&revision, &e.seq, &number, &edit, &e.goal, &eventSum)
	if err != nil {
		return e, false, err
	}
	e.At, e.Undone, e.Edit.Number = fromNanos(at), takenBack != 0, number
	var goal any
	if e.goal.Valid {
		goal = e.goal.String
	}
	if changeSum != changeTable.sum(e.Revision, e.Key, e.Name, e.By, at, e.changed, takenBack) ||
		eventSum != eventTable.sum(revision, e.seq, number, edit, goal) {
		return e, false, nil
	}
	if err := json.Unmarshal(edit, &e.Edit); err != nil {
		return e, false, fmt.Errorf("event %s of #%d: %w", e.Key, number, err)
	}
	return e, true, nil
}

// told is what of events is for others than this package.
func told(events []event) []goals.Event {
	all := make([]goals.Event, len(events))
	for i, e := range events {
		all[i] = e.Event
	}
	return all
}

// TakeBack implements goals.Tx.
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
		return fmt.Errorf("take back: %w: the change %q does not match its checksum; %s", ErrDamaged, key, mend)
	}
	_, err = t.change("take back", "UPDATE changes SET taken_back = 1, sum = $2 WHERE revision = $1",
		revision, changeTable.sum(revision, key, name, by, at, n, int64(1)))
	return err
}

// bounds are how much of the history stays: so many events of one goal, so many
// in all, and so many bytes of them. Beyond that the oldest are forgotten, but
// never the newest changes of a member that can be taken back, so many of each.
type bounds struct{ ofGoal, events, bytes, undoable int64 }

var historyBounds = bounds{ofGoal: 1_000, events: 250_000, bytes: 128 << 20, undoable: 20}

// forgetHistory keeps the history within its bounds, after these changes. It
// forgets an eighth more of a goal's events, and a sixteenth more of all, so
// that it need not do so every time.
func (t *tx) forgetHistory(changes []goals.Change, m *meta) error {
	f := forgetting{tx: t, m: m}
	if len(changes) <= 64 { // else each of so many goals had one change more
		for _, c := range changes {
			if err := f.ofGoal(c.Number()); err != nil {
				return err
			}
		}
	}
	b := t.bounds
	if m.eventRows > b.events || m.eventBytes > b.bytes {
		return f.oldest(b.events-b.events/16, b.bytes-b.bytes/16)
	}
	return nil
}

// forgetting is under way.
type forgetting struct {
	*tx
	m    *meta
	keep map[int64]bool // revisions that must stay; nil until somebody has asked
}

// kept reports whether a change must stay.
func (f *forgetting) kept(revision int64) (bool, error) {
	if f.keep != nil {
		return f.keep[revision], nil
	}
	f.keep = map[int64]bool{f.m.revision: true}
	for member := int64(math.MinInt64); ; {
		var next sql.NullInt64
		err := f.query("look up members", func(scan func(...any) error) error { return scan(&next) },
			"SELECT min(member) FROM changes WHERE member > $1", member)
		if err != nil {
			return true, err
		}
		if !next.Valid {
			return f.keep[revision], nil
		}
		if member = next.Int64; member == 0 {
			continue // nobody takes back what the program did
		}
		err = f.query("look up changes", func(scan func(...any) error) error {
			var r int64
			err := scan(&r)
			f.keep[r] = true
			return err
		}, "SELECT revision FROM changes WHERE member = $1 AND taken_back = 0 AND name <> $2 ORDER BY revision DESC LIMIT $3", member, undo, f.bounds.undoable)
		if err != nil {
			return true, err
		}
	}
}

// ofGoal forgets the oldest events of one goal if it has too many.
func (f *forgetting) ofGoal(number int64) error {
	most := f.bounds.ofGoal
	var revision, seq int64
	last := func(scan func(...any) error) error { return scan(&revision, &seq) }
	const nth = "SELECT revision, seq FROM events WHERE number = $1 ORDER BY revision DESC, seq DESC LIMIT 1 OFFSET $2"
	if err := f.query("count events", last, nth, number, most+most/8); err != nil || revision == 0 {
		return err
	}
	if err := f.query("count events", last, nth, number, most); err != nil {
		return err
	}
	type place struct{ revision, seq int64 }
	var old []place
	err := f.query("look for old events", func(scan func(...any) error) error {
		var p place
		err := scan(&p.revision, &p.seq)
		old = append(old, p)
		return err
	}, "SELECT revision, seq FROM events WHERE number = $1 AND (revision, seq) <= ($2, $3)", number, revision, seq)
	for _, p := range old {
		if err == nil {
			err = f.forget(p.revision, "revision = $1 AND seq = $2", p.revision, p.seq)
		}
	}
	return err
}

// oldest forgets the oldest changes until no more than that is left.
func (f *forgetting) oldest(events, bytes int64) error {
	for after := int64(math.MinInt64); f.m.eventRows > events || f.m.eventBytes > bytes; {
		var next sql.NullInt64
		err := f.query("look for old changes", func(scan func(...any) error) error { return scan(&next) },
			"SELECT min(revision) FROM changes WHERE revision > $1", after)
		if err != nil || !next.Valid {
			return err
		}
		after = next.Int64
		if err := f.forget(after, "revision = $1", after); err != nil {
			return err
		}
	}
	return nil
}

// forget drops events of one change, unless it must stay, the change itself if
// none is left, and the texts of deleted goals of which the history knows
// nothing any more.
func (f *forgetting) forget(revision int64, which string, args ...any) error {
	if stay, err := f.kept(revision); err != nil || stay {
		return err
	}
	var numbers []int64
	err := f.query("forget events", func(scan func(...any) error) error {
		var number, edit, goal int64
		err := scan(&number, &edit, &goal)
		numbers = append(numbers, number)
		f.m.eventRows--
		f.m.eventBytes -= edit + goal
		return err
	}, "DELETE FROM events WHERE "+which+" RETURNING number, length(edit), coalesce(length(CAST(goal AS BLOB)), 0)", args...)
	if err != nil {
		return err
	}
	_, err = f.exec("forget change", "DELETE FROM changes WHERE revision = $1 AND NOT EXISTS (SELECT 1 FROM events WHERE revision = $1)", revision)
	for _, number := range numbers {
		if err == nil {
			err = f.forgetText(number)
		}
	}
	return err
}

// forgetText drops the text of a deleted goal that nobody can take back any more.
func (f *forgetting) forgetText(number int64) error {
	var r row
	err := f.query("look for deleted goal", func(scan func(...any) error) error { return scan(r.targets()...) },
		"SELECT "+goalTable.read+" FROM goals WHERE number = $1 AND deleted <> 0 AND body <> '' AND NOT EXISTS (SELECT 1 FROM events WHERE number = $1)", number)
	if err != nil || r.number == 0 || r.sum != r.checksum() {
		return err
	}
	if g, err := r.goal(); err == nil && g.Updated.Year() > 1970 && g.Updated.Year() < 2200 { // beyond that are no nanoseconds
		r.deleted = max(r.deleted, nanos(g.Updated)) // see deletedAt
	}
	r.body = ""
	_, err = f.exec("forget text", "UPDATE goals SET deleted = $2, body = '', sum = $3 WHERE number = $1", number, r.deleted, r.checksum())
	return err
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
		e, sound, err := scanEvent(rows.Scan)
		if err != nil {
			return fmt.Errorf("read history: %w", err)
		}
		if sound {
			each(e)
		}
	}
	return rows.Err()
}
