package palace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Restore puts a backup in the place of the palace at path. What was there is
// kept beside it, under a name that is returned, "" if nothing was. Nobody may
// have the palace open.
func Restore(ctx context.Context, backup, path string, o Options) (string, error) {
	replaced, err := restore(ctx, backup, path, o)
	if err != nil {
		return "", fmt.Errorf("restore database: %w", explain(err))
	}
	return replaced, nil
}

func restore(ctx context.Context, backup, path string, o Options) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if backup, err = filepath.Abs(backup); err != nil {
		return "", err
	}
	marker, err := readMarker(path)
	if err != nil {
		return "", err
	}
	f, err := inspect(ctx, backup)
	if err != nil {
		return "", err
	}
	if f.status != Existing {
		return "", fmt.Errorf("%w: %s holds no database of this bot", ErrIdentity, backup)
	}
	if f.version > version() { // the bot would not start on it
		return "", newerBackup(backup, f.version)
	}
	if marker != "" && marker != f.store {
		return "", another(backup, path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	temp, err := copied(ctx, backup, filepath.Dir(path))
	if err != nil {
		return "", err
	}
	defer os.Remove(temp)
	if err := examine(ctx, temp, verifyStructure); err != nil {
		return "", err
	}
	if f.version == version() {
		if err := examine(ctx, temp, verifyPresent); err != nil {
			return "", err
		}
	}
	// From here on a crash leaves a palace that is refused, and never one that
	// is older than it seems: the marker is there, and the database goes before its log.
	if marker == "" {
		if err := writeMarker(path, f.store); err != nil {
			return "", err
		}
	}
	replaced, err := moveAside(path, "replaced", newPalace(&sqliteFile{path: path}, o).now())
	if err != nil {
		return "", err
	}
	if err := os.Rename(temp, path); err != nil {
		return "", err
	}
	return replaced, syncDir(filepath.Dir(path))
}

func newerBackup(path string, hasVersion int) error {
	return fmt.Errorf("%w; nothing was changed: restore an older backup, or this one with the newer program", newer(path, hasVersion, version()))
}

// moveAside renames a database that nobody has open, with its log, and returns the new
// name, which contains why; "" if there was no database. If the file system has links,
// all parts get their new names before the first old name is removed: a crash in
// between must not separate a log from its database.
func moveAside(path, why string, now time.Time) (kept string, err error) {
	name := path + "." + why + "-" + now.UTC().Format(stampFormat)
	var parts []string
	for _, part := range []string{"", "-wal", "-journal"} { // the database goes first: nothing is older than it seems
		if exists(path+part) && (part == "" || size(path+part) > 0) {
			parts = append(parts, part)
		}
	}
	linked := link(path, name, parts)
	if linked {
		if err := syncDir(filepath.Dir(path)); err != nil {
			return "", err
		}
	}
	for _, part := range parts {
		if linked {
			err = os.Remove(path + part)
		} else {
			err = os.Rename(path+part, name+part)
		}
		if err != nil {
			return "", err
		}
	}
	for _, part := range []string{"-wal", "-shm", "-journal"} { // empty, or an index of what is gone
		if exists(path + part) {
			if err := os.Remove(path + part); err != nil {
				return "", err
			}
		}
	}
	if len(parts) == 0 {
		return "", nil
	}
	return name + parts[0], nil
}

// link gives all parts of a database a second name, or none.
func link(path, name string, parts []string) bool {
	for i, part := range parts {
		if os.Link(path+part, name+part) == nil {
			continue
		}
		for _, done := range parts[:i] {
			os.Remove(name + done)
		}
		return false
	}
	return true
}

// copied copies a database, which somebody may have open, into dir, for good,
// and returns the name of the copy. What stands in the log is part of it.
func copied(ctx context.Context, path, dir string) (string, error) {
	to, err := os.CreateTemp(dir, tempPrefix+"*"+tempSuffix)
	if err != nil {
		return "", err
	}
	if err := to.Close(); err != nil {
		return "", err
	}
	db, err := openUntouched(ctx, path)
	if err == nil {
		err = errors.Join(duplicate(ctx, db, to.Name()), db.Close())
	}
	if err != nil {
		os.Remove(to.Name())
		return "", err
	}
	return to.Name(), nil
}
