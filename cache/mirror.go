package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"goalbot/goals"
	"goalbot/goals/goaljson"
)

// Palace is what the mirror needs of the truth.
type Palace interface {
	goals.Store
	// List is the committed list.
	List() goals.List
}

// Reporter queues word to the owner about what was done with a file that
// others had changed, in the transaction that does it.
type Reporter interface {
	// Merged reports what was taken in. kept is where the file can be found as
	// it was, "" where nothing of it goes.
	Merged(tx goals.Tx, m goals.Merged, kept string) error
	Quarantined(tx goals.Tx, kept string, cause error) error
}

// MissingError reports that there is no goals.json although there are goals.
type MissingError struct{ Path string }

func (e *MissingError) Error() string {
	return e.Path + ": there is no such file, although there are goals"
}

// Missing tells this error's cause to whoever does not know its type.
func (e *MissingError) Missing() {}

func isMissing(err error) bool {
	var e *MissingError
	return errors.As(err, &e)
}

// MergeError reports a goals.json that loads, and whose news the palace did not take.
type MergeError struct {
	Path string
	Err  error
}

func (e *MergeError) Error() string { return fmt.Sprintf("merge %s: %v", e.Path, e.Err) }
func (e *MergeError) Unwrap() error { return e.Err }

// Differs says that the file and the palace do not agree, for a person.
func (e *MergeError) Differs() string {
	if errors.Is(e.Err, goals.ErrFull) {
		return "What others wrote there could not be saved: the disk is full."
	}
	return "What others wrote there could not be saved; the log says why."
}

// DoubledError reports a goals.json that holds an id more than once and cannot
// be kept as it is, which comes before it is set right.
type DoubledError struct {
	Path string
	IDs  []string
	Err  error
}

func (e *DoubledError) Error() string {
	return fmt.Sprintf("%s holds %q more than once, and no copy of it could be kept: %v", e.Path, e.IDs, e.Err)
}
func (e *DoubledError) Unwrap() error { return e.Err }

// Doubled says which, and why it stays so, for a person.
func (e *DoubledError) Doubled() (detail string) {
	detail = fmt.Sprintf("The id is %q.", goals.OneLine(e.IDs[0]))
	if n := len(e.IDs); n > 1 {
		detail = fmt.Sprintf("There are %d such ids; the first is %q.", n, goals.OneLine(e.IDs[0]))
	}
	why := "The log says why."
	var io *IOError
	if errors.As(e.Err, &io) {
		_, why = io.Access()
	}
	return detail + "\nI could not keep a copy of the file, so I leave it as it is. " + why
}

var errOlder = errors.New("the file is older than the palace")

// Mirror stands before the palace and lets goals.json follow: every change is
// committed there first and copied to the file then. It is a [goals.Store].
// A file that could not be written is written at the next change or check.
type Mirror struct {
	palace Palace
	file   *File
	report Reporter
	log    *slog.Logger
	now    func() time.Time

	mu      sync.Mutex // holds commit and write together, so that the file never goes back
	seen    stamp      // the version of the file that was looked at or written last
	own     []uint64   // at the start: versions that the former run has written and was about to replace
	agrees  bool       // all that it says is in the palace
	holds   goals.List // what the palace said when the file last said the same
	behind  error      // why the file is older than the palace, nil when it is not, or not known to be
	strays  []string   // versions that were replaced and could neither be taken in nor set aside
	encoded encoded
}

// NewMirror takes a palace and the file that is to follow it. It does no I/O;
// [Mirror.Start] takes the file in.
func NewMirror(palace Palace, file *File, report Reporter, log *slog.Logger, now func() time.Time) *Mirror {
	return &Mirror{palace: palace, file: file, report: report, log: log, now: now}
}

