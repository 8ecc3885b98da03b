package palace

import (
	"context"
	"database/sql"
	"fmt"
)

// This file makes the database smaller. SQLite keeps the pages that become
// free for what comes next, and never gives them back by itself.

// Pages are given back where at least half of the file is free. What happens at exactly
// one of these bounds does not matter.
const (
	giveBackFrom = 4 << 20   // bytes; less is not worth it
	giveBackMost = 256 << 20 // bytes that stay; for more it would take too long

	// inMemory is how many bytes may stay for SQLite's copy to be made in
	// memory, not in a temporary file: a container may have no folder for those.
	inMemory = 32 << 20
)

// GiveBack gives the free pages of the file back to the system where they are
// at least half of it, and returns how many bytes those were. Nothing can be
// saved meanwhile, which is for some 20 milliseconds for every MB that stays.
// Reading goes on.
func (p *Palace) GiveBack(ctx context.Context) (int64, error) {
	n, err := p.giveBack(ctx)
	if err != nil {
		return n, fmt.Errorf("give back free pages: %w", explain(err))
	}
	return n, nil
}

func (p *Palace) giveBack(ctx context.Context) (int64, error) {
	if p.writer == nil {
		return 0, ErrReadOnly
	}
	select {
	case p.writing <- struct{}{}:
		defer func() { <-p.writing }()
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
	if err := p.engine.inPlace(); err != nil {
		return 0, err
	}
	conn, err := p.writer.Conn(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	return p.engine.giveBack(ctx, conn)
}

func (f *sqliteFile) giveBack(ctx context.Context, conn *sql.Conn) (int64, error) {
	var pageSize, pages, free int64
	for pragma, value := range map[string]*int64{"page_size": &pageSize, "page_count": &pages, "freelist_count": &free} {
		if err := conn.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(value); err != nil {
			return 0, err
		}
	}
	stays := (pages - free) * pageSize
	if free*2 < pages || free*pageSize < giveBackFrom || stays > giveBackMost {
		return 0, nil
	}
	if stays <= inMemory {
		if _, err := conn.ExecContext(ctx, "PRAGMA temp_store = MEMORY"); err != nil {
			return 0, err
		}
		defer conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA temp_store = DEFAULT")
	}
	if _, err := conn.ExecContext(ctx, "VACUUM"); err != nil { // whole or not at all
		return 0, err
	}
	// The file ends where it did until the log is put away. One who reads the
	// log keeps it there, and the next checkpoint is SQLite's own.
	_, err := conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return free * pageSize, err
}
