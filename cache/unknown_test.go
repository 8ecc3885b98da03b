package cache

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/palace"
	"goalbot/store"
)

// What is tested here: that the file follows the palace after a commit of which
// nobody could tell whether it took effect.

// doubtful is a palace of whose next commit nobody can tell: it takes effect,
// and neither its caller nor the list in memory knows.
type doubtful struct {
	*palace.Palace
	unseen *palace.Palace // the same file, opened a second time
	doubt  bool
}

func (d *doubtful) Update(ctx context.Context, o store.Origin, f func(store.Tx) error) error {
	if !d.doubt {
		return d.Palace.Update(ctx, o, f)
	}
	d.doubt = false
	return errors.Join(store.ErrUnknown, d.unseen.Update(ctx, o, f))
}

func (d *doubtful) Batch(ctx context.Context, f func(store.Store) error) error {
	if !d.doubt {
		return d.Palace.Batch(ctx, f)
	}
	d.doubt = false
	return errors.Join(store.ErrUnknown, d.unseen.Batch(ctx, f))
}

// A commit of unknown outcome had taken effect. Its repeat was known as one,
// and the file kept the old list until the next change: /health said that it
// was sound, and even /restore wrote the old list. Red where follow returns
// early for an error, and where Check, Restore and Settled do not renew the
// list or look at what the file holds.
func TestTheFileFollowsACommitOfUnknownOutcome(t *testing.T) {
	for name, then := range map[string]func(t *testing.T, h *house, again func() error) error{
		"the repeat": func(t *testing.T, h *house, again func() error) error {
			if err := again(); !errors.Is(err, store.ErrRepeat) {
				t.Errorf("the repeat: %v", err)
			}
			return nil
		},
		"the repeat, when a look has noticed": func(t *testing.T, h *house, again func() error) error {
			must(t, h.View(t.Context(), func(store.Tx) error { return nil }))
			_ = again()
			return nil
		},
		"another change that fails": func(t *testing.T, h *house, again func() error) error {
			mine := errors.New("mine")
			if err := h.change(t, func(*goals.List) error { return mine }); !errors.Is(err, mine) {
				t.Errorf("got %v", err)
			}
			return nil
		},
		"a check":   func(t *testing.T, h *house, again func() error) error { return h.Check(t.Context()) },
		"a restore": func(t *testing.T, h *house, again func() error) error { _, err := h.Restore(t.Context()); return err },
		"an answer that is about to leave": func(t *testing.T, h *house, again func() error) error {
			return h.Settled(t.Context(), func() error { h.inLine(t); return nil })
		},
	} {
		for _, together := range []bool{false, true} {
			if together {
				name += ", of changes together"
			}
			t.Run(name, func(t *testing.T) {
				h := openHouse(t, t.TempDir())
				unseen, err := palace.Open(t.Context(), h.root+"/sm/palace.db", palace.Options{})
				must(t, err)
				t.Cleanup(func() { unseen.Close() })
				d := &doubtful{Palace: h.truth, unseen: unseen}
				h.Mirror = NewMirror(d, New(h.root), h.notes, slog.New(slog.DiscardHandler), time.Now)
				must(t, h.Start(t.Context()))
				h.add(t, "call mother")
				again := func() error {
					o := store.Origin{Key: "tg/7", Name: "addgoal", At: day}
					add := func(tx store.Tx) error {
						_, err := tx.List().Add(goals.Draft{Description: "two"}, "g-two", day)
						return err
					}
					if together {
						return h.Batch(t.Context(), func(s store.Store) error { return s.Update(t.Context(), o, add) })
					}
					return h.Update(t.Context(), o, add)
				}
				d.doubt = true
				if err := again(); !errors.Is(err, store.ErrUnknown) {
					t.Fatalf("got %v, want that nobody knows", err)
				}
				must(t, then(t, h, again))
				if h.truth.List().ID("g-two") == nil {
					t.Error("the list in memory has not followed")
				}
				h.inLine(t)
				must(t, h.Check(t.Context()))
				if len(h.notes.merged) > 0 {
					t.Errorf("the old file was taken for somebody's change: %+v", h.notes.merged)
				}
			})
		}
	}
}

