package goaljson

import (
	"fmt"
	"time"
)

// This file reads the values of the members that the model knows. The name of
// the member is for the error.

func (d *decoder) text(name string) string {
	if d.next() != '"' {
		d.expect(fmt.Sprintf("a text in double quotes for %q", name))
		return ""
	}
	return d.keep(d.content(false))
}

func (d *decoder) textList(name string) []string {
	if !d.enter('[') {
		d.expect(fmt.Sprintf("a list of texts in [ ] for %q", name))
		return nil
	}
	list := d.strings[:0]
	for d.more(']') {
		list = append(list, d.text(name))
	}
	d.strings = list
	return d.stringPool.copyOf(list)
}

// variant reads a string that must be one of the known ones, or an object whose
// only member has such a name and the value null.
func variant[T ~string](d *decoder, name string, known []T) T {
	var value []byte
	c, start := d.next(), d.i
	object := c == '{' && d.enter(c) && d.more('}')
	if object {
		c, start = d.next(), d.i
	}
	if c == '"' {
		value = d.content(false)
		for _, k := range known {
			if string(value) == string(k) {
				if object {
					d.nothing(name)
				}
				return k
			}
		}
	}
	if d.err == nil {
		d.i = start
		d.notOneOf(name, words(known), string(value))
	}
	return ""
}

// nothing reads the rest of an object after the name of a variant: that it has no
// value.
func (d *decoder) nothing(name string) {
	if d.next() != ':' {
		d.expect("a colon : between the name and its value")
		return
	}
	d.i++
	d.next()
	d.word("null")
	if d.err == nil && d.more('}') {
		d.fail(d.i, fmt.Sprintf("%q is one value, and nothing may follow it before the closing }", name))
	}
}

// byteNumber reads a whole number from 0 to 255, written without a fraction
// or an exponent.
func (d *decoder) byteNumber(name string) byte {
	d.next()
	length, ok := number(d.data[d.i:])
	n := 0
	for _, c := range d.data[d.i : d.i+length] {
		n = n*10 + int(c-'0')
		ok = ok && isDigit(c) && n <= 255
	}
	if !ok {
		d.expect(fmt.Sprintf("a whole number from 0 to 255 for %q", name))
		return 0
	}
	d.i += length
	return byte(n)
}

func (d *decoder) time(name string) time.Time {
	c, start, why := d.next(), d.i, ""
	if c == '"' {
		var t time.Time
		if t, why = parseTime(d.content(false)); why == "" {
			return t
		}
	}
	if d.err == nil {
		d.i = start
		d.expect(fmt.Sprintf(`a date and time such as "2026-06-16T12:00:00Z" for %q`, name), why)
	}
	return time.Time{}
}
