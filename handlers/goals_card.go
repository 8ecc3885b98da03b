package handlers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/message"
)

// This file shows a card: everything about one goal, and all that can be done
// with it.

func (c *call) card() (message.Message, error) {
	g, ask, err := c.pick(c.Args, "")
	if g == nil {
		return ask, err
	}
	return c.cardText(g, message.MaxText).Message(c.cardRows(g)...), nil
}

// below appends a goal's card to what is said above it.
func (c *call) below(t *message.Text, g *goals.Goal) *message.Text {
	t.Add("\n\n")
	return t.Append(c.cardText(g, t.Room()))
}

// minCard is the room that a card is given at least, in characters.
const minCard = 600

// cardText is everything about one goal in at most room characters. What is
// too long is shortened section by section, the oldest notes first.
func (c *call) cardText(g *goals.Goal, room int) *message.Text {
	room, g = max(room, minCard), c.reader().sees(g)
	var head, foot message.Text
	head.Add(icon(g.Status) + " ").Bold(number(g)).Add(" ").Bold(inFull(g, min(maxInList, room/2)))
	head.Add("\n" + statusWord(g.Status))
	if len(g.Sessions) > 0 {
		head.Add(" · ").Append(progress(g))
	}
	if who := c.reader().assignee(g); who != 0 {
		head.Add("\n👤 " + c.reader().name(who))
	}
	if when, ok := readWhen(g.Plan().Due); ok {
		c.addWhen(head.Add("\n📅 "), dueWords(g, c.localNow()), when)
	}
	if when, ok := readWhen(g.Plan().Remind); ok && g.Status.Open() {
		c.addWhen(head.Add("\n🔔 "), agenda.Format(when, c.localNow()), when)
	}
	if parked := parkedShown(g, c.localNow()); parked != "" {
		head.Add("\n" + parked)
	}
	head.Add(c.countLines(g))
	c.addDate(foot.Add("\n\nadded "), g.Created)
	if !g.Updated.Equal(g.Created) {
		c.addDate(foot.Add("\nchanged "), g.Updated)
	}
	foot.Add("\n").Code(clip(g.ID, 60))
	return head.Append(c.sections(g, room-head.Len()-foot.Len())).Append(&foot)
}

// sections are a goal's criteria, tasks, notes and attachments in at most room characters.
// Where they have to be shortened each gets a fair part of the room, and what
// one does not need the others get.
func (c *call) sections(g *goals.Goal, room int) *message.Text {
	all := c.sectionsOf(g, goals.MaxDescription+20)
	if size(all) > room {
		all = c.sectionsOf(g, maxShortened)
	}
	bySize := slices.SortedFunc(slices.Values(all), func(a, b *section) int { return cmp.Compare(a.size(), b.size()) })
	for i, s := range bySize {
		s.cut(room / (len(bySize) - i))
		room -= s.size()
	}
	var t message.Text
	for _, s := range all {
		t.Append(s.text())
	}
	return &t
}

const maxShortened = 280 // characters of a line on a card that is too long

func (c *call) sectionsOf(g *goals.Goal, limit int) (all []*section) {
	for _, s := range []*section{
		{head: "Success criteria", lines: criteriaLines(g, limit)},
		{head: "Tasks", lines: sessionLines(g.Sessions, limit)},
		{head: "Notes", lines: noteLines(g.Notes, limit), fromEnd: true},
		{head: "Attachments", lines: c.fileLines(g, limit)},
	} {
		if s.whole = len(s.lines); s.whole > 0 {
			all = append(all, s)
		}
	}
	return all
}

func size(all []*section) (n int) {
	for _, s := range all {
		n += s.size()
	}
	return n
}

// section is a headed list.
type section struct {
	head    string
	lines   []*message.Text // that are shown
	whole   int             // how many there are
	fromEnd bool            // the last lines matter more than the first
}

