package health

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"goalbot/alert"
	"goalbot/message"
	"goalbot/store"
)

// Refused counts the commands that the palace did not take since it last took
// one, for whoever is told that it cannot be written.
type Refused struct {
	Truth    interface{ Failing() error } // why it did not take the last change; nil where it did
	Changes  func(store.Origin) bool      // whether a command is to change something, and not only to be answered
	Settings Settings

	mu    sync.Mutex
	keys  map[string]bool // each is tried several times
	since time.Time
}

// maxRefused is how many are told apart.
const maxRefused = 10_000

// Of is the store, with its refusals counted.
func (r *Refused) Of(truth store.Store) store.Store { return counting{truth, r, nil} }

// note takes note of what became of the commands with these keys.
func (r *Refused) note(err error, keys ...string) {
	took := err == nil || errors.Is(err, store.ErrRefused) || errors.Is(err, store.ErrRepeat) || errors.Is(err, store.ErrFileBehind)
	if !took && (errors.Is(err, store.ErrUnknown) || r.Truth.Failing() == nil) {
		return // it may be saved all the same, or failed for a reason of its own
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if took {
		r.keys = nil
		return
	}
	if r.keys == nil {
		r.keys, r.since = map[string]bool{}, time.Now()
	}
	for _, key := range keys {
		if len(r.keys) < maxRefused {
			r.keys[key] = true
		}
	}
}

// words say how many there are.
func (r *Refused) words() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.keys) == 0 {
		return ""
	}
	return fmt.Sprintf(" Not saved since %s: %s.", r.since.In(r.Settings.Values().Zone).Format("15:04:05"), message.Count(len(r.keys), "command", "commands"))
}

// unwritten says why the palace could not be written, and what that has cost.
func (r *Refused) unwritten(err error) alert.Finding {
	f := alert.Finding{Cause: alert.PalaceUnwritable, Detail: unknownReason}
	switch {
	case errors.Is(err, store.ErrFull):
		f.Detail, f.Degree = fullDisk(err), "full"
	case errors.Is(err, store.ErrUnreachable):
		f.Detail = Sentence(err) + "."
	}
	f.Detail += r.words()
	return f
}

// counting is a store whose refusals are counted. Within a batch it lists the keys
// of commands, of which only the end of the batch tells what became.
type counting struct {
	store.Store
	refused *Refused
	batch   *[]string // nil outside of a batch
}

// Update implements store.Store.
func (c counting) Update(ctx context.Context, o store.Origin, f func(store.Tx) error) error {
	counts := o.By != 0 && c.refused.Changes(o)
	if counts && c.batch != nil {
		*c.batch = append(*c.batch, o.Key)
	}
	err := c.Store.Update(ctx, o, f)
	if counts && c.batch == nil {
		c.refused.note(err, o.Key)
	}
	return err
}

// Batch implements store.Store.
func (c counting) Batch(ctx context.Context, f func(store.Store) error) error {
	keys := c.batch
	if keys == nil {
		keys = new([]string)
	}
	err := c.Store.Batch(ctx, func(s store.Store) error { return f(counting{s, c.refused, keys}) })
	if c.batch == nil && len(*keys) > 0 {
		c.refused.note(err, *keys...)
	}
	return err
}
