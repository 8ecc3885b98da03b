package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"goalbot/access"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file lets people in, by links that hold a code, in a private chat.

// Stranger deals with a request of somebody who is no member. In a private
// chat the right code lets them in, and one that is over is told so once;
// everything else is passed over in silence and leaves no trace but one line
// in the log.
func (h *Handlers) Stranger(ctx context.Context, req Request) error {
	m := h.members
	if req.Name != "start" || req.Args == "" || !req.Chat.Private || req.Edited || req.Tap || !m.MayGuess(req.From.ID) {
		m.Mention(req.From.ID)
		return nil
	}
	var i access.Invitation
	var why access.Ending
	err := h.store.View(ctx, func(tx store.Tx) (err error) {
		c, err := h.call(tx, req)
		if err != nil {
			return err
		}
		i, why, err = c.codes.Look(c.tx, c.people, c.Args)
		return err
	})
	if err != nil {
		return err
	}
	if why == access.Valid {
		err := h.update(ctx, h.store, req, func(c *call) error {
			answer, err := c.join()
			if err != nil {
				return err
			}
			return c.send(answer)
		})
		_, refused := refusalWords(err)
		switch {
		case err == nil, errors.Is(err, store.ErrRepeat): // it is kept
			return m.Load(ctx, h.store)
		case !refused:
			return err
		}
		why = access.Used // another was faster
	}
	// It may be the same request again, after a commit of which nobody could
	// tell whether it took effect.
	if err := m.Load(ctx, h.store); err != nil || m.Has(req.From.ID) {
		return err
	}
	m.Mention(req.From.ID)
	if why == access.Unknown {
		m.Guessed(req.From.ID)
		return nil
	}
	if i.By == 0 && m.None() {
		m.Wake() // who waits for the first owner makes a new link at once
	}
	return h.tellEnded(ctx, req)
}

// join uses a code up. Whoever may do as much already leaves it for others.
func (c *call) join() (m message.Message, err error) {
	i, why, err := c.codes.Look(c.tx, c.people, c.Args)
	switch {
	case err != nil:
		return m, err
	case why != access.Valid && why != access.Unknown:
		return m, refusal(linkEnded(why) + " An owner can make another with /invite.")
	case why == access.Unknown:
		return m, refusal("This link doesn't work, or no longer works. An owner can make another with /invite.")
	case c.role >= i.Role:
		return m, refuse("You are already %s here. The link still works; send it to the person it is for.", c.role.One())
	}
	if err := access.Use(c.tx, c.Args, i); err != nil {
		return m, err
	}
	if err := c.setMember(c.From.ID, access.Member{Name: c.From.Name, Role: i.Role, At: c.At, By: i.By}); err != nil {
		return m, err
	}
	c.role = i.Role
	if i.By != 0 {
		joined := func(by string) *message.Text {
			return new(message.Text).Add(roleIcon(i.Role) + " ").Bold(isolate(clip(c.From.Name, 60))).Add(" joined as " + i.Role.One() + by + ".")
		}
		if err := c.tellOwner(i.By, joined("")); err != nil {
			return m, err
		}
		if err := c.tellOwners(joined(", invited by "+c.nameOf(i.By)), i.By); err != nil {
			return m, err
		}
	}
	var t message.Text
	switch {
	case i.By == 0:
		t.Bold("You are the owner now.").Add(" Nobody else can use me until you /invite them. I keep your goals; " + c.alertsCome(c.Chat.ID) + ".\n\nAdd the first: /addgoal call mother")
	case i.Role == access.Owner:
		t.Bold("You are an owner now.").Add(" You can do everything, and " + c.alertsCome(c.Chat.ID) + ".\n\nSee the goals: /goals")
	case i.Role == access.Editor:
		t.Bold("You are an editor now.").Add(" You can see the goals and change them.\n\nSee them: /goals\nAdd one: /addgoal call mother")
	default:
		t.Bold("You are a viewer now.").Add(" You can see the goals.\n\nSee them: /goals")
	}
	return t.Add("\n/help shows everything you can do.").Message(), nil
}

// alertsCome says where alerts go, to somebody who is an owner, in a private
// chat of theirs.
func (c *call) alertsCome(chat int64) string {
	if c.people.AlertsNamed() && !slices.Contains(c.people.AlertChats(), chat) {
		return "alerts about goals.json go to the chats in ALERT_CHAT_IDS, and this is not one of them"
	}
	return "alerts about goals.json come to this chat"
}

// invite makes a link for somebody else.
func (c *call) invite() (message.Message, error) {
	var role access.Role
	if err := role.UnmarshalText([]byte(goals.Fold(c.Args))); err != nil {
		button := func(r access.Role) []message.Button {
			return []message.Button{{Label: roleIcon(r) + " " + capital(r.String()), Command: "invite " + r.String()}}
		}
		alerts := "."
		if !c.people.AlertsNamed() {
			alerts = ", and gets the alerts."
		}
		return new(message.Text).Add("Which role should they have? A viewer sees the goals. An editor changes them too. An owner can do all that you can"+alerts).
			Message(button(access.Viewer), button(access.Editor), button(access.Owner)), nil
	}
	code, made, err := c.codes.New(c.tx, access.Invitation{Role: role, By: c.From.ID})
	if err != nil {
		return message.Message{}, err
	}
	link := fmt.Sprintf("https://t.me/%s?start=%s", c.Bot, code)
	share := url.Values{"url": {link}, "text": {fmt.Sprintf("With this link you can use our list of goals. It works once, for %d minutes.", int(access.CodeLifetime.Minutes()))}}
	return new(message.Text).Addf("Send this link to the person who should become %s. It works once, and is valid until %s.\n\n%s", role.One(), c.date(made.Until), link).
		Message([]message.Button{
			{Label: "📤 Share", URL: "https://t.me/share/url?" + strings.ReplaceAll(share.Encode(), "+", "%20")}, // clients show a plus as it is
			{Label: "✖️ Cancel it", Command: "invitations cancel " + made.ID},
		}), nil
}

func (c *call) setMember(id int64, who access.Member) error {
	c.renew = true
	if who.Role == 0 {
		if err := c.shutOut(id); err != nil {
			return err
		}
	}
	return access.Set(c.tx, id, who)
}
