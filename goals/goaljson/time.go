package goaljson

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"goalbot/goals"
)

// This file reads and writes times as chrono does for a DateTime<Utc>.

// The years that every chrono since 0.4.23 can hold. Times outside them, in their
// own zone or in UTC, are refused when read, and replaced by the nearest that fits
// when written.
const minYear, maxYear = -262143, 262142

var (
	minTime = time.Date(minYear, 1, 1, 0, 0, 0, 0, time.UTC)
	maxTime = time.Date(maxYear, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
)

// parseTime reads all that chrono reads: RFC 3339, where a space or t may replace
// the T, and z the Z; and further, numbers with fewer digits, a year of any length
// behind a sign, white space around every part, and a zone without its colon, with
// U+2212 as its sign, or written UTC. Digits of the fraction beyond nine are
// dropped. A leap second, of any minute, is in [goals.LeapSecond].
//
// why says what is wrong; it is "" if nothing is.
func parseTime(b []byte) (t time.Time, why string) {
	s := scanner{b: b}
	year, month, day, hour, minute, second, plain := s.plain()
	if !plain {
		year = s.year()
		s.blanks()
		s.one("-")
		month = s.number(2)
		s.blanks()
		s.one("-")
		day = s.number(2)
		s.one("tT ")
		hour = s.number(2)
		s.blanks()
		s.one(":")
		minute = s.number(2)
		s.blanks()
		s.one(":")
		second = s.number(2)
		if s.bad {
			return t, "not of that form"
		}
	}
	nanos := 0
	if len(s.b) > 0 && s.b[0] == '.' {
		n := 1 + digits(s.b[1:])
		nanos = fraction(s.b[1:n])
		s.b = s.b[n:]
		if n == 1 {
			return t, "no digit after the point"
		}
	}
	offset := 0
	if len(s.b) != 1 || s.b[0]|0x20 != 'z' {
		s.blanks()
		offset = s.zone()
		s.blanks()
		if s.bad || len(s.b) > 0 {
			return t, "the zone after the seconds must be Z, or as in +02:00"
		}
	}
	return newTime(year, month, day, hour, minute, second, nanos, offset)
}

// newTime returns the time of these parts and of the offset of their zone in
// seconds. Only the year and the offset may be negative.
func newTime(year, month, day, hour, minute, second, nanos, offset int) (t time.Time, why string) {
	if month < 1 || month > 12 || day < 1 || day > 28 && day > daysIn(year, month) {
		return t, "no such day"
	}
	if hour > 23 || minute > 59 || second > 60 {
		return t, "no such time of day"
	}
	t = time.Date(year, time.Month(month), day, hour, minute, min(second, 59)-offset, nanos, time.UTC)
	if year < minYear || year > maxYear || t.Before(minTime) || t.After(maxTime) {
		return t, "outside the years that goals.json can hold"
	}
	if second == 60 {
		t = t.Add(time.Second).In(goals.LeapSecond)
	}
	return t, ""
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// fraction returns the nanoseconds that the digits after a point stand for.
func fraction(digits []byte) (nanos int) {
	for i := range 9 {
		nanos *= 10
		if i < len(digits) {
			nanos += int(digits[i] - '0')
		}
	}
	return nanos
}

// A scanner reads the parts of a time from front to back. Once something else
// stands where a part should, it is bad and the rest means nothing.
type scanner struct {
	b   []byte
	bad bool
}

// plain reads a date and time in the form that programs write, which is the
// quickest way to read it. ok is false, and nothing is read, if it has another.
func (s *scanner) plain() (year, month, day, hour, minute, second int, ok bool) {
	const form = "0000-00-00T00:00:00"
	if len(s.b) < len(form) {
		return
	}
	for i, c := range []byte(form) {
		switch d := s.b[i]; {
		case c == '0' && isDigit(d), c != '0' && c == d:
		case c == 'T' && (d == ' ' || d == 't'):
		default:
			return
		}
	}
	two := func(i int) int { return int(s.b[i]-'0')*10 + int(s.b[i+1]-'0') }
	year, month, day = two(0)*100+two(2), two(5), two(8)
	hour, minute, second = two(11), two(14), two(17)
	s.b = s.b[len(form):]
	return year, month, day, hour, minute, second, true
}

// blanks skips white space, as Unicode defines it.
func (s *scanner) blanks() { s.b = bytes.TrimLeftFunc(s.b, unicode.IsSpace) }

// one reads one of the bytes.
func (s *scanner) one(of string) {
	if len(s.b) == 0 || strings.IndexByte(of, s.b[0]) < 0 {
		s.bad = true
		return
	}
	s.b = s.b[1:]
}

// number skips white space and reads a number of one to most digits.
func (s *scanner) number(most int) (n int) {
	s.blanks()
	length := min(digits(s.b), most)
	for _, c := range s.b[:length] {
		n = min(n*10+int(c-'0'), 1e9) // more than any year
	}
	s.b = s.b[length:]
	s.bad = s.bad || length == 0
	return n
}

// year reads a year: of at most four digits, or of any number behind a sign.
func (s *scanner) year() int {
	s.blanks()
	if len(s.b) == 0 || s.b[0] != '+' && s.b[0] != '-' {
		return s.number(4)
	}
	minus := s.b[0] == '-'
	s.b = s.b[1:]
	s.bad = digits(s.b) == 0 // no white space may follow the sign
	n := s.number(len(s.b))
	if minus {
		n = -n
	}
	return n
}

// zone reads a zone and returns its offset from UTC in seconds.
func (s *scanner) zone() int {
	if len(s.b) > 0 && s.b[0]|0x20 == 'z' {
		s.b = s.b[1:]
		return 0
	}
	if len(s.b) >= 3 && bytes.EqualFold(s.b[:3], []byte("UTC")) {
		s.b = s.b[3:]
		return 0
	}
	sign := 1
	switch r, size := utf8.DecodeRune(s.b); r {
	case '-', '\u2212':
		sign = -1
		fallthrough
	case '+':
		s.b = s.b[size:]
	default:
		s.bad = true
	}
	hours := s.two()
	s.b = bytes.TrimLeftFunc(s.b, func(r rune) bool { return r == ':' || unicode.IsSpace(r) })
	minutes := s.two()
	s.bad = s.bad || hours > 23 || minutes > 59
	return sign * (hours*3600 + minutes*60)
}

// two reads a number of exactly two digits.
func (s *scanner) two() int {
	if digits(s.b) < 2 {
		s.bad = true
		return 0
	}
	return s.number(2)
}

// appendTime writes a time in UTC with the fewest of 0, 3, 6 or 9 digits of
// fraction that keep its value. A year beyond four digits has a sign.
func appendTime(dst []byte, t time.Time) []byte {
	leap := t.Location() == goals.LeapSecond && t.Second() == 0
	if leap {
		t = t.Add(-time.Second)
	}
	t = t.UTC()
	if t.Before(minTime) {
		t = minTime
	} else if t.After(maxTime) {
		t = maxTime
	}
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	if leap {
		second = 60
	}
	if year < 0 || year > 9999 {
		dst = fmt.Appendf(dst, "%+05d", year)
	} else {
		dst = appendTwo(appendTwo(dst, year/100), year%100)
	}
	dst = appendTwo(append(dst, '-'), int(month))
	dst = appendTwo(append(dst, '-'), day)
	dst = appendTwo(append(dst, 'T'), hour)
	dst = appendTwo(append(dst, ':'), minute)
	dst = appendTwo(append(dst, ':'), second)
	if n := t.Nanosecond(); n > 0 {
		digits := 9
		for n%1000 == 0 {
			n /= 1000
			digits -= 3
		}
		dst = append(dst, ".000000000"[:1+digits]...)
		for i := len(dst) - 1; n > 0; i-- {
			dst[i] += byte(n % 10)
			n /= 10
		}
	}
	return append(dst, 'Z')
}

func appendTwo(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/10), byte('0'+n%10))
}
