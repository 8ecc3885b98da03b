package handlers

import (
	"fmt"
	"strconv"
	"strings"

	"goalbot/goals"
	"goalbot/message"
)

// This file changes and removes single criteria and notes of a goal.

// entry is one line of a goal: a criterion or a note, counted from 1.
type entry struct {
	note bool
	n    int
	text string
}

// removed stands for the new text of an entry that shall go.
const removed = "-"

const maxEntries = 16 // buttons for entries

func (e entry) name() string {
	if e.note {
		return fmt.Sprintf("n%d", e.n)
	}
	return fmt.Sprintf("c%d", e.n)
}

func (e entry) what() string {
	if e.note {
		return "note"
	}
	return "criterion"
}

// mark is what a button adds to the name, since the entries may be others when it is tapped.
func (e entry) mark() string { return e.name() + "/" + fingerprint(e.text)[:6] }

func linesOf(g *goals.Goal) (all []entry) {
	for i, text := range g.Acceptance {
		all = append(all, entry{false, i + 1, text})
	}
	for i, text := range g.Notes {
		all = append(all, entry{true, i + 1, text})
	}
	return all
}

// edit changes the text of an entry, or asks which one and what it shall be.
func (c *call) edit() (message.Message, error) {
	which, rest := c.cutWhich(c.Args)
	g, ask, err := c.pick(which, rest)
	if g == nil {
		return ask, err
	}
	if rest == "" {
		return c.askEntry(g)
	}
	name, text := cutFirstWord(rest)
	e, err := findEntry(g, name)
	if err != nil {
		return message.Message{}, err
	}
	if text == "" {
		return c.askEntryText(g, e)
	}
	word := "Changed a " + e.what() + " of"
	if text == removed {
		word, text = "Removed a "+e.what()+" from", ""
	}
	change := c.tx.List().EditCriterion
	if e.note {
		change = c.tx.List().EditNote
	}
	if g, err = change(g.Number, e.n, text, c.At); err != nil {
		return message.Message{}, err
	}
	return c.changed(g, word), nil
}

// findEntry finds an entry by what a person or a button calls it.
func findEntry(g *goals.Goal, name string) (entry, error) {
	name, mark, marked := strings.Cut(goals.Fold(name), "/")
	var same []entry
	for _, e := range linesOf(g) {
		is := fingerprint(e.text)[:6] == mark
		switch {
		case e.name() == name && (is || !marked):
			return e, nil
		case is && e.name()[0] == name[0]:
			same = append(same, e)
		}
	}
	switch {
	case len(same) > 0:
		return same[0], nil
	case marked:
		return entry{}, refusal("That line has been changed or removed, so nothing was changed. Open the goal to see it.")
	}
	return entry{}, refuse("“%s” is no criterion or note of #%d, so nothing was changed. /edit %d shows them: c1 is the first criterion, n1 the first note. /rename %d changes its name.", isolate(clip(name, 60)), g.Number, g.Number, g.Number)
}

// askEntry asks which entry to change.
func (c *call) askEntry(g *goals.Goal) (message.Message, error) {
	all := linesOf(g)
	if len(all) == 0 {
		return message.Message{}, refuse("#%d has no criteria and no notes to change. /rename %d changes its name.", g.Number, g.Number)
	}
	t := asking("What do you want to change in ", g, "?")
	button := func(label, command string) message.Button {
		return message.Button{Label: label, Command: fmt.Sprintf("%s %s", command, strconv.FormatInt(g.Number, 10))}
	}
	rows := [][]message.Button{{button("✏️ Name", "rename")}}
	if len(all) > maxEntries {
		t.Addf("\nThese are the last %d of %d lines; for another, send /edit %d and c1, c2 … for a criterion, n1, n2 … for a note.", maxEntries, len(all), g.Number)
		all = all[len(all)-maxEntries:]
	}
	for _, e := range all {
		icon := "☑️ "
		if e.note {
			icon = "📝 "
		}
		b := button(icon+clip(e.text, maxInButton), "edit")
		b.Command += " " + e.mark()
		rows = append(rows, []message.Button{b})
	}
	return t.Message(append(rows, []message.Button{openButton(g)})...), nil
}

// askEntryText asks for the new text of an entry.
func (c *call) askEntryText(g *goals.Goal, e entry) (message.Message, error) {
	t := new(message.Text).Addf("What's the new text of this %s of ", e.what()).Bold(number(g)).Add("?\n“" + isolate(clip(e.text, maxInList)) + "”")
	q := question{Command: "edit", Number: g.Number, Rest: e.mark(), Asks: fmt.Sprintf("the new text of a %s of %s", e.what(), number(g))}
	how := "\nReply to this message with it."
	if c.Chat.Private {
		how = "\nSend it as your next message."
	}
	return c.pose(q, t.Add(how),
		[]message.Button{{Label: "🗑 Remove it", Command: fmt.Sprintf("edit %d %s %s %s", g.Number, e.mark(), removed, tokenSign+c.token()), Style: message.Danger}},
		cancelRow(c.token()))
}
