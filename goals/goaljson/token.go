package goaljson

import (
	"bytes"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// This file reads the tokens of JSON: brackets, commas, names, strings,
// numbers and words.

// next skips white space and returns the byte after it without reading it; 0
// at the end.
func (d *decoder) next() byte {
	data, i := d.data, d.i
	for i < len(data) {
		c := data[i]
		if c > ' ' {
			d.i = i
			return c
		}
		switch c {
		case '\n':
			// Most white space is a line break and an indentation.
			for i++; i+4 <= len(data) && string(data[i:i+4]) == "    "; i += 4 {
			}
		case ' ', '\r', '\t':
			i++
		default:
			d.i = i
			return c
		}
	}
	d.i = i
	return 0
}

// enter reads an opening bracket. It reports whether it is there.
func (d *decoder) enter(open byte) bool {
	if d.next() != open {
		return false
	}
	d.i++
	d.first = true
	return true
}

// more reports whether another element or member follows, and reads the comma
// before it; if none follows, it reads the closing bracket. Directly behind an
// opening bracket it does not look at what follows: reading that fails if it
// is no element.
func (d *decoder) more(closing byte) bool {
	first := d.first
	d.first = false
	c := d.next()
	if c == closing {
		d.i++
		return false
	}
	if first {
		return d.err == nil
	}
	if c != ',' {
		d.noComma(closing)
		return false
	}
	comma := d.i
	d.i++
	if d.next() == closing {
		d.fail(comma, fmt.Sprintf("this comma is one too many: nothing follows it before the closing %c", closing))
		return false
	}
	return true
}

// name reads the name of a member and its colon, and returns the name as
// content does.
func (d *decoder) name(halves bool) []byte {
	if d.next() != '"' {
		d.expect("a name in double quotes")
		return nil
	}
	name := d.content(halves)
	if d.next() != ':' {
		d.expect("a colon : between the name and its value")
		return nil
	}
	d.i++
	return name
}

// word reads null, true or false.
func (d *decoder) word(w string) {
	if !bytes.HasPrefix(d.data[d.i:], []byte(w)) {
		d.expect(w)
		return
	}
	d.i += len(w)
}

// end fails if anything but white space follows.
func (d *decoder) end(after string) {
	if d.next(); d.i < len(d.data) {
		d.fail(d.i, fmt.Sprintf("nothing may follow %s, but there is %s", after, d.found(d.i)))
	}
}

// number returns the length of the number that b begins with. ok is false if
// JSON does not allow such a number; length is then how far it was read.
func number(b []byte) (length int, ok bool) {
	i := 0
	if i < len(b) && b[i] == '-' {
		i++
	}
	n := digits(b[i:])
	ok = n == 1 || n > 1 && b[i] != '0'
	i += n
	if ok && i < len(b) && b[i] == '.' {
		i++
		n = digits(b[i:])
		ok = n > 0
		i += n
	}
	if ok && i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		n = digits(b[i:])
		ok = n > 0
		i += n
	}
	return i, ok
}

// digits returns how many digits b begins with.
func digits(b []byte) (n int) {
	for n < len(b) && isDigit(b[n]) {
		n++
	}
	return n
}

// content reads a string, whose opening quote is the next byte, and returns
// what it stands for, without quotes and escapes. The result is valid until the
// next string is read. With halves, an escape for one half of a surrogate pair
// may stand alone, as serde allows it inside values that it ignores; it is
// returned as U+FFFD.
func (d *decoder) content(halves bool) []byte {
	raw, escaped := d.quoted()
	if !escaped {
		return raw
	}
	return d.unescape(raw, halves)
}

// quoted reads a string and returns what stands between its quotes. It fails
// at control characters and invalid UTF-8. It does not check escapes, but each
// backslash in the result is followed by another byte.
func (d *decoder) quoted() (raw []byte, escaped bool) {
	start := d.i + 1
	for i, sure := start, true; ; {
		at, ok := special(d.data, i)
		sure = sure && ok
		if at == len(d.data) {
			d.i = at
			d.expect(`the closing " of a text`)
			return nil, false
		}
		switch c := d.data[at]; c {
		case '"':
			raw = d.data[start:at]
			if !sure && !utf8.Valid(raw) {
				d.fail(start+invalid(raw), "this byte is not UTF-8, the encoding of goals.json; save the file as UTF-8")
				return nil, false
			}
			d.i = at + 1
			return raw, escaped
		case '\\':
			escaped = true
			i = min(at+2, len(d.data))
			if i > at+1 && d.data[at+1] < ' ' {
				i = at + 1 // so that the control character is found
			}
		default:
			d.fail(at, control(c))
			return nil, false
		}
	}
}

// unescape returns the string that was just read, raw between its quotes,
// without its escapes.
func (d *decoder) unescape(raw []byte, halves bool) []byte {
	start := d.i - 1 - len(raw)
	buf := d.buf[:0]
	for i := 0; i < len(raw); {
		n := bytes.IndexByte(raw[i:], '\\')
		if n < 0 {
			buf = append(buf, raw[i:]...)
			break
		}
		buf = append(buf, raw[i:i+n]...)
		i += n
		if c := unescaped[raw[i+1]]; c != 0 {
			buf = append(buf, c)
			i += 2
			continue
		}
		r, length := unicodeEscape(raw[i:])
		if length == 0 || utf16.IsSurrogate(r) && !halves {
			d.fail(start+i, badEscape(raw[i:]))
			return nil
		}
		buf = utf8.AppendRune(buf, r)
		i += length
	}
	d.buf = buf
	return buf
}

// unicodeEscape reads the \uXXXX, or the two for a surrogate pair, that b
// begins with. r is a surrogate if its other half is missing. length is 0 if b
// begins with no such escape.
func unicodeEscape(b []byte) (r rune, length int) {
	r = hex4(b)
	if r < 0 {
		return 0, 0
	}
	if utf16.IsSurrogate(r) {
		if pair := utf16.DecodeRune(r, hex4(b[6:])); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return r, 6
}

// unescaped is what a backslash and the byte stand for, 0 if for nothing.
var unescaped = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// hex4 returns the number in the \uXXXX that b begins with, -1 if b does not
// begin with one.
func hex4(b []byte) (r rune) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	for _, c := range b[2:6] {
		switch {
		case isDigit(c):
			c -= '0'
		case c|0x20-'a' <= 5:
			c = c | 0x20 - 'a' + 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}
