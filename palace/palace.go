// Package palace keeps the goals: it is the one source of truth. Every change is
// one transaction, and is on disk before the call returns. Every row has a
// checksum; a row that does not match it is refused.
//
// The package knows neither Telegram nor where goals.json is. The caller makes
// sure that only one process writes; a second one is noticed, not prevented.
package palace

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"goalbot/goals"
	"goalbot/securefile"
	"goalbot/store"
)

// Palace is a [store.Store] in an SQLite file.
type Palace struct {
	path    string
	log     *slog.Logger
	now     func() time.Time
	store   string      // the name that palace.id must hold
	schema  schema      // as it should read
	file    os.FileInfo // the file as it was opened, to notice when it is replaced
	readers *sql.DB
	writer  *sql.DB // nil where only reading is allowed
	queued  chan struct{}

	// committed is what the last commit left. It is replaced, never altered.
	committed atomic.Pointer[state]
	// failure is the last commit that failed, until one like it has succeeded.
	failure atomic.Pointer[failure]
	// writing is held, by its one element, from BEGIN to COMMIT. It is a
	// channel so that waiting for it ends with the context.
	writing chan struct{}
	// publishing is held by the writer from COMMIT until committed is replaced, and
	// by readers while they take their snapshot. Without it a reader could find rows
	// newer or older than the list, and would have to read the whole list again.
	publishing sync.RWMutex

	commit   func(*sql.Tx) error // (*sql.Tx).Commit, but for tests of a commit that fails
	keptKeys int                 // keptKeys, but for tests that cannot wait for so many
	capacity capacity            // outboxCapacity, but for tests
	bounds   bounds              // historyBounds, but for tests

	noticed sync.Map      // what was found damaged, in words
	suspect chan struct{} // receives when something else was found damaged
}

// state is the list at one revision.
type state struct {
	meta
	list goals.List
}

var _ store.Store = (*Palace)(nil)

// Options are what a palace may be given. The zero value is fine.
type Options struct {
	Log     *slog.Logger
	Now     func() time.Time
	Backups string // where a backup goes before a migration; by default "backups" beside the database
}

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
		return nil, newer(path, f.version, len(scripts))
	}
	if o.Backups == "" {
		o.Backups = filepath.Join(filepath.Dir(path), "backups")
	}
	p := newPalace(path, o)
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
	if p.writer, err = engine(path, how, 1); err != nil {
		return nil, err
	}
	if p.readers, err = engine(path, reading, 4); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	if err := p.begin(ctx, f, scripts); err != nil {
		return nil, fmt.Errorf("open database: %w", explain(errors.Join(err, p.Close())))
	}
	if err := p.raiseRevision(ctx, o.Backups); err != nil {
		p.log.Warn("which backup is the newest may be misjudged", "dir", o.Backups, "err", err)
	}
	return p, nil
}

func newer(path string, version, known int) error {
	return fmt.Errorf("open database: %w: %s has version %d, this program knows %d", ErrNewer, path, version, known)
}

func newPalace(path string, o Options) *Palace {
	p := &Palace{
		path: path, log: o.Log, now: o.Now,
		queued:  make(chan struct{}, 1),
		suspect: make(chan struct{}, 1),
		writing: make(chan struct{}, 1),
		commit:  (*sql.Tx).Commit, keptKeys: keptKeys, capacity: outboxCapacity, bounds: historyBounds,
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if p.now == nil {
		p.now = time.Now
	}
	return p
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
func (p *Palace) begin(ctx context.Context, f facts, scripts []string) error {
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
	if p.schema, err = schemaOf(ctx, scripts); err != nil {
		return err
	}
	if p.file, err = identify(p.path); err != nil {
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
	var waiting bool
	if err := p.readers.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM outbox)").Scan(&waiting); err != nil {
		return explain(err)
	}
	if waiting {
		p.signal()
	}
	return nil
}

// load reads the committed list and the name of the store.
func (p *Palace) load(ctx context.Context) error {
	tx, err := p.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return explain(err)
	}
	defer tx.Rollback()
	if err := p.schema.intact(ctx, tx, p.path); err != nil {
		return misread(p.path, err)
	}
	m, err := readMeta(ctx, tx)
	if err != nil {
		return misread(p.path, err)
	}
	p.store = m.store
	s, err := p.readState(ctx, tx, m)
	if err != nil {
		return misread(p.path, err)
	}
	p.committed.Store(s)
	return nil
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
		return nil, newer(path, f.version, version())
	case f.version < version():
		return nil, fmt.Errorf("open database: %s is of an older version; starting the bot brings it up to date", path)
	}
	p := newPalace(path, Options{})
	if p.readers, err = openUntouched(ctx, path); err != nil {
		return nil, err
	}
	if p.schema, err = ours(); err == nil {
		if p.file, err = identify(path); err == nil {
			err = p.load(ctx)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open database: %w", errors.Join(err, p.Close()))
	}
	return p, nil
}

// Close ends everything. Nothing is lost without it.
func (p *Palace) Close() error {
	var err error
	if p.readers != nil { // before the writer: the last connection puts the log away, and must be able to write
		err = p.readers.Close()
	}
	if p.writer != nil {
		err = errors.Join(err, p.writer.Close())
	}
	if err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}

// List is the list as the last commit left it. A commit of unknown outcome shows
// once a read or a write has found out what became of it.
func (p *Palace) List() goals.List { return p.committed.Load().list.Clone() }

// Queued receives after a commit that queued messages, and once at the start
// if any are waiting. Several commits may be one signal.
func (p *Palace) Queued() <-chan struct{} { return p.queued }

func (p *Palace) signal() {
	select {
	case p.queued <- struct{}{}:
	default: // one is waiting already
	}
}

// View hands f one consistent snapshot. See [store.Store].
func (p *Palace) View(ctx context.Context, f func(store.Tx) error) error {
	snapshot, s, err := p.snapshot(ctx)
	if err != nil {
		return fmt.Errorf("read database: %w", explain(err))
	}
	defer snapshot.Rollback()
	t := &tx{ctx: ctx, sql: snapshot, before: s.list, notice: p.notice}
	return t.read(f)
}

// snapshot begins a transaction to read in, and returns the state that it sees.
func (p *Palace) snapshot(ctx context.Context) (*sql.Tx, *state, error) {
	p.publishing.RLock()
	snapshot, err := p.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		p.publishing.RUnlock()
		return nil, nil, err
	}
	m, err := readMeta(ctx, snapshot) // the first read is what fixes the snapshot
	s := p.committed.Load()
	p.publishing.RUnlock()
	if err == nil && m.revision != s.revision {
		if p.writer != nil {
			p.log.Warn("another program has written to the bot's database", "revision", m.revision, "known", s.revision)
		}
		if s, err = p.readState(ctx, snapshot, m); err == nil {
			p.adopt(s)
		}
	}
	if err != nil {
		snapshot.Rollback()
		return nil, nil, err
	}
	return snapshot, s, nil
}

// adopt takes over a committed state that was read from the file and is newer
// than the one in memory: another program has written, or a commit of unknown
// outcome took effect. Either may have queued messages, so it signals.
func (p *Palace) adopt(s *state) {
	for {
		known := p.committed.Load()
		if s.revision <= known.revision {
			return
		}
		if p.committed.CompareAndSwap(known, s) {
			p.signal()
			return
		}
	}
}
