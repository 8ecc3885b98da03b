package telegramtest

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A User is a person, or a bot. Only ID is needed; a person without a FirstName is called by the number.
type User struct {
	ID           int64  `json:"id"`
	FirstName    string `json:"first_name"`
	LastName     string `json:"last_name,omitempty"`
	Username     string `json:"username,omitempty"`
	LanguageCode string `json:"language_code,omitempty"`
	IsBot        bool   `json:"is_bot"`
}

// Users that Telegram puts in place of somebody who does not show the own face.
var (
	AnonymousAdmin = User{ID: 1087968824, FirstName: "Group", Username: "GroupAnonymousBot", IsBot: true}
	ChannelBot     = User{ID: 136817688, FirstName: "Channel", Username: "Channel_Bot", IsBot: true}
	TelegramUser   = User{ID: 777000, FirstName: "Telegram"} // forwards posts of a linked channel
)

// A Chat is a place where messages are.
type Chat struct {
	ID       int64  `json:"id"`
	Type     string `json:"type"` // private, group or supergroup
	Title    string `json:"title,omitempty"`
	Username string `json:"username,omitempty"`
	Forum    bool   `json:"is_forum,omitempty"`
	First    string `json:"first_name,omitempty"`
	Last     string `json:"last_name,omitempty"`
}

// GroupKind is what Group makes.
type GroupKind int

// The kinds of groups.
const (
	BasicGroup GroupKind = iota // becomes a supergroup by MigrateGroup
	Supergroup
	Forum // a supergroup with topics
)

type person struct {
	user        User
	seen        bool // the bot met this person somewhere
	blocked     bool
	deactivated bool
}

type chat struct {
	Chat
	started  bool // private: the person wrote, so that the bot may
	members  map[int64]bool
	topics   map[int]string
	lastID   int // supergroups count their own messages
	messages []*Message
	bot      string // the bot's status here: member, administrator, left, kicked
	deleted  bool
	migrated int64
	otherBot bool // another bot spoke last, so that plain commands are not for ours
}

// Private is the private chat of a person with the bot, as it looks before the first word: the bot does not know of it
// and cannot write to it until the person has written (Say) or had written before (Meet).
func (s *Server) Private(u User) Chat {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.private(u).Chat
}

// Meet is the private chat of a person who has written to the bot some day before.
func (s *Server) Meet(u User) Chat {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.private(u)
	c.started = true
	s.people[u.ID].seen = true
	return c.Chat
}

func (s *Server) private(u User) *chat {
	p := s.person(u)
	c := s.chats[u.ID]
	if c == nil {
		c = &chat{bot: "member", members: map[int64]bool{u.ID: true}, topics: map[int]string{}}
		s.chats[u.ID] = c
	}
	c.Chat = Chat{ID: u.ID, Type: "private", First: p.user.FirstName, Last: p.user.LastName, Username: p.user.Username}
	return c
}

// person knows u from now on, and takes over what changed: names do.
func (s *Server) person(u User) *person {
	if u.ID <= 0 {
		panic(fmt.Sprintf("telegramtest: a user id is positive, not %d", u.ID))
	}
	p := s.people[u.ID]
	if u.FirstName == "" {
		if p != nil {
			return p // only the number was given
		}
		u.FirstName = fmt.Sprint("User ", u.ID)
	}
	if p == nil {
		p = &person{}
		s.people[u.ID] = p
	}
	p.user = u
	return p
}

// Group is a group of that id with the bot in it. Calling it again for the same id adds members. Ids of groups are
// negative; those of supergroups begin with -100.
func (s *Server) Group(id int64, title string, kind GroupKind, members ...User) Chat {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id >= 0 {
		panic(fmt.Sprintf("telegramtest: a group id is negative, not %d", id))
	}
	c := s.chats[id]
	if c == nil {
		c = &chat{bot: "member", members: map[int64]bool{}, topics: map[int]string{}}
		s.chats[id] = c
	}
	c.Chat = Chat{ID: id, Type: "group", Title: title}
	if kind != BasicGroup {
		c.Type, c.Forum = "supergroup", kind == Forum
		c.lastID = max(c.lastID, 1) // its first message told that it was made; as a thread, 1 would be the general topic
	}
	for _, u := range members {
		s.person(u).seen = true
		c.members[u.ID] = true
	}
	return c.Chat
}

