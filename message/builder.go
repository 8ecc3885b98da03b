package message

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// Text is formatted text in the making. The zero Text is empty. What is added
// stands as it is: there is nothing to escape, and a person's own words cannot
// become formatting.
type Text struct {
	buf      strings.Builder
	units    int // UTF-16 code units so far
	runes    int
	entities []Entity
}

// Add appends plain text.
func (t *Text) Add(s string) *Text { return t.add(plainText, s) }

// Addf appends plain text made as by [fmt.Sprintf].
func (t *Text) Addf(format string, args ...any) *Text { return t.Add(fmt.Sprintf(format, args...)) }

// Bold appends text in bold.
func (t *Text) Bold(s string) *Text { return t.add(Bold, s) }

// Italic appends text in italics.
func (t *Text) Italic(s string) *Text { return t.add(Italic, s) }

// Strike appends text struck through.
func (t *Text) Strike(s string) *Text { return t.add(Strike, s) }

// Code appends text in a fixed-width face, to be copied with one tap.
func (t *Text) Code(s string) *Text { return t.add(Code, s) }

// Pre appends lines in a fixed-width face.
func (t *Text) Pre(s string) *Text { return t.add(Pre, s) }

// Instant appends words for a time, which a phone also shows on its own clock. Telegram
// counts the seconds in 32 bits; other times are plain words.
func (t *Text) Instant(s string, at time.Time) *Text {
	unix := at.Unix()
	if unix <= 0 || unix > math.MaxInt32 {
		return t.Add(s)
	}
	n := len(t.entities)
	t.add(Instant, s)
	if len(t.entities) > n {
		t.entities[n].Unix = unix
	}
	return t
}

// Folded appends a quotation of which a phone shows the beginning until it is tapped.
func (t *Text) Folded(s string) *Text { return t.add(Folded, s) }

// Mention appends the name of the person whom the message asks.
func (t *Text) Mention(name string) *Text { return t.add(Mention, name) }

// Append appends another text with its formatting.
func (t *Text) Append(o *Text) *Text {
	for _, e := range o.entities {
		e.Offset += t.units
		t.entities = append(t.entities, e)
	}
	t.buf.WriteString(o.buf.String())
	t.units += o.units
	t.runes += o.runes
	return t
}

func (t *Text) add(kind, s string) *Text {
	s = strings.ToValidUTF8(s, "\uFFFD")
	n := UTF16Len(s)
	if kind != plainText {
		// The Bot API trims white space at the ends of an entity; one of
		// nothing else would be an error there.
		inner := strings.TrimLeft(s, " \n")
		start := n - UTF16Len(inner)
		if length := UTF16Len(strings.TrimRight(inner, " \n")); length > 0 {
			t.entities = append(t.entities, Entity{Type: kind, Offset: t.units + start, Length: length})
		}
	}
	t.buf.WriteString(s)
	t.units += n
	t.runes += utf8.RuneCountInString(s)
	return t
}

// Len is the length so far in characters (code points), as the Bot API counts
// it against [MaxText].
func (t *Text) Len() int { return t.runes }

// Room is how many characters there is room for yet.
func (t *Text) Room() int { return MaxText - t.runes }

// Marks counts the formatting that is never dropped; see [Message.Fit].
func (t *Text) Marks() (n int) {
	for _, e := range t.entities {
		if e.Type == Bold || e.Type == Mention {
			n++
		}
	}
	return n
}

// String is the text without its formatting.
func (t *Text) String() string { return t.buf.String() }

// Message makes a message of the text, with rows of buttons.
func (t *Text) Message(rows ...[]Button) Message {
	return Message{Text: t.String(), Entities: slices.Clone(t.entities), Buttons: slices.DeleteFunc(rows, func(r []Button) bool { return len(r) == 0 })}
}

// Words is the text of the message, with its formatting.
func (m Message) Words() *Text {
	t := &Text{units: UTF16Len(m.Text), runes: utf8.RuneCountInString(m.Text), entities: slices.Clone(m.Entities)}
	t.buf.WriteString(m.Text)
	return t
}

// UTF16Len is the length of s in UTF-16 code units.
func UTF16Len(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
