package goals

import (
	"encoding/binary"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold returns a text in the form in which texts are compared: two texts that
// look the same on a screen have the same form, whatever their case. It is one
// line without characters that show nothing, with compatible characters
// (Unicode UAX #15, NFKC) and full case folding, one kind of each quotation
// mark and one kind of dash, however many of them stand together, and ASCII
// digits for the digits of every script. Fold is idempotent.
func Fold(s string) string {
	var room [256]byte // saves most texts an allocation
	folded, ok := foldByRune(room[:0], s)
	switch {
	case !ok:
		return foldWhole(s)
	case string(folded) == s:
		return s
	}
	return string(folded)
}

// AppendFold appends what [Fold] returns, for many texts one after the other.
func AppendFold(dst []byte, s string) []byte {
	folded, ok := foldByRune(dst, s)
	if !ok {
		return append(dst, foldWhole(s)...)
	}
	return folded
}

// foldWhole is Fold for any text.
func foldWhole(s string) string { return strings.Join(strings.Fields(foldBlanks(s)), " ") }

// foldBlanks leaves the blanks as they are.
func foldBlanks(s string) string {
	// The normal form can have what is still to be folded, once (Unicode 3.13, D146).
	return refold(refold(strings.ToValidUTF8(s, "\uFFFD")))
}

func refold(s string) string {
	s = cases.Fold().String(strings.Map(alike, s)) // before ´ is decomposed
	var b strings.Builder
	var before rune
	for _, r := range s {
		switch {
		case r == '-' && before == '-': // phones make one dash of two
			continue
		case r == '\u0307' && before == 'i': // what is left of İ
			continue
		case r == 'ı':
			r = 'i'
		default:
			r = digit(r)
		}
		b.WriteRune(r)
		before = r
	}
	return norm.NFKC.String(b.String())
}

// foldByRune appends what Fold returns, for texts without marks that combine with what
// stands before them. It is many times faster, and a search folds all texts of a list.
func foldByRune(dst []byte, s string) (folded []byte, ok bool) {
	b := dst
	last := byte(' ')
	for _, r := range s {
		switch {
		case r > ' ' && r < 0x7F && r != '-' && r != '`':
			if r >= 'A' && r <= 'Z' {
				r += 'a' - 'A'
			}
			b = append(b, byte(r))
		case r < 0x80 && unicode.IsSpace(r):
			if last == ' ' {
				continue
			}
			b = append(b, ' ')
		case r < rune(len(alone)):
			f := alone[r].Load()
			if f == 0 {
				f = foldAlone(r)
			}
			n, first := f&0xFF, byte(f>>8)
			switch {
			case n == combines:
				return dst, false
			case n == 1, n == 2 && first == last && (first == '-' || first == ' '):
				continue
			}
			b = binary.LittleEndian.AppendUint64(b, f>>8)[:len(b)+int(n)-1]
		case foldsToItself(r):
			b = utf8.AppendRune(b, r)
		default:
			return dst, false
		}
		last = b[len(b)-1]
	}
	if len(b) > len(dst) && last == ' ' {
		b = b[:len(b)-1]
	}
	return b, true
}

// foldsToItself knows some of the characters that stay as they are, whatever stands beside
// them: Han, Hangul and emoji.
func foldsToItself(r rune) bool {
	return r >= 0x3400 && r <= 0x9FFF || r >= 0xAC00 && r <= 0xD7A3 || r >= 0x1F300 && r <= 0x1FAFF
}

// alone holds what characters fold to: in the lowest byte one more than how many bytes
// that has, or combines, and in the others the bytes, the first one lowest. It is 0 where
// that was not asked yet.
var alone [0x3400]atomic.Uint64

// combines is for characters whose neighbours matter, and for those that fold to more
// than seven bytes.
const combines = 0xFF

func foldAlone(r rune) uint64 {
	f := string(r)
	if !obviouslyFolded(r) {
		f = foldBlanks(f)
	}
	if unicode.IsSpace(r) {
		f = " "
	}
	packed := uint64(combines)
	starts := func(s string) bool { return s == "" || norm.NFKC.PropertiesString(s).BoundaryBefore() }
	if starts(string(r)) && starts(f) && (f == " " || !strings.Contains(f, " ")) && len(f) < 8 {
		var bytes [8]byte
		bytes[0] = byte(len(f) + 1)
		copy(bytes[1:], f)
		packed = binary.LittleEndian.Uint64(bytes[:])
	}
	alone[r].Store(packed)
	return packed
}

// obviouslyFolded knows most of the characters that stay as they are, many times faster
// than to fold them.
func obviouslyFolded(r rune) bool {
	return alike(r) == r && digit(r) == r && unicode.SimpleFold(r) == r && r != 'ı' && norm.NFKC.PropertiesString(string(r)).Decomposition() == nil
}

// alike maps characters to one that looks the same, and drops what shows
// nothing.
func alike(r rune) rune {
	switch r {
	case '‘', '’', '‚', '‛', '′', '‹', '›', '`', '´', 'ʼ', 'ʹ', '＇':
		return '\''
	case '“', '”', '„', '‟', '″', '«', '»', '〝', '〞', '〟', '＂':
		return '"'
	case '−', '﹣', '－', '⁃', '─', '━':
		return '-'
	case '№':
		return '#'
	case '،', '、', '，', '﹐':
		return ','
	case '؛', '；':
		return ';'
	}
	switch {
	case r < 0x80 && !unicode.IsControl(r):
		return r
	case unicode.IsSpace(r):
		return ' '
	case unicode.Is(unicode.Pd, r):
		return '-'
	case ignorable(r):
		return -1
	}
	return r
}

// ignorable reports whether a character is not to be shown (Unicode,
// Default_Ignorable_Code_Point, and control characters).
func ignorable(r rune) bool {
	return unicode.IsControl(r) ||
		unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) &&
			!unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// digit returns the ASCII digit of a decimal digit of any script, and any
// other character as it is. The digits of a script stand in a row from zero
// to nine (Unicode 4.6).
func digit(r rune) rune {
	if r < 0x80 || !unicode.Is(unicode.Nd, r) {
		return r
	}
	for _, table := range unicode.Nd.R16 {
		if lo, hi := rune(table.Lo), rune(table.Hi); lo <= r && r <= hi {
			return '0' + (r-lo)%10
		}
	}
	for _, table := range unicode.Nd.R32 {
		if lo, hi := rune(table.Lo), rune(table.Hi); lo <= r && r <= hi {
			return '0' + (r-lo)%10
		}
	}
	return r
}
