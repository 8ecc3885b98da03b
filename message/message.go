// Package message is what the program says to a person: text with
// formatting, buttons, a picture, a document. It knows nothing of Telegram but the units
// that chats count in, and nothing of what is said.
package message

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of one message, from the Bot API's sendMessage, sendPhoto, sendDocument
// and InlineKeyboardButton. Those on the number of buttons are not documented
// there and are what its server takes.
const (
	MaxText       = 4096 // code points
	MaxCaption    = 1024 // code points of the text that comes with a picture or a document
	MaxPhoto      = 10_000_000
	MaxDocument   = 50_000_000
	MaxButtonData = 64     // bytes
	MaxButtons    = 100    // of one message
	MaxRow        = 8      // buttons side by side
	MaxMarkup     = 10_000 // bytes of all buttons as the Bot API has them
	MaxEntities   = 100    // of one text; Telegram drops the rest without a word
	MaxToast      = 200    // code points of what is shown over the chat after a tap
	MaxCopied     = 256    // code points of what a button copies (Bot API, CopyTextButton)
	MaxLink       = 2048   // bytes of what a button opens; not documented
)

// Message is one thing to be said, or to be put in the place of one that was
// said before.
type Message struct {
	Text     string     `json:"text"`
	Entities []Entity   `json:"entities,omitempty"`
	Buttons  [][]Button `json:"buttons,omitempty"`
	Photo    []byte     `json:"photo,omitempty"`    // a PNG, with the text as its caption
	Document *Document  `json:"document,omitempty"` // a file, with the text as its caption
	File     *File      `json:"file,omitempty"`     // likewise, one that the chat's server has

	Thread  int64 `json:"thread,omitempty"`   // the topic of a forum that it belongs to
	ReplyTo int64 `json:"reply_to,omitempty"` // the message it answers
	// Edit is the message whose place it takes; where that is gone, it is
	// sent anew. Without a text only the buttons change, and nothing is sent.
	Edit int64 `json:"edit,omitempty"`
	// Over is the tag of the message whose place it takes, where that has been
	// delivered by then; Edit follows from it.
	Over string `json:"over,omitempty"`
	// Lapses says that it is left out where the chat does not take it, and, with Over,
	// where the message whose place it would take is gone.
	Lapses bool `json:"lapses,omitempty"`

	// React is an emoji to put on the message that it answers, instead of saying
	// anything; where Telegram does not take that, the message is said.
	React string `json:"react,omitempty"`

	Quiet bool `json:"quiet,omitempty"` // no sound
	Ask   bool `json:"ask,omitempty"`   // the client opens the keyboard for an answer to this
	// Asked is the person whose keyboard Ask opens, where others read the
	// message too: in a group that is done only for whom the message mentions,
	// or whose message it answers (Bot API, ForceReply).
	Asked int64 `json:"asked,omitempty"`
	// Answer says that it answers a command. Where many such wait, they may be
	// told together.
	Answer bool `json:"answer,omitempty"`
	// Tapped says that it answers a tap on a button, so that somebody looks at the
	// message whose place it takes.
	Tapped bool `json:"tapped,omitempty"`

	// Render names what the message is made by when it leaves, and Args say of
	// what: something large, or something that is to show how things stand
	// then, does not wait in the outbox itself. Until then it has no text.
	Render string `json:"render,omitempty"`
	Args   string `json:"args,omitempty"`

	// For says whom it is for, in the words of whoever queues it, where nobody
	// has just asked for it: whether they may have it still is looked at again
	// when it leaves.
	For string `json:"for,omitempty"`
	// Instead is said where the chat takes no picture, or no file of that kind.
	Instead *Message `json:"instead,omitempty"`
	// Elsewhere are private chats that it goes to where the chat does not take
	// it at all, and About is what it says there at its end, so that people know
	// what it belongs to.
	Elsewhere []int64 `json:"elsewhere,omitempty"`
	About     string  `json:"about,omitempty"`

	// Tag names the message to whoever queued it: once it has been delivered,
	// the palace holds the chat's number for it: see [SentName].
	Tag string `json:"tag,omitempty"`
}

// SentName is the name of the record for the newest message with that tag in
// that chat.
func SentName(tag string, chat int64) string { return fmt.Sprintf("%s/%d", tag, chat) }

// Entity formats a part of the text. Offset and Length are in UTF-16 code
// units, as the Bot API's MessageEntity has them.
type Entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	Unix   int64  `json:"unix_time,omitempty"` // of an [Instant]
}

// Types of entity that we use, spelt as in the Bot API.
const (
	Bold      = "bold"
	Italic    = "italic"
	Code      = "code"
	Pre       = "pre"
	Strike    = "strikethrough"
	Mention   = "text_mention" // of the person that [Message.Asked] names
	Instant   = "date_time"    // a tap shows it on the reader's own clock (Bot API 9.5)
	Folded    = "expandable_blockquote"
	plainText = ""
)

// Button is pressed instead of typing: its Command is handled like the same
// words after a slash. Instead of a Command it may have one of URL and Copy.
type Button struct {
	Label   string `json:"label"`
	Command string `json:"command,omitempty"`
	URL     string `json:"url,omitempty"`  // opened by the phone
	Copy    string `json:"copy,omitempty"` // put into the clipboard by the phone (Bot API 7.11)
	Style   Style  `json:"style,omitempty"`
}

// check says why a button does not do one thing that Telegram takes.
func (b Button) check() error {
	kinds := 0
	for _, does := range []string{b.Command, b.URL, b.Copy} {
		if does != "" {
			kinds++
		}
	}
	switch {
	case kinds != 1:
		return fmt.Errorf("it does %d things", kinds)
	case len(b.Command) > MaxButtonData:
		return fmt.Errorf("it has a command of %d bytes", len(b.Command))
	case len(b.URL) > MaxLink:
		return fmt.Errorf("it opens a link of %d bytes", len(b.URL))
	case utf8.RuneCountInString(b.Copy) > MaxCopied:
		return fmt.Errorf("it copies %d characters", utf8.RuneCountInString(b.Copy))
	}
	return nil
}

