package handlers

import (
	"cmp"
	"fmt"
	"strings"

	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file says what was done to goals, by whom and when.

const (
	eventsPerPage = 10
	maxInEvent    = 60   // characters of a text that is quoted
	maxSummed     = 1000 // goals of a change that are read to say what it did
)

// history shows what was done to one goal, or to all of them. A button shows
// the goals of one change.
func (c *call) history() (message.Message, error) {
	which, page := cutPage(c.Args)
	if page > 0 && which != "" && !c.isNamed(which) {
		if found, _ := c.tx.List().Select(c.Args, nil); len(found) > 0 {
			which, page = c.Args, 0 // those are the words of a goal
		}
	}
	if word, key := cutFirstWord(which); c.Tap && word == "change" && key != "" {
		return c.changeHistory(key, page)
	}
	if which == "" {
		return c.entries(entries{head: new(message.Text).Bold("History"), command: "history", read: c.tx.Changes, line: c.changeLine, last: listRow()}, page)
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
	read := func(skip, limit int) ([]store.Event, error) { return c.tx.Events(n, skip, limit) }
	e := entries{head: new(message.Text).Bold(fmt.Sprintf("History of #%d", n)), command: fmt.Sprintf("history %d", n), read: read, line: c.goalLine, last: listRow()}
	if g != nil {
		e.head.Add(" " + described(g, maxAmongMany))
		e.last = []message.Button{openButton(g), {Label: "Copy the id", Copy: clip(g.ID, message.MaxCopied)}}
	} else if known, err := read(0, 1); err != nil || len(known) == 0 {
		return message.Message{}, cmp.Or(err, c.misnamed(&goals.NotNamed{Why: goals.Missing, Text: which, Span: goals.Span{First: n, Last: n}}))
	}
	return c.entries(e, page)
}

// changeHistory shows what one change did to each of its goals.
func (c *call) changeHistory(key string, page int) (message.Message, error) {
	events, err := c.tx.Change(key)
	if err != nil {
		return message.Message{}, err
	}
	if len(events) == 0 {
		return message.Message{}, refusal("That is too long ago; I no longer have it.")
	}
	head := c.happened(events[0])
	if events[0].Name == "undo" || events[0].Name == "redo" {
		head.Add(events[0].Name + ", ")
	}
	return c.entries(entries{
		head:    head.Bold(did(events, len(events))),
		command: "history change " + key,
		read: func(skip, limit int) ([]store.Event, error) {
			rest := events[min(skip, len(events)):]
			return rest[:min(limit, len(rest))], nil
		},
		line: func(e store.Event) (*message.Text, []message.Button, error) {
			return new(message.Text).Bold(fmt.Sprintf("#%d", e.Edit.Number)).Add(" · " + c.reader().whatChanged(e.Edit)), nil, nil
		},
		last: []message.Button{{Label: "‹ History", Command: "history"}},
	}, page)
}

// entries are what a page of a history is made of.
type entries struct {
	head    *message.Text
	command string // that shows it
	read    func(skip, limit int) ([]store.Event, error)
	line    func(store.Event) (*message.Text, []message.Button, error)
	last    []message.Button
}

// entries shows one page. It reads one entry more than it shows, which says
// that there are older ones.
func (c *call) entries(e entries, page int) (message.Message, error) {
	page = max(page, 1)
	events, err := e.read((page-1)*eventsPerPage, eventsPerPage+1)
	if err != nil {
		return message.Message{}, err
	}
	var t message.Text
	if asked := page; len(events) == 0 && page > 1 {
		page, err = lastPage(page, func(page int) (bool, error) {
			some, err := e.read((page-1)*eventsPerPage, 1)
			return len(some) > 0, err
		})
		if err != nil {
			return message.Message{}, err
		}
		if events, err = e.read((page-1)*eventsPerPage, eventsPerPage); err != nil {
			return message.Message{}, err
		}
		if len(events) > 0 {
			t.Italic(noPage(asked, page)).Add("\n\n")
		}
	}
	t.Append(e.head)
	var pages []message.Button
	if page > 1 {
		pages = append(pages, message.Button{Label: "‹ Newer", Command: fmt.Sprintf("%s page %d", e.command, page-1)})
		t.Addf(" · page %d", page)
	}
	if len(events) > eventsPerPage {
		pages = append(pages, message.Button{Label: "Older ›", Command: fmt.Sprintf("%s page %d", e.command, page+1)})
		events = events[:eventsPerPage]
	}
	if len(events) == 0 {
		t.Add("\n\nNothing has been done yet.")
	}
	var rows [][]message.Button
	for _, event := range events {
		line, more, err := e.line(event)
		if err != nil {
			return message.Message{}, err
		}
		t.Add("\n\n").Append(line)
		rows = append(rows, more)
	}
	return t.Message(append(rows, pages, e.last)...), nil
}

// changeLine says what one change did. Where it did something to several goals,
// a button shows them.
func (c *call) changeLine(e store.Event) (*message.Text, []message.Button, error) {
	if e.Goals == 1 {
		t, more, err := c.goalLine(e)
		return new(message.Text).Bold(fmt.Sprintf("#%d", e.Edit.Number)).Add(" · ").Append(t), more, err
	}
	events := []store.Event{e}
	if e.Goals <= maxSummed {
		all, err := c.tx.Change(e.Key)
		if err != nil {
			return nil, nil, err
		}
		if len(all) > 0 {
			events = all
		}
	}
	what := did(events, e.Goals)
	t := c.eventText(e, what)
	if len(events) == 1 && e.Goals <= maxSummed {
		return t, nil, nil // the others have been forgotten
	}
	return t, changeRow(e.Key, "🔎 "+capital(what)), nil
}

// changeRow shows the goals of a change, where a button has room for its key.
func changeRow(key, label string) []message.Button {
	command := "history change " + key
	if len(command)+len(" page 10000") > message.MaxButtonData {
		return nil
	}
	return []message.Button{{Label: clip(label, maxInButton), Command: command}}
}

func (c *call) goalLine(e store.Event) (*message.Text, []message.Button, error) {
	return c.eventLine(e), nil, nil
}

// eventLine says what one event did.
func (c *call) eventLine(e store.Event) *message.Text {
	return c.eventText(e, c.reader().whatChanged(e.Edit))
}

// eventText says what was done, in these words, by whom and when, and whether
// it stands.
func (c *call) eventText(e store.Event, what string) *message.Text {
	t := c.happened(e)
	if e.Name == "undo" || e.Name == "redo" || e.Name == "import" && !strings.HasPrefix(what, "import") {
		what = e.Name + ", " + what
	}
	switch {
	case e.Undone && e.Name == "undo":
		return t.Strike(what).Add(" (redone)")
	case e.Undone:
		return t.Strike(what).Add(" (undone)")
	}
	return t.Add(what)
}

// happened says when something was done and by whom.
func (c *call) happened(e store.Event) *message.Text {
	return c.addDate(new(message.Text), e.At).Addf(" · %s: ", c.who(e))
}

// who did it, as the reader knows them.
func (c *call) who(e store.Event) string {
	switch {
	case e.By == 0 && e.Name == "merge":
		return "goals.json"
	case e.By == 0:
		return "the bot"
	}
	return c.reader().name(e.By)
}

// whatChanged says in a few words what a change did.
func (r reader) whatChanged(e goals.Edit) string {
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
	if e.Plan != nil {
		all = append(all, r.planChange(e.Plan[0], e.Plan[1])...)
	}
	if said := sessionChange(e); said != "" {
		all = append(all, said)
	}
	if before.Verified != after.Verified || before.Sessions != after.Sessions {
		add("tasks verified %d/%d → %d/%d", before.Verified, before.Sessions, after.Verified, after.Sessions)
	}
	if len(all) == 0 {
		return "changed"
	}
	return strings.Join(all, ", ")
}

// listChange says which text was added to a list, removed from it or changed, and
// of all else how many there were and are.
func listChange(what string, all []goals.Splice[string], before, after int) []string {
	if len(all) == 0 {
		return nil
	}
	switch s := all[0]; {
	case after == before+1 && len(all) == 1 && len(s.Added) == 1:
		return []string{what + " " + quoted(s.Added[0], maxInEvent)}
	case before == after+1 && len(all) == 1 && len(s.Removed) == 1:
		return []string{what + " removed: " + quoted(s.Removed[0], maxInEvent)}
	case len(all) == 1 && len(s.Removed) == 1 && len(s.Added) == 1:
		return []string{what + " changed to " + quoted(s.Added[0], maxInEvent)}
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
