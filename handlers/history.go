package handlers

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"goalbot/goals"
	"goalbot/message"
)

// This file says what was done to goals, by whom and when.

const (
	eventsPerPage = 10
	maxEventPage  = 1000
	maxInEvent    = 60 // characters of a text that is quoted
)

// history shows what was done to one goal, or to all of them.
func (c *call) history() (message.Message, error) {
	which, page := cutPage(c.Args)
	if which == "" {
		events, err := c.tx.Recent((page-1)*eventsPerPage, eventsPerPage+1)
		return c.eventPage(new(message.Text).Bold("History"), "history", events, page, true, listRow()), err
	}
	n, isNumber := goals.ParseNumber(which)
	g := c.tx.List().Number(n)
	if !isNumber {
		var ask message.Message
		var err error
		if g, ask, err = c.pick(which, nil, ""); g == nil {
			return ask, err
		}
		n = g.Number
	}
	events, err := c.tx.Events(n, page*eventsPerPage+1)
	if err != nil {
		return message.Message{}, err
	}
	if g == nil && len(events) == 0 {
		return message.Message{}, c.misnamed(&goals.NotNamed{Why: goals.Missing, Text: which, Span: goals.Span{First: n, Last: n}})
	}
	head := new(message.Text).Bold(fmt.Sprintf("History of #%d", n))
	last := listRow()
	if g != nil {
		head.Add(" " + described(g, maxAmongMany))
		last = []message.Button{openButton(g)}
	}
	events = events[min((page-1)*eventsPerPage, len(events)):]
	return c.eventPage(head, fmt.Sprintf("history %d", n), events, page, false, last), nil
}

// cutPage splits "page 2" off the end of a command.
func cutPage(args string) (rest string, page int) {
	words := strings.Fields(args)
	if n := len(words); n >= 2 && goals.Fold(words[n-2]) == "page" {
		if page, err := strconv.Atoi(goals.Fold(words[n-1])); err == nil {
			return strings.Join(words[:n-2], " "), min(max(page, 1), maxEventPage)
		}
	}
	return strings.TrimSpace(args), 1
}

// eventPage makes a page of the events, of which one more than it shows says
// that there are older ones.
func (c *call) eventPage(head *message.Text, command string, events []goals.Event, page int, numbers bool, last []message.Button) message.Message {
	var turn []message.Button
	if page > 1 {
		turn = append(turn, message.Button{Label: "‹ Newer", Command: fmt.Sprintf("%s page %d", command, page-1)})
		head.Addf(" · page %d", page)
	}
	if len(events) > eventsPerPage {
		turn = append(turn, message.Button{Label: "Older ›", Command: fmt.Sprintf("%s page %d", command, page+1)})
		events = events[:eventsPerPage]
	}
	if len(events) == 0 {
		head.Add("\n\nNothing was done yet.")
	}
	for _, e := range events {
		head.Add("\n\n")
		if numbers {
			head.Bold(fmt.Sprintf("#%d", e.Change.Number())).Add(" · ")
		}
		head.Append(c.eventLine(e))
	}
	return head.Message(turn, last)
}

// eventLine says what one event did.
func (c *call) eventLine(e goals.Event) *message.Text {
	t := new(message.Text).Addf("%s · %s: ", c.date(e.At), c.who(e))
	what := whatChanged(e.Change)
	switch {
	case e.Name == "undo" || e.Name == "redo" || e.Name == "import" && !e.Undone:
		what = e.Name + ", " + what
	case e.Undone:
		return t.Strike(what).Add(" taken back")
	}
	return t.Add(what)
}

// who did it, as the reader knows them.
func (c *call) who(e goals.Event) string {
	switch {
	case e.By == c.From.ID && c.Chat.Private: // in a group others read it too
		return "you"
	case e.By == 0 && e.Name == "merge":
		return "goals.json"
	case e.By == 0:
		return "the bot"
	}
	return isolate(clip(c.people.Name(e.By), 30))
}

// whatChanged says in a few words what a change did.
func whatChanged(change goals.Change) string {
	before, after := change.Before, change.After
	switch {
	case before == nil:
		return "added " + quoted(after.Description, maxInEvent)
	case after == nil:
		return "deleted " + quoted(before.Description, maxInEvent)
	}
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if before.Status != after.Status {
		add("%s → %s %s", statusWord(before.Status), icon(after.Status), statusWord(after.Status))
	}
	if before.Description != after.Description {
		add("renamed to %s", quoted(after.Description, maxInEvent))
	}
	all = append(all, listChange("note", before.Notes, after.Notes)...)
	all = append(all, listChange("criterion", before.Acceptance, after.Acceptance)...)
	is, of := before.Verified()
	if nowIs, nowOf := after.Verified(); is != nowIs || of != nowOf {
		add("tasks verified %d/%d → %d/%d", is, of, nowIs, nowOf)
	}
	if len(all) == 0 {
		return "changed"
	}
	return strings.Join(all, ", ")
}

// listChange says what was added to a list of texts and what was removed.
func listChange(what string, before, after []string) []string {
	switch grown := len(after) - len(before); {
	case slices.Equal(before, after):
		return nil
	case grown == 1 && slices.Equal(before, after[:len(before)]):
		return []string{what + " " + quoted(after[len(before)], maxInEvent)}
	case grown == -1 && slices.Equal(before[:len(after)], after):
		return []string{what + " removed: " + quoted(before[len(after)], maxInEvent)}
	}
	plural := map[string]string{"note": "notes", "criterion": "criteria"}[what]
	return []string{fmt.Sprintf("%s %d → %d", plural, len(before), len(after))}
}

func quoted(text string, limit int) string {
	if !goals.Shows(text) {
		return "(no text)"
	}
	return "“" + isolate(clip(text, limit)) + "”"
}
