package telegramtest

import (
	"slices"
	"strings"
)

// chat finds the chat a call is for.
func (s *Server) chat(q *query) (*chat, *Error) {
	text := q.str("chat_id")
	if text == "" {
		return nil, bad("chat_id is empty")
	}
	if name, ok := strings.CutPrefix(text, "@"); ok {
		for _, c := range s.chats {
			if c.Type == "supergroup" && strings.EqualFold(c.Username, name) {
				return s.reachable(c)
			}
		}
		return nil, bad("chat not found")
	}
	id := leadingInt(text)
	c := s.chats[id]
	if c == nil {
		if p := s.people[id]; p != nil && p.seen {
			return s.reachable(s.private(p.user)) // known from a group
		}
		return nil, bad("chat not found")
	}
	return s.reachable(c)
}

func (s *Server) reachable(c *chat) (*chat, *Error) {
	switch {
	case c.migrated != 0:
		return nil, migrated(c.migrated)
	case c.Type == "private" && !c.started && !s.people[c.ID].seen:
		return nil, bad("chat not found")
	case c.deleted:
		return nil, forbidden("the group chat was deleted")
	case c.bot == "kicked":
		return nil, forbidden("bot was kicked from the " + c.Type + " chat")
	case c.bot == "left":
		return nil, forbidden("bot is not a member of the " + c.Type + " chat")
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
	case p.deactivated:
		return forbidden("user is deactivated")
	case p.blocked:
		return forbidden("bot was blocked by the user")
	case !c.started:
		return forbidden("bot can't initiate conversation with a user")
	}
	return nil
}

var chatActions = []string{
	"cancel", "typing", "record_video", "upload_video", "record_audio", "record_voice", "upload_audio", "upload_voice",
	"upload_photo", "upload_document", "choose_sticker", "pick_up_location", "find_location", "record_video_note",
	"upload_video_note",
}

// sendChatAction does not look at message_thread_id (Bot API server, Client::process_send_chat_action_query).
func (s *Server) sendChatAction(q *query) (any, *Error) {
	if !slices.Contains(chatActions, strings.ToLower(q.str("action"))) {
		return nil, bad("wrong parameter action in request")
	}
	c, err := s.chat(q)
	if err != nil {
		return nil, err
	}
	if err := s.writable(c); err != nil {
		return nil, err
	}
	return true, nil
}

func (s *Server) getChat(q *query) (any, *Error) {
	c, err := s.chat(q)
	if err != nil {
		return nil, err
	}
	o := object{"id": c.ID, "type": c.Type, "accent_color_id": 0, "max_reaction_count": 11}
	if c.Type == "private" {
		p := s.people[c.ID].user
		o["first_name"] = p.FirstName
		if p.Username != "" {
			o["username"] = p.Username
		}
		return o, nil
	}
	o["title"] = c.Title
	if c.Forum {
		o["is_forum"] = true
	}
	return o, nil
}

func (s *Server) getChatMember(q *query) (any, *Error) {
	id := q.int("user_id")
	if id <= 0 {
		return nil, bad("invalid user_id specified")
	}
	c, err := s.chat(q)
	if err != nil {
		return nil, err
	}
	if me := s.bot(); id == me.ID {
		return object{"user": me, "status": c.bot}, nil
	}
	p := s.people[id]
	if p == nil || !p.seen {
		return nil, bad("user not found")
	}
	status := "left"
	if c.members[id] {
		status = "member"
	}
	return object{"user": p.user, "status": status}, nil
}

func (s *Server) leaveChat(q *query) (any, *Error) {
	c, err := s.chat(q)
	if err != nil {
		return nil, err
	}
	if c.Type == "private" {
		return nil, bad("chat member status can't be changed in private chats")
	}
	c.bot = "left"
	return true, nil
}
