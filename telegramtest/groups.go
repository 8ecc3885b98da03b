package telegramtest

import "fmt"

// GroupKind is what Group makes.
type GroupKind int

// The kinds of groups.
const (
	BasicGroup GroupKind = iota // becomes a supergroup by MigrateGroup
	Supergroup
	Forum // a supergroup with topics
)

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
		c = &chat{bot: "member", members: map[int64]bool{}, topics: map[int]*topic{}}
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

// Promote makes a member an administrator of a group or takes that back. Bots are not told unless they ask for it.
func (s *Server) Promote(where Chat, u User, admin bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.known(where)
	if c.admins == nil {
		c.admins = map[int64]bool{}
	}
	s.person(u).seen = true
	c.members[u.ID], c.admins[u.ID] = true, admin
	delete(c.hidden, u.ID)
}

// Kick removes the bot from a group, and tells it.
func (s *Server) Kick(where Chat, by User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.known(where)
	s.tellStatus(c, s.person(by).user, c.bot, "kicked")
	c.bot = "kicked"
	s.touch()
}

// DeleteGroup removes a group for everybody. Nobody is told.
func (s *Server) DeleteGroup(where Chat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known(where).deleted = true
	s.touch()
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
		bot:  old.bot, members: old.members, admins: old.admins, hidden: old.hidden, topics: map[int]*topic{},
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

func migrated(to int64) *refusal {
	return &refusal{Code: 400, Description: "Bad Request: group chat was upgraded to a supergroup chat", MigrateTo: to}
}
