package telegram

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf16"

	"goalbot/handlers"
)

// This file reads formatting. Offsets that lie outside the text are passed over.

// asTyped gives back what a phone has made formatting of: the marks around
// code, and the address behind a link.
func asTyped(text string, entities []entity) string {
	if len(entities) == 0 {
		return text
	}
	units := utf16.Encode([]rune(text))
	marks := make(map[int]string, 2*len(entities)) // by where they go
	for _, e := range entities {
		end := e.Offset + e.Length
		if !e.lies(len(units)) {
			continue
		}
		switch e.Type {
		case "code":
			marks[e.Offset] += "`"
			marks[end] = "`" + marks[end]
		case "pre":
			before, after := "```", "```"
			if e.Language != "" {
				before += e.Language + "\n"
				if units[end-1] != '\n' {
					after = "\n" + after
				}
			}
			marks[e.Offset] += before
			marks[end] = after + marks[end]
		case "text_link":
			if shown := string(utf16.Decode(units[e.Offset:end])); shown != e.URL {
				marks[end] += " (" + e.URL + ")"
			}
		}
	}
	var b strings.Builder
	rest := 0
	for _, at := range slices.Sorted(maps.Keys(marks)) {
		b.WriteString(string(utf16.Decode(units[rest:at])))
		b.WriteString(marks[at])
		rest = at
	}
	b.WriteString(string(utf16.Decode(units[rest:])))
	return b.String()
}

// bold are the pieces in bold, a line each.
func bold(text string, entities []entity) string {
	var pieces []string
	units := utf16.Encode([]rune(text))
	for _, e := range entities {
		if e.Type == "bold" && e.lies(len(units)) {
			pieces = append(pieces, string(utf16.Decode(units[e.Offset:e.Offset+e.Length])))
		}
	}
	return strings.Join(pieces, "\n")
}

// of finds a quote in the message that it is of. The message may have been
// altered since: then it lies where the same words are, nearest to its place.
func (q *quote) of(text string, entities []entity) (part handlers.Quote) {
	if q == nil {
		return part
	}
	part.Text = strings.TrimSpace(q.Text)
	units, wanted := utf16.Encode([]rune(text)), utf16.Encode([]rune(part.Text))
	at := -1
	for i := 0; len(wanted) > 0 && i+len(wanted) <= len(units); i++ {
		if slices.Equal(units[i:i+len(wanted)], wanted) && (at < 0 || distance(i, q.Position) < distance(at, q.Position)) {
			at = i
		}
	}
	if at < 0 {
		return part
	}
	begin, end := at, at+len(wanted) // of the lines that it lies in
	for begin > 0 && units[begin-1] != '\n' {
		begin--
	}
	for end < len(units) && units[end] != '\n' {
		end++
	}
	var on, above []entity
	for _, e := range entities {
		if e.lies(len(units)) && e.Offset >= begin && e.Offset < end {
			on = append(on, e)
		} else if e.lies(len(units)) && e.Offset < begin {
			above = append(above, e)
		}
	}
	slices.Reverse(above)
	part.On, part.Above = bold(text, on), bold(text, above)
	return part
}

func distance(a, b int) int { return max(a-b, b-a) }

func (e entity) lies(length int) bool {
	return e.Offset >= 0 && e.Length > 0 && e.Length <= length && e.Offset <= length-e.Length
}
