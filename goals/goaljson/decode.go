package goaljson

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"goalbot/goals"
)

// A kind is what is known of the objects of one kind: what they are called,
// the names of their members in the order of the file, and how each name
// stands in a file that a program wrote.
type kind struct {
	what  string
	names []string
	lines [][]byte
}

var (
	goalKind = newKind("goal", "\n    ", "id", "description", "status", "acceptance", "sessions",
		"progress", "created", "updated", "notes")
	sessionKind = newKind("session", "\n        ", "session_id", "task", "state", "evidence")
)

// The members that may be missing.
var optional = []string{"acceptance", "sessions", "notes", "evidence"}

func newKind(what, indent string, names ...string) *kind {
	k := &kind{what: what, names: names}
	for i, name := range names {
		line := indent + `"` + name + `":`
		if i > 0 {
			line = "," + line
		}
		k.lines = append(k.lines, []byte(line))
	}
	return k
}

// Decode reads a whole goals.json. The list is never nil without an error,
// and the error is always an [*Error]. data is not kept.
func Decode(data []byte) ([]*goals.Goal, error) {
	d := decoder{data: data}
	list := d.list()
	d.end("the closing ] of the list")
	if d.err != nil {
		return nil, d.err
	}
	return list, nil
}

// DecodeGoal reads one goal as [AppendGoal] writes it. The error is always an
// [*Error]. data is not kept.
func DecodeGoal(data []byte) (*goals.Goal, error) {
	d := decoder{data: data}
	g := d.readGoal()
	d.end("the closing } of the goal")
	if d.err != nil {
		return nil, d.err
	}
	return g, nil
}

// A decoder reads data from front to back. Its first error stays: it puts the
// decoder at the end of data, where every loop ends and nothing is found any
// more, so that few callers need to look at it.
type decoder struct {
	data []byte
	i    int // the next byte to read
	err  error

	number  int         // of the goal being read, from 1
	goal    *goals.Goal // the goal being read, for the error
	session int         // of the session being read, from 1; 0 outside

	buf      []byte          // a text without its escapes
	strings  []string        // the list being read
	sessions []goals.Session // the list being read
	open     []byte          // what closes the ignored values being read

	// What the goals are made of. See the package comment on memory.
	texts       strings.Builder
	goalPool    pool[goals.Goal]
	sessionPool pool[goals.Session]
	stringPool  pool[string]
}

func (d *decoder) list() []*goals.Goal {
	if d.next() != '[' {
		d.fail(d.i, d.noList())
		return nil
	}
	d.i++
	list := []*goals.Goal{}
	for first := true; d.more(first, ']'); first = false {
		d.number++
		list = append(list, d.readGoal())
	}
	d.number = 0
	return list
}

func (d *decoder) readGoal() *goals.Goal {
	g := &d.goalPool.take(1)[0]
	d.goal = g
	if !d.enter('{', "the { of a goal") {
		return g
	}
	m := members{of: goalKind}
	for name, ok := d.member(&m, g.Extra); ok; name, ok = d.member(&m, g.Extra) {
		switch name {
		case "id":
			g.ID = d.text(name)
		case "description":
			g.Description = d.text(name)
		case "status":
			g.Status = variant(d, name, goals.Statuses)
		case "acceptance":
			g.Acceptance = d.textList(name)
		case "sessions":
			g.Sessions = d.readSessions()
		case "progress":
			g.Progress = d.byteNumber(name)
		case "created":
			g.Created = d.time(name)
		case "updated":
			g.Updated = d.time(name)
		case "notes":
			g.Notes = d.textList(name)
		default:
			g.Extra = append(g.Extra, d.unknown(m.start))
		}
	}
	d.goal = nil
	return g
}

func (d *decoder) readSessions() []goals.Session {
	if !d.enter('[', `a list of sessions in [ ] for "sessions"`) {
		return nil
	}
	list := d.sessions[:0]
	for first := true; d.more(first, ']'); first = false {
		list = append(list, goals.Session{})
		d.session = len(list)
		d.readSession(&list[len(list)-1])
		d.session = 0
	}
	d.sessions = list
	return d.sessionPool.copyOf(list)
}

