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
	"sync"
	"sync/atomic"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

// Palace is a [store.Store] in a database.
type Palace struct {
	engine  engine
	path    string // what errors call the database: its file
	log     *slog.Logger
	now     func() time.Time
	store   string // the name that palace.id must hold
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

	noticed sync.Map               // what was found damaged, in words
	suspect chan struct{}          // receives when something else was found damaged
	changed chan struct{}          // receives, while another bot leads, when that one has committed something
	handed  chan struct{}          // receives when a standby may have handed something over
	asked   atomic.Pointer[[]read] // what of the records the last update or batch has read
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
	// StandBy is called when another bot is found to lead, and again whenever that one
	// is heard of. Open waits then until it may lead itself. Without it Open returns [ErrLed].
	// The palace is the one that Open will return. Until then it can only be read, and
	// handed something over; it is nil where it cannot be read, as one of another version.
	StandBy func(Leader, *Palace)
}

func newPalace(e engine, o Options) *Palace {
	p := &Palace{
		engine: e, path: e.place(), log: o.Log, now: o.Now,
		queued:  make(chan struct{}, 1),
		suspect: make(chan struct{}, 1),
		changed: make(chan struct{}, 1),
		handed:  make(chan struct{}, 1),
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

// load reads the committed list and the name of the store.
func (p *Palace) load(ctx context.Context) error {
	tx, err := p.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return explain(err)
	}
	defer tx.Rollback()
	if err := p.engine.schemaIntact(ctx, tx); err != nil {
		return misread(p.path, err)
	}
	m, err := readMeta(ctx, tx)
	if err != nil {
		return misread(p.path, err)
	}
	p.store = m.store
	s, err := readState(ctx, tx, m, p.path)
	if err != nil {
		return misread(p.path, err)
	}
	p.committed.Store(s)
	return nil
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
	if l := p.lease(); l != nil {
		l.resign()
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

// signalWaiting signals if any messages are waiting.
func (p *Palace) signalWaiting(ctx context.Context) error {
	var waiting bool
	if err := p.readers.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM outbox)").Scan(&waiting); err != nil {
		return explain(err)
	}
	if waiting {
		p.signal()
	}
	return nil
}

func (p *Palace) signal() { wake(p.queued) }

// wake lets a channel receive that holds one signal.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
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
	t := &tx{ctx: ctx, sql: snapshot, before: s.list, notice: p.notice, records: &records{}}
	return t.read(f)
}

// snapshot begins a transaction to read in, and returns the state that it sees.
func (p *Palace) snapshot(ctx context.Context) (*sql.Tx, *state, error) {
	p.publishing.RLock()
	snapshot, err := p.readers.BeginTx(pipelined(ctx, metaRead), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		p.publishing.RUnlock()
		return nil, nil, err
	}
	m, err := readMeta(ctx, snapshot) // the first read is what fixes the snapshot
	s := p.committed.Load()
	p.publishing.RUnlock()
	if err == nil && m.revision != s.revision {
		if p.Leads() {
			p.log.Warn("another program has written to the bot's database", "revision", m.revision, "known", s.revision)
		}
		if s, err = readState(ctx, snapshot, m, p.path); err == nil {
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
