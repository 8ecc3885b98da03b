package palace

import (
	"context"
	"database/sql"
	"fmt"

	"goalbot/store"
)

// Check reads the whole palace from the disk: its structure, the checksum of
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
	if err := p.engine.belongs(p.store); err != nil {
		return err
	}
	return p.freshSnapshot(ctx, func(q querier) error {
		err := p.engine.schemaIntact(ctx, q)
		if err == nil {
			err = p.engine.reachable(ctx, q)
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
	if err := p.engine.belongs(p.store); err != nil {
		return err
	}
	err := p.read(ctx)
	if err != nil && p.writer == nil {
		err = p.read(ctx) // a bot that started just then may have moved pages under our eyes
	}
	return err
}

// read reads everything.
func (p *Palace) read(ctx context.Context) error {
	return p.freshSnapshot(ctx, func(q querier) error { return verify(ctx, q, p.engine) })
}

// freshSnapshot hands f one state of the database, read by connections that know
// nothing yet: those that are open would answer from memory.
func (p *Palace) freshSnapshot(ctx context.Context, f func(querier) error) error {
	db, err := p.engine.fresh(ctx)
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
