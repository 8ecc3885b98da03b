package goals

import (
	"bytes"
	"cmp"
	"runtime"
	"slices"
	"strings"
	"sync"
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

// Found is a goal that holds what was searched for.
type Found struct {
	*Goal
	// In is the first of its criteria, tasks, notes and names of attachments that holds a word which
	// the description does not; "" where the description holds them all.
	In string
}

// Search returns the goals whose description, criteria, tasks, notes and
// attachments together hold all the words, compared as by [Fold]: the open ones first, each
// part in the order of their numbers.
func (l List) Search(words string) []Found {
	wanted := strings.Fields(Fold(words))
	if len(wanted) == 0 {
		return nil
	}
	var open, closed []Found
	for _, part := range l.searchParts(wanted) {
		for _, f := range part {
			if f.Status.Open() {
				open = append(open, f)
			} else {
				closed = append(closed, f)
			}
		}
	}
	return append(open, closed...)
}

// leastSearched is how many goals are searched at least by one processor.
const leastSearched = 2_000

// searchParts searches parts of the list at the same time, and returns what each has.
func (l List) searchParts(words []string) [][]Found {
	n := max(min(runtime.GOMAXPROCS(0), len(l.goals)/leastSearched), 1)
	parts := make([][]Found, n)
	var all sync.WaitGroup
	for i := range parts {
		all.Go(func() {
			s := newSearcher(words)
			for _, g := range l.goals[i*len(l.goals)/n : (i+1)*len(l.goals)/n] {
				if in, ok := s.in(g); ok {
					parts[i] = append(parts[i], Found{g, in})
				}
			}
		})
	}
	all.Wait()
	return parts
}

// searcher looks for words, which are folded, in one goal after the other.
type searcher struct {
	words   [][]byte
	missing [][]byte // the words that were not found yet in a goal
	folded  []byte   // the text that was looked through last
}

func newSearcher(words []string) *searcher {
	s := &searcher{}
	for _, w := range words {
		s.words = append(s.words, []byte(w))
	}
	return s
}

// in looks for all the words, and returns where those are that the description lacks.
func (s *searcher) in(g *Goal) (in string, ok bool) {
	s.missing = append(s.missing[:0], s.words...)
	s.look(g.Description)
	look := func(text string) {
		if len(s.missing) > 0 && s.look(text) && in == "" {
			in = text
		}
	}
	for _, text := range g.Acceptance {
		look(text)
	}
	for i := range g.Sessions {
		look(g.Sessions[i].Task)
	}
	for _, text := range g.Notes {
		look(text)
	}
	for _, f := range g.Plan().Files {
		look(f.Name)
	}
	return in, len(s.missing) == 0
}

// look drops the words that a text holds, and reports whether there are any.
func (s *searcher) look(text string) (found bool) {
	s.folded = AppendFold(s.folded[:0], text)
	n := len(s.missing)
	s.missing = slices.DeleteFunc(s.missing, func(w []byte) bool { return bytes.Contains(s.folded, w) })
	return len(s.missing) < n
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
