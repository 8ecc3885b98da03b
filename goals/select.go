package goals

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Named returns the goals that which names in a way that can mean nothing
// else: by numbers, as [ParseNumbers] reads them, by whole ids, by both in one
// list, or as rows that were copied from a list of ours, with the words that
// the goals have. They come in the order in which they are named, each once.
// named is false where which is none of that, but words. The error is a
// *[NotNamed].
func (l List) Named(which string) (found []*Goal, named bool, err error) {
	which = strings.TrimSpace(which)
	spans, isNumbers, err := ParseNumbers(which)
	if len(spans) != 1 || spans[0].First != spans[0].Last { // a number is no id
		if found := l.byID(which); found != nil {
			return found, true, nil
		}
	}
	switch {
	case err != nil:
		return nil, true, err
	case isNumbers:
		found, err := l.spans(spans)
		return found, true, err
	}
	if found, named, err := l.several(which); named {
		return found, named, err
	}
	return l.rows(which)
}

// byID returns the goal with that id or, where there is none, those whose ids
// differ from it in what [Fold] makes the same of.
func (l List) byID(id string) (found []*Goal) {
	folded := Fold(id)
	if folded == "" {
		return nil
	}
	if g := l.ID(id); g != nil {
		return []*Goal{g}
	}
	for _, g := range l.goals {
		if Fold(g.ID) == folded {
			found = append(found, g)
		}
	}
	return found
}

// several reads a list in which ids stand, and perhaps numbers.
func (l List) several(which string) (found []*Goal, named bool, err error) {
	for word := range strings.FieldsFuncSeq(which, func(r rune) bool { return unicode.IsSpace(r) || alike(r) == ',' || alike(r) == ';' }) {
		var goals []*Goal
		spans, isNumbers, wrong := ParseNumbers(word)
		if isNumbers && wrong == nil {
			goals, wrong = l.spans(spans)
			err = cmp.Or(err, wrong)
		} else if goals = l.byID(word); goals != nil {
			named = true
		} else if Fold(word) != "and" && word != "&" && word != "+" {
			return nil, false, nil
		}
		for _, g := range goals {
			if !slices.Contains(found, g) {
				found = append(found, g)
			}
		}
	}
	if !named || err != nil {
		return nil, named, err
	}
	return found, true, nil
}

// Select returns the goals that a person may mean by which: those that it
// names as by [List.Named] or else, in the order of their numbers, every goal
// whose id begins with it, or whose description holds all its words or what
// begins with them. Texts are compared as by [Fold]. Pieces from within words
// are for [List.Search]: something is done to what is selected, and "all" must
// not mean a call. Where several match and some are preferred, only those are
// returned; prefer may be nil. The error is a *[NotNamed].
func (l List) Select(which string, prefer func(*Goal) bool) ([]*Goal, error) {
	if found, named, err := l.Named(which); named {
		return found, err
	}
	which = Fold(which)
	if which == "" {
		return nil, nil
	}
	words := strings.Fields(which)
	var found, preferred []*Goal
	for _, g := range l.goals {
		if !begins(g.ID, which) && !holdsAll(Fold(g.Description), words) {
			continue
		}
		found = append(found, g)
		if prefer != nil && prefer(g) {
			preferred = append(preferred, g)
		}
	}
	if len(preferred) > 0 {
		return preferred, nil
	}
	return found, nil
}

// leastOfID is how much of an id must be said: what all ids begin with would
// mean any of them.
const leastOfID = len("g-1")

func begins(id, with string) bool { return len(with) >= leastOfID && strings.HasPrefix(Fold(id), with) }

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
