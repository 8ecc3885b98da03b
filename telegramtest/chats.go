package telegramtest

import (
	"encoding/json"
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

// reactions are the emoji that a bot may put on a message, as far as the bot uses some. Others, ✅ among them, are refused.
var reactions = []string{"👍", "👀"}

// setMessageReaction takes one emoji, or none (Bot API, setMessageReaction).
func (s *Server) setMessageReaction(q *query) (any, *refusal) {
	var wanted []struct{ Type, Emoji string }
	if raw := q.str("reaction"); raw != "" {
		if json.Unmarshal([]byte(raw), &wanted) != nil {
			return nil, bad("can't parse reaction types JSON object")
		}
	}
	for _, r := range wanted {
		if r.Type != "emoji" {
			return nil, bad("can't parse ReactionType: invalid reaction type specified")
		}
	}
	c, err := s.chat(q, toRead)
	if err != nil {
		return nil, err
	}
	m := c.find(int(q.int("message_id")))
	switch {
	case m == nil || m.Service != "":
		return nil, bad("message to react not found")
	case len(wanted) > 1:
		return nil, bad("REACTIONS_TOO_MANY")
	case len(wanted) == 1 && (!slices.Contains(reactions, wanted[0].Emoji) || c.noReactions):
		return nil, bad("REACTION_INVALID")
	}
	changed := *m
	changed.Reaction = ""
	if len(wanted) == 1 {
		changed.Reaction = wanted[0].Emoji
	}
	*c.change(m) = changed
	return true, nil
}

// NoReactions makes a group refuse reactions, as its admins may.
func (s *Server) NoReactions(group Chat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chats[group.ID].noReactions = true
}
