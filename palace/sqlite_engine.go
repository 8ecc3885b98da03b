package palace

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
)

// sqliteFile is the [engine] of a palace in an SQLite file.
type sqliteFile struct {
	path   string
	schema schema      // as it should read
	opened os.FileInfo // the file as it was opened, to notice when it is replaced
	writes bool        // this process does
}

// presentFile is a file of the version that this program writes.
func presentFile(path string) (*sqliteFile, error) {
	s, err := ours()
	return &sqliteFile{path: path, schema: s}, err
}

func (f *sqliteFile) place() string { return f.path }

// belongs reports a file that is not the one that was opened, or does not
// belong where it lies.
func (f *sqliteFile) belongs(store string) error {
	if err := f.inPlace(); err != nil {
		return err
	}
	marker, err := readMarker(f.path)
	switch {
	case err != nil:
		return err
	case marker == "" && f.writes:
		return noMarker(f.path)
	case marker != "" && marker != store:
		return another(f.path, f.path)
	}
	return nil
}

// inPlace reports a file that is not there any more: what is written into it
// now is gone when it is closed.
func (f *sqliteFile) inPlace() error {
	info, err := os.Stat(f.path)
	if err != nil || !os.SameFile(info, f.opened) {
		return vanished(f.path)
	}
	return nil
}

// fresh opens the file again.
func (f *sqliteFile) fresh(ctx context.Context) (*sql.DB, error) {
	if f.writes {
		return connect(f.path, reading, 2)
	}
	return openUntouched(ctx, f.path)
}

func (f *sqliteFile) structure(ctx context.Context, q querier, whole bool) error {
	if !whole {
		found, err := quickCheck(ctx, q)
		for _, tb := range smallTables {
			if err == nil && found == "" {
				found, err = pragmaCheck(ctx, q, "PRAGMA integrity_check("+tb.name+")")
			}
		}
		if err == nil && found == "" {
			return nil
		}
	}
	return verifyStructure(ctx, q, f.path)
}

func (f *sqliteFile) schemaIntact(ctx context.Context, q querier) error {
	return f.schema.intact(ctx, q, f.path)
}

func (f *sqliteFile) reachable(ctx context.Context, q querier) error {
	return f.schema.reachable(ctx, q)
}

// verifyStructure reports what is damaged in the structure of a database. Where
// that is in its indexes alone, a repair rebuilds them from the tables; where all
// rows can be read, it rebuilds the file.
func verifyStructure(ctx context.Context, q querier, path string) error {
	found, err := integrityCheck(ctx, q)
	if err == nil && found == "" {
		return nil
	}
	tables, quickErr := quickCheck(ctx, q)
	_, dbVersion, _, headerErr := header(ctx, q)
	switch err := errors.Join(err, quickErr, headerErr); {
	case err != nil:
		return misread(path, err)
	case dbVersion != version(): // no other version is repaired
		return &DamageError{Path: path, What: found}
	case tables != "":
		return &DamageError{Path: path, What: found, structure: true}
	}
	return &DamageError{Path: path, Rows: []LostRow{{What: "an index: " + found}}}
}

// verifyPresent is [verify] for a file of the version that this program writes.
func verifyPresent(ctx context.Context, q querier, path string) error {
	f, err := presentFile(path)
	if err != nil {
		return err
	}
	return verify(ctx, q, f)
}

func (f *sqliteFile) copyTo(ctx context.Context, db *sql.DB, path string) error {
	return copyInto(ctx, db, path)
}

func (f *sqliteFile) allRows(tb table) string {
	return fmt.Sprintf("SELECT rowid, %s FROM %s NOT INDEXED ORDER BY rowid", tb.read, tb.name)
}
