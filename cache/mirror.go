package cache

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"goalbot/goals"
	"goalbot/store"
)

// Palace is what the mirror needs of the truth.
type Palace interface {
	store.Store
	// List is the committed list.
	List() goals.List
}

// Reporter queues word to the owner about what was done with a file that
// others had changed, in the transaction that does it.
type Reporter interface {
	// Merged reports what was taken in. kept is where the file can be found as
	// it was, "" where nothing of it goes.
	Merged(tx store.Tx, m goals.Merged, kept string) error
	// Quarantined reports a file that did not load and is kept, when another one
	// stands in its place.
	Quarantined(tx store.Tx, kept string, cause error) error
	// Settle queues the reports that were held back to combine them, and says whether
	// none are left.
	Settle(tx store.Tx) (settled bool, err error)
}

// Mirror stands before the palace and lets goals.json follow: every change is
// committed there first and copied to the file then. It is a [store.Store].
// A file that could not be written is written at the next change or check.
type Mirror struct {
	palace Palace
	file   *File
	report Reporter
	log    *slog.Logger
	now    func() time.Time

	pace *rate.Limiter // of checks that take in what others wrote

	mu    sync.Mutex // holds commit and write together, so that the file never goes back
	rest  time.Time  // before which no check takes anything in
	base  stamp      // the version that the palace took in or wrote last
	based bool       // whether there is one
	bad   found      // the version that the last look found and could not take in
	taken struct {   // what others wrote and was taken in last
		hash uint64
		list goals.List // as the palace held it then
	}
	bases    bases       // the versions that others may have started from
	former   []uint64    // at the start: those that the former run has written and was about to replace
	holds    *goals.List // what the palace said when the file last said the same; nil if that was not since the start
	started  goals.List  // what the palace said at the start
	behind   error       // why the file is older than the bot's database, nil when it is not, or not known to be
	aside    []aside
	settled  bool // the reporter has nothing left to tell
	unmerged []unmergedVersion
	last     content // that was asked for, or written, last

	past    Past     // nil where this is the only machine
	standby *standby // nil where this bot leads
}

// NewMirror takes a palace and the file that is to follow it. It does no I/O;
// [Mirror.Start] takes the file in.
func NewMirror(palace Palace, file *File, report Reporter, log *slog.Logger, now func() time.Time) *Mirror {
	return &Mirror{palace: palace, file: file, report: report, log: log, now: now,
		pace: rate.NewLimiter(takeInsPerSecond, takeInsAtOnce)}
}

// Start removes leftovers, takes in what the file has and the palace has not,
// and brings the file up to date. A file that is malformed, unreadable or
// missing is left as it is and reported as by [Mirror.Check]. A file that is
// older because a former run ended between its commit and the file is nobody
// else's doing, and is brought up to date without a word. A panic over what
// stands there is an error: it would end the program at every start.
func (m *Mirror) Start(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			m.log.Error("taking goals.json in caused a panic", "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("take in %s: panic: %v", m.file.Path(), r)
		}
	}()
	if err := m.begin(ctx); err != nil {
		return err
	}
	if m.past != nil {
		if err := m.TakeInHanded(ctx); err != nil {
			m.log.Error("what was handed over is not taken in yet", "err", err)
		}
	}
	return m.Check(ctx)
}

// begin finds out what is known of the file, and removes leftovers.
func (m *Mirror) begin(ctx context.Context) error {
	m.started = m.palace.List()
	err := m.palace.View(ctx, func(tx store.Tx) error {
		value, err := tx.Record(store.ReplacedRecord, fileName)
		m.former = parseHashes(value)
		return errors.Join(err, m.bases.load(tx))
	})
	if err == nil && m.past != nil {
		err = m.recognize(ctx)
	}
	if err != nil {
		return fmt.Errorf("look up what was written last: %w", err)
	}
	if err := m.clearUp(ctx); err != nil {
		m.log.Warn("temporary files of a former run stay", "err", err)
	}
	return nil
}

// Path is where the file is.
func (m *Mirror) Path() string { return m.file.Path() }

