package main

import (
	"bytes"
	"image/png"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"goalbot/telegramtest"
)

// The people of the scripts. What they are called says what they are.
var (
	owner    = telegramtest.User{ID: 1001, FirstName: "Owner"}
	editor   = telegramtest.User{ID: 2002, FirstName: "Editor", Username: "edi_tor"}
	viewer   = telegramtest.User{ID: 2001, FirstName: "Viewer"}
	stranger = telegramtest.User{ID: 6666, FirstName: "Stranger"}

	everybody = map[string]telegramtest.User{"owner": owner, "editor": editor, "viewer": viewer, "stranger": stranger}
)

const (
	groupID = -4001
	forumID = -1004002
)

type phoneKey struct{}

// phone is a script's view of Telegram.
type phone struct {
	server *telegramtest.Server
	url    string
	group  telegramtest.Chat
	topic  int           // in the forum, once it was needed
	heard  map[int]bool  // what the bot said, by the serial of its call
	said   map[int64]int // id of what a person said last in their private chats
	turned []turned      // the lists that were tapped

	old struct { // a button that was seen
		message int
		data    string
	}

	outside *outside
}

// turned is a tap that is answered by the list in the place of a message.
type turned struct {
	chat    int64
	message int
	after   int // the serial of the last call before it
}

func newPhone(env *testscript.Env) *phone {
	p := &phone{server: telegramtest.New(telegramtest.Config{Token: testToken, Username: "goals_test_bot"}), heard: map[int]bool{}, said: map[int64]int{}}
	web := httptest.NewServer(p.server)
	env.Defer(func() {
		if silent := p.server.Unexpected(); len(silent) > 0 {
			env.T().Fatal("the bot did what Telegram passes over in silence:\n" + strings.Join(silent, "\n"))
		}
	})
	env.Defer(func() {
		p.server.Close()
		web.CloseClientConnections()
		web.Close()
	})
	p.url = web.URL
	p.outside = newOutside(env)
	p.server.Meet(owner)
	p.group = p.server.Group(groupID, "A group", telegramtest.BasicGroup, owner, editor, viewer, stranger)
	return p
}

// command makes a command of a script from a method.
func command(f func(*phone, *testscript.TestScript, []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("this command cannot be negated")
		}
		f(ts.Value(phoneKey{}).(*phone), ts, args)
	}
}

// say [who] [group|topic] words... says something to the bot; \n begins a new
// line, and the word link alone opens the newest link that lets people in.
func (p *phone) say(ts *testscript.TestScript, args []string) {
	from, chat, options, args := p.who(args)
	p.speak(ts, from, chat, args, options)
}

// reply [who] [group|topic] pattern words... answers the newest message of the
// bot's there that matches.
func (p *phone) reply(ts *testscript.TestScript, args []string) {
	from, chat, options, args := p.who(args)
	p.speak(ts, from, chat, args[1:], append(options, p.replyTo(ts, chat, args[0])))
}

// replyTo answers the newest message of the bot's in a chat that matches.
func (p *phone) replyTo(ts *testscript.TestScript, chat telegramtest.Chat, pattern string) telegramtest.Option {
	for _, m := range slices.Backward(p.server.Messages(chat.ID)) {
		if m.FromBot && regexp.MustCompile(pattern).MatchString(m.Text+m.Caption) {
			return telegramtest.ReplyTo(m.ID)
		}
	}
	ts.Fatalf("the bot says nothing like %q there", pattern)
	return nil
}

// forward [who] name words... forwards what somebody of that name said.
func (p *phone) forward(ts *testscript.TestScript, args []string) {
	from, chat, options, args := p.who(args)
	p.speak(ts, from, chat, args[1:], append(options, telegramtest.ForwardedFrom(args[0])))
}

