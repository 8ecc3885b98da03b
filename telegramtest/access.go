package telegramtest

// access is what a call wants of a chat (Bot API server, AccessRights).
type access int

const (
	toRead access = iota
	toEdit
	toWrite // also to set a menu
)

// chat finds the chat a call is for.
func (s *Server) chat(q *query, want access) (*chat, *refusal) {
	text := q.str("chat_id")
	if text == "" {
		return nil, bad("chat_id is empty")
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
func (s *Server) reachable(c *chat, want access) (*chat, *refusal) {
	switch c.Type {
	case "private":
		if !c.started && !s.people[c.ID].seen {
			return nil, bad("chat not found")
		}
	case "group":
		switch {
		case c.migrated != 0 && want == toWrite:
			return nil, migrated(c.migrated)
		case c.deleted && want == toWrite:
			return nil, forbidden("the group chat was deleted")
		case !c.deleted && c.migrated == 0 && c.bot == "kicked" && want >= toEdit:
			return nil, forbidden("bot was kicked from the group chat")
		}
	default:
		if c.deleted || c.bot == "kicked" { // one cannot be told from the other
			return nil, forbidden("bot was kicked from the supergroup chat")
		}
	}
	return c, nil
}

// writable tells whether the bot may write in a chat it knows.
func (s *Server) writable(c *chat) *refusal {
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
