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
func (s *Server) sendChatAction(q *query) (any, *refusal) {
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

func (s *Server) getChatMember(q *query) (any, *refusal) {
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
