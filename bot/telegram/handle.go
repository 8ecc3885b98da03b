package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"runtime/debug"
	"time"

	"goalbot/handlers"
	"goalbot/store"
)

// This file hands updates on, in order.

// handleAll handles a batch in order and moves the offset past what has been
// handled. It reports whether there was anything that had not come before.
func (p *Poller) handleAll(ctx context.Context, updates []json.RawMessage) (fresh bool) {
	var rest []*arrival
	for _, raw := range updates {
		a := p.read(raw)
		fresh = fresh || a.fresh
		rest = append(rest, a)
	}
	p.foldAlbums(ctx, rest)
	defer p.client.Polling.busy.Store(nil)
	for len(rest) > 0 && ctx.Err() == nil {
		began := time.Now()
		p.client.Polling.busy.Store(&began)
		p.client.Polling.step(handleTime)
		if len(updates) > maxBurst {
			p.sender.Hold(holdMost)
		}
		done := p.handleTogether(ctx, rest)
		if done == 0 {
			if !p.handle(ctx, rest[0]) {
				return fresh // not handled, so not to be confirmed
			}
			done = 1
		}
		for _, a := range rest[:done] {
			// Not the highest id so far: ids start anew after a quiet week. What
			// has no id cannot be confirmed but by what comes after it.
			if a.ID > 0 && a.ID < math.MaxInt64 {
				p.offset, p.moved = a.ID+1, now()
			}
		}
		rest = rest[done:]
	}
	if len(updates) > 0 && len(updates) < maxBatch && len(rest) == 0 { // no more wait behind these
		p.sender.release()
	}
	return fresh
}

// handleTogether handles as many as it can of the updates that come first in
// one commit, and returns how many that were. The next one is to be handled
// for itself.
func (p *Poller) handleTogether(ctx context.Context, rest []*arrival) (done int) {
	defer func() {
		if r := recover(); r != nil {
			p.log.Error("commands that came together caused a panic and are handled one by one", "panic", r, "stack", string(debug.Stack()))
			done = 0
		}
	}()
	var reqs []handlers.Request
	for _, a := range rest {
		if !a.ours {
			break
		}
		reqs = append(reqs, a.req)
	}
	if len(reqs) < 2 {
		return 0
	}
	for _, a := range rest[:len(reqs)] {
		p.meet(ctx, a)
	}
	own, cancel := outlive(ctx, handleTime)
	defer cancel()
	done, err := p.handler.Batch(own, reqs)
	if unsaid, ok := errors.AsType[*handlers.Unsaid](err); ok {
		p.sayUnsaid(ctx, unsaid)
	} else if err != nil {
		p.log.Warn("commands that came together could not be kept and are handled one by one", "commands", len(reqs), "err", err)
		for _, a := range rest[:len(reqs)] {
			a.unsure = a.unsure || errors.Is(err, store.ErrUnknown)
		}
		return 0
	}
	return done
}

// handle handles one update. It returns false when the program stops before
// the update could be handled.
func (p *Poller) handle(ctx context.Context, a *arrival) (done bool) {
	defer func() {
		if r := recover(); r != nil {
			p.log.Error("an update caused a panic and is passed over", "update", a.ID, "panic", r, "stack", string(debug.Stack()))
			done = true
		}
	}()
	p.meet(ctx, a)
	if a.unread && p.handler.Member(a.req.From.ID) {
		p.giveUp(ctx, a.req, true)
	}
	if a.moves() {
		// Where this fails, the next message to the old group is refused and says where it went.
		if err := p.sender.moveChat(ctx, a.Message.Chat.ID, a.Message.MovedTo); err != nil {
			p.log.Error("a group that became a supergroup could not be followed", "err", err)
		}
		return true
	}
	if !a.ours {
		return true
	}
	req, member := a.req, p.handler.Member(a.req.From.ID)
	if member && (req.Name != "" || req.Chat.Private) {
		working, done := context.WithCancel(ctx)
		defer done()
		ctx = p.typing(working, req)
	}
	retry := newBackOff(200*time.Millisecond, 10*time.Second)
	for try := 1; ; try++ {
		p.client.Polling.step(handleTime)
		err := p.handleOnce(ctx, req, member)
		unsaid, isUnsaid := errors.AsType[*handlers.Unsaid](err)
		a.unsure = a.unsure || errors.Is(err, store.ErrUnknown)
		switch {
		case err == nil, errors.Is(err, store.ErrRepeat):
			return true
		case isUnsaid:
			return p.sayUnsaid(ctx, unsaid)
		case a.unsure:
			// It may have taken effect, or may do so yet, when the palace is
			// opened anew. Until a try of it succeeds nobody can say that
			// nothing was changed.
			if try == unsureTries && member {
				p.aside(func() { p.sayNow(ctx, req.Chat, to(req, handlers.NotKnown())) })
			}
		case errors.Is(err, store.ErrUnreachable):
			if try == unsureTries && member {
				p.aside(func() { p.sayNow(ctx, req.Chat, to(req, handlers.Unreachable())) })
			}
		case errors.Is(err, store.ErrFull):
			// To a stranger too: whoever gets as far as the disk has the right code.
			p.log.Error("the disk is full; a command was not saved", "command", req.Name)
			return p.sayNow(ctx, req.Chat, to(req, handlers.NotSaved(err)))
		case try >= 3:
			p.log.Error("a command failed and was given up", "command", req.Name, "update", a.ID, "err", err)
			return p.giveUp(ctx, req, member)
		}
		p.Retries.Add(1)
		p.log.Warn("a command failed and is tried again", "command", req.Name, "update", a.ID, "err", err)
		if !sleep(ctx, retry.NextBackOff()) {
			return false
		}
	}
}

// handleOnce gives the handler a context of its own: an update that has been
// begun is finished even when the program is told to stop. A panic is an error
// like any other.
func (p *Poller) handleOnce(ctx context.Context, req handlers.Request, member bool) (err error) {
	defer func() {
		if r := recover(); r != nil {
			p.log.Error("a command caused a panic", "command", req.Name, "panic", r, "stack", string(debug.Stack()))
			err = errors.New("panic")
		}
	}()
	own, cancel := outlive(ctx, handleTime)
	defer cancel()
	if !member {
		return p.handler.Stranger(own, req)
	}
	return p.handler.Handle(own, req)
}
