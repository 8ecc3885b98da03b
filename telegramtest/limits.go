package telegramtest

import (
	"strings"
	"unicode/utf8"
)

// What Telegram accepts. Characters are Unicode code points, which is how its server counts them.
const (
	maxText        = 4096    // characters of a text, after the white space around it is taken away
	maxRaw         = 1 << 15 // bytes of a text as it comes
	maxCaption     = 1024    // characters
	maxToast       = 200     // characters of an answer to a callback query
	maxCallback    = 64      // bytes of callback_data
	maxRow         = 8       // buttons
	maxButtons     = 100
	maxMarkup      = 10 << 10 // bytes of a keyboard; Telegram's own measure is not public
	maxPlaceholder = 64       // characters
	maxUpload      = 50 << 20 // bytes
	maxPhoto       = 10 << 20 // bytes
	maxDownload    = 20 << 20 // bytes
	maxCommands    = 100
	maxDescription = 256 // characters of a command's description
)

var errUTF8 = bad("strings must be encoded in UTF-8")

// words reads a text or a caption with its entities, and gives back what people will see.
func (s *Server) words(q *query, field, entitiesField string) (string, []Entity, *refusal) {
	text := q.str(field)
	switch {
	case q.str("parse_mode") != "":
		return "", nil, bad("the stand-in knows entities only")
	case len(text) > maxRaw:
		return "", nil, bad("%s is too long", field)
	case !utf8.ValidString(text):
		return "", nil, errUTF8
	}
	entities, err := s.readEntities(q.str(entitiesField), text)
	if err != nil {
		return "", nil, err
	}
	text, entities = tidy(text, entities)
	if isBlank(text) {
		return "", nil, nil
	}
	return text, withFound(text, s.keepMost(entities)), nil
}

// vanishes tells which characters Telegram takes out of every text: carriage returns, separators of lines and
// paragraphs, the marks that turn the direction of writing, and three combining signs that draw over other lines.
func vanishes(r rune) bool {
	return r == '\r' || '\u2028' <= r && r <= '\u202E' || r == '\u0333' || r == '\u033F' || r == '\u030A'
}

// tidy does what Telegram does to every text: some characters vanish, other control characters become blanks, and white
// space around it goes, at the front only as far as no entity begins there.
func tidy(text string, entities []Entity) (string, []Entity) {
	if strings.ContainsFunc(text, vanishes) {
		text, entities = without(text, entities)
	}
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' {
			return ' '
		}
		return r
	}, text)

	text = strings.TrimRight(text, " \n")
	end := len16(text)
	first := end
	var kept []Entity
	for _, e := range entities {
		e.Length = min(e.Length, end-e.Offset)
		if e.Length <= 0 {
			continue
		}
		first = min(first, e.Offset)
		kept = append(kept, e)
	}
	cut := min(first, len(text)-len(strings.TrimLeft(text, " \n")))
	for i := range kept {
		kept[i].Offset -= cut
	}
	return text[cut:], kept
}

// without takes out what vanishes and moves the entities after it. All that vanishes is one UTF-16 unit long.
func without(text string, entities []Entity) (string, []Entity) {
	gone := func(end int) (n int) {
		for _, r := range slice16(text, 0, end) {
			if vanishes(r) {
				n++
			}
		}
		return n
	}
	moved := make([]Entity, 0, len(entities))
	for _, e := range entities {
		before := gone(e.Offset)
		e.Length -= gone(e.Offset+e.Length) - before
		e.Offset -= before
		moved = append(moved, e)
	}
	return strings.Map(func(r rune) rune {
		if vanishes(r) {
			return -1
		}
		return r
	}, text), moved
}

// isBlank tells whether a text shows nothing: Telegram takes it for empty.
func isBlank(text string) bool {
	return strings.Trim(text, " \n\t\u00A0\u1680\u180E\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A"+
		"\u200B\u200C\u200D\u200E\u200F\u202F\u205F\u2060\u2800\u3000\uFEFF\uFFFC") == ""
}
