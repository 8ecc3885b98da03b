package handlers

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"goalbot/goals"
	"goalbot/message"
)

// CodeLasts is how long a pairing code can be used.
const CodeLasts = 10 * time.Minute

const (
	memberRecord = "member"
	maxStrangers = 10_000
)

// Members knows who may use the bot: the user ids of the settings and whoever
// has paired. Everybody else gets no answer at all.
type Members struct {
	allowed []int64 // from the settings
	alerts  []int64 // from the settings; empty means the owners' private chats
	log     *slog.Logger

	mu      sync.Mutex
	paired  map[int64]member
	code    code
	guesses map[int64]*rate.Limiter // of those who tried a code, so that they cannot try many
	seen    map[int64]bool          // strangers that the log has named
	joined  chan struct{}           // closed when somebody pairs
}

type member struct {
	Name string    `json:"name"`
	Role string    `json:"role"`
	At   time.Time `json:"at"`
}

// code is a pairing code. Only its hash is kept.
type code struct {
	hash  [sha256.Size]byte
	until time.Time
}

// LoadMembers reads who has paired.
func LoadMembers(ctx context.Context, store goals.Store, allowed, alerts []int64, log *slog.Logger) (*Members, error) {
	m := &Members{allowed: allowed, alerts: alerts, log: log, paired: map[int64]member{}, guesses: map[int64]*rate.Limiter{}, seen: map[int64]bool{}, joined: make(chan struct{})}
	err := store.View(ctx, func(tx goals.Tx) error {
		records, err := tx.Records(memberRecord)
		if err != nil {
			return err
		}
		for name, value := range records {
			id, err := strconv.ParseInt(name, 10, 64)
			var who member
			if err == nil {
				err = json.Unmarshal([]byte(value), &who)
			}
			if err != nil {
				return fmt.Errorf("read member %q: %w", name, err)
			}
			m.paired[id] = who
		}
		return nil
	})
	return m, err
}

// Has reports whether a user may use the bot.
func (m *Members) Has(user int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, paired := m.paired[user]
	return paired || slices.Contains(m.allowed, user)
}

// None reports whether nobody may use the bot yet.
func (m *Members) None() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.allowed) == 0 && len(m.paired) == 0
}

// Wait waits until somebody has paired, for that long at most. It returns
// false where ctx ends before.
func (m *Members) Wait(ctx context.Context, most time.Duration) bool {
	m.mu.Lock()
	joined := m.joined
	m.mu.Unlock()
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-joined:
	case <-timer.C:
	}
	return true
}

// AlertChats are the chats that alerts go to: those of the settings, or else
// the owners' private chats.
func (m *Members) AlertChats() []int64 {
	if len(m.alerts) > 0 {
		return m.alerts
	}
	return m.Owners()
}

// Owners are the owners' private chats; such a chat has the id of its user
// (Bot API).
func (m *Members) Owners() []int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	chats := slices.Clone(m.allowed)
	for id := range m.paired {
		if !slices.Contains(chats, id) {
			chats = append(chats, id)
		}
	}
	slices.Sort(chats)
	return chats
}

// NewCode makes a pairing code of 128 random bits and forgets the one before.
func (m *Members) NewCode(now time.Time) string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	text := base64.RawURLEncoding.EncodeToString(b[:])
	m.mu.Lock()
	defer m.mu.Unlock()
	m.code = code{hash: sha256.Sum256([]byte(text)), until: now.Add(CodeLasts)}
	return text
}

// Stranger deals with a request of somebody who is no member. In a private
// chat the right code makes them the owner; everything else is passed over in
// silence and leaves no trace but one line in the log.
func (h *Handlers) Stranger(ctx context.Context, req Request) error {
	m := h.members
	if req.Name != "start" || req.Args == "" || !req.Chat.Private || req.Edited || req.Tap {
		m.mention(req)
		return nil
	}
	used, ok := m.guess(req)
	if !ok {
		m.mention(req)
		return nil
	}
	who := member{Name: req.From.Name, Role: "owner", At: req.At}
	value, err := json.Marshal(who)
	if err != nil {
		m.giveBack(used)
		return err
	}
	err = h.store.Update(ctx, req.origin(), func(tx goals.Tx) error {
		if err := tx.SetRecord(memberRecord, strconv.FormatInt(req.From.ID, 10), string(value)); err != nil {
			return err
		}
		var t message.Text
		t.Bold("You are the owner now.").Add(" Nobody else can use me. I keep your goals; alerts about goals.json come to this chat.\n\nAdd the first: /addgoal call mother\n/help shows everything I can do.")
		return (&call{Handlers: h, Request: req, tx: tx}).send(t.Message())
	})
	if err != nil && !errors.Is(err, goals.ErrFileBehind) && !errors.Is(err, goals.ErrRepeat) { // which are kept all the same
		m.giveBack(used)
		return err
	}
	m.mu.Lock()
	m.paired[req.From.ID] = who
	close(m.joined)
	m.joined = make(chan struct{})
	m.mu.Unlock()
	h.log.Warn("paired: this Telegram user is the owner now", "id", req.From.ID, "name", req.From.Name)
	return nil
}

// guess reports whether the request holds the code, which is used up then, so
// that two who say it at the same time do not both get in. A wrong guess does
// not use the code up. Of one sender five in ten minutes are looked at. There is no
// limit for all senders together: it would let strangers lock the owner out,
// and 128 bits need no such help.
func (m *Members) guess(req Request) (used code, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.code.until.IsZero() || req.At.After(m.code.until) || time.Now().After(m.code.until) {
		return code{}, false
	}
	limiter := m.guesses[req.From.ID]
	if limiter == nil {
		if len(m.guesses) >= maxStrangers {
			clear(m.guesses)
		}
		limiter = rate.NewLimiter(rate.Every(2*time.Minute), 5)
		m.guesses[req.From.ID] = limiter
	}
	if !limiter.Allow() {
		return code{}, false
	}
	hash := sha256.Sum256([]byte(req.Args))
	if subtle.ConstantTimeCompare(hash[:], m.code.hash[:]) != 1 {
		return code{}, false
	}
	used, m.code = m.code, code{}
	return used, true
}

// giveBack makes a code good again that could not be used, unless there is a
// newer one.
func (m *Members) giveBack(used code) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.code.until.IsZero() {
		m.code = used
	}
}

// mention logs a stranger, once.
func (m *Members) mention(req Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen[req.From.ID] || len(m.seen) >= maxStrangers {
		return
	}
	m.seen[req.From.ID] = true
	m.log.Info("somebody who is not allowed wrote and got no answer", "id", req.From.ID)
}
