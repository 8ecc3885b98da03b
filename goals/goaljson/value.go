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

// variant reads a string that must be one of the known ones.
func variant[T ~string](d *decoder, name string, known []T) T {
	var value []byte
	c, start := d.next(), d.i
	if c == '"' {
		value = d.content(false)
		for _, k := range known {
			if string(value) == string(k) {
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
