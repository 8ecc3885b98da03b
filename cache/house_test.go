package cache

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/palace"
	"goalbot/store"
)

// house is a palace and a file below one root, with what was reported.
type house struct {
	*Mirror
	root  string
	truth *palace.Palace
	notes *notes
}

type notes struct {
	merged []goals.Merged
	kept   []string
	broken error
}

func (n *notes) Merged(_ store.Tx, m goals.Merged, kept string) error {
	if n.broken != nil {
		return n.broken
	}
	n.merged = append(n.merged, m)
	if kept != "" {
		n.kept = append(n.kept, kept)
	}
	return nil
}
func (n *notes) Quarantined(_ store.Tx, kept string, _ error) error {
	if n.broken != nil {
		return n.broken
	}
	n.kept = append(n.kept, kept)
	return nil
}

func (n *notes) Settle(store.Tx) (bool, error) { return true, nil }

func openHouse(t *testing.T, root string) *house { return openHouseAt(t, root, time.Now) }

func openHouseAt(t *testing.T, root string, now func() time.Time) *house {
	t.Helper()
	must(t, os.MkdirAll(filepath.Join(root, "sm"), 0o700))
	truth, err := palace.Open(t.Context(), filepath.Join(root, "sm", "palace.db"), palace.Options{Log: slog.New(slog.DiscardHandler), Now: now})
	must(t, err)
	t.Cleanup(func() { truth.Close() })
	h := &house{root: root, truth: truth, notes: &notes{}}
	h.Mirror = NewMirror(truth, New(root), h.notes, slog.New(slog.DiscardHandler), now)
	h.pace.SetLimit(rate.Inf)
	return h
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := openHouse(t, t.TempDir())
	must(t, h.Start(t.Context()))
	return h
}

var keys int

// change does something to the list, under a key of its own.
func (h *house) change(t *testing.T, f func(*goals.List) error) error {
	t.Helper()
	keys++
	return h.Update(t.Context(), store.Origin{Key: fmt.Sprint("test/", keys), By: 1, Name: "test", At: day}, func(tx store.Tx) error { return f(tx.List()) })
}

// together makes changes under keys of that name: one for itself, several
// together. Those that were made before are passed over.
func (h *house) together(t *testing.T, name string, changes ...func(*goals.List) error) error {
	t.Helper()
	all := func(s store.Store) error {
		for i, change := range changes {
			o := store.Origin{Key: fmt.Sprint(name, "/", i), By: 1, Name: "test", At: day}
			err := s.Update(t.Context(), o, func(tx store.Tx) error { return change(tx.List()) })
			if err != nil && !errors.Is(err, store.ErrRepeat) {
				return err
			}
		}
		return nil
	}
	if len(changes) == 1 {
		return all(h)
	}
	return h.Batch(t.Context(), all)
}

func (h *house) add(t *testing.T, text string) {
	t.Helper()
	must(t, h.change(t, func(l *goals.List) error {
		_, err := l.Add(goals.Draft{Description: text}, fmt.Sprintf("g-%08x", l.LastNumber()+1), day)
		return err
	}))
}

func (h *house) bytes(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(h.Path())
	must(t, err)
	return string(data)
}

// inLine checks that the file says exactly what the palace says.
func (h *house) inLine(t *testing.T) {
	t.Helper()
	if got, want := h.bytes(t), string(goaljson.Append(nil, h.truth.List().All())); got != want {
		t.Errorf("the file says\n%s\nthe palace says\n%s", got, want)
	}
}

func (h *house) write(t *testing.T, data string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(h.Path()), 0o700))
	must(t, os.WriteFile(h.Path()+".foreign", []byte(data), 0o600))
	must(t, os.Rename(h.Path()+".foreign", h.Path()))
}
