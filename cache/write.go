package cache

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"goalbot/store"
)

// This file writes the file from the palace, and keeps what stood in its place.

// maxRounds is how often the file is written at most in one go, when somebody
// else replaces it again and again right before we do.
const maxRounds = 4

var (
	errOlder    = errors.New("the file is older than the bot's database")
	errUnmerged = errors.New("too many versions that others wrote there could not be read and wait for another look")
)

// aside is a version that did not load and is kept, of which nobody was told yet.
type aside struct {
	kept
	cause error
}

// rewrite replaces the file. One that does not load is kept first. What is not a
// file of its own stays untouched.
func (m *Mirror) rewrite(ctx context.Context, bad error) error {
	if _, io := errors.AsType[*IOError](bad); io {
		bad = m.takeIn(ctx, false) // the error may have been of the look, and not of the file
	}
	if _, odd := errors.AsType[*KindError](bad); odd {
		return m.fallBehind(bad)
	}
	if bad == nil || isMissing(bad) {
		return m.save(ctx)
	}
	path, info, err := m.file.place()
	switch {
	case err != nil:
		return m.fallBehind(err)
	case info == nil, m.isBase(stampOf(info)): // the error was of the look, not of the file
		return m.save(ctx)
	}
	k, err := m.file.keep(path, m.now(), true)
	if err != nil {
		return m.fallBehind(err)
	}
	if !m.bad.looksLike(stampOf(info)) {
		m.bad = found{stamp: stampOf(info)}
	}
	m.aside = append(m.aside, aside{k, bad})
	err = m.save(ctx)
	if err != nil && m.stillThere(info) { // it will be kept when it is replaced
		m.aside = m.aside[:len(m.aside)-1]
		if k.fresh {
			m.file.discard(k.path)
		}
	}
	return err
}

// stillThere reports whether that file is the one in the file's place.
func (m *Mirror) stillThere(info fs.FileInfo) bool {
	_, now, _ := m.file.place() // nil if that is not known
	return os.SameFile(now, info)
}

// tellAside tells of what was kept, once something else stands in its place.
func (m *Mirror) tellAside(ctx context.Context) {
	kept := m.aside
	m.aside = nil
	for _, k := range kept {
		m.log.Warn("goals.json did not load and was set aside", "kept", k.path, "err", k.cause)
		m.settled = false
		if err := m.palace.Update(ctx, m.origin("quarantine", filepath.Base(k.path)), func(tx store.Tx) error { return m.report.Quarantined(tx, k.path, k.cause) }); err != nil {
			m.log.Error("could not report the file that was set aside", "kept", k.path, "err", err)
		}
	}
}

// save writes the palace's list to the file. What it replaces is looked at
// again: if somebody else put that there since our last look, it is taken in
// and the file written once more.
func (m *Mirror) save(ctx context.Context) error {
	if len(m.unmerged) >= maxUnmerged {
		return m.fallBehind(&IOError{Op: "replace", Path: m.file.Path(), Err: errUnmerged})
	}
	for range maxRounds {
		list := m.palace.List()
		unseen := m.bases.count + 1
		st, old, err := m.file.replace(partsOf(list.All()))
		if err != nil {
			if old != "" { // it may be what stood there
				m.leave(unmergedVersion{path: old, held: m.held(), unseen: unseen}, err)
			}
			return m.fallBehind(err)
		}
		replaced, known := unmergedVersion{path: old, held: m.held(), unseen: unseen}, []stamp{m.base, m.bad.stamp}
		m.base, m.based, m.bad = st, true, found{}
		m.last = content{list, st.hash, st.size}
		m.agree(list)
		m.tellAside(ctx)
		if old == "" || !m.takeInReplaced(ctx, replaced, known...) {
			return nil
		}
	}
	m.behind = errOlder // the next check goes on
	return nil
}

func (m *Mirror) fallBehind(err error) error {
	m.behind = err
	m.log.Error("goals.json is behind the bot's database", "err", err)
	return err
}