// Start removes leftovers, takes in what the file has and the palace has not,
// and brings the file up to date. A file that is malformed, unreadable or
// missing is left as it is and reported as by [Mirror.Check]. A file that is
// older because a former run ended between its commit and the file is nobody
// else's doing, and is brought up to date without a word.
func (m *Mirror) Start(ctx context.Context) error {
	err := m.palace.View(ctx, func(tx goals.Tx) error {
		value, err := tx.Record(replacedRecord, fileName)
		m.own = parseHashes(value)
		return err
	})
	if err != nil {
		return fmt.Errorf("look up what was written last: %w", err)
	}
	defer func() { m.own = nil }()
	if err := m.clearUp(ctx); err != nil {
		m.log.Warn("temporary files of a former run stay", "err", err)
	}
	return m.Check(ctx)
}

// clearUp removes the temporary files of a former run, after a look: one may be
// what somebody wrote right before it was replaced, when that run ended before
// it could take that in.
func (m *Mirror) clearUp(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	leftovers, err := m.file.leftovers()
	for _, path := range leftovers {
		if m.isOurs(path) {
			m.file.discard(path)
		} else {
			m.takeInReplaced(ctx, path, stamp{})
		}
	}
	return err
}

// isOurs reports whether a temporary file holds nothing but what we wrote.
func (m *Mirror) isOurs(path string) bool {
	if number := strings.TrimPrefix(filepath.Base(path), tempPrefix); number < "0" || number > ":" {
		return true // it was to become another file
	}
	data, st, err := m.file.read(path)
	if err != nil || slices.Contains(m.own, st.hash) {
		return err == nil
	}
	// A piece of the new version, or all of it, with zeros where a power cut took the rest.
	m.encoded.update(m.palace.List())
	return bytes.HasPrefix(m.encoded.bytes(), bytes.TrimRight(data, "\x00"))
}

// replacedRecord holds the hashes of the last few versions of the file that
// were to be replaced, the newest last. It is kept in the transaction of the
// change that makes them old, so that after a crash the next start can tell
// our own older version from what somebody else has written.
const (
	replacedRecord = "replaced"
	keptHashes     = 4 // a power cut can take back more than one rename, but not one that a later sync followed
)

// remember keeps the hash of the file that this change is to replace.
func (m *Mirror) remember(tx goals.Tx, before goals.List) error {
	known := m.seen.hash != 0 || m.seen.info == nil // a missing file has the hash 0
	if !known || len(goals.Diff(before, *tx.List())) == 0 {
		return nil
	}
	value, err := tx.Record(replacedRecord, fileName)
	if err != nil {
		return err
	}
	hashes := parseHashes(value)
	if n := len(hashes); n > 0 && hashes[n-1] == m.seen.hash {
		return nil
	}
	hashes = append(hashes, m.seen.hash)
	hashes = hashes[max(0, len(hashes)-keptHashes):]
	words := make([]string, len(hashes))
	for i, h := range hashes {
		words[i] = strconv.FormatUint(h, 16)
	}
	return tx.SetRecord(replacedRecord, fileName, strings.Join(words, " "))
}

func parseHashes(value string) (hashes []uint64) {
	for word := range strings.FieldsSeq(value) {
		if h, err := strconv.ParseUint(word, 16, 64); err == nil {
			hashes = append(hashes, h)
		}
	}
	return hashes
}

// Path is where the file is.
func (m *Mirror) Path() string { return m.file.Path() }

// View hands out the present state; it touches neither file nor lock.
func (m *Mirror) View(ctx context.Context, f func(goals.Tx) error) error {
	return m.palace.View(ctx, f)
}

// Update takes in what others wrote to the file, lets the palace commit the
// change, and rewrites the file. The error is the palace's, or
// [goals.ErrFileBehind] for a change that is saved without the file.
func (m *Mirror) Update(ctx context.Context, o goals.Origin, f func(goals.Tx) error) error {
	return m.follow(ctx, func(note noting) error {
		return m.palace.Update(ctx, o, note.after(f))
	})
}

