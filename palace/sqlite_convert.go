package palace

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"

	"goalbot/goals"
)

// This file fills the tables of version 3 from those of version 2, which had a
// checksum (CRC-32C) for goals alone and two whole goals in each event.

// conversions are what a migration does beside its script, by version.
var conversions = map[int]func(context.Context, *sql.Tx) error{3: addSums}

func addSums(ctx context.Context, tx *sql.Tx) error {
	c := converter{ctx: ctx, Tx: tx, last: map[int64]uint64{}}
	for _, step := range []func() error{c.goals, c.history, c.keys, c.messages, c.deadLetters, c.records, c.meta} {
		if err := step(); err != nil {
			return err
		}
	}
	for _, name := range []string{"meta", "goals", "events", "applied", "outbox", "parked", "records"} {
		if _, err := tx.ExecContext(ctx, "DROP TABLE "+name+"_2"); err != nil {
			return err
		}
	}
	return nil
}

type converter struct {
	ctx context.Context
	*sql.Tx
	m    meta             // the counts of what is converted
	last map[int64]uint64 // how the last event left each goal: its print
}

func (c *converter) insert(tb table, values ...any) error {
	_, err := c.ExecContext(c.ctx, tb.insert, tb.with(values...)...)
	return err
}

// each reads the rows of a table one by one: they may be larger than memory,
// and each writes.
func (c *converter) each(from, order, columns string, targets []any, each func() error) error {
	rows, err := c.QueryContext(c.ctx, "SELECT rowid FROM "+from+" ORDER BY "+order)
	if err != nil {
		return err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return err
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, id := range ids {
		if err := c.QueryRowContext(c.ctx, "SELECT "+columns+" FROM "+from+" WHERE rowid = $1", id).Scan(targets...); err != nil {
			return fmt.Errorf("read %s: %w", from, err)
		}
		if err := each(); err != nil {
			return fmt.Errorf("convert %s: %w", from, err)
		}
	}
	return nil
}

// goals keeps the checksum of a row that did not match it: it does not match
// the new one either, and the row stays what it is, damaged.
func (c *converter) goals() error {
	var r row
	return c.each("goals_2", "number", "number, id, deleted, body, sum", r.targets(), func() error {
		if r.sum == oldSum(r) {
			r.sum = r.checksum()
		}
		_, err := c.ExecContext(c.ctx, goalTable.insert, r.values()...)
		return err
	})
}

// oldSum is the checksum of version 2.
func oldSum(r row) int64 {
	text := fmt.Appendf(nil, "%d %d %s%s", r.number, r.deleted, strconv.Quote(r.id), r.body)
	return int64(crc32.Checksum(text, crc32.MakeTable(crc32.Castagnoli)))
}

// history makes one change of the events with one key. Where what an event
// held cannot be read, the change is one of which something is forgotten.
func (c *converter) history() error {
	var key, name string
	var seq, revision, by, at, number, takenBack int64
	var before, after sql.NullString
	present := int64(0) // the revision that a change was made for
	return c.each("events_2", "revision, seq", "key, seq, revision, name, member, at, number, before, after, taken_back",
		[]any{&key, &seq, &revision, &name, &by, &at, &number, &before, &after, &takenBack}, func() error {
			if revision != present {
				present = revision
				var n int64
				if err := c.QueryRowContext(c.ctx, "SELECT count(*) FROM events_2 WHERE revision = $1", revision).Scan(&n); err != nil {
					return err
				}
				if err := c.insert(changeTable, revision, key, name, by, at, n, takenBack); err != nil {
					return err
				}
			}
			return c.event(revision, seq, number, before, after)
		})
}

func (c *converter) event(revision, seq, number int64, before, after sql.NullString) error {
	var change goals.Change
	for _, side := range []struct {
		body sql.NullString
		goal **goals.Goal
	}{{before, &change.Before}, {after, &change.After}} {
		if !side.body.Valid {
			continue
		}
		g, err := decode(number, side.body.String)
		if err != nil {
			return nil
		}
		*side.goal = g
	}
	if change == (goals.Change{}) {
		return nil
	}
	e := goals.EditOf(change)
	edit, err := json.Marshal(e)
	if err != nil {
		return err
	}
	var goal any
	if e.After != nil && c.last[number] != cmp.Or(e.Before, e.After).Print { // no event before says what it was
		goal = after.String
	}
	c.last[number] = cmp.Or(e.After, e.Before).Print
	body, _ := goal.(string)
	c.m.eventRows++
	c.m.eventBytes += int64(len(edit) + len(body))
	return c.insert(eventTable, revision, seq, number, edit, goal)
}

func (c *converter) keys() error {
	var key string
	var revision, at int64
	return c.each("applied_2", "revision", "key, revision, at", []any{&key, &revision, &at}, func() error {
		return c.insert(keyTable, key, revision, at)
	})
}

func (c *converter) messages() error {
	var id, chat, at int64
	var body []byte
	return c.each("outbox_2", "id", "id, chat, at, body", []any{&id, &chat, &at, &body}, func() error {
		return c.insert(messageTable, id, chat, at, body)
	})
}

func (c *converter) deadLetters() error {
	var id, chat, at int64
	var reason string
	var body []byte
	return c.each("parked_2", "id", "id, chat, at, reason, body", []any{&id, &chat, &at, &reason, &body}, func() error {
		return c.insert(deadLetterTable, id, chat, at, reason, deadLetterBody(body))
	})
}

func (c *converter) records() error {
	var kind, name, value string
	return c.each("records_2", "rowid", "kind, name, value", []any{&kind, &name, &value}, func() error {
		return c.insert(recordTable, kind, name, value)
	})
}

func (c *converter) meta() error {
	m := &c.m
	err := c.QueryRowContext(c.ctx, "SELECT store, revision, last_number, last_message, goal_rows FROM meta_2").
		Scan(&m.store, &m.revision, &m.lastNumber, &m.lastMessage, &m.goalRows)
	if err != nil {
		return err
	}
	_, err = c.ExecContext(c.ctx, metaTable.insert, m.row()...)
	return err
}
