package goaljson

import "math/bits"

const (
	ones  = 0x0101010101010101 // a one in each of eight bytes
	highs = 0x80 * ones
)

// special finds the first byte of s, from i on, that cannot stand for itself
// between quotes: a quote, a backslash or a control character; len(s) where
// there is none. wide reports that bytes beyond ASCII were passed, and may
// report it of a few bytes more.
//
// It looks at eight bytes at a time. x-ones, and likewise w-0x20*ones, sets
// the high bit of a byte that is 0 (below 0x20) and, by borrowing, perhaps
// of bytes above that one: the lowest mark is always right.
func special[T string | []byte](s T, i int) (at int, wide bool) {
	var seen uint64
	for ; i+8 <= len(s); i += 8 {
		c := s[i : i+8]
		w := uint64(c[0]) | uint64(c[1])<<8 | uint64(c[2])<<16 | uint64(c[3])<<24 |
			uint64(c[4])<<32 | uint64(c[5])<<40 | uint64(c[6])<<48 | uint64(c[7])<<56
		seen |= w
		found := ((w - 0x20*ones) | ((w ^ '"'*ones) - ones) | ((w ^ '\\'*ones) - ones)) &^ w & highs
		if found != 0 {
			return i + bits.TrailingZeros64(found)/8, seen&highs != 0
		}
	}
	for ; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c == '"' || c == '\\' {
			break
		}
		seen |= uint64(c)
	}
	return i, seen&highs != 0
}
