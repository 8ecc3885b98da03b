// Package message is what the program says to a person: text with
// formatting, buttons, a document. It knows nothing of Telegram but the units
// that chats count in, and nothing of what is said.
package message

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// Limits of one message, from the Bot API's sendMessage and
// InlineKeyboardButton; the number of buttons is what clients show well.
const (
	MaxText       = 4096 // code points
	MaxButtonData = 64   // bytes
)

// Message is one thing to be said, or to be put in the place of one that was
// said before.
type Message struct {
	Text     string     `json:"text"`
	Entities []Entity   `json:"entities,omitempty"`
	Buttons  [][]Button `json:"buttons,omitempty"`
	Document *Document  `json:"document,omitempty"`

	Thread  int64 `json:"thread,omitempty"`   // the topic of a forum that it belongs to
	ReplyTo int64 `json:"reply_to,omitempty"` // the message it answers
	Edit    int64 `json:"edit,omitempty"`     // the message whose place it takes; where that is gone, it is sent anew
	Quiet   bool  `json:"quiet,omitempty"`    // no sound
	Ask     bool  `json:"ask,omitempty"`      // the client opens the keyboard for an answer to this

	// Tag names the message to whoever queued it: once it has been delivered,
	// the palace holds the chat's number for it under this tag.
	Tag string `json:"tag,omitempty"`
}

// Entity formats a part of the text. Offset and Length are in UTF-16 code
// units, as the Bot API's MessageEntity has them.
type Entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
}

// Types of entity that we use, spelt as in the Bot API.
const (
	Bold      = "bold"
	Italic    = "italic"
	Code      = "code"
	Pre       = "pre"
	Strike    = "strikethrough"
	Quote     = "blockquote"
	plainText = ""
)

// Button is pressed instead of typing: its Command is handled like the same
// words after a slash.
type Button struct {
	Label   string `json:"label"`
	Command string `json:"command"`
}

// Document is a file sent with the text as its caption.
type Document struct {
	Name string `json:"name"`
	Data []byte `json:"data"`
}

// Encode turns a message into the bytes that the palace keeps.
func (m Message) Encode() ([]byte, error) {
	for _, row := range m.Buttons {
		for _, b := range row {
			if len(b.Command) > MaxButtonData || b.Command == "" || b.Label == "" {
				return nil, fmt.Errorf("encode message: button %q has a command of %d bytes", b.Label, len(b.Command))
			}
		}
	}
	if n := utf8.RuneCountInString(m.Text); n > MaxText {
		return nil, fmt.Errorf("encode message: %d characters", n)
	}
	return json.Marshal(m)
}

// Decode is the inverse of [Message.Encode].
func Decode(body []byte) (Message, error) {
	var m Message
	if err := json.Unmarshal(body, &m); err != nil {
		return Message{}, fmt.Errorf("decode message: %w", err)
	}
	return m, nil
}
