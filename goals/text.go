package goals

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits on what a person may make of a goal: characters (code points) of one
// text, entries of a list, and bytes of all its texts together. What is read
// from goals.json is not held to them: it is kept whole, and a person may do
// all to such a goal but let it grow.
const (
	MaxDescription = 1000
	MaxAcceptance  = 50
	MaxNotes       = 1000
	MaxGoalBytes   = 1 << 20
)

// CleanText makes typed text fit to keep: white space around it, control
// characters and bidirectional overrides go, tabs become blanks, line breaks
// stay. Text that then shows nothing, or is longer than limit characters, is
// refused with a [Refusal].
func CleanText(kind TextKind, text string, limit int) (string, error) {
	text = strings.TrimSpace(Visible(text))
	if !shows(text) {
		return "", Refusal{Kind: NoText, Text: kind}
	}
	if n := utf8.RuneCountInString(text); n > limit {
		return "", Refusal{Kind: LongText, Text: kind, Has: n, Limit: limit}
	}
	return text, nil
}

// OneLine makes any text fit to stand in one line of a list: it is cleaned
// as by [CleanText] and its line breaks become blanks. Nothing is refused.
func OneLine(text string) string {
	return strings.Join(strings.Fields(Visible(text)), " ")
}

// Visible drops what must not reach a screen: control characters but for the
// line feed, and the bidirectional controls that reorder what follows them
// (Unicode UAX #9). Joiners stay: emoji and several scripts need them.
func Visible(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || r == '\r' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r), r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069', r == '\uFEFF':
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// Shows reports whether a text has anything to see on a screen.
func Shows(text string) bool { return shows(Visible(text)) }

// shows reports whether any character of the text has ink.
func shows(text string) bool {
	for _, r := range text {
		switch {
		case !unicode.IsGraphic(r), unicode.IsSpace(r), unicode.Is(unicode.Mn, r):
		case r == '\u115F', r == '\u1160', r == '\u3164', r == '\uFFA0': // letters that draw nothing
		case r == '\u2800', r == '\uFFFC': // symbols that draw nothing
		default:
			return true
		}
	}
	return false
}
