package formats

import (
	"regexp"
	"strings"
	"unicode"

	"goalbot/goals"
)

// This file reads lists that people type, paste and share: it knows what they
// begin their lines with.

// Line is a line of a list without its marker.
type Line struct {
	Text   string
	Marked bool // it began as the entry of a list does
	Box    bool // the marker is a box to tick
	Ticked bool // and it is ticked
	Indent int  // columns of white space before it
}

var (
	signs = "•◦▪▫●○■‣⁃∙·→➔➜➤►▸▹»❖◆◇"
	boxes = "☐⬜◻◽▢□❏❑🔲"
	ticks = "☑✅✔✓☒🗹"

	bracketBox = regexp.MustCompile(`^\[([ xX✓✔✅]?)\](?:\s+|$)`)
	// numbering is 1. or 1) or (1), with up to three digits, and a) or (a). A
	// dot needs a blank behind it: 1.5 litres are no entry.
	numbering = regexp.MustCompile(`^(?:\d{1,3}\.(?:\s+|$)|\d{1,3}\)|\(\d{1,3}\)|\(?[A-Za-z]\)(?:\s+|$))`)
)

// ReadLine takes the marker of a list off a line: a dash, a bullet, a number, a
// box, or a box behind any of them.
func ReadLine(line string) Line {
	var l Line
	rest := trimInvisible(line, &l.Indent)
	r := first(rest)
	after := strings.TrimPrefix(rest, string(r))
	blank := after == "" || startsBlank(after)
	switch {
	case r == 0:
	case strings.ContainsRune(signs, r) && (blank || r != '·' && r != '»'),
		strings.ContainsRune("-–—−", r) && (blank || !startsDigit(after)),                     // else a minus
		strings.ContainsRune("*+", r) && (blank || r == '*' && !strings.Contains(after, "*")): // else emphasis, or a plus
		l.Marked, rest = true, after
	}
	if !l.Marked {
		if n := numbering.FindString(rest); n != "" {
			l.Marked, rest = true, rest[len(n):]
		}
	}
	rest = trimInvisible(rest, nil)
	if found := bracketBox.FindStringSubmatch(rest); found != nil {
		l.Marked, l.Box = true, true
		l.Ticked = strings.TrimSpace(found[1]) != ""
		rest = rest[len(found[0]):]
	} else if r := first(rest); r != 0 && strings.ContainsRune(boxes+ticks, r) {
		l.Marked, l.Box = true, true
		l.Ticked = strings.ContainsRune(ticks, r)
		rest = rest[len(string(r)):]
	}
	l.Text = strings.TrimSpace(trimInvisible(rest, nil))
	if !goals.Shows(l.Text) {
		l.Text = ""
	}
	return l
}

// ReadLines reads the lines of a text that show something.
func ReadLines(text string) (all []Line) {
	for line := range strings.Lines(text) {
		if l := ReadLine(line); l.Text != "" {
			all = append(all, l)
		}
	}
	return all
}

func first(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

func startsBlank(s string) bool { return unicode.IsSpace(first(s)) }
func startsDigit(s string) bool { return unicode.IsDigit(first(s)) }

// trimInvisible drops what shows nothing at the beginning: blanks, joiners,
// isolates and the selectors that make a sign an emoji. It counts the columns
// of the blanks.
func trimInvisible(s string, columns *int) string {
	for i, r := range s {
		switch {
		case unicode.IsSpace(r):
			if columns != nil && r == '\t' {
				*columns += 4
			} else if columns != nil {
				*columns++
			}
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r):
		default:
			return s[i:]
		}
	}
	return ""
}
