package handlers

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"goalbot/goals"
	"goalbot/message"
)

// This file lets people in: by links that hold a code of 128 random bits and
// work once, for ten minutes, in a private chat.

// CodeLasts is how long a code can be used.
const CodeLasts = 10 * time.Minute

// inviteRecord holds, under the hash of a code, what it is good for. The code
// itself is kept nowhere.
const inviteRecord = "invite"

type invitation struct {
	Role  Role      `json:"role"`
	By    int64     `json:"by,omitempty"` // 0 is the program, which lets the first owner in
	Until time.Time `json:"until"`
}

// newCode makes a code and keeps what it is good for; those that have run out
// are forgotten.
func newCode(tx goals.Tx, i invitation, now time.Time) (string, error) {
	records, err := tx.Records(inviteRecord)
	if err != nil {
		return "", err
	}
	for name, value := range records {
		var old invitation
		if err := json.Unmarshal([]byte(value), &old); err != nil {
			return "", fmt.Errorf("read invitation: %w", err)
		}
		if now.After(old.Until) || i.By == 0 && old.By == 0 { // one pairing link at a time
			if err := tx.SetRecord(inviteRecord, name, ""); err != nil {
				return "", err
			}
		}
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	code := base64.RawURLEncoding.EncodeToString(b[:])
	i.Until = now.Add(CodeLasts)
	value, err := json.Marshal(i)
	if err != nil {
		return "", err
	}
	return code, tx.SetRecord(inviteRecord, hashed(code), string(value))
}

func hashed(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}

// NewCode makes the code by which somebody becomes the first owner. The one
// before it is forgotten.
func (h *Handlers) NewCode(ctx context.Context, now time.Time) (code string, err error) {
	o := goals.Origin{Key: "pair/" + newID() + now.UTC().Format(time.RFC3339Nano), Name: "pair", At: now}
	err = h.store.Update(ctx, o, func(tx goals.Tx) error {
		code, err = newCode(tx, invitation{Role: Owner}, now)
		return err
	})
	if errors.Is(err, goals.ErrFileBehind) {
		err = nil // the code is kept all the same
	}
	return code, err
}

// invited returns what the code in a request is good for; ok is false where
// that is nothing. It is looked up by its hash, so that the time which this
// takes tells nothing about it.
func (c *call) invited() (i invitation, ok bool, err error) {
	value, err := c.tx.Record(inviteRecord, hashed(c.Args))
	if err != nil || value == "" {
		return i, false, err
	}
	if err := json.Unmarshal([]byte(value), &i); err != nil {
		return i, false, fmt.Errorf("read invitation: %w", err)
	}
	switch {
	case c.At.After(i.Until) || time.Now().After(i.Until): // the clock of a message proves nothing
		return i, false, nil
	case i.By == 0:
		return i, c.people.None(), nil
	}
	return i, c.people.Role(i.By) == Owner, nil // they may have lost that since
}

// Stranger deals with a request of somebody who is no member. In a private
// chat the right code lets them in; everything else is passed over in silence
// and leaves no trace but one line in the log.
func (h *Handlers) Stranger(ctx context.Context, req Request) error {
	m := h.members
	if req.Name != "start" || req.Args == "" || !req.Chat.Private || req.Edited || req.Tap || !m.mayGuess(req) {
		m.mention(req)
		return nil
	}
	right := false
	err := h.store.View(ctx, func(tx goals.Tx) (err error) {
		c, err := h.call(tx, req)
		if err != nil {
			return err
		}
		_, right, err = c.invited()
		return err
	})
	if err != nil {
		return err
	}
	if !right {
		// It may be the same request again, after a commit of which nobody
		// could tell whether it took effect.
		if err := m.Load(ctx, h.store); err != nil {
			return err
		}
		if !m.Has(req.From.ID) {
			m.guessed(req)
			m.mention(req)
		}
		return nil
	}
	err = h.store.Update(ctx, req.origin(), func(tx goals.Tx) error {
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
	case errors.As(err, &refusal): // another was faster
		m.mention(req)
		return nil
	case err != nil && !errors.Is(err, goals.ErrFileBehind) && !errors.Is(err, goals.ErrRepeat): // which are kept all the same
		return err
	}
	return m.Load(ctx, h.store)
}

// join uses a code up. Whoever may do as much already leaves it for others.
func (c *call) join() (m message.Message, err error) {
	i, ok, err := c.invited()
	switch {
	case err != nil:
		return m, err
	case !ok:
		return m, goals.Refusal("This link does not work, or does not work any more. An owner can make another with /invite.")
	case c.role >= i.Role:
		return m, goals.Refusal(fmt.Sprintf("You are %s here already. The link still works; send it to whom it is for.", c.role.one()))
	}
	if err := c.tx.SetRecord(inviteRecord, hashed(c.Args), ""); err != nil {
		return m, err
	}
	if err := c.setMember(c.From.ID, member{Name: c.From.Name, Role: i.Role, At: c.At, By: i.By}); err != nil {
		return m, err
	}
	c.role = i.Role
	if i.By != 0 {
		t := new(message.Text).Add(i.Role.icon() + " ").Bold(isolate(clip(c.From.Name, 60))).Add(" has come in and is " + i.Role.one() + " now.")
		if err := queue(c.tx, i.By, t.Message([]message.Button{{Label: "People", Command: "members"}})); err != nil {
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
	if !c.Chat.Private {
		return message.Message{}, goals.Refusal("Anybody here could use the link. Say /invite to me in our private chat.")
	}
	var role Role
	if err := role.UnmarshalText([]byte(strings.ToLower(strings.TrimSpace(c.Args)))); err != nil {
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
	code, err := newCode(c.tx, invitation{Role: role, By: c.From.ID}, time.Now())
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
	return c.tx.SetRecord(memberRecord, strconv.FormatInt(id, 10), value)
}
