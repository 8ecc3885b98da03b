package cache

import (
	"context"
	"errors"
	"io/fs"
	"runtime/debug"
	"slices"

	"goalbot/goals"
)

// This file takes in what others wrote to the file.

// found is a version of the file that could not be taken in.
type found struct {
	stamp
	err error // why it never will be; nil where it may be at the next look
}

// takeIn looks whether the file is another one than we last saw and, if so,
// merges it into the palace. A quick look goes by the file's outward marks; a
// thorough one by its bytes. With an error the palace has taken nothing in;
// what was known of the file before stays known.
func (m *Mirror) takeIn(ctx context.Context, thorough bool) error {
	m.file.tidy()
	m.takeInUnmerged(ctx)
	now, err := m.look()
	if err != nil {
		return err
	}
	known := m.isBase(now)
	if thorough || !known {
		m.renew(ctx)
	}
	if known && (!thorough || now.info == nil) {
		return m.missing(now)
	}
	st, err := m.sum()
	switch {
	case err != nil:
		if !m.isBase(now) {
			m.bad = found{stamp: now}
		}
		return err
	case st.info == nil:
		return m.gone()
	case m.based && st.hash == m.base.hash:
		m.base = st // it may be in another file now
		return nil
	case m.bad.err != nil && st.hash == m.bad.hash:
		return m.bad.err
	}
	if !m.isOwn(st) && (m.based || !m.isFormer(st)) && st.hash != m.content(m.palace.List()).hash {
		if st, err = m.read(ctx); st.info == nil { // nothing was taken in
			return err
		}
	}
	m.base, m.based, m.bad = st, true, found{}
	if list := m.palace.List(); m.content(list).hash == st.hash {
		m.agree(list)
	} else {
		m.behind = errOlder
	}
	return nil
}

// read takes in a version of the file that somebody else has written.
func (m *Mirror) read(ctx context.Context) (stamp, error) {
	theirs, st, err := m.file.load()
	if err == nil && theirs == nil {
		return stamp{}, m.gone()
	}
	if err == nil {
		a := arrival{path: m.file.Path(), theirs: theirs, st: st, held: m.held()}
		if m.standby != nil {
			err = m.standby.offer(ctx, a)
		} else {
			err = m.merge(ctx, a)
		}
	}
	if err == nil {
		return st, nil
	}
	m.bad = found{stamp: st}
	if _, malformed := errors.AsType[*SerdeError](err); malformed {
		m.bad.err = err
		if st.size > bigFile {
			debug.FreeOSMemory() // or the next one makes it twice as much
		}
	}
	return stamp{}, err
}

// bigFile is the size in bytes from which on memory is given back at once.
const bigFile = 16 << 20

// gone is for a file that is not there.
func (m *Mirror) gone() error {
	first := !m.based
	m.base, m.based, m.bad = stamp{}, true, found{}
	if first && m.isFormer(stamp{}) { // which was about to make it
		return nil
	}
	if err := m.missing(stamp{}); err != nil {
		return err
	}
	m.holds = &goals.List{}
	return nil
}

// look returns the outward marks of the file.
func (m *Mirror) look() (stamp, error) {
	_, info, err := m.file.place()
	if err != nil || info == nil {
		return stamp{}, err
	}
	return stampOf(info), nil
}

// sum looks at the bytes of the file. One of our own may be larger than what is
// taken in from others.
func (m *Mirror) sum() (stamp, error) {
	path, info, err := m.file.place()
	if err != nil || info == nil {
		return stamp{}, err
	}
	limit := max(m.file.limit, m.base.size)
	if info.Size() > limit {
		limit = max(limit, m.content(m.palace.List()).size)
	}
	return m.file.sum(path, limit)
}

// missing reports a file that is not there and held goals before. Where it never
// held any, it is only not written yet.
func (m *Mirror) missing(st stamp) error {
	if st.info == nil && m.palace.List().Len() > 0 && m.held().Len() > 0 {
		return &MissingError{Path: m.file.Path()}
	}
	return nil
}

// agree notes that the file says what the list does.
func (m *Mirror) agree(list goals.List) {
	m.holds, m.behind = &list, nil
	m.started = goals.List{} // which counts only before that
	m.bases.wrote(list)
}

// knowBases reads the bases again where a commit may have failed, and brings them
// in line with the list.
func (m *Mirror) knowBases(ctx context.Context) error {
	if m.bases.stored == nil {
		if err := m.palace.View(ctx, m.bases.load); err != nil {
			return err
		}
	}
	m.bases.follow(m.palace.List())
	return nil
}

// forgetStored notes that nobody knows what a commit with that error has stored.
func (m *Mirror) forgetStored(err error) {
	if err != nil {
		m.bases.stored = nil
	}
}

// unmergedVersion is a version of the file that was replaced before it was merged.
type unmergedVersion struct {
	path  string
	held  goals.List // what the file may have held before
	tries int        // to read it
	// unseen is the number of the first of our versions that its writer cannot have
	// seen, the one that replaced it; 0 where that is not known.
	unseen int
}

const (
	maxTries    = 3  // to read a version that was replaced, before it is set aside unread
	maxUnmerged = 10 // versions that wait to be merged; with as many the file is not replaced
)

// takeInReplaced looks at a version that was replaced, which it discards, and
// reports whether that has brought something new into the palace. known are
// versions that hold nothing new, or are kept.
func (m *Mirror) takeInReplaced(ctx context.Context, old unmergedVersion, known ...stamp) bool {
	info, err := m.file.disk.Lstat(old.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	if err == nil && slices.ContainsFunc(known, func(st stamp) bool { return st.info != nil && stampOf(info).looksLike(st) }) {
		m.file.discard(old.path)
		return false
	}
	before := m.palace.List()
	theirs, st, err := m.file.loadFrom(old.path)
	switch {
	case err == nil && (theirs == nil || m.isOwn(st) || m.isFormer(st)):
	case err == nil && slices.ContainsFunc(known, func(k stamp) bool { return k.hash == st.hash }):
	case m.leadsNowhere(old.path):
		err = nil
	case err == nil:
		err = m.merge(ctx, arrival{path: old.path, theirs: theirs, st: st, held: old.held, unseen: old.unseen})
	default:
		if _, io := errors.AsType[*IOError](err); io && old.tries+1 < maxTries {
			old.tries++
			m.leave(old, err)
			return false
		}
	}
	if err != nil {
		k, kerr := m.file.keep(old.path, m.now(), true)
		if kerr != nil {
			m.leave(old, errors.Join(err, kerr))
			return false
		}
		m.aside = append(m.aside, aside{k, err})
		m.tellAside(ctx)
	}
	m.file.discard(old.path)
	return len(goals.Diff(before, m.palace.List())) > 0
}

// leadsNowhere reports whether a path is a symbolic link to nothing, which
// counts as nothing.
func (m *Mirror) leadsNowhere(path string) bool {
	info, err := m.file.disk.Lstat(path)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return false
	}
	_, err = m.file.disk.EvalSymlinks(path)
	return errors.Is(err, fs.ErrNotExist)
}

// leave keeps a version that was replaced for another try.
func (m *Mirror) leave(old unmergedVersion, err error) {
	m.unmerged = append(m.unmerged, old)
	m.log.Error("a goals.json could neither be taken in nor kept; it is tried again", "path", old.path, "err", err)
}

func (m *Mirror) takeInUnmerged(ctx context.Context) {
	unmerged := m.unmerged
	m.unmerged = nil
	for _, old := range unmerged {
		if m.takeInReplaced(ctx, old) {
			m.behind = errOlder
		}
	}
}
