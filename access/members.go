// Package access knows who may do what: roles, members, and the invitations by
// which people become members.
package access

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

// maxStrangers is how many strangers are told apart.
const maxStrangers = 10_000

// Members knows who may use the bot and as what: the owners of the settings,
// and whoever was let in by a link. Everybody else gets no answer at all.
//
// It remembers what the store has committed, for those who must know without
// asking it: who is passed over in silence, and where alerts go. What a request
// may do is decided by what its own transaction reads: see [Members.Read].
type Members struct {
	Config Config
	log    *slog.Logger

	mu      sync.Mutex
	known   *Roster
	order   store.Order
	guesses map[int64]*rate.Limiter // of those who tried a code, so that they cannot try many
	seen    map[int64]bool          // strangers that the log has named
	changed chan struct{}           // closed when people come or go
}

// Config is what the settings say of who may use the bot.
type Config struct {
	Owners  []int64 // users
	Editors []int64 // groups whose anonymous admins, and channels that, speak for the chat
	Alerts  []int64 // chats; empty means the owners' private chats
}

// Member is somebody who was let in.
type Member struct {
	Name string    `json:"name"`
	Role Role      `json:"role"`
	At   time.Time `json:"at"`
	By   int64     `json:"by,omitempty"` // who invited them
}

// viewer is where members are kept: a [store.Store].
type viewer interface {
	View(ctx context.Context, f func(store.Tx) error) error
}

// Load reads who was let in.
func Load(ctx context.Context, truth viewer, access Config, log *slog.Logger) (*Members, error) {
	m := &Members{Config: access, log: log, guesses: map[int64]*rate.Limiter{}, seen: map[int64]bool{}, changed: make(chan struct{})}
	return m, m.Load(ctx, truth)
}

// Load makes what is known here what the store has. It is called after every
// commit that changes people. Of several calls at the same time the one that
// began last counts, so that an older reading never replaces a newer one.
func (m *Members) Load(ctx context.Context, truth viewer) error {
	m.mu.Lock()
	reading := m.order.Begin()
	m.mu.Unlock()
	var read *Roster
	err := truth.View(ctx, func(tx store.Tx) (err error) {
		read, err = m.Read(tx)
		return err
	})
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.order.Take(reading) {
		return nil
	}
	if m.known != nil && !maps.Equal(read.Joined, m.known.Joined) {
		m.logChanges(read.Joined)
		m.wakeLocked()
	}
	m.known = read
	return nil
}

// logChanges says who is let in from now on, and who is not any more.
func (m *Members) logChanges(now map[int64]Member) {
	for id, who := range now {
		if m.known.Joined[id].Role != who.Role {
			m.log.Warn("this Telegram user is "+who.Role.One()+" now", "id", id, "name", who.Name, "invited_by", who.By)
		}
	}
	for id := range m.known.Joined {
		if now[id].Role == 0 {
			m.log.Warn("this Telegram user has no access any more", "id", id)
		}
	}
}

// Now is what was committed last.
func (m *Members) Now() *Roster {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.known
}

// Role is what a user may do, 0 for a stranger.
func (m *Members) Role(user int64) Role { return m.Now().Role(user) }

// Has reports whether a user may use the bot.
func (m *Members) Has(user int64) bool { return m.Role(user) != 0 }

// None reports whether nobody may use the bot yet.
func (m *Members) None() bool { return m.Now().none() }

// AlertChats are the chats that alerts go to: those of the settings, wherever
// they have moved since, or else the owners' private chats.
func (m *Members) AlertChats() []int64 { return m.Now().AlertChats() }

// Named reports whether the settings name a chat, wherever it has moved since.
func (m *Members) Named(chat int64) bool { return m.Now().named(chat) }

// Owners are the owners' private chats; such a chat has the id of its user
// (Bot API).
func (m *Members) Owners() []int64 { return m.Now().Owners() }

// Wait waits until people have come or gone, or somebody has come with a link
// that is over, for that long at most. It returns false where ctx ends before.
func (m *Members) Wait(ctx context.Context, most time.Duration) bool {
	changed := m.Changes()
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

// Changes is closed when people come or go.
func (m *Members) Changes() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changed
}

// Wake ends what waits in [Members.Wait].
func (m *Members) Wake() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wakeLocked()
}

func (m *Members) wakeLocked() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// Mention logs a stranger, once.
func (m *Members) Mention(user int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen[user] || len(m.seen) >= maxStrangers {
		return
	}
	m.seen[user] = true
	m.log.Info("somebody who is not allowed wrote and got no answer", "id", user)
}

// Roster is who may use the bot, as one transaction saw it.
type Roster struct {
	access *Config
	Joined map[int64]Member
	Names  map[int64]string
	// Usernames are what people are called behind an @, where that is known.
	Usernames map[int64]string
	moved     map[string]string // groups that became supergroups
}

