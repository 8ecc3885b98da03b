package goaljson

import (
	"bytes"
	"fmt"
	"slices"

	"goalbot/goals"
)

// An objectType describes the objects of one type.
type objectType struct {
	what  string   // what people call such an object
	names []string // its members, in the order in which they are written

	// For each name, all that a program writes between the value before it
	// and its own value. None for an object that is a list of its values.
	prefixes [][]byte

	list *objectType // the same as a list of its values; nil for such a list
}

var (
	goalType = newObjectType("goal", "\n    ", "id", "description", "status", "acceptance", "sessions",
		"progress", "created", "updated", "notes")
	sessionType = newObjectType("session", "\n        ", "session_id", "task", "state", "evidence")
)

// optional are the members that may be missing.
var optional = []string{"acceptance", "sessions", "notes", "evidence"}

func newObjectType(what, indent string, names ...string) *objectType {
	t := &objectType{what: what, names: names}
	for i, name := range names {
		prefix := indent + `"` + name + `": `
		if i > 0 {
			prefix = "," + prefix
		}
		t.prefixes = append(t.prefixes, []byte(prefix))
	}
	t.list = &objectType{what: what, names: names}
	return t
}

// An object is the state of reading one object.
type object struct {
	of     *objectType
	nameAt int  // offset of the last name's opening quote
	seen   uint // bit i is set once names[i] was read
	next   int  // index of the known name that should come next
}

// object reads the bracket that opens an object, a { or the [ of a list of its
// values. It reports whether there is one.
func (d *decoder) object(of *objectType) (o object, ok bool) {
	if d.enter('{') {
		return object{of: of}, true
	}
	return object{of: of.list}, d.enter('[')
}

// member reads the next name and its colon, and returns the name if the type
// has it, else "". In a list it returns the name of the value that follows. At
// the closing bracket ok is false. It fails at a known name that was read before,
// and at the closing bracket if a member is missing.
func (d *decoder) member(o *object, extra []goals.Field) (name string, ok bool) {
	known := o.next
	if known < len(o.of.prefixes) && d.first == (known == 0) && bytes.HasPrefix(d.data[d.i:], o.of.prefixes[known]) {
		// As programs write it: one comparison covers comma, white space, name and colon.
		d.i += len(o.of.prefixes[known])
		d.first = false
		o.nameAt = d.i - len(o.of.names[known]) - len(`"": `)
	} else if o.of.list == nil {
		return d.element(o)
	} else {
		if !d.more('}') {
			d.complete(o, extra)
			return "", false
		}
		o.nameAt = d.i
		known = slices.Index(o.of.names, string(d.name(false)))
	}
	if known < 0 {
		return "", d.err == nil
	}
	name = o.of.names[known]
	if o.seen&(1<<known) != 0 {
		d.fail(o.nameAt, fmt.Sprintf("%q stands here for the second time in the same %s; it may stand there once", name, o.of.what))
	}
	o.seen |= 1 << known
	o.next = known + 1
	return name, d.err == nil
}

// element is member for a list of values. It fails at the closing bracket if a
// value is missing, and at a value beyond the last name.
func (d *decoder) element(o *object) (name string, ok bool) {
	if !d.more(']') {
		for _, name := range o.of.names[o.next:] {
			if d.err == nil && !slices.Contains(optional, name) {
				d.fail(d.i-1, fmt.Sprintf("this %s is a list of its values and ends before its %q", o.of.what, name))
			}
		}
		return "", false
	}
	if o.next == len(o.of.names) {
		d.fail(d.i, fmt.Sprintf("this value is one too many: a %s that is a list of its values has %d", o.of.what, o.next))
		return "", false
	}
	name = o.of.names[o.next]
	o.next++
	return name, d.err == nil
}

// complete fails if the object, whose closing brace was just read, lacks a
// member that it must have.
func (d *decoder) complete(o *object, extra []goals.Field) {
	for i, name := range o.of.names {
		if o.seen&(1<<i) == 0 && !slices.Contains(optional, name) {
			d.fail(d.i-1, missing(o.of.what, name, extra))
			return
		}
	}
}
