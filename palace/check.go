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
	if err := p.inPlace(); err != nil {
		return err
	}
	marker, err := readMarker(p.path)
	switch {
	case err != nil:
		return err
	case marker == "" && p.writer != nil:
		return fmt.Errorf("%w: %s is missing; it is written anew when the bot starts", ErrIdentity, markerPath(p.path))
	case marker != "" && marker != p.store:
		return another(p.path, p.path)
	}
	err = p.read(ctx)
	if err != nil && p.writer == nil {
		err = p.read(ctx) // a bot that started just then may have moved pages under our eyes
	}
	return err
}

// inPlace reports a file that is not there any more: what is written into it
// now is gone when it is closed.
func (p *Palace) inPlace() error {
	info, err := os.Stat(p.path)
	if err != nil || !os.SameFile(info, p.file) {
		return lost(p.path, "was removed or replaced while it was open")
	}
	return nil
}

// read reads everything anew from the file: the open connections would answer
// from memory.
func (p *Palace) read(ctx context.Context) error {
	open := func() (*sql.DB, error) { return engine(p.path, reading, 2) }
	if p.writer == nil {
		open = func() (*sql.DB, error) { return onlooker(ctx, p.path) }
	}
	db, err := open()
	if err != nil {
		return err
	}
	defer db.Close()
	return sound(ctx, db, p.path)
}

// structured reports what is damaged in the structure of a database.
func structured(ctx context.Context, db *sql.DB, path string) error {
	found, err := quickCheck(ctx, db)
	if err == nil && found != "" {
		return &DamageError{Path: path, What: found}
	}
	return explain(err)
}

// sound reports what is damaged in a database, its rows included.
func sound(ctx context.Context, db *sql.DB, path string) error {
	err := structured(ctx, db, path)
	tx, txErr := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if txErr != nil {
		return explain(errors.Join(err, txErr))
	}
	defer tx.Rollback()
	m, rowsErr := readMeta(ctx, tx)
	if rowsErr == nil {
		_, rowsErr = (&Palace{path: path}).readState(ctx, tx, m)
	}
	structure, damagedStructure := errors.AsType[*DamageError](err)
	rows, damagedRows := errors.AsType[*DamageError](rowsErr)
	if damagedStructure && damagedRows {
		return &DamageError{Path: path, Numbers: rows.Numbers, What: structure.What}
	}
	return explain(errors.Join(err, rowsErr))
}