// Read returns who may use the bot as the transaction sees it.
func (m *Members) Read(tx store.Tx) (*Roster, error) {
	r := &Roster{access: &m.Config, Joined: map[int64]Member{}, Names: map[int64]string{}, Usernames: map[int64]string{}}
	var err error
	if r.moved, err = tx.Records(store.MovedRecord); err != nil {
		return nil, err
	}
	err = each(tx, store.MemberRecord, func(id int64, value string) error {
		var who Member
		err := json.Unmarshal([]byte(value), &who)
		r.Joined[id] = who
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := each(tx, store.NameRecord, func(id int64, value string) error { r.Names[id] = value; return nil }); err != nil {
		return nil, err
	}
	err = each(tx, store.UsernameRecord, func(id int64, value string) error { r.Usernames[id] = value; return nil })
	return r, err
}

// Set keeps what somebody may do; without a role they are no member any
// more. The codes of somebody who is no owner end.
func Set(tx store.Tx, id int64, who Member) error {
	if who.Role != Owner {
		if err := endCodes(tx, id); err != nil {
			return err
		}
	}
	value := ""
	if who.Role != 0 {
		encoded, err := json.Marshal(who)
		if err != nil {
			return err
		}
		value = string(encoded)
	}
	return tx.SetRecord(store.MemberRecord, strconv.FormatInt(id, 10), value)
}

// SetName keeps what somebody was called last.
func SetName(tx store.Tx, id int64, name string) error {
	return tx.SetRecord(store.NameRecord, strconv.FormatInt(id, 10), name)
}

// SetUsername keeps what somebody is called behind an @, "" for nothing.
func SetUsername(tx store.Tx, id int64, username string) error {
	return tx.SetRecord(store.UsernameRecord, strconv.FormatInt(id, 10), username)
}

// each reads the records of one kind that are named by a user's id.
func each(tx store.Tx, kind store.Kind, f func(id int64, value string) error) error {
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
func (r *Roster) Role(user int64) Role {
	switch {
	case slices.Contains(r.access.Owners, user):
		return Owner
	case slices.Contains(r.followed(r.access.Editors), user):
		return Editor
	}
	return r.Joined[user].Role
}

// none is [Members.None].
func (r *Roster) none() bool { return len(r.access.Owners) == 0 && len(r.Joined) == 0 }

// Name is what a user is called, in one line, or their number where that is
// not known. People call themselves as they like, so it proves nothing.
func (r *Roster) Name(user int64) string {
	if name := r.KnownName(user); name != "" {
		return name
	}
	if user < 0 {
		return fmt.Sprintf("chat %d", user)
	}
	return fmt.Sprintf("member %d", user)
}

// KnownName is what a user is called, "" where that is not known.
func (r *Roster) KnownName(user int64) string {
	for _, name := range []string{r.Names[user], r.Joined[user].Name} {
		if name = goals.OneLine(name); goals.Shows(name) {
			return name
		}
	}
	return ""
}

// AlertsNamed reports whether the settings name the chats that alerts go to.
func (r *Roster) AlertsNamed() bool { return len(r.access.Alerts) > 0 }

// AlertChats is [Members.AlertChats].
func (r *Roster) AlertChats() []int64 {
	if len(r.access.Alerts) == 0 {
		return r.Owners()
	}
	return r.followed(r.access.Alerts)
}

// named is [Members.Named].
func (r *Roster) named(chat int64) bool {
	return slices.Contains(r.followed(r.access.Alerts), chat) || slices.Contains(r.followed(r.access.Editors), chat)
}

// Moved is the chat that a chat has become, which for most is itself.
func (r *Roster) Moved(chat int64) int64 { return r.followed([]int64{chat})[0] }

// followed are chats, wherever they have moved since.
func (r *Roster) followed(named []int64) (chats []int64) {
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
func (r *Roster) Owners() []int64 {
	return slices.DeleteFunc(r.List(), func(id int64) bool { return r.Role(id) != Owner })
}

// List are the ids of all members.
func (r *Roster) List() []int64 {
	ids := slices.Concat(slices.Collect(maps.Keys(r.Joined)), r.access.Owners, r.followed(r.access.Editors))
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Setting is the setting that lets somebody in, "" for those who were invited.
func (r *Roster) Setting(id int64) string {
	switch {
	case slices.Contains(r.access.Owners, id):
		return "ALLOWED_USER_IDS"
	case slices.Contains(r.followed(r.access.Editors), id):
		return "EDITOR_CHAT_IDS"
	}
	return ""
}

// Called reports whether a member is known by that name already.
func (r *Roster) Called(user int64, name string) bool { return name == "" || r.Names[user] == name }
