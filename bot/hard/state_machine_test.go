//go:build linux

package hard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"pgregory.net/rapid"

	"goalbot/access"
	"goalbot/cache"
	"goalbot/handlers"
	"goalbot/palace"
	"goalbot/settings"
	"goalbot/store"
)

// machine is the real thing and the model of it.
type machine struct {
	root   string
	dirs   []string
	truth  *palace.Palace
	mirror *cache.Mirror
	store  *doubtful
	h      *handlers.Handlers

	list    []standing
	last    int64 // the highest number
	changes []changed
	damaged bool // somebody has damaged goals.json, and no change has come since
	done    []handlers.Request
	now     time.Time

	gathers bool // what is said waits, to be handled together
	waits   []handlers.Request
}

// changed is a change that may be taken back.
type changed struct {
	number        int64
	before, after *standing // nil where there is none
}

// doubtful is a store that does what it should, or does not, and says that it
// does not know.
type doubtful struct {
	store.Store
	lie string // "", "done" or "not done"
}

func (d *doubtful) Update(ctx context.Context, o store.Origin, f func(store.Tx) error) error {
	lie := d.lie
	d.lie = ""
	if lie == "not done" {
		return store.ErrUnknown
	}
	err := d.Store.Update(ctx, o, f)
	if lie == "done" {
		return store.ErrUnknown
	}
	return err
}

func (d *doubtful) Batch(ctx context.Context, f func(store.Store) error) error {
	lie := d.lie
	d.lie = ""
	if lie == "not done" {
		return store.ErrUnknown
	}
	err := d.Store.Batch(ctx, f)
	if lie == "done" {
		return store.ErrUnknown
	}
	return err
}

var ann = handlers.Person{ID: 1001, Name: "Ann"}

func newMachine(t *rapid.T) *machine {
	m := &machine{now: time.Now().AddDate(-3, 0, 0).Truncate(time.Second)}
	m.root = m.folder(t)
	m.open(t)
	return m
}

func (m *machine) folder(t *rapid.T) string {
	dir, err := os.MkdirTemp("", "goals-state-")
	if err != nil {
		t.Fatal(err)
	}
	m.dirs = append(m.dirs, dir)
	return dir
}

func (m *machine) close() {
	m.truth.Close()
	for _, dir := range m.dirs {
		os.RemoveAll(dir)
	}
}

func (m *machine) open(t *rapid.T) {
	log := slog.New(slog.DiscardHandler)
	truth, err := palace.Open(t.Context(), filepath.Join(m.root, "sm", "palace.db"), palace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m.truth = truth
	members, err := access.Load(t.Context(), truth, access.Config{Owners: []int64{ann.ID, ben.ID}}, log)
	if err != nil {
		t.Fatal(err)
	}
	settings := settings.New(settings.Defaults{Values: settings.Values{Zone: time.UTC, Review: settings.Review{Stuck: true}}}, log)
	m.mirror = cache.NewMirror(truth, cache.New(m.root), handlers.NewNotices(members, settings), log, time.Now)
	if err := m.mirror.Start(t.Context()); err != nil && !m.damaged {
		t.Fatalf("start: %v", err)
	}
	m.store = &doubtful{Store: m.mirror}
	m.h = handlers.New(m.store, nil, nil, members, settings, log)
}

// handle hands a request on as the poll loop does: until it is known what
// became of it. It reports whether it had been handled before.
func (m *machine) handle(t *rapid.T, r handlers.Request) (repeat bool) {
	for {
		err := m.h.Handle(t.Context(), r)
		switch {
		case errors.Is(err, store.ErrUnknown):
			continue
		case errors.Is(err, store.ErrRepeat):
			return true
		case err != nil:
			t.Fatalf("%s %s: %v", r.Name, r.Args, err)
		}
		return false
	}
}

func (m *machine) say(t *rapid.T, name, args string) { m.sayAs(t, ann, name, args) }

func (m *machine) sayAs(t *rapid.T, who handlers.Person, name, args string) {
	m.now = m.now.Add(time.Second)
	n := int64(len(m.done) + 1)
	r := handlers.Request{Key: fmt.Sprintf("tg/%d/%d", n, m.now.Unix()), From: who, Chat: handlers.Chat{ID: who.ID, Private: true},
		Name: name, Args: args, Message: n, At: m.now}
	m.done = append(m.done, r)
	if m.gathers {
		m.waits = append(m.waits, r)
		return
	}
	unsure := m.store.lie != ""
	if m.handle(t, r) && !unsure {
		t.Fatalf("%s %s is taken for a repeat", name, args)
	}
}
