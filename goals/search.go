package goals

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

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

// leastSearched is how many goals a goroutine of their own, or a [filter], is worth at least.
const leastSearched = 2_000

// searchParts searches parts of the list at the same time, and returns what each has.
func (l List) searchParts(words []string) [][]Found {
	n := max(min(runtime.GOMAXPROCS(0), len(l.goals)/leastSearched), 1)
	parts := make([][]Found, n)
	search := newSearcher(words)
	if len(l.goals) >= leastSearched {
		search.filter = newFilter(search.words)
	}
	var all sync.WaitGroup
	for i := range parts {
		all.Go(func() {
			s := search
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

// searcher looks for words in one goal after the other. A copy of one that was not used
// yet may be used at the same time.
type searcher struct {
	words   []word
	filter  *filter // says of many texts that they need not be folded; may be nil
	missing []word  // those that were not found yet in a goal
	folded  []byte  // the text that was looked through last
}

// word is what is looked for.
type word struct {
	text    []byte // folded
	letters byte   // which letters of the [filter] it has
}

func newSearcher(words []string) searcher {
	var s searcher
	for _, w := range words {
		s.words = append(s.words, word{text: []byte(w)})
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
	if s.filter != nil {
		letters := s.filter.of(text)
		if !slices.ContainsFunc(s.missing, func(w word) bool { return w.letters&^letters == 0 }) {
			return false
		}
	}
	s.folded = AppendFold(s.folded[:0], text)
	n := len(s.missing)
	s.missing = slices.DeleteFunc(s.missing, func(w word) bool { return bytes.Contains(s.folded, w.text) })
	return len(s.missing) < n
}

// filter knows some letters of the words that are looked for, and which bytes stand in a
// text if [Fold] makes such a letter of it. To look for those bytes takes a third of the
// time that Fold takes, and most texts of a list lack them.
type filter struct {
	letters [8]rune // 0 where there are fewer
	// These have a bit for each letter that a character may be folded to.
	two   [1 << 16]byte // by the character and the byte behind it, or by the two bytes of one
	three [1 << 16]byte // by a character of three bytes
	four  [1 << 15]byte // by all but the last byte of a character of four
}

// newFilter sets the letters of the words.
func newFilter(words []word) *filter {
	f := &filter{}
	f.choose(words)
	for r := range rune(len(alone)) {
		f.mark(r, f.folded(r))
	}
	for r := rune(len(alone)); r <= unicode.MaxRune; r++ {
		if r >= 1<<16 && r%64 != 0 {
			continue // it differs in the last byte only
		}
		if !foldsToItself(r) {
			f.mark(r, 0xFF)
		}
	}
	for i, r := range f.letters {
		if foldsToItself(r) {
			f.mark(r, 1<<i)
		}
	}
	return f
}

// choose takes the first letter of each word, then the second, and so on.
func (f *filter) choose(words []word) {
	letters := f.letters[:0]
	runes := make([][]rune, len(words))
	for i, w := range words {
		runes[i] = []rune(string(w.text))
	}
	for at, more := 0, true; more; at++ {
		more = false
		for i := range words {
			if at >= len(runes[i]) {
				continue
			}
			more = true
			r := runes[i][at]
			k := slices.Index(letters, r)
			if k < 0 && len(letters) < len(f.letters) && r != utf8.RuneError { // which any wrong byte is folded to
				k = len(letters)
				letters = append(letters, r)
			}
			if k >= 0 {
				words[i].letters |= 1 << k
			}
		}
	}
}

// folded returns the letters that Fold may make of a text because r is in it.
func (f *filter) folded(r rune) (letters byte) {
	packed := alone[r].Load()
	if packed == 0 {
		packed = foldAlone(r)
	}
	n := packed & 0xFF
	if n == combines {
		return 0xFF
	}
	for _, r := range string(binary.LittleEndian.AppendUint64(nil, packed>>8)[:n-1]) {
		if k := slices.Index(f.letters[:], r); k >= 0 {
			letters |= 1 << k
		}
	}
	return letters
}

// mark notes which letters a text may have because r is in it.
func (f *filter) mark(r rune, letters byte) {
	if letters == 0 {
		return
	}
	var b [utf8.UTFMax]byte
	switch utf8.EncodeRune(b[:], r) {
	case 1:
		for next := range 256 {
			f.two[int(r)<<8|next] |= letters
		}
	case 2:
		f.two[int(b[0])<<8|int(b[1])] |= letters
	case 3:
		f.three[r] |= letters
	case 4:
		f.four[r>>6] |= letters
	}
}

// of returns the letters that Fold may make of a text.
func (f *filter) of(text string) (letters byte) {
	i := 0
	for ; i+2 < len(text); i++ { // what follows the first byte of a character has no letters
		a, b, c := uint16(text[i]), uint16(text[i+1]), uint16(text[i+2])
		switch {
		case a < 0xE0:
			letters |= f.two[a<<8|b]
		case a < 0xF0:
			letters |= f.three[a<<12|b&0x3F<<6|c&0x3F]
		default:
			letters |= f.four[(a&7)<<12|b&0x3F<<6|c&0x3F]
		}
	}
	for ; i < len(text); i++ {
		next := byte(0)
		if i+1 < len(text) {
			next = text[i+1]
		}
		letters |= f.two[uint16(text[i])<<8|uint16(next)]
	}
	return letters
}
