package telegramtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// This file is about messages that are no plain texts.

// AsRich sends the text as a rich message: its lines are paragraphs of rich_message.blocks, and the message has neither
// text nor caption nor entities (Bot API 10.1, RichMessage). Premium accounts, pastes from web pages and forwards send
// such.
func AsRich() Option {
	return func(o *saying) {
		var blocks []any
		for line := range strings.Lines(o.message.Text) {
			blocks = append(blocks, object{"type": "paragraph", "text": strings.TrimSuffix(line, "\n")})
		}
		o.message.Rich = encode(object{"blocks": blocks})
	}
}

// Quoting replies to a part of a message, which must be in it.
func Quoting(messageID int, part string) Option {
	return func(o *saying) { o.message.ReplyTo, o.message.Quote = messageID, part }
}

// Album sends pictures together, or what an option says: each is a message of its own, all have one media_group_id, and
// the caption is on the first (Bot API, Message).
func (s *Server) Album(where Chat, from User, caption string, pictures int, options ...Option) []Message {
	s.mu.Lock()
	s.lastAlbum++
	id := fmt.Sprint(13_900_000_000_000_000 + s.lastAlbum)
	s.mu.Unlock()
	inAlbum := func(o *saying) { o.message.Album = id }
	var all []Message
	for range pictures {
		all = append(all, s.Say(where, from, cmp.Or(caption, Wordless), append([]Option{AsPhoto(), inAlbum}, options...)...))
		caption = ""
	}
	return all
}

func (s *Server) quoteJSON(c *chat, m *Message) object {
	position := 0
	if replied := c.find(m.ReplyTo); replied != nil {
		if at := strings.Index(replied.words(), m.Quote); at > 0 {
			position = len16(replied.words()[:at])
		}
	}
	return object{"text": m.Quote, "position": position, "is_manual": true}
}

// serviceBodies are the service messages that reach a bot, with what they say (Bot API, Message; Bot API server,
// Client::need_skip_update_message). Those of [Topic], [Server.CloseTopic] and MigrateGroup are told by them.
var serviceBodies = map[string]func(*Server, *chat, *Message) any{
	"new_chat_members":                  func(s *Server, _ *chat, m *Message) any { return []User{m.From} },
	"left_chat_member":                  func(_ *Server, _ *chat, m *Message) any { return m.From },
	"new_chat_title":                    always("Our home"),
	"new_chat_photo":                    always([]object{{"file_id": "AgACAgIAAx0", "file_unique_id": "AQAD", "width": 160, "height": 160}}),
	"delete_chat_photo":                 always(true),
	"group_chat_created":                always(true),
	"supergroup_chat_created":           always(true),
	"message_auto_delete_timer_changed": always(object{"message_auto_delete_time": 86_400}),
	"pinned_message": func(s *Server, c *chat, m *Message) any {
		if replied := c.find(m.ReplyTo); replied != nil {
			return s.messageJSON(c, replied, false)
		}
		return inaccessible(c, 1)
	},
	"users_shared":         always(object{"request_id": 1, "users": []object{{"user_id": 77}}}),
	"chat_shared":          always(object{"request_id": 1, "chat_id": -77}),
	"connected_website":    always("example.org"),
	"write_access_allowed": always(object{"from_request": true}),
	"proximity_alert_triggered": func(_ *Server, _ *chat, m *Message) any {
		return object{"traveler": m.From, "watcher": m.From, "distance": 10}
	},
	"boost_added":                     always(object{"boost_count": 1}),
	"chat_background_set":             always(object{"type": object{"type": "fill", "fill": object{"type": "solid", "color": 1}, "dark_theme_dimming": 0}}),
	"checklist_tasks_done":            always(object{"marked_as_done_task_ids": []int{1}}),
	"checklist_tasks_added":           always(object{"tasks": []object{{"id": 2, "text": "bread"}}}),
	"direct_message_price_changed":    always(object{"are_direct_messages_enabled": false}),
	"forum_topic_edited":              always(object{"name": "Kitchen"}),
	"general_forum_topic_hidden":      always(object{}),
	"general_forum_topic_unhidden":    always(object{}),
	"giveaway_created":                always(object{}),
	"giveaway_completed":              always(object{"winner_count": 1}),
	"gift":                            always(object{"gift": object{"id": "1"}}),
	"unique_gift":                     always(object{"gift": object{"base_name": "x"}, "origin": "transfer"}),
	"refunded_payment":                always(object{"currency": "XTR", "total_amount": 1, "invoice_payload": "x", "telegram_payment_charge_id": "x"}),
	"paid_message_price_changed":      always(object{"paid_message_star_count": 0}),
	"chat_owner_left":                 always(object{}),
	"chat_owner_changed":              func(_ *Server, _ *chat, m *Message) any { return object{"new_owner": m.From} },
	"poll_option_added":               always(object{"option_persistent_id": "1", "option_text": "yes"}),
	"video_chat_scheduled":            always(object{"start_date": 1_800_000_000}),
	"video_chat_started":              always(object{}),
	"video_chat_ended":                always(object{"duration": 60}),
	"video_chat_participants_invited": func(_ *Server, _ *chat, m *Message) any { return object{"users": []User{m.From}} },
	"web_app_data":                    always(object{"data": "x", "button_text": "x"}),
	"forum_topic_created":             always(object{"name": "Garden", "icon_color": 7322096}),
	"forum_topic_closed":              always(object{}),
	"forum_topic_reopened":            always(object{}),
	"passport_data":                   always(object{"data": []any{}, "credentials": object{"data": "x", "hash": "x", "secret": "x"}}),
	"suggested_post_refunded":         always(object{"reason": "post_deleted"}),
	"managed_bot_created":             always(object{"bot": object{"id": 78, "is_bot": true, "first_name": "Other"}}),
}

func always(body any) func(*Server, *chat, *Message) any {
	return func(*Server, *chat, *Message) any { return body }
}

// ServiceKinds are the kinds that [Server.Service] knows, sorted.
func ServiceKinds() []string {
	var all []string
	for kind := range serviceBodies {
		all = append(all, kind)
	}
	slices.Sort(all)
	return all
}

// Service posts a service message: what a phone shows as a line in the middle, and a bot gets as a message without words.
// The kind is the name of its field, one of [ServiceKinds].
func (s *Server) Service(where Chat, from User, kind string, options ...Option) Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	body := serviceBodies[kind]
	if body == nil {
		panic(fmt.Sprintf("telegramtest: there is no service message %q", kind))
	}
	c := s.known(where)
	p := s.person(from)
	s.enter(c, p)
	m := s.newMessage(c)
	m.From, m.Service = p.user, kind
	o := saying{message: m}
	for _, apply := range options {
		apply(&o)
	}
	m.serviceBody = body(s, c, m)
	s.post(c, m, o.quiet)
	return *m
}

// inaccessible is a message that the Bot API server cannot show (Bot API, InaccessibleMessage).
func inaccessible(c *chat, id int) object { return object{"chat": c.Chat, "message_id": id, "date": 0} }
