package palace

import (
	"bytes"
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"goalbot/store"
)

// This file saves round trips to a server. In a [pipelined] transaction a write is
// buffered and sent with the next read or the COMMIT, and the reads that are known
// beforehand are sent with the BEGIN.

// written is a write that is buffered or was sent, with its result.
type written struct {
	statement
	conn *pgConn
	done bool
	rows int64
	err  error
}

var _ driver.Result = (*written)(nil)

// RowsAffected sends the buffered writes, unless this one was sent already.
func (w *written) RowsAffected() (int64, error) {
	if !w.done {
		_ = w.conn.flush(context.Background()) // an error is in w.err, or is that of an earlier write
	}
	return w.rows, w.err
}

// LastInsertId implements driver.Result.
func (w *written) LastInsertId() (int64, error) { return 0, errors.ErrUnsupported }

// The buffer is bounded: an import may write a lot. Whether it is sent when it is that
// large or with the next write does not matter.
const (
	maxPipeline      = 200
	maxPipelineBytes = 1 << 20
)

// execLater buffers a write.
func (c *pgConn) execLater(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	w := &written{statement: newStatement(query, args), conn: c}
	if query == releaseSavepoint && c.forgetSavepoint() {
		w.done = true
		return w, nil
	}
	size := 0
	for i, v := range w.args {
		switch v := v.(type) {
		case []byte:
			w.args[i] = bytes.Clone(v) // it is the caller's again
			size += len(v)
		case string:
			size += len(v)
		}
	}
	c.prefetched = slices.DeleteFunc(c.prefetched, func(f *fetched) bool { return strings.Contains(query, f.table) }) // this may change it
	c.pipeline = append(c.pipeline, w)
	c.pipelineBytes += size
	if len(c.pipeline) < maxPipeline && c.pipelineBytes < maxPipelineBytes {
		return w, nil
	}
	return w, c.flush(ctx)
}

// forgetSavepoint drops a savepoint that was not sent yet and need not be: if a
// statement after it fails, the whole transaction fails.
func (c *pgConn) forgetSavepoint() bool {
	for i, w := range slices.Backward(c.pipeline) {
		switch w.text {
		case backToSavepoint:
			return false
		case setSavepoint:
			w.done = true
			c.pipeline = slices.Delete(c.pipeline, i, i+1)
			return true
		}
	}
	return false
}

// flush sends the buffered writes.
func (c *pgConn) flush(ctx context.Context) error {
	if len(c.pipeline) == 0 {
		return nil
	}
	ctx, _, stop := within(ctx, answerTime)
	defer stop()
	return c.fault(ctx, c.send(ctx).close())
}

// answers are those to statements that were sent together. They are read in order.
type answers struct {
	pgx.BatchResults
	err error // of what had waited
}

// send sends what waits and these statements, in one round trip.
func (c *pgConn) send(ctx context.Context, statements ...statement) *answers {
	waited := c.pipeline
	c.pipeline, c.pipelineBytes = nil, 0
	b := &pgx.Batch{}
	for _, w := range waited {
		b.Queue(w.text, w.args...)
	}
	for _, s := range statements {
		b.Queue(s.text, s.args...)
	}
	a := &answers{BatchResults: c.pgx().SendBatch(ctx, b)}
	for _, w := range waited {
		var tag pgconn.CommandTag
		tag, w.err = a.Exec() // after an error the same one again
		w.err = c.firstFailure(w.err)
		w.done, w.rows = true, tag.RowsAffected()
		a.err = cmp.Or(a.err, w.err)
	}
	return a
}

func (a *answers) exec() (pgconn.CommandTag, error) {
	if a.err != nil {
		return pgconn.CommandTag{}, a.err
	}
	return a.Exec()
}

// close reads the rest, and returns the first error of all.
func (a *answers) close() error { return cmp.Or(a.err, a.Close()) }

// sendBegin begins a transaction, and asks for what ctx says that it reads first. It
// returns how many rows the last of the statements with which it begins yields.
func (c *pgConn) sendBegin(ctx context.Context, begin []statement) (rows int64, err error) {
	reads, pipelines := ctx.Value(pipelinedKey{}).([]read)
	ctx, _, stop := within(ctx, answerTime)
	defer stop()
	all := slices.Clip(begin)
	for _, r := range reads {
		all = append(all, r.asKept())
	}
	a := c.send(ctx, all...)
	for i := range begin {
		tag, err := a.exec()
		if err != nil {
			err = c.fault(ctx, cmp.Or(a.close(), err))
			if answer, ok := errors.AsType[*pgconn.PgError](err); ok && i == 0 && answer.Code == "0A000" { // a replica, to BEGIN READ WRITE
				err = &stateError{store.ErrUnreachable, readOnlyServer, answer}
			}
			return 0, err
		}
		rows = tag.RowsAffected()
	}
	for _, r := range reads {
		f, err := fetch(c.pgx(), a, r)
		if err != nil {
			return 0, c.fault(ctx, cmp.Or(a.close(), err))
		}
		c.prefetched = append(c.prefetched, f)
	}
	c.pipelines = pipelines
	return rows, c.fault(ctx, a.close())
}
