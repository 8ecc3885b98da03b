package palace

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// This file says which database on a server a palace may move to, and marks one that
// it has moved from.

// empty reports anything that is in the way of a palace.
func (s *server) empty(ctx context.Context, q querier) error {
	const unchanged = "; nothing was changed: name an empty database, or a schema of its own with ?search_path=<name>"
	f, err := s.inspect(ctx, q)
	switch {
	case errors.Is(err, ErrNewer):
		return fmt.Errorf("%w; nothing was changed: name an empty database", err)
	case f.status == Existing:
		text := holds(ctx, q, f.marker)
		if _, moved := errors.AsType[*movedError](err); moved {
			return errors.New(text + ", as it was before a move" + unchanged + ", or drop these tables if nobody needs them")
		}
		return errors.New(text + unchanged)
	case err != nil && !errors.Is(err, ErrIdentity):
		return err
	}
	var names []string
	rows, err := q.QueryContext(ctx, `
		SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
		AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY c.relname`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		names = append(names, name)
	}
	switch {
	case rows.Err() != nil:
		return rows.Err()
	case len(names) == 1:
		return fmt.Errorf("it is not empty: it has the table %q, which is not the bot's%s", names[0], unchanged)
	case len(names) > 1:
		return fmt.Errorf("it is not empty: it has %d tables that are not the bot's: %s%s", len(names), few(5, names, strconv.Quote), unchanged)
	}
	return nil
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

// movedError says where the goals have moved to. It is [ErrIdentity].
type movedError struct{ from, to string }

// Is makes it an [ErrIdentity].
func (e *movedError) Is(target error) bool { return target == ErrIdentity }

func (e *movedError) Error() string {
	return fmt.Sprintf("%v: the goals have moved from %s to %s; nothing was changed: set PALACE_URL to that database, or leave it empty for a file; "+
		"or, to go on from the goals as they were before the move, drop the table palace_moved", ErrIdentity, e.from, e.to)
}

// movedFrom is the error of a database that is marked.
func (s *server) movedFrom(ctx context.Context, q querier) error {
	var to string
	if err := q.QueryRowContext(ctx, "SELECT max(moved_to) FROM palace_moved").Scan(&to); err != nil {
		return err
	}
	return &movedError{s.place(), to}
}
