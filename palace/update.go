package palace

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"goalbot/store"
)

// This file changes the palace: one commit for one update, or for many.

// Update keeps everything that f does, or nothing. See [store.Store].
func (p *Palace) Update(ctx context.Context, o store.Origin, f func(store.Tx) error) error {
	reads := append([]read{{statement{keyQuery, []any{o.Key}}, "applied"}, loadRead}, p.foreseen()...)
	return p.transact(ctx, reads, func(b *batch) error { return b.Update(ctx, o, f) })
}

// Batch keeps many updates in one commit. See [store.Store].
func (p *Palace) Batch(ctx context.Context, f func(store.Store) error) error {
	reads, expected := append([]read{loadRead}, p.foreseen()...), store.Expected(ctx)
	if expected = expected[:min(len(expected), maxExpected)]; len(expected) > 0 {
		reads = append(reads, keysRead(expected))
	}
	return p.transact(ctx, reads, func(b *batch) error {
		b.many = true
		if err := b.lookUp(expected); err != nil {
			return b.broken(err)
		}
		if err := f(b); err != nil && b.failed == nil {
			b.failed = err // whatever its kind
		}
		return b.failed
	})
}

// foreseen is what the update or the batch before this one has read of the records.
func (p *Palace) foreseen() []read {
	if asked := p.asked.Load(); asked != nil {
		return *asked
	}
	return nil
}

// write makes one change that has no key of its own to be known by, unless o
// has one. Where it returns an error nothing was saved, or it is
// [store.ErrUnknown]. An error of do is returned as it is.
func (p *Palace) write(ctx context.Context, o store.Origin, do func(*tx) error) error {
	return p.transact(ctx, nil, func(b *batch) error { return b.apply(o, do) })
}

// transact runs do in the one transaction that may write, and commits what it
// made. An [store.ErrRefused] of do is kept too; with any other error nothing is.
// reads are what do is expected to read first.
func (p *Palace) transact(ctx context.Context, reads []read, do func(*batch) error) error {
	if p.writer == nil {
		return fmt.Errorf("write database: %w", ErrReadOnly)
	}
	select {
	case p.writing <- struct{}{}:
		defer func() { <-p.writing }()
	case <-ctx.Done():
		return fmt.Errorf("write database: %w", context.Cause(ctx))
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("write database: %w", err)
	}
	// From here on ctx does not count: the outcome of an interrupted commit would
	// be unknown.
	b := &batch{palace: p, ctx: context.WithoutCancel(ctx), applied: map[string]bool{}, prepared: prepared{}}
	defer b.end() // also when do panics
	if err := b.begin(reads); err != nil {
		return b.broken(err)
	}
	before := b.state
	err := do(b)
	if reads != nil {
		asked := b.records.asked[:min(len(b.records.asked), maxForeseen)]
		p.asked.Store(&asked)
	}
	switch {
	case b.failed != nil:
		return b.failed
	case err != nil && !errors.Is(err, store.ErrRefused):
		return err
	case b.state == before:
		return err // nothing was made
	}
	if err := b.finish(before.meta); err != nil {
		return b.broken(err)
	}
	if failed := b.commit(); failed != nil {
		return fmt.Errorf("save: %w", failed)
	}
	return err
}

// batch is the transaction that is under way. It is a [store.Store]: later
// updates see what earlier ones did, and all are kept by one commit.
type batch struct {
	palace *Palace
	ctx    context.Context
	conn   *sql.Conn
	sql    *sql.Tx
	many   bool // what one update did can be undone without the others
	ended  bool

	name     string          // of the update that is under way, or was last
	names    map[string]bool // of those that will be kept
	applied  map[string]bool // whether updates of these keys were kept, as far as it is known
	state    *state          // as the updates so far leave it
	key      string          // of the last of them that is kept; where there is none, the revision tells
	queued   bool            // one of them queued messages
	grown    bool            // one of them made the history of goals longer that were there
	load     *load           // what waits in the outbox
	records  records         // that were read or kept
	prepared prepared        // statements that ran before
	claims   []claim         // of the updates that will be kept
	failed   error           // why nothing can be kept any more
}

