package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/palace"
	"goalbot/store"
)

// mailbox is the palace to a bot that stands by: it can be read, and handed something over.
type mailbox struct {
	*palace.Palace
	broken error
}

func (b *mailbox) HandOver(ctx context.Context, name, value string) error {
	if b.broken != nil {
		return b.broken
	}
	return b.Palace.Update(ctx, store.Origin{Key: "handed/" + name, Name: "handed"}, func(tx store.Tx) error {
		return tx.SetRecord(store.HandedRecord, name, value)
	})
}

func (b *mailbox) Update(context.Context, store.Origin, func(store.Tx) error) error {
	return errors.New("it does not lead")
}

// two are a bot that leads and one that stands by, each with a file of its own.
type two struct {
	*house
	leader  *mailbox
	standby *Mirror
	root    string
	logged  bytes.Buffer // of the bot that stands by, and of the one that leads next
}

func newTwo(t *testing.T) *two {
	h := openHouse(t, t.TempDir())
	h.Among(h.truth)
	must(t, h.Start(t.Context()))
	w := &two{house: h, leader: &mailbox{Palace: h.truth}, root: t.TempDir()}
	w.standby = w.another()
	return w
}

// another is a bot that begins to stand by.
func (w *two) another() *Mirror {
	return NewStandby(w.leader, New(w.root), slog.New(slog.NewTextHandler(&w.logged, nil)), time.Now)
}

func (w *two) follow(t *testing.T) (fresh bool) {
	t.Helper()
	fresh, bad, err := w.standby.Follow(t.Context(), false)
	if err := errors.Join(bad, err); err != nil {
		t.Fatal(err)
	}
	return fresh
}

// edit changes text in the file of the bot that stands by.
func (w *two) edit(t *testing.T, old, new string) {
	t.Helper()
	path := New(w.root).Path()
	data, err := os.ReadFile(path)
	must(t, err)
	if !strings.Contains(string(data), old) {
		t.Fatalf("the file does not hold %q:\n%s", old, data)
	}
	must(t, os.WriteFile(path, []byte(strings.ReplaceAll(string(data), old, new)), 0o600))
}

// rename changes a goal in that file, later than all else, as a program does.
func (w *two) rename(t *testing.T, old, new string) {
	t.Helper()
	all, err := New(w.root).Load()
	must(t, err)
	for _, g := range all {
		if g.Description == old {
			g.Description, g.Updated = new, time.Now().Add(time.Hour)
		}
	}
	must(t, os.WriteFile(New(w.root).Path(), goaljson.Append(nil, all), 0o600))
}

// wantSame wants the list and both files to say the same.
func (w *two) wantSame(t *testing.T, want string) {
	t.Helper()
	listed := func(all []*goals.Goal) (text string) {
		for _, g := range all {
			text += g.Description + ", "
		}
		return text
	}
	list := w.truth.List()
	if got := listed(list.All()); got != want {
		t.Errorf("the list is %s, want %s", got, want)
	}
	for _, root := range []string{w.house.root, w.root} {
		all, err := New(root).Load()
		must(t, err)
		if got := listed(all); got != want {
			t.Errorf("a file has %s, want %s", got, want)
		}
	}
	must(t, w.truth.View(t.Context(), func(tx store.Tx) error {
		waits, err := tx.Records(store.HandedRecord)
		if len(waits) > 0 {
			t.Errorf("%d are handed over and not taken in", len(waits))
		}
		return err
	}))
}

// The file of a bot that stands by follows the list, also where there was none.
func TestAStandbyFollows(t *testing.T) {
	w := newTwo(t)
	w.add(t, "one")
	if !w.follow(t) {
		t.Error("it is not fresh")
	}
	w.wantSame(t, "one, ")
	w.add(t, "two")
	w.follow(t)
	w.wantSame(t, "one, two, ")
	must(t, os.Remove(New(w.root).Path()))
	w.follow(t)
	w.wantSame(t, "one, two, ")
}

