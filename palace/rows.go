package palace

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/progress"
)

// This file turns goals into rows and back.

// meta is the one row of the table meta.
type meta struct {
	store                                       string
	revision, lastNumber, lastMessage, goalRows int64
	eventRows, eventBytes                       int64
}

func (m meta) values() []any {
	return []any{int64(1), m.store, m.revision, m.lastNumber, m.lastMessage, m.goalRows, m.eventRows, m.eventBytes}
}

// row is what [saveMeta] takes.
func (m meta) row() []any { return metaTable.with(m.values()...) }

const saveMeta = `UPDATE meta SET only_one = $1, store = $2, revision = $3, last_number = $4, last_message = $5,
	goal_rows = $6, event_rows = $7, event_bytes = $8, sum = $9`

var metaRead = read{statement{text: "SELECT " + metaTable.read + " FROM meta"}, "meta"}

func readMeta(ctx context.Context, q querier) (meta, error) {
	var m meta
	var one, sum int64
	err := q.QueryRowContext(ctx, metaRead.text).
		Scan(&one, &m.store, &m.revision, &m.lastNumber, &m.lastMessage, &m.goalRows, &m.eventRows, &m.eventBytes, &sum)
	if err != nil {
		return m, fmt.Errorf("read revision: %w", err)
	}
	if sum != metaTable.sum(m.values()...) {
		return m, &DamageError{What: "the row of the table meta does not match its checksum"}
	}
	return m, nil
}

// readState reads the list, and verifies every row. path is what errors call the database.
func readState(ctx context.Context, q querier, m meta, path string) (*state, error) {
	list := make([]*goals.Goal, 0, min(m.goalRows, goals.MaxGoals))
	retired := make(map[string]goals.Retired)
	err := eachGoal(ctx, q, m, path, func(r row, g *goals.Goal) {
		if r.deleted == 0 {
			list = append(list, g)
		} else {
			retired[r.id] = goals.Retired{Number: r.number, At: deletedAt(fromNanos(r.deleted), g)}
		}
	})
	if err != nil {
		return nil, err
	}
	return &state{meta: m, list: goals.NewList(m.lastNumber, list).WithRetired(retired)}, nil
}

// eachGoal reads the table goals and verifies every row, in the order of the numbers.
// A goal is nil where it is deleted and its text forgotten. With an error nothing
// counts of what it has handed out.
func eachGoal(ctx context.Context, q querier, m meta, path string, each func(row, *goals.Goal)) error {
	damage := &DamageError{Path: path}
	count := int64(0)
	var into decoder
	var failed error
	overlap(func(fetched func(row)) {
		failed = eachRow(ctx, q, fetched)
	}, func(r row) {
		count++
		progress.Step(ctx, progress.Reading, count, m.goalRows)
		g, err := r.goalBy(into.decode)
		if err != nil {
			damage.Numbers = append(damage.Numbers, r.number)
			return
		}
		each(r, g)
	})
	if failed != nil {
		return failed
	}
	if count != m.goalRows {
		damage.What = fmt.Sprintf("there are rows of %d goals, and there should be %d", count, m.goalRows)
	}
	if damage.Numbers != nil || damage.What != "" {
		return damage
	}
	return nil
}

