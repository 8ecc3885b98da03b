package palace

import (
	"context"
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

// Backup writes a copy of the palace into dir and returns its path. Only the
// newest seven stay. A copy that does not check out replaces nothing.
func (p *Palace) Backup(ctx context.Context, dir string) (string, error) {
	path, err := p.backup(ctx, dir)
	if err != nil {
		return "", fmt.Errorf("back up palace: %w", explain(err))
	}
	return path, nil
}

func (p *Palace) backup(ctx context.Context, dir string) (string, error) {
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
	stamp := p.now().UTC().Format("20060102T150405.000Z")
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
	if err := verify(ctx, temp); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "palace-"+stamp+".db")
	for i := 2; exists(path); i++ {
		path = filepath.Join(dir, fmt.Sprintf("palace-%s-%d.db", stamp, i))
	}
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

// verify reads a copy from end to end.
func verify(ctx context.Context, path string) error {
	db, err := engine(path, unwritten, 1)
	if err != nil {
		return err
	}
	defer db.Close()
	return sound(ctx, db, path)
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
	path, err := before.Backup(ctx, dir)
	if err != nil {
		return err
	}
	p.log.Info("the palace is brought up to date", "from version", version, "backup", strings.TrimPrefix(path, ""), "at", p.now().UTC().Format(time.RFC3339))
	return nil
}
