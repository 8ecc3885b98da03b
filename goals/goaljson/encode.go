package goaljson

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"goalbot/goals"
)

// What is written around the goals of a file.
const (
	empty   = "[]"
	before  = "[\n  "
	between = ",\n  "
	after   = "\n]"
)

// Append appends the whole file with these goals. A file ends without a line
// break.
func Append(dst []byte, list []*goals.Goal) []byte {
	return AppendPart(dst, list, 0, len(list))
}

// AppendPart appends what the file with these goals has from the goal at one index up
// to the one at another, without that. The first part has what stands before all goals,
// and the last what stands after them: all parts one after the other are the file.
func AppendPart(dst []byte, list []*goals.Goal, from, to int) []byte {
	if len(list) == 0 {
		return append(dst, empty...)
	}
	dst = slices.Grow(dst, size(list[from:to]))
	for i, g := range list[from:to] {
		if from+i == 0 {
			dst = append(dst, before...)
		} else {
			dst = append(dst, between...)
		}
		dst = AppendGoal(dst, g)
	}
	if to == len(list) {
		dst = append(dst, after...)
	}
	return dst
}

// AppendGoal appends one goal as it is in the file, from its { to its }. The
// lines after the first are indented as they are there.
func AppendGoal(dst []byte, g *goals.Goal) []byte {
	dst = appendString(append(dst, "{\n    \"id\": "...), g.ID)
	dst = appendString(append(dst, ",\n    \"description\": "...), g.Description)
	dst = append(dst, ",\n    \"status\": \""...)
	dst = appendKnown(dst, g.Status, goals.Statuses)
	dst = appendStrings(append(dst, "\",\n    \"acceptance\": "...), g.Acceptance)
	dst = append(dst, ",\n    \"sessions\": "...)
	dst = appendSessions(dst, g.Sessions)
	dst = strconv.AppendUint(append(dst, ",\n    \"progress\": "...), uint64(g.Progress), 10)
	dst = appendTime(append(dst, ",\n    \"created\": \""...), g.Created)
	dst = appendTime(append(dst, "\",\n    \"updated\": \""...), g.Updated)
	dst = appendStrings(append(dst, "\",\n    \"notes\": "...), g.Notes)
	dst = appendFields(dst, ",\n    ", g.Extra, goalType)
	return append(dst, "\n  }"...)
}

// size estimates how many bytes goals take, so that the buffer of a large file need
// not grow while it is written: the strings, what is around them, and a
// sixteenth for escapes.
func size(list []*goals.Goal) int {
	n := 0
	for _, g := range list {
		n += 280 + len(g.ID) + len(g.Description)
		for _, s := range g.Acceptance {
			n += 10 + len(s)
		}
		for _, s := range g.Notes {
			n += 10 + len(s)
		}
		for i := range g.Sessions {
			s := &g.Sessions[i]
			n += 130 + len(s.ID) + len(s.Task)
			if s.Evidence != nil {
				n += len(*s.Evidence)
			}
		}
	}
	return n + n/16
}

func appendSessions(dst []byte, sessions []goals.Session) []byte {
	if len(sessions) == 0 {
		return append(dst, "[]"...)
	}
	dst = append(dst, '[')
	for i := range sessions {
		s := &sessions[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(append(dst, "\n      {\n        \"session_id\": "...), s.ID)
		dst = appendString(append(dst, ",\n        \"task\": "...), s.Task)
		dst = append(dst, ",\n        \"state\": \""...)
		dst = appendKnown(dst, s.State, goals.SessionStates)
		dst = append(dst, "\",\n        \"evidence\": "...)
		if s.Evidence == nil {
			dst = append(dst, "null"...)
		} else {
			dst = appendString(dst, *s.Evidence)
		}
		dst = appendFields(dst, ",\n        ", s.Extra, sessionType)
		dst = append(dst, "\n      }"...)
	}
	return append(dst, "\n    ]"...)
}

// appendKnown appends a value that must be one of the known ones. If it is none
// of them, the first is written, because no other could be read back.
func appendKnown[T ~string](dst []byte, value T, known []T) []byte {
	if !slices.Contains(known, value) {
		value = known[0]
	}
	return append(dst, value...)
}

func appendStrings(dst []byte, list []string) []byte {
	if len(list) == 0 {
		return append(dst, "[]"...)
	}
	dst = append(dst, '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(append(dst, "\n      "...), s)
	}
	return append(dst, "\n    ]"...)
}

// appendFields appends unknown members as they were read. It leaves out a member
// that cannot have been read, because the whole file would not load with it.
func appendFields(dst []byte, separator string, fields []goals.Field, of *objectType) []byte {
	for _, f := range fields {
		if !validField(f, of) {
			continue
		}
		dst = append(append(dst, separator...), f.Name...)
		dst = append(append(dst, ": "...), f.Value...)
	}
	return dst
}

// validField reports whether a field can be read back as the same field.
func validField(f goals.Field, of *objectType) bool {
	d := decoder{data: []byte(f.Name + ":")}
	name := d.name(false)
	if d.err != nil || d.i != len(d.data) || f.Name[0] != '"' || slices.Contains(of.names, string(name)) {
		return false
	}
	d = decoder{data: []byte(f.Value)}
	d.skip()
	return d.err == nil && d.i == len(d.data)
}

// appendString appends a string with its quotes. Like serde, it escapes no more
// than it must, and nothing beyond ASCII.
func appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for start := 0; ; {
		i, sure := special(s, start)
		if !sure && !utf8.ValidString(s[start:i]) {
			dst = append(dst, strings.ToValidUTF8(s[start:i], "\uFFFD")...)
		} else {
			dst = append(dst, s[start:i]...)
		}
		if i == len(s) {
			return append(dst, '"')
		}
		switch c := s[i]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		start = i + 1
	}
}
