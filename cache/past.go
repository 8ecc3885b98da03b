package cache

import (
	"context"
	"iter"

	"goalbot/goals"
)

// This file finds out what a file held that the palace does not say: that of a machine
// on which no bot has led of late. The palace keeps in its records what stands in the
// file of the leader, and its history knows what the list was at any time.

// Past is a palace that knows what the list was.
type Past interface {
	// Past hands look the present list and the changes that led to it, newest first.
	Past(ctx context.Context, look func(now goals.List, back iter.Seq[goals.Change])) error
}

// Among says that several bots, each with a file of its own, have one palace: so the
// file may be from any time. It is called before [Mirror.Start].
func (m *Mirror) Among(past Past) { m.past = past }

// recognize finds the time at which the list was what stands in the file, or was most
// like it. A file that is exactly so is ours and older; in another one, what differs
// from the list at that time is what others wrote. A file that is not there was never
// made on this machine.
func (m *Mirror) recognize(ctx context.Context) error {
	theirs, st, err := m.file.load()
	switch {
	case err != nil:
		return nil // whoever takes it in will say so
	case theirs == nil:
		if m.palace.List().Len() > 0 {
			m.former = append(m.former, 0)
		}
		return nil
	case st.hash == m.content(m.palace.List()).hash:
		return nil
	}
	return m.past.Past(ctx, func(now goals.List, back iter.Seq[goals.Change]) {
		differs, exact := mostLike(theirs, now, back)
		if exact {
			m.log.Info("goals.json is from an earlier time and is brought up to date")
			m.former = append(m.former, st.hash)
			return
		}
		m.bases.follow(now)
		m.bases.ours = []ourVersion{{Base: goals.Base{Differs: differs}}}
		m.started = asItWas(now, differs)
	})
}

// wasList reports whether the list was what a version holds at some time, as far as
// that is known.
func (m *Mirror) wasList(ctx context.Context, version []*goals.Goal) (was bool) {
	if m.past == nil {
		return false
	}
	err := m.past.Past(ctx, func(now goals.List, back iter.Seq[goals.Change]) { _, was = mostLike(version, now, back) })
	return err == nil && was
}

// mostLike goes back to when the list was most like a version, the latest such time,
// and returns how it differed from now then. exact says that it was the same.
func mostLike(theirs []*goals.Goal, now goals.List, back iter.Seq[goals.Change]) (differs map[int64]*goals.Goal, exact bool) {
	there := make(map[string]*goals.Goal, len(theirs))
	for _, g := range theirs {
		there[g.ID] = g
	}
	// Counted are the goals of the list that are not so in the version, and those of
	// the version that are not in the list.
	count := func(g *goals.Goal) int {
		t := there[g.ID]
		if t == nil {
			return 1
		}
		t.Number = g.Number // which the file does not have
		if goals.Identical(t, g) {
			return -1
		}
		return 0
	}
	apart := len(theirs)
	for _, g := range now.All() {
		apart += count(g)
	}
	least, passed, best := apart, []goals.Change(nil), 0
	for c := range back {
		if least == 0 {
			break
		}
		if c.After != nil {
			apart -= count(c.After)
		}
		if c.Before != nil {
			apart += count(c.Before)
		}
		passed = append(passed, c)
		if apart < least {
			least, best = apart, len(passed)
		}
	}
	differs = map[int64]*goals.Goal{}
	for _, c := range passed[:best] {
		differs[c.Number()] = c.Before
	}
	for n, g := range differs {
		if goals.Identical(g, now.Number(n)) {
			delete(differs, n)
		}
	}
	return differs, least == 0
}

// asItWas is the list with what differed.
func asItWas(now goals.List, differs map[int64]*goals.Goal) goals.List {
	var all []*goals.Goal
	for _, g := range now.All() {
		if _, differed := differs[g.Number]; !differed {
			all = append(all, g)
		}
	}
	for _, g := range differs {
		if g != nil {
			all = append(all, g)
		}
	}
	return goals.NewList(now.LastNumber(), all)
}
