package main

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"goalbot/telegramtest"
)

// hear [who|group] pattern waits for the next message of the bot, or the next
// edit of one, and matches its text; with a name, for the next in that chat.
// Nothing is skipped: what the bot says must be heard.
func (p *phone) hear(ts *testscript.TestScript, args []string) {
	chat := int64(0)
	if len(args) == 2 {
		if chat = everybody[args[0]].ID; args[0] == "group" {
			chat = p.group.ID
		}
		args = args[1:]
	}
	if len(args) != 1 {
		ts.Fatalf("usage: hear [who|group] pattern")
	}
	pattern := regexp.MustCompile("(?s)" + args[0])
	text := p.next(ts, chat, args[0])
	if !pattern.MatchString(text) {
		ts.Fatalf("the bot says:\n%s\nexpected:\n%s", text, args[0])
	}
	ts.Logf("heard: %s", text)
}

// both pattern pattern hears the next two things that the bot says, in either
// order: what a tap does to its message may come before what was said earlier.
func (p *phone) both(ts *testscript.TestScript, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: both pattern pattern")
	}
	expected := args[0] + "\n" + args[1]
	first, second := p.next(ts, 0, expected), p.next(ts, 0, expected)
	a, b := regexp.MustCompile("(?s)"+args[0]), regexp.MustCompile("(?s)"+args[1])
	if !(a.MatchString(first) && b.MatchString(second)) && !(a.MatchString(second) && b.MatchString(first)) {
		ts.Fatalf("the bot says:\n%s\n%s\nexpected in either order:\n%s", first, second, expected)
	}
	ts.Logf("heard: %s\n%s", first, second)
}

// next waits for the next thing that the bot says, in a chat unless that is 0.
func (p *phone) next(ts *testscript.TestScript, chat int64, expected string) string {
	var next spoken
	unheard := func() bool {
		for _, next = range p.spoken() {
			if !p.heard[next.serial] && (chat == 0 || next.chat == chat) {
				return true
			}
		}
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.server.Wait(ctx, unheard); err != nil {
		ts.Fatalf("the bot says nothing; expected %q", expected)
	}
	p.heard[next.serial] = true
	return next.text
}

// reacted emoji waits until the bot has put that on a message in the group.
func (p *phone) reacted(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: reacted emoji")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.server.Wait(ctx, func() bool {
		return slices.ContainsFunc(p.server.Messages(p.group.ID), func(m telegramtest.Message) bool { return m.Reaction == args[0] })
	}); err != nil {
		ts.Fatalf("the bot puts no %s on a message", args[0])
	}
}

// ask pattern words... says the same to the bot until it answers like that: it
// may not know yet.
func (p *phone) ask(ts *testscript.TestScript, args []string) {
	pattern := regexp.MustCompile("(?s)" + args[0])
	text := ""
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		p.say(ts, args[1:])
		if text = p.next(ts, 0, args[0]); pattern.MatchString(text) {
			ts.Logf("heard: %s", text)
			return
		}
	}
	ts.Fatalf("the bot says:\n%s\nexpected:\n%s", text, args[0])
}

// shows pattern waits until a message in the owner's chat reads like that now:
// an alert is edited as its state changes, whenever there is time for it.
func (p *phone) shows(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: shows pattern")
	}
	pattern := regexp.MustCompile("(?s)" + args[0])
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := p.server.Wait(ctx, func() bool {
		return slices.ContainsFunc(p.server.Messages(owner.ID), func(m telegramtest.Message) bool { return pattern.MatchString(m.Text) })
	})
	if err != nil {
		for _, m := range p.server.Messages(owner.ID) {
			ts.Logf("%d: %s", m.ID, m.Text)
		}
		ts.Fatalf("no message reads like %q", args[0])
	}
}

// unsaid pattern checks that the bot has never said anything like that.
func (p *phone) unsaid(ts *testscript.TestScript, args []string) {
	pattern := regexp.MustCompile("(?s)" + args[0])
	for _, c := range p.server.Calls() {
		if text := c.Params["text"]; pattern.MatchString(text) {
			ts.Fatalf("the bot has said:\n%s", text)
		}
	}
}

// silence waits until the bot has confirmed everything and checks that it has
// said nothing that was not heard.
func (p *phone) silence(ts *testscript.TestScript, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.server.Wait(ctx, func() bool { return p.server.Pending() == 0 }); err != nil {
		ts.Fatalf("the bot does not confirm its updates")
	}
	for _, s := range p.spoken() {
		if !p.heard[s.serial] {
			ts.Fatalf("the bot says, unasked:\n%s", s.text)
		}
	}
}

// spoken is one thing that the bot said.
type spoken struct {
	serial int // of the call
	chat   int64
	text   string
}

// aList is how a list begins.
var aList = regexp.MustCompile(`^([A-Z][a-z ]+ goals|Goals [a-z ]+|Found)( ·|:)|^No goals yet`)

// spoken is what the bot has said so far and Telegram has taken, to anybody,
// each edit as a message of its own, but for those of alerts and of lists that
// nobody has tapped, which come when there is time for them: see shows.
func (p *phone) spoken() []spoken {
	var all []spoken
	taps := slices.Clone(p.turned)
	byItself := func(i int, c telegramtest.Call) bool {
		if c.Method != "editMessageText" || !aList.MatchString(c.Params["text"]) {
			return false
		}
		tap := slices.IndexFunc(taps, func(t turned) bool {
			return strconv.FormatInt(t.chat, 10) == c.Params["chat_id"] && strconv.Itoa(t.message) == c.Params["message_id"] && t.after <= i
		})
		if tap >= 0 {
			taps = slices.Delete(taps, tap, tap+1)
		}
		return tap < 0
	}
	for i, c := range p.server.Calls() {
		if c.Status != 200 || c.Method == "editMessageText" && strings.HasPrefix(c.Params["text"], "🚨") || byItself(i, c) {
			continue
		}
		chat, _ := strconv.ParseInt(c.Params["chat_id"], 10, 64)
		switch c.Method {
		case "sendMessage", "editMessageText":
			all = append(all, spoken{c.Serial, chat, c.Params["text"]})
		case "sendDocument", "sendPhoto", "sendVideo", "sendAudio", "sendVoice", "sendAnimation":
			all = append(all, spoken{c.Serial, chat, c.Params["caption"]})
		}
	}
	return all
}
