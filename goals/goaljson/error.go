package goaljson

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"goalbot/goals"
)

// This file has the error texts for people: where a goals.json does not load,
// and what to do about it. What they quote from the file is made safe to show
// first.

// Error says where and why a goals.json does not load. All its strings are safe
// to show: they have no control characters and nothing that reorders or hides
// text.
type Error struct {
	Line, Column int    // from 1; the column counts characters, not bytes
	Offset       int    // how many bytes stand before the place
	Goal         int    // the goal's place in the list, from 1; 0 outside the list
	Session      int    // the session's place in that goal, from 1; 0 outside one
	ID           string // of that goal, shortened; "" where it was not read yet
	Description  string // of that goal, shortened; "" where it was not read yet
	Problem      string // what is wrong and what was expected, without a full stop
	Excerpt      string // two lines for a fixed-width font: a piece of the file, and ^ below the place; or ""
}

// Error is one line: the place, the goal and the problem.
func (e *Error) Error() string {
	s := fmt.Sprintf("line %d, column %d", e.Line, e.Column)
	if e.Goal > 0 {
		s += fmt.Sprintf(", in goal %d", e.Goal)
	}
	if e.Description != "" {
		s += " (“" + e.Description + "”)"
	} else if e.ID != "" {
		s += " (" + e.ID + ")"
	}
	if e.Session > 0 {
		s += fmt.Sprintf(", session %d", e.Session)
	}
	return s + ": " + e.Problem
}

// fail keeps the error, if it is the first one, and ends all reading.
func (d *decoder) fail(offset int, problem string) {
	if d.err != nil {
		return
	}
	goal := d.number
	if d.goal == nil && goal > 0 {
		problem = fmt.Sprintf("after goal %d, %s", goal, problem)
		goal = 0
	}
	line := d.data[bytes.LastIndexByte(d.data[:offset], '\n')+1 : offset]
	e := &Error{
		Line:    1 + bytes.Count(d.data[:offset], []byte{'\n'}),
		Column:  1 + utf8.RuneCount(line),
		Offset:  offset,
		Goal:    goal,
		Session: d.session,
		Problem: problem,
		Excerpt: excerpt(d.data, offset),
	}
	if d.goal != nil {
		e.ID, e.Description = shown(d.goal.ID, 40), shown(d.goal.Description, 40)
	}
	d.err = e
	d.i = len(d.data)
}

// expect fails at the next byte because it is not what. If the file ends there,
// the place of the error is after the last byte that is not white space. Hints
// say more about what is there.
func (d *decoder) expect(what string, hints ...string) {
	if d.err != nil {
		return
	}
	if d.i == len(d.data) {
		d.fail(len(bytes.TrimRight(d.data, " \t\r\n")),
			"the file ends here, though "+what+" should follow; it was probably cut off while it was written")
		return
	}
	problem := "expected " + what + ", but there is " + d.found(d.i)
	for _, hint := range hints {
		if hint != "" {
			problem += ": " + hint
		}
	}
	d.fail(d.i, problem)
}

