package telegramtest

import "strings"

// access is what a call wants of a chat (Bot API server, AccessRights).
type access int

const (
	toRead access = iota
	toEdit
	toWrite // also to delete and pin messages, and to set a menu
)

// chat finds the chat a call is for.
func (s *Server) chat(q *query, want access) (*chat, *Error) {
	text := q.str("chat_id")
	if text == "" {
		return nil, bad("chat_id is empty")
	}
	if name, ok := strings.CutPrefix(text, "@"); ok {
		for _, c := range s.chats {
			if c.Type == "supergroup" && strings.EqualFold(c.Username, name) {
				return s.reachable(c, want)
			}
		}
		return nil, bad("chat not found")
	}
	id := leadingInt(text)
	c := s.chats[id]
	if c == nil {
		if p := s.people[id]; p != nil && p.seen {
			return s.reachable(s.private(p.user), want) // known from a group
		}
		return nil, bad("chat not found")
	}
	return s.reachable(c, want)
}

// reachable is the order in which the Bot API server looks at a chat (Client::check_chat_access). A basic group that
// became a supergroup, or was deleted, takes no new messages, yet its old ones can be edited.
func (s *Server) reachable(c *chat, want access) (*chat, *Error) {
	ended := c.deleted || c.migrated != 0
	switch c.Type {
	case "private":
		switch p := s.people[c.ID]; {
		case !c.started && !p.seen:
			return nil, bad("chat not found")
		case p.deactivated && want >= toEdit:
			return nil, forbidden("user is deactivated")
		}
	case "group":
		switch {
		case c.migrated != 0 && want == toWrite:
			return nil, migrated(c.migrated)
		case c.deleted && want == toWrite:
			return nil, forbidden("the group chat was deleted")
		case !ended && c.bot == "kicked" && want >= toEdit:
			return nil, forbidden("bot was kicked from the group chat")
		case !ended && c.bot == "left" && want >= toEdit:
			return nil, forbidden("bot is not a member of the group chat")
		}
	default:
		switch {
		case c.deleted || c.bot == "kicked": // one cannot be told from the other
			return nil, forbidden("bot was kicked from the supergroup chat")
		case c.bot == "left" && (c.Username == "" || want >= toEdit):
			return nil, forbidden("bot is not a member of the supergroup chat")
		}
	}
	return c, nil
}

// writable tells whether the bot may write in a chat it knows.
func (s *Server) writable(c *chat) *Error {
	if c.Type != "private" {
		return nil
	}
	p := s.people[c.ID]
	switch {
	case p.user.IsBot:
		return forbidden("bot can't send messages to bots")
	case p.blocked:
		return forbidden("bot was blocked by the user")
	case !c.started:
		return forbidden("bot can't initiate conversation with a user")
	}
	return nil
}