// begin starts the transaction and finds out which state it changes.
func (b *batch) begin(reads []read) (err error) {
	p := b.palace
	if err := p.engine.inPlace(); err != nil {
		return err
	}
	reads = append([]read{metaRead}, reads...)
	if b.conn, b.sql, err = beginOn(pipelined(b.ctx, reads...), p.writer); err != nil {
		return err
	}
	m, err := readMeta(b.ctx, b.sql)
	if err != nil {
		return err
	}
	if m.store != p.store {
		return replaced(p.path)
	}
	b.state = p.committed.Load()
	if m.revision != b.state.revision {
		p.log.Warn("another program has written to the bot's database; the list is read again", "revision", m.revision, "known", b.state.revision)
		if b.state, err = readState(b.ctx, b.sql, m, p.path); err != nil {
			return err
		}
		p.adopt(b.state) // whatever becomes of this transaction: nothing is written in it yet
	}
	return nil
}

// beginOn begins a transaction on a connection of its own.
func beginOn(ctx context.Context, db *sql.DB) (conn *sql.Conn, tx *sql.Tx, err error) {
	for range 2 {
		if conn, err = db.Conn(ctx); err != nil {
			return nil, nil, err
		}
		if tx, err = conn.BeginTx(ctx, nil); err == nil {
			return conn, tx, nil
		}
		conn.Close()
		if !errors.Is(err, driver.ErrBadConn) { // else it broke while nobody used it; the next one is new
			return nil, nil, err
		}
	}
	return nil, nil, err
}

// end undoes what was not committed.
func (b *batch) end() {
	b.ended = true
	if b.sql != nil {
		b.sql.Rollback() // does nothing after a commit
	}
	if b.conn != nil {
		b.conn.Close()
	}
}

// commit commits and lets everybody see the new state.
func (b *batch) commit() error {
	p := b.palace
	p.publishing.Lock()
	defer p.publishing.Unlock()
	if err := p.commit(b.sql); err != nil {
		b.sql.Rollback()
		discard(b.conn) // its state is unknown
		if err := p.settle(b.ctx, b.key, b.state.revision, err); err != nil {
			p.fails(b.name, err)
			return err
		}
		p.log.Warn("a commit that reported an error has taken effect", "key", b.key, "err", err)
	}
	p.committed.Store(b.state)
	p.works(b.names)
	if b.queued {
		p.signal()
	}
	return nil
}

// View implements store.Store.
func (b *batch) View(_ context.Context, f func(store.Tx) error) error {
	if err := b.usable(); err != nil {
		return fmt.Errorf("read database: %w", err)
	}
	t := &tx{ctx: b.ctx, sql: b.sql, before: b.state.list, notice: b.palace.notice, records: &b.records}
	return t.read(f)
}

// Batch implements store.Store.
func (b *batch) Batch(_ context.Context, f func(store.Store) error) error { return f(b) }

// Update implements store.Store.
func (b *batch) Update(_ context.Context, o store.Origin, f func(store.Tx) error) error {
	if o.Key == "" {
		return errors.New("update database: the origin has no key")
	}
	var refused error
	err := b.apply(o, func(t *tx) error {
		seen, err := b.seen(t, o.Key)
		if err != nil {
			return err
		}
		if seen {
			return store.ErrRepeat
		}
		err = f(t)
		if errors.Is(err, store.ErrRefused) {
			refused = err
			return t.rollBack()
		}
		return err
	})
	if err != nil {
		return err
	}
	return refused
}