// Style is the colour of a button, for the few that need one. Clients that do
// not know it show the button as any other.
type Style string

// The styles, spelt as in the Bot API.
const (
	Danger  Style = "danger"  // cannot be seen back at once
	Success Style = "success" // finishes something
	Primary Style = "primary" // the main thing to do on a screen
)

// File is a file that the chat's server has, by the id that it gave it. Of a video note
// it shows no caption.
type File struct {
	Kind string `json:"kind"` // one of [FileKinds]
	ID   string `json:"id"`
}

// FileKinds are the kinds of files that are sent by their ids, spelt as in the Bot API.
var FileKinds = []string{"photo", "document", "video", "audio", "voice", "video_note", "animation"}

// Attached reports whether a picture or a file comes with the text, which is then its
// caption.
func (m Message) Attached() bool { return m.Uploads() || m.File != nil }

// Uploads reports whether a picture or a file is sent that the server does not have.
func (m Message) Uploads() bool { return m.Photo != nil || m.Document != nil }

// Encode turns a message into the bytes that the palace keeps. One that
// Telegram would not take is an error, since it would never leave; see
// [Message.Fit].
func (m Message) Encode() ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("encode message: %w", err)
	}
	return json.Marshal(m)
}

// ButtonsAlone reports whether a message changes nothing but the buttons of
// the one whose place it takes.
func (m Message) ButtonsAlone() bool {
	return m.Edit != 0 && m.Text == "" && !m.Attached() && m.Render == ""
}

// Rendered is what a message has been made into: it goes where that was to go,
// and as it was to go there.
func (m Message) Rendered(made Message) Message {
	made.Thread, made.ReplyTo, made.Quiet, made.Answer, made.Tag, made.For = m.Thread, m.ReplyTo, m.Quiet, m.Answer, m.Tag, m.For
	if made.Edit == 0 {
		made.Edit = m.Edit
	}
	if made.Instead == nil {
		made.Instead = m.Instead
	}
	if made.Elsewhere == nil {
		made.Elsewhere, made.About = m.Elsewhere, m.About
	}
	return made
}

// Private is the message as it goes to one of the chats of Elsewhere.
func (m Message) Private() Message {
	private := Message{Text: m.Text, Entities: m.Entities, Buttons: m.Buttons, Photo: m.Photo, Document: m.Document, File: m.File, Quiet: m.Quiet, Ask: m.Ask, Asked: m.Asked}
	with := private
	with.Text = strings.TrimSpace(m.Text + "\n\n" + m.About)
	if with.check() != nil { // it has no room for more
		return private
	}
	return with
}

// InPlaceOf is what is said where the chat takes no picture or no such file, as
// a new message where m was to go. ok is false where there is nothing.
func (m Message) InPlaceOf() (instead Message, ok bool) {
	if m.Instead == nil {
		return m, false
	}
	instead = *m.Instead
	m.Instead, m.Edit = nil, 0
	return m.Rendered(instead), true
}

func (m Message) check() error {
	limit := MaxText
	if m.Attached() {
		limit = MaxCaption
	}
	if n := utf8.RuneCountInString(m.Text); n > limit {
		return fmt.Errorf("%d characters", n)
	}
	switch {
	case m.Render != "" && (m.Text != "" || m.Attached()):
		return errors.New("there is something beside what is to be made")
	case !m.Attached() && !m.ButtonsAlone() && m.Render == "" && strings.TrimSpace(m.Text) == "":
		return errors.New("there is no text")
	case m.Photo != nil && m.Document != nil, m.Uploads() && m.File != nil:
		return errors.New("there are several files")
	case m.File != nil && (m.File.ID == "" || !slices.Contains(FileKinds, m.File.Kind)):
		return fmt.Errorf("a file of the kind %q with an id of %d bytes", m.File.Kind, len(m.File.ID))
	case len(m.Photo) > MaxPhoto:
		return fmt.Errorf("a picture of %d bytes", len(m.Photo))
	case m.Document != nil && (m.Document.Size <= 0 || m.Document.Size > MaxDocument):
		return fmt.Errorf("a document of %d bytes", m.Document.Size)
	case m.Document != nil && m.Document.Write == nil:
		return errors.New("a document that nobody writes")
	}
	for _, row := range m.Buttons {
		if len(row) > MaxRow {
			return fmt.Errorf("%d buttons side by side", len(row))
		}
		for _, b := range row {
			switch {
			case b.Style != "" && b.Style != Danger && b.Style != Success && b.Style != Primary:
				return fmt.Errorf("button %q has the style %q", b.Label, b.Style)
			case strings.TrimSpace(b.Label) == "":
				return fmt.Errorf("the button for %q has no label", b.Command)
			}
			if err := b.check(); err != nil {
				return fmt.Errorf("button %q: %w", b.Label, err)
			}
		}
	}
	if n, size := count(m.Buttons), markupSize(m.Buttons); n > MaxButtons || size > MaxMarkup {
		return fmt.Errorf("%d buttons of %d bytes", n, size)
	}
	if len(m.Entities) > MaxEntities {
		return fmt.Errorf("%d entities", len(m.Entities))
	}
	return nil
}

// Decode is the inverse of [Message.Encode].
func Decode(body []byte) (Message, error) {
	var m Message
	if err := json.Unmarshal(body, &m); err != nil {
		return Message{}, fmt.Errorf("decode message: %w", err)
	}
	return m, nil
}
