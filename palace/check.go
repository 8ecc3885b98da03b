package palace

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
)

// Check reads the whole palace from the file: its structure, the checksum of
// every row, and whether it still is the palace that belongs here.
func (p *Palace) Check(ctx context.Context) error {
	if err := p.check(ctx); err != nil {
		return fmt.Errorf("check palace: %w", err)
	}
	return nil
}

func (p *Palace) check(ctx context.Context) error {
	info, err := os.Stat(p.path)
	if err != nil || !os.SameFile(info, p.file) {
		return lost(p.path, "was removed or replaced while it was open")
	}
	marker, err := readMarker(p.path)
	switch {
	case err != nil:
		return err
	case marker == "" && p.writer != nil:
		return fmt.Errorf("%w: %s is missing; it is written anew when the bot starts", ErrIdentity, markerPath(p.path))
	case marker != "" && marker != p.store:
		return lost(p.path, "is another palace ("+p.store+", not "+marker+")")
	}
	db, err := onlooker(p.path) // the open connections would answer from memory
	if err != nil {
		return err
	}
	defer db.Close()
	return sound(ctx, db, p.path)
}

// sound reports what is damaged in a database.
func sound(ctx context.Context, db *sql.DB, path string) error {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return explain(err)
	}
	defer tx.Rollback()
	found, err := quickCheck(ctx, tx)
	if err == nil && found != "" {
		err = &DamageError{Path: path, What: found}
	}
	m, metaErr := readMeta(ctx, tx)
	rowsErr := metaErr
	if metaErr == nil {
		_, rowsErr = (&Palace{path: path}).readState(ctx, tx, m)
	}
	if rows, ok := errors.AsType[*DamageError](rowsErr); ok && found != "" {
		rows.What = found // both in one
		return rows
	}
	return explain(errors.Join(err, rowsErr))
}
