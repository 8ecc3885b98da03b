package goals

import (
	"fmt"
	"slices"
	"time"
)

// This file combines two versions of a goal field by field.

// combine applies to ours what theirs changed since was, the version they started from;
// was is nil if that is unknown. or are other versions they may have started from, and
// near is one that is as close to theirs. The result is ours if they changed nothing.
func combine(was *Goal, or []*Goal, near, ours, theirs *Goal) (*Goal, []Conflict) {
	c := combiner{known: was != nil, newer: !theirs.Updated.Before(ours.Updated)}
	if was == nil {
		was = &Goal{}
	}
	if near == nil {
		near = was
	}
	c.stale = theirs.Updated.Before(was.Updated)
	r := *ours
	r.Description = pick(&c, "description", was.Description, near.Description, ours.Description, theirs.Description)
	r.Status = pick(&c, "status", was.Status, near.Status, ours.Status, theirs.Status)
	r.Progress = pick(&c, "", was.Progress, near.Progress, ours.Progress, theirs.Progress)
	if !theirs.Created.Equal(was.Created) && !c.stale {
		r.Created = theirs.Created
	}
	r.Acceptance = c.list(was.Acceptance, each(or, func(g *Goal) []string { return g.Acceptance }), ours.Acceptance, theirs.Acceptance)
	r.Notes = c.list(was.Notes, each(or, func(g *Goal) []string { return g.Notes }), ours.Notes, theirs.Notes)
	r.Sessions = c.sessions(was.Sessions, each(or, func(g *Goal) []Session { return g.Sessions }), near.Sessions, ours.Sessions, theirs.Sessions)
	r.Extra = c.members(was.Extra, ours.Extra, theirs.Extra)
	r.Progress = progress(&r, ours, theirs)
	for _, conflict := range c.conflicts {
		if note := conflict.note(); !slices.Contains(r.Notes, note) {
			r.Notes = append(slices.Clip(r.Notes), note)
		}
	}
	switch {
	case r.sameInFile(theirs) && theirs.Updated.After(ours.Updated):
		r.Updated = theirs.Updated
	case r.sameInFile(ours):
		return ours, nil
	default: // no two versions of a goal have the same time, so that it tells who has seen which
		r.Updated = latest(ours.Updated, theirs.Updated).Add(time.Nanosecond)
	}
	for i := range c.conflicts {
		c.conflicts[i].Goal = &r
	}
	return &r, c.conflicts
}

