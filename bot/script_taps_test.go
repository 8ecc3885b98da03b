package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"goalbot/telegramtest"
)

// tap [who] [group|topic] label presses a button on the newest message there
// that shows one like that.
func (p *phone) tap(ts *testscript.TestScript, args []string) {
	from, chat, _, args := p.who(args)
	m, b := p.button(ts, chat, args)
	p.turn(chat.ID, m, b.Data)
	if _, err := p.server.Tap(chat, from, m, b.Text); err != nil {
		ts.Fatalf("tap: %v", err)
	}
}

// forge who label presses a button in the owner's private chat, which only a
// hostile client can reach, and in the own one, as if it were there too.
func (p *phone) forge(ts *testscript.TestScript, args []string) {
	from, chat, _, args := p.who(args)
	m, b := p.button(ts, p.server.Private(owner), args)
	p.server.TapForged(p.server.Private(owner), from, m, b.Data)
	p.server.TapForged(chat, from, m, b.Data)
}

func (p *phone) button(ts *testscript.TestScript, chat telegramtest.Chat, args []string) (message int, b telegramtest.Button) {
	label := regexp.MustCompile(strings.Join(args, " "))
	messages := p.server.Messages(chat.ID)
	for i := len(messages) - 1; i >= 0; i-- {
		for _, row := range messages[i].Buttons {
			for _, b := range row {
				if label.MatchString(b.Text) {
					return messages[i].ID, b
				}
			}
		}
	}
	ts.Fatalf("no message shows a button like %q", label)
	return 0, b
}

// remember label keeps the button of the newest message that shows one like
// that, for late to press.
func (p *phone) remember(ts *testscript.TestScript, args []string) {
	label := regexp.MustCompile(strings.Join(args, " "))
	for _, m := range slices.Backward(p.server.Messages(p.server.Private(owner).ID)) {
		for _, row := range m.Buttons {
			for _, b := range row {
				if label.MatchString(b.Text) {
					p.old.message, p.old.data = m.ID, b.Data
					return
				}
			}
		}
	}
	ts.Fatalf("no message shows a button like %q", label)
}

// turn notes a tap that shows a list.
func (p *phone) turn(chat int64, message int, data string) {
	if strings.HasPrefix(data, "goals") || strings.HasPrefix(data, "mode ") && strings.HasSuffix(data, " goals") {
		p.turned = append(p.turned, turned{chat, message, len(p.server.Calls())})
	}
}

// late presses the button that was remembered, though the message may no
// longer show it.
func (p *phone) late(ts *testscript.TestScript, args []string) {
	p.turn(owner.ID, p.old.message, p.old.data)
	p.server.TapForged(p.server.Private(owner), owner, p.old.message, p.old.data)
}
