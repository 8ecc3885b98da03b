package cache

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"goalbot/goals"
	"goalbot/store"
)

// This file identifies versions of the file that we wrote, so that none of them is
// taken for a change by somebody else: neither after a crash, nor after an error of the
// disk that leaves unknown which version is there.

// isOwn reports whether nothing in a version is new: it is the one that the
// palace and the file last agreed on, or it was taken in last and nothing has
// changed here since.
func (m *Mirror) isOwn(st stamp) bool {
	return st.info != nil && (m.based && st.hash == m.base.hash ||
		st.hash == m.taken.hash && len(goals.Diff(m.taken.list, m.palace.List())) == 0)
}

// isFormer reports whether a version is one that the former run wrote.
func (m *Mirror) isFormer(st stamp) bool { return slices.Contains(m.former, st.hash) }

// isBase reports whether a version has the outward marks of the one that the
// palace and the file last agreed on.
func (m *Mirror) isBase(st stamp) bool { return m.based && st.looksLike(m.base) }

// maxLeftovers is how many temporary files are looked at in one start.
const maxLeftovers = 1000

// clearUp removes the temporary files of a former run, after a look: one may be
// what somebody wrote right before it was replaced, when that run ended before
// it could take that in.
func (m *Mirror) clearUp(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	leftovers, err := m.file.leftovers()
	for _, path := range leftovers[:min(len(leftovers), maxLeftovers)] {
		if m.isOurs(ctx, path) {
			m.file.discard(path)
		} else {
			m.takeInReplaced(ctx, unmergedVersion{path: path, held: m.held()})
		}
	}
	return err
}

// isOurs reports whether a temporary file holds nothing but what we wrote, if it holds
// anything: a piece of a new version, or a version that the list was, of which it may
// have been any where several bots take turns.
func (m *Mirror) isOurs(ctx context.Context, path string) bool {
	if process, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), tempPrefix), "."); !decimal(process) {
		return true
	}
	if info, err := m.file.disk.Lstat(path); err == nil && info.Size() == 0 {
		return true
	}
	theirs, st, _ := m.file.loadFrom(path)
	return theirs != nil && (st.hash == m.content(m.palace.List()).hash || m.wasList(ctx, theirs))
}

// store.ReplacedRecord holds the hashes of the last few versions of the file that
// were to be replaced, the newest last. It is kept in the transaction of the
// change that makes them old, so that after a crash the next start can tell
// our own older version from what somebody else has written.
const (
	keptHashes = 4 // a power cut can take back more than one rename, but not one that a later sync followed
)

// remember keeps what must be known of the file that this change is to replace.
func (m *Mirror) remember(tx store.Tx, before goals.List) error {
	changes := goals.Diff(before, *tx.List())
	if len(changes) == 0 {
		return nil
	}
	if err := m.bases.keep(tx, changes, false); err != nil {
		return err
	}
	if !m.based {
		return nil
	}
	value, err := tx.Record(store.ReplacedRecord, fileName)
	if err != nil {
		return err
	}
	hashes := parseHashes(value)
	if n := len(hashes); n > 0 && hashes[n-1] == m.base.hash {
		return nil
	}
	hashes = append(hashes, m.base.hash) // 0 for a missing file
	hashes = hashes[max(0, len(hashes)-keptHashes):]
	words := make([]string, len(hashes))
	for i, h := range hashes {
		words[i] = strconv.FormatUint(h, 16)
	}
	return tx.SetRecord(store.ReplacedRecord, fileName, strings.Join(words, " "))
}

func parseHashes(value string) (hashes []uint64) {
	for word := range strings.FieldsSeq(value) {
		if h, err := strconv.ParseUint(word, 16, 64); err == nil {
			hashes = append(hashes, h)
		}
	}
	return hashes
}