// What others write to that file is taken in once, by the rules for the leader's own.
func TestWhatIsWrittenBesideAStandbyIsTakenIn(t *testing.T) {
	w := newTwo(t)
	w.add(t, "one")
	w.add(t, "two")
	w.follow(t)
	w.edit(t, "one", "eins")
	if w.follow(t) {
		t.Error("it is fresh while it says what the list does not")
	}
	w.add(t, "three") // which who wrote that has not seen
	must(t, w.change(t, func(l *goals.List) error { _, err := l.Rename(2, "zwei", day); return err }))
	for range 3 {
		if w.follow(t) {
			t.Fatal("it is fresh before the leader has taken it in")
		}
	}
	must(t, w.TakeInHanded(t.Context()))
	if !w.follow(t) {
		t.Error("it is not fresh")
	}
	w.wantSame(t, "eins, zwei, three, ")
	if n := len(w.notes.merged); n != 1 {
		t.Errorf("%d merges were told, want 1", n)
	}
	// The same program goes on from what it wrote.
	w.edit(t, "eins", "uno")
	w.follow(t)
	w.edit(t, "zwei", "due")
	must(t, w.TakeInHanded(t.Context()))
	w.follow(t)
	must(t, w.TakeInHanded(t.Context()))
	w.follow(t)
	w.wantSame(t, "uno, due, three, ")
	// Without anything new.
	w.edit(t, "  ", " ")
	w.follow(t)
	must(t, w.TakeInHanded(t.Context()))
	w.follow(t)
	w.wantSame(t, "uno, due, three, ")
}

// What they have not seen was not removed by them.
func TestWhatAStandbyLacksIsNotRemoved(t *testing.T) {
	w := newTwo(t)
	w.add(t, "one")
	w.follow(t)
	must(t, w.change(t, func(l *goals.List) error { _, err := l.AddNote(1, "a note", day); return err }))
	w.rename(t, "one", "eins")
	w.follow(t)
	must(t, w.TakeInHanded(t.Context()))
	w.follow(t)
	w.wantSame(t, "eins, ")
	list := w.truth.List()
	if notes := list.Number(1).Notes; len(notes) != 1 || notes[0] != "a note" {
		t.Errorf("its notes are %q", notes)
	}
}

// A program beside the leader that has not seen what was written beside a standby does
// not take it back.
func TestWhatWasHandedOverIsNotTakenBack(t *testing.T) {
	w := newTwo(t)
	w.add(t, "one")
	w.add(t, "two")
	w.follow(t)
	before := w.bytes(t)
	w.edit(t, "one", "eins")
	w.follow(t)
	must(t, w.TakeInHanded(t.Context()))
	w.write(t, strings.ReplaceAll(before, "two", "zwei"))
	must(t, w.Check(t.Context()))
	w.follow(t)
	w.wantSame(t, "eins, zwei, ")
}

// Where it cannot be handed over the file stays, and is tried again.
func TestWhatCannotBeHandedOverStays(t *testing.T) {
	w := newTwo(t)
	w.add(t, "one")
	w.follow(t)
	w.leader.broken = errors.New("broken")
	w.edit(t, "one", "eins")
	w.add(t, "two")
	if _, bad, _ := w.standby.Follow(t.Context(), false); !errors.Is(bad, w.leader.broken) {
		t.Errorf("it says %v", bad)
	}
	w.leader.broken = nil
	w.follow(t)
	must(t, w.TakeInHanded(t.Context()))
	w.follow(t)
	w.wantSame(t, "eins, two, ")
}

// A file that does not load is left alone until it does.
func TestAStandbyLeavesABrokenFileAlone(t *testing.T) {
	w := newTwo(t)
	w.add(t, "one")
	w.follow(t)
	w.edit(t, "]", "")
	for i := range 3 {
		if i == 1 {
			w.add(t, "two")
		}
		fresh, bad, err := w.standby.Follow(t.Context(), false)
		var malformed *SerdeError
		if fresh || !errors.As(bad, &malformed) || err != nil {
			t.Fatal(fresh, bad, err)
		}
	}
	if all, err := os.ReadDir(New(w.root).Dir()); err != nil || len(all) != 1 {
		t.Errorf("beside it lie %v, %v", all, err)
	}
	must(t, os.Remove(New(w.root).Path()))
	w.follow(t)
	w.wantSame(t, "one, two, ")
}

