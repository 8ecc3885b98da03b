package cache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/store"
)

// This file takes in, where this bot leads, what others wrote to the files of those
// that stand by. The rules are those for its own file.

// TakeInHanded takes in what was handed over, each with its record removed by the same
// commit, and lets the file follow. With an error the rest waits to be tried again.
func (m *Mirror) TakeInHanded(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	all, err := m.handedOver(ctx)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		err = errors.Join(err, m.takeInHanded(ctx, name, all[name]))
	}
	if len(all) == 0 || m.takeIn(ctx, false) != nil {
		return err
	}
	return errors.Join(err, m.catchUp(ctx, nil))
}

func (m *Mirror) handedOver(ctx context.Context) (all map[string]string, err error) {
	err = m.palace.View(ctx, func(tx store.Tx) (err error) {
		all, err = tx.Records(store.HandedRecord)
		return err
	})
	return all, err
}

func (m *Mirror) takeInHanded(ctx context.Context, name, value string) (err error) {
	h := &handed{name: name}
	a := arrival{handed: h}
	err = json.Unmarshal([]byte(value), h)
	if err == nil {
		a.theirs, err = goaljson.Decode(h.Theirs)
	}
	if err == nil {
		h.base, err = goaljson.Decode(h.Base)
	}
	if err != nil { // no program of ours made it
		m.log.Error("what was handed over cannot be read and is dropped", "name", name, "err", err)
		return m.dropHanded(ctx, h)
	}
	a.st = stamp{time: h.Written, hash: h.Hash}
	a.held = h.held(m.palace.List())
	if a.path, err = m.file.spool(h.Theirs); err != nil {
		return err
	}
	defer m.file.discard(a.path)
	return m.merge(ctx, a)
}

// spool writes bytes to a temporary file.
func (f *File) spool(data []byte) (path string, err error) {
	path = f.tempName(filepath.Join(f.here(), f.name), newVersion)
	w, err := f.disk.Create(path)
	if err != nil {
		return "", ioError("create", path, err)
	}
	_, err = fill(w, onePart(data), 0o600)
	if err = errors.Join(err, w.Close()); err != nil {
		f.discard(path)
		return "", fmt.Errorf("keep what was handed over: %w", err)
	}
	return path, nil
}

// dropHanded removes the record of what was handed over and says nothing new.
func (m *Mirror) dropHanded(ctx context.Context, h *handed) error {
	if h == nil {
		return nil
	}
	return m.palace.Update(ctx, m.origin("handed", h.name), func(tx store.Tx) error {
		_, err := h.take(tx)
		return err
	})
}

// take removes the record, and reports whether it was there: a commit of unknown
// outcome may have taken it in.
func (h *handed) take(tx store.Tx) (taken bool, err error) {
	if h == nil {
		return true, nil
	}
	value, err := tx.Record(store.HandedRecord, h.name)
	if err != nil || value == "" {
		return false, err
	}
	return true, tx.SetRecord(store.HandedRecord, h.name, "")
}

// bases are the versions from which the other program may have started: what the file
// beside that bot held, and what others wrote before.
func (h *handed) bases(list goals.List, theirs []written) *bases {
	held := list.Compare(h.base).Base()
	held.Theirs = false
	return &bases{list: list, ours: []ourVersion{{Base: held}}, theirs: theirs}
}

// held are the goals that were in the file, as they are now.
func (h *handed) held(list goals.List) goals.List {
	there := map[string]bool{}
	for _, g := range h.base {
		there[g.ID] = true
	}
	return goals.NewList(list.LastNumber(), slices.DeleteFunc(slices.Clone(list.All()), func(g *goals.Goal) bool { return !there[g.ID] }))
}
