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
	"goalbot/store"
)

const (
	memberRecord = "member"
	nameRecord   = "name" // what a person was called last, by user id
	maxStrangers = 10_000
)

// Members knows who may use the bot and as what: the owners of the settings,
// and whoever was let in by a link. Everybody else gets no answer at all.
//
// It remembers what the store has committed, for those who must know without
// asking it: who is passed over in silence, and where alerts go. What a request
// may do is decided by what its own transaction reads: see [Handlers.Handle].
type Members struct {
	access Access
	log    *slog.Logger

	mu      sync.Mutex
	known   *roster
	order   order
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
func LoadMembers(ctx context.Context, truth store.Store, access Access, log *slog.Logger) (*Members, error) {
	m := &Members{access: access, log: log, guesses: map[int64]*rate.Limiter{}, seen: map[int64]bool{}, changed: make(chan struct{})}
	return m, m.Load(ctx, truth)
}

// Load makes what is known here what the store has. It is called after every
// commit that changes people. Of several calls at the same time the one that
// began last counts, so that an older reading never replaces a newer one.
func (m *Members) Load(ctx context.Context, truth store.Store) error {
	m.mu.Lock()
	turn := m.order.begin()
	m.mu.Unlock()
	var read *roster
	err := truth.View(ctx, func(tx store.Tx) (err error) {
		read, err = m.read(tx)
		return err
	})
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.order.take(turn) {
		return nil
	}
	if m.known != nil && !maps.Equal(read.joined, m.known.joined) {
		m.logChanges(read.joined)
		m.wakeLocked()
	}
	m.known = read
	return nil
}

// order keeps an older reading of the store from replacing a newer one. Every
// reading begins after the commit that it is to show, so the one that began
// last shows all of them. Its user's lock guards it.
type order struct{ begun, taken int }

func (o *order) begin() (turn int) {
	o.begun++
	return o.begun
}

// take reports whether the reading of that turn is the newest so far.
func (o *order) take(turn int) bool {
	if turn < o.taken {
		return false
	}
	o.taken = turn
	return true
}

// logChanges says who is let in from now on, and who is not any more.
func (m *Members) logChanges(now map[int64]member) {
	for id, who := range now {
		if m.known.joined[id].Role != who.Role {
			m.log.Warn("this Telegram user is "+who.Role.one()+" now", "id", id, "name", who.Name, "invited_by", who.By)
		}
	}
	for id := range m.known.joined {
		if now[id].Role == 0 {
			m.log.Warn("this Telegram user has no access any more", "id", id)
		}
	}
}

// now is what was committed last.
func (m *Members) now() *roster {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.known
}

// Role is what a user may do, 0 for a stranger.
func (m *Members) Role(user int64) Role { return m.now().Role(user) }

// Has reports whether a user may use the bot.
func (m *Members) Has(user int64) bool { return m.Role(user) != 0 }

// None reports whether nobody may use the bot yet.
func (m *Members) None() bool { return m.now().None() }

// AlertChats are the chats that alerts go to: those of the settings, wherever
// they have moved since, or else the owners' private chats.
func (m *Members) AlertChats() []int64 { return m.now().AlertChats() }

// Named reports whether the settings name a chat, wherever it has moved since.
func (m *Members) Named(chat int64) bool { return m.now().Named(chat) }

// Owners are the owners' private chats; such a chat has the id of its user
// (Bot API).
func (m *Members) Owners() []int64 { return m.now().Owners() }

// Wait waits until people have come or gone, or somebody has come with a link
// that is over, for that long at most. It returns
// false where ctx ends before.
func (m *Members) Wait(ctx context.Context, most time.Duration) bool {
	changed := m.changes()
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

// changes is closed when people come or go.
func (m *Members) changes() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changed
}

// wake ends what waits in [Members.Wait].
func (m *Members) wake() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wakeLocked()
}

