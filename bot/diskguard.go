package main

import (
	"context"
	"errors"
	"fmt"

	"goalbot/goals"
	"goalbot/health"
	"goalbot/message"
	"goalbot/store"
)

// diskGuard is a store that refuses changes of the list while the disk is almost full,
// since they might be lost. Reading and answering go on.
type diskGuard struct {
	store.Store
	dir    string
	limits health.Limits
}

// Update implements store.Store.
func (r diskGuard) Update(ctx context.Context, o store.Origin, f func(store.Tx) error) error {
	free, ok := r.limits.Room(r.dir)
	if !ok || free >= r.limits.RoomStop {
		return r.Store.Update(ctx, o, f)
	}
	return r.Store.Update(ctx, o, func(tx store.Tx) error {
		before := tx.List().Clone()
		held := &heldMessages{Tx: tx}
		if err := f(held); err != nil {
			return held.release(err)
		}
		if len(goals.Diff(before, *tx.List())) == 0 {
			return held.release(nil)
		}
		words := new(message.Text).Addf("Not saved: only %d MiB left on the disk, and I accept no changes below %d. Nothing was changed. Free some space, then send it again.", free>>20, r.limits.RoomStop>>20)
		body, err := words.Message().Fit().Encode()
		if err != nil {
			return err
		}
		told := map[int64]bool{}
		for _, m := range held.messages {
			if told[m.Chat] {
				continue
			}
			told[m.Chat] = true
			if err := tx.Send(store.Message{Chat: m.Chat, Body: body}); err != nil && !errors.Is(err, store.ErrOutboxFull) {
				return err
			}
		}
		return fmt.Errorf("%w: the disk is too full for changes", store.ErrRefused)
	})
}

// Batch implements store.Store.
func (r diskGuard) Batch(ctx context.Context, f func(store.Store) error) error {
	return r.Store.Batch(ctx, func(s store.Store) error { return f(diskGuard{s, r.dir, r.limits}) })
}

// heldMessages holds messages back until it is known whether the change that they
// report was made.
type heldMessages struct {
	store.Tx
	messages []store.Message
}

// Send implements store.Tx.
func (t *heldMessages) Send(m store.Message) error {
	t.messages = append(t.messages, m)
	return nil
}

// release sends what was held back, as far as there is room for it, and passes
// an error on.
func (t *heldMessages) release(err error) error {
	for _, m := range t.messages {
		if serr := t.Tx.Send(m); serr != nil && !errors.Is(serr, store.ErrOutboxFull) {
			return serr
		}
	}
	return err
}
