package handlers

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/message"
)

// This file shows what a day asks for, and the one goal to go on with.

// agendaItems are the goals that are open, as package agenda takes them. blocked tells
// since when goals are, by their numbers, as far as that is known.
func agendaItems(list goals.List, blocked map[int64]time.Time, zone *time.Location) (items []agenda.Item) {
	open := 0
	for _, g := range list.All() {
		if g.Status.Open() {
			open++
		}
	}
	items = make([]agenda.Item, 0, open)
	for _, g := range list.All() {
		if !g.Status.Open() {
			continue
		}
		i := agenda.Item{Number: g.Number, Status: g.Status, Touched: g.Updated, Pinned: g.IsPinned(), Blocked: blocked[g.Number], Parked: parkedUntil(g, zone)}
		i.Due, _ = readWhen(g.Plan().Due)
		i.Ticked, i.Criteria = g.Ticked()
		items = append(items, i)
	}
	return items
}

// A dayGroup is goals of a list under one heading.
type dayGroup struct {
	head string
	all  []*goals.Goal
}

// dayGroups are the goals that a day asks for, each in one group.
func dayGroups(list goals.List, plan agenda.Plan) []dayGroup {
	pick := func(items []agenda.Item) (all []*goals.Goal) {
		for _, i := range items {
			all = append(all, list.Number(i.Number))
		}
		return all
	}
	return []dayGroup{{"Overdue", pick(plan.Overdue)}, {"Due today", pick(plan.Today)}, {"In progress", pick(plan.InProgress)}}
}

const maxInGroup = 8 // goals under one heading

// writeGroups appends the groups that have goals.
func (r reader) writeGroups(t *message.Text, groups []dayGroup, limit int) {
	for _, group := range groups {
		if len(group.all) == 0 {
			continue
		}
		t.Add("\n\n").Bold(group.head).Addf(" · %d", len(group.all))
		for i, g := range group.all {
			if i == maxInGroup {
				t.Addf("\n… and %d more", len(group.all)-maxInGroup)
				break
			}
			t.Add("\n").Append(line(g, limit)).Add(r.setShown(g))
			if why := g.BlockedBy(); why != "" {
				t.Add("\n      ").Append(reason(why))
			}
		}
	}
}

// writeNext appends the goal to go on with, and why it is that one. Where a list above
// shows the goal, its number is enough.
func writeNext(t *message.Text, list goals.List, next *agenda.Choice, above []*goals.Goal, limit int) {
	word := "Next: "
	if next.Unblock {
		word = "Everything open is blocked. Unblock first: "
	}
	g := list.Number(next.Number)
	if slices.Contains(above, g) {
		t.Add(word).Bold(number(g)).Add(", " + next.Reason)
		return
	}
	t.Add(word).Append(line(g, limit)).Add("\n      ").Italic(next.Reason)
}

// shownIn are the goals that a message shows of groups.
func shownIn(groups []dayGroup) (shown []*goals.Goal) {
	for _, group := range groups {
		shown = append(shown, group.all[:min(len(group.all), maxInGroup)]...)
	}
	return shown
}

// dayView is /today: what is overdue, due today and in progress, and what is next.
func (r reader) dayView(list goals.List, items []agenda.Item, mode string) message.Message {
	plan := agenda.Today(items, r.now)
	if plan.Next == nil {
		t := new(message.Text).Add("Nothing is open. Add a goal: /addgoal call mother")
		return t.Message(listRow())
	}
	groups := dayGroups(list, plan)
	shown := shownIn(groups)
	t := shortened(func(limit int) *message.Text {
		var t message.Text
		t.Bold("Today").Add(", " + r.now.Format("Monday 2 January"))
		if len(plan.Overdue)+len(plan.Today) == 0 {
			t.Add("\nNothing is due.")
		}
		r.writeGroups(&t, groups, limit)
		t.Add("\n\n")
		writeNext(&t, list, plan.Next, shown, limit)
		return &t
	})
	if next := list.Number(plan.Next.Number); !slices.Contains(shown, next) {
		shown = append(shown, next)
	}
	return t.Message(append(goalRows(shown, mode, todayView), listRow())...)
}