// Topic opens a topic and returns its message_thread_id. A private chat may have topics too.
func (s *Server) Topic(where Chat, from User, name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.known(where)
	m := s.newMessage(c)
	m.From, m.Service, m.Thread = s.person(from).user, "forum_topic_created", m.ID
	m.serviceBody = object{"name": name, "icon_color": 7322096}
	c.topics[m.ID] = name
	s.post(c, m, false)
	return m.ID
}

// DeleteTopic removes a topic with its messages. Bots are not told.
func (s *Server) DeleteTopic(where Chat, id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.known(where)
	delete(c.topics, id)
	c.messages = slices.DeleteFunc(c.messages, func(m *Message) bool { return m.Thread == id })
	s.touch()
}

// SetAdmin makes the bot an administrator of a group or takes that back. An administrator sees every message.
func (s *Server) SetAdmin(where Chat, admin bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.known(where)
	c.bot = "member"
	if admin {
		c.bot = "administrator"
	}
}

// known is the chat itself. A chat nobody made is a mistake of the test.
func (s *Server) known(where Chat) *chat {
	c := s.chats[where.ID]
	if c == nil {
		panic(fmt.Sprintf("telegramtest: there is no chat %d", where.ID))
	}
	return c
}

// An Option says how something is said.
type Option func(*saying)

type saying struct {
	message *Message
	quiet   bool
}

// InThread says it in a topic.
func InThread(id int) Option { return func(o *saying) { o.message.Thread = id } }

// ReplyTo says it in reply to a message.
func ReplyTo(messageID int) Option { return func(o *saying) { o.message.ReplyTo = messageID } }

// ForwardedFrom forwards what somebody of that name said.
func ForwardedFrom(name string) Option { return func(o *saying) { o.message.ForwardedFrom = name } }

// AsPhoto sends a photo with the text as its caption.
func AsPhoto() Option {
	return func(o *saying) {
		o.message.Photo = &Document{Name: "photo.jpg", Mime: "image/jpeg", Data: tinyPicture}
	}
}

// AsAnonymousAdmin hides the person behind the group: from is AnonymousAdmin, sender_chat the group.
func AsAnonymousAdmin() Option {
	return func(o *saying) {
		o.message.From, o.message.SenderChat = AnonymousAdmin, o.message.Chat
	}
}

// AsChannel says it in the name of a channel.
func AsChannel(id int64) Option {
	return func(o *saying) { o.message.From, o.message.SenderChat = ChannelBot, id }
}

// Dated gives a message another date, as one that waited in a phone without network. It does not live longer for that.
func Dated(at time.Time) Option { return func(o *saying) { o.message.Date = at } }

// Unseen keeps the bot from learning of it: it was said before the bot came.
func Unseen() Option { return func(o *saying) { o.quiet = true } }

// Say writes a text as a person's phone does: trimmed, with the entities a phone finds, in pieces of 4096 characters if
// it is longer. It returns the last piece, or a Message without ID if there was nothing to send. Who writes to a bot
// that he blocked unblocks it, and who writes to a group is a member of it.
func (s *Server) Say(where Chat, from User, text string, options ...Option) Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.known(where)
	p := s.person(from)
	s.enter(c, p)
	var last *Message
	for _, piece := range pieces(strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD")), maxText) {
		m := s.newMessage(c)
		m.From, m.Text = p.user, piece
		o := saying{message: m}
		for _, apply := range options {
			apply(&o)
		}
		if m.Photo != nil {
			m.Caption, m.Text = m.Text, ""
			s.keep(m.Photo, "photos")
		}
		m.Entities = findEntities(m.words())
		s.post(c, m, o.quiet)
		last = m
	}
	if last == nil {
		return Message{}
	}
	return *last
}

