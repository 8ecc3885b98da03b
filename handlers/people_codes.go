package handlers

import (
	"context"
	"errors"
	"fmt"

	"goalbot/access"
	"goalbot/message"
	"goalbot/store"
)

// NewCode makes the code by which somebody becomes the first owner. The one
// before it ends.
func (h *Handlers) NewCode(ctx context.Context) (code string, err error) {
	o := store.Origin{Key: "pair/" + newID() + newID(), Name: "pair", At: h.now()}
	err = h.store.Update(ctx, o, func(tx store.Tx) error {
		code, _, err = h.codes.New(tx, access.Invitation{Role: access.Owner})
		return err
	})
	return code, unlessBehind(err)
}

// tellEnded tells somebody who comes with a genuine code that it is over, once:
// then it is forgotten, and whoever tries it again gets no answer.
func (h *Handlers) tellEnded(ctx context.Context, req Request) error {
	err := h.update(ctx, h.store, req, func(c *call) error {
		i, why, err := c.codes.Look(c.tx, c.people, req.Args)
		if err != nil || why == access.Unknown || why == access.Valid || c.role != 0 {
			return err
		}
		if err := access.Forget(c.tx, req.Args); err != nil {
			return err
		}
		return c.send(linkOver(i, why))
	})
	if errors.Is(err, store.ErrRepeat) {
		return nil
	}
	return err
}

// linkEnded says why a link lets nobody in any more.
func linkEnded(why access.Ending) string {
	what := map[access.Ending]string{access.Used: "was already used", access.Expired: "has expired", access.Ended: "no longer works"}[why]
	return fmt.Sprintf("This link %s. A link works once, for %d minutes.", what, int(access.CodeLifetime.Minutes()))
}

// linkOver says that to somebody who is no member, and where to get another.
func linkOver(i access.Invitation, why access.Ending) message.Message {
	next := "Ask whoever sent it for a new one."
	if i.By == 0 {
		next = "As long as I have no owner, I print a new link where I run."
	}
	m := new(message.Text).Add(linkEnded(why) + " " + next).Message()
	m.For = forAnybody
	return m
}