func (d *decoder) readSession(s *goals.Session) {
	if !d.enter('{', "the { of a session") {
		return
	}
	m := members{of: sessionKind}
	for name, ok := d.member(&m, s.Extra); ok; name, ok = d.member(&m, s.Extra) {
		switch name {
		case "session_id":
			s.ID = d.text(name)
		case "task":
			s.Task = d.text(name)
		case "state":
			s.State = variant(d, name, goals.SessionStates)
		case "evidence":
			if d.next() == 'n' {
				d.word("null")
			} else {
				s.Evidence = &d.stringPool.take(1)[0]
				*s.Evidence = d.text(name)
			}
		default:
			s.Extra = append(s.Extra, d.unknown(m.start))
		}
	}
}

// members is how far the reading of an object has come.
type members struct {
	of    *kind
	start int  // where the last name begins, if it is not known
	any   bool // whether a member was read at all
	seen  uint // a bit for each known name
	next  int  // the known name that comes next in a file that a program wrote
}

// member takes the name of the next member, or the closing brace, and returns
// the name if it is a known one, "" if not. A known name twice is refused, and
// so is a brace before all is there that must be.
func (d *decoder) member(m *members, extra []goals.Field) (name string, ok bool) {
	known := m.next
	if known < len(m.of.lines) && m.any == (known > 0) && bytes.HasPrefix(d.data[d.i:], m.of.lines[known]) {
		// As a program writes it: one comparison did for comma, white space, name and colon.
		d.i += len(m.of.lines[known])
	} else {
		if !d.more(!m.any, '}') {
			d.complete(m, extra)
			return "", false
		}
		m.start = d.i
		known = slices.Index(m.of.names, string(d.name()))
	}
	m.any = true
	if known < 0 {
		return "", d.err == nil
	}
	name = m.of.names[known]
	if m.seen&(1<<known) != 0 {
		before := d.data[:bytes.LastIndexByte(d.data[:d.i], '"')]
		d.fail(bytes.LastIndexByte(before, '"'), fmt.Sprintf("%q stands here for the second time in the same %s; it may stand there once", name, m.of.what))
	}
	m.seen |= 1 << known
	m.next = known + 1
	return name, d.err == nil
}

// complete fails where a member that must be there was not seen. It is called
// after the closing brace.
func (d *decoder) complete(m *members, extra []goals.Field) {
	if m.seen == 1<<len(m.of.names)-1 || d.err != nil {
		return
	}
	for i, name := range m.of.names {
		if m.seen&(1<<i) == 0 && !slices.Contains(optional, name) {
			d.fail(d.i-1, missing(m.of.what, name, extra))
			return
		}
	}
}

// next skips white space and returns the byte after it, which it does not
// take; 0 at the end.
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
			// An indented line: most white space is of this kind.
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

// enter takes the bracket that opens what is expected.
func (d *decoder) enter(open byte, expected string) bool {
	if d.next() != open {
		d.expect(expected)
		return false
	}
	d.i++
	return true
}

