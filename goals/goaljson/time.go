package goaljson

import "time"

// This file reads and writes times as chrono does for a DateTime<Utc>.

// The years that fit into four digits. Times outside them are refused when
// read, and replaced by the nearer one of these when written.
var (
	minTime = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	maxTime = time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
)

// parseTime reads YYYY-MM-DDThh:mm:ss, a fraction of any length or none, and
// Z or ±hh:mm. A space or t may replace the T, and z the Z. Digits of the
// fraction beyond nine are dropped. A leap second becomes the first instant of
// the next minute, because a time.Time cannot be a leap second.
//
// why says what is wrong; it is "" if nothing is.
func parseTime(b []byte) (t time.Time, why string) {
	const form = "0000-00-00T00:00:00"
	if len(b) < len(form) {
		return t, "not of that form"
	}
	for i, c := range []byte(form) {
		switch {
		case c == '0' && isDigit(b[i]), c != '0' && c == b[i]:
		case c == 'T' && (b[i] == ' ' || b[i] == 't'):
		default:
			return t, "not of that form"
		}
	}
	two := func(i int) int { return int(b[i]-'0')*10 + int(b[i+1]-'0') }
	year, month, day := two(0)*100+two(2), two(5), two(8)
	hour, minute, second := two(11), two(14), two(17)
	if month < 1 || month > 12 || day < 1 || day > 28 && day > daysIn(year, month) {
		return t, "no such day"
	}
	if hour > 23 || minute > 59 || second > 60 {
		return t, "no such time of day"
	}
	b = b[len(form):]

	nanos := 0
	if len(b) > 0 && b[0] == '.' {
		digits := 0
		for b = b[1:]; len(b) > 0 && isDigit(b[0]); b = b[1:] {
			if digits < 9 {
				nanos = nanos*10 + int(b[0]-'0')
			}
			digits++
		}
		if digits == 0 {
			return t, "no digit after the point"
		}
		for ; digits < 9; digits++ {
			nanos *= 10
		}
	}

	offset := 0
	if len(b) != 1 || b[0]|0x20 != 'z' {
		if len(b) != len("+00:00") || b[0] != '+' && b[0] != '-' || b[3] != ':' ||
			!isDigit(b[1]) || !isDigit(b[2]) || !isDigit(b[4]) || !isDigit(b[5]) || two(1) > 23 || two(4) > 59 {
			return t, "the zone after the seconds must be Z, or as in +02:00"
		}
		offset = two(1)*3600 + two(4)*60
		if b[0] == '-' {
			offset = -offset
		}
	}
	t = time.Date(year, time.Month(month), day, hour, minute, second-offset, nanos, time.UTC)
	if t.Before(minTime) || t.After(maxTime) {
		return t, "outside the years 0000 to 9999"
	}
	return t, ""
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// appendTime writes a time in UTC with the fewest of 0, 3, 6 or 9 digits of
// fraction that keep its value.
func appendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	if t.Before(minTime) {
		t = minTime
	} else if t.After(maxTime) {
		t = maxTime
	}
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	dst = appendTwo(appendTwo(dst, year/100), year%100)
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
