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

// outbox is the palace's. It is read only when goals.json has followed, so
// that whoever is told of a change finds it in the file; and what waits there
// to be said about alerts gets its words when it leaves.
type outbox struct {
	queue
	mirror  *cache.Mirror
	monitor *health.Monitor
	members *access.Members
	answers *handlers.Handlers

	mu     sync.Mutex
	alerts map[int64]store.Message // those of the monitor's that are about to leave, by id
}

// StaleBoards are the boards that are out of date, when goals.json has followed.
func (o *outbox) StaleBoards(ctx context.Context) (stale []handlers.BoardEdit, err error) {
	err = o.mirror.Settled(ctx, func() error {
		stale, err = o.answers.StaleBoards(ctx)
		return err
	})
	return stale, err
}

// BoardShown passes on what became of an edit.
func (o *outbox) BoardShown(e handlers.BoardEdit, taken bool) { o.answers.BoardShown(e, taken) }

// MoveChat lets alerts follow the group too. Of a group of which nothing is
// kept, and which gets no alerts, nothing is kept now either: anybody can make
// one, and let it move.
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

// Waiting is what waits for one chat, when goals.json has followed.
func (o *outbox) Waiting(ctx context.Context, chat int64, limit int) (waiting []store.Message, err error) {
	err = o.mirror.Settled(ctx, func() error {
		waiting, err = o.queue.Waiting(ctx, chat, limit)
		return err
	})
	return waiting, err
}

// render makes the messages that are made when they leave: alerts get their
// words then, if they have something to say still.
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

// alert returns what passes on that a message has left the outbox, if it is the
// monitor's. It is asked for while the message waits: who reads the outbox when
// it has left does not find it any more.
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
