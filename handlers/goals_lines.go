package handlers

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"goalbot/goals"
	"goalbot/message"
)

// This file changes and removes single criteria, notes and attachments of a goal.

// entry is one line of a goal, counted from 1 among those of its kind.
type entry struct {
	kind  entryKind
	n     int
	text  string
	print string // a fingerprint of what it is
}

// entryKind is what a line of a goal is.
type entryKind struct {
	letter, word, icon string
	change             func(l *goals.List, n int64, i int, text string, now time.Time) (*goals.Goal, error)
}

var (
	criterionEntry  = entryKind{"c", "criterion", "☑️", (*goals.List).EditCriterion}
	noteEntry       = entryKind{"n", "note", "📝", (*goals.List).EditNote}
	attachmentEntry = entryKind{"f", "attachment", "📎", (*goals.List).EditFile}
)

// removed stands for the new text of an entry that shall go.
const removed = "-"

const maxEntries = 16 // buttons for entries

func (e entry) name() string { return fmt.Sprintf("%s%d", e.kind.letter, e.n) }

// mark is what a button adds to the name, since the entries may be others when it is tapped.
func (e entry) mark() string { return e.name() + "/" + e.print }

func linesOf(g *goals.Goal) (all []entry) {
	for i, text := range g.Acceptance {
		all = append(all, entry{criterionEntry, i + 1, text, fingerprint(text)[:6]})
	}
	for i, text := range g.Notes {
		all = append(all, entry{noteEntry, i + 1, text, fingerprint(text)[:6]})
	}
	for i, f := range g.Plan().Files {
		all = append(all, entry{attachmentEntry, i + 1, cmp.Or(f.Name, fileWords[f.Kind].one), filePrint(f)})
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
	article := "a "
	if e.kind.letter == attachmentEntry.letter {
		article = "an "
	}
	word := "Changed " + article + e.kind.word + " of"
	if text == removed {
		word, text = "Removed "+article+e.kind.word+" from", ""
	}
	if g, err = e.kind.change(c.tx.List(), g.Number, e.n, text, c.At); err != nil {
		return message.Message{}, err
	}
	return c.changed(g, word), nil
}

// findEntry finds an entry by what a person or a button calls it.
func findEntry(g *goals.Goal, name string) (entry, error) {
	name, mark, marked := strings.Cut(goals.Fold(name), "/")
	var same []entry
	for _, e := range linesOf(g) {
		is := e.print == mark
		switch {
		case e.name() == name && (is || !marked):
			return e, nil
		case is && strings.HasPrefix(name, e.kind.letter):
			same = append(same, e)
		}
	}
	switch {
	case len(same) > 0:
		return same[0], nil
	case marked:
		return entry{}, refusal("That line has been changed or removed, so nothing was changed. Open the goal to see it.")
	}
	return entry{}, refuse("“%s” is no criterion, note or attachment of #%d, so nothing was changed. /edit %d shows them: c1 is the first criterion, n1 the first note, f1 the first attachment. /rename %d changes its name.", isolate(clip(name, 60)), g.Number, g.Number, g.Number)
}

// askEntry asks which entry to change.
func (c *call) askEntry(g *goals.Goal) (message.Message, error) {
	all := linesOf(g)
	if len(all) == 0 {
		return message.Message{}, refuse("#%d has no criteria, notes or attachments to change. /rename %d changes its name.", g.Number, g.Number)
	}
	t := asking("What do you want to change in ", g, "?")
	button := func(label, command string) message.Button {
		return message.Button{Label: label, Command: fmt.Sprintf("%s %s", command, strconv.FormatInt(g.Number, 10))}
	}
	rows := [][]message.Button{{button("✏️ Name", "rename")}}
	if len(all) > maxEntries {
		t.Addf("\nThese are the last %d of %d lines; for another, send /edit %d and c1, c2 … for a criterion, n1, n2 … for a note, f1, f2 … for an attachment.", maxEntries, len(all), g.Number)
		all = all[len(all)-maxEntries:]
	}
	for _, e := range all {
		b := button(e.kind.icon+" "+clip(e.text, maxInButton), "edit")
		b.Command += " " + e.mark()
		rows = append(rows, []message.Button{b})
	}
	return t.Message(append(rows, []message.Button{openButton(g)})...), nil
}

// askEntryText asks for the new text of an entry.
func (c *call) askEntryText(g *goals.Goal, e entry) (message.Message, error) {
	what := "text"
	if e.kind.letter == attachmentEntry.letter {
		what = "name"
	}
	t := new(message.Text).Addf("What's the new %s of this %s of ", what, e.kind.word).Bold(number(g)).Add("?\n“" + isolate(clip(e.text, maxInList)) + "”")
	q := question{Command: "edit", Number: g.Number, Rest: e.mark(), Asks: fmt.Sprintf("the new %s of the %s %s of %s", what, e.kind.word, e.name(), number(g))}
	how := "\nReply to this message with it."
	if c.Chat.Private {
		how = "\nSend it as your next message."
	}
	return c.pose(q, t.Add(how),
		[]message.Button{{Label: "🗑 Remove it", Command: fmt.Sprintf("edit %d %s %s %s", g.Number, e.mark(), removed, tokenSign+c.token()), Style: message.Danger}},
		cancelRow(c.token()))
}
