package palace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// This file repairs a palace in an SQLite file that nobody has open.

// Examine looks for rows that do not match their checksums, in a palace that
// another process may have open, and for what can be put in their place. It
// changes nothing. Damage that cannot be repaired is an error. Whoever has the
// palace open himself asks [Palace.Examine].
func Examine(ctx context.Context, path string, s Sources) (Losses, error) {
	losses, err := examineAt(ctx, path, s)
	if err != nil {
		return Losses{}, fmt.Errorf("examine database: %w", explain(err))
	}
	return losses, nil
}

func examineAt(ctx context.Context, path string, s Sources) (l Losses, err error) {
	if path, err = filepath.Abs(path); err != nil {
		return l, err
	}
	f, err := inspect(ctx, path)
	switch {
	case err != nil:
		return l, err
	case f.status == Lost:
		return l, lost(path, "is missing or empty")
	case f.status == Fresh:
		return l, fmt.Errorf("there is none at %s", path)
	case f.version != version():
		return l, fmt.Errorf("%s has version %d, and this program mends version %d alone", path, f.version, version())
	}
	e, err := presentFile(path)
	if err != nil {
		return l, err
	}
	db, err := openUntouched(ctx, path)
	if err != nil {
		return l, err
	}
	defer db.Close()
	err = inSnapshot(ctx, db, path, func(q querier) error {
		l, err = examineRows(ctx, q, e, f.store, s)
		return err
	})
	return l, err
}

// Repair puts every goal back whose row does not match its checksum, as
// [Examine] says what it was, and drops what else is damaged: all of that, or
// nothing. The database is kept first as it was, under a name beside it. Every
// goal gets an event. Nobody may have the palace open.
func Repair(ctx context.Context, path string, o Options, s Sources) (Repaired, error) {
	losses, err := Examine(ctx, path, s)
	if err != nil || losses.None() {
		return Repaired{}, err
	}
	if err := known(losses.Goals); err != nil {
		return Repaired{}, fmt.Errorf("repair database: %w", err)
	}
	kept, err := repair(ctx, path, o, losses)
	if err != nil {
		return Repaired{}, fmt.Errorf("repair database: %w", explain(err))
	}
	return Repaired{kept, losses}, nil
}

func repair(ctx context.Context, path string, o Options, losses Losses) (kept string, err error) {
	e, err := presentFile(path)
	if err != nil {
		return "", err
	}
	p := newPalace(e, o)
	now := p.now()
	if kept, err = keepCopy(ctx, p.path, now); err != nil {
		return "", err
	}
	if err := breakLinks(p.path); err != nil {
		return "", err
	}
	db, err := connect(p.path, writing, 1)
	if err != nil {
		return "", err
	}
	defer db.Close()
	if slices.ContainsFunc(losses.Rows, func(r LostRow) bool { return r.structure }) {
		if _, err := db.ExecContext(ctx, "VACUUM"); err != nil { // rebuilds the file from its rows
			return "", err
		}
	}
	sqlTx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return "", err
	}
	defer sqlTx.Rollback()
	if err := mend(ctx, sqlTx, e, losses, now, p.notice); err != nil {
		return "", err
	}
	return kept, sqlTx.Commit()
}

// dropRows drops rows that are damaged, and rebuilds all indexes: they may hold
// what the rows were before, or be damaged themselves.
func (f *sqliteFile) dropRows(ctx context.Context, q querier, lost []LostRow) error {
	damaged := map[*table][]any{}
	for _, r := range lost {
		if r.table != nil {
			damaged[r.table] = append(damaged[r.table], r.at)
		}
	}
	run := func(query string, args ...any) error {
		_, err := q.ExecContext(ctx, query, args...)
		return err
	}
	for tb, ids := range damaged {
		list, _ := json.Marshal(ids)
		// Row by row SQLite would look for each in the indexes, and fail.
		err := errors.Join(
			run("CREATE TEMP TABLE kept AS SELECT * FROM main."+tb.name+" NOT INDEXED WHERE rowid NOT IN (SELECT value FROM json_each($1))", string(list)),
			run("DELETE FROM main."+tb.name),
			run("INSERT INTO main."+tb.name+" SELECT * FROM kept"),
			run("DROP TABLE kept"))
		if err != nil {
			return fmt.Errorf("drop rows of %s: %w", tb.name, err)
		}
	}
	return errors.Join(run("REINDEX"), run("DELETE FROM events WHERE revision NOT IN (SELECT revision FROM changes)"))
}

// keepCopy copies a database that nobody has open, as it is.
func keepCopy(ctx context.Context, path string, now time.Time) (string, error) {
	temp, err := copied(ctx, path, filepath.Dir(path))
	if err != nil {
		return "", err
	}
	kept := path + ".damaged-" + now.UTC().Format(stampFormat)
	if err := os.Rename(temp, kept); err != nil {
		os.Remove(temp)
		return "", err
	}
	return kept, syncDir(filepath.Dir(path))
}
