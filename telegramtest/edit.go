package telegramtest

import (
	"bytes"
	"unicode/utf8"
)

// own finds the message a call wants to change.
func (s *Server) own(q *query) (*chat, *Message, *refusal) {
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
	case !m.FromBot || m.ForceReply:
		return nil, nil, bad("message can't be edited")
	}
	return c, m, s.writable(c)
}

// edit changes a message as the call says. Without reply_markup the buttons go, as they do at Telegram.
func (s *Server) edit(q *query, change func(*Message) *refusal) (any, *refusal) {
	keys, err := s.readMarkup(q.str("reply_markup"))
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

func (s *Server) editMessageText(q *query) (any, *refusal) {
	text, entities, err := s.words(q, "text", "entities")
	if err != nil {
		return nil, err
	}
	if text == "" {
		return nil, bad("message text is empty")
	}
	return s.edit(q, func(m *Message) *refusal {
		if m.File() != nil {
			return bad("there is no text in the message to edit")
		}
		if utf8.RuneCountInString(text) > maxText {
			return bad("message is too long")
		}
		m.Text, m.Entities = text, entities
		return nil
	})
}

func (s *Server) editMessageReplyMarkup(q *query) (any, *refusal) {
	return s.edit(q, func(*Message) *refusal { return nil })
}
