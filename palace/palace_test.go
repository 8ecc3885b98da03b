package palace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// at opens the palace at path, and closes it with the test.
func at(t testing.TB, path string) *Palace {
	t.Helper()
	p, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func fresh(t testing.TB) *Palace {
	t.Helper()
	return at(t, filepath.Join(t.TempDir(), "sm", "palace.db"))
}

// reopened closes a palace and opens it again.
func reopened(t testing.TB, p *Palace) *Palace {
	t.Helper()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return at(t, p.path)
}

var keys int

// origin makes up a key.
func origin(name string, by int64) store.Origin {
	keys++
	return store.Origin{Key: fmt.Sprintf("test/%d", keys), Name: name, By: by, At: noon}
}

// update is an update that must succeed.
func update(t testing.TB, p *Palace, o store.Origin, f func(tx store.Tx) error) {
	t.Helper()
	if err := p.Update(t.Context(), o, f); err != nil {
		t.Fatalf("update %s: %v", o.Key, err)
	}
}

// add adds a goal and returns its number.
func add(t testing.TB, p *Palace, text string) int64 {
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
func view[T any](t testing.TB, p *Palace, f func(tx store.Tx) (T, error)) (value T) {
	t.Helper()
	err := p.View(t.Context(), func(tx store.Tx) (err error) { value, err = f(tx); return err })
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func record(t testing.TB, p *Palace, kind store.Kind, name string) string {
	t.Helper()
	return view(t, p, func(tx store.Tx) (string, error) { return tx.Record(kind, name) })
}

// waiting is what is next for each chat, as text.
func waiting(t testing.TB, p *Palace) string {
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

// remember changes the row of the table meta.
func (p *Palace) remember(t testing.TB, f func(*meta)) {
	t.Helper()
	m, err := readMeta(t.Context(), p.writer)
	if err != nil {
		t.Fatal(err)
	}
	f(&m)
	p.sql(t, saveMeta, m.row()...)
}

func (p *Palace) sql(t testing.TB, query string, args ...any) {
	t.Helper()
	if _, err := p.writer.ExecContext(context.Background(), query, args...); err != nil {
		t.Fatal(err)
	}
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func outbox(t testing.TB, p *Palace) []store.Message {
	t.Helper()
	messages, err := p.Outbox(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

// queued is all that waits for chat 7.
func queued(t *testing.T, p *Palace) string {
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

func changeOf(t testing.TB, p *Palace, key string) []store.Event {
	t.Helper()
	return view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.Change(key) })
}
