package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"goalbot/handlers"
)

// This file tells Telegram what the bot shows of itself: the menu of commands
// and the words of its profile. Nothing depends on it, so what fails for good
// is logged and left.

// introduce sets what Telegram does not have yet.
func (p *Poller) introduce(ctx context.Context) {
	p.setMenu(ctx, handlers.Editor, 0) // as in groups, where people differ
	about := handlers.About()
	p.setText(ctx, "Description", "description", about.Long)
	p.setText(ctx, "ShortDescription", "short_description", about.Short)
	if p.name != "" {
		p.setText(ctx, "Name", "name", p.name)
	}
}

// setMenu tells Telegram the commands of a role. Without a chat they are for
// all who have no menu of their own.
func (p *Poller) setMenu(ctx context.Context, role handlers.Role, chat int64) {
	type entry struct {
		Command     string `json:"command"`
		Description string `json:"description"`
	}
	var menu []entry
	for _, c := range handlers.CommandsFor(role) {
		menu = append(menu, entry{c.Name, c.Short})
	}
	params := inChat(chat)
	if err := params.AddInterface("commands", menu); err != nil {
		p.log.Warn("the menu of commands could not be made", "err", err)
		return
	}
	p.insist(ctx, "setMyCommands", params)
}

// showMenu gives the private chat with somebody who has just written the menu
// of what they are; such a chat has the id of its user (Bot API).
func (p *Poller) showMenu(ctx context.Context, user int64) {
	role := p.handler.Role(user)
	if p.menus[user] == role {
		return
	}
	p.menus[user] = role
	p.aside(func() {
		if role == 0 { // not any more
			p.insist(ctx, "deleteMyCommands", inChat(user))
			return
		}
		p.setMenu(ctx, role, user)
	})
}

func inChat(chat int64) tgbotapi.Params {
	if chat == 0 {
		return tgbotapi.Params{}
	}
	return tgbotapi.Params{"scope": fmt.Sprintf(`{"type":"chat","chat_id":%d}`, chat)}
}

// setText sets a text of the profile, unless Telegram has it already: these
// calls are allowed a few times a day only.
func (p *Poller) setText(ctx context.Context, method, field, text string) {
	result, ok := p.insist(ctx, "getMy"+method, nil)
	if !ok {
		return
	}
	var has map[string]string
	if json.Unmarshal(result, &has) == nil && has[field] == text {
		return
	}
	p.insist(ctx, "setMy"+method, tgbotapi.Params{field: text})
}

// insist calls a method for as long as it takes. ok is false where Telegram
// refuses, or the program ends.
func (p *Poller) insist(ctx context.Context, method string, params tgbotapi.Params) (result json.RawMessage, ok bool) {
	retry := newBackOff(time.Second, 5*time.Minute)
	for {
		result, err := p.client.call(ctx, method, params, callDeadline)
		if err == nil || ctx.Err() != nil {
			return result, err == nil
		}
		wait := retry.NextBackOff()
		switch kind, e := classify(err); kind {
		case flood:
			wait = retryAfter(e)
		case transient:
		default:
			p.log.Warn("the bot's profile could not be set", "err", err)
			return nil, false
		}
		p.log.Warn("the bot's profile could not be set and will be tried again", "err", err, "wait", wait.Round(time.Millisecond))
		if !sleep(ctx, wait) {
			return nil, false
		}
	}
}