// Together is [Mirror.Update] for many changes: the palace commits once, and
// the file is rewritten once.
func (m *Mirror) Together(ctx context.Context, f func(goals.Store) error) error {
	return m.follow(ctx, func(note noting) error {
		return m.palace.Together(ctx, func(s goals.Store) error { return f(many{s, note}) })
	})
}

// follow lets the palace commit, and the file follow.
func (m *Mirror) follow(ctx context.Context, commit func(noting) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	bad := m.takeIn(ctx, false)
	before := m.palace.List()
	err := commit(func(tx goals.Tx) error { return m.remember(tx, before) })
	// Whatever the answer, the file follows the palace: a commit of which nobody
	// could tell, this one or one before it, may have taken effect.
	if bad != nil && len(goals.Diff(before, m.palace.List())) == 0 {
		return err // a bad file is set aside for the sake of a change, and left to be looked at otherwise
	}
	if werr := m.catchUp(ctx, bad); werr != nil && err == nil {
		return fmt.Errorf("%w: %w", goals.ErrFileBehind, werr)
	}
	return err
}

// catchUp writes the file if it is behind the palace.
func (m *Mirror) catchUp(ctx context.Context, bad error) error {
	if m.behind == nil && bad == nil && !m.outdated() {
		return nil
	}
	return m.rewrite(ctx, bad)
}

// outdated reports whether the palace says something else than the file did
// when the two last agreed.
func (m *Mirror) outdated() bool { return len(goals.Diff(m.holds, m.palace.List())) > 0 }

// renew lets the palace look at what is committed: the list in memory may be
// older, after a commit of which nobody could tell whether it took effect.
func (m *Mirror) renew(ctx context.Context) {
	if err := m.palace.View(ctx, func(goals.Tx) error { return nil }); err != nil && ctx.Err() == nil {
		m.log.Error("the palace cannot be read; goals.json is held against what was known of it last", "err", err)
	}
}

// noting keeps, in the transaction of a change, what must be known of the file
// that the change makes old.
type noting func(goals.Tx) error

// after lets a change be noted after it was made.
func (n noting) after(f func(goals.Tx) error) func(goals.Tx) error {
	return func(tx goals.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		return n(tx)
	}
}

// many is the palace while it takes many changes together.
type many struct {
	goals.Store
	note noting
}

// Update implements goals.Store.
func (s many) Update(ctx context.Context, o goals.Origin, f func(goals.Tx) error) error {
	return s.Store.Update(ctx, o, s.note.after(f))
}

// Together implements goals.Store.
func (s many) Together(_ context.Context, f func(goals.Store) error) error { return f(s) }

// Settled runs f while no change stands between palace and file: all that f
// sees in the palace is in the file too, unless that could not be written.
func (m *Mirror) Settled(ctx context.Context, f func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.renew(ctx)
	if m.behind == nil && m.agrees && m.outdated() && m.takeIn(ctx, false) == nil {
		_ = m.catchUp(ctx, nil) // a failure is logged, and is found by the next check
	}
	return f()
}

// Check reads the whole file, takes in what others wrote to it, and writes
// what is behind. It returns what is wrong with the file afterwards: a
// [*SerdeError], an [*IOError] or a [*MissingError]; such a file stays as it is.
func (m *Mirror) Check(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := m.takeIn(ctx, true)
	if err == nil || m.behind != nil && isMissing(err) { // one that is missing may have been set aside by ourselves
		return m.catchUp(ctx, nil)
	}
	return err
}

// Restore writes the file from the palace, whatever stands there now. One
// that does not load is kept under the name that is returned.
func (m *Mirror) Restore(ctx context.Context) (kept string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	bad := m.takeIn(ctx, true)
	if bad != nil && !isMissing(bad) {
		if kept, err = m.file.Quarantine(m.now()); err != nil {
			return "", err
		}
		m.log.Warn("goals.json was set aside", "kept", kept, "err", bad)
	}
	return kept, m.save(ctx)
}

