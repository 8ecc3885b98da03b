package handlers

import (
	"fmt"
	"strings"

	"goalbot/goals"
	"goalbot/message"
)

// This file shows a card: everything about one goal, and all that can be done
// with it.

func (c *call) card() (message.Message, error) {
	g, ask, err := c.pick(c.Args, func(g *goals.Goal) bool { return g.Status.Open() }, "")
	if g == nil {
		return ask, err
	}
	return c.cardText(g).Message(cardRows(g)...), nil
}

// cardText is everything about one goal. What is too long for one message is
// shortened section by section, the oldest notes first.
func (c *call) cardText(g *goals.Goal) *message.Text {
	const most = message.MaxText - 700 // leaves room for what is said above a card
	if t := c.cardWithin(g, most, most, most, goals.MaxDescription+20); t.Len() <= most {
		return t
	}
	return c.cardWithin(g, 700, 600, 700, 280)
}

// cardWithin holds the sections to so many characters, and their lines to limit.
func (c *call) cardWithin(g *goals.Goal, criteria, tasks, notes, limit int) *message.Text {
	var t message.Text
	t.Add(icon(g.Status) + " ").Bold(number(g)).Add(" ").Bold(inFull(g))
	t.Add("\n" + statusWord(g.Status))
	if len(g.Sessions) > 0 {
		t.Add(" · ").Append(progress(g))
	}
	box := "☐ "
	if g.Status == goals.Done {
		box = "☑ "
	}
	section(&t, "Criteria", texts(box, g.Acceptance, limit), criteria, false)
	section(&t, "Tasks", sessionLines(g.Sessions, limit), tasks, false)
	section(&t, "Notes", texts("• ", g.Notes, limit), notes, true)
	t.Addf("\n\nadded %s", c.date(g.Created))
	if !g.Updated.Equal(g.Created) {
		t.Addf("\nchanged %s", c.date(g.Updated))
	}
	t.Add("\n").Code(clip(g.ID, 60))
	return &t
}

// inFull is a goal's text with its line breaks. Beyond some lines, as no
// person types them, it is one line.
func inFull(g *goals.Goal) string {
	lines := strings.Split(g.Description, "\n")
	if len(lines) == 1 || len(lines) > 20 || len(g.Description) > maxInList {
		return described(g, maxInList)
	}
	for i, l := range lines {
		lines[i] = isolate(goals.OneLine(l))
	}
	return strings.Join(lines, "\n")
}

func texts(mark string, all []string, limit int) []*message.Text {
	var lines []*message.Text
	for _, s := range all {
		lines = append(lines, new(message.Text).Add(mark+isolate(clip(s, limit))))
	}
	return lines
}

func sessionLines(sessions []goals.Session, limit int) []*message.Text {
	icons := map[goals.SessionState]string{goals.Launched: "🚀", goals.Running: "⏳", goals.Verified: "✅", goals.Failed: "❌"}
	var lines []*message.Text
	for _, s := range sessions {
		t := new(message.Text).Add(icons[s.State] + " " + isolate(clip(s.Task, limit)) + " – " + string(s.State))
		if s.Evidence != nil && *s.Evidence != "" {
			t.Add(" (" + isolate(clip(*s.Evidence, limit)) + ")")
		}
		lines = append(lines, t)
	}
	return lines
}

// section adds a headed list of at most room characters. fromEnd keeps the
// last lines rather than the first.
func section(t *message.Text, head string, lines []*message.Text, room int, fromEnd bool) {
	if len(lines) == 0 {
		return
	}
	first, last := 0, len(lines)
	size := 0
	for _, l := range lines {
		size += l.Len() + 1
	}
	for size > room && last-first > 1 {
		if fromEnd {
			size -= lines[first].Len() + 1
			first++
		} else {
			last--
			size -= lines[last].Len() + 1
		}
	}
	t.Add("\n\n").Bold(head)
	if first > 0 {
		t.Addf(" (the last %d of %d)", last-first, len(lines))
	}
	for _, l := range lines[first:last] {
		t.Add("\n").Append(l)
	}
	if last < len(lines) {
		t.Addf("\n… and %d more", len(lines)-last)
	}
}

func cardRows(g *goals.Goal) [][]message.Button {
	change := func(label, name string) message.Button {
		return message.Button{Label: label, Command: name + " " + target(g)}
	}
	button := func(label, name string) message.Button {
		return message.Button{Label: label, Command: fmt.Sprintf("%s %d", name, g.Number)}
	}
	rows := [][]message.Button{{change("🔄 Reopen", "reopen")}}
	if g.Status.Open() {
		done := change("✅ Done", "done")
		done.Style = message.Success
		rows = [][]message.Button{{done}, {change("🚧 Block", "block"), change("🚫 Abandon", "abandon")}}
		if g.Status == goals.Blocked {
			rows[1][0] = change("🔄 Unblock", "reopen")
		}
		if g.Status != goals.InProgress {
			rows[0] = append(rows[0], change("▶️ Begin", "begin"))
		}
	}
	return append(rows,
		[]message.Button{change("✏️ Rename", "rename"), button("📝 Note", "note"), button("☑️ Criterion", "criterion")},
		[]message.Button{listRow()[0], button("🕓 History", "history"), change("🗑 Delete", "delete")})
}
