package handlers

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"goalbot/access"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/settings"
	"goalbot/store"
)

// This file tells people in private what others do that concerns them: to what
// they may do here, and to the goals that they added or that are assigned to them.

// notifyOff is what a [store.NotifyRecord] holds of who does not want to be told.
const notifyOff = "off"

// tell queues a message for somebody's private chat, which has the id of its
// user (Bot API). Where too much waits for them, or they have never started the
// bot, it is left out.
func (c *call) tell(user int64, m message.Message) error {
	if user <= 0 { // a chat that speaks for itself
		return nil
	}
	v, err := c.setting.ReadFor(c.tx, user)
	if err != nil {
		return err
	}
	m.Quiet, m.Lapses = !v.Rings(settings.RingEverything, c.now()), true
	return unlessFull(queue(c.tx, user, m))
}

// tellOwner tells an owner about people.
func (c *call) tellOwner(user int64, t *message.Text) error {
	m := t.Message([]message.Button{{Label: "People", Command: "members"}})
	m.For = forOwners
	return c.tell(user, m)
}

// tellOwners tells the owners about people, but some of them.
func (c *call) tellOwners(t *message.Text, but ...int64) error {
	for _, owner := range c.people.Owners() {
		if slices.Contains(but, owner) {
			continue
		}
		if err := c.tellOwner(owner, t); err != nil {
			return err
		}
	}
	return nil
}

// tellRole tells somebody, and the other owners, what they may do from now on;
// 0 is nothing any more.
func (c *call) tellRole(user int64, before, now access.Role) error {
	by := isolate(clip(c.people.Name(c.From.ID), 60))
	said := new(message.Text)
	switch {
	case now == 0:
		said.Add("🚪 " + by + " removed ").Bold(c.nameOf(user)).Add("'s access.")
	case user == c.From.ID:
		said.Add(roleIcon(now) + " ").Bold(by).Add(" is " + now.One() + " now.")
	default:
		said.Add(roleIcon(now) + " " + by + " has made ").Bold(c.nameOf(user)).Add(" " + now.One() + ".")
	}
	if err := c.tellOwners(said, c.From.ID, user); err != nil || user == c.From.ID {
		return err
	}
	t := new(message.Text)
	if now == 0 {
		m := t.Add("🚪 ").Bold(by + " removed your access.").Add(" I no longer answer you.").Message()
		m.For = forAnybody
		return c.tell(user, m)
	}
	t.Add(roleIcon(now) + " ").Bold(by + " has made you " + now.One() + ".")
	switch {
	case now == access.Owner:
		t.Add(" You can do everything now, and " + c.alertsCome(user) + ".")
	case now == access.Editor && before == access.Owner:
		t.Add(" You can still see the goals and change them, but not decide about people, files and settings.")
	case now == access.Editor:
		t.Add(" You can change the goals now.")
	default:
		t.Add(" You can still see the goals, but not change them.")
	}
	return c.tell(user, t.Add(" /help shows what you can do.").Message())
}

