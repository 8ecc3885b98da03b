package cache

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"goalbot/goals"
	"goalbot/store"
)

// This file merges a version that others wrote into the palace.

// arrival is a version of the file that others wrote.
type arrival struct {
	path   string // where it is
	theirs []*goals.Goal
	st     stamp
	held   goals.List // what the file may have held before: nothing else has vanished from there

	handed *handed // where it stood beside another bot; nil for our own file
	unseen int     // as that of [unmergedVersion]
}

// merge takes a version into the palace, where it says anything new. Of what stands
// there more than once only one version is taken, so the file is kept.
func (m *Mirror) merge(ctx context.Context, a arrival) error {
	if m.standby != nil {
		return m.standby.handOver(ctx, a)
	}
	if err := m.knowBases(ctx); err != nil {
		return &MergeError{Path: m.file.Path(), Err: err}
	}
	list := m.palace.List()
	from := &m.bases
	switch {
	case a.handed != nil:
		from = a.handed.bases(list, m.bases.theirs)
	case a.unseen > 0:
		from = m.bases.without(a.unseen)
	}
	base := from.nearest(list.Compare(a.theirs), a.held)
	mergeInto := func(list *goals.List) goals.Merged {
		merged := list.Merge(a.theirs, base.Base, a.st.time)
		merged.Vanished = slices.DeleteFunc(merged.Vanished, func(g *goals.Goal) bool { return a.held.Number(g.Number) == nil })
		return merged
	}
	trial := list.Clone()
	merged := mergeInto(&trial)
	version := trial.Compare(a.theirs).Base()
	next, place := m.bases.next(version, base)
	if merged.Quiet() && len(goals.Diff(list, trial)) == 0 && base.index >= 0 && base.Says(version) {
		return m.dropHanded(ctx, a.handed)
	}
	inFile := a.path == m.file.Path() // else ours stands there, and whoever writes it again has not undone theirs
	k, err := m.keepWithDuplicates(a, merged)
	if err != nil {
		return err
	}
	err = m.palace.Update(ctx, m.origin("merge", strconv.FormatUint(a.st.hash, 16)), func(tx store.Tx) error {
		if taken, err := a.handed.take(tx); err != nil || !taken {
			return err
		}
		if now := tx.List(); now.LastNumber() == list.LastNumber() && len(goals.Diff(list, *now)) == 0 {
			*now = trial.Clone()
		} else { // somebody else has written to the database
			merged = mergeInto(now)
		}
		if err := m.bases.keep(tx, goals.Diff(list, *tx.List()), inFile); err != nil {
			return err
		}
		if err := m.bases.keepTheirs(tx, next, place); err != nil || merged.Quiet() {
			return err
		}
		m.log.Info("goals.json was changed by another program", "added", len(merged.Added), "back", len(merged.Back),
			"changed", len(merged.Changed), "conflicts", len(merged.Conflicts), "vanished", len(merged.Vanished), "duplicate_ids", len(merged.DuplicateIDs), "kept", k.path)
		m.settled = false
		return m.report.Merged(tx, merged, k.path)
	})
	m.forgetStored(err)
	if err != nil {
		if _, lerr := m.file.disk.Lstat(a.path); lerr == nil && k.fresh && !errors.Is(err, store.ErrUnknown) {
			m.file.discard(k.path) // it is still there, and will be kept when it is taken in
		}
		return &MergeError{Path: m.file.Path(), Err: err}
	}
	if inFile {
		m.bases.overtake()
	}
	m.bases.follow(m.palace.List())
	m.bases.theirs, _ = m.bases.next(version, base)
	m.bases.uses++
	m.taken.hash, m.taken.list = a.st.hash, m.palace.List()
	return nil
}

// keepWithDuplicates keeps a version that holds an id more than once.
func (m *Mirror) keepWithDuplicates(a arrival, merged goals.Merged) (k kept, err error) {
	if len(merged.DuplicateIDs) == 0 {
		return kept{}, nil
	}
	path := a.path
	if path == m.file.Path() {
		path, _, err = m.file.place()
	}
	if err == nil {
		k, err = m.file.keep(path, m.now(), true)
	}
	if err != nil {
		return kept{}, &DuplicateIDsError{Path: m.file.Path(), IDs: merged.DuplicateIDs, Err: err}
	}
	return k, nil
}
