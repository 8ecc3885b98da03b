package handlers

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/message"
)

// This file hands the goals out as a file: as other programs read them, as
// people do, as spreadsheets do.

// format is a form that the goals can be handed out in.
type format struct {
	words  []string // that ask for it
	name   string   // of the file
	encode func([]*goals.Goal, *time.Location) []byte
	about  string
}

var exports = []format{
	{[]string{"", "json"}, "goals.json", func(all []*goals.Goal, _ *time.Location) []byte { return goaljson.Append(nil, all) },
		"as I keep them, in the form of goals.json. /import takes it in again."},
	{[]string{"markdown", "md"}, "goals.md", asMarkdown, "to read and to print."},
	{[]string{"csv", "excel"}, "goals.csv", asCSV, "for a spreadsheet."},
}

// exportRender makes an export; its args are a word of the format.
const exportRender = "export"

func findFormat(word string) (format, bool) {
	i := slices.IndexFunc(exports, func(f format) bool { return slices.Contains(f.words, word) })
	if i < 0 {
		return format{}, false
	}
	return exports[i], true
}

func (c *call) export() (message.Message, error) {
	word, private := cutPrivate(c.Args)
	f, known := findFormat(goals.Fold(word))
	if !known {
		return new(message.Text).Add("I can send these: /export, /export markdown, /export csv.").Message(), nil
	}
	return c.later(upload{render: exportRender, args: f.words[len(f.words)-1], private: private,
		waits:   "That export is on its way already. Ask again when it has arrived.",
		instead: "This group takes no files from me. I can send it to you in our private chat."})
}

// renderExport makes the file.
func (h *Handlers) renderExport(ctx context.Context, _ int64, queued message.Message) (m message.Message, ok bool, err error) {
	var all []*goals.Goal
	err = h.store.View(ctx, func(tx goals.Tx) error {
		all = tx.List().All()
		return nil
	})
	if err != nil {
		return m, false, err
	}
	f, known := findFormat(queued.Args)
	if !known { // queued by another version of the program
		f = exports[0]
	}
	var t message.Text
	data := f.encode(all, h.setting.Values().Zone)
	if len(data) > message.MaxDocument {
		t.Addf("%s would have %s, and a file here may have %s. ", f.name, megabytes(len(data)), megabytes(message.MaxDocument)).
			Add("You find goals.json itself where I run.")
		return t.Message(), true, nil
	}
	t.Bold(f.name).Addf(" · %s, %s", plural(len(all), "goal"), f.about)
	m = t.Message()
	m.Document = &message.Document{Name: f.name, Data: data}
	return m, true, nil
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}

func megabytes(n int) string { return strconv.FormatFloat(float64(n/100_000)/10, 'f', -1, 64) + " MB" }

// asMarkdown writes a page with a heading for each status and a checklist
// below it. What people wrote stands there as they wrote it.
func asMarkdown(all []*goals.Goal, zone *time.Location) []byte {
	var b strings.Builder
	b.WriteString("# Goals\n")
	for _, status := range []goals.Status{goals.InProgress, goals.Blocked, goals.Pending, goals.Done, goals.Abandoned} {
		first := true
		for _, g := range all {
			if g.Status != status {
				continue
			}
			if first {
				word := statusWord(status)
				fmt.Fprintf(&b, "\n## %s\n\n", strings.ToUpper(word[:1])+word[1:])
				first = false
			}
			markdownGoal(&b, g, zone)
		}
	}
	if len(all) == 0 {
		b.WriteString("\nNone yet.\n")
	}
	return []byte(b.String())
}

func markdownGoal(b *strings.Builder, g *goals.Goal, zone *time.Location) {
	box := " "
	if g.Status == goals.Done {
		box = "x"
	}
	fmt.Fprintf(b, "- [%s] **\\#%d** %s\n", box, g.Number, markdown(g.Description, "  "))
	item := func(text string) { fmt.Fprintf(b, "  - %s\n", markdown(text, "    ")) }
	for _, a := range g.Acceptance {
		item(a)
	}
	for _, s := range g.Sessions {
		text := s.Task + " – " + string(s.State)
		if s.Evidence != nil && *s.Evidence != "" {
			text += " (" + *s.Evidence + ")"
		}
		item(text)
	}
	for _, n := range g.Notes {
		item("Note: " + n)
	}
	fmt.Fprintf(b, "  - added %s, changed %s\n", g.Created.In(zone).Format(time.DateOnly), g.Updated.In(zone).Format(time.DateOnly))
}

// markdown makes any text stand in a list item as it is: what would be
// formatting, a link or HTML is escaped, and further lines are indented.
func markdown(text, indent string) string {
	var b strings.Builder
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, l := range lines {
		l = goals.OneLine(l)
		if i > 0 && l != "" {
			b.WriteString("  \n" + indent) // two blanks break the line
		}
		for j, r := range l {
			// Any of the ASCII marks may be escaped (CommonMark, Backslash escapes).
			mark := strings.ContainsRune("\\`*_[]<>&|~#!$", r)
			if j == 0 {
				mark = mark || strings.ContainsRune("-+=", r)
			}
			if mark || (r == '.' || r == ')') && allDigits(l[:j]) { // "1." would begin a list
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// asCSV writes a table as RFC 4180 has it. It begins with a byte order mark,
// without which Excel takes UTF-8 for something else.
func asCSV(all []*goals.Goal, zone *time.Location) []byte {
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	write := func(cells ...string) {
		for i, text := range cells {
			cells[i] = cell(text)
		}
		_ = w.Write(cells) // into memory
	}
	write("number", "id", "goal", "status", "progress", "created", "updated", "criteria", "tasks", "notes")
	for _, g := range all {
		var tasks []string
		for _, s := range g.Sessions {
			tasks = append(tasks, s.Task+" – "+string(s.State))
		}
		write(strconv.FormatInt(g.Number, 10), g.ID, g.Description, string(g.Status), strconv.Itoa(int(g.Progress)),
			g.Created.In(zone).Format(time.DateTime), g.Updated.In(zone).Format(time.DateTime),
			strings.Join(g.Acceptance, "\n"), strings.Join(tasks, "\n"), strings.Join(g.Notes, "\n"))
	}
	w.Flush()
	return b.Bytes()
}

// cell keeps a spreadsheet from taking what somebody wrote for a formula,
// which could send away what stands in the other cells (OWASP, CSV Injection).
// Every line is looked at, since some programs split cells there.
func cell(text string) string {
	lines := strings.Split(strings.ToValidUTF8(strings.ReplaceAll(text, "\r", "\n"), "\uFFFD"), "\n")
	for i, l := range lines {
		bare := strings.TrimLeftFunc(l, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) })
		if bare != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(bare)[0]) {
			lines[i] = "'" + l
		}
	}
	return strings.Join(lines, "\n")
}