// deletedAt is when a goal was deleted, by whichever clock was ahead: the one
// here, or that of whoever updated the goal last.
func deletedAt(at time.Time, g *goals.Goal) time.Time {
	if g != nil && g.Updated.After(at) {
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
	rows, err := q.QueryContext(ctx, "SELECT "+goalTable.read+" FROM goals ORDER BY number")
	if err != nil {
		return fmt.Errorf("read goals: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r row
		if err := rows.Scan(r.targets()...); err != nil {
			return fmt.Errorf("read goals: %w", err)
		}
		each(r)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read goals: %w", err)
	}
	return nil
}

// targets are what a row is scanned into.
func (r *row) targets() []any { return []any{&r.number, &r.id, &r.deleted, &r.body, &r.sum} }

func (r *row) checksum() int64 { return goalTable.sum(r.number, r.id, r.deleted, r.body) }

// values are the values of the row, for insert.
func (r *row) values() []any { return []any{r.number, r.id, r.deleted, r.body, r.sum} }

var errSum = errors.New("the row does not match its checksum")

// goal returns what the row says, if it can be trusted: nil for a deleted goal
// whose text has been forgotten.
func (r *row) goal() (*goals.Goal, error) { return r.goalBy(decode) }

// goalBy is goal with another decode, as that of a decoder.
func (r *row) goalBy(decode func(number int64, body string) (*goals.Goal, error)) (*goals.Goal, error) {
	if r.sum != r.checksum() {
		return nil, errSum
	}
	if r.deleted != 0 && r.body == "" {
		return nil, nil
	}
	g, err := decode(r.number, r.body)
	if err == nil && g.ID != r.id {
		err = errSum
	}
	return g, err
}

// savedGoal is a change as it is kept.
type savedGoal struct {
	goals.Change // After is what can be read back
	row          row
	edit         []byte // as [editOf] makes it
	known        bool   // whether the history knows without the body how the goal is now
	differs      bool   // After is not as it was to be saved
	err          error  // why it cannot be kept
}

// saved makes the rows of a change, and reads back that of the goal: what cannot be read
// back must not be written.
func (d *decoder) saved(c goals.Change, now time.Time) (s savedGoal) {
	g := c.After
	s = savedGoal{Change: c, row: row{number: c.Number()}, known: c.Before != nil}
	switch {
	case g == nil:
		g = c.Before
		s.row.deleted = max(nanos(now), 1)
	case c.Before != nil && c.Before.ID != g.ID:
		s.err = fmt.Errorf("save goal #%d: its id may not change", s.row.number)
		return s
	}
	s.row.id, s.row.body = g.ID, encode(g)
	s.row.sum = s.row.checksum()
	back, err := s.row.goalBy(d.decode)
	if err != nil {
		s.err = fmt.Errorf("save goal #%d: %w", s.row.number, err)
		return s
	}
	if c.After != nil && !(back.Same(g) && back.Updated.Equal(g.Updated)) {
		s.After, s.differs = back, true
	}
	s.edit, s.err = editOf(s.Change)
	return s
}

// saveGoal writes the row of one changed goal. list is the one that will be
// committed.
func (t *tx) saveGoal(s *savedGoal, list *goals.List, m *meta) error {
	r := &s.row
	switch {
	case s.After == nil:
		list.DeletedAt(r.id, deletedAt(t.now, s.Before))
	case s.differs:
		list.Put(s.After) // the list is what can be read back, as after the next start; mostly it is already
	}
	if s.Before == nil && r.number > m.lastNumber {
		m.goalRows++
		return t.execOne("add goal", takenError{r.number, r.id}, goalTable.insert+" ON CONFLICT DO NOTHING", r.values()...)
	}
	if s.Before == nil {
		// A number that was given before is given again to the same goal only.
		n, err := t.execCount("add goal", goalTable.insert+" ON CONFLICT DO NOTHING", r.values()...)
		if err != nil {
			return err
		}
		if n == 1 {
			m.goalRows++
			return nil
		}
		was, err := t.goalRow(r.number)
		if err != nil {
			return err
		}
		s.known = was != nil && was.Print() == s.After.Print()
	}
	return t.execOne("save goal", takenError{r.number, r.id}, "UPDATE goals SET deleted = $3, body = $4, sum = $5 WHERE number = $1 AND id = $2", r.values()...)
}

// takenError is that the number or the id of a goal is that of another one.
type takenError struct {
	number int64
	id     string
}

func (e takenError) Error() string {
	return fmt.Sprintf("save goal #%d: its number or its id %q belongs to another goal, maybe a deleted one", e.number, e.id)
}

// goalRow returns what the row of a goal says, whether or not the goal is
// deleted: nil where there is none that can be trusted, or no text any more.
func (t *tx) goalRow(number int64) (g *goals.Goal, err error) {
	err = t.query("read goal", func(scan func(...any) error) error {
		var r row
		if err := scan(r.targets()...); err != nil {
			return err
		}
		var gerr error
		if g, gerr = r.goal(); gerr != nil {
			t.notice(fmt.Sprintf("goal #%d", number))
		}
		return nil
	}, "SELECT "+goalTable.read+" FROM goals WHERE number = $1", number)
	return g, err
}

// encode returns the text of a goal: what goals.json has of it and, where it has a
// plan, that behind it in an array of the two.
func encode(g *goals.Goal) string {
	body := goaljson.AppendGoal(nil, g)
	if g.Plan().IsZero() {
		return string(body)
	}
	plan, err := json.Marshal(g.Plan())
	if err != nil {
		panic(err) // it has texts and numbers only
	}
	return "[" + string(body) + "," + string(plan) + "]"
}

// decode reads the text of one goal, as encode makes it.
func decode(number int64, body string) (*goals.Goal, error) {
	return decodeBy(goaljson.DecodeGoal, number, []byte(body))
}

// decoder reads the texts of many goals.
type decoder struct {
	goaljson.Decoder
	text []byte // the last one
}

func (d *decoder) decode(number int64, body string) (*goals.Goal, error) {
	d.text = append(d.text[:0], body...)
	return decodeBy(d.Goal, number, d.text)
}

// decodeBy reads the text of a goal, of which read reads what goals.json has.
func decodeBy(read func([]byte) (*goals.Goal, error), number int64, body []byte) (*goals.Goal, error) {
	shared, plan := body, []byte(nil)
	if bytes.HasPrefix(body, []byte("[")) {
		var parts []json.RawMessage
		if err := json.Unmarshal(shared, &parts); err != nil {
			return nil, err
		}
		if len(parts) != 2 {
			return nil, errors.New("it is not a goal and its plan")
		}
		shared, plan = parts[0], parts[1]
	}
	g, err := read(shared)
	if err != nil {
		return nil, err
	}
	g.Number = number
	if plan != nil {
		var p goals.Plan
		err = json.Unmarshal(plan, &p)
		g.SetPlan(p)
	}
	return g, err
}
