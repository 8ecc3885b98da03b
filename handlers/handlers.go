// Package handlers turns words and taps into a change of the list, and the
// outcome into words. It knows nothing of Telegram: a [Request] comes in, a
// message goes out through the transaction that holds the change.
package handlers

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"goalbot/goals"
	"goalbot/message"
)

// Request is what one member said or tapped.
type Request struct {
	Key     string // unique for ever; the same key is never acted on twice
	From    Person
	Chat    Chat
	Name    string // the command without its slash; "" for plain words
	Args    string // what follows the command, or the plain words
	Message int64  // the message that says so, or that the tapped button belongs to
	Edited  bool   // the message was said before and has been altered
	Tap     bool   // a button was pressed
	Reply   bool   // it answers a message of ours
	At      time.Time
}

// Person is who sent a request. Only the ID proves anything.
type Person struct {
	ID   int64
	Name string
}

// Chat is where a request was made and the answer goes.
type Chat struct {
	ID      int64
	Private bool
	Thread  int64 // the topic, in a forum
}

// Doctor looks after goals.json.
type Doctor interface {
	// Report looks now and says how everything is.
	Report(ctx context.Context) message.Message
	// Restore writes the file from the palace. What did not load is kept
	// under the name that is returned.
	Restore(ctx context.Context) (kept string, err error)
}

// Handlers answers requests.
type Handlers struct {
	store   goals.Store
	doctor  Doctor
	members *Members
	log     *slog.Logger
	zone    *time.Location
	table   []command
}

// New takes what the answers need. Dates are shown in zone.
func New(store goals.Store, doctor Doctor, members *Members, zone *time.Location, log *slog.Logger) *Handlers {
	return &Handlers{store: store, doctor: doctor, members: members, zone: zone, log: log, table: commands()}
}

// call is one request being answered.
type call struct {
	*Handlers
	Request
	tx goals.Tx
}

// Handle acts on a member's request and queues the answer, both in one
// transaction or neither. The error is the store's: [goals.ErrRepeat] for a
// request that was handled before, [goals.ErrUnknown] for one that must be
// tried again; in any other case nothing happened and nothing was said.
func (h *Handlers) Handle(ctx context.Context, req Request) error {
	row, known := h.find(req.Name)
	if known && row.outside != nil && !req.Edited {
		// What these do takes the store's own locks, so it comes before the
		// transaction that holds the answer. Doing it twice does no harm.
		answer := row.outside(h, ctx, req)
		return h.queue(ctx, req, answer)
	}
	err := h.store.Update(ctx, req.origin(), func(tx goals.Tx) error {
		c := &call{Handlers: h, Request: req, tx: tx}
		answer, err := c.answer(row, known)
		var refusal goals.Refusal
		if err != nil && !errors.As(err, &refusal) {
			return err
		}
		if refusal != "" {
			answer = new(message.Text).Add(refusal.Error()).Message()
		}
		if serr := c.send(answer); serr != nil {
			return serr
		}
		return err
	})
	var refusal goals.Refusal
	switch {
	case errors.As(err, &refusal):
		return nil
	case errors.Is(err, goals.ErrFileBehind):
		follow := req
		follow.Key, follow.Tap = req.Key+"/file", false
		return h.queue(ctx, follow, fileBehind(err))
	}
	return err
}

// Member reports whether a user may use the bot.
func (h *Handlers) Member(user int64) bool { return h.members.Has(user) }

// Failed tells the person that their request could not be handled and that
// nothing was changed. It also notes the request, so that it is not tried
// again after it has been given up.
func (h *Handlers) Failed(ctx context.Context, req Request) error {
	return h.queue(ctx, req, NotDone())
}

func (h *Handlers) queue(ctx context.Context, req Request, m message.Message) error {
	err := h.store.Update(ctx, req.origin(), func(tx goals.Tx) error {
		return (&call{Handlers: h, Request: req, tx: tx}).send(m)
	})
	if errors.Is(err, goals.ErrFileBehind) {
		return nil // saved, and the person has been told
	}
	return err
}

func (r Request) origin() goals.Origin {
	name := r.Name
	if name == "" {
		name = "text"
	}
	return goals.Origin{Key: r.Key, By: r.From.ID, Name: name, At: r.At}
}

// answer runs the command, or makes sense of words that name none. A panic
// becomes an error, so that one odd request does not end the program.
func (c *call) answer(row command, known bool) (m message.Message, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("a command panicked", "command", c.Name, "panic", p, "stack", string(debug.Stack()))
			m, err = message.Message{}, fmt.Errorf("handle %s: panic: %v", c.Name, p)
		}
	}()
	switch {
	case c.Edited:
		return c.edited()
	case c.Name == "":
		return c.plain()
	}
	if err := c.forgetQuestion(); err != nil {
		return m, err
	}
	if !known {
		return c.unknown()
	}
	return row.do(c)
}

// send queues an answer for the chat that the request came from. The answer
// to a tap takes the place of the message that was tapped.
func (c *call) send(m message.Message) error {
	if m.Text == "" && m.Document == nil {
		return nil
	}
	m.Thread = c.Chat.Thread
	switch {
	case c.Tap && !m.Ask:
		m.Edit = c.Message
	case !c.Chat.Private && !c.Tap:
		m.ReplyTo = c.Message
	}
	body, err := m.Encode()
	if err != nil {
		return err
	}
	return c.tx.Send(goals.Message{Chat: c.Chat.ID, Body: body})
}

func (h *Handlers) find(name string) (command, bool) {
	for _, row := range h.table {
		if row.name == name {
			return row, true
		}
	}
	return command{}, false
}

// newID makes an id as goals.json has them: "g-" and eight hex digits.
func newID() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return "g-" + hex.EncodeToString(b[:])
}
