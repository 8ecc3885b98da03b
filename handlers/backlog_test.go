package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"

	"goalbot/access"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// These tests hand over many requests at once.

// Broken on purpose, and what went red: handling on after a failure,
// TestTogetherEndsBeforeWhatMustBeAlone and TestTogetherEndsBeforeWhatFails;
// not going back to what is kept after a commit that failed,
// TestTogetherIsForgottenWhereTheCommitFails; telling each request,
// TestTogetherAFileThatFallsBehindIsToldOnceInEachChat.

// together hands requests over and demands that so many of them are done.
func (h *house) together(want int, reqs ...Request) {
	h.t.Helper()
	if done, err := h.h.Batch(h.t.Context(), reqs); err != nil || done != want {
		h.t.Fatalf("%d of %d are done, want %d; error %v", done, len(reqs), want, err)
	}
}

func (h *house) wantSaid(want ...string) {
	h.t.Helper()
	var got []string
	for _, m := range h.spoken() {
		first, _, _ := strings.Cut(m.Text, "\n")
		got = append(got, first)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		h.t.Errorf("said %q, want %q", got, want)
	}
}

func TestTogetherIsAsOneAfterTheOther(t *testing.T) {
	h := open(t)
	repeated := h.request("/addgoal a")
	h.do(repeated)
	reqs := []Request{h.request("/addgoal b"), repeated, h.request("/done 2"), h.request("/done 9"), h.request("/undo"), h.request("/goals")}
	h.together(6, reqs...)
	h.wantList("#1 pending a", "#2 pending b")
	h.wantSaid("Added: ⬜ #2 b", "Done: ✅ #2 b", "There is no goal #9, so nothing was changed. /goals shows the list.", "↩️ Undone: finishing #2", "Open goals · 2")
	h.together(6, reqs...)
	h.wantSaid()
	h.wantList("#1 pending a", "#2 pending b")
}

// expecting is a store that notes the updates that a batch names.
type expecting struct {
	store.Store
	keys []string
}

func (e *expecting) Batch(ctx context.Context, f func(store.Store) error) error {
	e.keys = store.Expected(ctx)
	return e.Store.Batch(ctx, f)
}

func TestTogetherTheStoreKnowsWhatComes(t *testing.T) {
	h := open(t)
	truth := &expecting{}
	h.start(func(s store.Store) store.Store { truth.Store = s; return truth }, ann)
	a, b := h.request("/addgoal a"), h.request("/addgoal b")
	h.together(2, a, b)
	if want := []string{a.Key, b.Key}; !slices.Equal(truth.keys, want) {
		t.Errorf("the keys %q are expected, want %q", truth.keys, want)
	}
}

func TestTogetherEndsBeforeWhatMustBeAlone(t *testing.T) {
	h := open(t)
	file := h.request("")
	file.Files = []goals.File{{Kind: goals.DocFile, ID: "1", Name: "goals.json"}}
	for name, alone := range map[string]Request{"a stranger": h.at(nobody, "/start"), "/health": h.request("/health"), "/restore": h.request("/restore"), "a file": file} {
		h.together(1, h.request("/addgoal "+name), alone, h.request("/addgoal never"))
		h.together(0, alone, h.request("/addgoal never"))
	}
	if strings.Contains(h.list(), "never") {
		t.Error(h.list())
	}
}

func TestTogetherEndsBeforeWhatFails(t *testing.T) {
	h := open(t)
	h.h.table = append(h.h.table, command{name: "boom", least: access.Viewer, do: func(c *call) (message.Message, error) {
		if _, err := c.tx.List().Add(goals.Draft{Description: "half done"}, newID(), c.At); err != nil {
			return message.Message{}, err
		}
		panic("boom")
	}})
	h.together(1, h.request("/addgoal a"), h.request("/boom"), h.request("/addgoal b"))
	h.wantList("#1 pending a")
	h.wantSaid("Added: ⬜ #1 a")
}