// A file from an earlier time is known as such: nothing in it is news, but for what
// others changed there.
func TestAFileFromAnEarlierTime(t *testing.T) {
	for name, leads := range map[string]bool{"stands by": false, "leads": true} {
		for changed, want := range map[string]string{"": "uno, due, same, four, ", "eins": "eins!, due, same, four, ", "three": "uno, due, three!, same, four, "} {
			t.Run(fmt.Sprintf("%s, changed %q", name, changed), func(t *testing.T) {
				w := newTwo(t)
				w.add(t, "one")
				w.add(t, "two")
				w.add(t, "three")
				w.add(t, "same")
				must(t, w.change(t, func(l *goals.List) error { _, err := l.AddNote(1, "no more", day); return err }))
				describe := func(text string) {
					must(t, w.change(t, func(l *goals.List) error { _, err := l.Rename(1, text, day); return err }))
				}
				describe("eins")
				w.follow(t) // and the other bot ends
				for i := range 10 {
					describe(fmt.Sprint("one ", i))
				}
				must(t, w.change(t, func(l *goals.List) error { _, err := l.EditNote(1, 1, "", day); return err }))
				describe("uno")
				must(t, w.change(t, func(l *goals.List) error { _, err := l.Rename(2, "due", day); return err }))
				w.add(t, "four")
				must(t, w.change(t, func(l *goals.List) error { _, err := l.Delete(3); return err }))
				if changed != "" {
					w.rename(t, changed, changed+"!")
				}
				if changed == "three" { // of #1 it is known then when it was so
					all, err := New(w.root).Load()
					must(t, err)
					all = slices.DeleteFunc(all, func(g *goals.Goal) bool { return g.Description == "same" })
					must(t, os.WriteFile(New(w.root).Path(), goaljson.Append(nil, all), 0o600))
				}
				if leads {
					next := NewMirror(w.truth, New(w.root), w.notes, slog.New(slog.NewTextHandler(&w.logged, nil)), time.Now)
					next.Among(w.truth)
					must(t, next.Start(t.Context()))
					must(t, w.Check(t.Context()))
				} else {
					w.standby = w.another()
					w.follow(t)
					must(t, w.TakeInHanded(t.Context()))
					w.follow(t)
				}
				w.wantSame(t, want)
				if known := strings.Contains(w.logged.String(), "from an earlier time"); known != (changed == "") {
					t.Errorf("the log says:\n%s", w.logged.String())
				}
				if told := len(w.notes.merged); (told > 0) != (changed != "") {
					t.Errorf("%d merges were told", told)
				}
				// What the phone changed since is neither in conflict with the file nor
				// missing there.
				list := w.truth.List()
				for _, m := range w.notes.merged {
					if changed != "three" {
						break
					}
					if len(m.Conflicts) > 0 || len(m.Vanished) != 1 || m.Vanished[0].Description != "same" || len(list.Number(1).Notes) > 0 {
						t.Errorf("it is told as %+v; the notes are %q", m, list.Number(1).Notes)
					}
				}
			})
		}
	}
}

// A leader is killed between its commit and the rename of the file. What it left beside
// the file is its own, however far the next leader has come before it starts again. Red
// where only the last few versions are known, so that a note comes back that was removed.
func TestWhatAKilledLeaderLeftIsItsOwn(t *testing.T) {
	for name, leads := range map[string]bool{"stands by": false, "leads": true} {
		for note, told := range map[string]int{"ours": 0, "theirs": 1} {
			t.Run(name+", "+note, func(t *testing.T) {
				w := newTwo(t)
				w.add(t, "one")
				do := func(hour int, f func(l *goals.List, at time.Time) (*goals.Goal, error)) {
					must(t, w.change(t, func(l *goals.List) error { _, err := f(l, day.Add(time.Duration(hour)*time.Hour)); return err }))
				}
				w.follow(t)
				do(1, func(l *goals.List, at time.Time) (*goals.Goal, error) { return l.AddNote(1, "ours", at) })
				left := strings.Replace(w.bytes(t), "ours", note, 1)
				path := New(w.root).tempName(New(w.root).Path(), "")
				must(t, os.WriteFile(path, []byte(left), 0o600))
				do(2, func(l *goals.List, at time.Time) (*goals.Goal, error) { return l.EditNote(1, 1, "", at) })
				for i := range 2 * keptHashes {
					do(3+i, func(l *goals.List, at time.Time) (*goals.Goal, error) {
						return l.AddNote(1, fmt.Sprint("note ", i), at)
					})
				}
				if leads {
					next := NewMirror(w.truth, New(w.root), w.notes, slog.New(slog.DiscardHandler), time.Now)
					next.Among(w.truth)
					must(t, next.Start(t.Context()))
				} else {
					w.standby = w.another()
					w.follow(t)
					must(t, w.TakeInHanded(t.Context()))
				}
				notes := w.truth.List().Number(1).Notes
				if len(w.notes.merged) != told || slices.Contains(notes, "theirs") != (told > 0) || slices.Contains(notes, "ours") {
					t.Errorf("%d merges were told, and the notes are %q", len(w.notes.merged), notes)
				}
				if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("it is still there: %v", err)
				}
			})
		}
	}
}