// takeIn looks whether the file is another one than we last saw and, if so,
// merges it into the palace. A quick look goes by the file's outward marks; a
// thorough one by its bytes.
func (m *Mirror) takeIn(ctx context.Context, thorough bool) error {
	m.file.tidy()
	m.takeInStrays(ctx)
	if !thorough && m.agrees {
		if now, err := m.look(); err == nil && now.looksLike(m.seen) {
			return m.missing(now)
		}
	}
	m.renew(ctx)
	theirs, st, err := m.file.load()
	known := m.agrees && err == nil && st.hash == m.seen.hash
	m.seen, m.agrees = st, err == nil
	if err != nil {
		if st.info == nil { // it could not even be read, but can be told from others
			m.seen, _ = m.look()
		}
		return err
	}
	if !known && slices.Contains(m.own, st.hash) {
		m.behind = errOlder
		return nil
	}
	if known {
		return m.missing(st)
	}
	if theirs == nil {
		if err := m.missing(st); err != nil {
			return err
		}
		m.holds = m.palace.List()
		return nil
	}
	if err := m.merge(ctx, m.file.Path(), theirs, st); err != nil {
		m.agrees = false
		return err
	}
	list := m.palace.List()
	if m.encoded.update(list); hashOf(m.encoded.bytes()) != st.hash {
		m.behind = errOlder
	} else {
		m.holds = list
	}
	return nil
}

// Untouched reports whether the file still is, by its outward marks, the
// version that was looked at or written last.
func (m *Mirror) Untouched() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	now, err := m.look()
	return err == nil && m.agrees && now.looksLike(m.seen)
}

func (m *Mirror) look() (stamp, error) {
	info, err := m.file.disk.Stat(m.file.Path())
	if errors.Is(err, fs.ErrNotExist) {
		return stamp{}, nil
	}
	if err != nil {
		return stamp{}, err
	}
	return stampOf(info), nil
}

func (m *Mirror) missing(st stamp) error {
	if st.info == nil && m.palace.List().Len() > 0 {
		return &MissingError{Path: m.file.Path()}
	}
	return nil
}

// merge takes their version, which is at path, into the palace, where it says
// anything new. Of what stands there more than once only one version is taken,
// so the file is kept.
func (m *Mirror) merge(ctx context.Context, path string, theirs []*goals.Goal, st stamp) error {
	trial := m.palace.List().Clone()
	merged := trial.Merge(theirs, st.time)
	if merged.Quiet() {
		return nil
	}
	now := m.now()
	kept := ""
	if len(merged.Doubled) > 0 {
		var err error
		if path == m.file.Path() {
			kept, err = m.file.Quarantine(now)
		} else {
			kept, err = m.file.quarantine(path, now)
		}
		if err != nil {
			return &DoubledError{Path: m.file.Path(), IDs: merged.Doubled, Err: err}
		}
	}
	// The same bytes may come back after a while and must be merged again.
	key := "file/" + strconv.FormatUint(st.hash, 16) + "/" + strconv.FormatInt(now.UnixNano(), 36)
	err := m.palace.Update(ctx, goals.Origin{Key: key, Name: "merge", At: now}, func(tx goals.Tx) error {
		merged := tx.List().Merge(theirs, st.time)
		m.log.Info("goals.json was changed by another program", "added", len(merged.Added),
			"changed", len(merged.Changed), "vanished", len(merged.Vanished), "doubled", len(merged.Doubled), "kept", kept)
		return m.report.Merged(tx, merged, kept)
	})
	if err != nil {
		if _, lerr := m.file.disk.Lstat(path); lerr == nil && !errors.Is(err, goals.ErrUnknown) {
			m.file.discard(kept) // it is still there, and will be kept when it is taken in
		}
		return &MergeError{Path: m.file.Path(), Err: err}
	}
	return nil
}

