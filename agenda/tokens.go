package agenda

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"goalbot/goals"
)

// A token is one word of a text, without the punctuation around it.
type token struct {
	start, end int    // in the text, in bytes
	word       string // folded; "" where it is never read
	tail       string // the punctuation behind it
	apart      bool   // punctuation stands before it
	capital    bool   // it begins with a capital letter
}

const (
	before = "([{<\"'“”„‚‘’«»*_~•–—-"
	behind = ")]}>,;:!?.…\"'”“’»«*_~–—-"
)

// ornament reports whether r is an emoji or another sign that may touch a word.
func ornament(r rune) bool {
	return r > 0x7F && (unicode.In(r, unicode.So, unicode.Sk) || unicode.Is(unicode.Variation_Selector, r) || r == '\u200D')
}

// split cuts a text into words. Words in quotation marks and in code are there,
// but cannot be read.
func split(text string) (tokens []token) {
	quoted := quotes(text)
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		if unicode.IsSpace(r) {
			at += size
			continue
		}
		field := text[at:]
		if end := strings.IndexFunc(field, unicode.IsSpace); end >= 0 {
			field = field[:end]
		}
		from := at
		at += len(field)
		if folded := goals.Fold(field); folded == "'til" {
			tokens = append(tokens, token{start: from, end: at, word: folded})
			continue
		}
		bare := strings.TrimLeftFunc(field, func(r rune) bool { return strings.ContainsRune(before, r) || ornament(r) })
		from += len(field) - len(bare)
		word := strings.TrimRightFunc(bare, func(r rune) bool { return strings.ContainsRune(behind, r) || ornament(r) })
		t := token{start: from, end: from + len(word), tail: bare[len(word):], apart: len(bare) < len(field), word: goals.Fold(word)}
		first, _ := utf8.DecodeRuneInString(word)
		t.capital = unicode.IsUpper(first)
		for _, q := range quoted {
			if from < q[1] && at > q[0] {
				t.word = ""
			}
		}
		tokens = append(tokens, t)
	}
	return tokens
}

// closing are the marks that end what another begins.
var closing = map[rune]string{'"': "\"", '`': "`", '\'': "'", '“': "”", '„': "“”", '«': "»", '»': "«", '‘': "’", '‚': "‘’"}

// quotes returns where a text is quoted, in bytes. An apostrophe is no mark:
// single marks stand outside of words. A mark that is not closed quotes nothing.
func quotes(text string) (quoted [][2]int) {
	var previous rune = ' '
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		begin := at
		at += size
		ends, opens := closing[r]
		single := strings.ContainsRune("'‘‚", r)
		if opens && !(single && wordRune(previous)) {
			if n := quoteEnd(text[at:], ends, single); n > 0 {
				at += n
				quoted = append(quoted, [2]int{begin, at})
			}
		}
		previous = r
	}
	return quoted
}

// quoteEnd returns the length of what is quoted with the mark that ends it,
// 0 where nothing ends it.
func quoteEnd(text, ends string, single bool) int {
	var previous rune = ' '
	for at, r := range text {
		next := at + utf8.RuneLen(max(r, 0))
		if strings.ContainsRune(ends, r) {
			after, _ := utf8.DecodeRuneInString(text[next:])
			if !single || !unicode.IsSpace(previous) && (next == len(text) || !wordRune(after)) {
				return next
			}
		}
		previous = r
	}
	return 0
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
