package palace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// This file puts a backup, which is an SQLite file, in the place of a palace in a
// PostgreSQL database.

// restoreServer is [Place.Restore] for a server.
func restoreServer(ctx context.Context, backup, url, file string, o Options) (string, error) {
	backup, err := filepath.Abs(backup)
	if err != nil {
		return "", fmt.Errorf("restore database: %w", err)
	}
	p, s, err := connectServer(url, file, o)
	if err != nil {
		return "", err
	}
	defer p.Close()
	replaced, err := p.restoreServer(ctx, s, backup)
	if err != nil {
		return "", fmt.Errorf("restore database: %w", explain(err))
	}
	return replaced, nil
}

func (p *Palace) restoreServer(ctx context.Context, s *server, backup string) (replaced string, err error) {
	if err := p.suits(ctx); err != nil {
		return "", err
	}
	here, err := s.inspect(ctx, p.readers)
	if err != nil && !errors.Is(err, ErrDamaged) {
		return "", err
	}
	b, err := inspect(ctx, backup)
	switch {
	case err != nil:
		return "", err
	case b.status != Existing:
		return "", fmt.Errorf("%w: %s holds no database of this bot", ErrIdentity, backup)
	case b.version > version():
		return "", newerBackup(backup, b.version)
	case here.marker != "" && here.marker != b.store, here.store != "" && here.store != b.store:
		return "", fmt.Errorf("%w: %s is a backup of another database than %s", ErrIdentity, backup, s.place())
	}
	if err := os.MkdirAll(filepath.Dir(s.file), 0o700); err != nil {
		return "", err
	}
	from, err := upToDate(ctx, backup, b, filepath.Dir(s.file))
	if err != nil {
		return "", err
	}
	defer removeDatabase(from)
	if here.status == Existing {
		s.lease = newLease(s)
		if err := s.lease.take(ctx, nil); err != nil {
			return "", err
		}
		defer s.lease.resign()
		if replaced, err = s.keepCopy(ctx, p.readers, "replaced", p.now()); err != nil {
			return "", fmt.Errorf("what is there now cannot be kept (%w); nothing was changed: drop its tables, or name an empty database in PALACE_URL", err)
		}
	}
	if here.marker == "" { // before the database, which must not be taken for another one's
		if err := writeMarker(s.file, b.store); err != nil {
			return "", err
		}
	}
	err = examine(ctx, from, func(ctx context.Context, q querier, _ string) error { return s.fill(ctx, q, dropTables) })
	if err != nil || !exists(s.file) {
		return replaced, err
	}
	// Nobody may start on the file by mistake where the goals have moved to a server.
	file, err := moveAside(s.file, "moved", p.now())
	return cmp.Or(replaced, file), errors.Join(err, syncDir(filepath.Dir(s.file)))
}

// upToDate makes a copy in dir of a backup, without damage and of the version that
// this program writes.
func upToDate(ctx context.Context, backup string, b facts, dir string) (path string, err error) {
	if path, err = copied(ctx, backup, dir); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			removeDatabase(path)
		}
	}()
	if err := examine(ctx, path, verifyStructure); err != nil {
		return "", err
	}
	db, err := connect(path, writing, 1)
	if err != nil {
		return "", err
	}
	if err := errors.Join(migrate(ctx, db, b.version, migrations()), db.Close()); err != nil {
		return "", err
	}
	return path, examine(ctx, path, verifyPresent)
}

// removeDatabase removes a temporary database with what SQLite puts beside it.
func removeDatabase(path string) {
	for _, part := range append([]string{""}, sidecars...) {
		os.Remove(path + part)
	}
}

// fill makes the tables with the rows that q has, once ready has seen to it that there
// are none: all of that, or nothing.
func (s *server) fill(ctx context.Context, q querier, ready func(context.Context, querier) error) error {
	want, err := takeStock(ctx, q)
	if err != nil {
		return err
	}
	db := dial(s.config, lockSchema, s.lease, 1)
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := ready(ctx, tx); err != nil {
		return err
	}
	if err := runScripts(ctx, tx, 0); err != nil {
		return err
	}
	if err := copyRows(ctx, q, tx); err != nil {
		return err
	}
	if err := verify(ctx, tx, s); err != nil { // before it is for good
		return err
	}
	if err := sameStock(ctx, tx, want); err != nil {
		return err
	}
	return tx.Commit()
}

// dropTables makes room for a palace where another one is.
func dropTables(ctx context.Context, q querier) error {
	if _, err := q.ExecContext(ctx, "DROP TABLE IF EXISTS palace_version"); err != nil {
		return err
	}
	for _, tb := range tables {
		if _, err := q.ExecContext(ctx, "DROP TABLE IF EXISTS "+tb.name); err != nil {
			return err
		}
	}
	return nil
}
