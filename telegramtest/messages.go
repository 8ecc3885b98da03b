package telegramtest

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"
)

// A Message is what a chat shows in one place now.
type Message struct {
	ID            int        `json:"id"`
	Chat          int64      `json:"chat"`
	Thread        int        `json:"thread,omitempty"` // the topic; 0 is none, or the general one of a forum
	From          User       `json:"from"`
	FromBot       bool       `json:"from_bot"`              // it is our bot's
	SenderChat    int64      `json:"sender_chat,omitempty"` // it was said in the name of a chat
	Date          time.Time  `json:"date"`
	Edited        time.Time  `json:"edited,omitzero"`
	Text          string     `json:"text,omitempty"`
	Caption       string     `json:"caption,omitempty"`
	Entities      []Entity   `json:"entities,omitempty"` // of the text or the caption
	Buttons       [][]Button `json:"buttons,omitempty"`  // the inline keyboard
	Rich          []byte     `json:"-"`                  // a rich message as JSON; Text is what it was made of
	Document      *Document  `json:"document,omitempty"`
	Photo         *Document  `json:"photo,omitempty"`
	Media         *Document  `json:"media,omitempty"` // a file of any other kind
	ReplyTo       int        `json:"reply_to,omitempty"`
	Quote         string     `json:"quote,omitempty"` // the part of the replied-to message that was marked
	Album         string     `json:"album,omitempty"` // media_group_id
	ForwardedFrom string     `json:"forwarded_from,omitempty"`
	Service       string     `json:"service,omitempty"`  // the field of a service message, as migrate_to_chat_id
	Silent        bool       `json:"silent,omitempty"`   // disable_notification
	Reaction      string     `json:"reaction,omitempty"` // the bot's

	// What a forced reply asks of the phone; for messages of the bot.
	ForceReply  bool   `json:"force_reply,omitempty"`
	Selective   bool   `json:"selective,omitempty"`
	Placeholder string `json:"placeholder,omitempty"`

	Update int64 `json:"update,omitempty"` // the last update that told the bot of it; 0 if none did

	serviceBody any
	targets     []int64 // for whom a selective question opens
}

// A Document is a file in a message. The same file has another id in each message that it was sent with, and one UniqueID.
type Document struct {
	ID       string `json:"file_id"`
	UniqueID string `json:"file_unique_id"`
	Kind     string `json:"kind"` // document, photo, video, audio, voice, video_note or animation
	Name     string `json:"name"`
	Mime     string `json:"mime_type"`
	Data     []byte `json:"-"`
}

// File is the file of a message, nil if it has none.
func (m *Message) File() *Document { return cmp.Or(m.Document, m.Photo, m.Media) }

// words are the text or the caption.
func (m *Message) words() string {
	if m.File() != nil {
		return m.Caption
	}
	return m.Text
}

// Messages is what a chat shows now, oldest first: everybody's messages, after edits and deletions.
func (s *Server) Messages(chatID int64) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[chatID]
	if c == nil {
		return nil
	}
	all := make([]Message, 0, len(c.messages))
	for _, m := range c.messages {
		all = append(all, *m)
	}
	return all
}

// Last is the newest message the bot wrote in a chat. It reports false if there is none.
func (s *Server) Last(chatID int64) (Message, bool) {
	for _, m := range slices.Backward(s.Messages(chatID)) {
		if m.FromBot {
			return m, true
		}
	}
	return Message{}, false
}

func (c *chat) find(id int) *Message {
	i, ok := slices.BinarySearchFunc(c.messages, id, func(m *Message, id int) int { return m.ID - id })
	if !ok {
		return nil
	}
	return c.messages[i]
}

// change puts a copy in place of a message, for what was handed out must not change under its reader.
func (c *chat) change(m *Message) *Message {
	copied := *m
	c.messages[slices.Index(c.messages, m)] = &copied
	return &copied
}

