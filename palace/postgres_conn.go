package palace

import (
	"context"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// This file is a connection to PostgreSQL as the rules expect one: it holds any
// text, its transactions are those of SQLite, and it never waits for ever.

// pgConn is a connection to a server.
type pgConn struct {
	*stdlib.Conn
	begin string // what a transaction that writes begins with
	fence *lease // whose leader alone may write; nil for anybody
	inTx  bool
}

// within is a context for one answer, which may take a while but not for ever: a
// server behind a broken network never answers. extend gives it the time again.
func within(ctx context.Context, d time.Duration) (limited context.Context, extend, stop func()) {
	limited, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(d, func() { cancel(errSilent) })
	return limited, func() { timer.Reset(d) }, func() { timer.Stop(); cancel(nil) }
}

func isSilent(err error) bool {
	lost, ok := errors.AsType[*unreachable](err)
	return ok && lost.err == errSilent
}

var errSilent = errors.New("it has not answered for " + answerTime.String())

// fault says of an error that it is none of the server's answers, where it is not.
func (c *pgConn) fault(ctx context.Context, err error) error {
	switch {
	case err == nil, errors.Is(err, driver.ErrBadConn):
		return err
	case context.Cause(ctx) == errSilent:
		return &unreachable{errSilent}
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	if _, answered := errors.AsType[*pgconn.PgError](err); !answered && c.Conn.Conn().IsClosed() {
		return &unreachable{err}
	}
	return err
}

// brokeUnused reports that a connection broke, most likely while nobody used it, so
// that what was asked of it first can be asked of another one.
func (c *pgConn) brokeUnused(ctx context.Context) bool {
	return !c.inTx && ctx.Err() == nil && c.Conn.Conn().IsClosed()
}

// BeginTx begins a transaction. One that only reads sees one state.
func (c *pgConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	begin := c.begin
	if o.ReadOnly {
		begin = beginReading
	} else if c.fence != nil {
		begin += ";" + c.fence.check()
	}
	rows, err := c.runAll(ctx, begin)
	switch {
	case err == nil && !o.ReadOnly && c.fence != nil && rows == 0:
		_ = pgTx{c}.Rollback()
		return nil, c.fence.lost()
	case err == nil:
		c.inTx = true
		return pgTx{c}, nil
	case c.brokeUnused(ctx) && !isSilent(err):
		return nil, driver.ErrBadConn
	default:
		_ = pgTx{c}.Rollback() // BEGIN may have succeeded, and what follows it not
		return nil, err
	}
}

// runAll runs statements in one round trip, and returns how many rows the last of
// them yields.
func (c *pgConn) runAll(ctx context.Context, statements string) (rows int, err error) {
	if c.Conn.Conn().IsClosed() {
		return 0, driver.ErrBadConn
	}
	ctx, _, stop := within(ctx, answerTime)
	defer stop()
	results, err := c.Conn.Conn().PgConn().Exec(ctx, statements).ReadAll()
	if err != nil || len(results) == 0 {
		return 0, c.fault(ctx, err)
	}
	return len(results[len(results)-1].Rows), nil
}

type pgTx struct{ conn *pgConn }

// Commit reports an error also where the server has rolled back.
func (t pgTx) Commit() error {
	t.conn.inTx = false
	ctx, _, stop := within(context.Background(), answerTime)
	defer stop()
	conn := t.conn.Conn.Conn()
	tag, err := conn.Exec(ctx, "COMMIT")
	if err == nil && tag.String() == "ROLLBACK" {
		err = pgx.ErrTxCommitRollback
	}
	return t.conn.fault(ctx, err)
}

func (t pgTx) Rollback() error {
	t.conn.inTx = false
	if t.conn.Conn.Conn().IsClosed() {
		return nil // the server does it by itself
	}
	_, err := t.conn.runAll(context.Background(), "ROLLBACK")
	return err
}

func (c *pgConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	ctx, _, stop := within(ctx, answerTime)
	defer stop()
	result, err := c.Conn.ExecContext(ctx, query, kept(args))
	return result, c.fault(ctx, err)
}

// PrepareContext leaves it to the driver to prepare what is run more than once.
func (c *pgConn) PrepareContext(_ context.Context, query string) (driver.Stmt, error) {
	return &pgStmt{c, query}, nil
}

// pgStmt is a statement that only runs.
type pgStmt struct {
	conn  *pgConn
	query string
}

func (s *pgStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.conn.ExecContext(ctx, s.query, args)
}

func (s *pgStmt) Close() error                               { return nil }
func (s *pgStmt) NumInput() int                              { return -1 }
func (s *pgStmt) Exec([]driver.Value) (driver.Result, error) { return nil, errors.ErrUnsupported }
func (s *pgStmt) Query([]driver.Value) (driver.Rows, error)  { return nil, errors.ErrUnsupported }

func (c *pgConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	ctx, extend, stop := within(ctx, answerTime)
	rows, err := c.Conn.QueryContext(ctx, query, kept(args))
	if err != nil {
		defer stop()
		if c.brokeUnused(ctx) { // nothing is queried without a transaction but to read
			return nil, driver.ErrBadConn
		}
		return nil, c.fault(ctx, err)
	}
	return &pgRows{rows, c, ctx, extend, stop}, nil
}

type pgRows struct {
	driver.Rows
	conn         *pgConn
	ctx          context.Context
	extend, stop func()
}

func (r *pgRows) Next(row []driver.Value) error {
	r.extend()
	if err := r.Rows.Next(row); err != nil {
		if err == io.EOF {
			return err
		}
		return r.conn.fault(r.ctx, err)
	}
	for i, v := range row {
		if text, ok := v.(string); ok {
			row[i] = unescape(text)
		}
	}
	return nil
}

func (r *pgRows) Close() error {
	defer r.stop()
	return r.conn.fault(r.ctx, r.Rows.Close())
}

// kept are arguments as they are kept.
func kept(args []driver.NamedValue) []driver.NamedValue {
	for i, a := range args { // database/sql makes them for each call
		if text, ok := a.Value.(string); ok {
			args[i].Value = escape(text)
		}
	}
	return args
}

// hexed begins a text of which the bytes are kept in hex.
const hexed = `\x`

// escape returns a text as it is kept. PostgreSQL takes neither NUL nor what is not
// UTF-8. Such a text, and any that could be mistaken for one, is kept in hex.
// Equal texts stay equal, and different ones different.
func escape(text string) string {
	if utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 && !strings.HasPrefix(text, hexed) {
		return text
	}
	return hexed + hex.EncodeToString([]byte(text))
}

// unescape returns the text that is kept so.
func unescape(kept string) string {
	if digits, ok := strings.CutPrefix(kept, hexed); ok {
		if text, err := hex.DecodeString(digits); err == nil {
			return string(text)
		}
	}
	return kept // escape makes none such: the checksum tells
}
