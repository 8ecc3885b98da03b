package telegramtest

import (
	"slices"
	"time"
)

// cacheLasts is how long the Bot API server remembers a message that it was not told is gone (Bot API server, issue 101).
const cacheLasts = 30 * time.Minute

// stale is a message that is in the Bot API server's cache and nowhere else.
type stale struct {
	*Message
	until time.Time
}

// DeleteUnnoticed takes a message away as Delete does, and the Bot API server does not notice: bots are often not told
// of a deletion. For half an hour it takes the message for one that is there. A reply to it is then refused by Telegram
// itself with REPLY_MESSAGE_ID_INVALID, allow_sending_without_reply or not, and after that the server knows (tdlib,
// MessagesManager::on_send_message_fail); an edit is refused with MESSAGE_ID_INVALID.
func (s *Server) DeleteUnnoticed(where Chat, messageID int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.known(where)
	if m := c.find(messageID); m != nil {
		c.stale = append(c.stale, stale{m, s.cfg.Now().Add(cacheLasts)})
		c.remove(messageID)
	}
	s.touch()
}

// cached finds a message that is gone but in the cache.
func (s *Server) cached(c *chat, id int) *Message {
	now := s.cfg.Now()
	c.stale = slices.DeleteFunc(c.stale, func(m stale) bool { return !now.Before(m.until) })
	i := slices.IndexFunc(c.stale, func(m stale) bool { return m.ID == id })
	if i < 0 {
		return nil
	}
	return c.stale[i].Message
}

// uncache lets the server know that a message is gone.
func (c *chat) uncache(id int) {
	c.stale = slices.DeleteFunc(c.stale, func(m stale) bool { return m.ID == id })
}
