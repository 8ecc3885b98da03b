package palace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"goalbot/securefile"
)

// This file opens a palace in an SQLite file.

// Open opens the palace at path. Where there has never been one it makes an empty
// one; see [StatusOf]. A database of an older version is backed up and migrated. A
// database that does not belong there or cannot be trusted is refused with
// [ErrIdentity], [ErrDamaged] or [ErrNewer].
func Open(ctx context.Context, path string, o Options) (*Palace, error) {
	return open(ctx, path, o, migrations())
}

func open(ctx context.Context, path string, o Options, scripts []string) (*Palace, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	f, err := inspect(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if f.version > len(scripts) {
		return nil, fmt.Errorf("open database: %w", newer(path, f.version, len(scripts)))
	}
	if o.Backups == "" {
		o.Backups = filepath.Join(filepath.Dir(path), "backups")
	}
	e := &sqliteFile{path: path, writes: true}
	p := newPalace(e, o)
	for _, dir := range []string{filepath.Dir(path), o.Backups} {
		if err := sweep(dir); err != nil {
			p.log.Warn("temporary files of a former run stay", "err", err)
		}
	}
	if f.status == Lost {
		return nil, fmt.Errorf("open database: %w", lost(path, "is missing or empty"))
	}
	if err := breakLinks(path); err != nil {
		return nil, fmt.Errorf("open database: %w", explain(err))
	}
	how := writing
	switch f.status {
	case Fresh:
		how = creating
		if err := makePlace(path); err != nil {
			return nil, fmt.Errorf("make database: %w", err)
		}
	case Existing:
		if f.version < len(scripts) {
			if err := p.backupBefore(ctx, f, o.Backups); err != nil {
				return nil, fmt.Errorf("open database: %w", err)
			}
		}
	}
	if p.writer, err = connect(path, how, 1); err != nil {
		return nil, err
	}
	if p.readers, err = connect(path, reading, 4); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	if err := p.begin(ctx, e, f, scripts); err != nil {
		return nil, fmt.Errorf("open database: %w", explain(errors.Join(err, p.Close())))
	}
	if err := p.raiseRevision(ctx, o.Backups); err != nil {
		p.log.Warn("which backup is the newest may be misjudged", "dir", o.Backups, "err", err)
	}
	return p, nil
}

func newer(path string, version, known int) error {
	return fmt.Errorf("%w: %s has version %d, this program knows %d", ErrNewer, path, version, known)
}

// makePlace makes the file itself, for the owner only: SQLite would use the
// umask. SQLite gives its log the mode of the database.
func makePlace(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	f, err := securefile.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) // it follows no link that leads nowhere
	if err != nil {
		return err
	}
	return f.Close()
}

// begin brings the schema up to date, settles who this palace is and loads the list.
func (p *Palace) begin(ctx context.Context, e *sqliteFile, f facts, scripts []string) error {
	if err := engineNew(ctx, p.writer); err != nil {
		return err
	}
	if err := migrate(ctx, p.writer, f.version, scripts); err != nil {
		return withCure(p.path, err)
	}
	if f.version < len(scripts) { // a migration leaves much free space
		if _, err := p.writer.ExecContext(ctx, "VACUUM"); err != nil {
			p.log.Warn("the space freed by bringing the bot's database up to date could not be given back", "err", err)
		}
	}
	var err error
	if e.schema, err = schemaOf(ctx, scripts); err != nil {
		return err
	}
	if e.opened, err = identify(p.path); err != nil {
		return err
	}
	if err := p.readAll(ctx); err != nil {
		return err
	}
	if f.marker == "" {
		if f.status == Existing {
			p.log.Warn("palace.id was missing and is written anew", "palace", p.path)
		}
		if err := syncDir(filepath.Dir(p.path)); err != nil {
			return err
		}
		if err := writeMarker(p.path, p.store); err != nil {
			return err
		}
	}
	return p.signalWaiting(ctx)
}

// OpenReadOnly opens a palace to look at it, whether or not another process
// has it open, and leaves every file as it was. Changes are refused with
// [ErrReadOnly].
func OpenReadOnly(ctx context.Context, path string) (*Palace, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	f, err := inspect(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	switch {
	case f.status == Lost:
		return nil, fmt.Errorf("open database: %w", lost(path, "is missing or empty"))
	case f.status == Fresh:
		return nil, fmt.Errorf("open database: there is none yet: %w", &os.PathError{Op: "open", Path: path, Err: os.ErrNotExist})
	case f.version > version():
		return nil, fmt.Errorf("open database: %w", newer(path, f.version, version()))
	case f.version < version():
		return nil, fmt.Errorf("open database: %s is of an older version; starting the bot brings it up to date", path)
	}
	e := &sqliteFile{path: path}
	p := newPalace(e, Options{})
	if p.readers, err = openUntouched(ctx, path); err != nil {
		return nil, err
	}
	if e.schema, err = ours(); err == nil {
		if e.opened, err = identify(path); err == nil {
			err = p.load(ctx)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open database: %w", errors.Join(err, p.Close()))
	}
	return p, nil
}
