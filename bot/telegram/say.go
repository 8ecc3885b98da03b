package telegram

import (
	"context"
	"errors"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"goalbot/handlers"
	"goalbot/message"
	"goalbot/progress"
	"goalbot/store"
)

// This file says what cannot wait in the outbox, and shows that somebody works
// on an answer.

// giveUp tells a member that their request could not be handled. It returns
// false where that could not be told before the program stops.
func (p *Poller) giveUp(ctx context.Context, req handlers.Request, member bool) bool {
	if !member {
		return true // who must not know that anybody is here
	}
	p.client.Polling.step(handleTime)
	own, cancel := outlive(ctx, handleTime)
	defer cancel()
	if err := p.handler.Failed(own, req); err != nil && !errors.Is(err, store.ErrRepeat) {
		return p.sayNow(ctx, req.Chat, to(req, handlers.GivenUp(req)))
	}
	return true
}

// typing shows in the chat that an answer is being made, until ctx ends: once that
// takes long, and at once where a list is read. Work that says how far it has come
// says so in the context that it returns.
func (p *Poller) typing(ctx context.Context, req handlers.Request) context.Context {
	work := p.client.showing(req.Chat.ID, p.log)
	after := typingAfter
	if req.Name == "import" || req.Media == "document" {
		after = 0
	}
	p.aside(func() { work.act(ctx, req.Chat.Thread, tgbotapi.ChatTyping, after) })
	p.aside(func() { work.count(ctx, req.Chat.Thread) })
	return progress.With(ctx, work.report)
}

// sayNow sends without the outbox, for when that cannot be written: until
// Telegram takes it, or never will, or sayTime is over. Where a group does not
// take it, it goes elsewhere. It returns false where the program stops before.
func (p *Poller) sayNow(ctx context.Context, chat handlers.Chat, m message.Message) bool {
	m.Thread = chat.Thread
	retry := newBackOff(time.Second, time.Minute)
	unsure := 0
	for began := time.Now(); ; {
		p.client.Polling.step(2 * uploadDeadline)
		own, cancel := outlive(ctx, 2*uploadDeadline)
		var err error
		if unsure > 0 { // see Sender.attempt
			err = p.client.reach(own, chat.ID)
		}
		if err == nil {
			_, err = p.client.send(own, chat.ID, m)
		}
		cancel()
		if err == nil {
			return true
		}
		wait := retry.NextBackOff()
		switch kind, e := classify(err); {
		case kind == flood:
			wait = retryAfter(e)
		case kind.final() && len(m.Elsewhere) > 0:
			chat, m = handlers.Chat{ID: m.Elsewhere[0], Private: true}, m.Private()
			continue
		case kind != transient && kind != unauthorized, time.Since(began) > sayTime:
			p.log.Error("what the outbox does not take could not be said", "err", err)
			return true
		case mayHaveSent(err):
			wait = max(wait, unsureWaits[min(unsure, len(unsureWaits)-1)])
			unsure++
		}
		p.log.Warn("what the outbox does not take could not be said and is tried again", "err", err, "wait", wait.Round(time.Millisecond))
		p.client.Polling.step(wait)
		if !sleep(ctx, wait) {
			return false
		}
	}
}

// to lets what is said of a request go to the person where a group does not
// take it.
func to(req handlers.Request, m message.Message) message.Message {
	if !req.Chat.Private && req.From.ID > 0 {
		m.Elsewhere = []int64{req.From.ID}
	}
	return m
}

func (p *Poller) sayUnsaid(ctx context.Context, u *handlers.Unsaid) bool {
	p.log.Error("the outbox does not take an answer, which is sent past it", "err", u)
	said := true
	for _, chat := range u.Chats {
		said = p.sayNow(ctx, chat, u.Message) && said
	}
	return said
}
