package message

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// This file cuts what is too long for Telegram, so that no answer is refused
// for its size.

// Fit returns the message within the limits of text, formatting and buttons.
// What is too long is cut at the end of a line where one is near, and ends in
// an ellipsis. Formatting beyond [MaxEntities] goes by kind, so that equal
// things look equal: first what only decorates, never a mention. Labels are
// shortened, long rows are broken, and buttons go that cannot be sent: those
// whose command is too long, and the last ones but for the last row, which
// leads back. Pictures and files are not touched.
func (m Message) Fit() Message {
	limit := MaxText
	if m.Attached() {
		limit = MaxCaption
	}
	if cut := cutLines(m.Text, limit); cut != m.Text {
		m.Entities = within(m.Entities, strings.TrimSuffix(cut, "…"))
		m.Text = cut
	}
	m.Entities = fewer(m.Entities)
	m.Buttons = fitButtons(m.Buttons)
	return m
}

// Fits reports whether [Message.Fit] leaves words and buttons as they are.
func (m Message) Fits() bool {
	f := m.Fit()
	return f.Text == m.Text && slices.EqualFunc(f.Buttons, m.Buttons, func(a, b []Button) bool { return slices.Equal(a, b) })
}

// Clip shortens text to at most limit characters, an ellipsis included,
// between characters as a person sees them. One that is too long by itself goes.
func Clip(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	if limit < 1 {
		return ""
	}
	return closed(strings.TrimRightFunc(begin(text, limit-1), unicode.IsSpace), limit-1) + "…"
}

// begin is what fits of a text, in whole characters as a person sees them.
func begin(text string, limit int) string {
	n, end, state := 0, 0, -1
	for rest := text; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if n += utf8.RuneCountInString(cluster); n > limit {
			break
		}
		end += len(cluster)
	}
	return text[:end]
}

// cutLines shortens text to at most limit characters. The cut is at the end of
// a line, unless more than a quarter would be lost by that.
func cutLines(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	const tail = "\n…"
	kept := begin(text, limit-utf8.RuneCountInString(tail))
	if i := strings.LastIndexByte(kept, '\n'); i > len(kept)*3/4 {
		return strings.TrimRight(closed(kept[:i], limit-2), " \n") + tail
	}
	return Clip(text, limit)
}

// closed ends the isolates of Unicode UAX #9 that a cut has left open, within
// limit characters.
func closed(text string, limit int) string {
	open := 0
	for _, r := range text {
		switch {
		case r >= '\u2066' && r <= '\u2068':
			open++
		case r == '\u2069' && open > 0:
			open--
		}
	}
	if open == 0 {
		return text
	}
	return begin(text, limit-open) + strings.Repeat("\u2069", open)
}

// within cuts entities to the length of a text.
func within(entities []Entity, text string) (kept []Entity) {
	end := UTF16Len(strings.TrimRight(text, " \n"))
	for _, e := range entities {
		if e.Length = min(e.Length, end-e.Offset); e.Length > 0 {
			kept = append(kept, e)
		}
	}
	return kept
}

// fewer keeps as many entities as Telegram does, and the ones that matter.
func fewer(entities []Entity) []Entity {
	for _, decoration := range []string{Instant, Folded, Strike, Italic, Code, Pre} {
		if len(entities) <= MaxEntities {
			return entities
		}
		entities = slices.DeleteFunc(slices.Clone(entities), func(e Entity) bool { return e.Type == decoration })
	}
	surplus := len(entities) - MaxEntities
	kept := slices.Clone(entities)
	for i := len(kept) - 1; i >= 0 && surplus > 0; i-- {
		if kept[i].Type != Mention {
			kept = slices.Delete(kept, i, i+1)
			surplus--
		}
	}
	return kept
}

// labels are the lengths that labels are tried with where all the buttons are
// too much, in characters.
var labels = []int{64, 48, 32, 24, 16, 12, 8, 4}

func fitButtons(rows [][]Button) [][]Button {
	var kept [][]Button
	for _, row := range rows {
		row = slices.DeleteFunc(slices.Clone(row), func(b Button) bool { return b.check() != nil })
		for part := range slices.Chunk(row, MaxRow) {
			kept = append(kept, part)
		}
	}
	for count(kept) > MaxButtons {
		// The last row leads back, so what stands before it goes.
		i := max(len(kept)-2, 0)
		if kept[i] = kept[i][:len(kept[i])-1]; len(kept[i]) == 0 {
			kept = slices.Delete(kept, i, i+1)
		}
	}
	for _, limit := range labels {
		if markupSize(kept) <= MaxMarkup {
			break
		}
		for _, row := range kept {
			for i := range row {
				row[i].Label = Clip(row[i].Label, limit)
			}
		}
	}
	return kept
}

func count(rows [][]Button) (n int) {
	for _, row := range rows {
		n += len(row)
	}
	return n
}

// markupSize is how many bytes the buttons take as the Bot API has them.
func markupSize(rows [][]Button) int {
	size := len(`{"inline_keyboard":[]}`)
	for _, row := range rows {
		size += len("[],")
		for _, b := range row {
			size += len(`{"text":,"callback_data":},`) + quotedSize(b.Label) + quotedSize(b.Command+b.URL+b.Copy)
			if b.Copy != "" {
				size += len(`{"text":}`)
			}
			if b.Style != "" {
				size += len(`,"style":`) + quotedSize(string(b.Style))
			}
		}
	}
	return size
}

func quotedSize(s string) int {
	quoted, _ := json.Marshal(s) // a string never fails
	return len(quoted)
}
