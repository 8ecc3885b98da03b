package palace

import (
	"database/sql"
	"math"
	"slices"
	"time"
)

// This file drops the oldest events, so that the history does not grow for ever.

// bounds are how much of the history stays: so many events of one goal, so many
// in all, and so many bytes of them. Beyond that the oldest are forgotten, but
// never the newest changes of a member that can be taken back, so many of each.
type bounds struct{ ofGoal, events, bytes, undoable int64 }

var historyBounds = bounds{ofGoal: 1_000, events: 250_000, bytes: 128 << 20, undoable: 20}

// forgetHistory keeps the history within its bounds, after all changes since a revision.
// grown says that goals may have too many events by them. It forgets an eighth more of a
// goal's events, and a sixteenth more of all, so that it need not do so every time.
func (t *tx) forgetHistory(since meta, m *meta, grown bool) error {
	f := forgetting{tx: t, since: since, m: m}
	if grown {
		if err := f.ofGoals(); err != nil {
			return err
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
	since meta // what was changed since then stays
	m     *meta
	keep  map[int64]bool // revisions that must stay too; nil until somebody has asked
}

// kept reports whether a change must stay.
func (f *forgetting) kept(revision int64) (bool, error) {
	switch {
	case revision > f.since.revision:
		return true, nil
	case f.keep != nil:
		return f.keep[revision], nil
	}
	f.keep = map[int64]bool{}
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

// ofGoals forgets the oldest events of the goals that were changed and have too many.
func (f *forgetting) ofGoals() error {
	most := f.bounds.ofGoal
	var numbers []int64
	err := f.query("count events", func(scan func(...any) error) error {
		var n int64
		err := scan(&n)
		numbers = append(numbers, n)
		return err
	}, `SELECT number FROM events AS new WHERE revision BETWEEN $1 AND $2 AND number <= $3
		AND EXISTS (SELECT 1 FROM events WHERE number = new.number LIMIT 1 OFFSET $4)`,
		f.since.revision+1, f.m.revision, f.since.lastNumber, most+most/8)
	slices.Sort(numbers)
	for _, n := range slices.Compact(numbers) { // with DISTINCT, SQLite would read the whole history
		if err == nil {
			err = f.ofGoal(n, most)
		}
	}
	return err
}

// ofGoal forgets the oldest events of one goal, but for so many.
func (f *forgetting) ofGoal(number, most int64) error {
	var revision, seq int64
	err := f.query("count events", func(scan func(...any) error) error { return scan(&revision, &seq) },
		"SELECT revision, seq FROM events WHERE number = $1 ORDER BY revision DESC, seq DESC LIMIT 1 OFFSET $2", number, most)
	if err != nil {
		return err
	}
	type place struct{ revision, seq int64 }
	var old []place
	err = f.query("look for old events", func(scan func(...any) error) error {
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

// forget drops events of one change, unless it must stay. It drops the change
// itself if no event is left, and the text of a deleted goal with its last event.
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
	}, "DELETE FROM events WHERE "+which+" RETURNING number, octet_length(edit), coalesce(octet_length(goal), 0)", args...)
	if err != nil {
		return err
	}
	err = f.exec("forget change", "DELETE FROM changes WHERE revision = $1 AND NOT EXISTS (SELECT 1 FROM events WHERE revision = $1)", revision)
	for _, number := range numbers {
		if err == nil {
			err = f.forgetText(number)
		}
	}
	return err
}

// forgetText drops the text of a deleted goal whose deletion cannot be undone any more.
func (f *forgetting) forgetText(number int64) error {
	var r row
	err := f.query("look for deleted goal", func(scan func(...any) error) error { return scan(r.targets()...) },
		"SELECT "+goalTable.read+" FROM goals WHERE number = $1 AND deleted <> 0 AND body <> '' AND NOT EXISTS (SELECT 1 FROM events WHERE number = $1)", number)
	if err != nil || r.number == 0 || r.sum != r.checksum() {
		return err
	}
	if g, err := r.goal(); err == nil && g.Updated.Before(time.Unix(0, math.MaxInt64)) { // beyond that are no nanoseconds
		r.deleted = nanos(deletedAt(fromNanos(r.deleted), g))
	}
	r.body = ""
	err = f.exec("forget text", "UPDATE goals SET deleted = $2, body = '', sum = $3 WHERE number = $1", number, r.deleted, r.checksum())
	return err
}