func (p *phone) speak(ts *testscript.TestScript, from telegramtest.User, chat telegramtest.Chat, words []string, options []telegramtest.Option) {
	text := strings.ReplaceAll(strings.Join(words, " "), `\n`, "\n")
	if text == "link" {
		text = p.link(ts)
	}
	m := p.server.Say(chat, from, text, options...)
	if from.ID == chat.ID {
		p.said[from.ID] = m.ID
	}
}

// send [who] [group] file [caption...] sends a file to the bot.
func (p *phone) send(ts *testscript.TestScript, args []string) {
	from, chat, _, args := p.who(args)
	if len(args) == 0 {
		ts.Fatalf("usage: send file [caption...]")
	}
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	p.server.SendDocument(chat, from, filepath.Base(args[0]), data, strings.Join(args[1:], " "))
}

// save file keeps the last file that the bot sent to the owner.
func (p *phone) save(ts *testscript.TestScript, args []string) {
	messages := p.server.Messages(p.server.Private(owner).ID)
	for i := len(messages) - 1; i >= 0; i-- {
		if m := messages[i]; m.FromBot && m.Document != nil {
			if m.Document.Name != filepath.Base(args[0]) {
				ts.Fatalf("the file is called %q", m.Document.Name)
			}
			ts.Check(os.WriteFile(ts.MkAbs(args[0]), m.Document.Data, 0o600))
			return
		}
	}
	ts.Fatalf("the bot has sent no file")
}

// picture checks that the last message of the bot to the owner shows a picture
// as wide as a phone.
func (p *phone) picture(ts *testscript.TestScript, args []string) {
	m, _ := p.server.Last(p.server.Private(owner).ID)
	if m.Photo == nil {
		ts.Fatalf("there is no picture with %q", m.Text)
	}
	c, err := png.DecodeConfig(bytes.NewReader(m.Photo.Data))
	ts.Check(err)
	if c.Width < 1000 || c.Height < 800 {
		ts.Fatalf("the picture has %d by %d pixels", c.Width, c.Height)
	}
}

// link is what a phone sends when a link is opened: the newest that the bot
// said, or else the one that the program printed into the file stdout.log.
func (p *phone) link(ts *testscript.TestScript) string {
	text := ""
	for _, c := range p.spoken() {
		text += c.text + "\n"
	}
	if !strings.Contains(text, "?start=") {
		data, err := os.ReadFile(ts.MkAbs("stdout.log"))
		ts.Check(err)
		text = string(data)
	}
	found := regexp.MustCompile(`https://t\.me/goals_test_bot\?start=([A-Za-z0-9_-]{22})\n`).FindAllStringSubmatch(text, -1)
	if found == nil {
		ts.Fatalf("no link in:\n%s", text)
	}
	return "/start " + found[len(found)-1][1]
}

// edit [who] words... alters what they said last in their private chat.
func (p *phone) edit(ts *testscript.TestScript, args []string) {
	from, chat, _, args := p.who(args)
	if _, err := p.server.Edit(chat, from, p.said[from.ID], strings.Join(args, " ")); err != nil {
		ts.Fatalf("edit: %v", err)
	}
}

// who reads who speaks and where; the owner, in private, where nothing is said.
func (p *phone) who(args []string) (from telegramtest.User, chat telegramtest.Chat, options []telegramtest.Option, rest []string) {
	from = owner
	if len(args) > 0 && everybody[args[0]].ID != 0 {
		from, args = everybody[args[0]], args[1:]
	}
	chat = p.server.Private(from)
	switch {
	case len(args) > 0 && args[0] == "group":
		chat, args = p.group, args[1:]
	case len(args) > 0 && args[0] == "topic":
		chat, args = p.server.Group(forumID, "A forum", telegramtest.Forum, owner, editor, viewer, stranger), args[1:]
		if p.topic == 0 {
			p.topic = p.server.Topic(chat, owner, "Plans")
		}
		options = append(options, telegramtest.InThread(p.topic))
	}
	return from, chat, options, args
}
