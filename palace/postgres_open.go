package palace

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// This file opens a palace in a PostgreSQL database, makes it where there is none
// and brings it up to date.

//go:embed migrations/postgres/*.sql
var serverFiles embed.FS

// serverScripts are the scripts by the version that each of them leads to. The
// first makes a palace, of whichever version.
var serverScripts = func() map[int]string {
	names, err := fs.Glob(serverFiles, "migrations/postgres/*.sql")
	if err != nil {
		panic(err) // the pattern is wrong
	}
	scripts := map[int]string{}
	for _, name := range names {
		number, _, _ := strings.Cut(filepath.Base(name), "-")
		version, err := strconv.Atoi(number)
		if err != nil {
			panic(err) // a script has another name
		}
		text, err := serverFiles.ReadFile(name)
		if err != nil {
			panic(err) // it is part of the program
		}
		scripts[version] = string(text)
	}
	return scripts
}()

// connectServer prepares a palace in the database at url. file is where an SQLite
// file would be.
func connectServer(url, file string, o Options) (*Palace, *server, error) {
	config, err := parseURL(url)
	if err != nil {
		return nil, nil, fmt.Errorf("open database: the URL of the database: %w", err)
	}
	file, err = filepath.Abs(file)
	if err != nil {
		return nil, nil, fmt.Errorf("open database: %w", err)
	}
	s := &server{config: config, file: file}
	p := newPalace(s, o)
	p.readers = dial(config, lockMeta, nil, 4)
	return p, s, nil
}

// openServer opens the palace in the database at url; see [Place.Open].
func openServer(ctx context.Context, url, file string, o Options) (*Palace, error) {
	p, s, err := connectServer(url, file, o)
	if err != nil {
		return nil, err
	}
	s.writes = true
	s.lease = newLease(s)
	p.writer = dial(s.config, lockMeta, s.lease, 1)
	if err := p.beginServer(ctx, s, o); err != nil {
		return nil, fmt.Errorf("open database: %w", explain(errors.Join(err, p.Close())))
	}
	return p, nil
}

func (p *Palace) beginServer(ctx context.Context, s *server, o Options) error {
	if err := p.suits(ctx); err != nil {
		return err
	}
	f, err := s.inspect(ctx, p.readers)
	standBy, stop := p.standingBy(ctx, s, o.StandBy)
	defer stop()
	if err == nil && f.status == Existing {
		if err := s.lease.free(ctx, p.readers, standBy); err != nil {
			return err
		}
		f, err = s.inspect(ctx, p.readers) // the leader may have been of a newer version
	}
	switch {
	case err != nil:
		return err
	case f.status == Lost:
		return lostServer(s.place(), s.file)
	case size(s.file) > 0: // a backup was restored there, or a move was cut off
		return twoPlaces(s.place(), s.file)
	case f.version < version():
		if err := s.migrate(ctx); err != nil {
			return fmt.Errorf("migrate database: %w", err)
		}
	}
	if err := p.readAll(ctx); err != nil { // before it leads: it may take longer than the lease lasts
		return err
	}
	if err := s.lease.take(ctx, standBy); err != nil {
		return err
	}
	// Another one may have been faster, and have led meanwhile.
	if _, err := s.inspect(ctx, p.readers); err != nil {
		return err
	}
	if err := p.load(ctx); err != nil {
		return err
	}
	s.lease.store = p.store
	if f.marker == "" {
		if err := os.MkdirAll(filepath.Dir(s.file), 0o700); err != nil {
			return err
		}
		if err := writeMarker(s.file, p.store); err != nil {
			return err
		}
	}
	if err := p.raiseRevision(ctx, o.Backups); err != nil {
		p.log.Warn("which backup is the newest may be misjudged", "dir", o.Backups, "err", err)
	}
	return p.signalWaiting(ctx)
}

// standingBy lets tell know who leads, and the palace be read and listened to from
// then on until stop is called. It is nil where tell is.
func (p *Palace) standingBy(ctx context.Context, s *server, tell func(Leader, *Palace)) (standBy func(Leader), stop func()) {
	if tell == nil {
		return nil, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var listening sync.WaitGroup
	readable := false
	standBy = func(l Leader) {
		if !readable {
			if err := p.load(ctx); err != nil { // as where that one is of another version
				tell(l, nil)
				return
			}
			readable = true
			channel := changedChannel(p.store)
			listening.Go(func() { s.listen(ctx, channel, p.changed) })
		}
		tell(l, p)
	}
	return standBy, func() { cancel(); listening.Wait() }
}

// serverStatus is [Place.Status] for a server.
func serverStatus(ctx context.Context, url, file string) (Status, error) {
	p, s, err := connectServer(url, file, Options{})
	if err != nil {
		return Fresh, err
	}
	defer p.Close()
	f, err := s.inspect(ctx, p.readers)
	return f.status, explain(err)
}

// suits reports a server that cannot hold a palace, and warns of one that may lose it.
func (p *Palace) suits(ctx context.Context) error {
	rows, err := p.readers.QueryContext(ctx, `SELECT name, setting FROM pg_settings WHERE name IN ('server_version_num', 'server_encoding', 'fsync', 'full_page_writes')`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return err
		}
		switch name {
		case "server_version_num":
			if n, err := strconv.Atoi(value); err != nil || n/10000 < oldestServer {
				return fmt.Errorf("the PostgreSQL server is too old: its version is %s, and the bot needs %d or newer; upgrade it, or name another one in the URL", release(n), oldestServer)
			}
		case "server_encoding":
			if value != "UTF8" {
				return fmt.Errorf("%s has the encoding %s, and the bot needs UTF8; make one with: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0", p.path, value)
			}
		default:
			if value == "off" {
				p.log.Warn("the PostgreSQL server may lose what was saved when it crashes; turn "+name+" on", "setting", name)
			}
		}
	}
	return rows.Err()
}