// Place is where the file is; see [File.Place].
func (m *Mirror) Place() string { return m.file.Place() }

// View hands out the present state; it touches neither file nor lock.
func (m *Mirror) View(ctx context.Context, f func(store.Tx) error) error {
	return m.palace.View(ctx, f)
}

// Update takes in what others wrote to the file, lets the palace commit the
// change, and rewrites the file. The error is the palace's, or
// [store.ErrFileBehind] for a change that is saved without the file.
func (m *Mirror) Update(ctx context.Context, o store.Origin, f func(store.Tx) error) error {
	return m.follow(ctx, func(note noting) error {
		return m.palace.Update(ctx, o, note.after(f))
	})
}

// Batch is [Mirror.Update] for many changes: the palace commits once, and
// the file is rewritten once.
func (m *Mirror) Batch(ctx context.Context, f func(store.Store) error) error {
	return m.follow(ctx, func(note noting) error {
		return m.palace.Batch(ctx, func(s store.Store) error {
			all := &many{Store: s}
			if err := f(all); err != nil || !all.made {
				return err
			}
			return s.Update(ctx, all.noted(), note)
		})
	})
}

// follow lets the palace commit, and the file follow.
func (m *Mirror) follow(ctx context.Context, commit func(noting) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	bad := m.takeIn(ctx, false)
	if err := m.knowBases(ctx); err != nil {
		return err
	}
	before := m.palace.List()
	err := commit(func(tx store.Tx) error { return m.remember(tx, before) })
	m.forgetStored(err)
	// Whatever the answer, the file follows the palace: a commit of which nobody
	// could tell, this one or one before it, may have taken effect.
	if bad != nil && len(goals.Diff(before, m.palace.List())) == 0 {
		return err // a bad file is set aside for the sake of a change, and left to be looked at otherwise
	}
	if werr := m.catchUp(ctx, bad); werr != nil && err == nil {
		return fmt.Errorf("%w: %w", store.ErrFileBehind, werr)
	}
	return err
}

// catchUp writes the file if it is behind the palace.
func (m *Mirror) catchUp(ctx context.Context, bad error) error {
	if m.behind == nil && bad == nil {
		list := m.palace.List()
		changes := goals.Diff(m.fileHolds(), list)
		if len(changes) == 0 {
			return nil
		}
		// What changed may be only what the file does not have.
		if sameInFile(changes) && m.untouched() {
			m.agree(list)
			return nil
		}
	}
	return m.rewrite(ctx, bad)
}

// outdated reports whether the palace says something else than the file did
// when the two last agreed.
func (m *Mirror) outdated() bool { return len(goals.Diff(m.fileHolds(), m.palace.List())) > 0 }

// fileHolds is what the palace said when the two last agreed, nothing where they
// never did.
func (m *Mirror) fileHolds() goals.List {
	if m.holds == nil {
		return goals.List{}
	}
	return *m.holds
}

// held is all that the file may have held of ours.
func (m *Mirror) held() goals.List {
	if m.holds == nil {
		return m.started
	}
	return *m.holds
}

// renew lets the palace look at what is committed: the list in memory may be
// older, after a commit of which nobody could tell whether it took effect.
func (m *Mirror) renew(ctx context.Context) {
	if err := m.palace.View(ctx, func(store.Tx) error { return nil }); err != nil && ctx.Err() == nil {
		m.log.Error("the bot's database cannot be read; goals.json is compared with what was last known of it", "err", err)
	}
}

// noting stores, in the transaction of a change, what a restart must know about the
// file that the change makes out of date.
type noting func(store.Tx) error

// after returns a function that runs a change and then stores the note.
func (n noting) after(f func(store.Tx) error) func(store.Tx) error {
	return func(tx store.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		return n(tx)
	}
}

// many is the palace during a batch. The note is stored once, after the last change.
type many struct {
	store.Store
	last store.Origin // of the last change that was made
	made bool         // last is set
}

// Update implements store.Store.
func (s *many) Update(ctx context.Context, o store.Origin, f func(store.Tx) error) error {
	err := s.Store.Update(ctx, o, f)
	if err == nil {
		s.last, s.made = o, true
	}
	return err
}

