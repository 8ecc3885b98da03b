package palace

import (
	"context"
	"database/sql"
	"fmt"
	"sync"

	"modernc.org/sqlite"
)

// This file knows how the schema of a palace reads. A bit that flips there may
// leave valid SQL that means something else, and every checksum of a row as it
// was.

// schema are the statements that made the tables and indexes, by name; "" for
// an index that a table has by itself.
type schema map[string]object

type object struct{ kind, table, statement string }

func readSchema(ctx context.Context, q querier) (schema, error) {
	rows, err := q.QueryContext(ctx, "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema")
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	defer rows.Close()
	s := schema{}
	for rows.Next() {
		var name string
		var o object
		if err := rows.Scan(&o.kind, &name, &o.table, &o.statement); err != nil {
			return nil, fmt.Errorf("read schema: %w", err)
		}
		s[name] = o
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	return s, nil
}

// schemaOf is how the schema reads that scripts make.
func schemaOf(ctx context.Context, scripts []string) (schema, error) {
	c, err := sqlite.NewConnector("file::memory:")
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db := sql.OpenDB(c)
	defer db.Close()
	db.SetMaxOpenConns(1) // another connection would be another database
	if err := migrate(ctx, db, 0, scripts); err != nil {
		return nil, err
	}
	return readSchema(ctx, db)
}

// ours is the schema of the version that this program writes.
var ours = sync.OnceValues(func() (schema, error) { return schemaOf(context.Background(), migrations()) })

// intact reports what the schema of a database lacks, or says otherwise than it
// should. What somebody has added is none of our business.
func (s schema) intact(ctx context.Context, q querier, path string) error {
	found, err := readSchema(ctx, q)
	if err != nil {
		return err
	}
	for name, want := range s {
		switch got, there := found[name]; {
		case !there:
			return &DamageError{Path: path, What: "the " + want.kind + " " + name + " is missing"}
		case got != want:
			return &DamageError{Path: path, What: "the definition of the " + want.kind + " " + name + " is not the one that it was made with"}
		}
	}
	return nil
}

// reachable reads the beginning of every table and index.
func (s schema) reachable(ctx context.Context, q querier) error {
	for name, o := range s {
		query := fmt.Sprintf("SELECT 1 FROM %q NOT INDEXED LIMIT 1", name)
		if o.kind == "index" {
			query = fmt.Sprintf("SELECT 1 FROM %q INDEXED BY %q LIMIT 1", o.table, name)
		}
		var one int
		if err := q.QueryRowContext(ctx, query).Scan(&one); err != nil && err != sql.ErrNoRows {
			return fmt.Errorf("read the %s %s: %w", o.kind, name, err)
		}
	}
	return nil
}