func (m *Members) wakeLocked() {
	close(m.changed)
	m.changed = make(chan struct{})
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

// roster is who may use the bot, as one transaction saw it.
type roster struct {
	access *Access
	joined map[int64]member
	names  map[int64]string
	moved  map[string]string // groups that became supergroups
}

// read returns who may use the bot as the transaction sees it.
func (m *Members) read(tx store.Tx) (*roster, error) {
	r := &roster{access: &m.access, joined: map[int64]member{}, names: map[int64]string{}}
	var err error
	if r.moved, err = tx.Records(store.MovedRecord); err != nil {
		return nil, err
	}
	err = each(tx, memberRecord, func(id int64, value string) error {
		var who member
		err := json.Unmarshal([]byte(value), &who)
		r.joined[id] = who
		return err
	})
	if err != nil {
		return nil, err
	}
	err = each(tx, nameRecord, func(id int64, value string) error { r.names[id] = value; return nil })
	return r, err
}

// each reads the records of one kind that are named by a user's id.
func each(tx store.Tx, kind string, f func(id int64, value string) error) error {
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
func (r *roster) Role(user int64) Role {
	switch {
	case slices.Contains(r.access.Owners, user):
		return Owner
	case slices.Contains(r.followed(r.access.Editors), user):
		return Editor
	}
	return r.joined[user].Role
}

// None reports whether nobody may use the bot yet.
func (r *roster) None() bool { return len(r.access.Owners) == 0 && len(r.joined) == 0 }

// Name is what a user is called, in one line, or their number where that is
// not known. People call themselves as they like, so it proves nothing.
func (r *roster) Name(user int64) string {
	if name := r.name(user); name != "" {
		return name
	}
	if user < 0 {
		return fmt.Sprintf("chat %d", user)
	}
	return fmt.Sprintf("member %d", user)
}

// name is what a user is called, "" where that is not known.
func (r *roster) name(user int64) string {
	for _, name := range []string{r.names[user], r.joined[user].Name} {
		if name = goals.OneLine(name); goals.Shows(name) {
			return name
		}
	}
	return ""
}

// alertsCome says where alerts go, to somebody who is an owner, in a private
// chat of theirs.
func (r *roster) alertsCome(chat int64) string {
	if len(r.access.Alerts) > 0 && !slices.Contains(r.AlertChats(), chat) {
		return "alerts about goals.json go to the chats that ALERT_CHAT_IDS names, and this is none of them"
	}
	return "alerts about goals.json come to this chat"
}

// AlertChats is [Members.AlertChats].
func (r *roster) AlertChats() []int64 {
	if len(r.access.Alerts) == 0 {
		return r.Owners()
	}
	return r.followed(r.access.Alerts)
}

// Named is [Members.Named].
func (r *roster) Named(chat int64) bool {
	return slices.Contains(r.followed(r.access.Alerts), chat) || slices.Contains(r.followed(r.access.Editors), chat)
}

// followed are chats, wherever they have moved since.
func (r *roster) followed(named []int64) (chats []int64) {
	for _, chat := range named {
		if to, err := strconv.ParseInt(r.moved[store.MovedName(chat)], 10, 64); err == nil {
			chat = to // a group becomes a supergroup once
		}
		if !slices.Contains(chats, chat) {
			chats = append(chats, chat)
		}
	}
	return chats
}

// Owners is [Members.Owners].
func (r *roster) Owners() []int64 {
	return slices.DeleteFunc(r.List(), func(id int64) bool { return r.Role(id) != Owner })
}

// List are the ids of all members.
func (r *roster) List() []int64 {
	ids := slices.Concat(slices.Collect(maps.Keys(r.joined)), r.access.Owners, r.followed(r.access.Editors))
	slices.Sort(ids)
	return slices.Compact(ids)
}

// setting is the setting that lets somebody in, "" for those who were invited.
func (r *roster) setting(id int64) string {
	switch {
	case slices.Contains(r.access.Owners, id):
		return "ALLOWED_USER_IDS"
	case slices.Contains(r.followed(r.access.Editors), id):
		return "EDITOR_CHAT_IDS"
	}
	return ""
}

// called reports whether a member is known by that name already.
func (r *roster) called(who Person) bool { return who.Name == "" || r.names[who.ID] == who.Name }
