package telegram

import (
	"context"
	"encoding/json"
	"runtime/debug"
	"strconv"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"goalbot/handlers"
)

// This file answers taps, so that the button stops spinning.

// meet does once what must happen before an update is handled.
func (p *Poller) meet(ctx context.Context, a *arrival) {
	if a.met {
		return
	}
	a.met = true
	// A tap is answered first, in a goroutine of its own: the button spins until then.
	if c := a.Callback; c != nil && c.From != nil && a.fresh {
		p.meetTap(ctx, c)
	}
	if a.ours && a.req.Chat.Private {
		p.menus.wrote(a.req.From.ID)
	}
	if a.ours {
		member := p.handler.Member(a.req.From.ID)
		p.Updates.add(a.kind(), map[bool]string{true: "member", false: "stranger"}[member])
		if member {
			p.sender.Attend(a.req.Chat.ID)
		}
	}
}

func (p *Poller) meetTap(ctx context.Context, c *callback) {
	switch {
	case p.handler.Member(c.From.ID):
		toast := ""
		if !c.placed() {
			toast = handlers.ToastPrivate
		}
		p.aside(func() { p.answerTap(ctx, c.ID, toast) })
	case c.placed() && p.handler.Member(c.Message.Chat.ID) && p.hints.Allow(): // a group is a member
		p.aside(func() { p.hint(ctx, c) })
	}
}

// hint tells an admin who may write as the group, but taps under a name that
// nobody let in, what to do instead. Strangers hear nothing, so the server is
// asked whether it is such an admin.
func (p *Poller) hint(ctx context.Context, c *callback) {
	own, cancel := outlive(ctx, tapTime)
	defer cancel()
	result, err := p.client.call(own, "getChatMember", tgbotapi.Params{
		"chat_id": strconv.FormatInt(c.Message.Chat.ID, 10), "user_id": strconv.FormatInt(c.From.ID, 10),
	}, tapTime/2)
	var who struct {
		Status    string `json:"status"`
		Anonymous bool   `json:"is_anonymous"`
	}
	if err == nil {
		err = json.Unmarshal(result, &who)
	}
	if err != nil {
		p.log.Debug("who tapped could not be looked up", "err", err)
		return
	}
	if who.Anonymous && (who.Status == "creator" || who.Status == "administrator") {
		p.answerTap(ctx, c.ID, handlers.ToastAnonymous)
	}
}

// aside runs f beside the loop. A panic in it ends f alone.
func (p *Poller) aside(f func()) {
	p.beside.Go(func() {
		defer func() {
			if r := recover(); r != nil {
				p.log.Error("what goes on beside the loop caused a panic", "panic", r, "stack", string(debug.Stack()))
			}
		}()
		f()
	})
}

// answerTap ends the spinning of a button, and shows the toast if there is one.
// The answer may be lost on the way; a second one does no harm.
func (p *Poller) answerTap(ctx context.Context, id, toast string) {
	params := tgbotapi.Params{"callback_query_id": id}
	params.AddNonEmpty("text", toast)
	own, cancel := outlive(ctx, tapTime)
	defer cancel()
	retry := newBackOff(300*time.Millisecond, 2*time.Second)
	for {
		_, err := p.client.call(own, "answerCallbackQuery", params, tapTime/2)
		if err == nil {
			return
		}
		wait := retry.NextBackOff()
		switch kind, e := classify(err); kind {
		case transient:
		case flood:
			wait = retryAfter(e)
		default: // an old query is refused; what the tap asked for is done all the same
			p.log.Debug("a tap could not be answered", "err", err)
			return
		}
		if !sleep(own, wait) {
			p.log.Debug("a tap could not be answered in time", "err", err)
			return
		}
	}
}
