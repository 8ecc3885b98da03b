package goals

import (
	"encoding/binary"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// This file says what a change did to a goal by what differs alone. A history
// made of it grows with what is done, and not with the size of the goals.

// Edit is what a change did to one goal.
type Edit struct {
	Number int64 `json:"-"`
	// Title is the description after the change, or before it where the goal
	// was deleted, cut after its first [MaxDescription] characters and one more.
	Title string `json:"title,omitempty"`

	Before *Facts `json:"before,omitempty"` // nil for a goal that was added
	After  *Facts `json:"after,omitempty"`  // nil for one that was deleted

	// What differs, before and after; nil and empty where nothing does, and
	// where the goal was added or deleted.
	Description *[2]string        `json:"description,omitempty"`
	Created     *[2]Instant       `json:"created,omitempty"`
	Acceptance  []Splice[string]  `json:"acceptance,omitempty"`
	Notes       []Splice[string]  `json:"notes,omitempty"`
	Sessions    []Splice[Session] `json:"sessions,omitempty"`
	Extra       []Splice[Field]   `json:"extra,omitempty"`
	Plan        *[2]Plan          `json:"plan,omitempty"` // of what was logged, what differs alone
}

// Facts are what is small of a goal, before or after a change.
type Facts struct {
	Status     Status  `json:"status"`
	Progress   uint8   `json:"progress,omitempty"`
	Updated    Instant `json:"updated"`
	Acceptance int     `json:"criteria,omitempty"` // how many
	Notes      int     `json:"notes,omitempty"`
	Sessions   int     `json:"sessions,omitempty"`
	Verified   int     `json:"verified,omitempty"`
	Print      uint64  `json:"print"` // see [Goal.Print]
}

// Splice is a place in a list at which some entries were replaced by others.
// Where a list has several, each has as many new entries as old ones; so At is
// the same before and after.
type Splice[T any] struct {
	At      int `json:"at"`
	Removed []T `json:"removed,omitempty"`
	Added   []T `json:"added,omitempty"`
}

// EditOf says what a change did.
func EditOf(c Change) Edit {
	e := Edit{Number: c.Number(), Before: factsOf(c.Before), After: factsOf(c.After)}
	switch b, a := c.Before, c.After; {
	case a == nil:
		e.Title = title(b)
	case b == nil:
		e.Title = title(a)
	default:
		e.Title = title(a)
		if b.Description != a.Description {
			e.Description = &[2]string{b.Description, a.Description}
		}
		if !b.Created.Equal(a.Created) {
			e.Created = &[2]Instant{{b.Created}, {a.Created}}
		}
		e.Acceptance = splices(b.Acceptance, a.Acceptance, same)
		e.Notes = splices(b.Notes, a.Notes, same)
		e.Sessions = splices(b.Sessions, a.Sessions, sameSession)
		e.Extra = splices(b.Extra, a.Extra, same)
		if !b.Plan().Same(a.Plan()) {
			e.Plan = &[2]Plan{b.Plan(), a.Plan()}
			e.Plan[0].Count, e.Plan[1].Count = changed(b.Plan().Count, a.Plan().Count)
		}
	}
	return e
}

func title(g *Goal) string {
	n := 0
	for i := range g.Description {
		if n++; n > MaxDescription+1 {
			return g.Description[:i]
		}
	}
	return g.Description
}

func factsOf(g *Goal) *Facts {
	if g == nil {
		return nil
	}
	verified, sessions := g.Verified()
	return &Facts{Status: g.Status, Progress: g.Progress, Updated: Instant{g.Updated},
		Acceptance: len(g.Acceptance), Notes: len(g.Notes), Sessions: sessions, Verified: verified, Print: g.Print()}
}

// Print is a checksum (xxHash, 64 bits) of all that [Goal.Same] compares but
// for the number: goals with different ones are not the same.
func (g *Goal) Print() uint64 {
	h := xxhash.New()
	var b []byte
	text := func(s string) {
		b = binary.AppendUvarint(b[:0], uint64(len(s)))
		h.Write(b) // never fails
		h.WriteString(s)
	}
	count := func(n uint64) {
		b = binary.AppendUvarint(b[:0], n)
		h.Write(b)
	}
	fields := func(all []Field) {
		count(uint64(len(all)))
		for _, f := range all {
			text(f.Name)
			text(f.Value)
		}
	}
	text(g.ID)
	text(g.Description)
	text(string(g.Status))
	count(uint64(g.Progress))
	count(uint64(g.Created.Unix()))
	count(uint64(g.Created.Nanosecond()))
	for _, list := range [][]string{g.Acceptance, g.Notes} {
		count(uint64(len(list)))
		for _, s := range list {
			text(s)
		}
	}
	count(uint64(len(g.Sessions)))
	for _, s := range g.Sessions {
		text(s.ID)
		text(s.Task)
		text(string(s.State))
		if s.Evidence == nil {
			count(0)
		} else {
			count(1)
			text(*s.Evidence)
		}
		fields(s.Extra)
	}
	fields(g.Extra)
	if plan := g.Plan().text(); plan != "" {
		text(plan)
	}
	return h.Sum64()
}

// Left reports whether a goal is as the change left it, apart from when it was
// last updated. g is nil for a goal that is not there.
func (e Edit) Left(g *Goal) bool {
	if g == nil || e.After == nil {
		return g == nil && e.After == nil
	}
	return g.Print() == e.After.Print
}

// Undo returns a goal without what the change did to it: as it was before if
// it is as the change left it; otherwise it keeps what else was done to it. A
// goal that the change added or deleted is returned as it is.
func (e Edit) Undo(g *Goal) *Goal {
	if e.Before == nil || e.After == nil {
		return g
	}
	u := *g
	if e.Description != nil {
		u.Description = e.Description[0]
	}
	if e.Before.Status != e.After.Status {
		u.Status = e.Before.Status
	}
	u.Acceptance = listBack(e.Acceptance, e.After.Acceptance, g.Acceptance)
	u.Notes = listBack(e.Notes, e.After.Notes, g.Notes)
	if e.Plan != nil {
		u.SetPlan(g.Plan().undo(e.Plan[0], e.Plan[1]))
	}
	u.Sessions = sessionsBack(e.Sessions, g.Sessions)
	if !e.Left(g) {
		if !sameSessions(u.Sessions, g.Sessions) {
			u.Progress = u.DerivedProgress()
		}
		return &u
	}
	u.Progress, u.Updated = e.Before.Progress, e.Before.Updated.Time
	if e.Created != nil {
		u.Created = e.Created[0].Time
	}
	u.Extra, _ = unspliced(e.Extra, g.Extra, same)
	return &u
}

// Inverse is the change that takes this one back.
func (e Edit) Inverse() Edit {
	e.Before, e.After = e.After, e.Before
	if e.Description != nil {
		e.Title = title(&Goal{Description: e.Description[0]})
		e.Description = &[2]string{e.Description[1], e.Description[0]}
	}
	if e.Created != nil {
		e.Created = &[2]Instant{e.Created[1], e.Created[0]}
	}
	if e.Plan != nil {
		e.Plan = &[2]Plan{e.Plan[1], e.Plan[0]}
	}
	e.Acceptance, e.Notes = inverse(e.Acceptance), inverse(e.Notes)
	e.Sessions, e.Extra = inverse(e.Sessions), inverse(e.Extra)
	return e
}

func same[T comparable](a, b T) bool { return a == b }

// splices says how one list became another.
func splices[T any](before, after []T, same func(a, b T) bool) []Splice[T] {
	at := 0
	for at < len(before) && at < len(after) && same(before[at], after[at]) {
		at++
	}
	b, a := before[at:], after[at:]
	for len(b) > 0 && len(a) > 0 && same(b[len(b)-1], a[len(a)-1]) {
		b, a = b[:len(b)-1], a[:len(a)-1]
	}
	if len(b) != len(a) {
		return []Splice[T]{{at, b, a}}
	}
	var all []Splice[T]
	for i := 0; i < len(b); {
		n := 0
		for i+n < len(b) && !same(b[i+n], a[i+n]) {
			n++
		}
		if n > 0 {
			all = append(all, Splice[T]{at + i, b[i : i+n], a[i : i+n]})
		}
		i += max(n, 1)
	}
	return all
}

// unspliced returns the list as it was before, if what was added still stands
// where it was put.
func unspliced[T any](all []Splice[T], now []T, same func(a, b T) bool) ([]T, bool) {
	if len(all) == 0 {
		return now, true
	}
	list := slices.Clone(now)
	for _, s := range slices.Backward(all) {
		end := s.At + len(s.Added)
		if s.At < 0 || end > len(list) || !slices.EqualFunc(list[s.At:end], s.Added, same) {
			return now, false
		}
		list = slices.Replace(list, s.At, end, s.Removed...)
	}
	if len(list) == 0 {
		return nil, true
	}
	return list, true
}

func inverse[T any](all []Splice[T]) []Splice[T] {
	all = slices.Clone(all)
	for i, s := range all {
		all[i] = Splice[T]{s.At, s.Added, s.Removed}
	}
	return all
}

// listBack takes from a list what a change added to it, and puts back what the
// change removed: at the old places if the list is as long as the change left
// it and has there what the change put there.
func listBack(all []Splice[string], left int, now []string) []string {
	if len(all) == 0 {
		return now
	}
	if len(now) == left {
		if list, ok := unspliced(all, now, same); ok {
			return list
		}
	}
	var added, removed []string
	for _, s := range all {
		added, removed = append(added, s.Added...), append(removed, s.Removed...)
	}
	now = slices.Clone(now)
	for _, s := range minus(added, removed) {
		if i := slices.Index(now, s); i >= 0 {
			now = slices.Delete(now, i, i+1)
		}
	}
	return append(now, minus(removed, added)...)
}

// minus is what stands in a more often than in b.
func minus[T comparable](a, b []T) []T {
	count := make(map[T]int, len(b))
	for _, s := range b {
		count[s]++
	}
	var left []T
	for _, s := range a {
		if count[s]--; count[s] < 0 {
			left = append(left, s)
		}
	}
	return left
}
