package handlers

import (
	"context"
	"errors"

	"goalbot/message"
	"goalbot/settings"
	"goalbot/store"
)

// This file queues what is said.

// Unsaid is the error for requests that are done, with words about them that
// the store did not take. They are to be sent without it.
type Unsaid struct {
	Chats   []Chat
	Message message.Message
	Err     error // why the store did not take it
}

func (u *Unsaid) Error() string { return "queue an answer: " + u.Err.Error() }

func (u *Unsaid) Unwrap() error { return u.Err }

// queue queues an answer to a request, and keeps what also does.
func (h *Handlers) queue(ctx context.Context, req Request, m message.Message, also ...func(*call) error) error {
	return h.update(ctx, h.store, req, func(c *call) error {
		for _, f := range also {
			if err := f(c); err != nil {
				return err
			}
		}
		return c.send(m)
	})
}

// send queues an answer for the chat that the request came from. The answer
// to a tap takes the place of the message that was tapped, which is there for
// others too where this person may not use it.
func (c *call) send(m message.Message) error {
	nothing := m.Text == "" && !m.Attached() && m.Render == ""
	if c.private && !c.Chat.Private && !nothing {
		var err error
		if m, err = c.sendInPrivate(m); err != nil {
			return err
		}
	}
	m = c.prepared(m)
	if c.poses && !m.Ask && m.Edit == 0 {
		m.Over = c.replaces
	}
	if nothing {
		return c.sayEndings(m)
	}
	if err := c.cover(m); err != nil {
		return err
	}
	if err := c.say(m); err != nil {
		return err
	}
	if c.retired != 0 {
		if err := c.say(message.Message{Edit: c.retired}); err != nil {
			return err
		}
	}
	return c.sayEndings(m)
}

// prepared is an answer as it is to be sent.
func (c *call) prepared(m message.Message) message.Message {
	m.Thread = c.Chat.Thread
	m.Buttons = c.usable(m.Buttons, c.role, c.Chat.Private)
	m.Answer, m.Tapped = !c.Tap, c.Tap
	m.Quiet = !c.values.Rings(settings.RingAnswers, c.now())
	if !c.Chat.Private && c.From.ID > 0 {
		m.Elsewhere, m.About = []int64{c.From.ID}, c.whereAsked()
	}
	if m.Ask && !c.Chat.Private && c.From.ID > 0 {
		// The tapped message is ours, and one of theirs may be gone when this
		// arrives, so answering that could ask nobody.
		t := new(message.Text).Mention(clip(c.people.Name(c.From.ID), maxInButton)).Add(": ").Append(m.Words()).Message()
		m.Text, m.Entities, m.Asked = t.Text, t.Entities, c.From.ID
	}
	switch {
	case c.Tap && !m.Ask && !c.denied && m.Render == "" && m.File == nil:
		m.Edit = c.Message
	case !c.Chat.Private && !c.Tap:
		m.ReplyTo = c.Message
	}
	return m
}

// say queues a message for the chat that the request came from. Where it has
// no room in the outbox, a short one says so; where that has none either, so
// many answers are on their way that nobody misses one.
func (c *call) say(m message.Message) error {
	if !m.Fits() {
		c.log.Warn("an answer was too long and is shortened", "command", c.Name)
	}
	err := queue(c.tx, c.Chat.ID, m)
	if errors.Is(err, store.ErrOutboxFull) {
		c.log.Warn("an answer is left out", "chat", c.Chat.ID, "command", c.Name, "err", err)
	}
	if errors.Is(err, store.ErrOutboxFull) && m.Render != "" {
		if err := c.notUploaded(m, c.Chat.ID); err != nil {
			return err
		}
	}
	if errors.Is(err, store.ErrOutboxFull) && !m.ButtonsAlone() {
		err = queue(c.tx, c.Chat.ID, message.Message{Text: tooMuchWaits, Thread: m.Thread, ReplyTo: m.ReplyTo, Edit: m.Edit, Quiet: m.Quiet, Answer: m.Answer})
	}
	return unlessFull(err)
}

const tooMuchWaits = "I left out an answer, because too many messages are waiting to be sent. Ask again once they have arrived."

// queue queues a message for a chat, shortened where it is too long.
func queue(tx store.Tx, chat int64, m message.Message) error {
	body, err := m.Fit().Encode()
	if err != nil {
		return err
	}
	return tx.Send(store.Message{Chat: chat, Body: body})
}

// unlessFull is for messages that may be left out where too much waits: what
// they tell of goes on without them.
func unlessFull(err error) error {
	if errors.Is(err, store.ErrOutboxFull) {
		return nil
	}
	return err
}
