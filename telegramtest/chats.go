package telegramtest

import (
	"slices"
	"strings"
)

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
	c, err := s.chat(q, toWrite)
	if err != nil {
		return nil, err
	}
	if err := s.writable(c); err != nil {
		return nil, err
	}
	return true, nil
}

func (s *Server) getChat(q *query) (any, *Error) {
	c, err := s.chat(q, toRead)
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
	c, err := s.chat(q, toRead)
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
	switch {
	case c.admins[id] || c.hidden[id]:
		return object{"user": p.user, "status": "administrator", "is_anonymous": c.hidden[id]}, nil
	case c.members[id]:
		return object{"user": p.user, "status": "member"}, nil
	}
	return object{"user": p.user, "status": "left"}, nil
}

func (s *Server) leaveChat(q *query) (any, *Error) {
	c, err := s.chat(q, toRead)
	if err != nil {
		return nil, err
	}
	if c.Type == "private" {
		return nil, bad("chat member status can't be changed in private chats")
	}
	c.bot = "left"
	return true, nil
}
