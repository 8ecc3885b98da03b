package palace

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"goalbot/progress"
)

// This file copies a palace from one kind of database into another. The rows and
// their checksums are the same in all.

// copyRows copies every row of every table, damaged or not, into tables that are
// empty. What is read must stay what it is meanwhile.
func copyRows(ctx context.Context, from querier, to *sql.Tx) error {
	for _, tb := range tables {
		if err := tb.copyRows(ctx, from, to); err != nil {
			return fmt.Errorf("copy %s: %w", tb.name, err)
		}
	}
	return nil
}

func (tb table) copyRows(ctx context.Context, from querier, to *sql.Tx) error {
	var total int64
	if err := from.QueryRowContext(ctx, "SELECT count(*) FROM "+tb.name).Scan(&total); err != nil { // a server answers one question at a time
		return err
	}
	rows, err := from.QueryContext(ctx, "SELECT "+tb.read+" FROM "+tb.name)
	if err != nil {
		return err
	}
	defer rows.Close()
	insert, err := to.PrepareContext(ctx, tb.insert)
	if err != nil {
		return err
	}
	defer insert.Close()
	values := make([]any, len(tb.columns)+1)
	targets := make([]any, len(values))
	for i := range values {
		targets[i] = &values[i]
	}
	for done := int64(1); rows.Next(); done++ {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		progress.Step(ctx, progress.Copying, done, total)
		notNull(values)
		if _, err := insert.ExecContext(ctx, values...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// copyIntoFile copies a palace into an SQLite file, which must be empty.
func copyIntoFile(ctx context.Context, db *sql.DB, path string) (err error) {
	from, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer from.Rollback()
	file, err := connect(path, creating, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }() // puts the log into the file
	if err := migrate(ctx, file, 0, migrations()); err != nil {
		return err
	}
	to, err := file.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer to.Rollback()
	if _, err := to.ExecContext(ctx, "DELETE FROM meta"); err != nil {
		return err
	}
	if err := copyRows(ctx, from, to); err != nil {
		return err
	}
	return to.Commit()
}