// rewrite replaces the file. One that does not load is kept first.
func (m *Mirror) rewrite(ctx context.Context, bad error) error {
	if bad != nil && !isMissing(bad) {
		kept, err := m.file.Quarantine(m.now())
		if err != nil {
			return m.fallBehind(err)
		}
		m.tellKept(ctx, kept, bad)
	}
	return m.save(ctx)
}

func (m *Mirror) tellKept(ctx context.Context, kept string, bad error) {
	if kept == "" {
		return
	}
	m.log.Warn("goals.json did not load and was set aside", "kept", kept, "err", bad)
	now := m.now()
	o := goals.Origin{Key: "kept/" + kept + "/" + strconv.FormatInt(now.UnixNano(), 36), Name: "quarantine", At: now}
	if err := m.palace.Update(ctx, o, func(tx goals.Tx) error { return m.report.Quarantined(tx, kept, bad) }); err != nil {
		m.log.Error("could not report the file that was set aside", "kept", kept, "err", err)
	}
}

// save writes the palace's list to the file. What it replaces is looked at
// again: if somebody else put that there since our last look, it is taken in
// and the file written once more.
func (m *Mirror) save(ctx context.Context) error {
	for {
		list := m.palace.List()
		m.encoded.update(list)
		st, old, err := m.file.replace(m.encoded.bytes())
		if err != nil {
			return m.fallBehind(err)
		}
		expected := m.seen
		m.seen, m.agrees, m.holds, m.behind = st, true, list, nil
		if old == "" {
			return nil
		}
		if !m.takeInReplaced(ctx, old, expected) {
			return nil
		}
	}
}

// takeInReplaced looks at the version that was replaced, which it discards, and
// reports whether that has brought something new into the palace.
func (m *Mirror) takeInReplaced(ctx context.Context, old string, expected stamp) bool {
	info, err := m.file.disk.Stat(old)
	if err == nil && stampOf(info).looksLike(expected) {
		m.file.discard(old)
		return false
	}
	before := m.palace.List()
	theirs, st, err := m.file.loadFrom(old)
	if err == nil && theirs != nil {
		err = m.merge(ctx, old, theirs, st)
	}
	if err != nil {
		kept, qerr := m.file.quarantine(old, m.now())
		if qerr != nil {
			m.strays = append(m.strays, old)
			m.log.Error("a goals.json could neither be taken in nor set aside; it is tried again", "path", old, "err", err, "because", qerr)
			return false
		}
		m.tellKept(ctx, kept, err)
	}
	m.file.discard(old)
	return len(goals.Diff(before, m.palace.List())) > 0
}

func (m *Mirror) takeInStrays(ctx context.Context) {
	strays := m.strays
	m.strays = nil
	for _, old := range strays {
		if m.takeInReplaced(ctx, old, stamp{}) {
			m.behind = errOlder
		}
	}
}

func (m *Mirror) fallBehind(err error) error {
	m.behind = err
	m.log.Error("goals.json is behind the palace", "err", err)
	return err
}

// encoded is the file's content, goal by goal, so that after a change only
// the goals that changed are encoded again.
type encoded struct {
	goals  []*goals.Goal
	chunks [][]byte
	whole  []byte // room for all of it, used again
}

// update brings the content in line with a list.
func (e *encoded) update(list goals.List) {
	all := list.All()
	chunks := make([][]byte, len(all))
	j := 0
	for i, g := range all {
		for j < len(e.goals) && e.goals[j].Number < g.Number {
			j++
		}
		if j < len(e.goals) && e.goals[j] == g {
			chunks[i] = e.chunks[j]
		} else {
			chunks[i] = goaljson.AppendGoal(nil, g)
		}
	}
	e.goals, e.chunks = all, chunks
}

// bytes is the whole content, valid until the next call.
func (e *encoded) bytes() []byte {
	e.whole = goaljson.Join(e.whole[:0], slices.Values(e.chunks))
	return e.whole
}