func (c *call) today() (message.Message, error) { return c.day(modeOpen) }

func (c *call) day(mode string) (message.Message, error) {
	items, err := c.items()
	return c.reader().dayView(c.reader().list(*c.tx.List()), items, mode), err
}

// items are the goals that are open.
func (c *call) items() ([]agenda.Item, error) {
	blocked, err := c.tx.Last("block")
	return agendaItems(c.reader().list(*c.tx.List()), blocked, c.values.Zone), err
}

// next shows the one goal to go on with. Its button "Another" names those that were
// passed over.
func (c *call) next() (message.Message, error) {
	var passed []int64
	if c.Tap {
		for word := range strings.FieldsSeq(c.Args) {
			if n, ok := goals.ParseNumber(word); ok {
				passed = append(passed, n)
			}
		}
	}
	list, now := *c.tx.List(), c.localNow()
	items, err := c.items()
	if err != nil {
		return message.Message{}, err
	}
	first := agenda.Next(items, now)
	next := agenda.Next(slices.DeleteFunc(items, func(i agenda.Item) bool { return slices.Contains(passed, i.Number) }), now)
	if next != nil && next.Unblock && !first.Unblock {
		next = nil // what is blocked is for when everything is
	}
	var t message.Text
	if next == nil && first != nil {
		t.Italic("Those were all. From the first again:").Add("\n\n")
		passed, next = nil, first
	}
	if next == nil {
		return c.day(modeOpen)
	}
	g := list.Number(next.Number)
	writeNext(&t, list, next, nil, maxInList)
	if why := g.BlockedBy(); why != "" {
		t.Add("\n      ").Append(reason(why))
	}
	var rows [][]message.Button
	if i := nextStep(g); i >= 0 && !next.Unblock {
		t.Add("\n\n").Bold("Next step").Add("\n☐ " + isolate(clip(g.Acceptance[i], maxShortened)))
		rows = append(rows, []message.Button{stepButton(g, i, "☐ Tick it", nextView)})
	}
	button := message.Button{Label: "✅ Done", Command: "donehere " + atRevision(g) + " " + nextView, Style: message.Success}
	if next.Unblock {
		button = message.Button{Label: "🔄 Unblock", Command: "reopen " + atRevision(g)}
	}
	row := []message.Button{button, openButton(g)}
	if len(items) > 1 {
		row = append(row, message.Button{Label: "Another ›", Command: another(append([]int64{g.Number}, passed...))})
	}
	return t.Message(append(rows, row, listRow())...), nil
}

// another is the command for the goal to go on with that is none of these, of which
// the last were passed over first.
func another(passed []int64) string {
	command := "next"
	for _, n := range passed[:min(len(passed), maxPassed)] {
		command += " " + strconv.FormatInt(n, 10)
	}
	return command
}

const maxPassed = 8 // goals that a button passes over; with numbers of 6 digits it has room for 9

// nextStep is the first criterion that is not ticked, -1 for none.
func nextStep(g *goals.Goal) int {
	return slices.IndexFunc(g.Acceptance, func(criterion string) bool { return !g.IsTicked(criterion) })
}

// What a tap on a goal's button in a list does.
const (
	modeOpen   = ""
	modeFinish = "finish"
	modeSteps  = "steps" // ticks the first criterion that is not
)

// Where buttons stand that change a goal and leave the list as it is shown.
const (
	listView  = "goals"
	todayView = "today"
	nextView  = "next"
)

