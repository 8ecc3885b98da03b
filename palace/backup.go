package palace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"goalbot/store"
)

// keptBackups is how many backups a directory holds.
const keptBackups = 7

// Backups are named like this, with a time between.
const (
	backupPrefix = "palace-"
	backupSuffix = ".db"
)

// stampFormat names files by time.
const stampFormat = "20060102T150405.000Z"

// Backup writes a copy of the palace into dir and returns its path. Only the
// newest seven of this palace stay. A copy that does not check out replaces
// nothing.
func (p *Palace) Backup(ctx context.Context, dir string) (string, error) {
	path, err := p.backup(ctx, dir, verifyPresent)
	if err != nil {
		return "", fmt.Errorf("back up database: %w", explain(err))
	}
	return path, nil
}

// BackupTo writes a copy of the palace to a file that must not be there yet. It may
// be done beside a process that changes the palace.
func (p *Palace) BackupTo(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); err == nil {
		return &os.PathError{Op: "back up database to", Path: path, Err: os.ErrExist}
	}
	if err := p.copyTo(ctx, path, verifyPresent); err != nil {
		return fmt.Errorf("back up database: %w", explain(err))
	}
	return nil
}

// backup makes a copy that check finds nothing wrong with.
func (p *Palace) backup(ctx context.Context, dir string, check func(context.Context, querier, string) error) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	path := filepath.Join(dir, backupPrefix+p.now().UTC().Format(stampFormat)+backupSuffix)
	if err := p.copyTo(ctx, path, check); err != nil {
		return "", err
	}
	return path, forgetBackups(ctx, dir, p.store, path)
}

// copyTo makes a copy under another name first, and gives it its own when check
// has found nothing wrong with it.
func (p *Palace) copyTo(ctx context.Context, path string, check func(context.Context, querier, string) error) error {
	dir := filepath.Dir(path)
	temp := filepath.Join(dir, tempPrefix+p.now().UTC().Format(stampFormat)+tempSuffix)
	// The file is made first so that nobody else may read it.
	f, err := os.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := f.Close(); err != nil { // a file that is open has no other name on Windows
		return err
	}
	if err := p.engine.copyTo(ctx, p.readers, temp); err != nil {
		return err
	}
	if err := syncFile(temp); err != nil {
		return err
	}
	if err := examine(ctx, temp, check); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return syncDir(dir)
}

// aBackup is a file in a directory of backups that can be read as one.
type aBackup struct {
	path string
	facts
}

// allBackups returns what can be read in dir, oldest first: by the revision,
// for a name tells what a clock said. Where nothing was changed in between, the
// name decides. dir need not be there.
func allBackups(ctx context.Context, dir string) ([]aBackup, error) {
	entries, err := os.ReadDir(dir) // in the order of the names; a pattern would not find what is in "[1]"
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []aBackup
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if !strings.HasPrefix(e.Name(), backupPrefix) || !strings.HasSuffix(path, backupSuffix) || !e.Type().IsRegular() {
			continue
		}
		if f, err := inspect(ctx, path); err == nil && f.status == Existing {
			all = append(all, aBackup{path, f})
		}
	}
	slices.SortStableFunc(all, func(a, b aBackup) int { return cmp.Compare(a.revision, b.revision) })
	return all, ctx.Err()
}

// Backups returns the backups in dir that may take the place of the palace at
// path, oldest first by what is in them. What cannot be read is none, nor is
// the backup of another palace, or of a newer program.
func Backups(ctx context.Context, path, dir string) ([]string, error) {
	marker, err := readMarker(path)
	if err != nil {
		return nil, err
	}
	all, err := allBackups(ctx, dir)
	var paths []string
	for _, b := range all {
		if (marker == "" || marker == b.store) && b.version <= version() {
			paths = append(paths, b.path)
		}
	}
	return paths, err
}

// BackupTime is when a backup was made, by its name: as the clock said then.
func BackupTime(path string) (time.Time, bool) {
	name, ours := strings.CutPrefix(filepath.Base(path), backupPrefix)
	name, db := strings.CutSuffix(name, backupSuffix)
	at, err := time.Parse(stampFormat, name)
	return at, ours && db && err == nil
}

// forgetBackups removes the oldest of this palace, and never the one that was
// just made, however the clock was set. What cannot be read stays: it may be
// the disk.
func forgetBackups(ctx context.Context, dir, store, made string) error {
	all, err := allBackups(ctx, dir)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(b aBackup) bool {
		_, ours := BackupTime(b.path) // people may keep copies of their own there
		return b.store != store || b.path == made || !ours
	})
	for len(all) >= keptBackups {
		err = errors.Join(err, os.Remove(all[0].path))
		all = all[1:]
	}
	return err
}

// raiseRevision lets the palace have a higher revision than every backup of it. One
// that was put back goes on from an older revision than those that were made
// after it; what is backed up from now on must not seem older than they.
func (p *Palace) raiseRevision(ctx context.Context, dir string) error {
	all, err := allBackups(ctx, dir)
	if err != nil {
		return err
	}
	highest := int64(0)
	for _, b := range all {
		if b.store == p.store {
			highest = max(highest, b.revision)
		}
	}
	if highest <= p.committed.Load().revision {
		return nil
	}
	p.log.Info("the bot's database is older than a backup of it: it was put back", "revision", p.committed.Load().revision, "backup", highest)
	return p.transact(ctx, nil, func(b *batch) error {
		put := *b.state
		put.revision = highest
		b.state = &put
		return b.apply(store.Origin{}, func(*tx) error { return nil })
	})
}

// examine opens a file that nobody writes.
func examine(ctx context.Context, path string, f func(context.Context, querier, string) error) error {
	db, err := connect(path, unwritten, 1)
	if err != nil {
		return err
	}
	defer db.Close()
	return f(ctx, db, path)
}

// backupBefore makes a backup of a database that is about to be migrated.
func (p *Palace) backupBefore(ctx context.Context, f facts, dir string) error {
	db, err := connect(p.path, reading, 1)
	if err != nil {
		return err
	}
	defer db.Close()
	before := newPalace(&sqliteFile{path: p.path}, Options{Now: p.now})
	before.readers, before.store = db, f.store
	path, err := before.backup(ctx, dir, verifyStructure) // its rows are those of an older version
	if err != nil {
		return fmt.Errorf("back up database: %w", explain(err))
	}
	p.log.Info("the bot's database is brought up to date", "from", f.version, "backup", path)
	return nil
}
