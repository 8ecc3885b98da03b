package palace

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// This file repairs a palace in a PostgreSQL database.

// presentServer prepares a palace of the version that this program writes.
func presentServer(ctx context.Context, url, file string, o Options) (*Palace, *server, facts, error) {
	p, s, err := connectServer(url, file, o)
	if err != nil {
		return nil, nil, facts{}, err
	}
	f, err := s.inspect(ctx, p.readers)
	switch {
	case err != nil:
	case f.status == Lost:
		err = lostServer(s.place(), s.file)
	case f.status == Fresh:
		err = fmt.Errorf("there is none in %s", s.place())
	case f.version != version():
		err = fmt.Errorf("%s is of an older version; starting the bot brings it up to date", s.place())
	}
	if err != nil {
		p.Close()
		return nil, nil, f, explain(err)
	}
	p.store = f.store
	return p, s, f, nil
}

func examineServer(ctx context.Context, url, file string, from Sources) (Losses, error) {
	p, _, _, err := presentServer(ctx, url, file, Options{})
	if err != nil {
		return Losses{}, fmt.Errorf("examine database: %w", err)
	}
	defer p.Close()
	return p.Examine(ctx, from)
}

func repairServer(ctx context.Context, url, file string, o Options, from Sources) (Repaired, error) {
	p, s, _, err := presentServer(ctx, url, file, o)
	if err != nil {
		return Repaired{}, fmt.Errorf("repair database: %w", err)
	}
	defer p.Close()
	done, err := p.repairServer(ctx, s, from)
	if err != nil {
		return Repaired{}, fmt.Errorf("repair database: %w", explain(err))
	}
	return done, nil
}

// repairServer examines and mends in one transaction: where the rows are would not
// be known any more in another.
func (p *Palace) repairServer(ctx context.Context, s *server, from Sources) (done Repaired, err error) {
	s.lease = newLease(s)
	if err := s.lease.take(ctx, nil); err != nil {
		return done, err
	}
	defer s.lease.resign()
	db := dial(s.config, lockMeta, s.lease, 1)
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return done, err
	}
	defer tx.Rollback()
	losses, err := examineRows(ctx, tx, s, p.store, from)
	if err != nil || losses.None() {
		return done, err
	}
	if err := known(losses.Goals); err != nil {
		return done, err
	}
	now := p.now()
	if done.Kept, err = s.keepCopy(ctx, p.readers, "damaged", now); err != nil {
		return done, err
	}
	if err := mend(ctx, tx, s, losses, now, p.notice); err != nil {
		return done, err
	}
	done.Losses = losses
	return done, tx.Commit()
}

// keepCopy copies the palace, as it is, into an SQLite file where one would be
// whose goals are not on a server. why is part of its name.
func (s *server) keepCopy(ctx context.Context, db *sql.DB, why string, now time.Time) (string, error) {
	dir := filepath.Dir(s.file)
	temp, err := os.CreateTemp(dir, tempPrefix+"*"+tempSuffix)
	if err != nil {
		return "", err
	}
	defer os.Remove(temp.Name())
	if err := temp.Close(); err != nil {
		return "", err
	}
	if err := s.copyTo(ctx, db, temp.Name()); err != nil {
		return "", err
	}
	kept := s.file + "." + why + "-" + now.UTC().Format(stampFormat)
	if err := os.Rename(temp.Name(), kept); err != nil {
		return "", err
	}
	return kept, syncDir(dir)
}
