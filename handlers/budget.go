package handlers

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"goalbot/access"
	"goalbot/message"
	"goalbot/store"
)

// This file keeps one member from taking the time of the others: whoever asks
// for more than a person can is told so once, and passed over for a while. An
// owner is not limited; whoever has their phone can do worse.

// allowance is how much of a role's requests are acted on: burst at once, and
// one more every so often. Few commands cost more than one, see [command].
type allowance struct {
	burst int
	every time.Duration
}

// allowances are the limits by role. Hardly anybody taps faster than twice a second,
// and nobody does so for a minute.
var allowances = map[access.Role]allowance{
	access.Viewer: {burst: 60, every: time.Second},
	access.Editor: {burst: 200, every: time.Second / 2},
}

// pause is how long somebody is passed over who has asked for too much: until a
// third of the burst is there again, so that what they send is not done in parts.
func (a allowance) pause() time.Duration { return time.Duration(a.burst/3) * a.every }

// budgets are what each member has left. The time is that of the requests, so
// that what was said in a whole day and comes at once is not too much.
type budgets struct {
	mu sync.Mutex
	of map[int64]*budget
}

type budget struct {
	role  access.Role
	left  *rate.Limiter
	over  bool     // passed over for now
	told  string   // the key of the request that was answered with that
	spent []string // the keys of those that were acted on last: they may come again, after a commit that failed
}

// verdict is what becomes of a request.
type verdict int

const (
	actOn verdict = iota
	sayTooMuch
	passOver
)

func (b *budgets) spend(req Request, role access.Role, cost int) verdict {
	a, limited := allowances[role]
	if !limited {
		return actOn
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.of == nil {
		b.of = map[int64]*budget{}
	}
	m := b.of[req.From.ID]
	if m == nil || m.role != role {
		m = &budget{role: role, left: rate.NewLimiter(rate.Every(a.every), a.burst)}
		b.of[req.From.ID] = m
	}
	switch {
	case slices.Contains(m.spent, req.Key):
		return actOn
	case m.told == req.Key:
		return sayTooMuch
	case m.over && m.left.TokensAt(req.At) < float64(a.burst/3):
		return passOver
	}
	if m.over = !m.left.AllowN(req.At, max(cost, 1)); m.over {
		m.told = req.Key
		return sayTooMuch
	}
	m.spent = append(m.spent, req.Key)
	m.spent = m.spent[max(0, len(m.spent)-100):] // as many as come at once (Bot API, getUpdates)
	return actOn
}

// spend decides what becomes of a request.
func (h *Handlers) spend(req Request) verdict {
	row, _ := h.find(req.Name)
	role := h.members.Role(req.From.ID)
	v := h.budgets.spend(req, role, row.cost)
	if v == sayTooMuch {
		h.log.Warn("a member asks for more than is acted on, and is passed over for a while", "id", req.From.ID, "for", allowances[role].pause())
	}
	return v
}

// tellTooMuch says so, and does nothing else.
func (h *Handlers) tellTooMuch(ctx context.Context, truth store.Store, req Request) error {
	return h.update(ctx, truth, req, func(c *call) error {
		c.denied = true // what was tapped stays
		return c.send(new(message.Text).Addf("That is more than I can keep up with, so I ignore this and everything you send in the next %d seconds. Please send it again after that.",
			int(allowances[c.role].pause().Seconds())).Message())
	})
}
