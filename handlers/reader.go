package handlers

import (
	"slices"
	"time"

	"goalbot/access"
	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/settings"
	"goalbot/store"
)

// reader is whom something is shown to, and when.
type reader struct {
	id     int64          // the member; 0 where several read it, as in a group
	now    time.Time      // in the zone in which dates are shown to them
	zone   *time.Location // of the list: where a clock hangs that names no zone
	people *access.Roster
}

// readerIn is whoever reads what comes to a chat, with the settings that hold there.
func (h *Handlers) readerIn(tx store.Tx, people *access.Roster, chat int64, now time.Time) (reader, settings.Values, error) {
	list, err := h.setting.Read(tx)
	if err != nil {
		return reader{}, list, err
	}
	v := list
	if chat > 0 {
		v, err = h.setting.ReadFor(tx, chat)
	}
	return reader{id: max(chat, 0), now: now.In(v.Zone), zone: list.Zone, people: people}, v, err
}

// there is a date as the reader is to take it: a clock without a zone hangs where the
// list's does, wherever the reader is.
func (r reader) there(w agenda.When) agenda.When {
	switch name := r.zone.String(); {
	case w.Kind != agenda.OnClock || r.isThere():
		return w
	case name == "Local": // which others do not know
		return agenda.AtInstant(w.Time(r.zone))
	default:
		return w.InZone(name)
	}
}

// isThere reports whether the reader is in the zone of the list.
func (r reader) isThere() bool { return r.zone.String() == r.now.Location().String() }

// sees is a goal with its dates as the reader is to take them.
func (r reader) sees(g *goals.Goal) *goals.Goal {
	if r.isThere() {
		return g
	}
	p := g.Plan()
	for _, date := range []*string{&p.Due, &p.Remind, &p.Parked} {
		if w, ok := readWhen(*date); ok {
			*date = r.there(w).String()
		}
	}
	if p.Same(g.Plan()) {
		return g
	}
	seen := *g
	seen.SetPlan(p)
	return &seen
}

// list is a list with the dates of its goals as the reader is to take them.
func (r reader) list(list goals.List) goals.List {
	if r.isThere() {
		return list
	}
	all := slices.Clone(list.All())
	for i, g := range all {
		all[i] = r.sees(g)
	}
	return goals.NewList(list.LastNumber(), all)
}

// reader is whoever reads the answer to this request.
func (c *call) reader() reader {
	r := reader{now: c.localNow(), zone: c.zone, people: c.people}
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
	if r.people.Role(g.Plan().Assignee) == 0 {
		return 0
	}
	return g.Plan().Assignee
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
