package palace

import (
	"context"
	"errors"
	"fmt"
)

// This file says which database on a server a palace may move to, and marks one that
// it has moved from.

// empty reports anything that is in the way of a palace.
func (s *server) empty(ctx context.Context, q querier) error {
	f, err := s.inspect(ctx, q)
	switch {
	case errors.Is(err, ErrNewer):
		return fmt.Errorf("%w; nothing was changed: name an empty database", err)
	case f.status == Existing:
		return errors.New("it holds goals already; nothing was changed: name an empty database, or a schema of its own with ?search_path=<name>")
	case err != nil && !errors.Is(err, ErrIdentity):
		return err
	}
	var name string
	err = q.QueryRowContext(ctx, `
		SELECT coalesce(min(c.relname), '') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
		AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')`).Scan(&name)
	if err == nil && name != "" {
		return fmt.Errorf("it is not empty: it has the table %q; nothing was changed: name an empty database, or a schema of its own with ?search_path=<name>", name)
	}
	return err
}

// markMoved marks the database: no bot starts on it, whichever machine it is on.
func (s *server) markMoved(ctx context.Context, to string) error {
	db := dial(s.config, lockMeta, s.lease, 1)
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "CREATE TABLE palace_moved (moved_to text NOT NULL)"); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO palace_moved VALUES ($1)", to); err != nil {
		return err
	}
	return tx.Commit()
}

// movedFrom is the error of a database that is marked.
func (s *server) movedFrom(ctx context.Context, q querier) error {
	var to string
	if err := q.QueryRowContext(ctx, "SELECT max(moved_to) FROM palace_moved").Scan(&to); err != nil {
		return err
	}
	return fmt.Errorf("%w: the goals have moved from %s to %s; nothing was changed: set PALACE_URL to that database, or leave it empty for a file; "+
		"or, to go on from the goals as they were before the move, drop the table palace_moved", ErrIdentity, s.place(), to)
}
