package handlers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"goalbot/goals"
	"goalbot/message"
)

// This file assigns goals to members.

// assign says who is to do a goal, or that nobody is.
func (c *call) assign() (message.Message, error) {
	which, who := c.cutWhich(c.Args)
	g, ask, err := c.pick(which, who)
	if g == nil {
		return ask, err
	}
	switch {
	case who == "":
		return c.askAssignee(g, c.assignable())
	case isOneOf(who, "off", "nobody", "no one", "none", "no"):
		return c.assignTo(g, 0)
	case isOneOf(who, "me", "myself", "to me") && c.From.ID <= 0:
		return message.Message{}, refusal("You write here as the group. Say a name, as in /assign 3 Ann, so that I know who is to do it.")
	case isOneOf(who, "me", "myself", "to me"):
		return c.assignTo(g, c.From.ID)
	}
	if first, rest := cutFirstWord(who); goals.Fold(first) == "to" && rest != "" {
		who = rest
	}
	switch found := c.called(who, c.assignable()); len(found) {
	case 0:
		return message.Message{}, refuse("Nobody here is called “%s”, so nothing was changed. /assign %d shows whom you can choose.", isolate(clip(who, 60)), g.Number)
	case 1:
		return c.assignTo(g, found[0])
	default:
		return c.askAssignee(g, found)
	}
}

// assignTo assigns a goal to a member, or to nobody for 0.
func (c *call) assignTo(g *goals.Goal, who int64) (message.Message, error) {
	name := "nobody"
	if who != 0 {
		name = c.reader().name(who)
	}
	return c.plan(g, "Assigned to "+name, func(p *goals.Plan) error {
		if p.Assignee == who {
			return refuse("#%d is already assigned to %s, so nothing was changed.", g.Number, name)
		}
		p.Assignee = who
		return nil
	})
}

// assignable are the members that a goal can be assigned to, the one who asks first and
// then by what they may do. Chats that speak for themselves are not among them.
func (c *call) assignable() []int64 {
	all := slices.DeleteFunc(c.people.List(), func(id int64) bool { return id <= 0 })
	slices.SortStableFunc(all, func(a, b int64) int {
		return cmp.Compare(c.people.Role(b), c.people.Role(a))
	})
	if i := slices.Index(all, c.From.ID); i > 0 {
		all = append([]int64{c.From.ID}, slices.Delete(all, i, i+1)...)
	}
	return all
}

// askAssignee asks which of them is to do a goal.
func (c *call) askAssignee(g *goals.Goal, among []int64) (message.Message, error) {
	if !g.Status.Open() {
		_, err := c.tx.List().SetPlan(g.Number, c.At, func(*goals.Plan) error { return nil }) // which says why not
		return message.Message{}, err
	}
	r := c.reader()
	t := asking("Who is to do ", g, "?")
	who := r.assignee(g)
	if who != 0 {
		t.Add(" It is assigned to " + r.name(who) + " now.")
	}
	asks := t.String()
	how := " Tap a name, or reply to this message with one."
	if c.Chat.Private {
		how = " Tap a name, or send one as your next message."
	}
	t.Add(how)
	if len(among) > maxChoices {
		t.Addf("\nThese are the first %d of %d.", maxChoices, len(among))
		among = among[:maxChoices]
	}
	button := func(label, who string) message.Button {
		return message.Button{Label: label, Command: fmt.Sprintf("assign %d %s %s%s", g.Number, who, tokenSign, c.token())}
	}
	var names []message.Button
	for _, id := range among {
		label := r.name(id)
		if id == r.id {
			label = "Me"
		}
		if id == who {
			label = "✓ " + label
		}
		names = append(names, button(label, fmt.Sprint(id)))
	}
	rows := slices.Collect(slices.Chunk(names, 2))
	if who != 0 {
		rows = append(rows, []message.Button{button("Nobody", "off")})
	}
	return c.pose(question{Command: "assign", Number: g.Number, Asks: asks}, t, append(rows, cancelRow(c.token()))...)
}

// called are those whom the words mean: by number, by @name, by name or its first word, or
// else by a part of it. Without words they are all.
func (c *call) called(words string, among []int64) []int64 {
	if words = goals.Fold(words); words == "" {
		return among
	}
	is := func(means func(id int64, name string) bool) (found []int64) {
		for _, id := range among {
			if means(id, goals.Fold(c.people.KnownName(id))) {
				found = append(found, id)
			}
		}
		return found
	}
	if found := is(func(id int64, _ string) bool { return words == fmt.Sprint(id) }); found != nil {
		return found
	}
	if username, ok := strings.CutPrefix(words, "@"); ok && username != "" {
		if found := is(func(id int64, _ string) bool { return goals.Fold(c.people.Usernames[id]) == username }); found != nil {
			return found
		}
		words = username
	}
	for _, means := range []func(name string) bool{
		func(name string) bool { return name == words },
		func(name string) bool { first, _ := cutFirstWord(name); return first == words },
		func(name string) bool { return strings.Contains(name, words) },
	} {
		if found := is(func(_ int64, name string) bool { return means(name) }); found != nil {
			return found
		}
	}
	return nil
}

// assigneeChange says what a change did to the assignee of a goal, "" for nothing.
func (r reader) assigneeChange(before, after goals.Plan) string {
	switch {
	case before.Assignee == after.Assignee:
		return ""
	case after.Assignee == 0:
		return "assigned to nobody"
	}
	return "assigned to " + r.name(after.Assignee)
}
