package handlers

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/message"
)

// This file speaks to people: how goals look, in lists and alone.

// Sizes of what is shown, in characters. A goal that a person typed always
// fits; one from goals.json may be longer and is then shortened.
const (
	maxInList    = goals.MaxDescription
	maxAmongMany = 120
	maxInButton  = 40
	maxPage      = 3800 // leaves room in a message for a heading
	perPage      = 10
)

const noGoals = "No goals yet. Add the first: /addgoal call mother"

func icon(s goals.Status) string {
	switch s {
	case goals.InProgress:
		return "▶️"
	case goals.Blocked:
		return "🚧"
	case goals.Done:
		return "✅"
	case goals.Abandoned:
		return "🚫"
	}
	return "⬜"
}

func statusWord(s goals.Status) string {
	switch s {
	case goals.Pending:
		return "to do"
	case goals.InProgress:
		return "in progress"
	}
	return string(s)
}

func number(g *goals.Goal) string { return "#" + strconv.FormatInt(g.Number, 10) }

// line is a goal in a list: icon, number, text, progress.
func line(g *goals.Goal, limit int) *message.Text {
	var t message.Text
	if g.IsPinned() {
		t.Add("📌 ")
	}
	t.Add(icon(g.Status) + " ").Bold(number(g)).Add(" ")
	if text := described(g, limit); g.Status.Open() {
		t.Add(text)
	} else {
		t.Strike(text)
	}
	if _, total := g.Verified(); total > 0 {
		t.Add("  ").Append(progress(g))
	}
	if ticked := ticksShown(g); ticked != "" && g.Status.Open() {
		t.Add("  " + ticked)
	}
	if count := countShown(g.Plan().Count); count != "" && g.Status.Open() {
		t.Add("  " + count)
	}
	if files := filesShown(g); files != "" {
		t.Add("  " + files)
	}
	return &t
}

// reason is why a goal is blocked, in one line below it.
func reason(why string) *message.Text {
	return new(message.Text).Italic(isolate(clip(why, maxSnippet)))
}

// tasksVerified counts the linked sessions, in words.
func tasksVerified(g *goals.Goal) string {
	verified, total := g.Verified()
	return fmt.Sprintf("%d/%d tasks verified", verified, total)
}

func progress(g *goals.Goal) *message.Text {
	const cells = 8
	full := min(int(g.Progress)*cells/100, cells)
	return new(message.Text).Code(strings.Repeat("▰", full)+strings.Repeat("▱", cells-full)).
		Addf(" %d%% · %s", g.Progress, tasksVerified(g))
}

// described is a goal's text in one line, fit to stand among other words.
func described(g *goals.Goal, limit int) string { return named(g.Description, limit) }

// named is described for a goal of which only the text is known.
func named(text string, limit int) string {
	if !goals.Shows(text) { // it came from goals.json
		return "(no text)"
	}
	return isolate(clip(text, limit))
}

// joined is one text of several lines. Those beyond the size of a message, and
// beyond the formatting that it keeps, are counted.
func joined(lines []*message.Text) *message.Text {
	var t message.Text
	return t.Append(asMany(lines, "\n", len(lines), t.Room(), message.MaxEntities))
}

// asMany is as many of the parts as have room, most at most, with a gap between
// them. It counts those that are left out. room is in characters, marks in
// pieces of formatting that must stay.
func asMany(parts []*message.Text, gap string, most, room, marks int) *message.Text {
	var t message.Text
	more := func(i int) string { return fmt.Sprintf("%s… and %d more", gap, len(parts)-i) }
	for i, p := range parts {
		if i == most {
			return t.Add(more(i))
		}
		need := t.Len() + len(gap) + p.Len()
		if i < len(parts)-1 {
			need += utf8.RuneCountInString(more(i + 1))
		}
		if need > room || t.Marks()+p.Marks() > marks {
			return t.Add(more(i))
		}
		if i > 0 {
			t.Add(gap)
		}
		t.Append(p)
	}
	return &t
}

// shortened makes a text whose goals have at most limit characters each: as
// many as leave all of it in a message.
func shortened(make func(limit int) *message.Text) *message.Text {
	var t *message.Text
	for _, limit := range []int{maxAmongMany, 80, 50, 30} {
		if t = make(limit); t.Len() <= message.MaxText {
			break
		}
	}
	return t
}

// clip shortens text to a number of characters, between characters as a
// person sees them, and makes one line of it.
func clip(text string, limit int) string { return message.Clip(goals.OneLine(text), limit) }

// isolate keeps right-to-left text from reordering what stands around it, by
// the isolates of Unicode UAX #9. Other text is left as it is.
func isolate(text string) string {
	for _, r := range text {
		if rightToLeft(r) {
			return "\u2068" + text + "\u2069"
		}
	}
	return text
}

// rightToLeft covers the blocks of Hebrew, Arabic, Syriac, Thaana, NKo, the
// right-to-left planes, and the mark that works like a letter of theirs.
func rightToLeft(r rune) bool {
	return r == 0x200F || r >= 0x0590 && r <= 0x08FF || r >= 0xFB1D && r <= 0xFDFF || r >= 0xFE70 && r <= 0xFEFF ||
		r >= 0x10800 && r <= 0x10FFF || r >= 0x1E800 && r <= 0x1EFFF
}

// outcome is the line that reports a change: a word, and the goal as it is now.
func outcome(word string, g *goals.Goal, limit int) *message.Text {
	var t message.Text
	t.Bold(word)
	if g != nil {
		t.Add(": ").Append(line(g, limit))
	}
	return &t
}

func openButton(g *goals.Goal) message.Button {
	return message.Button{Label: "Open " + number(g), Command: "goal " + strconv.FormatInt(g.Number, 10)}
}

func (c *call) date(t time.Time) string {
	return agenda.Moment(t.In(c.values.Zone), c.now())
}

// addDate appends a time as [call.date] says it; a tap shows it on the reader's clock.
func (c *call) addDate(t *message.Text, at time.Time) *message.Text {
	return t.Instant(c.date(at), at)
}

// addWhen appends words about a date, which a tap shows on the reader's clock where it
// is not a whole day.
func (c *call) addWhen(t *message.Text, words string, when agenda.When) *message.Text {
	if when.Kind == agenda.WholeDay {
		return t.Add(words)
	}
	return t.Instant(words, when.Time(c.values.Zone))
}
