package goaljson

import "math/bits"

const (
	ones  = 0x0101010101010101 // a one in each of eight bytes
	highs = 0x80 * ones        // the high bit of each
)

// special finds the first byte of s, from i on, that cannot stand for itself
// between quotes: a quote, a backslash or a control character; len(s) where
// there is none. sure says that all before it is valid UTF-8; where it is
// false, somebody has to look.
//
// It takes eight bytes at a time, the first in the lowest bits. Marks are in
// the high bits of the bytes they belong to.
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

		// Subtracting marks a byte that is too small and, by borrowing, perhaps
		// bytes above it; so the lowest mark is right. The zeros after the end
		// are control characters like any other.
		found := ((w - ' '*ones) | zeros(w^'"'*ones) | zeros(w^'\\'*ones)) &^ w & highs

		// Continuation bytes must stand where the bytes that lead a character
		// ask for them, and nowhere else. The leads after which not every
		// continuation is allowed are left in doubt, F0 alone is looked at:
		// it begins most emoji. A branch for plain ASCII would cost more than
		// it saves, as nothing foretells it in mixed text.
		two := w & (w << 1) & highs // 11xxxxxx leads at least two bytes
		three := two & (w << 2)     // 111xxxxx at least three
		four := three & (w << 3)    // 1111xxxx four
		want := two<<8 | three<<16 | four<<24 | carry
		have := w &^ (w << 1) & highs
		wrong := want ^ have |
			four&(w<<4|w<<5) | four<<8&^(w<<2|w<<3) | four&(1<<63) | // well are F0 to F3 with 90 or more
			(zeros(w&^ones^0xC0*ones)|zeros(w^0xE0*ones)|zeros(w^0xED*ones))&highs
		if found != 0 {
			wrong &= found ^ (found - 1) // what is up to the first byte found
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
