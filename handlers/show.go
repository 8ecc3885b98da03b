package handlers

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rivo/uniseg"

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
	if s == goals.InProgress {
		return "in progress"
	}
	return string(s)
}

func number(g *goals.Goal) string { return "#" + strconv.FormatInt(g.Number, 10) }

// line is a goal in a list: icon, number, text, progress.
func line(g *goals.Goal, limit int) *message.Text {
	var t message.Text
	t.Add(icon(g.Status) + " ").Bold(number(g)).Add(" ")
	if text := described(g, limit); g.Status.Open() {
		t.Add(text)
	} else {
		t.Strike(text)
	}
	if _, total := g.Verified(); total > 0 {
		t.Add("  ").Append(progress(g))
	}
	return &t
}

func progress(g *goals.Goal) *message.Text {
	verified, total := g.Verified()
	const cells = 8
	full := min(int(g.Progress)*cells/100, cells)
	return new(message.Text).Code(strings.Repeat("▰", full)+strings.Repeat("▱", cells-full)).
		Addf(" %d%% · %d/%d tasks verified", g.Progress, verified, total)
}

// described is a goal's text in one line, fit to stand among other words.
func described(g *goals.Goal, limit int) string {
	if !goals.Shows(g.Description) { // it came from goals.json
		return "(no text)"
	}
	return isolate(clip(g.Description, limit))
}

// joined is one text of several lines. Those beyond the size of a message are
// counted.
func joined(lines []*message.Text) *message.Text {
	var t message.Text
	for i, l := range lines {
		if t.Len()+l.Len() > maxPage {
			return t.Addf("\n… and %d more", len(lines)-i)
		}
		if i > 0 {
			t.Add("\n")
		}
		t.Append(l)
	}
	return &t
}

// clip shortens text to a number of characters, between characters as a
// person sees them, and makes one line of it.
func clip(text string, limit int) string {
	text = goals.OneLine(text)
	if len(text) <= limit || utf8.RuneCountInString(text) <= limit {
		return text
	}
	var b strings.Builder
	n := 0
	for clusters := uniseg.NewGraphemes(text); clusters.Next(); {
		if n += len(clusters.Runes()); n > limit-1 {
			return strings.TrimSpace(b.String()) + "…"
		}
		b.WriteString(clusters.Str())
	}
	return text
}

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

// filter is a word that /goals takes.
type filter struct {
	word string
	name string // of the list that it shows
	keep func(goals.Status) bool
}

var filters = []filter{
	{"open", "Open goals", goals.Status.Open},
	{"all", "All goals", func(goals.Status) bool { return true }},
	{"pending", "Pending goals", func(s goals.Status) bool { return s == goals.Pending }},
	{"begun", "Goals in progress", func(s goals.Status) bool { return s == goals.InProgress }},
	{"blocked", "Blocked goals", func(s goals.Status) bool { return s == goals.Blocked }},
	{"done", "Goals done", func(s goals.Status) bool { return s == goals.Done }},
	{"abandoned", "Abandoned goals", func(s goals.Status) bool { return s == goals.Abandoned }},
}

func (c *call) list() (message.Message, error) {
	word, rest := cutFirstWord(strings.ToLower(c.Args))
	if _, err := strconv.Atoi(word); err == nil || word == "" {
		word, rest = "open", word
	}
	switch {
	case word == "in":
		word, rest = "begun", strings.TrimSpace(strings.TrimPrefix(rest, "progress"))
	case word == "inprogress":
		word = "begun"
	}
	which := slices.IndexFunc(filters, func(f filter) bool { return f.word == word })
	if which < 0 {
		return message.Message{}, goals.Refusal("I can show these: /goals open, all, pending, begun, blocked, done, abandoned.")
	}
	page, _ := strconv.Atoi(rest)
	filter := filters[which]
	var shown []*goals.Goal
	for _, g := range c.tx.List().All() {
		if filter.keep(g.Status) {
			shown = append(shown, g)
		}
	}
	return c.page(filter.word, filter.name, shown, page), nil
}

