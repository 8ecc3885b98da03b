package telegram

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"goalbot/message"
)

// This file leaves out what a server of the Bot API does not know yet, as one that
// somebody runs on their own and seldom updates. What it does not know it says, once,
// and this is remembered until the program ends. Clients that are older than the server
// show the same words without the frill, which is not our concern.

// older is what the server has refused because it does not know it.
type older struct{ instants, folds, copies atomic.Bool }

// learns notes what a refusal of a message says the server does not know, and reports
// whether that is something new that can be left out. Instants are newer than folds.
func (o *older) learns(err error, m message.Message) bool {
	refused, ok := errors.AsType[*tgbotapi.Error](err)
	if !ok {
		return false
	}
	has := func(kind string) bool {
		return slices.ContainsFunc(m.Entities, func(e message.Entity) bool { return e.Type == kind })
	}
	switch {
	case strings.Contains(refused.Message, "Unsupported type specified"):
		return has(message.Instant) && !o.instants.Swap(true) || has(message.Folded) && !o.folds.Swap(true)
	case strings.Contains(refused.Message, "Text buttons are unallowed"):
		return slices.ContainsFunc(m.Buttons, func(row []message.Button) bool { return slices.ContainsFunc(row, copies) }) && !o.copies.Swap(true)
	}
	return false
}

func copies(b message.Button) bool { return b.Copy != "" }

// without is the message without what the server does not know. The words stay.
func (o *older) without(m message.Message) message.Message {
	m.Entities = slices.DeleteFunc(slices.Clone(m.Entities), func(e message.Entity) bool {
		return e.Type == message.Instant && o.instants.Load() || e.Type == message.Folded && o.folds.Load()
	})
	if o.copies.Load() {
		var rows [][]message.Button
		for _, row := range m.Buttons {
			if row = slices.DeleteFunc(slices.Clone(row), copies); len(row) > 0 {
				rows = append(rows, row)
			}
		}
		m.Buttons = rows
	}
	return m
}

// react puts the reaction of a message on the one that it answers.
func (c *Client) react(ctx context.Context, chat int64, m message.Message) (int64, error) {
	params := tgbotapi.Params{
		"chat_id": strconv.FormatInt(chat, 10), "message_id": strconv.FormatInt(m.ReplyTo, 10),
		"reaction": fmt.Sprintf(`[{"type":"emoji","emoji":%q}]`, m.React),
	}
	_, err := c.call(ctx, "setMessageReaction", params, callDeadline)
	return cmp.Or(m.Edit, noNumber), err
}
