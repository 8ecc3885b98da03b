package goaljson

import "math/bits"

const (
	ones  = 0x0101010101010101 // a one in each of eight bytes
	highs = 0x80 * ones        // the high bit of each
)

// special returns the offset, from i on, of the first byte of s that must be
// escaped between quotes: a quote, a backslash or a control character; len(s) if
// there is none. If sure is true, s[i:at] is valid UTF-8; if it is false, it may
// or may not be, and the caller has to check.
//
// It takes eight bytes at a time, the first in the lowest bits. A byte is marked
// by its high bit.
func special[T string | []byte](s T, i int) (at int, sure bool) {
	var doubt, carry uint64
	for ; ; i += 8 {
		var w uint64
		switch {
		case i+8 <= len(s):
			w = load(s, i)
		case len(s) >= 8: // what is left, and zeros after it
			w = load(s, len(s)-8) >> (8 * (i + 8 - len(s)))
		default:
			for j := len(s) - 1; j >= i; j-- {
				w = w<<8 | uint64(s[j])
			}
		}

		// A subtraction marks the bytes that it makes negative and, by
		// borrowing, perhaps bytes above them; so only the lowest mark is
		// certain. The zeros after the end are found as control characters.
		found := ((w - ' '*ones) | zeros(w^'"'*ones) | zeros(w^'\\'*ones)) &^ w & highs

		// Continuation bytes must be where a leading byte demands them, and
		// nowhere else. Some leading bytes do not allow every continuation;
		// they are not checked further but make the result unsure, except F0,
		// because most emoji begin with it. A branch for plain ASCII would
		// cost more than it saves, because in mixed text it is mispredicted.
		two := w & (w << 1) & highs // 11xxxxxx leads at least two bytes
		three := two & (w << 2)     // 111xxxxx at least three
		four := three & (w << 3)    // 1111xxxx four
		want := two<<8 | three<<16 | four<<24 | carry
		have := w &^ (w << 1) & highs
		wrong := want ^ have |
			four&(w<<4|w<<5) | four<<8&^(w<<2|w<<3) | four&(1<<63) | // F0 to F3 are fine before 90 or more
			(zeros(w&^ones^0xC0*ones)|zeros(w^0xE0*ones)|zeros(w^0xED*ones))&highs
		if found != 0 {
			wrong &= found ^ (found - 1) // only bytes before the one found count
			return i + bits.TrailingZeros64(found)/8, doubt|wrong == 0
		}
		doubt |= wrong
		carry = two>>56 | three>>48 | four>>40
	}
}

// load reads eight bytes.
func load[T string | []byte](s T, i int) uint64 {
	c := s[i : i+8]
	return uint64(c[0]) | uint64(c[1])<<8 | uint64(c[2])<<16 | uint64(c[3])<<24 |
		uint64(c[4])<<32 | uint64(c[5])<<40 | uint64(c[6])<<48 | uint64(c[7])<<56
}

// zeros marks the bytes of x that are zero, and perhaps bytes above them.
func zeros(x uint64) uint64 { return (x - ones) &^ x }
