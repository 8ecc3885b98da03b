package palace

import (
	"context"
	"database/sql"
	"fmt"
	"os"

	"goalbot/store"
)

// Check reads the whole palace from the file: its structure, the checksum of
// every row, and whether it still is the palace that belongs here.
func (p *Palace) Check(ctx context.Context) error {
	if err := p.check(ctx); err != nil {
		return fmt.Errorf("check database: %w", err)
	}
	return nil
}

// CheckQuick looks at what every use of the palace depends on: that the file is
// the one that was opened, and belongs here, that its schema reads as it should,
// and that every table and index can be read from the file. That takes a few
// milliseconds, however large the palace is.
func (p *Palace) CheckQuick(ctx context.Context) error {
	if err := p.checkQuick(ctx); err != nil {
		return fmt.Errorf("check database: %w", err)
	}
	return nil
}

func (p *Palace) checkQuick(ctx context.Context) error {
	if err := p.belongs(); err != nil {
		return err
	}
	return p.freshSnapshot(ctx, func(q querier) error {
		err := p.schema.intact(ctx, q, p.path)
		if err == nil {
			err = p.schema.reachable(ctx, q)
		}
		return misread(p.path, err)
	})
}

// CheckWritable makes a commit that changes nothing but the revision, and says
// whether that worked.
func (p *Palace) CheckWritable(ctx context.Context) error {
	return p.write(ctx, store.Origin{}, func(*tx) error { return nil })
}

func (p *Palace) check(ctx context.Context) error {
	if err := p.belongs(); err != nil {
		return err
	}
	err := p.read(ctx)
	if err != nil && p.writer == nil {
		err = p.read(ctx) // a bot that started just then may have moved pages under our eyes
	}
	return err
}

// belongs reports a file that is not the one that was opened, or does not
// belong where it lies.
func (p *Palace) belongs() error {
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
	return nil
}

// inPlace reports a file that is not there any more: what is written into it
// now is gone when it is closed.
func (p *Palace) inPlace() error {
	info, err := os.Stat(p.path)
	if err != nil || !os.SameFile(info, p.file) {
		return vanished(p.path)
	}
	return nil
}

// read reads everything from the file.
func (p *Palace) read(ctx context.Context) error {
	return p.freshSnapshot(ctx, func(q querier) error { return verifyAs(ctx, q, p.path, p.schema) })
}

// freshSnapshot hands f one state of the file, read by connections that know
// nothing yet: those that are open would answer from memory.
func (p *Palace) freshSnapshot(ctx context.Context, f func(querier) error) error {
	open := func() (*sql.DB, error) { return engine(p.path, reading, 2) }
	if p.writer == nil {
		open = func() (*sql.DB, error) { return openUntouched(ctx, p.path) }
	}
	db, err := open()
	if err != nil {
		return err
	}
	defer db.Close()
	return inSnapshot(ctx, db, p.path, f)
}

// inSnapshot hands f one state of the database at path, to read only.
func inSnapshot(ctx context.Context, db *sql.DB, path string, f func(querier) error) error {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return misread(path, err)
	}
	defer tx.Rollback()
	return f(tx)
}