// more reports whether another element or member follows, and takes the comma
// before it, or else the closing bracket. At the end of the data there may
// seem to be a first one; reading it fails.
func (d *decoder) more(first bool, closing byte) bool {
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

// name takes the name of a member and its colon, and returns it without
// quotes and escapes. It is good until the next text is read.
func (d *decoder) name() []byte {
	if d.next() != '"' {
		d.expect("a name in double quotes")
		return nil
	}
	name := d.content()
	if d.next() != ':' {
		d.expect("a colon : between the name and its value")
		return nil
	}
	d.i++
	return name
}

// text reads the text that a member must have.
func (d *decoder) text(name string) string {
	if d.next() != '"' {
		d.expect(fmt.Sprintf("a text in double quotes for %q", name))
		return ""
	}
	return d.keep(d.content())
}

func (d *decoder) textList(name string) []string {
	if d.next() != '[' {
		d.expect(fmt.Sprintf("a list of texts in [ ] for %q", name))
		return nil
	}
	d.i++
	list := d.strings[:0]
	for first := true; d.more(first, ']'); first = false {
		list = append(list, d.text(name))
	}
	d.strings = list
	return d.stringPool.copyOf(list)
}

// variant reads a text that must be one of a few.
func variant[T ~string](d *decoder, name string, known []T) T {
	var value []byte
	c := d.next()
	start := d.i
	if c == '"' {
		value = d.content()
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

func (d *decoder) byteNumber(name string) byte {
	d.next()
	n, start := 0, d.i
	for d.i < len(d.data) && isDigit(d.data[d.i]) && n <= 255 {
		n = n*10 + int(d.data[d.i]-'0')
		d.i++
	}
	digits := d.i - start
	more := d.i < len(d.data) && bytes.IndexByte([]byte("0123456789.eE"), d.data[d.i]) >= 0
	if digits == 0 || n > 255 || digits > 1 && d.data[start] == '0' || more {
		d.i = start
		d.expect(fmt.Sprintf("a whole number from 0 to 255 for %q", name))
	}
	return byte(n)
}

func (d *decoder) time(name string) time.Time {
	c, start, why := d.next(), d.i, ""
	if c == '"' {
		var t time.Time
		if t, why = parseTime(d.content()); why == "" {
			return t
		}
	}
	if d.err == nil {
		d.i = start
		d.expect(fmt.Sprintf(`a date and time such as "2026-06-16T12:00:00Z" for %q`, name), why)
	}
	return time.Time{}
}

// unknown reads the value of a member that nobody here knows, and keeps it
// with its name, which begins at start.
func (d *decoder) unknown(start int) goals.Field {
	d.next()
	value := d.i
	d.skip()
	if d.err != nil {
		return goals.Field{}
	}
	name := d.data[start:value]
	name = name[:bytes.LastIndexByte(name, '"')+1]
	return goals.Field{Name: d.keep(name), Value: d.keep(d.data[value:d.i])}
}

// skip takes any value. However deep it is, it does not recurse.
func (d *decoder) skip() {
	d.open = d.open[:0]
	for {
		first := false
		switch c := d.next(); {
		case c == '"':
			d.skipText()
		case c == '[' || c == '{':
			d.i++
			d.open = append(d.open, c+2) // the closing one
			first = true
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
		for {
			if len(d.open) == 0 || d.err != nil {
				return
			}
			closing := d.open[len(d.open)-1]
			if d.more(first, closing) {
				if closing == '}' {
					d.skipName()
				}
				break
			}
			d.open = d.open[:len(d.open)-1]
			first = false
		}
	}
}

func (d *decoder) skipName() {
	if d.next() != '"' {
		d.expect("a name in double quotes")
		return
	}
	d.skipText()
	if d.next() != ':' {
		d.expect("a colon : between the name and its value")
		return
	}
	d.i++
}

func (d *decoder) skipNumber() {
	start := d.i
	digits := func() int {
		from := d.i
		for d.i < len(d.data) && isDigit(d.data[d.i]) {
			d.i++
		}
		return d.i - from
	}
	at := func(set string) bool {
		return d.i < len(d.data) && strings.IndexByte(set, d.data[d.i]) >= 0
	}
	if at("-") {
		d.i++
	}
	zero := at("0")
	n := digits()
	ok := n == 1 || n > 1 && !zero
	if ok && at(".") {
		d.i++
		ok = digits() > 0
	}
	if ok && at("eE") {
		d.i++
		if at("+-") {
			d.i++
		}
		ok = digits() > 0
	}
	if !ok {
		if d.i == len(d.data) {
			d.expect("the rest of a number")
			return
		}
		d.fail(start, "this is no number as JSON writes them, such as 12, -0.5 or 1e9")
	}
}

// word takes null, true or false.
func (d *decoder) word(w string) {
	if !bytes.HasPrefix(d.data[d.i:], []byte(w)) {
		d.expect(w)
		return
	}
	d.i += len(w)
}

// end fails where anything but white space follows.
func (d *decoder) end(after string) {
	if d.next(); d.i < len(d.data) {
		d.fail(d.i, fmt.Sprintf("nothing may follow %s, but there is %s", after, d.found(d.i)))
	}
}

// quoted takes a text and returns what stands between its quotes, as it is.
// Control characters and invalid UTF-8 in it are refused; escapes are not
// looked at.
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
				i = at + 1
			}
		default:
			d.fail(at, control(c))
			return nil, false
		}
	}
}