// release is a version of PostgreSQL as people write it (PostgreSQL, "server_version_num").
func release(number int) string {
	if number < 100_000 {
		return fmt.Sprintf("%d.%d.%d", number/10_000, number/100%100, number%100)
	}
	return fmt.Sprintf("%d.%d", number/10_000, number%10_000)
}

// inspect finds out what is in the database. A palace that must not be opened is an error.
func (s *server) inspect(ctx context.Context, q querier) (f facts, err error) {
	if f.marker, err = readMarker(s.file); err != nil {
		return f, err
	}
	var ours, theirs, moved bool
	err = q.QueryRowContext(ctx, `
		SELECT count(*) FILTER (WHERE c.relname = 'palace_version') > 0, count(*) FILTER (WHERE c.relname IN ('meta', 'goals')) > 0,
			count(*) FILTER (WHERE c.relname = 'palace_moved') > 0
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r'`).Scan(&ours, &theirs, &moved)
	switch {
	case err != nil:
		return f, err
	case !ours && theirs:
		return f, fmt.Errorf("%w: %s holds tables of another program; nothing was changed: give the bot a database or a schema of its own", ErrIdentity, s.place())
	case !ours && f.marker != "":
		f.status = Lost
		return f, nil
	case !ours:
		return f, nil
	}
	f.status = Existing
	if moved {
		return f, s.movedFrom(ctx, q)
	}
	if err := q.QueryRowContext(ctx, "SELECT version FROM palace_version").Scan(&f.version); err != nil {
		return f, misread(s.place(), fmt.Errorf("read version: %w", err))
	}
	if f.version > version() {
		return f, fmt.Errorf("%w: %s has version %d, this program knows %d", ErrNewer, s.place(), f.version, version())
	}
	// Every version, older or newer, can answer this.
	if err := q.QueryRowContext(ctx, "SELECT store, revision FROM meta").Scan(&f.store, &f.revision); err != nil {
		return f, misread(s.place(), fmt.Errorf("read store name: %w", err))
	}
	if f.marker != "" && f.marker != f.store {
		return f, anotherServer(s.place(), s.file)
	}
	return f, nil
}

// migrate runs the scripts that the database has not seen, all of them or none.
func (s *server) migrate(ctx context.Context) error {
	db := dial(s.config, lockSchema, nil, 1)
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	f, err := s.inspect(ctx, tx)
	if err != nil {
		return err
	}
	if err := runScripts(ctx, tx, f.version); err != nil {
		return err
	}
	if f.version == 0 {
		if _, err := tx.ExecContext(ctx, metaTable.insert, meta{store: rand.Text()}.row()...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// lockSchema is what a transaction begins with that makes or changes tables. One
// program does at a time, also where there is no table yet that it could lock.
const lockSchema = "SELECT pg_advisory_xact_lock(1196376396)" // "GOAL"

// runScripts brings tables of a version up to date, or makes them where that is 0.
func runScripts(ctx context.Context, tx *sql.Tx, from int) error {
	for v := from + 1; v <= version(); v++ {
		if script, ok := serverScripts[v]; ok {
			if _, err := tx.ExecContext(ctx, script); err != nil {
				return fmt.Errorf("to version %d: %w", v, err)
			}
		}
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO palace_version VALUES (1, $1) ON CONFLICT (only_one) DO UPDATE SET version = excluded.version", version())
	return err
}

// openServerReadOnly is [Place.OpenReadOnly] for a server.
func openServerReadOnly(ctx context.Context, url, file string) (*Palace, error) {
	p, s, err := connectServer(url, file, Options{})
	if err != nil {
		return nil, err
	}
	f, err := s.inspect(ctx, p.readers)
	switch {
	case err != nil:
	case f.status == Lost:
		err = lostServer(s.place(), s.file)
	case f.status == Fresh:
		err = fmt.Errorf("there is none yet in %s: %w", s.place(), fs.ErrNotExist)
	case f.version < version():
		err = fmt.Errorf("%s is of an older version; starting the bot brings it up to date", s.place())
	default:
		err = p.load(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("open database: %w", explain(errors.Join(err, p.Close())))
	}
	return p, nil
}

func lostServer(place, file string) error {
	if size(file) > 0 {
		return fmt.Errorf("%w: %s is empty, and the goals are in %s; nothing was changed: to move them, leave PALACE_URL empty and run: bot move --to URL", ErrIdentity, place, file)
	}
	return fmt.Errorf("%w: %s is empty, but %s says that the goals are kept in another database; nothing was changed: "+
		"correct PALACE_URL, or restore a backup with: bot restore --backup FILE; or, to start over from goals.json, remove %s",
		ErrIdentity, place, markerPath(file), markerPath(file))
}

// twoPlaces refuses to choose between a server and a file.
func twoPlaces(place, file string) error {
	return fmt.Errorf("%w: there are goals in %s and in %s; nothing was changed: move that file away to go on with the server, or leave PALACE_URL empty to go on with the file",
		ErrIdentity, place, file)
}

func anotherServer(place, file string) error {
	return fmt.Errorf("%w: %s is a database of this bot, but not the one that %s names; nothing was changed: correct PALACE_URL; or, if this one is right, remove %s",
		ErrIdentity, place, markerPath(file), markerPath(file))
}
