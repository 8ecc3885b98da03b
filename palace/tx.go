package palace

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

// querier is what *sql.DB, *sql.Tx and *sql.Conn have in common.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// tx is one [store.Tx], to read or to write in. The list and the messages are
// saved at the end; all else is written at once, so that it can be read back.
type tx struct {
	ctx    context.Context
	sql    *sql.Tx
	before goals.List
	origin store.Origin
	now    time.Time
	writes bool
	ended  bool

	notice   func(what string) // of a damaged row that was met
	keptKeys int               // how many keys stay
	bounds   bounds            // of the history
	capacity capacity          // of the outbox
	load     **load            // what waits in the outbox, for all updates of a batch; nil until somebody has asked
	records  *records          // for all updates of a batch
	prepared prepared          // for all updates of a batch
	back     decoder           // reads back what is saved

	list     *goals.List // a clone of before, once anyone has asked
	messages []store.Message
	grown    bool  // goals that were there have a longer history
	marked   bool  // there is a savepoint to go back to, before all that was changed
	failed   error // the first statement that failed
	claims   []claim
}

var errEnded = errors.New("the transaction is over")

// end makes every later use an error.
func (t *tx) end() { t.ended = true }

// read runs f, which only reads.
func (t *tx) read(f func(store.Tx) error) error {
	defer t.end()
	if err := f(t); err != nil {
		return err
	}
	if t.failed != nil {
		return fmt.Errorf("read database: %w", explain(t.failed))
	}
	return nil
}

// List implements store.Tx.
func (t *tx) List() *goals.List {
	if t.list == nil {
		list := t.before.Clone()
		t.list = &list
	}
	return t.list
}

// change runs one statement that writes. It may be called while the
// function that was handed the transaction runs, and not after it.
func (t *tx) change(what, query string, args ...any) error {
	if err := t.mayWrite(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if err := t.mark(); err != nil {
		return err
	}
	return t.exec(what, query, args...)
}

const (
	setSavepoint     = "SAVEPOINT one"
	backToSavepoint  = "ROLLBACK TO one"
	releaseSavepoint = "RELEASE one"
)

// mark makes a savepoint to go back to, unless there is one.
func (t *tx) mark() error {
	if t.marked {
		return nil
	}
	t.marked = true
	return t.exec("mark", setSavepoint)
}

// keep forgets the savepoint: what was changed stays. SQLite copies each page that is
// changed while there is one.
func (t *tx) keep() error {
	if !t.marked {
		return nil
	}
	t.marked = false
	return t.exec("keep", releaseSavepoint)
}

func (t *tx) mayRead() error {
	if t.ended {
		return errEnded
	}
	return t.failed
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

// rollBack undoes what was changed, but for the messages.
func (t *tx) rollBack() error {
	t.list = nil
	if !t.marked {
		return nil
	}
	*t.load = nil
	t.records.forget()
	return t.exec("put back", backToSavepoint)
}

// exec runs a statement. After one has failed no other is run: SQLite may have rolled
// back everything, and what followed would be a transaction of its own.
func (t *tx) exec(what, query string, args ...any) error {
	_, err := t.run(what, query, args...)
	return err
}

func (t *tx) run(what, query string, args ...any) (sql.Result, error) {
	if t.failed != nil {
		return nil, t.failed
	}
	result, err := t.prepared.exec(t.ctx, t.sql, query, args...)
	if err != nil {
		t.failed = fmt.Errorf("%s: %w", what, err)
	}
	return result, t.failed
}

// execCount is exec, and returns how many rows changed.
func (t *tx) execCount(what, query string, args ...any) (int64, error) {
	result, err := t.run(what, query, args...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	if err != nil {
		t.failed = fmt.Errorf("%s: %w", what, err)
	}
	return n, t.failed
}

// execOne is exec for a statement that has to change one row. Whether it did is looked
// at before the commit; wrong is the error if it did not.
func (t *tx) execOne(what string, wrong error, query string, args ...any) error {
	result, err := t.run(what, query, args...)
	if err == nil {
		t.claims = append(t.claims, claim{result, what, wrong})
	}
	return err
}

// claim is that a statement has changed one row.
type claim struct {
	result sql.Result
	what   string
	wrong  error
}

func (c claim) verify() error {
	n, err := c.result.RowsAffected()
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", c.what, err)
	case n != 1:
		return c.wrong
	}
	return nil
}

// prepared are the statements that were run in a transaction. To parse one takes as
// long as to run it, so one that is run again is prepared. It is nil where few are run.
type prepared map[string]*sql.Stmt // nil for one that ran once; all are closed with the transaction

// again returns a statement that is run again, and nil the first time.
func (p prepared) again(ctx context.Context, tx *sql.Tx, query string) (s *sql.Stmt, err error) {
	s, ran := p[query]
	if ran && s == nil {
		s, err = tx.PrepareContext(ctx, query)
	}
	if p != nil && err == nil {
		p[query] = s
	}
	return s, err
}

func (p prepared) exec(ctx context.Context, tx *sql.Tx, query string, args ...any) (sql.Result, error) {
	s, err := p.again(ctx, tx, query)
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return tx.ExecContext(ctx, query, args...)
	}
	return s.ExecContext(ctx, args...)
}

func (p prepared) query(ctx context.Context, tx *sql.Tx, query string, args ...any) (*sql.Rows, error) {
	s, err := p.again(ctx, tx, query)
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return tx.QueryContext(ctx, query, args...)
	}
	return s.QueryContext(ctx, args...)
}

// insert adds a row with its checksum.
func (t *tx) insert(what string, tb table, values ...any) error {
	return t.exec(what, tb.insert, tb.with(values...)...)
}

// query reads rows; each is called for every one of them.
func (t *tx) query(what string, each func(scan func(...any) error) error, query string, args ...any) error {
	if err := t.mayRead(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	err := func() error {
		rows, err := t.prepared.query(t.ctx, t.sql, query, args...)
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

// Send implements store.Tx.
func (t *tx) Send(m store.Message) error {
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

// Unsend implements store.Tx.
func (t *tx) Unsend(chat int64) error {
	err := t.change("drop messages", "DELETE FROM outbox WHERE chat = $1", chat)
	if err == nil {
		*t.load = nil
	}
	return err
}

// save writes the list, its events, the key and the messages, and returns
// the state that the commit will leave. The row of meta is written with the commit.
func (t *tx) save(m meta) (*state, error) {
	m.revision++
	next := &state{list: t.before}
	if t.list != nil {
		next.list = t.list.Clone() // who has kept t.List() cannot alter what is committed
		if err := t.saveChanges(goals.Diff(t.before, next.list), &next.list, &m); err != nil {
			return nil, err
		}
		next.list = next.list.Clone() // what is committed is no more changed
		m.lastNumber = max(m.lastNumber, next.list.LastNumber())
	}
	if t.origin.Key != "" && !t.origin.Once {
		if err := t.insert("keep key", keyTable, t.origin.Key, m.revision, nanos(t.now)); err != nil {
			return nil, err
		}
	}
	for _, message := range t.messages {
		m.lastMessage++
		if err := t.insert("queue message", messageTable, m.lastMessage, message.Chat, nanos(t.now), message.Body); err != nil {
			return nil, err
		}
	}
	if m.revision%pruneEvery == 0 {
		if err := t.prune(t.keptKeys); err != nil {
			return nil, err
		}
	}
	next.meta = m
	return next, nil
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
