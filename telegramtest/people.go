package telegramtest

import (
	"fmt"
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

type person struct {
	user    User
	seen    bool // the bot met this person somewhere
	blocked bool
}

type chat struct {
	Chat
	started  bool // private: the person wrote, so that the bot may
	members  map[int64]bool
	admins   map[int64]bool
	hidden   map[int64]bool // administrators who write as the group
	topics   map[int]*topic
	general  topic
	rights   Rights
	stale    []stale // taken away without the Bot API server's notice
	lastID   int     // supergroups count their own messages
	messages []*Message
	bot      string // the bot's status here: member, administrator, kicked
	deleted  bool
	migrated int64
	otherBot bool // another bot spoke last, so that plain commands are not for ours

	noReactions bool // its admins allow none
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
		c = &chat{bot: "member", members: map[int64]bool{u.ID: true}, topics: map[int]*topic{}}
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

// known is the chat itself. A chat nobody made is a mistake of the test.
func (s *Server) known(where Chat) *chat {
	c := s.chats[where.ID]
	if c == nil {
		panic(fmt.Sprintf("telegramtest: there is no chat %d", where.ID))
	}
	return c
}

// Block blocks the bot: it is told by my_chat_member, and every send is refused until the person writes to it.
func (s *Server) Block(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setBlocked(s.private(u), s.people[u.ID], true)
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
