package telegramtest

import (
	"fmt"
	"slices"
	"strings"
)

// This file is about questions: messages that open the field for an answer on a phone (Bot API, ForceReply).

// Opens tells whether a message of the bot opens the field for an answer on a person's phone. A selective question opens
// in a group only for those whom its text mentions, and for the sender of the message that it replies to in the same
// topic; in a private chat it always does (Bot API, ForceReply; tdlib, get_reply_markup in ReplyMarkup.cpp).
func (s *Server) Opens(where Chat, messageID int, u User) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.known(where)
	m := c.find(messageID)
	return m != nil && c.opens(m, u)
}

// Answer types an answer into the field that is open on a person's phone, so that it replies to the newest question that
// opened there. It is an error if none did since the person wrote last.
func (s *Server) Answer(where Chat, from User, text string, options ...Option) (Message, error) {
	s.mu.Lock()
	question := 0
	c := s.known(where)
	for _, m := range slices.Backward(c.messages) {
		if m.From.ID == from.ID {
			break
		}
		if c.opens(m, from) {
			question = m.ID
			break
		}
	}
	s.mu.Unlock()
	if question == 0 {
		return Message{}, fmt.Errorf("answer %q: no question is open for %d in %d", text, from.ID, where.ID)
	}
	return s.Say(where, from, text, append(options, ReplyTo(question))...), nil
}

func (c *chat) opens(m *Message, u User) bool {
	switch {
	case !m.ForceReply:
		return false
	case c.Type == "private":
		return c.ID == u.ID
	case !c.members[u.ID]:
		return false
	}
	return !m.Selective || slices.Contains(m.targets, u.ID)
}

// setTargets finds the people for whom a selective question opens. m is not in its chat yet.
func (s *Server) setTargets(c *chat, m *Message) {
	if !m.ForceReply || !m.Selective || c.Type == "private" {
		return
	}
	for _, e := range m.Entities {
		switch name := strings.TrimPrefix(slice16(m.words(), e.Offset, e.Length), "@"); {
		case e.Type == "text_mention":
			m.targets = append(m.targets, e.User.ID)
		case e.Type == "mention":
			for _, p := range s.people {
				if strings.EqualFold(p.user.Username, name) {
					m.targets = append(m.targets, p.user.ID)
				}
			}
		}
	}
	hidden := false // whose answer it would be nobody can say: an administrator behind the group
	if replied := c.find(m.ReplyTo); replied != nil && replied.Thread == m.Thread {
		m.targets = append(m.targets, replied.From.ID)
		hidden = replied.SenderChat != 0
	}
	if !hidden && !slices.ContainsFunc(m.targets, func(id int64) bool { return c.members[id] }) {
		s.notice("a selective question that opens for nobody in %s: %q", c.Title, m.words())
	}
}
