package palace

import (
	"context"
	"path/filepath"
)

// Place says where a palace is: in an SQLite file or, where URL is not empty, in the
// PostgreSQL database with that URL. URL may hold a password.
type Place struct {
	File string // beside it is palace.id, in either case
	URL  string
}

// String names the place, without a password.
func (l Place) String() string {
	if l.URL == "" {
		return l.File
	}
	config, err := parseURL(l.URL)
	if err != nil {
		return "a PostgreSQL database"
	}
	return placeOf(config)
}

// Status says what is there, and creates nothing. A caller that must not start with
// an empty palace, as beside a goals.json with goals, asks before [Place.Open].
func (l Place) Status(ctx context.Context) (Status, error) {
	if l.URL == "" {
		return StatusOf(ctx, l.File)
	}
	return serverStatus(ctx, l.URL, l.File)
}

// Open opens the palace. Where there has never been one it makes an empty one. A
// database of an older version is migrated. One that does not belong there or
// cannot be trusted is refused with [ErrIdentity], [ErrDamaged] or [ErrNewer].
func (l Place) Open(ctx context.Context, o Options) (*Palace, error) {
	if l.URL == "" {
		return Open(ctx, l.File, o)
	}
	if o.Backups == "" {
		o.Backups = filepath.Join(filepath.Dir(l.File), "backups")
	}
	return openServer(ctx, l.URL, l.File, o)
}

// OpenReadOnly opens the palace to look at it, whether or not another process has
// it open, and changes nothing. Changes are refused with [ErrReadOnly].
func (l Place) OpenReadOnly(ctx context.Context) (*Palace, error) {
	if l.URL == "" {
		return OpenReadOnly(ctx, l.File)
	}
	return openServerReadOnly(ctx, l.URL, l.File)
}

// Examine looks for rows that do not match their checksums, in a palace that
// another process may have open, and for what can be put in their place. It changes
// nothing. Damage that cannot be repaired is an error. Whoever has the palace open
// himself asks [Palace.Examine].
func (l Place) Examine(ctx context.Context, s Sources) (Losses, error) {
	if l.URL == "" {
		return Examine(ctx, l.File, s)
	}
	return examineServer(ctx, l.URL, l.File, s)
}

// Repair puts every goal back whose row does not match its checksum, as
// [Place.Examine] says what it was, and drops what else is damaged: all of that, or
// nothing. The database is kept first as it was, in an SQLite file. Every goal gets
// an event. Nobody may have the palace open.
func (l Place) Repair(ctx context.Context, o Options, s Sources) (Repaired, error) {
	if l.URL == "" {
		return Repair(ctx, l.File, o, s)
	}
	return repairServer(ctx, l.URL, l.File, o, s)
}

// Restore puts a backup in the place of the palace. What was there is kept in a file
// whose name is returned, "" if nothing was. Nobody may have the palace open.
func (l Place) Restore(ctx context.Context, backup string, o Options) (string, error) {
	if l.URL == "" {
		return Restore(ctx, backup, l.File, o)
	}
	return restoreServer(ctx, backup, l.URL, l.File, o)
}

// Backups returns the backups in dir that may take the place of the palace, oldest
// first by what is in them. What cannot be read is none, nor is the backup of another
// palace. They are SQLite files, wherever the palace is.
func (l Place) Backups(ctx context.Context, dir string) ([]string, error) {
	return Backups(ctx, l.File, dir)
}