// SendDocument sends a file as a person does.
func (s *Server) SendDocument(where Chat, from User, name string, data []byte, caption string, options ...Option) Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.known(where)
	p := s.person(from)
	s.enter(c, p)
	m := s.newMessage(c)
	m.From, m.Caption = p.user, strings.TrimSpace(caption)
	m.Document = &Document{Name: name, Mime: mimeOf(name), Data: slices.Clone(data)}
	s.keep(m.Document, "documents")
	o := saying{message: m}
	for _, apply := range options {
		apply(&o)
	}
	m.Entities = findEntities(m.Caption)
	s.post(c, m, o.quiet)
	return *m
}

// enter lets a person write in a chat.
func (s *Server) enter(c *chat, p *person) {
	if c.Type == "private" {
		if p.blocked {
			s.setBlocked(c, p, false)
		}
		c.started, p.seen = true, true
		return
	}
	c.members[p.user.ID] = true
}

func (s *Server) post(c *chat, m *Message, quiet bool) {
	if m.From.IsBot && m.SenderChat == 0 {
		c.otherBot = true
	}
	if !quiet && s.sees(c, m) {
		s.tell(c, m, "message")
	}
	s.touch()
}

// tell makes an update of a message.
func (s *Server) tell(c *chat, m *Message, kind string) {
	if p := s.people[m.From.ID]; p != nil {
		p.seen = true
	}
	m.Update = s.enqueue(kind, s.messageJSON(c, m, true), keepMessages)
}

// sees is privacy mode, as Bot API «Privacy mode» describes it: without it a bot in a group gets the commands that are
// for it, replies to it, messages that name it, and service messages.
func (s *Server) sees(c *chat, m *Message) bool {
	if c.bot == "left" || c.bot == "kicked" || c.deleted {
		return false
	}
	if m.From.IsBot && m.SenderChat == 0 {
		return false // bots do not see each other
	}
	if c.Type == "private" || s.cfg.SeesAll || c.bot == "administrator" || m.Service != "" {
		return true
	}
	if replied := c.find(m.ReplyTo); replied != nil && replied.FromBot {
		return true
	}
	me := strings.ToLower("@" + s.cfg.Username)
	words := m.words()
	for _, e := range m.Entities {
		text := strings.ToLower(slice16(words, e.Offset, e.Length))
		switch {
		case e.Type == "mention" && text == me:
			return true
		case e.Type == "bot_command" && e.Offset == 0:
			if _, at, addressed := strings.Cut(text, "@"); addressed {
				return "@"+at == me
			}
			return !c.otherBot
		}
	}
	return false
}

// Edit changes the text, or the caption, of an own message. It returns what the message is now.
func (s *Server) Edit(where Chat, from User, messageID int, text string) (Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.known(where)
	old := c.find(messageID)
	text = strings.TrimSpace(text)
	switch {
	case old == nil:
		return Message{}, fmt.Errorf("edit message %d: it is not there", messageID)
	case old.From.ID != from.ID && old.From != AnonymousAdmin:
		return Message{}, fmt.Errorf("edit message %d: it is not %s's", messageID, from.FirstName)
	case text == "" || utf8.RuneCountInString(text) > maxText:
		return Message{}, fmt.Errorf("edit message %d: a text has 1 to %d characters", messageID, maxText)
	}
	m := c.change(old)
	if m.Document != nil || m.Photo != nil {
		m.Caption = text
	} else {
		m.Text = text
	}
	m.Entities, m.Edited = findEntities(text), s.cfg.Now()
	if s.sees(c, m) {
		s.tell(c, m, "edited_message")
	}
	s.touch()
	return *m, nil
}

