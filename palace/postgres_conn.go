package palace

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/hex"
	"errors"
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
	begin []statement // what a transaction that writes begins with
	fence *lease      // whose leader alone may write; nil for anybody
	inTx  bool

	// Of the transaction under way; see the file about round trips.
	pipelines     bool
	pipeline      []*written
	pipelineBytes int
	prefetched    []*fetched
	failed        *pgconn.PgError // why the server does nothing more in it
}

// within returns a context that allows d for one answer of the server, since a server
// behind a broken network never answers. extend starts the time anew.
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

// fault classifies an error: if it is no answer of the server but a lost connection or
// a timeout, fault returns an error that says so.
func (c *pgConn) fault(ctx context.Context, err error) error {
	switch {
	case err == nil, errors.Is(err, driver.ErrBadConn):
		return err
	case context.Cause(ctx) == errSilent:
		return &unreachable{err: errSilent}
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	if _, answered := errors.AsType[*pgconn.PgError](err); !answered && c.pgx().IsClosed() {
		return &unreachable{err: err}
	}
	return c.firstFailure(err)
}

// firstFailure returns why a transaction was aborted if err says only that it was. In a
// pipeline the error of the statement that failed may have been read by nobody.
func (c *pgConn) firstFailure(err error) error {
	answer, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case !ok || !c.inTx:
	case answer.Code != "25P02": // in_failed_sql_transaction
		c.failed = cmp.Or(c.failed, answer)
	case c.failed != nil:
		return c.failed
	}
	return err
}

func (c *pgConn) pgx() *pgx.Conn { return c.Conn.Conn() }

// brokeUnused reports whether a connection broke outside a transaction, most likely
// while it was idle, so that the request can be repeated on another one.
func (c *pgConn) brokeUnused(ctx context.Context) bool {
	return !c.inTx && ctx.Err() == nil && c.pgx().IsClosed()
}

// BeginTx begins a transaction in one round trip. One that only reads sees one state.
func (c *pgConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	if c.pgx().IsClosed() {
		return nil, driver.ErrBadConn
	}
	begin := c.begin
	if o.ReadOnly {
		begin = beginReading
	} else if c.fence != nil {
		begin = append(begin[:len(begin):len(begin)], c.fence.check())
	}
	n, err := c.sendBegin(ctx, begin)
	switch {
	case err == nil && !o.ReadOnly && c.fence != nil && n == 0:
		_ = pgTx{conn: c}.Rollback()
		return nil, c.fence.lost()
	case err == nil:
		c.inTx = true
		return pgTx{c, !o.ReadOnly}, nil
	case c.brokeUnused(ctx) && !isSilent(err):
		return nil, driver.ErrBadConn
	default:
		_ = pgTx{conn: c}.Rollback() // BEGIN may have succeeded, and what follows it not
		return nil, err
	}
}

type pgTx struct {
	conn   *pgConn
	writes bool
}

// Commit reports an error also where the server has rolled back.
func (t pgTx) Commit() error {
	defer t.conn.leaveTx()
	ctx, _, stop := within(context.Background(), answerTime)
	defer stop()
	var told []statement
	if l := t.conn.fence; l != nil && t.writes && l.store != "" { // what the leader commits is told to those that stand by
		told = append(told, statement{text: notify(changedChannel(l.store))})
	}
	answers := t.conn.send(ctx, append(told, statement{text: "COMMIT"})...)
	tag, err := answers.exec() // a transaction that was aborted refuses NOTIFY, and answers ROLLBACK to COMMIT
	if err = cmp.Or(answers.close(), err); err == nil && tag.String() == "ROLLBACK" {
		err = pgx.ErrTxCommitRollback
	}
	return t.conn.fault(ctx, err)
}

func (t pgTx) Rollback() error {
	t.conn.leaveTx()
	if t.conn.pgx().IsClosed() {
		return nil // the server does it by itself
	}
	ctx, _, stop := within(context.Background(), answerTime)
	defer stop()
	_, err := t.conn.pgx().Exec(ctx, "ROLLBACK")
	return t.conn.fault(ctx, err)
}

func (c *pgConn) leaveTx() {
	c.inTx, c.pipelines, c.pipeline, c.pipelineBytes, c.prefetched, c.failed = false, false, nil, 0, nil, nil
}

func (c *pgConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if c.pgx().IsClosed() {
		return nil, driver.ErrBadConn
	}
	if c.inTx && c.pipelines {
		return c.execLater(ctx, query, args)
	}
	ctx, _, stop := within(ctx, answerTime)
	defer stop()
	tag, err := c.pgx().Exec(ctx, query, newStatement(query, args).args...)
	return driver.RowsAffected(tag.RowsAffected()), c.fault(ctx, err)
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

func (s *pgStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.conn.QueryContext(ctx, s.query, args)
}

func (s *pgStmt) Close() error                               { return nil }
func (s *pgStmt) NumInput() int                              { return -1 }
func (s *pgStmt) Exec([]driver.Value) (driver.Result, error) { return nil, errors.ErrUnsupported }
func (s *pgStmt) Query([]driver.Value) (driver.Rows, error)  { return nil, errors.ErrUnsupported }

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
