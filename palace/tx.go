package palace

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"goalbot/goals"
)

// querier is what *sql.DB, *sql.Tx and *sql.Conn have in common.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// tx is one [goals.Tx], to read or to write in. The list and the messages are
// saved at the end; all else is written at once, so that it can be read back.
type tx struct {
	ctx    context.Context
	sql    *sql.Tx
	before goals.List
	origin goals.Origin
	now    time.Time
	writes bool
	ended  bool

	keptKeys int // how many keys stay
	capacity capacity
	load     **load // what waits in the outbox, for all updates of a batch; nil until somebody has asked

	list     *goals.List // a clone of before, once anyone has asked
	messages []goals.Message
	marked   bool  // there is a savepoint to go back to
	failed   error // the first statement that failed
}

var errEnded = errors.New("the transaction is over")

// end makes every later use an error.
func (t *tx) end() { t.ended = true }

// read runs f, which only reads.
func (t *tx) read(f func(goals.Tx) error) error {
	defer t.end()
	if err := f(t); err != nil {
		return err
	}
	if t.failed != nil {
		return fmt.Errorf("read palace: %w", explain(t.failed))
	}
	return nil
}

// List implements goals.Tx.
func (t *tx) List() *goals.List {
	if t.list == nil {
		list := t.before.Clone()
		t.list = &list
	}
	return t.list
}

// change runs one statement that writes. It may be called while the
// function that was handed the transaction runs, and not after it.
func (t *tx) change(what, query string, args ...any) (int64, error) {
	if err := t.mayWrite(); err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	if !t.marked {
		if _, err := t.exec("mark", "SAVEPOINT f"); err != nil {
			return 0, err
		}
		t.marked = true
	}
	return t.exec(what, query, args...)
}

func (t *tx) mayWrite() error {
	switch {
	case t.ended:
		return errEnded
	case !t.writes:
		return ErrReadOnly
	}
	return nil
}

// putBack undoes what was changed, but for the messages.
func (t *tx) putBack() error {
	t.list = nil
	if !t.marked {
		return nil
	}
	t.marked, *t.load = false, nil
	_, err := t.exec("put back", "ROLLBACK TO f")
	return err
}

// exec runs a statement and returns how many rows it changed. After one has
// failed no other is run: SQLite may have rolled back everything, and what
// followed would be a transaction of its own.
func (t *tx) exec(what, query string, args ...any) (int64, error) {
	if t.failed != nil {
		return 0, t.failed
	}
	result, err := t.sql.ExecContext(t.ctx, query, args...)
	if err != nil {
		t.failed = fmt.Errorf("%s: %w", what, err)
		return 0, t.failed
	}
	return result.RowsAffected()
}

// query reads rows; each is called for every one of them.
func (t *tx) query(what string, each func(scan func(...any) error) error, query string, args ...any) error {
	if t.ended {
		return fmt.Errorf("%s: %w", what, errEnded)
	}
	if t.failed != nil {
		return t.failed
	}
	err := func() error {
		rows, err := t.sql.QueryContext(t.ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := each(rows.Scan); err != nil {
				return err
			}
		}
		return rows.Err()
	}()
	if err != nil {
		t.failed = fmt.Errorf("%s: %w", what, err)
	}
	return t.failed
}

// Seen implements goals.Tx.
func (t *tx) Seen(key string) (bool, error) {
	found := false
	err := t.query("look up key", func(scan func(...any) error) error { found = true; return nil },
		"SELECT 1 FROM applied WHERE key = $1", key)
	return found, err
}

// undo is the name of changes that LastChange passes over, whoever made them.
const undo = "undo"

// Change implements goals.Tx.
func (t *tx) Change(key string) ([]goals.Event, error) {
	return t.events("read change", "WHERE key = $1 ORDER BY seq", key)
}

// LastChange implements goals.Tx.
func (t *tx) LastChange(by int64) ([]goals.Event, error) {
	if by == 0 {
		return nil, nil // what the program did is not anyone's to take back
	}
	return t.events("read last change", `
		WHERE taken_back = 0 AND key = (
			SELECT key FROM events WHERE member = $1 AND taken_back = 0 AND name <> $2
			ORDER BY revision DESC, seq LIMIT 1)
		ORDER BY seq`, by, undo)
}

// Events implements goals.Tx.
func (t *tx) Events(number int64, limit int) ([]goals.Event, error) {
	return t.events("read events", "WHERE number = $1 ORDER BY revision DESC, seq DESC LIMIT $2", number, max(limit, 0))
}

// Recent implements goals.Tx.
func (t *tx) Recent(skip, limit int) ([]goals.Event, error) {
	return t.events("read recent events", "ORDER BY revision DESC, seq DESC LIMIT $1 OFFSET $2", max(limit, 0), max(skip, 0))
}

// Last implements goals.Tx.
func (t *tx) Last(name string) (map[int64]time.Time, error) {
	times := map[int64]time.Time{}
	err := t.query("read times of changes", func(scan func(...any) error) error {
		var number, at int64
		err := scan(&number, &at)
		times[number] = fromNanos(at)
		return err
	}, "SELECT number, max(at) FROM events WHERE name = $1 AND taken_back = 0 GROUP BY number", name)
	return times, err
}

