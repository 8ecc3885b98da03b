package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"goalbot/store"
)

// This file acts on many requests in one commit, and follows what a commit
// answers.

// committed reports whether a commit that returned this error has taken effect.
func committed(err error) bool { return err == nil || errors.Is(err, store.ErrFileBehind) }

// mayHaveCommitted reports whether a commit that returned this error may have taken
// effect, before or still.
func mayHaveCommitted(err error) bool {
	return errors.Is(err, store.ErrRepeat) || errors.Is(err, store.ErrUnknown)
}

// effect is what handling a request has done.
type effect struct {
	changed bool // the list is another one now
	renew   bool // people or settings are others
}

// Batch acts on requests in their order, each as by [Handlers.Handle], and
// keeps all of it in one commit. It returns how many it has done. The next one
// has to be handled for itself: what it does cannot be part of a commit, it is
// a stranger's, or it failed. With an error none is done, unless that is
// [Unsaid]. What the requests do to people and settings counts for those that
// follow them, and for everybody else when it is committed.
func (h *Handlers) Batch(ctx context.Context, reqs []Request) (done int, err error) {
	if len(reqs) == 0 || h.alone(reqs[0]) {
		return 0, nil
	}
	keys := make([]string, len(reqs))
	for i, req := range reqs {
		keys[i] = req.Key
	}
	var changed []Request
	renew := false
	err = h.store.Batch(store.Expecting(ctx, keys), func(truth store.Store) error {
		for _, req := range reqs {
			if h.alone(req) || ctx.Err() != nil {
				return nil
			}
			var did effect
			var err error
			switch h.spend(req) {
			case actOn:
				did, err = h.act(ctx, truth, req, nil)
			case sayTooMuch:
				err = h.tellTooMuch(ctx, truth, req)
			}
			renew = renew || did.renew || mayHaveCommitted(err)
			switch {
			case errors.Is(err, errStranger):
				return nil
			case err != nil && !errors.Is(err, store.ErrRepeat):
				h.log.Warn("a command failed among others and is handled for itself", "command", req.Name, "err", err)
				return nil
			}
			if did.changed {
				changed = append(changed, req)
			}
			done++
		}
		return nil
	})
	if renew && committed(err) || mayHaveCommitted(err) {
		if rerr := h.reload(ctx); rerr != nil {
			return 0, errors.Join(err, rerr)
		}
	}
	switch {
	case err == nil:
		return done, nil
	case committed(err):
		return done, h.tellBehind(ctx, err, changed...)
	}
	return 0, err
}

// alone reports whether a request is not to be handled together with others:
// it is a stranger's, or what it does takes locks of the store, or time.
func (h *Handlers) alone(req Request) bool {
	row, known := h.find(req.Name)
	return !h.Member(req.From.ID) || known && row.outside != nil || req.document().ID != ""
}

// reload makes what is known of people and settings what the store has, also
// where the time for the request is over. Where that fails a commit may have
// taken effect, so nobody may be told that nothing was changed:
// [store.ErrUnknown].
func (h *Handlers) reload(ctx context.Context) error {
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), reloadTime)
	defer cancel()
	if err := cmp.Or(h.members.Load(own, h.store), h.setting.Load(own, h.store)); err != nil {
		return fmt.Errorf("%w: people and settings could not be read anew: %w", store.ErrUnknown, err)
	}
	return nil
}

const reloadTime = 5 * time.Second

// tellBehind tells everybody whose request changed something, once in each
// chat, that goals.json could not follow.
func (h *Handlers) tellBehind(ctx context.Context, behind error, changed ...Request) error {
	unsaid := &Unsaid{Message: fileBehind(behind)}
	told := map[Chat]bool{}
	for _, req := range changed {
		if told[req.Chat] {
			continue
		}
		told[req.Chat] = true
		req.Key, req.Tap = req.Key+"/file", false
		// The disk that had no room for the file may have none for this either.
		if err := h.queue(ctx, req, unsaid.Message); err != nil && !errors.Is(err, store.ErrRepeat) {
			unsaid.Chats, unsaid.Err = append(unsaid.Chats, req.Chat), err
		}
	}
	if unsaid.Err != nil {
		return unsaid
	}
	return nil
}
