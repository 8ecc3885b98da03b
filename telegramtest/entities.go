package telegramtest

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// len16 is the length of a text in UTF-16 units, in which the Bot API counts offsets.
func len16(text string) int {
	n := 0
	for _, r := range text {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// slice16 is a part of a text by UTF-16 units, cut short where the text ends.
func slice16(text string, offset, length int) string {
	from, ok := byteAt(text, offset)
	if !ok {
		from = len(text)
	}
	to, ok := byteAt(text, offset+length)
	if !ok {
		to = len(text)
	}
	return text[from:max(from, to)]
}

// byteAt is where a UTF-16 offset lies in the text. It reports false behind the end and inside a character.
func byteAt(text string, offset int) (int, bool) {
	n := 0
	for i, r := range text {
		if n >= offset {
			return i, n == offset
		}
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return len(text), n == offset
}

// The kinds of entities a bot may send; those that are false Telegram finds itself and passes over when they are sent.
var entityKinds = map[string]bool{
	"bold": true, "italic": true, "underline": true, "strikethrough": true, "spoiler": true, "blockquote": true,
	"expandable_blockquote": true, "code": true, "pre": true, "text_link": true, "text_mention": true,
	"custom_emoji": true, "date_time": true,
	"mention": false, "hashtag": false, "cashtag": false, "bot_command": false, "url": false, "email": false,
	"phone_number": false, "bank_card_number": false, "media_timestamp": false,
}

// Lacks makes the server one that is older than these kinds of entities and fields of buttons, and does not know them.
func (s *Server) Lacks(kinds ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lacks = map[string]bool{}
	for _, kind := range kinds {
		s.lacks[kind] = true
	}
}

// readEntities reads and checks the entities of a call. Telegram mends entities that cross each other; here they are
// refused, for who sends them has miscounted.
func (s *Server) readEntities(raw, text string) ([]Entity, *refusal) {
	if raw == "" {
		return nil, nil
	}
	var elements []json.RawMessage
	if json.Unmarshal([]byte(raw), &elements) != nil {
		s.notice("entities that are no JSON array: %.100s", raw)
		return nil, nil // Telegram passes over them (Bot API server, Client::get_input_entities, get_formatted_text)
	}
	var entities []Entity
	for _, element := range elements {
		e, skip, err := s.readEntity(element)
		if err != "" {
			return nil, bad("can't parse MessageEntity: %s", err)
		}
		if skip {
			continue
		}
		if err := checkPlace(e, text); err != nil {
			return nil, err
		}
		entities = append(entities, e)
	}
	sortEntities(entities)
	for i, e := range entities {
		for _, later := range entities[i+1:] {
			switch end := e.Offset + e.Length; {
			case later.Offset >= end:
			case later.Offset+later.Length > end:
				return nil, bad("entities at UTF-16 offsets %d and %d cross each other", e.Offset, later.Offset)
			case !mayContain(e, later) && !(later.Offset == e.Offset && later.Length == e.Length && mayContain(later, e)):
				return nil, bad("entity of type %s can't contain one of type %s", e.Type, later.Type)
			}
		}
	}
	return entities, nil
}

// mayContain is what Bot API «Nested entities» allows.
func mayContain(outer, inner Entity) bool {
	isQuote := func(e Entity) bool { return e.Type == "blockquote" || e.Type == "expandable_blockquote" }
	switch {
	case outer.Type == "code" || outer.Type == "pre":
		return false
	case isQuote(outer):
		return !isQuote(inner)
	case isStyle(outer):
		return inner.Type != "code" && inner.Type != "pre"
	}
	return isStyle(inner)
}

// timeFormat is Bot API «Date-time entity formatting».
var timeFormat = regexp.MustCompile(`^(r|w?[dD]?[tT]?)$`)

func (s *Server) readEntity(raw json.RawMessage) (e Entity, skip bool, problem string) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil || fields == nil {
		return e, false, "expected an Object"
	}
	for _, name := range []string{"type", "offset", "length"} {
		if fields[name] == nil {
			return e, false, `Can't find field "` + name + `"`
		}
	}
	if json.Unmarshal(raw, &e) != nil {
		return e, false, "a field is of the wrong type"
	}
	ours, known := entityKinds[e.Type]
	switch {
	case !known || s.lacks[e.Type]:
		return e, false, "Unsupported type specified"
	case !ours || e.Length == 0:
		return e, true, ""
	case e.Type == "text_link" && e.URL == "":
		return e, false, `Can't find field "url"`
	case e.Type == "text_link" && !isLink(e.URL):
		return e, false, "Entity URL is invalid"
	case e.Type == "text_mention" && (e.User == nil || e.User.ID == 0):
		return e, false, `Can't find field "user"`
	case e.Type == "text_mention" && s.people[e.User.ID] == nil:
		return e, false, "user not found"
	case e.Type == "custom_emoji" && leadingInt(e.CustomEmojiID) == 0:
		return e, false, "Invalid custom emoji identifier specified"
	case e.Type == "date_time" && e.UnixTime == 0:
		return e, false, `Can't find field "unix_time"`
	case e.Type == "date_time" && !timeFormat.MatchString(e.TimeFormat):
		return e, false, "Invalid date-time format specified"
	}
	return e, false, ""
}

// checkPlace refuses an entity that does not lie in the text or cuts a character in two.
func checkPlace(e Entity, text string) *refusal {
	const farAway = 1_000_000
	if e.Offset < 0 || e.Offset > farAway {
		return bad("receive an entity with incorrect offset %d", e.Offset)
	}
	if e.Length < 0 || e.Length > farAway {
		return bad("receive an entity with incorrect length %d", e.Length)
	}
	end := len16(text)
	if e.Offset+e.Length > end {
		return bad("entity beginning at UTF-16 offset %d ends after the end of the text at UTF-16 offset %d", e.Offset, end)
	}
	if _, ok := byteAt(text, e.Offset); !ok {
		return bad("entity begins in a middle of a UTF-16 symbol at UTF-16 offset %d", e.Offset)
	}
	if _, ok := byteAt(text, e.Offset+e.Length); !ok {
		return bad("entity beginning at UTF-16 offset %d ends in a middle of a UTF-16 symbol", e.Offset)
	}
	return nil
}

// withFound adds what Telegram finds in the text of a bot by itself. It looks neither into code nor into links.
func withFound(text string, entities []Entity) []Entity {
	all := slices.Clone(entities)
	for _, found := range findEntities(text) {
		hidden := slices.ContainsFunc(entities, func(e Entity) bool {
			switch e.Type {
			case "code", "pre", "text_link", "text_mention", "date_time":
				return found.Offset < e.Offset+e.Length && e.Offset < found.Offset+found.Length
			}
			return false
		})
		if !hidden {
			all = append(all, found)
		}
	}
	return split(all)
}

var finders = []struct {
	kind    string
	pattern *regexp.Regexp
	fits    func(text string, from, to int) bool
}{
	{"url", regexp.MustCompile(`(?i)(?:(?:https?|ftp|tg|ton)://[^\s<>"]+|(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|org|net|info|io|dev|app|me|de|uk|eu|fr|ru|ai|gov|edu)(?:[/?#][^\s<>"]*)?)`), notInWord},
	{"email", regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`), notInWord},
	{"bot_command", regexp.MustCompile(`/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?`), isCommand},
	{"mention", regexp.MustCompile(`@[A-Za-z0-9_]{2,32}`), notInWord},
	{"hashtag", regexp.MustCompile(`#[\pL\pN\pM_]{1,256}`), isHashtag},
	{"cashtag", regexp.MustCompile(`\$[A-Z]{1,8}`), notInWord},
}

// findEntities finds what a client makes tappable by itself.
func findEntities(text string) []Entity {
	var entities []Entity
	var taken [][2]int
	for _, f := range finders {
		for _, at := range f.pattern.FindAllStringIndex(text, -1) {
			from, to := at[0], at[1]
			if f.kind == "url" {
				to = from + len(strings.TrimRight(text[from:to], ".,:;!?'\")]}"))
			}
			free := !slices.ContainsFunc(taken, func(t [2]int) bool { return from < t[1] && t[0] < to })
			if !free || !f.fits(text, from, to) {
				continue
			}
			taken = append(taken, [2]int{from, to})
			entities = append(entities, Entity{Type: f.kind, Offset: len16(text[:from]), Length: len16(text[from:to])})
		}
	}
	sortEntities(entities)
	return entities
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

// around are the characters before and after a part of the text; blanks at its ends.
func around(text string, from, to int) (before, after rune) {
	before, after = ' ', ' '
	if from > 0 {
		before, _ = utf8.DecodeLastRuneInString(text[:from])
	}
	if to < len(text) {
		after, _ = utf8.DecodeRuneInString(text[to:])
	}
	return before, after
}

func notInWord(text string, from, to int) bool {
	before, after := around(text, from, to)
	return !isWord(before) && before != '@' && !isWord(after) && after != '@'
}

func isCommand(text string, from, to int) bool {
	before, after := around(text, from, to)
	return !isWord(before) && !strings.ContainsRune("/<>", before) && !isWord(after) && !strings.ContainsRune("/<>", after)
}

// isHashtag is false for a number, so that «#12» stays plain text.
func isHashtag(text string, from, to int) bool {
	before, _ := around(text, from, to)
	return !isWord(before) && strings.ContainsFunc(text[from+1:to], func(r rune) bool { return !unicode.IsDigit(r) })
}
