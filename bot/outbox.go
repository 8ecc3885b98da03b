package main

import (
	"context"
	"sync"
	"time"

	"goalbot/access"
	"goalbot/bot/telegram"
	"goalbot/cache"
	"goalbot/handlers"
	"goalbot/health"
	"goalbot/message"
	"goalbot/store"
)

// queue is where messages wait: the palace.
type queue interface {
	View(context.Context, func(store.Tx) error) error
	Queued() <-chan struct{}
	Outbox(context.Context) ([]store.Message, error)
	Waiting(ctx context.Context, chat int64, limit int) ([]store.Message, error)
	Sent(ctx context.Context, id int64, f func(store.Tx) error) error
	SentBatch(ctx context.Context, ids []int64) error
	MoveToDeadLetters(ctx context.Context, id int64, reason string) error
	Knows(ctx context.Context, chat int64) (bool, error)
	MoveChat(ctx context.Context, from, to int64) error
}

// outbox is the queue of the palace as the sender sees it. It is read only after
// goals.json has been written, so that whoever is told of a change finds it in the
// file. Alerts are rendered when they leave.
type outbox struct {
	queue
	mirror  *cache.Mirror
	monitor *health.Monitor
	members *access.Members
	answers *handlers.Handlers

	mu     sync.Mutex
	alerts map[int64]store.Message // messages of the monitor that are being sent, by id
}

// StaleBoards returns the boards that are out of date, after goals.json has been
// written.
func (o *outbox) StaleBoards(ctx context.Context) (stale []handlers.BoardEdit, err error) {
	err = o.mirror.Settled(ctx, func() error {
		stale, err = o.answers.StaleBoards(ctx)
		return err
	})
	return stale, err
}

// BoardShown passes on what became of an edit.
func (o *outbox) BoardShown(e handlers.BoardEdit, taken bool) { o.answers.BoardShown(e, taken) }

// MoveChat follows a group that has become a supergroup, in the settings too. It
// ignores groups of which nothing is stored and which get no alerts, because anybody
// can create a group and convert it.
func (o *outbox) MoveChat(ctx context.Context, from, to int64) error {
	known, err := o.queue.Knows(ctx, from)
	if err != nil || !known && !o.members.Named(from) {
		return err
	}
	if err := o.queue.MoveChat(ctx, from, to); err != nil {
		return err
	}
	return o.members.Load(ctx, o.queue)
}

func (o *outbox) Outbox(ctx context.Context) (heads []store.Message, err error) {
	err = o.mirror.Settled(ctx, func() error {
		heads, err = o.queue.Outbox(ctx)
		return err
	})
	return heads, err
}

// Waiting returns the messages that wait for one chat, after goals.json has been
// written.
func (o *outbox) Waiting(ctx context.Context, chat int64, limit int) (waiting []store.Message, err error) {
	err = o.mirror.Settled(ctx, func() error {
		waiting, err = o.queue.Waiting(ctx, chat, limit)
		return err
	})
	return waiting, err
}

// render renders a message right before it is sent: an alert says how things are then,
// if there is still something to say.
func (o *outbox) render(ctx context.Context, queued store.Message, m message.Message) (made message.Message, ok bool, err error) {
	body, ours, ok, err := o.monitor.Compose(ctx, queued)
	switch {
	case err != nil:
		return m, false, err
	case ours:
		o.mu.Lock()
		o.alerts[queued.ID] = queued
		o.mu.Unlock()
		if !ok {
			return m, false, nil
		}
		if m, err = message.Decode(body); err != nil {
			return m, false, err
		}
		m.For = handlers.ForAlerts
		m = handlers.AlertElsewhere(o.members, queued.Chat, m)
	}
	return o.answers.Leaving(ctx, queued.Chat, m)
}

// Sent passes on that a message was delivered.
func (o *outbox) Sent(ctx context.Context, id int64, f func(store.Tx) error) error {
	gone := o.alert(id)
	err := o.queue.Sent(ctx, id, f)
	gone(err, false)
	return err
}

// MoveToDeadLetters passes on that a message was put aside.
func (o *outbox) MoveToDeadLetters(ctx context.Context, id int64, reason string) error {
	gone := o.alert(id)
	err := o.queue.MoveToDeadLetters(ctx, id, reason)
	gone(err, true)
	return err
}

// alert returns a function that tells the monitor that one of its messages has left the
// outbox; for other messages the function does nothing. alert must be called before the
// message leaves, since it cannot be found in the outbox afterwards.
func (o *outbox) alert(id int64) (gone func(err error, refused bool)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	m, ours := o.alerts[id]
	return func(err error, refused bool) {
		if !ours || err != nil {
			return
		}
		o.mu.Lock()
		delete(o.alerts, id)
		o.mu.Unlock()
		o.monitor.Gone(m, refused)
	}
}

// directAlerts sends alerts past the outbox.
type directAlerts struct {
	client, direct *telegram.Client // direct may call also while nobody can lead
	members        *access.Members
}

// Polled implements [health.Telegram].
func (d directAlerts) Polled() time.Time { return d.client.Polling.Polled() }

// Say implements [health.Telegram].
func (d directAlerts) Say(ctx context.Context, chat int64, m message.Message) (int64, error) {
	return d.direct.Say(ctx, chat, handlers.AlertElsewhere(d.members, chat, m))
}