func (c *chat) remove(id int) bool {
	before := len(c.messages)
	c.messages = slices.DeleteFunc(c.messages, func(m *Message) bool { return m.ID == id })
	return len(c.messages) < before
}

// newMessage appends an empty message. Supergroups count their own; all other chats of an account share one counter.
func (s *Server) newMessage(c *chat) *Message {
	counter := &s.lastMessage
	if c.Type == "supergroup" {
		counter = &c.lastID
	}
	*counter++
	m := &Message{ID: *counter, Chat: c.ID, Date: s.cfg.Now()}
	c.messages = append(c.messages, m)
	return m
}

// messageJSON is the Bot API's Message. The answered message is told without the one that it answers.
func (s *Server) messageJSON(c *chat, m *Message, withReply bool) object {
	o := object{
		"message_id": m.ID, "date": m.Date.Unix(), "chat": c.Chat, "from": m.From,
		"future_field": object{"kind": "unknown"},
	}
	set := func(name string, is bool, value any) {
		if is {
			o[name] = value
		}
	}
	set("edit_date", !m.Edited.IsZero(), m.Edited.Unix())
	thread := cmp.Or(m.Thread, c.replyThread(m))
	set("message_thread_id", thread != 0, thread)
	set("is_topic_message", m.Thread != 0, true)
	if m.SenderChat != 0 {
		sender := Chat{ID: m.SenderChat, Type: "channel", Title: "Channel"}
		if known := s.chats[m.SenderChat]; known != nil {
			sender = known.Chat
		}
		o["sender_chat"] = sender
	}
	if m.ForwardedFrom != "" {
		o["forward_origin"] = object{"type": "hidden_user", "sender_user_name": m.ForwardedFrom, "date": m.Date.Unix()}
		o["forward_sender_name"], o["forward_date"] = m.ForwardedFrom, m.Date.Unix()
	}
	set("media_group_id", m.Album != "", m.Album)
	if m.Quote != "" {
		o["quote"] = s.quoteJSON(c, m)
	}
	entities := "entities"
	if m.File() != nil {
		entities = "caption_entities"
		set("caption", m.Caption != "", m.Caption)
	}
	switch {
	case m.File() != nil || m.Service != "":
	case m.Rich != nil:
		o["rich_message"] = json.RawMessage(m.Rich)
	default:
		o["text"] = m.Text
	}
	set(entities, len(m.Entities) > 0, m.Entities)
	if f := m.File(); f != nil {
		o[f.Kind] = f.json()
		set("document", f.Kind == "animation", f.json()) // for programs that know no animations (Bot API, Message)
	}
	set("reply_markup", len(m.Buttons) > 0, object{"inline_keyboard": m.Buttons})
	set(m.Service, m.Service != "", m.serviceBody)
	if replied := c.find(m.ReplyTo); replied != nil && withReply {
		o["reply_to_message"] = s.messageJSON(c, replied, false)
	}
	return o
}

// An Entity is a part of a text that means something. Offset and Length count UTF-16 units.
type Entity struct {
	Type          string `json:"type"`
	Offset        int    `json:"offset"`
	Length        int    `json:"length"`
	URL           string `json:"url,omitempty"`
	User          *User  `json:"user,omitempty"`
	Language      string `json:"language,omitempty"`
	CustomEmojiID string `json:"custom_emoji_id,omitempty"`
	UnixTime      int64  `json:"unix_time,omitempty"`
	TimeFormat    string `json:"date_time_format,omitempty"`
}

// A Button is one of an inline keyboard. Exactly one of the three fields after Text says what it does.
type Button struct {
	Text     string    `json:"text"`
	Data     string    `json:"callback_data,omitempty"`
	URL      string    `json:"url,omitempty"`
	CopyText *CopyText `json:"copy_text,omitempty"`
	Style    string    `json:"style,omitempty"` // danger, success or primary
}

// CopyText is what a button puts into the clipboard.
type CopyText struct {
	Text string `json:"text"`
}
