package palace

import (
	"cmp"
	"context"
	"database/sql/driver"
	"io"
	"slices"

	"github.com/jackc/pgx/v5"
)

// This file turns values into what a server is asked, and back.

// newStatement is SQL with its values as they are kept.
func newStatement(query string, args []driver.NamedValue) statement {
	s := statement{text: query, args: make([]any, len(args))}
	for i, a := range args {
		s.args[i] = kept(a.Value)
	}
	return s
}

// asKept is the statement with its values as they are kept.
func (s statement) asKept() statement {
	args := slices.Clone(s.args)
	for i, v := range args {
		args[i] = kept(v)
	}
	return statement{s.text, args}
}

// kept is a value as it is kept.
func kept(value any) any {
	if text, ok := value.(string); ok {
		return escape(text)
	}
	return value
}

// QueryContext asks for rows, unless they have been fetched already.
func (c *pgConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if c.pgx().IsClosed() {
		return nil, driver.ErrBadConn
	}
	s := newStatement(query, args)
	for _, f := range c.prefetched {
		if f.text == query && slices.Equal(f.args, s.args) {
			return &fetchedRows{fetched: f}, nil
		}
	}
	ctx, extend, stop := within(ctx, answerTime)
	r := &pgRows{answers: c.send(ctx, s), conn: c, ctx: ctx, extend: extend, stop: stop}
	if err := r.open(); err != nil {
		defer stop()
		if c.brokeUnused(ctx) { // nothing is queried without a transaction but to read
			return nil, driver.ErrBadConn
		}
		return nil, c.fault(ctx, err)
	}
	return r, nil
}

// pgRows are rows as they come.
type pgRows struct {
	*answers
	rows         pgx.Rows
	more         bool // there is a row that Next has not returned
	conn         *pgConn
	ctx          context.Context
	extend, stop func()
}

// open waits for the first row, since what the columns are is not known before.
func (r *pgRows) open() (err error) {
	if r.err == nil {
		r.rows, err = r.Query()
	}
	if r.err == nil && err == nil {
		r.more = r.rows.Next()
		err = r.rows.Err()
	}
	if r.err != nil || err != nil {
		return cmp.Or(r.close(), err)
	}
	return nil
}

func (r *pgRows) Columns() []string { return columns(r.rows) }

func columns(rows pgx.Rows) []string {
	var names []string
	for _, f := range rows.FieldDescriptions() {
		names = append(names, f.Name)
	}
	return names
}

func (r *pgRows) Next(row []driver.Value) error {
	r.extend()
	if err := r.rows.Err(); err != nil {
		return r.conn.fault(r.ctx, err)
	}
	if !r.more {
		return io.EOF
	}
	if err := decodeRow(r.conn.pgx(), r.rows, row); err != nil {
		return r.conn.fault(r.ctx, err)
	}
	r.more = r.rows.Next()
	return nil
}

func (r *pgRows) Close() error {
	defer r.stop()
	r.rows.Close()
	return r.conn.fault(r.ctx, r.close())
}

// decodeRow reads the row at hand.
func decodeRow(conn *pgx.Conn, rows pgx.Rows, row []driver.Value) error {
	types, fields := conn.TypeMap(), rows.FieldDescriptions()
	for i, raw := range rows.RawValues() {
		row[i] = nil
		if raw == nil {
			continue
		}
		t, ok := types.TypeForOID(fields[i].DataTypeOID)
		if !ok {
			row[i] = unescape(string(raw))
			continue
		}
		value, err := t.Codec.DecodeDatabaseSQLValue(types, t.OID, fields[i].Format, raw)
		if err != nil {
			return err
		}
		if text, ok := value.(string); ok {
			value = unescape(text)
		}
		row[i] = value
	}
	return nil
}

// fetched are rows that were read before they were asked for.
type fetched struct {
	read
	columns []string
	rows    [][]driver.Value
}

// fetch takes the rows of r, which was sent.
func fetch(conn *pgx.Conn, a *answers, r read) (*fetched, error) {
	rows, err := a.Query()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	f := &fetched{read: read{r.asKept(), r.table}}
	for rows.Next() {
		row := make([]driver.Value, len(rows.RawValues()))
		if err := decodeRow(conn, rows, row); err != nil {
			return nil, err
		}
		f.rows = append(f.rows, row)
	}
	f.columns = columns(rows)
	return f, rows.Err()
}

type fetchedRows struct {
	*fetched
	at int
}

func (r *fetchedRows) Columns() []string { return r.columns }

func (r *fetchedRows) Next(row []driver.Value) error {
	if r.at == len(r.rows) {
		return io.EOF
	}
	copy(row, r.rows[r.at])
	r.at++
	return nil
}

func (r *fetchedRows) Close() error { return nil }
