package cache

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

// What a version says differently is the same after it was kept and read, whatever
// was kept before, also by a version of the program that had a row for each goal. For
// goals that it lacks there are few rows. Red where flush leaves out a span.
func TestStoredBases(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	random := rand.New(rand.NewPCG(1, 2))
	update := func(f func(tx store.Tx) error) {
		t.Helper()
		keys++
		must(t, h.truth.Update(t.Context(), store.Origin{Key: fmt.Sprint("bases/", keys), Name: "test", At: time.Now()}, f))
	}
	load := func() (b bases, rows map[string]string) {
		t.Helper()
		must(t, h.truth.View(context.WithoutCancel(t.Context()), func(tx store.Tx) (err error) {
			if rows, err = tx.Records(store.BaseRecord); err != nil {
				return err
			}
			return b.load(tx)
		}))
		return b, rows
	}
	update(func(tx store.Tx) error {
		for _, n := range []int{3, 4, 999, 1000, 1001} {
			if err := tx.SetRecord(store.BaseRecord, fmt.Sprint("0/", n), "null"); err != nil {
				return err
			}
		}
		return nil
	})
	b, _ := load()
	want := map[int64]*goals.Goal{1: nil, 3: nil, 4: nil, 999: nil, 1000: nil, 1001: nil}
	for step := range 30 {
		if got := b.ours[0].Differs; !maps.EqualFunc(got, want, goals.Identical) {
			for n := range int64(4000) {
				g, there := got[n]
				if w, wanted := want[n]; there != wanted || !goals.Identical(g, w) {
					t.Errorf("step %d, #%d: %v %v, want %v %v", step, n, there, g, wanted, w)
				}
			}
			t.FailNow()
		}
		for range 1 + random.IntN(5) {
			n := int64(1 + random.IntN(3000))
			for to := n + int64(random.IntN(300)); n < to; n++ {
				switch random.IntN(50) {
				case 0:
					want[n] = &goals.Goal{Number: n, ID: fmt.Sprint("g-", n), Status: goals.Done, Created: day, Updated: day.Add(time.Duration(step) * time.Second)}
				case 1:
					delete(want, n)
				default:
					want[n] = nil
				}
			}
		}
		update(func(tx store.Tx) error { return b.putAll(tx, oursSlot, want) })
		b, _ = load()
	}
	for run, sound := range map[string]bool{"7": true, "1000-1999": true, "1000-2000": false, "7-3": false, "3-": false, "": true} {
		if err := newStoredBase().read("lacks/0", run); (err == nil) != sound {
			t.Errorf("the run %q: %v", run, err)
		}
	}
	clear(want)
	for n := range int64(10_000) {
		want[n+1] = nil
	}
	update(func(tx store.Tx) error { return b.putAll(tx, oursSlot, want) })
	b, rows := load()
	if got := b.ours[0].Differs; !maps.Equal(got, want) || len(rows) > 11 {
		t.Errorf("%d goals that are lacking in %d rows; want %d", len(got), len(rows), len(want))
	}
	// One that it lacked and has now is lacking in no row, or the order in which rows are
	// read would decide.
	want = map[int64]*goals.Goal{1: nil, 2: nil, 3: nil, 4: nil, 6: nil}
	update(func(tx store.Tx) error { return b.putAll(tx, oursSlot, want) })
	b, _ = load()
	want[3] = &goals.Goal{Number: 3, ID: "g-3", Status: goals.Done, Created: day, Updated: day}
	update(func(tx store.Tx) error { return b.putAll(tx, oursSlot, want) })
	if b, rows = load(); len(rows) != 2 || rows["0/lacks/0"] != "1-2 4 6" || !maps.EqualFunc(b.ours[0].Differs, want, goals.Identical) {
		t.Errorf("it is kept as %v", rows)
	}
	update(func(tx store.Tx) error { return b.putAll(tx, oursSlot, nil) })
	if b, rows = load(); len(b.ours[0].Differs) != 0 || len(rows) != 0 {
		t.Errorf("%d goals are left in %d rows", len(b.ours[0].Differs), len(rows))
	}
}

// When a program more writes than can be remembered, the version is forgotten that most
// likely nobody goes on from.
func TestWhichVersionIsForgotten(t *testing.T) {
	for _, tt := range []struct {
		name   string
		mark   func(theirs []written)
		forget int // the slot
	}{
		{"all alike: the oldest", func([]written) {}, 3},
		{"one that was written only once", func(w []written) { w[5].Again = false }, 6},
		{"of those the oldest", func(w []written) { w[5].Again, w[3].Again = false, false }, 4},
		{"one whose writer may have gone on, although it is the newest", func(w []written) { w[0].Maybe, w[5].Again = true, false }, 1},
	} {
		var b bases
		for i := range keptTheirs {
			b.theirs = append(b.theirs, written{slot: i + 1, Again: true, Used: []int{18, 17, 11, 12, 13, 14, 15, 16}[i]})
		}
		b.uses = 18
		tt.mark(b.theirs)
		theirs, place := b.next(goals.Base{}, nearest{index: -1, equal: -1})
		if w := theirs[place]; len(theirs) != keptTheirs || w.slot != tt.forget || w.Used != 19 || w.Again {
			t.Errorf("%s: %+v takes the place of slot %d; want slot %d", tt.name, w, place+1, tt.forget)
		}
	}
}