// tellConcerned tells those whose goals these are what this request did to them. Of a
// change of very many goals it looks at the first ones.
func (c *call) tellConcerned(before goals.List) error {
	if len(c.people.List()) < 2 {
		return nil
	}
	changes := goals.Diff(before, *c.tx.List())
	theirs := map[int64][]store.Event{}
	for _, ch := range changes[:min(len(changes), maxSummed)] {
		whose, err := c.concerned(ch)
		if err != nil {
			return err
		}
		for _, user := range whose {
			theirs[user] = append(theirs[user], store.Event{Edit: goals.EditOf(ch)})
		}
	}
	for _, user := range slices.Sorted(maps.Keys(theirs)) {
		kept, err := c.tx.Record(store.NotifyRecord, strconv.FormatInt(user, 10))
		if err == nil && kept != notifyOff {
			err = c.tellChange(user, theirs[user])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// concerned are the members to whom a change of a goal is told, each once: who added it,
// and to whom it is or was assigned; not who changed it.
func (c *call) concerned(ch goals.Change) (users []int64, err error) {
	added, err := c.tx.AddedBy(ch.Number())
	if err != nil {
		return nil, err
	}
	all := []int64{added}
	for _, g := range []*goals.Goal{ch.Before, ch.After} {
		if g != nil {
			all = append(all, g.Plan().Assignee)
		}
	}
	for _, user := range all {
		if user != c.From.ID && c.people.Role(user) != 0 && !slices.Contains(users, user) {
			users = append(users, user)
		}
	}
	return users, nil
}

func stopTelling() []message.Button {
	return []message.Button{{Label: "🔕 Don't tell me", Command: "notify off"}}
}

// toYours says what this request did to goals of the reader's.
func (c *call) toYours(user int64, events []store.Event) message.Message {
	what := "a goal of yours"
	if len(events) > 1 {
		what = fmt.Sprintf("%d goals of yours", len(events))
	}
	past := verbOfAll(events).past
	if events[0].Edit.Before == nil && past != altered.past { // it had been deleted
		past = "brought back"
	}
	assigned := !slices.ContainsFunc(events, func(e store.Event) bool { return !isAssignedTo(e.Edit, user) })
	if assigned {
		past, what = "assigned", strings.Replace(what, " of yours", " to you", 1)
	}
	lines := []*message.Text{new(message.Text).Bold(isolate(clip(c.people.Name(c.From.ID), maxInName)) + " " + past + " " + what)}
	limit := maxInList
	if len(events) > 1 {
		limit = maxAmongMany
	}
	buttons := []message.Button{}
	for _, e := range events {
		l := goneLine(e, limit)
		if g := c.tx.List().Number(e.Edit.Number); g != nil {
			l = line(g, limit)
			buttons = append(buttons, openButton(g))
		}
		if more := (reader{id: user, people: c.people}).beyondStatus(e.Edit); more != "" && !assigned {
			l.Add("\n• " + more)
		}
		lines = append(lines, l)
	}
	if len(buttons) != 1 {
		buttons = []message.Button{{Label: "Show the list", Command: "goals"}}
	}
	head := lines[0].Add("\n")
	t := head.Append(asMany(lines[1:], "\n", maxNotified, head.Room(), message.MaxEntities-head.Marks()))
	return t.Message(buttons, stopTelling())
}

// isAssignedTo reports whether a change assigned a goal to that member and did nothing else.
func isAssignedTo(e goals.Edit, user int64) bool {
	if e.Plan == nil || e.Plan[1].Assignee != user || verbOf(e).past != "assigned" {
		return false
	}
	before := e.Plan[0]
	before.Assignee = user
	return before.Same(e.Plan[1])
}

// beyondStatus says what else a change did than to close or open a goal, which
// its line shows.
func (r reader) beyondStatus(e goals.Edit) string {
	switch {
	case e.Before == nil || e.After == nil:
		return ""
	case verbOf(e) == renamed:
		return "it was " + quoted(e.Description[0], maxInEvent)
	}
	after := *e.After
	after.Status = e.Before.Status
	e.After = &after
	if what := r.whatChanged(e); what != "changed" {
		return what
	}
	return ""
}

// notify says whether the person is told of changes to their goals, or changes
// that.
func (c *call) notify() (message.Message, error) {
	name := strconv.FormatInt(c.From.ID, 10)
	kept, err := c.tx.Record(store.NotifyRecord, name)
	if err != nil {
		return message.Message{}, err
	}
	if c.From.ID <= 0 {
		return message.Message{}, refusal("You write here as the group, and I can only notify people. Send /notify under your own name.")
	}
	before, now := onOff(kept), onOff(kept)
	switch typed := goals.Fold(c.Args); typed {
	case "":
	case "on", "off":
		now = typed
	default:
		return message.Message{}, refusal("/notify takes on or off, as in /notify off. Nothing was changed.")
	}
	m := new(message.Text).Add("🔔 When others assign a goal to you, or change one that you added or that is assigned to you, I tell you in our private chat.").Message([]message.Button{{Label: "🔕 Turn off", Command: "notify off"}})
	if now == "off" {
		m = new(message.Text).Add("🔕 I don't tell you when others assign a goal to you, or change one that you added or that is assigned to you.").Message([]message.Button{{Label: "🔔 Turn on", Command: "notify on"}})
	}
	if now == before {
		return m, nil
	}
	if !c.replays && c.mayDo("undo") {
		m.Buttons = [][]message.Button{append(undoRow(c.Key), m.Buttons[0]...)}
	}
	if kept = ""; now == "off" {
		kept = notifyOff
	}
	if err := c.tx.SetRecord(store.NotifyRecord, name, kept); err != nil {
		return m, err
	}
	return m, c.did(action{What: "turning /notify " + now, Do: "notify " + now, Back: "notify " + before})
}

func onOff(kept string) string {
	if kept == notifyOff {
		return "off"
	}
	return "on"
}
