package telegramtest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// own finds the message a call wants to change.
func (s *Server) own(q *query) (*chat, *Message, *Error) {
	if q.str("chat_id") == "" && q.int("message_id") == 0 {
		if q.str("inline_message_id") == "" {
			return nil, nil, bad("message identifier is not specified")
		}
		return nil, nil, bad("MESSAGE_ID_INVALID")
	}
	c, err := s.chat(q, toEdit)
	if err != nil {
		return nil, nil, err
	}
	m := c.find(int(q.int("message_id")))
	switch {
	case m == nil && s.cached(c, int(q.int("message_id"))) != nil:
		return nil, nil, bad("MESSAGE_ID_INVALID")
	case m == nil:
		return nil, nil, bad("message to edit not found")
	case !m.FromBot || m.Keyboard != nil || m.RemoveKeyboard || m.ForceReply:
		return nil, nil, bad("message can't be edited")
	}
	return c, m, s.writable(c)
}

// edit changes a message as the call says. Without reply_markup the buttons go, as they do at Telegram.
func (s *Server) edit(q *query, change func(*Message) *Error) (any, *Error) {
	keys, err := readMarkup(q.str("reply_markup"))
	if err != nil {
		return nil, err
	}
	c, old, err := s.own(q)
	if err != nil {
		return nil, err
	}
	if keys.isOn && !keys.isInline {
		return nil, bad("inline keyboard expected")
	}
	m := *old
	m.Buttons = keys.buttons
	if err := change(&m); err != nil {
		return nil, err
	}
	if m.Text == old.Text && m.Caption == old.Caption && bytes.Equal(encode(m.Entities), encode(old.Entities)) &&
		bytes.Equal(encode(m.Buttons), encode(old.Buttons)) {
		return nil, bad("message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	if err := s.rates.take(c, s.cfg.Now()); err != nil {
		return nil, err
	}
	m.Edited = s.cfg.Now()
	*c.change(old) = m
	return s.messageJSON(c, &m, true), nil
}

func (s *Server) editMessageText(q *query) (any, *Error) {
	text, entities, err := s.words(q, "text", "entities")
	if err != nil {
		return nil, err
	}
	if text == "" {
		return nil, bad("message text is empty")
	}
	return s.edit(q, func(m *Message) *Error {
		if m.Document != nil || m.Photo != nil {
			return bad("there is no text in the message to edit")
		}
		if utf8.RuneCountInString(text) > maxText {
			return bad("message is too long")
		}
		m.Text, m.Entities, m.NoPreview = text, entities, noPreview(q)
		return nil
	})
}

func (s *Server) editMessageCaption(q *query) (any, *Error) {
	caption, entities, err := s.words(q, "caption", "caption_entities")
	if err != nil {
		return nil, err
	}
	return s.edit(q, func(m *Message) *Error {
		if m.Document == nil && m.Photo == nil {
			return bad("there is no caption in the message to edit")
		}
		if utf8.RuneCountInString(caption) > maxCaption {
			return bad("message caption is too long")
		}
		m.Caption, m.Entities = caption, entities
		return nil
	})
}

func (s *Server) editMessageReplyMarkup(q *query) (any, *Error) {
	return s.edit(q, func(*Message) *Error { return nil })
}

// maxDeleteAge is how old a message may be that a bot deletes (Bot API, deleteMessage).
const maxDeleteAge = 48 * time.Hour

func (s *Server) deletable(c *chat, m *Message) *Error {
	if s.cfg.Now().Sub(m.Date) >= maxDeleteAge {
		return bad("message can't be deleted for everyone")
	}
	if !m.FromBot && c.Type != "private" && c.bot != "administrator" {
		return bad("message can't be deleted")
	}
	return nil
}

func (s *Server) deleteMessage(q *query) (any, *Error) {
	c, err := s.chat(q, toWrite)
	if err != nil {
		return nil, err
	}
	if q.int("message_id") <= 0 {
		return nil, bad("message identifier is not specified")
	}
	m := c.find(int(q.int("message_id")))
	if m == nil {
		return nil, bad("message to delete not found")
	}
	if err := s.deletable(c, m); err != nil {
		return nil, err
	}
	c.remove(m.ID)
	return true, nil
}

func (s *Server) deleteMessages(q *query) (any, *Error) {
	if q.str("message_ids") == "" {
		return nil, bad("message identifiers are not specified")
	}
	var ids []int
	if json.Unmarshal([]byte(q.str("message_ids")), &ids) != nil {
		return nil, bad("can't parse message_ids JSON object")
	}
	if len(ids) > maxBatch {
		return nil, bad("too many message identifiers specified")
	}
	if len(ids) == 0 {
		return nil, bad("message identifiers are not specified")
	}
	c, err := s.chat(q, toWrite)
	if err != nil {
		return nil, err
	}
	for _, id := range ids { // what cannot be found or deleted is skipped
		if m := c.find(id); m != nil && s.deletable(c, m) == nil {
			c.remove(id)
		}
	}
	return true, nil
}

func (s *Server) pinChatMessage(q *query) (any, *Error) { return s.pin(q, true) }

func (s *Server) unpinChatMessage(q *query) (any, *Error) { return s.pin(q, false) }

func (s *Server) pin(q *query, pinned bool) (any, *Error) {
	c, err := s.chat(q, toWrite)
	if err != nil {
		return nil, err
	}
	m := c.find(int(q.int("message_id")))
	switch {
	case m == nil && pinned:
		return nil, bad("message to pin not found")
	case m == nil:
		return nil, bad("message to unpin not found")
	case c.Type == "supergroup" && c.bot != "administrator":
		return nil, bad("not enough rights to manage pinned messages in the chat")
	}
	if err := s.writable(c); err != nil {
		return nil, err
	}
	c.change(m).Pinned = pinned
	return true, nil
}

// reactions are the emoji of Bot API «ReactionTypeEmoji».
var reactions = strings.Fields(`❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾
	💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡`)

func (s *Server) setMessageReaction(q *query) (any, *Error) {
	var kinds []struct{ Type, Emoji string }
	if raw := q.str("reaction"); raw != "" && json.Unmarshal([]byte(raw), &kinds) != nil {
		return nil, bad("can't parse reaction types JSON object")
	}
	c, err := s.chat(q, toRead)
	if err != nil {
		return nil, err
	}
	m := c.find(int(q.int("message_id")))
	if m == nil {
		return nil, bad("message to react not found")
	}
	if len(kinds) > 1 {
		return nil, bad("REACTIONS_TOO_MANY")
	}
	emoji := ""
	for _, k := range kinds {
		if emoji = strings.TrimSuffix(k.Emoji, "\uFE0F"); k.Type != "emoji" || !slices.Contains(reactions, emoji) {
			return nil, bad("REACTION_INVALID")
		}
	}
	if err := s.writable(c); err != nil {
		return nil, err
	}
	c.change(m).Reaction = emoji
	return true, nil
}
