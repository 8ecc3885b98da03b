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
	// and its own value.
	prefixes [][]byte
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
	return t
}

// An object is the state of reading one object.
type object struct {
	of     *objectType
	nameAt int  // offset of the last name's opening quote
	seen   uint // bit i is set once names[i] was read
	next   int  // index of the known name that should come next
}

// member reads the next name and its colon, and returns the name if the type
// has it, else "". At the closing brace ok is false. It fails at a known name
// that was read before, and at the closing brace if a member is missing.
func (d *decoder) member(o *object, extra []goals.Field) (name string, ok bool) {
	known := o.next
	if known < len(o.of.prefixes) && d.first == (known == 0) && bytes.HasPrefix(d.data[d.i:], o.of.prefixes[known]) {
		// As programs write it: one comparison covers comma, white space, name and colon.
		d.i += len(o.of.prefixes[known])
		d.first = false
		o.nameAt = d.i - len(o.of.names[known]) - len(`"": `)
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

// complete fails if the object, whose closing brace was just read, lacks a
// member that it must have.
func (d *decoder) complete(o *object, extra []goals.Field) {
	if o.seen == 1<<len(o.of.names)-1 || d.err != nil {
		return
	}
	for i, name := range o.of.names {
		if o.seen&(1<<i) == 0 && !slices.Contains(optional, name) {
			d.fail(d.i-1, missing(o.of.what, name, extra))
			return
		}
	}
}