// found describes what is at an offset before the end of data.
func (d *decoder) found(at int) string {
	b := d.data[at:min(at+240, len(d.data))] // no more is shown, whatever size its characters have
	token := func(in func(c byte) bool) string {
		n := 1
		for n < len(b) && in(b[n]) {
			n++
		}
		return shown(string(b[:n]), 30)
	}
	switch c := b[0]; {
	case bytes.HasPrefix(b, []byte("<<<<<<<")), bytes.HasPrefix(b, []byte("=======")), bytes.HasPrefix(b, []byte(">>>>>>>")):
		return "a line " + string(b[:7]) + " of a merge that was not finished"
	case c == '"':
		text := token(func(c byte) bool { return c != '"' && c >= ' ' })
		return "the text " + text + `"`
	case c == '{':
		return "a {"
	case c == '[':
		return "a ["
	case c == ']' || c == '}':
		return "a closing " + string(c)
	case c == ',':
		return "a comma"
	case c == ':':
		return "a colon"
	case c == '-' || isDigit(c):
		return "the number " + token(func(c byte) bool { return isDigit(c) || strings.ContainsRune("+-.eE", rune(c)) })
	case isLetter(c):
		word := token(func(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' })
		if word == "null" || word == "true" || word == "false" {
			return word
		}
		return "the word " + word + " without quotes"
	case c == '\'':
		return "a single quote '; JSON knows double quotes \" only"
	case c == '/' || c == '#':
		return "a " + string(c) + " as of a comment; JSON has no comments"
	case c == 0:
		return "a zero byte; the file is damaged, or not saved as UTF-8"
	}
	r, size := utf8.DecodeRune(b)
	switch {
	case r == utf8.RuneError && size == 1:
		return "a byte that is not UTF-8"
	case strings.ContainsRune("“”„‟‘’‚«»", r):
		return "the quote " + string(r) + "; JSON knows the straight quote \" only"
	case unicode.IsSpace(r):
		return fmt.Sprintf("an unusual blank (U+%04X)", r)
	case !unicode.IsPrint(r):
		return fmt.Sprintf("the invisible character U+%04X", r)
	}
	return "the character " + string(r)
}

// noList says what the file is instead of a list.
func (d *decoder) noList() string {
	const emptyList = "; a list without any goals is written []"
	switch {
	case len(d.data) == 0:
		return "the file is empty" + emptyList
	case d.i == len(d.data):
		return "the file has nothing in it but blanks and line breaks" + emptyList
	case bytes.HasPrefix(d.data, []byte("\xEF\xBB\xBF")):
		return "the file begins with a byte order mark, three invisible bytes; save it as UTF-8 without BOM"
	case bytes.HasPrefix(d.data, []byte("\xFF\xFE")), bytes.HasPrefix(d.data, []byte("\xFE\xFF")):
		return "the file is UTF-16; save it as UTF-8"
	case d.data[0] == 0:
		return "the file begins with a zero byte; a full disk or a crash leaves files like that"
	}
	return "expected the [ that opens the list of goals, but there is " + d.found(d.i)
}

// noComma fails at the next byte because it is neither a comma nor the closing
// bracket.
func (d *decoder) noComma(closing byte) {
	expected := "a comma or the closing " + string(closing)
	if d.i == len(d.data) || d.err != nil {
		d.expect(expected)
		return
	}
	c := d.data[d.i]
	switch {
	case c == '"' || c == '{' || c == '[' || isDigit(c):
		d.fail(d.i, "a comma is missing before "+d.found(d.i))
	case d.data[d.i-1] == '"' && strings.IndexByte(":]}", c) < 0:
		d.fail(d.i, "expected "+expected+", but there is "+d.found(d.i)+`; a " inside a text is written \"`)
	default:
		d.expect(expected)
	}
}

// notOneOf fails at a value that is none of the known ones. value is the string
// that is there, "" if it is no string.
func (d *decoder) notOneOf(name string, known []string, value string) {
	hint := ""
	for _, k := range known {
		if similar(k, value) {
			hint = fmt.Sprintf("it is spelt %q", k)
		}
	}
	d.expect(fmt.Sprintf(`one of "%s" for %q`, strings.Join(known, `", "`), name), hint)
}

// missing says that a name is missing, and which of the unknown names was
// probably meant.
func missing(what, name string, extra []goals.Field) string {
	problem := fmt.Sprintf("this %s has no %q", what, name)
	for _, f := range extra {
		if similar(name, strings.Trim(f.Name, `"`)) {
			return problem + fmt.Sprintf(", though it has %s: they must be spelt the same", shown(f.Name, 30))
		}
	}
	return problem
}

// similar reports whether two words are equal without regard to case, spaces,
// hyphens and underscores.
func similar(a, b string) bool {
	bare := func(s string) string { return strings.NewReplacer("_", "", "-", "", " ", "").Replace(s) }
	return strings.EqualFold(bare(a), bare(b))
}

// control says what to do about a raw control character in a string.
func control(c byte) string {
	switch c {
	case '\n', '\r':
		return `the line ends inside a text: its closing " is missing, or the line break should be written \n`
	case '\t':
		return `there is a tab inside a text; it is written \t`
	case 0:
		return "there is a zero byte inside a text; the file is damaged"
	}
	return fmt.Sprintf(`there is the control character U+%04X inside a text; it is written \u%04x`, c, c)
}

// badEscape says what is wrong with the escape that b begins with.
func badEscape(b []byte) string {
	switch {
	case b[1] != 'u':
		_, size := utf8.DecodeRune(b[1:])
		return fmt.Sprintf(`%s is no escape that JSON knows; a backslash inside a text is written \\`, shown(string(b[:1+size]), 2))
	case hex4(b) < 0:
		return `\u is followed by four hexadecimal digits, as in \u00e9; these are not`
	}
	return fmt.Sprintf(`%s is one half of a character; the other half is missing`, b[:6])
}

// invalid finds the first byte of b that is not UTF-8.
func invalid(b []byte) int {
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(b)
}

// shown makes a string from the file safe to show: on one line, at most limit
// characters long, and without characters that hide or reorder text.
func shown(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, goals.OneLine(s[:min(len(s), 8*limit)]))
	if utf8.RuneCountInString(s) > limit {
		s = strings.TrimSpace(string([]rune(s)[:limit-1])) + "…"
	}
	return s
}

// excerpt returns at most 34 characters around an offset, and a second line with
// a ^ below it. Characters that may be wider or narrower than a letter, or run
// from right to left, are shown as a dot, so that the ^ is in the right column.
func excerpt(data []byte, at int) string {
	const width, left = 34, 22 // a phone shows some 35 fixed-width characters in a line
	line := data[bytes.LastIndexByte(data[:at], '\n')+1:]
	at -= len(data) - len(line)
	if end := bytes.IndexByte(line[at:], '\n'); end >= 0 {
		line = line[:at+end]
	}
	var head, tail []rune
	before := line[:at]
	for len(before) > 0 && len(head) < left {
		r, size := utf8.DecodeLastRune(before)
		before = before[:len(before)-size]
		head = append(head, narrow(r))
	}
	slices.Reverse(head)
	if len(before) > 0 {
		head[0] = '…'
	}
	after := line[at:]
	for len(after) > 0 && len(head)+len(tail) < width {
		r, size := utf8.DecodeRune(after)
		after = after[size:]
		tail = append(tail, narrow(r))
	}
	if len(after) > 0 {
		tail[len(tail)-1] = '…'
	}
	first := strings.TrimLeft(string(head), " ")
	column := utf8.RuneCountInString(first)
	first = strings.TrimRight(first+string(tail), " ")
	if first == "" {
		return ""
	}
	return first + "\n" + strings.Repeat(" ", column) + "^"
}

// narrow returns r if it is certain to be as wide as a letter, and otherwise
// what is shown in its place.
func narrow(r rune) rune {
	switch {
	case r == '\t' || r == '\r':
		return ' '
	case r < ' ' || r >= 0x590 || !unicode.IsPrint(r) || unicode.IsMark(r):
		return '·'
	}
	return r
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// words returns the values of a type as plain strings.
func words[T ~string](values []T) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = string(v)
	}
	return list
}