// What others wrote just then is not lost over it.
func TestTheFileOfOthersIsTakenInAfterACommitOfUnknownOutcome(t *testing.T) {
	h := openHouse(t, t.TempDir())
	unseen, err := palace.Open(t.Context(), h.root+"/sm/palace.db", palace.Options{})
	must(t, err)
	t.Cleanup(func() { unseen.Close() })
	d := &doubtful{Palace: h.truth, unseen: unseen}
	h.Mirror = NewMirror(d, New(h.root), h.notes, slog.New(slog.DiscardHandler), time.Now)
	must(t, h.Start(t.Context()))
	h.add(t, "call mother")
	d.doubt = true
	_ = h.change(t, func(l *goals.List) error {
		_, err := l.Add(goals.Draft{Description: "two"}, "g-two", day)
		return err
	})
	theirs := h.truth.List()
	_, err = theirs.Add(goals.Draft{Description: "theirs"}, "theirs", day)
	must(t, err)
	h.write(t, string(goaljson.Append(nil, theirs.All())))
	must(t, h.Settled(t.Context(), func() error { h.inLine(t); return nil }))
	for _, id := range []string{"g-two", "theirs"} {
		if h.truth.List().ID(id) == nil {
			t.Errorf("%s is lost", id)
		}
	}
}

// While there was no file yet, the first goal's commit was one of those: who
// looked at the palace next took the file for removed, an alert said so, and not
// even the repeat wrote it. Red where a check of a file that is not there does
// not renew the list, and where missing does not ask what the file held.
func TestTheFirstFileFollowsACommitOfUnknownOutcome(t *testing.T) {
	for name, then := range map[string]func(t *testing.T, h *house, again func() error){
		"a check":   func(t *testing.T, h *house, again func() error) { must(t, h.Check(t.Context())) },
		"a restore": func(t *testing.T, h *house, again func() error) { _, err := h.Restore(t.Context()); must(t, err) },
		"an answer that is about to leave": func(t *testing.T, h *house, again func() error) {
			must(t, h.Settled(t.Context(), func() error { return nil }))
		},
		"the repeat, when a look has noticed": func(t *testing.T, h *house, again func() error) {
			must(t, h.View(t.Context(), func(store.Tx) error { return nil }))
			_ = again()
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := openHouse(t, t.TempDir())
			unseen, err := palace.Open(t.Context(), h.root+"/sm/palace.db", palace.Options{})
			must(t, err)
			t.Cleanup(func() { unseen.Close() })
			d := &doubtful{Palace: h.truth, unseen: unseen}
			h.Mirror = NewMirror(d, New(h.root), h.notes, slog.New(slog.DiscardHandler), time.Now)
			must(t, h.Start(t.Context()))
			again := func() error {
				return h.Update(t.Context(), store.Origin{Key: "tg/7", Name: "addgoal", At: day}, func(tx store.Tx) error {
					_, err := tx.List().Add(goals.Draft{Description: "call mother"}, "g-one", day)
					return err
				})
			}
			d.doubt = true
			if err := again(); !errors.Is(err, store.ErrUnknown) {
				t.Fatalf("got %v, want that nobody knows", err)
			}
			then(t, h, again)
			must(t, h.View(t.Context(), func(store.Tx) error { return nil }))
			h.inLine(t)
			must(t, h.Check(t.Context()))
		})
	}
}

// What nobody knew of is no reason to pass over a file that was removed.
func TestAFileThatWasRemovedIsMissedAfterACommitOfUnknownOutcome(t *testing.T) {
	h := openHouse(t, t.TempDir())
	unseen, err := palace.Open(t.Context(), h.root+"/sm/palace.db", palace.Options{})
	must(t, err)
	t.Cleanup(func() { unseen.Close() })
	d := &doubtful{Palace: h.truth, unseen: unseen}
	h.Mirror = NewMirror(d, New(h.root), h.notes, slog.New(slog.DiscardHandler), time.Now)
	must(t, h.Start(t.Context()))
	h.add(t, "call mother")
	d.doubt = true
	_ = h.change(t, func(l *goals.List) error {
		_, err := l.Add(goals.Draft{Description: "two"}, "g-two", day)
		return err
	})
	must(t, os.Remove(h.Path()))
	for range 2 {
		if err := h.Check(t.Context()); !isMissing(err) {
			t.Errorf("a check says %v", err)
		}
	}
	_, err = h.Restore(t.Context())
	must(t, err)
	h.inLine(t)
}