// apply runs do and saves what it did. An error undoes it; where it cannot be
// undone alone, the whole batch is undone.
func (b *batch) apply(o store.Origin, do func(*tx) error) error {
	if err := b.usable(); err != nil {
		return fmt.Errorf("write database: %w", err)
	}
	b.name = o.Name
	t := b.tx(o)
	defer t.end()
	kept := false
	defer func() {
		if !kept {
			b.load = nil // what it queued is not
			b.records.forget()
		}
	}()
	if b.many {
		defer func() {
			if !kept && b.failed == nil && t.marked { // also when do panics
				t.exec("put back", backToSavepoint)
				t.keep()
				b.fail(t)
			}
		}()
	}
	err := do(t)
	if t.failed != nil { // a statement that failed may have ended the transaction: whatever do made of it, nothing counts
		return b.fail(t)
	}
	if err != nil {
		return err
	}
	next, err := t.saveOver(b)
	if err != nil {
		b.fail(t)
		return fmt.Errorf("save: %w", explain(err))
	}
	kept = true
	b.claims = append(b.claims, t.claims...)
	if o.Key != "" && !o.Once { // else it is not kept
		b.key, b.applied[o.Key] = o.Key, true
	}
	if b.names == nil {
		b.names = map[string]bool{}
	}
	b.names[o.Name] = true
	b.state, b.queued, b.grown = next, b.queued || len(t.messages) > 0, b.grown || t.grown
	return nil
}

// tx is for one change to what the batch has so far.
func (b *batch) tx(o store.Origin) *tx {
	p := b.palace
	return &tx{ctx: b.ctx, sql: b.sql, before: b.state.list, origin: o, now: p.now(), writes: true, notice: p.notice,
		keptKeys: p.keptKeys, capacity: p.capacity, bounds: p.bounds, load: &b.load, records: &b.records, prepared: b.prepared}
}

// saveOver saves what a transaction did to the state of its batch. Among many it can be
// undone alone until then.
func (t *tx) saveOver(b *batch) (next *state, err error) {
	if b.many {
		err = t.mark()
	} else {
		err = t.keep()
	}
	if err == nil {
		next, err = t.save(b.state.meta)
	}
	if err == nil {
		err = t.keep()
	}
	return next, err
}

// finish does what is the same for all updates since then, and reports a statement of
// theirs that did not do what it has to.
func (b *batch) finish(since meta) error {
	if err := b.tx(store.Origin{}).forgetHistory(since, &b.state.meta, b.grown); err != nil {
		return err
	}
	for _, c := range b.claims {
		if err := c.verify(); err != nil {
			return err
		}
	}
	_, err := b.sql.ExecContext(b.ctx, saveMeta, b.state.row()...)
	return err
}

// fail ends the batch if a statement has failed.
func (b *batch) fail(t *tx) error {
	if t.failed != nil {
		b.failed = b.broken(t.failed)
	}
	return b.failed
}

// broken makes an error of why nothing can be saved, and remembers it.
func (b *batch) broken(err error) error {
	err = withCure(b.palace.path, err)
	b.palace.fails(b.name, err)
	return fmt.Errorf("write database: %w", err)
}

func (b *batch) usable() error {
	if b.ended {
		return errEnded
	}
	return b.failed
}

// settle finds out what became of a commit that returned an error. It returns
// nil where it took effect.
func (p *Palace) settle(ctx context.Context, key string, revision int64, failure error) error {
	unknown := func(err error) error { return fmt.Errorf("%w: %w", store.ErrUnknown, err) }
	found, err := p.tookEffect(ctx, key, revision)
	switch {
	case err != nil:
		return unknown(errors.Join(failure, err))
	case found:
		return nil
	case mayReturn(failure):
		return unknown(failure)
	}
	return explain(failure)
}

// tookEffect reports whether a commit has taken effect, by its key or, where it
// has none, by the revision. It returns an error where somebody else may have saved
// the same since.
func (p *Palace) tookEffect(ctx context.Context, key string, revision int64) (found bool, err error) {
	db, err := p.engine.fresh(ctx) // the old connection may see what it did itself
	if err != nil {
		return false, err
	}
	defer db.Close()
	// Not to read only: a server that was not heard of may still be about to
	// commit, and this one begins when that one has ended.
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer tx.Rollback()
	if key != "" {
		err = tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM applied WHERE key = $1)", key).Scan(&found)
	} else {
		err = tx.QueryRowContext(ctx, "SELECT revision >= $1 FROM meta", revision).Scan(&found)
	}
	return found, err
}
