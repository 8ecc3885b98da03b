package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"goalbot/goals"
)

const (
	memberRecord = "member"
	nameRecord   = "name" // what a person was called last, by user id
	maxStrangers = 10_000
)

// Members knows who may use the bot and as what: the owners of the settings,
// and whoever was let in by a link. Everybody else gets no answer at all.
type Members struct {
	access Access
	log    *slog.Logger

	mu      sync.Mutex
	joined  map[int64]member // as the store has them
	names   map[int64]string
	moved   map[string]string       // groups that became supergroups, as the store has them
	guesses map[int64]*rate.Limiter // of those who tried a code, so that they cannot try many
	seen    map[int64]bool          // strangers that the log has named
	changed chan struct{}           // closed when people come or go
}

// Access is what the settings say of who may use the bot.
type Access struct {
	Owners  []int64 // users
	Editors []int64 // groups whose anonymous admins, and channels that, speak for the chat
	Alerts  []int64 // chats; empty means the owners' private chats
}

// member is somebody who was let in.
type member struct {
	Name string    `json:"name"`
	Role Role      `json:"role"`
	At   time.Time `json:"at"`
	By   int64     `json:"by,omitempty"` // who invited them
}

// LoadMembers reads who was let in.
func LoadMembers(ctx context.Context, store goals.Store, access Access, log *slog.Logger) (*Members, error) {
	m := &Members{access: access, log: log, guesses: map[int64]*rate.Limiter{}, seen: map[int64]bool{}, changed: make(chan struct{})}
	return m, m.Load(ctx, store)
}

// Load makes what is known here what the store has.
func (m *Members) Load(ctx context.Context, store goals.Store) error {
	joined, names := map[int64]member{}, map[int64]string{}
	var moved map[string]string
	err := store.View(ctx, func(tx goals.Tx) (err error) {
		if moved, err = tx.Records(goals.MovedRecord); err != nil {
			return err
		}
		err = each(tx, memberRecord, func(id int64, value string) error {
			var who member
			err := json.Unmarshal([]byte(value), &who)
			joined[id] = who
			return err
		})
		if err != nil {
			return err
		}
		return each(tx, nameRecord, func(id int64, value string) error { names[id] = value; return nil })
	})
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.joined != nil && !maps.Equal(joined, m.joined) {
		m.logChanges(joined)
		close(m.changed)
		m.changed = make(chan struct{})
	}
	m.joined, m.names, m.moved = joined, names, moved
	return nil
}

// logChanges says who is let in from now on, and who is not any more.
func (m *Members) logChanges(now map[int64]member) {
	for id, who := range now {
		if m.joined[id].Role != who.Role {
			m.log.Warn("this Telegram user is "+who.Role.one()+" now", "id", id, "name", who.Name, "invited_by", who.By)
		}
	}
	for id := range m.joined {
		if now[id].Role == 0 {
			m.log.Warn("this Telegram user has no access any more", "id", id)
		}
	}
}

// each reads the records of one kind that are named by a user's id.
func each(tx goals.Tx, kind string, f func(id int64, value string) error) error {
	records, err := tx.Records(kind)
	if err != nil {
		return err
	}
	for name, value := range records {
		id, err := strconv.ParseInt(name, 10, 64)
		if err == nil {
			err = f(id, value)
		}
		if err != nil {
			return fmt.Errorf("read %s %q: %w", kind, name, err)
		}
	}
	return nil
}

// Role is what a user may do, 0 for a stranger.
func (m *Members) Role(user int64) Role {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.role(user)
}

func (m *Members) role(user int64) Role {
	switch {
	case slices.Contains(m.access.Owners, user):
		return Owner
	case slices.Contains(m.followed(m.access.Editors), user):
		return Editor
	}
	return m.joined[user].Role
}

// Has reports whether a user may use the bot.
func (m *Members) Has(user int64) bool { return m.Role(user) != 0 }

// None reports whether nobody may use the bot yet.
func (m *Members) None() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.access.Owners) == 0 && len(m.joined) == 0
}

// Name is what a user is called, in one line, or their number where that is
// not known. People call themselves as they like, so it proves nothing.
func (m *Members) Name(user int64) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, name := range []string{m.names[user], m.joined[user].Name} {
		if name = goals.OneLine(name); goals.Shows(name) {
			return name
		}
	}
	if user < 0 {
		return fmt.Sprintf("chat %d", user)
	}
	return fmt.Sprintf("member %d", user)
}

// Wait waits until people have come or gone, for that long at most. It returns
// false where ctx ends before.
func (m *Members) Wait(ctx context.Context, most time.Duration) bool {
	m.mu.Lock()
	changed := m.changed
	m.mu.Unlock()
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-changed:
	case <-timer.C:
	}
	return true
}

// alertsCome says where alerts go, to somebody who is an owner, in a private
// chat of theirs.
func (m *Members) alertsCome(chat int64) string {
	if len(m.access.Alerts) > 0 && !slices.Contains(m.AlertChats(), chat) {
		return "alerts about goals.json go to the chats that ALERT_CHAT_IDS names, and this is none of them"
	}
	return "alerts about goals.json come to this chat"
}

// AlertChats are the chats that alerts go to: those of the settings, wherever
// they have moved since, or else the owners' private chats.
func (m *Members) AlertChats() []int64 {
	if len(m.access.Alerts) == 0 {
		return m.Owners()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.followed(m.access.Alerts)
}

// Named reports whether the settings name a chat, wherever it has moved since.
func (m *Members) Named(chat int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Contains(m.followed(m.access.Alerts), chat) || slices.Contains(m.followed(m.access.Editors), chat)
}

// followed are chats, wherever they have moved since.
func (m *Members) followed(named []int64) (chats []int64) {
	for _, chat := range named {
		if to, err := strconv.ParseInt(m.moved[goals.MovedName(chat)], 10, 64); err == nil {
			chat = to // a group becomes a supergroup once
		}
		if !slices.Contains(chats, chat) {
			chats = append(chats, chat)
		}
	}
	return chats
}

// Owners are the owners' private chats; such a chat has the id of its user
// (Bot API).
func (m *Members) Owners() []int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(m.all(), func(id int64) bool { return m.role(id) != Owner })
}

// List are the ids of all members.
func (m *Members) List() []int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.all()
}

// setting is the setting that lets somebody in, "" for those who were invited.
func (m *Members) setting(id int64) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case slices.Contains(m.access.Owners, id):
		return "ALLOWED_USER_IDS"
	case slices.Contains(m.followed(m.access.Editors), id):
		return "EDITOR_CHAT_IDS"
	}
	return ""
}

func (m *Members) get(id int64) member {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.joined[id]
}

// called reports whether a member is known by that name already.
func (m *Members) called(p Person) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return p.Name == "" || m.names[p.ID] == p.Name
}

func (m *Members) all() []int64 {
	ids := slices.Concat(slices.Collect(maps.Keys(m.joined)), m.access.Owners, m.followed(m.access.Editors))
	slices.Sort(ids)
	return slices.Compact(ids)
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