// content takes a text and returns it without its escapes. It is good until
// the next text is read.
func (d *decoder) content() []byte {
	raw, escaped := d.quoted()
	if !escaped {
		return raw
	}
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
		c := unescaped[raw[i+1]]
		switch {
		case c != 0:
			buf = append(buf, c)
			i += 2
		case raw[i+1] == 'u':
			r, n := unicodeEscape(raw[i:])
			if n == 0 {
				d.fail(start+i, badUnicodeEscape(raw[i:]))
				return nil
			}
			buf = utf8.AppendRune(buf, r)
			i += n
		default:
			d.fail(start+i, badEscape(raw[i:]))
			return nil
		}
	}
	d.buf = buf
	return buf
}

// unescaped is what stands for a backslash and the byte.
var unescaped = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unicodeEscape reads the \uXXXX, or the pair of them, that b begins with, and
// how long it is: 0 where it stands for no character.
func unicodeEscape(b []byte) (r rune, n int) {
	r = hex4(b)
	switch {
	case r < 0:
		return 0, 0
	case !utf16.IsSurrogate(r):
		return r, 6
	}
	r = utf16.DecodeRune(r, hex4(b[6:]))
	if r == utf8.RuneError {
		return 0, 0
	}
	return r, 12
}

// hex4 reads \uXXXX; -1 where b begins with none.
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

// skipText takes a text that is kept as it is. Escapes for half a surrogate
// pair are let through, as serde does not look that closely either.
func (d *decoder) skipText() {
	raw, escaped := d.quoted()
	if !escaped {
		return
	}
	start := d.i - 1 - len(raw)
	for i := 0; i < len(raw); i++ {
		switch {
		case raw[i] != '\\':
		case raw[i+1] == 'u' && hex4(raw[i:]) < 0:
			d.fail(start+i, badUnicodeEscape(raw[i:]))
			return
		case raw[i+1] != 'u' && unescaped[raw[i+1]] == 0:
			d.fail(start+i, badEscape(raw[i:]))
			return
		default:
			i++ // the next byte may be a backslash too
		}
	}
}

// keep copies a text.
func (d *decoder) keep(b []byte) string {
	const chunk = 8 << 10
	if len(b) > chunk/8 {
		return string(b)
	}
	if d.texts.Cap()-d.texts.Len() < len(b) {
		d.texts.Reset()
		d.texts.Grow(min(chunk, len(b)+len(d.data)-d.i))
	}
	n := d.texts.Len()
	d.texts.Write(b)
	return d.texts.String()[n:]
}

// A pool hands out small slices as pieces of larger ones. The first ones are
// no larger than needed, for a single goal needs no more.
type pool[T any] struct {
	free []T
	size int
}

func (p *pool[T]) take(n int) []T {
	const most = 32
	if n > most {
		return make([]T, n)
	}
	if n > len(p.free) {
		p.size = min(most, max(n, 2*p.size))
		p.free = make([]T, p.size)
	}
	taken := p.free[:n:n]
	p.free = p.free[n:]
	return taken
}

func (p *pool[T]) copyOf(list []T) []T {
	if len(list) == 0 {
		return nil
	}
	taken := p.take(len(list))
	copy(taken, list)
	return taken
}