// Somebody who is made an editor may change goals with their very next words,
// and somebody who is shown out may not.
func TestTogetherARoleCountsAtOnce(t *testing.T) {
	h := people(t)
	h.together(3, h.at(viewer, "/addgoal too early"), h.at(ann, fmt.Sprintf("/members %d editor", viewer)), h.at(viewer, "/addgoal a"))
	h.wantList("#1 pending a")
	h.together(1, h.at(ann, fmt.Sprintf("/revoke %d yes", viewer)), h.at(viewer, "/addgoal too late"))
	h.wantList("#1 pending a")
	h.wantRole(viewer, 0)
}

func TestTogetherIsForgottenWhereTheCommitFails(t *testing.T) {
	h := people(t)
	flaky := &faulty{}
	h.start(flaky.wrap, ann)
	for _, want := range []error{store.ErrFull, store.ErrUnknown, errors.New("anything else")} {
		flaky.refuse = want
		reqs := []Request{h.at(ann, fmt.Sprintf("/members %d editor", viewer)), h.at(viewer, "/addgoal a")}
		if done, err := h.h.Batch(t.Context(), reqs); done != 0 || !errors.Is(err, want) {
			t.Errorf("%v: done %d, error %v", want, done, err)
		}
		h.wantRole(viewer, access.Viewer)
		h.wantSaid()
		h.wantList()
	}
}

func TestTogetherAFileThatFallsBehindIsToldOnceInEachChat(t *testing.T) {
	h := open(t)
	flaky := &faulty{}
	h.start(flaky.wrap, ann, ben)
	flaky.after = fmt.Errorf("%w: %w", store.ErrFileBehind, syscall.ENOSPC)
	inGroup := h.request("/addgoal c")
	inGroup.Chat = Chat{ID: group}
	h.together(5, h.request("/addgoal a"), h.request("/addgoal b"), inGroup, h.at(ben, "/goals"), h.at(ben, "/goal 1"))
	behind := 0
	for _, m := range h.spoken() {
		if strings.Contains(m.Text, "could not be rewritten: the disk is full") {
			behind++
		}
	}
	if behind != 2 {
		t.Errorf("it is told %d times in two chats where something was changed", behind)
	}
	flaky.after = nil
	h.wantList("#1 pending a", "#2 pending b", "#3 pending c")
}

// A disk that has room for a change, but neither for the file nor for word of
// it: the word is handed back, to be sent without the store.
func TestWhatTheStoreHasNoRoomForIsHandedBack(t *testing.T) {
	h := open(t)
	flaky := &faulty{}
	h.start(func(s store.Store) store.Store { return noRoom{flaky.wrap(s), ""} }, ann, ben)
	flaky.after = fmt.Errorf("%w: %w", store.ErrFileBehind, syscall.ENOSPC)
	_, together := h.h.Batch(t.Context(), []Request{h.request("/addgoal b"), h.request("/addgoal c")})
	for _, err := range []error{h.h.Handle(t.Context(), h.request("/addgoal a")), together} {
		unsaid, ok := errors.AsType[*Unsaid](err)
		if !ok || len(unsaid.Chats) != 1 || unsaid.Chats[0].ID != ann || !errors.Is(err, store.ErrFull) {
			t.Fatalf("got %#v", err)
		}
		if want := "⚠️ Your change is saved, but goals.json could not be rewritten: the disk is full."; !strings.HasPrefix(unsaid.Message.Text, want) {
			t.Errorf("it says %q", unsaid.Message.Text)
		}
	}
	h.wantList("#1 pending b", "#2 pending c", "#3 pending a")

	// A chat for which there was room is not told twice.
	reqs := []Request{h.request("/addgoal d"), h.at(ben, "/addgoal e")}
	h.start(func(s store.Store) store.Store { return noRoom{flaky.wrap(s), reqs[1].Key} }, ann, ben)
	_, err := h.h.Batch(t.Context(), reqs)
	if unsaid, ok := errors.AsType[*Unsaid](err); !ok || len(unsaid.Chats) != 1 || unsaid.Chats[0].ID != ann {
		t.Errorf("where one chat has no room: %#v", err)
	}
}

// noRoom takes changes, and no word of the file but for one request.
type noRoom struct {
	store.Store
	but string
}

func (s noRoom) Update(ctx context.Context, o store.Origin, f func(store.Tx) error) error {
	if strings.HasSuffix(o.Key, "/file") && o.Key != s.but+"/file" {
		return store.ErrFull
	}
	return s.Store.Update(ctx, o, f)
}
