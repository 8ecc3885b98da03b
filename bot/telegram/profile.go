package telegram

import (
	"context"
	"encoding/json"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"goalbot/handlers"
)

// This file tells Telegram the words of the bot's profile. Nothing depends on
// them, so what fails for good is logged and left.

// introduce sets what Telegram does not have yet.
func (p *Poller) introduce(ctx context.Context) {
	about := handlers.About()
	p.setText(ctx, "Description", "description", about.Long)
	p.setText(ctx, "ShortDescription", "short_description", about.Short)
	if p.name != "" {
		p.setText(ctx, "Name", "name", p.name)
	}
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
