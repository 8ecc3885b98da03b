package palace

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// This file gives every row a checksum. SQLite keeps none of its pages, so a
// bit that flips on the disk would be told, or written into goals.json, as if
// somebody had said it. A row that does not match its checksum is reported and
// never used.
//
// xxHash with 64 bits is as fast as memory, and a repair may take a match for a
// proof, which the 32 bits of a CRC do not give.

// table is a table of the database.
type table struct {
	name    string
	columns []string // all but sum, in the order in which they are summed
	insert  string
	read    string // the columns and the sum, with commas between
}

func newTable(name string, columns ...string) table {
	places := make([]string, len(columns)+1)
	for i := range places {
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	read := strings.Join(append(append([]string{}, columns...), "sum"), ", ")
	return table{name, columns, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", name, read, strings.Join(places, ", ")), read}
}

var (
	metaTable       = newTable("meta", "only_one", "store", "revision", "last_number", "last_message", "goal_rows", "event_rows", "event_bytes")
	goalTable       = newTable("goals", "number", "id", "deleted", "body")
	changeTable     = newTable("changes", "revision", "key", "name", "member", "at", "goals", "taken_back")
	eventTable      = newTable("events", "revision", "seq", "number", "edit", "goal")
	keyTable        = newTable("applied", "key", "revision", "at")
	messageTable    = newTable("outbox", "id", "chat", "at", "body")
	deadLetterTable = newTable("parked", "id", "chat", "at", "reason", "body")
	recordTable     = newTable("records", "kind", "name", "value")
)

// tables are all of them.
var tables = []table{metaTable, goalTable, changeTable, eventTable, keyTable, messageTable, deadLetterTable, recordTable}

// sum is the checksum of a row with these values in its columns: int64,
// string, []byte or nil.
func (tb table) sum(values ...any) int64 {
	if len(values) != len(tb.columns) {
		panic("a row of " + tb.name + " has other columns")
	}
	h := xxhash.New()
	var b []byte
	part := func(kind byte, n int64) {
		b = binary.AppendVarint(append(b[:0], kind), n)
		h.Write(b) // never fails
	}
	h.WriteString(tb.name)
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			part('n', 0)
		case int64:
			part('i', v)
		case string:
			part('s', int64(len(v)))
			h.WriteString(v)
		case []byte:
			part('b', int64(len(v)))
			h.Write(v)
		default: // no row that we wrote
			h.WriteString(fmt.Sprintf("%T %v", v, v))
		}
	}
	return int64(h.Sum64())
}

// with adds the checksum to the values of a row, for insert.
func (tb table) with(values ...any) []any {
	notNull(values)
	return append(values, tb.sum(values...))
}

// notNull makes empty bytes of nil, which would be NULL.
func notNull(values []any) {
	for i, v := range values {
		if b, ok := v.([]byte); ok && b == nil {
			values[i] = []byte{}
		}
	}
}

// readAs is read for a table that a query calls otherwise.
func (tb table) readAs(name string) string {
	return name + "." + strings.ReplaceAll(tb.read, ", ", ", "+name+".")
}

// eachRow reads all rows of a table, damaged or not, by a query as [engine]'s
// allRows makes it, and where each of them is.
func (tb table) eachRow(ctx context.Context, q querier, query string, each func(at any, values []any, matches bool) error) error {
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("read %s: %w", tb.name, err)
	}
	defer rows.Close()
	var at, sum any
	values := make([]any, len(tb.columns))
	targets := []any{&at}
	for i := range values {
		targets = append(targets, &values[i])
	}
	targets = append(targets, &sum)
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return fmt.Errorf("read %s: %w", tb.name, err)
		}
		if err := each(at, values, sum == any(tb.sum(values...))); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read %s: %w", tb.name, err)
	}
	return nil
}