// Batch implements store.Store.
func (s *many) Batch(_ context.Context, f func(store.Store) error) error { return f(s) }

// noted is the origin of the note. If it fails, its name is that of the change with
// which it failed.
func (s *many) noted() store.Origin {
	o := s.last
	o.Key, o.Once = o.Key+"/noted", true
	return o
}

// Settled runs f while no change stands between palace and file: all that f
// sees in the palace is in the file too, unless that could not be written.
func (m *Mirror) Settled(ctx context.Context, f func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.renew(ctx)
	if m.behind == nil && m.based && m.outdated() && m.takeIn(ctx, false) == nil {
		_ = m.catchUp(ctx, nil) // a failure is logged, and is found by the next check
	}
	return f()
}

// If another program writes the file many times a second, its changes are taken in, and
// the file rewritten, no more often than this; what it writes in between is one change.
// Between its write and ours, readers miss what only the palace knows: for a tenth of a
// second plus the time of a check, or twice that if it writes again right after us.
// Answering each write would shorten that on average, but the two programs would then
// overwrite each other as fast as they can.
//
// After a check that took long, as of a large file, the next one waits for the same
// time, so that checks use at most half of one processor.
const (
	takeInsPerSecond = 10
	takeInsAtOnce    = 2
	maxRest          = 5 * time.Second // a disk that hung may be well again
)

// Check reads the whole file, takes in what others wrote to it, and writes
// what is behind. It returns what is wrong with the file afterwards: a
// [*SerdeError], a [*TooLargeError], a [*KindError], an [*IOError] or a
// [*MissingError]; such a file stays as it is.
func (m *Mirror) Check(ctx context.Context) error {
	if err := m.await(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	began := time.Now()
	defer func() { m.rest = time.Now().Add(min(time.Since(began), maxRest)) }()
	defer m.settle(ctx)
	m.sweep()
	err := m.takeIn(ctx, true)
	if err == nil || m.behind != nil && isMissing(err) { // one that is missing may have been set aside by ourselves
		return m.catchUp(ctx, nil)
	}
	return err
}

// await waits until a check may take in what others wrote, where they did.
func (m *Mirror) await(ctx context.Context) error {
	m.mu.Lock()
	untouched, rest := m.untouched(), time.Until(m.rest)
	m.mu.Unlock()
	if untouched {
		return nil
	}
	select {
	case <-time.After(max(m.pace.Reserve().Delay(), rest)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Settle has the reporter queue what it held back, if no change does so anyway.
func (m *Mirror) Settle(ctx context.Context) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.settle(ctx)
}

// settle has the reporter queue what it held back.
func (m *Mirror) settle(ctx context.Context) {
	if m.settled {
		return
	}
	err := m.palace.Update(ctx, m.origin("settle", ""), func(tx store.Tx) (err error) {
		m.settled, err = m.report.Settle(tx)
		return err
	})
	if err != nil {
		m.settled = false
		m.log.Error("what was done with goals.json is not told yet", "err", err)
	}
}

// origin is that of a change which the mirror makes for itself. Its key is used
// once: what comes to nothing is done anew.
func (m *Mirror) origin(name, of string) store.Origin {
	now := m.now()
	return store.Origin{Key: name + "/" + of + "/" + strconv.FormatInt(now.UnixNano(), 36), Name: name, At: now, Once: true}
}

// Restore writes the file from the palace, whatever stands there now. One
// that does not load is kept under the name that is returned.
func (m *Mirror) Restore(ctx context.Context) (kept string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if bad := m.takeIn(ctx, true); bad != nil && !m.untouched() {
		if kept, err = m.file.Quarantine(m.now()); err != nil {
			return "", err
		}
		m.log.Warn("goals.json was set aside", "kept", kept, "err", bad)
	}
	return kept, m.save(ctx)
}

// Untouched reports whether the file still is, by its outward marks, the
// version that the palace took in or wrote last.
func (m *Mirror) Untouched() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.untouched()
}

func (m *Mirror) untouched() bool {
	now, err := m.look()
	return err == nil && m.isBase(now)
}