// Others change a goal, and an editor takes that back after the bot was started anew:
// the editor means it. What the phone said in between counts as seen by the editor,
// which can remove it. Red where a start does not know which versions were overtaken.
func TestWhatWasOvertakenIsKnownAfterAStart(t *testing.T) {
	for i, note := range []string{"", "from the phone", "", "from the phone"} {
		stopped := i > 1 // they write while the bot is stopped
		h := newHouse(t)
		h.add(t, "call mother")
		before := h.bytes(t)
		h.write(t, strings.Replace(before, "call mother", "call MOTHER", 1))
		must(t, h.Check(t.Context()))
		if note != "" {
			must(t, h.change(t, func(l *goals.List) error { _, err := l.AddNote(1, note, day); return err }))
		}
		if !stopped {
			h = h.reopen(t)
		}
		if note == "" {
			h.write(t, before)
		} else {
			h.write(t, strings.Replace(h.bytes(t), `"`+note+`"`, "", 1))
		}
		if stopped {
			h = h.reopen(t)
		}
		must(t, h.Check(t.Context()))
		h.inLine(t)
		want := map[string]string{"": "call mother", "from the phone": "call MOTHER"}[note]
		if g := h.truth.List().Number(1); g.Description != want || len(g.Notes) > 0 {
			t.Errorf("note %q, stopped %v: the goal is %q with the notes %q", note, stopped, g.Description, g.Notes)
		}
	}
}

// The same while the file cannot be written. Red where a
// version that was overtaken counts as long as it is our latest.
func TestAnEditorTakesBackWhatTheFileDoesNotShowYet(t *testing.T) {
	for _, restart := range []bool{false, true} {
		h := newHouse(t)
		h.add(t, "call mother")
		before := h.bytes(t)
		h.file.disk = uncreatable{disk: osDisk{}}
		h.write(t, strings.Replace(before, "call mother", "call MOTHER", 1)+"\n")
		if err := h.Check(t.Context()); !errors.Is(err, syscall.ENOSPC) || len(h.notes.merged) != 1 {
			t.Fatalf("Check = %v, told %+v", err, h.notes.merged)
		}
		h.file.disk = osDisk{}
		h.write(t, before)
		if restart {
			h = h.reopen(t)
		}
		must(t, h.Check(t.Context()))
		h.inLine(t)
		if g := h.truth.List().Number(1); g.Description != "call mother" {
			t.Errorf("restart %v: the goal is %q", restart, g.Description)
		}
	}
}

// Who wrote from an older version has not seen the last goal, or removed it. The goal
// stays, and the person is told that it is missing there.
func TestAGoalThatAnOlderVersionLacksIsTold(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	must(t, h.change(t, func(l *goals.List) error { _, err := l.AddNote(1, "soon", day); return err }))
	old := h.bytes(t)
	must(t, h.change(t, func(l *goals.List) error { _, err := l.EditNote(1, 1, "", day); return err }))
	h.add(t, "buy milk")
	h.write(t, strings.Replace(old, "call mother", "call MOTHER", 1))
	must(t, h.Check(t.Context()))
	list := h.truth.List()
	if list.Number(2) == nil || len(h.notes.merged) != 1 || len(h.notes.merged[0].Vanished) != 1 {
		t.Errorf("#2 is %+v; told: %+v", list.Number(2), h.notes.merged)
	}
}

// While the file could not be written a person removed a note. A program that has seen
// only the file does not bring it back.
func TestWhatWasChangedWhileTheFileWasBehindStays(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	h.add(t, "buy milk")
	must(t, h.change(t, func(l *goals.List) error { _, err := l.AddNote(1, "soon", day); return err }))
	h.file.disk = uncreatable{disk: osDisk{}}
	if err := h.change(t, func(l *goals.List) error { _, err := l.EditNote(1, 1, "", day); return err }); !errors.Is(err, store.ErrFileBehind) {
		t.Fatalf("Update = %v", err)
	}
	h.file.disk = osDisk{}
	h.write(t, strings.Replace(h.bytes(t), "buy milk", "buy bread", 1))
	must(t, h.Check(t.Context()))
	h.inLine(t)
	list := h.truth.List()
	if list.Number(2).Description != "buy bread" || len(list.Number(1).Notes) > 0 {
		t.Errorf("the goals are %+v and %+v", list.Number(1), list.Number(2))
	}
}