// cut leaves out lines until the section has at most that many characters.
func (s *section) cut(room int) {
	for n := s.size(); n > room && len(s.lines) > 0; n = s.size() {
		// Several at once: measuring a thousand notes a thousand times takes long.
		drop := 0
		for ; n > room && drop < len(s.lines); drop++ {
			i := len(s.lines) - 1 - drop
			if s.fromEnd {
				i = drop
			}
			n -= s.lines[i].Len() + 1
		}
		if s.fromEnd {
			s.lines = s.lines[drop:]
		} else {
			s.lines = s.lines[:len(s.lines)-drop]
		}
	}
}

func (s *section) size() int { return s.text().Len() }

func (s *section) text() *message.Text {
	t := new(message.Text).Add("\n\n").Bold(s.head)
	switch {
	case len(s.lines) == 0:
		return t.Addf(" · %d", s.whole)
	case s.fromEnd && len(s.lines) < s.whole:
		t.Addf(" (the last %d of %d)", len(s.lines), s.whole)
	}
	for _, l := range s.lines {
		t.Add("\n").Append(l)
	}
	if more := s.whole - len(s.lines); more > 0 && !s.fromEnd {
		t.Addf("\n… and %d more", more)
	}
	return t
}

// inFull is a goal's text with its line breaks. Beyond some lines, as no
// person types them, and where it is too long it is one line.
func inFull(g *goals.Goal, limit int) string {
	lines := strings.Split(g.Description, "\n")
	if len(lines) == 1 || len(lines) > 20 || utf8.RuneCountInString(g.Description)+2*len(lines) > limit {
		return described(g, limit)
	}
	for i, l := range lines {
		lines[i] = isolate(goals.OneLine(l))
	}
	return strings.Join(lines, "\n")
}

// longNote is how many characters a note has at least that is folded.
const longNote = 300

func noteLines(notes []string, limit int) (lines []*message.Text) {
	for _, note := range notes {
		text := isolate(clip(note, limit))
		if utf8.RuneCountInString(text) < longNote {
			lines = append(lines, new(message.Text).Add("• "+text))
		} else {
			lines = append(lines, new(message.Text).Folded(text))
		}
	}
	return lines
}

func reopenButton(g *goals.Goal) message.Button {
	return message.Button{Label: "🔄 Reopen", Command: "reopen " + atRevision(g)}
}

func (c *call) cardRows(g *goals.Goal) [][]message.Button {
	change := func(label, name string) message.Button {
		return message.Button{Label: label, Command: name + " " + atRevision(g)}
	}
	button := func(label, name string) message.Button {
		return message.Button{Label: label, Command: fmt.Sprintf("%s %d", name, g.Number)}
	}
	rows := [][]message.Button{{reopenButton(g)}}
	if g.Status.Open() {
		rows = [][]message.Button{{doneButton(g)}, {change("🚧 Block", "block"), change("🚫 Abandon", "abandon")}}
		if g.Status == goals.Blocked {
			rows[1][0] = change("🔄 Unblock", "reopen")
		}
		if g.Status == goals.InProgress {
			rows[0] = append(rows[0], change("⬜ To do", "reopen"))
		} else {
			rows[0] = append(rows[0], change("▶️ Start", "begin"))
		}
		if row := evidenceRow(g); row != nil {
			rows = append(rows, row)
		}
	}
	if g.Status.Open() {
		date, remind, move := button("📅 Date", "due"), button("🔔 Remind", "remind"), button("↕️ Move", "order")
		if len(c.assignable()) > 1 {
			rows = append(rows, []message.Button{date, remind}, []message.Button{move, button("👤 Assign", "assign")})
		} else {
			rows = append(rows, []message.Button{date, remind, move})
		}
	}
	rows = append(append(tickRows(g), countRow(g)), rows...)
	edit := change("✏️ Rename", "rename")
	if len(g.Acceptance)+len(g.Notes)+len(g.Plan().Files) > 0 {
		edit = button("✏️ Edit", "edit")
	}
	return append(rows, fileRow(g),
		[]message.Button{edit, button("📝 Note", "note"), button("☑️ Criterion", "criterion")},
		[]message.Button{listRow()[0], button("🕓 History", "history"), change("🗑 Delete", "delete")})
}
