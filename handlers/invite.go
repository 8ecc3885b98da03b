package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/time/rate"

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
	if req.Name != "start" || req.Args == "" || !req.Chat.Private || req.Edited || req.Tap || !m.mayGuess(req) {
		m.mention(req)
		return nil
	}
	var i invitation
	var why ending
	err := h.store.View(ctx, func(tx store.Tx) (err error) {
		c, err := h.call(tx, req)
		if err != nil {
			return err
		}
		i, why, err = c.invited()
		return err
	})
	if err != nil {
		return err
	}
	if why == stillGood {
		err := h.store.Update(ctx, req.origin(), func(tx store.Tx) error {
			c, err := h.call(tx, req)
			if err != nil {
				return err
			}
			answer, err := c.join()
			if err != nil {
				return err
			}
			return c.send(answer)
		})
		var refusal goals.Refusal
		switch {
		case err == nil, errors.Is(err, store.ErrFileBehind), errors.Is(err, store.ErrRepeat): // it is kept
			return m.Load(ctx, h.store)
		case !errors.As(err, &refusal):
			return err
		}
		why = used // another was faster
	}
	// It may be the same request again, after a commit of which nobody could
	// tell whether it took effect.
	if err := m.Load(ctx, h.store); err != nil || m.Has(req.From.ID) {
		return err
	}
	m.mention(req)
	if why == noSuch {
		m.guessed(req)
		return nil
	}
	if i.By == 0 && m.None() {
		m.wake() // who waits for the first owner makes a new link at once
	}
	return h.tellEnded(ctx, req)
}

// join uses a code up. Whoever may do as much already leaves it for others.
func (c *call) join() (m message.Message, err error) {
	i, why, err := c.invited()
	switch {
	case err != nil:
		return m, err
	case why != stillGood:
		return m, goals.Refusal("This link does not work, or does not work any more. An owner can make another with /invite.")
	case c.role >= i.Role:
		return m, goals.Refusal(fmt.Sprintf("You are %s here already. The link still works; send it to whom it is for.", c.role.one()))
	}
	if err := c.use(i); err != nil {
		return m, err
	}
	if err := c.setMember(c.From.ID, member{Name: c.From.Name, Role: i.Role, At: c.At, By: i.By}); err != nil {
		return m, err
	}
	c.role = i.Role
	if i.By != 0 {
		t := new(message.Text).Add(i.Role.icon() + " ").Bold(isolate(clip(c.From.Name, 60))).Add(" has come in and is " + i.Role.one() + " now.")
		told := t.Message([]message.Button{{Label: "People", Command: "members"}})
		told.For = ForOwners
		if err := c.tell(i.By, told); err != nil {
			return m, err
		}
	}
	var t message.Text
	switch {
	case i.By == 0:
		t.Bold("You are the owner now.").Add(" Nobody else can use me until you /invite them. I keep your goals; " + c.people.alertsCome(c.Chat.ID) + ".\n\nAdd the first: /addgoal call mother")
	case i.Role == Owner:
		t.Bold("You are an owner now.").Add(" You can do everything, and " + c.people.alertsCome(c.Chat.ID) + ".\n\nSee the goals: /goals")
	case i.Role == Editor:
		t.Bold("You are an editor now.").Add(" You can see the goals and change them.\n\nSee them: /goals\nAdd one: /addgoal call mother")
	default:
		t.Bold("You are a viewer now.").Add(" You can see the goals.\n\nSee them: /goals")
	}
	return t.Add("\n/help shows everything you can do.").Message(), nil
}

// mayGuess reports whether a sender may try a code. Of one sender five wrong
// ones in ten minutes are looked at. There is no limit for all senders
// together: it would let strangers lock others out, and 128 bits need no such
// help.
func (m *Members) mayGuess(req Request) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.limiter(req).Tokens() >= 1
}

func (m *Members) guessed(req Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.limiter(req).Allow()
}

func (m *Members) limiter(req Request) *rate.Limiter {
	limiter := m.guesses[req.From.ID]
	if limiter == nil {
		if len(m.guesses) >= maxStrangers {
			clear(m.guesses)
		}
		limiter = rate.NewLimiter(rate.Every(2*time.Minute), 5)
		m.guesses[req.From.ID] = limiter
	}
	return limiter
}

// invite makes a link for somebody else.
func (c *call) invite() (message.Message, error) {
	var role Role
	if err := role.UnmarshalText([]byte(goals.Fold(c.Args))); err != nil {
		button := func(r Role) []message.Button {
			return []message.Button{{Label: r.icon() + " " + capital(r.String()), Command: "invite " + r.String()}}
		}
		alerts := "."
		if len(c.people.access.Alerts) == 0 {
			alerts = ", and gets the alerts."
		}
		return new(message.Text).Add("What shall they be? A viewer sees the goals. An editor changes them too. An owner can do all that you can"+alerts).
			Message(button(Viewer), button(Editor), button(Owner)), nil
	}
	code, err := c.newCode(c.tx, invitation{Role: role, By: c.From.ID}, c.codes.wall())
	if err != nil {
		return message.Message{}, err
	}
	return new(message.Text).Addf("Send this link to the person who shall be %s. It works once, for %d minutes.\n\nhttps://t.me/%s?start=%s",
		role.one(), int(CodeLasts.Minutes()), c.Bot, code).Message(), nil
}

func (c *call) setMember(id int64, who member) error {
	value := ""
	if who.Role != 0 {
		encoded, err := json.Marshal(who)
		if err != nil {
			return err
		}
		value = string(encoded)
	}
	c.renew = true
	if who.Role != Owner {
		if err := endCodes(c.tx, id); err != nil {
			return err
		}
	}
	if who.Role == 0 {
		if err := c.shutOut(id); err != nil {
			return err
		}
	}
	return c.tx.SetRecord(memberRecord, strconv.FormatInt(id, 10), value)
}
