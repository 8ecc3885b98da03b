// Package storetest is the contract of package store as tests. Every engine
// that keeps goals runs them.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

// Engine is a store with its outbox, and with hooks that only tests need.
type Engine interface {
	store.Store

	// List is the list as the last commit left it.
	List() goals.List
	// Check reads everything and returns an error if anything is damaged.
	Check(context.Context) error
	// Doubtful reports whether a damaged row was met.
	Doubtful() bool

	// Queued receives after a commit that queued messages, and once at the start
	// if any are waiting. Several commits may be one signal.
	Queued() <-chan struct{}
	// Outbox returns the oldest waiting message of every chat without its body,
	// oldest first.
	Outbox(context.Context) ([]store.Message, error)
	// Waiting returns the oldest messages of one chat: limit at most, and a
	// megabyte of bodies at most, but at least one.
	Waiting(ctx context.Context, chat int64, limit int) ([]store.Message, error)
	// Sent forgets a message and keeps in the same commit what f does. A message
	// that does not wait is no error, and f is not run then.
	Sent(ctx context.Context, id int64, f func(store.Tx) error) error
	// SentBatch forgets several messages in one commit.
	SentBatch(ctx context.Context, ids []int64) error
	// MoveToDeadLetters sets a message aside that will never be delivered. A body
	// of more than 16 KiB is not kept, nor are all but the newest dead letters.
	MoveToDeadLetters(ctx context.Context, id int64, reason string) error
	// DeadLetters returns what was set aside, newest first.
	DeadLetters(context.Context) ([]store.DeadLetter, error)
	// Depth counts what waits.
	Depth(context.Context) (store.Depth, error)

	// Knows reports whether anything is kept of a chat.
	Knows(ctx context.Context, chat int64) (bool, error)
	// MoveChat lets messages and records follow a group; see [store.FollowGroup].
	MoveChat(ctx context.Context, from, to int64) error

	// Name tells this store from every other, for as long as it exists.
	Name() string
	// Reopen closes the store and opens it again with the same options.
	Reopen(testing.TB) Engine
	// Repair closes the store, drops the damaged rows, and opens it again. It
	// returns in words what was lost.
	Repair(testing.TB) (e Engine, lost string)
	// SQL runs a statement past the store, with its tables as they are, and
	// returns the first value that it yields, if any.
	SQL(t testing.TB, statement string) string
	// FailCommits lets commits report an error until stop is called.
	FailCommits(t testing.TB, o Outcome) (stop func())
}

// Outcome is what becomes of a commit that reports an error.
type Outcome int

const (
	Applied       Outcome = iota // it took effect, as the store can find out
	Dropped                      // it took none, as the store can find out
	AppliedUnseen                // it took effect, and the store cannot be read
	DroppedUnseen                // it took none, and the store cannot be read
	DiskFull                     // it took none, and the disk is full
)

// Options are how a store is to be opened. The zero value is what the program
// itself uses.
type Options struct {
	Now func() time.Time
	Log *slog.Logger
	Limits
}

// Limits are how much a store keeps. Zero is what the program itself uses.
type Limits struct {
	ChatMessages int64 // that wait for one chat
	ChatBytes    int64 // of bodies that wait for one chat
	Bytes        int64 // of all bodies that wait
	Short        int64 // a message of so many bytes may fill twice these bytes
	DeadLetters  int64

	GoalEvents int64 // events of one goal, or an eighth more
	Events     int64 // events in all
	EventBytes int64 // bytes of all events
	Undoable   int64 // newest changes of each member that stay in any case
}

// Open makes a new and empty store, and closes it with the test.
type Open func(t testing.TB, o Options) Engine

func (open Open) fresh(t testing.TB) Engine {
	t.Helper()
	return open(t, Options{})
}

// Run tests an engine.
func Run(t *testing.T, open Open) {
	for _, topic := range []struct {
		name  string
		tests []func(*testing.T, Open)
	}{
		{"update", updateTests}, {"goals", goalTests}, {"batch", batchTests}, {"commit", commitTests}, {"records", recordTests},
		{"history", historyTests}, {"forget", forgetTests},
		{"outbox", outboxTests}, {"capacity", capacityTests}, {"damage", damageTests},
	} {
		t.Run(topic.name, func(t *testing.T) {
			for _, test := range topic.tests {
				name := runtime.FuncForPC(reflect.ValueOf(test).Pointer()).Name()
				_, name, _ = strings.Cut(name, ".test")
				t.Run(name, func(t *testing.T) { test(t, open) })
			}
		})
	}
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var keys atomic.Int64

// origin makes up a key.
func origin(name string, by int64) store.Origin {
	return store.Origin{Key: fmt.Sprintf("test/%d", keys.Add(1)), Name: name, By: by, At: noon}
}

// update is an update that must succeed.
func update(t testing.TB, p store.Store, o store.Origin, f func(tx store.Tx) error) {
	t.Helper()
	if err := p.Update(t.Context(), o, f); err != nil {
		t.Fatalf("update %s: %v", o.Key, err)
	}
}

// add adds a goal and returns its number.
func add(t testing.TB, p store.Store, text string) int64 {
	t.Helper()
	var n int64
	update(t, p, origin("addgoal", 7), func(tx store.Tx) error {
		g, err := tx.List().Add(goals.Draft{Description: text}, "g-"+text, noon)
		if err == nil {
			n = g.Number
		}
		return err
	})
	return n
}

func send(chat int64, text string) func(store.Tx) error {
	return func(tx store.Tx) error { return tx.Send(store.Message{Chat: chat, Body: []byte(text)}) }
}

// view reads something in a View that must succeed.
func view[T any](t testing.TB, p store.Store, f func(tx store.Tx) (T, error)) (value T) {
	t.Helper()
	err := p.View(t.Context(), func(tx store.Tx) (err error) { value, err = f(tx); return err })
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func record(t testing.TB, p store.Store, kind store.Kind, name string) string {
	t.Helper()
	return view(t, p, func(tx store.Tx) (string, error) { return tx.Record(kind, name) })
}

// waiting is what is next for each chat, as text.
func waiting(t testing.TB, p Engine) string {
	t.Helper()
	text := ""
	for _, head := range outbox(t, p) {
		next, err := p.Waiting(t.Context(), head.Chat, 1)
		if err != nil || len(next) != 1 || next[0].ID != head.ID || head.Body != nil {
			t.Fatalf("of %+v waits %+v, %v", head, next, err)
		}
		text += fmt.Sprintf("%d:%s ", head.Chat, next[0].Body)
	}
	return text
}

// queued is all that waits for chat 7.
func queued(t testing.TB, p Engine) string {
	t.Helper()
	messages, err := p.Waiting(t.Context(), 7, 100)
	if err != nil {
		t.Fatal(err)
	}
	var bodies []string
	for _, m := range messages {
		bodies = append(bodies, string(m.Body))
	}
	return strings.Join(bodies, " ")
}

// listed is the list as text, numbers and descriptions.
func listed(list goals.List) string {
	text := ""
	for _, g := range list.All() {
		text += fmt.Sprintf("#%d %s ", g.Number, g.Description)
	}
	return text
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func wantErr(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want one that is %v", err, want)
	}
}
