package goals

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Select returns the goals that a person may mean by which, in the order of
// their numbers: "#12" or "12" is the goal with that number and no other; a
// whole id is the goal with that id; anything else means every goal whose id
// begins with it, or whose description holds all its words or what begins with
// them, whatever their case. Pieces from within words are for [List.Search]:
// something is done to what is selected, and "all" must not mean a call. Where
// several match and some are preferred, only those are returned; prefer may be
// nil.
func (l List) Select(which string, prefer func(*Goal) bool) []*Goal {
	which = strings.TrimSpace(which)
	if n, ok := ParseNumber(which); ok {
		if g := l.Number(n); g != nil {
			return []*Goal{g}
		}
		return nil
	}
	if which == "" {
		return nil
	}
	words := strings.Fields(fold(which))
	var found, preferred []*Goal
	for _, g := range l.goals {
		if g.ID == which {
			return []*Goal{g}
		}
		if !begins(g.ID, which) && !holdsAll(fold(g.Description), words) {
			continue
		}
		found = append(found, g)
		if prefer != nil && prefer(g) {
			preferred = append(preferred, g)
		}
	}
	if len(preferred) > 0 {
		return preferred
	}
	return found
}

// Found is a goal that holds what was searched for.
type Found struct {
	*Goal
	// In is the first of its criteria, tasks and notes that holds a word which
	// the description does not; "" where the description holds them all.
	In string
}

// Search returns the goals whose description, criteria, tasks and notes
// together hold all the words, whatever their case: the open ones first, each
// part in the order of their numbers.
func (l List) Search(words string) []Found {
	wanted := strings.Fields(fold(words))
	if len(wanted) == 0 {
		return nil
	}
	var open, closed []Found
	for _, g := range l.goals {
		in, ok := g.hold(wanted)
		switch {
		case !ok:
		case g.Status.Open():
			open = append(open, Found{g, in})
		default:
			closed = append(closed, Found{g, in})
		}
	}
	return append(open, closed...)
}

// hold looks for all the words, which are folded, and returns where those are
// that the description lacks.
func (g *Goal) hold(words []string) (in string, ok bool) {
	missing := without(words, g.Description)
	look := func(text string) {
		if len(missing) == 0 {
			return
		}
		if left := without(missing, text); len(left) < len(missing) {
			missing = left
			if in == "" {
				in = text
			}
		}
	}
	for _, text := range g.Acceptance {
		look(text)
	}
	for _, s := range g.Sessions {
		look(s.Task)
	}
	for _, text := range g.Notes {
		look(text)
	}
	return in, len(missing) == 0
}

// without returns the words that a text does not hold.
func without(words []string, text string) (missing []string) {
	text = fold(text)
	for _, w := range words {
		if !strings.Contains(text, w) {
			missing = append(missing, w)
		}
	}
	return missing
}

// ParseNumber reads a goal's number as people write it: 12 or #12, with the
// mark that a phone or a person puts behind it.
func ParseNumber(s string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimRight(strings.TrimPrefix(s, "#"), ".,:;"), 10, 64)
	return n, err == nil && n > 0 && !strings.HasPrefix(s, "#+") && !strings.HasPrefix(s, "+")
}

// fold makes texts equal that differ in case only. Upper case comes first
// because some letters, as the Greek sigma, have two lower cases.
func fold(s string) string { return strings.ToLower(strings.ToUpper(s)) }

// leastOfID is how much of an id must be said: what all ids begin with would
// mean any of them.
const leastOfID = len("g-1")

func begins(id, with string) bool { return len(with) >= leastOfID && strings.HasPrefix(id, with) }

func holdsAll(text string, words []string) bool {
	for _, w := range words {
		if !holdsBeginning(text, w) {
			return false
		}
	}
	return true
}

// holdsBeginning reports whether a word of the text begins with w.
func holdsBeginning(text, w string) bool {
	first, _ := utf8.DecodeRuneInString(w)
	for from := 0; ; {
		i := strings.Index(text[from:], w)
		if i < 0 {
			return false
		}
		from += i
		if before, _ := utf8.DecodeLastRuneInString(text[:from]); !inWord(before) || !inWord(first) || unbroken(first) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[from:])
		from += size
	}
}

func inWord(r rune) bool {
	return unicode.In(r, unicode.Letter, unicode.Number, unicode.Mark)
}

// unbroken reports whether a letter is of a script that puts no blanks between
// words, so that a word may begin with any of them.
func unbroken(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
