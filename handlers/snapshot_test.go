package handlers

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"goalbot/access"
	"goalbot/settings"
	"goalbot/store"
)

// These tests are about what is remembered of the store: it never goes back,
// and shows nothing that is not committed.

// Broken on purpose, and what went red: taking every reading,
// TestAnOlderReadingOfMembersReplacesNoNewerOne and the one of settings; loading
// inside of a batch, TestABatchShowsNothingBeforeItsCommit; the role of the
// memory in place of the transaction's, TestTheTransactionSaysWhoMay.

// late is a store whose first View comes back late, as one does whose goroutine
// was not scheduled for a moment.
type late struct {
	store.Store
	once       sync.Once
	read, goOn chan struct{}
}

func (l *late) View(ctx context.Context, f func(store.Tx) error) error {
	err := l.Store.View(ctx, f)
	l.once.Do(func() { close(l.read); <-l.goOn })
	return err
}

// during runs change while load holds what it has read and not yet stored.
func (h *house) during(load func(store.Store) error, change func()) {
	h.t.Helper()
	l := &late{Store: h.mirror, read: make(chan struct{}), goOn: make(chan struct{})}
	done := make(chan error)
	go func() { done <- load(l) }()
	<-l.read
	change()
	close(l.goOn)
	if err := <-done; err != nil {
		h.t.Fatal(err)
	}
}

// A group that moves loads the members on the sender's goroutine, while the
// poller's has somebody shown out.
func TestAnOlderReadingOfMembersReplacesNoNewerOne(t *testing.T) {
	h := people(t)
	h.during(func(s store.Store) error { return h.members.Load(t.Context(), s) }, func() {
		h.one(h.at(ann, fmt.Sprintf("/revoke %d yes", viewer)))
		h.wantRole(viewer, 0)
	})
	h.wantRole(viewer, 0)
	h.one(h.at(ann, fmt.Sprintf("/members %d viewer", editor))) // later readings count
	h.wantRole(editor, access.Viewer)
}

func TestAnOlderReadingOfSettingsReplacesNoNewerOne(t *testing.T) {
	h := open(t)
	h.during(func(s store.Store) error { return h.settings.Load(t.Context(), s) }, func() { h.say("/settings ring nothing") })
	if ring := h.settings.Values().Ring; ring != settings.RingNothing {
		t.Errorf("what may ring is %v again", ring)
	}
}

// atCommit is a store that looks around just before a batch is committed.
type atCommit struct {
	store.Store
	look func()
}

func (a *atCommit) Batch(ctx context.Context, f func(store.Store) error) error {
	return a.Store.Batch(ctx, func(s store.Store) error {
		err := f(s)
		a.look()
		return err
	})
}

func TestABatchShowsNothingBeforeItsCommit(t *testing.T) {
	h := people(t)
	looked := false
	h.start(func(s store.Store) store.Store {
		return &atCommit{s, func() {
			looked = true
			h.wantRole(viewer, access.Viewer)
			h.wantRole(editor, access.Editor)
			if h.settings.Values().Zone != time.UTC {
				t.Error("a setting counts before it is committed")
			}
		}}
	}, ann, ben)
	h.together(4, h.at(ann, fmt.Sprintf("/revoke %d yes", editor)), h.at(ann, fmt.Sprintf("/members %d owner", viewer)),
		h.at(ann, "/settings timezone Asia/Tokyo"), h.at(viewer, "/settings timezone"))
	if !looked {
		t.Fatal("there was no batch")
	}
	h.wantRole(editor, 0)
	h.wantRole(viewer, access.Owner)
	if got := h.settings.Values().Zone.String(); got != "Asia/Tokyo" {
		t.Errorf("the zone is %s", got)
	}
	said := h.spoken()
	if got := said[len(said)-1].Text; !strings.Contains(got, "Asia/Tokyo, set here") {
		t.Errorf("within the batch the setting is %q", got)
	}
}

// Two owners of a batch cannot show each other out.
func TestABatchLeavesSomebodyInCharge(t *testing.T) {
	h := people(t)
	h.start(nil) // nobody is an owner by the settings
	h.one(h.at(second, fmt.Sprintf("/members %d owner", editor)))
	h.together(2, h.at(second, fmt.Sprintf("/members %d viewer", editor)), h.at(second, fmt.Sprintf("/members %d viewer", second)))
	h.wantRole(editor, access.Viewer)
	h.wantRole(second, access.Owner)
}

// What the program remembers decides who is passed over in silence; what a
// person may do is decided by the transaction that does it.
func TestTheTransactionSaysWhoMay(t *testing.T) {
	h := people(t)
	lagging, err := access.Load(t.Context(), h.truth, access.Config{Owners: []int64{ann, ben}}, h.h.log)
	if err != nil {
		t.Fatal(err)
	}
	h.one(h.at(ann, fmt.Sprintf("/revoke %d yes", editor)))
	h.one(h.at(ann, fmt.Sprintf("/members %d viewer", second)))
	behind := New(h.mirror, h.fake, h.files, lagging, h.settings, h.h.log)
	for who, want := range map[int64]int{editor: 0, second: 1} {
		if err := behind.Handle(t.Context(), h.at(who, "/addgoal x")); err != nil {
			t.Fatal(err)
		}
		if said := h.spoken(); len(said) != want {
			t.Errorf("%d is answered %d times, want %d", who, len(said), want)
		}
	}
	h.wantList()
}