// goalRows are a button for each goal of a list, and those that change what a tap does.
// A mode that fits none of the goals counts as [modeOpen].
func goalRows(all []*goals.Goal, mode, view string) [][]message.Button {
	var open, finish, steps []message.Button
	for _, g := range all {
		open = append(open, message.Button{Label: number(g), Command: fmt.Sprintf("goal %d", g.Number)})
		if !g.Status.Open() {
			continue
		}
		finish = append(finish, message.Button{Label: "✅ " + number(g), Command: "donehere " + atRevision(g) + " " + view})
		if i := nextStep(g); i >= 0 {
			steps = append(steps, stepButton(g, i, "☐ "+number(g), view))
		}
	}
	shown := open
	var modes []message.Button
	toggle := func(label, to string, buttons []message.Button) {
		if len(buttons) == 0 {
			return
		}
		if mode == to {
			shown, label, to = buttons, "· "+label+" ·", "open"
		}
		modes = append(modes, message.Button{Label: label, Command: "mode " + to + " " + view})
	}
	toggle("✅ Finish", modeFinish, finish)
	toggle("☐ Next steps", modeSteps, steps)
	rows := slices.Collect(slices.Chunk(shown, 5))
	if len(modes) > 0 {
		rows = append(rows, modes)
	}
	return rows
}

func stepButton(g *goals.Goal, i int, label, view string) message.Button {
	return message.Button{Label: label, Command: fmt.Sprintf("tickhere %d %s %s", g.Number, tickName(g, i), view)}
}

// setMode changes what a tap on a goal's button does in the list that was tapped.
func (c *call) setMode() (message.Message, error) {
	mode, view := cutFirstWord(c.Args)
	if mode != modeFinish && mode != modeSteps {
		mode = modeOpen
	}
	return c.viewAgain(view, mode)
}

// viewAgain shows the list again that a button stands in.
func (c *call) viewAgain(view, mode string) (message.Message, error) {
	switch view {
	case todayView:
		return c.day(mode)
	case nextView:
		c.Args = ""
		return c.next()
	}
	p, err := c.boardShown()
	if err != nil {
		return message.Message{}, err
	}
	p.Mode = mode
	return c.board(p)
}

// finishInView finishes a goal and leaves the list in its place.
func (c *call) finishInView() (message.Message, error) {
	which, view := cutFirstWord(c.Args)
	c.Name = "done" // what the history, and a question, go by
	g, ask, err := c.pick(which, "")
	if g == nil {
		return ask, err
	}
	finished, next, err := c.finish(g.Number, false)
	if unfinished(err) {
		return c.askAnyway(g)
	}
	if err != nil {
		return message.Message{}, err
	}
	said := outcome("Done", finished, maxAmongMany)
	if next != "" {
		said.Add("\n" + next)
	}
	return c.viewWith(said, view, modeFinish)
}

// tickInView ticks a criterion and leaves the list in its place.
func (c *call) tickInView() (message.Message, error) {
	which, rest := cutFirstWord(c.Args)
	mark, view := cutFirstWord(rest)
	c.Name = "tick" // what the history goes by
	g, ask, err := c.pick(which, "")
	if g == nil {
		return ask, err
	}
	criteria, err := c.readTicks(g, mark)
	if err != nil {
		return message.Message{}, err
	}
	text := g.Acceptance[criteria[0]-1]
	if g.IsTicked(text) {
		return message.Message{}, refuse("“%s” is ticked already. Nothing was changed.", isolate(clip(text, maxAmongMany)))
	}
	if g, err = c.tx.List().Tick(g.Number, criteria, c.At); err != nil {
		return message.Message{}, err
	}
	said := new(message.Text).Bold("Ticked").Add(" for ").Bold(number(g)).Add(": ☑ " + isolate(clip(text, maxAmongMany)))
	ticked, total := g.Ticked()
	if ticked == total {
		said.Add("\n" + metWords(g))
	}
	m, err := c.viewWith(said, view, modeSteps)
	if ticked == total && err == nil && view != nextView { // which has the button
		m.Buttons[0] = append([]message.Button{{Label: "✅ " + number(g) + " is done", Command: "donehere " + atRevision(g) + " " + view, Style: message.Success}}, m.Buttons[0]...)
	}
	return m, err
}

// viewWith is a list with what was done said above it.
func (c *call) viewWith(said *message.Text, view, mode string) (message.Message, error) {
	m, err := c.viewAgain(view, mode)
	if err != nil {
		return message.Message{}, err
	}
	m = reworded(said.Add("\n\n").Append(m.Words()), m)
	m.Buttons = append([][]message.Button{undoRow(c.Key)}, m.Buttons...)
	return m, nil
}
