package telegramtest

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

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
func AsPhoto() Option { return AsPicture(tinyPicture) }

// AsPicture is AsPhoto with a picture of one's own.
func AsPicture(data []byte) Option {
	return func(o *saying) {
		o.message.put(&Document{Kind: "photo", Name: "photo.jpg", Mime: "image/jpeg", Data: data})
	}
}

// AsMedia sends a video, audio, voice, video_note or animation with the text as its caption; a video note has none.
func AsMedia(kind, name string) Option {
	if fileKinds[kind] == "" {
		panic(fmt.Sprintf("telegramtest: there is no kind of file %q", kind))
	}
	return func(o *saying) {
		o.message.put(&Document{Kind: kind, Name: name, Mime: mimeOf(name), Data: []byte("this would be a " + kind)})
	}
}

// WithFileOf sends the file of another message once more: under another id, and with the same unique id.
func WithFileOf(m Message) Option {
	return func(o *saying) {
		again := *m.File()
		again.ID = ""
		o.message.put(&again)
	}
}

// Wordless is the text of what has no words, for a text cannot be empty.
const Wordless = "\x00"

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
		c.hide(p, m)
		if f := m.File(); f != nil {
			if m.Caption, m.Text = strings.Trim(m.Text, Wordless), ""; f.Kind == "video_note" {
				m.Caption = ""
			}
			s.keep(m)
		}
		m.findEntities()
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
	m.put(&Document{Kind: "document", Name: name, Mime: mimeOf(name), Data: slices.Clone(data)})
	s.keep(m)
	o := saying{message: m}
	for _, apply := range options {
		apply(&o)
	}
	m.Entities = findEntities(m.Caption)
	s.post(c, m, o.quiet)
	return *m
}

// hide notes who writes as the group, which only an administrator can.
func (c *chat) hide(p *person, m *Message) {
	if m.SenderChat != c.ID {
		return
	}
	if c.hidden == nil {
		c.hidden = map[int64]bool{}
	}
	c.hidden[p.user.ID] = true
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

// sees is privacy mode, as Bot API «Privacy mode» describes it: in it a bot in a group gets the commands that are for it,
// replies to it, and service messages. To be named as @bot is not enough (telegraf issue 545).
func (s *Server) sees(c *chat, m *Message) bool {
	if c.bot == "kicked" || c.deleted {
		return false
	}
	if m.From.IsBot && m.SenderChat == 0 {
		return false // bots do not see each other
	}
	if c.Type == "private" || c.bot == "administrator" || m.Service != "" {
		return true
	}
	if replied := c.find(m.ReplyTo); replied != nil && replied.FromBot {
		return true
	}
	me := strings.ToLower("@" + s.cfg.Username)
	words := m.words()
	for _, e := range m.Entities {
		text := strings.ToLower(slice16(words, e.Offset, e.Length))
		if e.Type == "bot_command" && e.Offset == 0 {
			if _, at, addressed := strings.Cut(text, "@"); addressed {
				return "@"+at == me
			}
			return !c.otherBot
		}
	}
	return false
}

// findEntities finds what a phone finds in the words of a message. A rich message has no entities.
func (m *Message) findEntities() {
	m.Entities = nil
	if m.Rich == nil {
		m.Entities = findEntities(m.words())
	}
}

// Edit changes the text, or the caption, of an own message, and what options say. It returns what the message is now.
func (s *Server) Edit(where Chat, from User, messageID int, text string, options ...Option) (Message, error) {
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
	if m.File() != nil {
		m.Caption = text
	} else {
		m.Text = text
	}
	m.Rich = nil // unless it is one again
	o := saying{message: m}
	for _, apply := range options {
		apply(&o)
	}
	m.findEntities()
	m.Edited = s.cfg.Now()
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
