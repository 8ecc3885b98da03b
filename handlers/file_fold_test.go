package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/message"
)

// A program that keeps its goals in memory saves twenty times, a second apart,
// beside two hundred goals of the phone that it has never seen. That made twenty
// messages, each with the two hundred as missing there and a button that removes
// them. It is one message for each owner, which is edited, and nothing of the
// phone's is missing. The same holds for its next start, and for one of the bot.
func TestTwentySavesOfAProgramAreOneMessage(t *testing.T) {
	h := open(t, plain(200)...)
	h.now = h.now.Add(noticeWindow) // what was found at the start has been told
	p := &otherProgram{h, map[string]*goals.Goal{}}
	edited := map[int64]bool{} // messages
	first := map[string]int{}  // words that a new message begins with
	last := ""
	hears := func(said []message.Message) {
		t.Helper()
		for _, m := range said {
			for _, row := range m.Buttons {
				for _, b := range row {
					t.Errorf("a button %q below %q", b.Label, m.Text)
				}
			}
			if strings.Contains(m.Text, "issing") {
				t.Errorf("something is missing: %q", m.Text)
			}
			if last = m.Text; m.Edit == 0 {
				begin, _, _ := strings.Cut(m.Text, "\n")
				first[begin]++
			} else {
				edited[m.Edit] = true
			}
		}
	}
	saves := func(n int) {
		t.Helper()
		for i := range n {
			hears(p.does(fmt.Sprintf("g-theirs-%d", i%3), func(g *goals.Goal) { g.Notes = append(g.Notes, fmt.Sprint("note ", i)) }))
		}
		h.now = h.now.Add(editEvery)
		h.must(h.mirror.Check(t.Context()))
		hears(h.spoken())
	}
	saves(20)
	if len(edited) > 2 || len(first) != 1 {
		t.Errorf("%d messages are edited, and the new ones begin with %v", len(edited), first)
	}
	for begin, n := range first {
		if n != 2 {
			t.Errorf("%d messages begin with %q", n, begin)
		}
	}
	if !strings.Contains(last, "20 times since 12:10, most recently at 12:10:20.") || !strings.HasSuffix(last, "\n\nAdded (3):\n⬜ #201 goal g-theirs-0\n⬜ #202 goal g-theirs-1\n⬜ #203 goal g-theirs-2") {
		t.Errorf("in the end it says %q", last)
	}
	// It begins again with what it has, and so does the bot.
	h.now = h.now.Add(time.Hour)
	clear(first)
	hears(p.saves())
	h.start(nil, ann, ben)
	hears(h.spoken())
	if len(first) > 0 {
		t.Errorf("a start that changes nothing is told: %v", first)
	}
	saves(20)
	if len(first) != 1 {
		t.Errorf("new messages begin with %v", first)
	}
	if n := h.truth.List().Len(); n != 203 {
		t.Errorf("%d goals are left", n)
	}
	// What it says of its own goals is all there.
	var notes []string
	for _, g := range h.truth.List().All()[200:] {
		notes = append(notes, g.Notes...)
	}
	if len(notes) != 40 || len(slices.Compact(slices.Sorted(slices.Values(notes)))) != 20 {
		t.Errorf("%d notes are there: %q", len(notes), notes)
	}
}

// What it had and leaves out is missing. A few are asked about, twice; of more
// than a few none is offered for removal.
func TestManyGoalsAreNotOfferedForRemoval(t *testing.T) {
	for _, gone := range []int{1, maxOffered, maxOffered + 1, 199} {
		h := open(t, plain(200)...)
		p := remembers(h)
		for _, g := range plain(200)[:gone] {
			delete(p.goals, g.ID)
		}
		h.now = h.now.Add(time.Hour)
		said := p.saves()
		if len(said) != 2 || !strings.Contains(said[0].Text, fmt.Sprintf("Missing there, but kept here (%d):", gone)) {
			t.Fatalf("%d are gone: said %+v", gone, said)
		}
		if gone > maxOffered {
			if len(said[0].Buttons) > 0 {
				t.Errorf("%d are gone: there are buttons %v", gone, said[0].Buttons)
			}
			continue
		}
		asked := h.tap(said[0], "Remove")
		if !strings.HasPrefix(asked.Text, "Remove ") || h.truth.List().Len() != 200 {
			t.Errorf("%d are gone: one tap says %q", gone, asked.Text)
		}
		h.tap(asked, "Yes, remove")
		if n := h.truth.List().Len(); n != 200-gone {
			t.Errorf("%d are gone: %d are left", gone, n)
		}
	}
}
