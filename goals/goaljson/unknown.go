package goaljson

import (
	"bytes"

	"goalbot/goals"
)

// unknown reads the value of a member that the model does not know, and
// returns it and its name, whose opening quote is at nameAt, as they stand in
// the file.
func (d *decoder) unknown(nameAt int) goals.Field {
	d.next()
	value := d.i
	d.skip()
	if d.err != nil {
		return goals.Field{}
	}
	name := d.data[nameAt:value]
	name = name[:bytes.LastIndexByte(name, '"')+1]
	return goals.Field{Name: d.keep(name), Value: d.keep(d.data[value:d.i])}
}

// skip reads any value. It does not recurse, so that no depth is too deep.
func (d *decoder) skip() {
	d.open = d.open[:0]
	for {
		switch c := d.next(); {
		case c == '"':
			d.content(true)
		case c == '[' || c == '{':
			d.enter(c)
			d.open = append(d.open, c+2) // in ASCII the closing bracket is two further on
		case c == '-' || isDigit(c):
			d.skipNumber()
		case c == 't':
			d.word("true")
		case c == 'f':
			d.word("false")
		case c == 'n':
			d.word("null")
		default:
			d.expect("a value")
		}
		if !d.skipToNext() {
			return
		}
	}
}

// skipToNext reads what stands between a value inside the unknown one and the
// next: closing brackets, a comma, a name. It reports whether there is a next.
func (d *decoder) skipToNext() bool {
	for len(d.open) > 0 && d.err == nil {
		closing := d.open[len(d.open)-1]
		if d.more(closing) {
			if closing == '}' {
				d.name(true)
			}
			return true
		}
		d.open = d.open[:len(d.open)-1]
	}
	return false
}

func (d *decoder) skipNumber() {
	start := d.i
	length, ok := number(d.data[start:])
	d.i += length
	switch {
	case ok:
	case d.i == len(d.data):
		d.expect("the rest of a number")
	default:
		d.fail(start, "this is no number as JSON writes them, such as 12, -0.5 or 1e9")
	}
}