// each lists what the versions of a goal have; one that is nil has nothing.
func each[T any](versions []*Goal, of func(*Goal) []T) [][]T {
	var all [][]T
	for _, g := range versions {
		var list []T
		if g != nil {
			list = of(g)
		}
		all = append(all, list)
	}
	return all
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// note is what a goal keeps of the value that did not win.
func (c Conflict) note() string {
	field, other := c.Field, c.Other
	switch {
	case field == "description":
		field = "the name"
	case field == "status" && other == string(InProgress):
		field, other = "the status", "in progress"
	case field == "status" && other == string(Pending):
		field, other = "the status", "to do"
	case field == "status":
		field = "the status"
	}
	return fmt.Sprintf("Changed in two places at once: %s was also set to “%s”.", field, other)
}

// combiner decides what of theirs is taken, for the fields of one goal.
type combiner struct {
	known     bool // what they started from is known
	stale     bool // theirs is older than that: it holds no change of a value, and what it lacks was not removed
	newer     bool // theirs is not older than ours
	conflicts []Conflict
}

// pick decides about a value. A field without a name has no conflicts. Where they may
// have started from near, and it was changed since here and there, that is one too.
func pick[T comparable](c *combiner, field string, was, near, ours, theirs T) T {
	switch {
	case theirs == ours, theirs == was, c.stale:
		return ours
	case ours == was && (near == ours || near == theirs):
		return theirs
	}
	stays, other := ours, theirs
	if c.newer {
		stays, other = theirs, ours
	}
	if c.known && field != "" {
		c.conflicts = append(c.conflicts, Conflict{Field: field, Stays: fmt.Sprint(stays), Other: fmt.Sprint(other), Theirs: c.newer})
	}
	return stays
}

// list decides about texts. What both added stands there once.
func (c *combiner) list(was []string, or [][]string, ours, theirs []string) []string {
	removed := minus(was, theirs)
	var others []string // what those have that was lacks
	for _, o := range or {
		removed = minus(removed, minus(removed, o)) // those in all
		others = append(others, minus(minus(o, was), others)...)
	}
	if c.stale {
		removed = nil
	}
	switch {
	case slices.Equal(theirs, ours), slices.Equal(theirs, was):
		return ours
	case slices.Equal(ours, was) && !c.stale && len(removed) == len(minus(was, theirs)):
		return theirs
	}
	r := slices.Clone(ours)
	for _, text := range removed {
		if i := slices.Index(r, text); i >= 0 {
			r = slices.Delete(r, i, i+1)
		}
	}
	added := minus(minus(theirs, was), others) // what none of them had
	return append(r, minus(added, minus(ours, was))...)
}

// sessions decides about the linked sessions, which are told apart by id. Of those
// with one id the first is compared with the first, and so on.
func (c *combiner) sessions(was []Session, or [][]Session, near, ours, theirs []Session) []Session {
	switch {
	case sameSessions(theirs, ours), sameSessions(theirs, was):
		return ours
	case sameSessions(ours, was) && allSame(or, was) && sameSessions(near, was) && !c.stale && !dropsMember(was, theirs):
		return theirs
	}
	wasBy, nearBy, theirsBy, oursBy := byID(was), byID(near), byID(theirs), byID(ours)
	var orBy []map[key]Session
	for _, o := range or {
		orBy = append(orBy, byID(o))
	}
	var r []Session
	for _, k := range sessionKeys(ours) {
		o := oursBy[k]
		t, there := theirsBy[k]
		w, before := wasBy[k]
		notInAll := slices.ContainsFunc(orBy, func(by map[key]Session) bool { _, has := by[k]; return !has })
		n, nearToo := nearBy[k]
		if !nearToo {
			n = w
		}
		switch {
		case there:
			r = append(r, c.session(w, n, o, t))
		case !before || notInAll || c.stale || !sameSession(o, w):
			r = append(r, o)
		}
	}
	for _, k := range sessionKeys(theirs) {
		_, here := oursBy[k]
		w, before := wasBy[k]
		for i := 0; i < len(orBy) && !before; i++ {
			w, before = orBy[i][k]
		}
		if t := theirsBy[k]; !here && (!before || !sameSession(t, w) && !c.stale) {
			r = append(r, t)
		}
	}
	return r
}

// session decides about one of them.
func (c *combiner) session(was, near, ours, theirs Session) Session {
	r := ours
	r.Task = pick(c, "the task of "+ours.ID, was.Task, near.Task, ours.Task, theirs.Task)
	r.State = pick(c, "the state of "+ours.ID, was.State, near.State, ours.State, theirs.State)
	evidence := pick(c, "the evidence of "+ours.ID, evidenceOf(was), evidenceOf(near), evidenceOf(ours), evidenceOf(theirs))
	r.Evidence = nil
	if evidence.some {
		r.Evidence = &evidence.text
	}
	r.Extra = c.members(was.Extra, ours.Extra, theirs.Extra)
	return r
}

// progress is that of the result, which has the one that was picked. It follows the
// sessions and, without any, the ticks, of which they know nothing.
func progress(r, ours, theirs *Goal) uint8 {
	changed, asTheirs := !sameSessions(r.Sessions, ours.Sessions), sameSessions(r.Sessions, theirs.Sessions)
	ticked, _ := r.Ticked()
	switch {
	case len(r.Sessions) == 0 && ticked > 0 && (changed || !slices.Equal(r.Acceptance, ours.Acceptance)), changed && !asTheirs:
		return r.DerivedProgress()
	case changed && len(r.Sessions) > 0:
		return theirs.Progress
	}
	return r.Progress
}

// maybe is a text that may not be there.
type maybe struct {
	text string
	some bool
}

func (m maybe) String() string { return m.text }

func evidenceOf(s Session) maybe {
	if s.Evidence == nil {
		return maybe{}
	}
	return maybe{*s.Evidence, true}
}

// members decides about the members of a JSON object that nobody here knows. None
// is removed: many programs drop what they do not know.
func (c *combiner) members(was, ours, theirs []Field) []Field {
	if slices.Equal(theirs, ours) || slices.Equal(theirs, was) {
		return ours
	}
	wasBy, oursBy, theirsBy := byName(was), byName(ours), byName(theirs)
	lacks := false
	for k := range oursBy {
		if _, there := theirsBy[k]; !there {
			lacks = true
		}
	}
	if slices.Equal(ours, was) && !c.stale && !lacks {
		return theirs
	}
	var r []Field
	for i, k := range memberKeys(ours) {
		o := ours[i]
		if t, there := theirsBy[k]; there {
			o.Value = pick(c, o.Name, wasBy[k], wasBy[k], o.Value, t)
		}
		r = append(r, o)
	}
	for i, k := range memberKeys(theirs) {
		_, here := oursBy[k]
		if t := theirs[i]; !here && wasBy[k] != t.Value {
			r = append(r, t)
		}
	}
	return r
}

// key tells apart what may have the same name.
type key struct {
	name string
	nth  int
}

// keysOf names the entries of a list.
func keysOf[T any](list []T, name func(T) string) []key {
	seen := make(map[string]int, len(list))
	keys := make([]key, len(list))
	for i, e := range list {
		n := name(e)
		keys[i] = key{n, seen[n]}
		seen[n]++
	}
	return keys
}

func sessionKeys(all []Session) []key { return keysOf(all, func(s Session) string { return s.ID }) }
func memberKeys(all []Field) []key    { return keysOf(all, func(f Field) string { return f.Name }) }

func byID(all []Session) map[key]Session {
	by := make(map[key]Session, len(all))
	for i, k := range sessionKeys(all) {
		by[k] = all[i]
	}
	return by
}

func byName(all []Field) map[key]string {
	by := make(map[key]string, len(all))
	for i, k := range memberKeys(all) {
		by[k] = all[i].Value
	}
	return by
}

// dropsMember reports whether a session lost a member that nobody here knows.
func dropsMember(was, now []Session) bool {
	nowBy := byID(now)
	for i, k := range sessionKeys(was) {
		s, there := nowBy[k]
		members := byName(s.Extra)
		for _, m := range memberKeys(was[i].Extra) {
			if _, kept := members[m]; there && !kept {
				return true
			}
		}
	}
	return false
}

func allSame(lists [][]Session, as []Session) bool {
	return !slices.ContainsFunc(lists, func(l []Session) bool { return !sameSessions(l, as) })
}

func sameSessions(a, b []Session) bool { return slices.EqualFunc(a, b, sameSession) }
