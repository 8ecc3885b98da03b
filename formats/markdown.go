package formats

import (
	"regexp"
	"strings"
)

// This file reads checklists in Markdown that other programs and people write.

var (
	heading  = regexp.MustCompile(`^ {0,3}#{1,6} +(.+?)(?: +#+)?$`)
	markBox  = regexp.MustCompile(`(?m)^\s*(?:[-*+]|\d{1,3}[.)]) \[[ xX]\] `)
	markHead = regexp.MustCompile(`(?m)^#{1,6} \S`)
)

func looksLikeMarkdown(text string) bool {
	return markBox.MatchString(text) && (markHead.MatchString(text) || strings.Contains(text, "\n  "))
}

// readMarkdown reads the entries of lists. Headings name their list, entries
// within an entry are its steps, and other text below an entry its notes. A
// page without any entry has one in each line.
func (f *File) readMarkdown(text string) error {
	f.Program = "a list in Markdown"
	left := leave{}
	list := ""
	fenced, apart := false, true
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		l := ReadLine(line)
		if l.Marked && !l.Box && strings.ContainsRune("✓✔✅☑", first(l.Text)) {
			l = ReadLine(l.Text)
		}
		head := heading.FindStringSubmatch(line)
		switch {
		case strings.HasPrefix(strings.TrimSpace(line), "```"):
			fenced = !fenced
		case fenced, strings.Trim(line, "-*_ ") == "" && line != "": // a rule
		case line == "":
			apart = true
		case head != nil:
			list, apart = unescaped(head[1]), true
		case l.Text == "":
		case l.Marked && (l.Indent < 2 || len(f.Items) == 0):
			apart = false
			if err := f.add(Item{Text: unescaped(l.Text), Status: doneIf(l.Ticked), List: list}, left); err != nil {
				return err
			}
		case l.Marked:
			it := &f.Items[len(f.Items)-1]
			it.Criteria = append(it.Criteria, Criterion{unescaped(l.Text), l.Ticked})
		case len(f.Items) > 0 && (!apart || l.Indent >= 2):
			it := &f.Items[len(f.Items)-1]
			it.Notes = append(it.Notes, unescaped(l.Text))
		default:
			left["line of text"]++
		}
	}
	if len(f.Items) == 0 {
		return readPlain(text, f)
	}
	f.LeftOut = left.words()
	return nil
}
