package palace

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// server is the [engine] of a palace in a PostgreSQL database.
type server struct {
	config *pgx.ConnConfig
	file   string // where an SQLite file would be: palace.id is beside it
	writes bool   // this process does
	lease  *lease // nil where it only reads
}

func (s *server) place() string { return placeOf(s.config) }

// inPlace has nothing to do: a database that was dropped answers no more, and one
// that was replaced has another name.
func (s *server) inPlace() error { return nil }

func (s *server) belongs(store string) error {
	marker, err := readMarker(s.file)
	switch {
	case err != nil:
		return err
	case marker == "" && s.writes:
		return noMarker(s.file)
	case marker != "" && marker != store:
		return anotherServer(s.place(), s.file)
	}
	return nil
}

// fresh is fenced: what the next leader has saved is not taken for a commit of this one.
func (s *server) fresh(context.Context) (*sql.DB, error) {
	return dial(s.config, lockMeta, s.lease, 2), nil
}

func (s *server) copyTo(ctx context.Context, db *sql.DB, path string) error {
	return copyIntoFile(ctx, db, path)
}

// giveBack has nothing to do: the server does that by itself.
func (s *server) giveBack(context.Context, *sql.Conn) (int64, error) { return 0, nil }

// structure has nothing to say: what the rows lie in is looked after by the server,
// by its own checksums where they are on.
func (s *server) structure(context.Context, querier, bool) error { return nil }

// indexes must be there: some hold what is unique, all make it fast.
var indexes = []string{
	"meta_pkey", "goals_pkey", "goals_id_key", "changes_pkey", "changes_key_key", "changes_of_member", "changes_of_name",
	"events_pkey", "events_of_goal", "applied_pkey", "applied_in_order", "outbox_pkey", "outbox_of_chat", "parked_pkey", "records_pkey",
}

// schemaIntact looks for every column and index.
func (s *server) schemaIntact(ctx context.Context, q querier) error {
	there := map[string]bool{}
	rows, err := q.QueryContext(ctx, `
		SELECT c.relname || '.' || a.attname
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE n.nspname = current_schema() AND c.relkind = 'r' AND NOT a.attisdropped
		UNION ALL
		SELECT c.relname::text
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_index i ON i.indexrelid = c.oid
		WHERE n.nspname = current_schema() AND i.indisvalid`)
	if err != nil {
		return fmt.Errorf("read schema: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return fmt.Errorf("read schema: %w", err)
		}
		there[name] = true
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read schema: %w", err)
	}
	for _, tb := range tables {
		for _, column := range append([]string{"sum"}, tb.columns...) {
			if !there[tb.name+"."+column] {
				return &DamageError{Path: s.place(), What: "the column " + column + " of the table " + tb.name + " is missing"}
			}
		}
	}
	for _, name := range indexes {
		if !there[name] {
			return &DamageError{Path: s.place(), What: "the index " + name + " is missing"}
		}
	}
	return nil
}

func (s *server) reachable(ctx context.Context, q querier) error {
	for _, tb := range tables {
		var one int
		err := q.QueryRowContext(ctx, "SELECT 1 FROM "+tb.name+" LIMIT 1").Scan(&one)
		if err != nil && err != sql.ErrNoRows {
			return fmt.Errorf("read the table %s: %w", tb.name, err)
		}
	}
	return nil
}

// allRows says where a row is by its ctid, which stays what it is for as long as
// nobody writes.
func (s *server) allRows(tb table) string {
	return fmt.Sprintf("SELECT ctid::text, %s FROM %s", tb.read, tb.name)
}

func (s *server) dropRows(ctx context.Context, q querier, lost []LostRow) error {
	damaged := map[*table][]string{}
	for _, r := range lost {
		if at, ok := r.at.(string); ok {
			damaged[r.table] = append(damaged[r.table], at)
		}
	}
	for tb, at := range damaged {
		_, err := q.ExecContext(ctx, "DELETE FROM "+tb.name+" WHERE ctid = ANY (string_to_array($1, ' ')::tid[])", strings.Join(at, " "))
		if err != nil {
			return fmt.Errorf("drop rows of %s: %w", tb.name, err)
		}
	}
	_, err := q.ExecContext(ctx, "DELETE FROM events WHERE revision NOT IN (SELECT revision FROM changes)")
	return err
}