// page makes one page of a list. Pages break between goals, never inside one.
func (c *call) page(word, name string, shown []*goals.Goal, page int) message.Message {
	add := message.Button{Label: "➕ Add", Command: "addgoal"}
	if len(shown) == 0 {
		var t message.Text
		if c.tx.List().Len() == 0 {
			return t.Add(noGoals).Message([]message.Button{add})
		}
		t.Addf("%s: none. /goals all shows everything.", name)
		return t.Message([]message.Button{add, {Label: "All", Command: "goals all"}})
	}
	pages := paginate(shown)
	page = min(max(page, 1), len(pages))
	var t message.Text
	t.Bold(name).Addf(" · %d", len(shown))
	if len(pages) > 1 {
		t.Addf(" · page %d of %d", page, len(pages))
	}
	var numbers [][]message.Button
	t.Add("\n")
	for i, g := range pages[page-1] {
		t.Add("\n").Append(line(g, maxInList))
		if i%5 == 0 {
			numbers = append(numbers, nil)
		}
		numbers[i/5] = append(numbers[i/5], message.Button{Label: number(g), Command: "goal " + strconv.FormatInt(g.Number, 10)})
	}
	var turn []message.Button
	if page > 1 {
		turn = append(turn, message.Button{Label: fmt.Sprintf("‹ Page %d", page-1), Command: fmt.Sprintf("goals %s %d", word, page-1)})
	}
	if page < len(pages) {
		turn = append(turn, message.Button{Label: fmt.Sprintf("Page %d ›", page+1), Command: fmt.Sprintf("goals %s %d", word, page+1)})
	}
	other := message.Button{Label: "All", Command: "goals all"}
	if word == "all" {
		other = message.Button{Label: "Open only", Command: "goals open"}
	}
	return t.Message(append(numbers, turn, []message.Button{add, other})...)
}

func paginate(shown []*goals.Goal) [][]*goals.Goal {
	var pages [][]*goals.Goal
	size := 0
	for _, g := range shown {
		n := atMost(g)
		if len(pages) == 0 || size+n > maxPage || len(pages[len(pages)-1]) == perPage {
			pages, size = append(pages, nil), 0
		}
		pages[len(pages)-1] = append(pages[len(pages)-1], g)
		size += n
	}
	return pages
}

// atMost is how long a goal's line can be. All lines of a list are measured
// for one page to be shown, so this does not make them.
func atMost(g *goals.Goal) int {
	n := min(utf8.RuneCountInString(g.Description), maxInList) + 30 // icon, number, isolates, or the word for no text
	if len(g.Sessions) > 0 {
		n += 70
	}
	return n
}

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
	const most = message.MaxText - 200 // leaves room for what is said above a card
	if t := c.cardWithin(g, most, most, most, goals.MaxDescription+20); t.Len() <= most {
		return t
	}
	return c.cardWithin(g, 900, 700, 900, 300)
}

// cardWithin holds the sections to so many characters, and their lines to limit.
func (c *call) cardWithin(g *goals.Goal, criteria, tasks, notes, limit int) *message.Text {
	var t message.Text
	t.Add(icon(g.Status) + " ").Bold(number(g)).Add(" ").Bold(described(g, maxInList))
	t.Add("\n" + statusWord(g.Status))
	if len(g.Sessions) > 0 {
		t.Add(" · ").Append(progress(g))
	}
	section(&t, "Criteria", texts(g.Acceptance, limit), criteria, false)
	section(&t, "Tasks", sessionLines(g.Sessions, limit), tasks, false)
	section(&t, "Notes", texts(g.Notes, limit), notes, true)
	t.Addf("\n\nadded %s", c.date(g.Created))
	if !g.Updated.Equal(g.Created) {
		t.Addf(" · changed %s", c.date(g.Updated))
	}
	t.Add("\n").Code(clip(g.ID, 60))
	return &t
}

func texts(all []string, limit int) []*message.Text {
	var lines []*message.Text
	for _, s := range all {
		lines = append(lines, new(message.Text).Add("• "+isolate(clip(s, limit))))
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
	button := func(label, name string) message.Button {
		return message.Button{Label: label, Command: fmt.Sprintf("%s %d", name, g.Number)}
	}
	edit := []message.Button{button("✏️ Rename", "rename"), button("📝 Note", "note"), button("🗑 Delete", "delete")}
	if !g.Status.Open() {
		return [][]message.Button{{button("🔄 Reopen", "reopen")}, edit, listRow()}
	}
	first := []message.Button{button("✅ Done", "done")}
	if g.Status != goals.InProgress {
		first = append(first, button("▶️ Begin", "begin"))
	}
	second := []message.Button{button("🚫 Abandon", "abandon")}
	if g.Status == goals.Blocked {
		second = append(second, button("🔄 Unblock", "reopen"))
	} else {
		second = append(second, button("🚧 Block", "block"))
	}
	return [][]message.Button{first, second, edit, listRow()}
}

func listRow() []message.Button { return []message.Button{{Label: "‹ List", Command: "goals"}} }

func (c *call) date(t time.Time) string { return t.In(c.zone).Format("2006-01-02 15:04") }
