package palace

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"time"

	"goalbot/goals"
	"goalbot/goals/goaljson"
)

// This file turns goals into rows and back. SQLite keeps no checksums of its
// pages, so every row has one of its own, and a row that does not match it is
// reported and never passed over.

// meta is the one row of the table meta, but for the name of the store.
type meta struct{ revision, lastNumber, lastMessage, goalRows int64 }

func readMeta(ctx context.Context, q querier) (meta, error) {
	var m meta
	err := q.QueryRowContext(ctx, "SELECT revision, last_number, last_message, goal_rows FROM meta").
		Scan(&m.revision, &m.lastNumber, &m.lastMessage, &m.goalRows)
	if err != nil {
		return m, fmt.Errorf("read revision: %w", err)
	}
	return m, nil
}

// readState reads the list, and verifies every row.
func (p *Palace) readState(ctx context.Context, q querier, m meta) (*state, error) {
	var list []*goals.Goal
	retired := make(map[string]goals.Retired)
	damage := &DamageError{Path: p.path}
	count := int64(0)
	err := eachRow(ctx, q, func(r row) {
		count++
		g, err := r.goal()
		switch {
		case err != nil:
			damage.Numbers = append(damage.Numbers, r.number)
		case r.deleted == 0:
			list = append(list, g)
		default:
			retired[r.id] = goals.Retired{Number: r.number, At: deletedAt(fromNanos(r.deleted), g)}
		}
	})
	if err != nil {
		return nil, err
	}
	if count != m.goalRows {
		damage.What = fmt.Sprintf("there are rows of %d goals, and there should be %d", count, m.goalRows)
	}
	if damage.Numbers != nil || damage.What != "" {
		return nil, damage
	}
	return &state{meta: m, list: goals.NewList(m.lastNumber, list).WithRetired(retired)}, nil
}

// deletedAt is when a goal was deleted, by whichever clock was ahead: the one
// here, or that of whoever updated the goal last.
func deletedAt(at time.Time, g *goals.Goal) time.Time {
	if g.Updated.After(at) {
		return g.Updated
	}
	return at
}

// row is one row of the table goals.
type row struct {
	number  int64
	id      string
	body    string
	deleted int64
	sum     int64
}

// eachRow reads the table goals, damaged or not, in the order of the numbers.
func eachRow(ctx context.Context, q querier, each func(row)) error {
	rows, err := q.QueryContext(ctx, "SELECT number, id, body, deleted, sum FROM goals ORDER BY number")
	if err != nil {
		return fmt.Errorf("read goals: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.number, &r.id, &r.body, &r.deleted, &r.sum); err != nil {
			return fmt.Errorf("read goals: %w", err)
		}
		each(r)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read goals: %w", err)
	}
	return nil
}

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	errSum     = errors.New("the row does not match its checksum")
)

func (r *row) checksum() int64 {
	text := make([]byte, 0, len(r.body)+len(r.id)+64)
	text = strconv.AppendInt(text, r.number, 10)
	text = append(text, ' ')
	text = strconv.AppendInt(text, r.deleted, 10)
	text = append(text, ' ')
	text = strconv.AppendQuote(text, r.id)
	text = append(text, r.body...)
	return int64(crc32.Checksum(text, castagnoli))
}

// goal returns what the row says, if it can be trusted.
func (r *row) goal() (*goals.Goal, error) {
	if r.sum != r.checksum() {
		return nil, errSum
	}
	g, err := decode(r.number, r.body)
	if err == nil && g.ID != r.id {
		err = errSum
	}
	return g, err
}

// saveGoal writes the row of one changed goal. list is the one that will be
// committed.
func (t *tx) saveGoal(c goals.Change, list *goals.List, m *meta) error {
	g := c.After
	r := row{number: c.Number()}
	switch {
	case r.number <= 0:
		return fmt.Errorf("save goal %q: it has no number", g.ID)
	case g == nil:
		g = c.Before
		r.deleted = max(nanos(t.now), 1)
		list.DeletedAt(g.ID, deletedAt(t.now, g))
	case c.Before != nil && c.Before.ID != g.ID:
		return fmt.Errorf("save goal #%d: its id may not change", r.number)
	}
	r.id, r.body = g.ID, encode(g)
	r.sum = r.checksum()
	back, err := r.goal() // what cannot be read back must not be written
	if err != nil {
		return fmt.Errorf("save goal #%d: %w", r.number, err)
	}
	if c.After != nil && !(back.Same(g) && back.Updated.Equal(g.Updated)) {
		list.Put(back) // the list is what can be read back, as after the next start
	}
	if c.Before == nil {
		// A number that was given before is given again to the same goal only.
		n, err := t.exec("add goal", `
			INSERT INTO goals (number, id, body, deleted, sum) VALUES ($1, $2, $3, 0, $4)
			ON CONFLICT DO NOTHING`, r.number, r.id, r.body, r.sum)
		if err != nil {
			return err
		}
		if n == 1 {
			m.goalRows++
			return nil
		}
	}
	n, err := t.exec("save goal", "UPDATE goals SET body = $3, deleted = $4, sum = $5 WHERE number = $1 AND id = $2",
		r.number, r.id, r.body, r.deleted, r.sum)
	if err == nil && n != 1 {
		return fmt.Errorf("save goal #%d: its number or its id %q belongs to another goal, maybe a deleted one", r.number, r.id)
	}
	return err
}

func encode(g *goals.Goal) string { return string(goaljson.AppendGoal(nil, g)) }

func decode(number int64, body string) (*goals.Goal, error) {
	g, err := goaljson.DecodeGoal([]byte(body))
	if err != nil {
		return nil, err
	}
	g.Number = number
	return g, nil
}

func encodeMaybe(g *goals.Goal) any {
	if g == nil {
		return nil
	}
	return encode(g)
}

func decodeMaybe(number int64, body sql.NullString) (*goals.Goal, error) {
	if !body.Valid {
		return nil, nil
	}
	return decode(number, body.String)
}