func (t *tx) events(what, which string, args ...any) ([]goals.Event, error) {
	var events []goals.Event
	err := t.query(what, func(scan func(...any) error) error {
		var e goals.Event
		var at, number int64
		var before, after sql.NullString
		if err := scan(&e.Key, &e.Name, &e.By, &at, &number, &before, &after, &e.Undone); err != nil {
			return err
		}
		e.At = fromNanos(at)
		var err error
		if e.Change.Before, err = decodeMaybe(number, before); err != nil {
			return fmt.Errorf("event %s of #%d: %w", e.Key, number, err)
		}
		if e.Change.After, err = decodeMaybe(number, after); err != nil {
			return fmt.Errorf("event %s of #%d: %w", e.Key, number, err)
		}
		events = append(events, e)
		return nil
	}, "SELECT key, name, member, at, number, before, after, taken_back FROM events "+which, args...)
	return events, err
}

// TakeBack implements goals.Tx.
func (t *tx) TakeBack(key string) error {
	n, err := t.change("take back", "UPDATE events SET taken_back = 1 WHERE key = $1", key)
	if err == nil && n == 0 {
		return fmt.Errorf("take back: there is no change %q", key)
	}
	return err
}

// Record implements goals.Tx.
func (t *tx) Record(kind, name string) (string, error) {
	var value string
	err := t.query("read record", func(scan func(...any) error) error { return scan(&value) },
		"SELECT value FROM records WHERE kind = $1 AND name = $2", kind, name)
	return value, err
}

// Records implements goals.Tx.
func (t *tx) Records(kind string) (map[string]string, error) {
	values := make(map[string]string)
	err := t.query("read records", func(scan func(...any) error) error {
		var name, value string
		err := scan(&name, &value)
		values[name] = value
		return err
	}, "SELECT name, value FROM records WHERE kind = $1", kind)
	return values, err
}

// SetRecord implements goals.Tx.
func (t *tx) SetRecord(kind, name, value string) error {
	if value == "" {
		_, err := t.change("forget record", "DELETE FROM records WHERE kind = $1 AND name = $2", kind, name)
		return err
	}
	_, err := t.change("keep record", `
		INSERT INTO records (kind, name, value) VALUES ($1, $2, $3)
		ON CONFLICT (kind, name) DO UPDATE SET value = excluded.value`, kind, name, value)
	return err
}

// Send implements goals.Tx.
func (t *tx) Send(m goals.Message) error {
	if err := t.mayWrite(); err != nil {
		return fmt.Errorf("queue message: %w", err)
	}
	if m.Chat == 0 {
		return errors.New("queue message: it has no chat")
	}
	l, err := t.waiting()
	if err == nil {
		err = t.capacity.room(l, m.Chat, len(m.Body))
	}
	if err != nil {
		return fmt.Errorf("queue message: %w", err)
	}
	l.add(m.Chat, len(m.Body))
	t.messages = append(t.messages, m)
	return nil
}

// Unsend implements goals.Tx.
func (t *tx) Unsend(chat int64) error {
	_, err := t.change("drop messages", "DELETE FROM outbox WHERE chat = $1", chat)
	if err == nil {
		*t.load = nil
	}
	return err
}

// save writes the list, its events, the key and the messages, and returns
// the state that the commit will leave.
func (t *tx) save(m meta) (*state, error) {
	m.revision++
	next := &state{list: t.before}
	if t.list != nil {
		next.list = t.list.Clone() // whoever kept t.List() cannot alter what is committed
		changes := goals.Diff(t.before, next.list)
		for i, c := range changes {
			if err := t.saveGoal(c, &next.list, &m); err != nil {
				return nil, err
			}
			if err := t.saveEvent(i, c, m.revision); err != nil {
				return nil, err
			}
		}
		m.lastNumber = max(m.lastNumber, next.list.LastNumber())
	}
	if t.origin.Key != "" && !t.origin.Once {
		if _, err := t.exec("keep key", "INSERT INTO applied (key, revision, at) VALUES ($1, $2, $3)",
			t.origin.Key, m.revision, nanos(t.now)); err != nil {
			return nil, err
		}
	}
	for _, message := range t.messages {
		m.lastMessage++
		body := message.Body
		if body == nil {
			body = []byte{}
		}
		if _, err := t.exec("queue message", "INSERT INTO outbox (id, chat, body, at) VALUES ($1, $2, $3, $4)",
			m.lastMessage, message.Chat, body, nanos(t.now)); err != nil {
			return nil, err
		}
	}
	if m.revision%pruneEvery == 0 {
		if err := t.prune(t.keptKeys); err != nil {
			return nil, err
		}
	}
	if _, err := t.exec("keep revision", `
		UPDATE meta SET revision = $1, last_number = $2, last_message = $3, goal_rows = $4`,
		m.revision, m.lastNumber, m.lastMessage, m.goalRows); err != nil {
		return nil, err
	}
	next.meta = m
	return next, nil
}

func (t *tx) saveEvent(seq int, c goals.Change, revision int64) error {
	_, err := t.exec("record event", `
		INSERT INTO events (key, seq, revision, name, member, at, number, before, after)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		t.origin.Key, seq, revision, t.origin.Name, t.origin.By, nanos(t.origin.At), c.Number(),
		encodeMaybe(c.Before), encodeMaybe(c.After))
	return err
}

const (
	keptKeys   = 50_000 // Telegram repeats an update for a day at most
	pruneEvery = 1_000
)

// prune forgets the oldest keys.
func (t *tx) prune(keptKeys int) error {
	_, err := t.exec("forget old keys", `
		DELETE FROM applied WHERE revision <= (
			SELECT revision FROM applied ORDER BY revision DESC LIMIT 1 OFFSET $1)`, keptKeys)
	return err
}

// nanos is how times are kept: 0 is the zero time.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func fromNanos(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// discard closes a connection instead of giving it back to its pool.
func discard(conn *sql.Conn) {
	conn.Raw(func(any) error { return driver.ErrBadConn })
}
