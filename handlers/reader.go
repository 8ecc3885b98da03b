package handlers

import (
	"slices"
	"time"

	"goalbot/access"
	"goalbot/goals"
)

// reader is whom something is shown to, and when.
type reader struct {
	id     int64     // the member; 0 where several read it, as in a group
	now    time.Time // in the zone in which dates are shown to them
	people *access.Roster
}

// reader is whoever reads the answer to this request.
func (c *call) reader() reader {
	r := reader{now: c.localNow(), people: c.people}
	if c.Chat.Private || c.private {
		r.id = c.From.ID
	}
	return r
}

// name is what a member is called: "you" to themselves. Several who read it need not
// know the number of somebody without a name.
func (r reader) name(id int64) string {
	switch {
	case id == r.id:
		return "you"
	case r.id == 0 && r.people.KnownName(id) == "":
		return "somebody"
	}
	return isolate(clip(r.people.Name(id), maxInName))
}

// maxInName is how many characters a name has at most among other words.
const maxInName = 30

// assignee is the member to whom a goal is assigned, 0 for nobody. A goal of somebody who
// may not use the bot any more is nobody's; it is theirs again when they are let in again.
func (r reader) assignee(g *goals.Goal) int64 {
	if r.people.Role(g.Plan.Assignee) == 0 {
		return 0
	}
	return g.Plan.Assignee
}

// assigneeShown is to whom a goal is assigned, in a list: "" for nobody, and for the
// reader.
func (r reader) assigneeShown(g *goals.Goal) string {
	who := r.assignee(g)
	if who == 0 || who == r.id {
		return ""
	}
	return "👤 " + r.name(who)
}

// isMine reports whether an open goal is assigned to that member.
func (r reader) isMine(whose int64, g *goals.Goal) bool {
	return whose != 0 && g.Status.Open() && r.assignee(g) == whose
}

// anyAssigned reports whether an open goal is assigned to somebody.
func (r reader) anyAssigned(list goals.List) bool {
	return slices.ContainsFunc(list.All(), func(g *goals.Goal) bool { return g.Status.Open() && r.assignee(g) != 0 })
}
