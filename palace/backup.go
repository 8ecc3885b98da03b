package palace

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// keptBackups is how many backups a directory holds.
const keptBackups = 7

// stampFormat names files by time, so that their names sort by it.
const stampFormat = "20060102T150405.000Z"

// Backup writes a copy of the palace into dir and returns its path. Only the
// newest seven stay. A copy that does not check out replaces nothing.
func (p *Palace) Backup(ctx context.Context, dir string) (string, error) {
	path, err := p.backup(ctx, dir, sound)
	if err != nil {
		return "", fmt.Errorf("back up palace: %w", explain(err))
	}
	return path, nil
}

// backup makes a copy that verify finds nothing wrong with.
func (p *Palace) backup(ctx context.Context, dir string, verify func(context.Context, *sql.DB, string) error) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	leftovers, err := filepath.Glob(filepath.Join(dir, ".palace-*.tmp*"))
	if err != nil {
		return "", err
	}
	for _, path := range leftovers {
		os.Remove(path)
	}
	stamp := p.now().UTC().Format(stampFormat)
	temp := filepath.Join(dir, ".palace-"+stamp+".tmp")
	defer os.Remove(temp)
	// The file is made first so that nobody else may read it.
	f, err := os.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if err := copyInto(ctx, p.readers, temp); err != nil {
		return "", err
	}
	if err := f.Sync(); err != nil {
		return "", err
	}
	if err := examine(ctx, temp, verify); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "palace-"+stamp+".db")
	if err := os.Rename(temp, path); err != nil {
		return "", err
	}
	if err := syncDir(dir); err != nil {
		return "", err
	}
	return path, forgetBackups(dir, path)
}

// Backups returns the backups in dir, oldest first.
func Backups(dir string) ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "palace-*.db"))
	slices.Sort(paths)
	return paths, err
}

// BackupTime is when a backup was made, by its name.
func BackupTime(path string) (time.Time, bool) {
	name, ours := strings.CutPrefix(filepath.Base(path), "palace-")
	at, err := time.Parse(stampFormat, strings.TrimSuffix(name, ".db"))
	return at, ours && err == nil
}

// forgetBackups removes the oldest, and never the one that was just made,
// however the clock was set.
func forgetBackups(dir, made string) error {
	paths, err := Backups(dir)
	if err != nil {
		return err
	}
	paths = slices.DeleteFunc(paths, func(path string) bool { return path == made })
	for len(paths) >= keptBackups {
		err = errors.Join(err, os.Remove(paths[0]))
		paths = paths[1:]
	}
	return err
}

// examine opens a file that nobody writes.
func examine(ctx context.Context, path string, f func(context.Context, *sql.DB, string) error) error {
	db, err := engine(path, unwritten, 1)
	if err != nil {
		return err
	}
	defer db.Close()
	return f(ctx, db, path)
}

// backupBefore makes a backup of a database that is about to be migrated.
func (p *Palace) backupBefore(ctx context.Context, version int, dir string) error {
	if dir == "" {
		dir = filepath.Join(filepath.Dir(p.path), "backups")
	}
	db, err := engine(p.path, reading, 1)
	if err != nil {
		return err
	}
	defer db.Close()
	before := newPalace(p.path, Options{Now: p.now})
	before.readers = db
	path, err := before.backup(ctx, dir, structured) // its rows are those of an older version
	if err != nil {
		return fmt.Errorf("back up palace: %w", explain(err))
	}
	p.log.Info("the palace is brought up to date", "from", version, "backup", path)
	return nil
}

// Restore puts a backup in the place of the palace at path. What was there is
// kept beside it, under a name that is returned, "" if nothing was. Nobody may
// have the palace open.
func Restore(ctx context.Context, backup, path string, o Options) (string, error) {
	replaced, err := restore(ctx, backup, path, o)
	if err != nil {
		return "", fmt.Errorf("restore palace: %w", explain(err))
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
	if f.standing != Existing {
		return "", fmt.Errorf("%w: %s holds no palace", ErrIdentity, backup)
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
	if err := examine(ctx, temp, structured); err != nil {
		return "", err
	}
	if f.version == version() {
		if err := examine(ctx, temp, sound); err != nil {
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
	replaced, err := moveAside(path, newPalace(path, o).now())
	if err != nil {
		return "", err
	}
	if err := os.Rename(temp, path); err != nil {
		return "", err
	}
	return replaced, syncDir(filepath.Dir(path))
}

// moveAside gives a database that nobody has open, and its log, another name
// beside the old one, and returns that: "" if there was nothing. They have the
// new names together before the first old one goes, where the file system has
// links: a crash between must not part a log from its database.
func moveAside(path string, now time.Time) (kept string, err error) {
	name := path + ".replaced-" + now.UTC().Format(stampFormat)
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
	to, err := os.CreateTemp(dir, ".palace-*.tmp")
	if err != nil {
		return "", err
	}
	if err := to.Close(); err != nil {
		return "", err
	}
	db, err := onlooker(ctx, path)
	if err == nil {
		err = errors.Join(duplicate(ctx, db, to.Name()), db.Close())
	}
	if err != nil {
		os.Remove(to.Name())
		return "", err
	}
	return to.Name(), nil
}
