package handlers

import (
	"fmt"
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
		events, err := c.tx.Changes((page-1)*eventsPerPage, eventsPerPage+1)
		return c.eventPage(new(message.Text).Bold("History"), "history", events, page, true, listRow()), err
	}
	n, isNumber := goals.ParseNumber(which)
	g := c.tx.List().Number(n)
	if !isNumber {
		var ask message.Message
		var err error
		if g, ask, err = c.pick(which, ""); g == nil {
			return ask, err
		}
		n = g.Number
	}
	events, err := c.tx.Events(n, (page-1)*eventsPerPage, eventsPerPage+1)
	if err != nil {
		return message.Message{}, err
	}
	if g == nil && len(events) == 0 && page == 1 {
		return message.Message{}, c.misnamed(&goals.NotNamed{Why: goals.Missing, Text: which, Span: goals.Span{First: n, Last: n}})
	}
	head := new(message.Text).Bold(fmt.Sprintf("History of #%d", n))
	last := listRow()
	if g != nil {
		head.Add(" " + described(g, maxAmongMany))
		last = []message.Button{openButton(g)}
	}
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
			head.Bold(fmt.Sprintf("#%d", e.Edit.Number)).Add(" · ")
		}
		head.Append(c.eventLine(e))
	}
	return head.Message(turn, last)
}

// eventLine says what one event did.
func (c *call) eventLine(e goals.Event) *message.Text {
	t := new(message.Text).Addf("%s · %s: ", c.date(e.At), c.who(e))
	what := whatChanged(e.Edit)
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
func whatChanged(e goals.Edit) string {
	before, after := e.Before, e.After
	switch {
	case before == nil:
		return "added " + quoted(e.Title, maxInEvent)
	case after == nil:
		return "deleted " + quoted(e.Title, maxInEvent)
	}
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if before.Status != after.Status {
		add("%s → %s %s", statusWord(before.Status), icon(after.Status), statusWord(after.Status))
	}
	if e.Description != nil {
		add("renamed to %s", quoted(e.Description[1], maxInEvent))
	}
	all = append(all, listChange("note", e.Notes, before.Notes, after.Notes)...)
	all = append(all, listChange("criterion", e.Acceptance, before.Acceptance, after.Acceptance)...)
	if before.Verified != after.Verified || before.Sessions != after.Sessions {
		add("tasks verified %d/%d → %d/%d", before.Verified, before.Sessions, after.Verified, after.Sessions)
	}
	if len(all) == 0 {
		return "changed"
	}
	return strings.Join(all, ", ")
}

// listChange says which text was added at the end of a list or removed there,
// and of all else how many there were and are.
func listChange(what string, all []goals.Splice[string], before, after int) []string {
	if len(all) == 0 {
		return nil
	}
	switch s := all[0]; {
	case after == before+1 && s.At == before:
		return []string{what + " " + quoted(s.Added[0], maxInEvent)}
	case before == after+1 && s.At == after:
		return []string{what + " removed: " + quoted(s.Removed[0], maxInEvent)}
	}
	plural := map[string]string{"note": "notes", "criterion": "criteria"}[what]
	return []string{fmt.Sprintf("%s %d → %d", plural, before, after)}
}

func quoted(text string, limit int) string {
	if !goals.Shows(text) {
		return "(no text)"
	}
	return "“" + isolate(clip(text, limit)) + "”"
}
