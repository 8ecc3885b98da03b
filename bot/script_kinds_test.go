package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"goalbot/telegramtest"
)

// This file holds what the scripts say that is more than plain words.

// answer [who] [group|topic] words... types into the field for an answer that
// the bot's question opened on that person's phone. It fails if none did.
func (p *phone) answer(ts *testscript.TestScript, args []string) {
	from, chat, options, args := p.who(args)
	m, err := p.server.Answer(chat, from, strings.Join(args, " "), options...)
	ts.Check(err)
	if from.ID == chat.ID {
		p.said[from.ID] = m.ID
	}
}

// quote [who] [group|topic] pattern words... marks what matches in the newest
// message of the bot's there that has it, and answers that part.
func (p *phone) quote(ts *testscript.TestScript, args []string) {
	from, chat, options, args := p.who(args)
	pattern := regexp.MustCompile("(?s)" + args[0])
	for _, m := range slices.Backward(p.server.Messages(chat.ID)) {
		if part := pattern.FindString(m.Text); m.FromBot && part != "" {
			p.speak(ts, from, chat, args[1:], append(options, telegramtest.Quoting(m.ID, part)))
			return
		}
	}
	ts.Fatalf("the bot says nothing like %q there", pattern)
}

// rich [who] [group|topic] words... sends the words as a rich message.
func (p *phone) rich(ts *testscript.TestScript, args []string) {
	from, chat, options, args := p.who(args)
	p.speak(ts, from, chat, args, append(options, telegramtest.AsRich()))
}

// album [who] [group] [to pattern] caption... sends three pictures together, in reply to
// the newest message of the bot's there that matches.
func (p *phone) album(ts *testscript.TestScript, args []string) {
	from, chat, options, args := p.who(args)
	if len(args) > 1 && args[0] == "to" {
		options, args = append(options, p.replyTo(ts, chat, args[1])), args[2:]
	}
	p.server.Album(chat, from, strings.Join(args, " "), 3, options...)
}

// media [who] [group] kind [to pattern] caption... sends a file of a kind, as a photo or a
// voice message, in reply to the newest message of the bot's there that matches.
func (p *phone) media(ts *testscript.TestScript, args []string) {
	from, chat, options, args := p.who(args)
	option := telegramtest.AsMedia(args[0], "it."+args[0])
	if args[0] == "photo" {
		option = telegramtest.AsPhoto()
	}
	options = append(options, option)
	if args = args[1:]; len(args) > 1 && args[0] == "to" {
		options, args = append(options, p.replyTo(ts, chat, args[1])), args[2:]
	}
	if len(args) == 0 {
		args = []string{telegramtest.Wordless}
	}
	p.speak(ts, from, chat, args, options)
}

// service [who] [group|topic] kind... posts service messages; without a kind one
// of every kind that there is.
func (p *phone) service(ts *testscript.TestScript, args []string) {
	from, chat, options, kinds := p.who(args)
	all := telegramtest.ServiceKinds()
	if len(kinds) == 0 {
		kinds = all
	}
	for _, kind := range kinds {
		if !slices.Contains(all, kind) {
			ts.Fatalf("there is no service message %q", kind)
		}
		p.server.Service(chat, from, kind, options...)
	}
}

// topics close|reopen closes or reopens the topic of the scripts' forum, and
// topic close|reopen general its general one.
func (p *phone) topics(ts *testscript.TestScript, args []string) {
	_, forum, _, _ := p.who([]string{"topic"})
	id := p.topic
	if len(args) == 2 && args[1] == "general" {
		id = telegramtest.General
	}
	switch {
	case len(args) > 0 && args[0] == "close":
		p.server.CloseTopic(forum, owner, id)
	case len(args) > 0 && args[0] == "reopen":
		p.server.ReopenTopic(forum, owner, id)
	default:
		ts.Fatalf("usage: topic close|reopen [general]")
	}
}