// Delete takes a message away, as anybody in a private chat may. Bots are not told.
func (s *Server) Delete(where Chat, messageID int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known(where).remove(messageID)
	s.touch()
}

// Clear empties a chat, as «clear history» does. Bots are not told.
func (s *Server) Clear(where Chat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known(where).messages = nil
	s.touch()
}

// Block blocks the bot: it is told by my_chat_member, and every send is refused from now on.
func (s *Server) Block(u User) { s.block(u, true) }

// Unblock takes Block back, and tells the bot.
func (s *Server) Unblock(u User) { s.block(u, false) }

func (s *Server) block(u User, blocked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setBlocked(s.private(u), s.people[u.ID], blocked)
}

func (s *Server) setBlocked(c *chat, p *person, blocked bool) {
	if p.blocked == blocked {
		return
	}
	p.blocked = blocked
	if blocked {
		s.tellStatus(c, p.user, "member", "kicked")
	} else {
		s.tellStatus(c, p.user, "kicked", "member")
	}
	s.touch()
}

// Deactivate deletes the account of a person. Nobody is told.
func (s *Server) Deactivate(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.private(u)
	s.people[u.ID].deactivated = true
	s.touch()
}

// Kick removes the bot from a group, and tells it.
func (s *Server) Kick(where Chat, by User) { s.setStatus(where, by, "kicked") }

// Invite brings the bot back into a group, and tells it.
func (s *Server) Invite(where Chat, by User) { s.setStatus(where, by, "member") }

func (s *Server) setStatus(where Chat, by User, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.known(where)
	was := c.bot
	c.bot = status
	s.tellStatus(c, s.person(by).user, was, status)
	s.touch()
}

// DeleteGroup removes a group for everybody. Nobody is told.
func (s *Server) DeleteGroup(where Chat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known(where).deleted = true
	s.touch()
}

func (s *Server) tellStatus(c *chat, by User, was, is string) {
	member := func(status string) object {
		m := object{"user": s.bot(), "status": status}
		if status == "kicked" {
			m["until_date"] = 0
		}
		return m
	}
	s.enqueue("my_chat_member", object{
		"chat": c.Chat, "from": by, "date": s.cfg.Now().Unix(),
		"old_chat_member": member(was), "new_chat_member": member(is),
	}, keepMessages)
}

// MigrateGroup makes the basic group oldID the supergroup newID. The bot gets the two service messages, and every later
// call for the old group is refused with parameters.migrate_to_chat_id.
func (s *Server) MigrateGroup(oldID, newID int64) Chat {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.known(Chat{ID: oldID})
	if old.Type != "group" || old.migrated != 0 {
		panic(fmt.Sprintf("telegramtest: %d is not a basic group", oldID))
	}
	next := &chat{
		Chat: Chat{ID: newID, Type: "supergroup", Title: old.Title},
		bot:  old.bot, members: old.members, topics: map[int]string{},
	}
	s.chats[newID] = next
	from := AnonymousAdmin
	leave := s.newMessage(old)
	leave.From, leave.SenderChat, leave.Service, leave.serviceBody = from, oldID, "migrate_to_chat_id", newID
	s.post(old, leave, false)
	arrive := s.newMessage(next)
	arrive.From, arrive.SenderChat, arrive.Service, arrive.serviceBody = from, newID, "migrate_from_chat_id", oldID
	s.post(next, arrive, false)
	old.migrated = newID
	return next.Chat
}

func migrated(to int64) *Error {
	return &Error{Code: 400, Description: "Bad Request: group chat was upgraded to a supergroup chat", MigrateTo: to}
}

// pieces cuts a text as a phone does that sends a long one.
func pieces(text string, limit int) []string {
	var all []string
	runes := []rune(text)
	for len(runes) > limit {
		all = append(all, string(runes[:limit]))
		runes = runes[limit:]
	}
	if len(runes) > 0 {
		all = append(all, string(runes))
	}
	return all
}
