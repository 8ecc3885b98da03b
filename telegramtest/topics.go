package telegramtest

// General is the topic of a forum that every forum has. Messages in it have no message_thread_id, and a bot cannot name
// it when it sends (Bot API server, Client::check_message_topic).
const General = 1

type topic struct {
	name   string
	closed bool
}

// Topic opens a topic and returns its message_thread_id. A private chat may have topics too.
func (s *Server) Topic(where Chat, from User, name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.known(where)
	m := s.newMessage(c)
	m.From, m.Service, m.Thread = s.person(from).user, "forum_topic_created", m.ID
	m.serviceBody = object{"name": name, "icon_color": 7322096}
	c.topics[m.ID] = &topic{name: name}
	s.post(c, m, false)
	return m.ID
}

// CloseTopic closes a topic, or [General], and tells the bot. Only administrators can send to a closed topic.
func (s *Server) CloseTopic(where Chat, by User, id int) { s.setClosed(where, by, id, true) }

// ReopenTopic takes CloseTopic back, and tells the bot.
func (s *Server) ReopenTopic(where Chat, by User, id int) { s.setClosed(where, by, id, false) }

func (s *Server) setClosed(where Chat, by User, id int, closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.known(where)
	m := s.newMessage(c)
	m.From, m.Service, m.serviceBody = s.person(by).user, "forum_topic_reopened", object{}
	if closed {
		m.Service = "forum_topic_closed"
	}
	if id == General {
		c.general.closed = closed
	} else {
		c.topics[id].closed, m.Thread = closed, id
	}
	s.post(c, m, false)
}

// closed tells whether the bot cannot send to a topic; 0 is General. Who may manage topics, as administrators do here,
// and who opened the topic can (tdlib, ForumTopicManager::can_send_message_to_forum_topic). Telegram looks at it when
// something is sent; an edit is taken (tdlib, MessagesManager::edit_message_text has no such check).
func (c *chat) closed(thread int) bool {
	if !c.Forum || c.bot == "administrator" {
		return false
	}
	if thread == 0 {
		return c.general.closed
	}
	t := c.topics[thread]
	return t != nil && t.closed
}

// checkThread checks a message_thread_id before anything else of the message is looked at. A forum has no topic
// [General] under a number, and nor has a chat without topics (Bot API server, Client::check_message_topic).
func (c *chat) checkThread(id int) *refusal {
	if id > 0 && c.topics[id] == nil {
		return bad("message thread not found")
	}
	return nil
}

// place is the topic of a message that the bot sends. Without message_thread_id a reply is in the topic of the message
// that it answers, be it closed or not (tdlib, MessagesManager::create_message_to_send). With one that names another
// topic today's server leaves the message there (Bot API server, Client::check_reply_parameters), and those before
// Bot API 9.3 put it beside the answered one, so that nobody can rely on either.
func (s *Server) place(c *chat, id int, replied *Message) int {
	switch {
	case replied == nil:
		return max(id, 0)
	case id <= 0:
		return replied.Thread
	case id != replied.Thread:
		s.notice("message_thread_id %d, but the message that is replied to is in topic %d", id, replied.Thread)
	}
	return id
}

// replyThread is the message_thread_id of a reply outside topics: the first message of its thread. It comes without
// is_topic_message, and no message can be sent to it (tdlib, MessageTopic, Type::Thread; Bot API server issue 447).
func (c *chat) replyThread(m *Message) int {
	if c.Type != "supergroup" || m.Thread != 0 {
		return 0
	}
	first := 0
	for replied := c.find(m.ReplyTo); replied != nil && replied.Thread == 0 && replied.Service == ""; replied = c.find(replied.ReplyTo) {
		first = replied.ID
		if replied.ReplyTo >= replied.ID {
			break // only a test could make a circle
		}
	}
	return first
}
