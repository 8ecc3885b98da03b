package handlers

import (
	"strings"
	"testing"
	"time"

	"goalbot/goals"
)

// looks lets the bot look for goals that were done elsewhere, and returns what it says.
func (h *house) looks() (said []string) {
	h.t.Helper()
	h.must(h.h.Repeat(h.t.Context(), h.truth.List(), h.now))
	for _, m := range h.spoken() {
		if !m.Quiet {
			h.t.Errorf("it rings: %q", m.Text)
		}
		said = append(said, m.Text)
	}
	return said
}

// A program that finished a goal which repeats ended it for good: its file says done,
// and nobody added the next one. The next is added once, also where the bot was
// started anew before it came to that, or the program writes the same again. Red where
// the goal that is done goes on repeating, and where nobody looks.
func TestAGoalThatAnotherProgramFinishesComesAgain(t *testing.T) {
	for _, restart := range []bool{false, true} {
		h := open(t)
		h.say("/addgoal water the plants\n- the fern")
		h.plans(1, func(p *goals.Plan) { p.Due, p.Repeat, p.Chat = "2026-03-02 09:00", "every monday", ann })
		h.say("/tick 1 1")
		p := remembers(h)
		id := h.truth.List().Number(1).ID
		h.now = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC) // a week late
		p.does(id, func(g *goals.Goal) { g.Status = goals.Done })
		if restart {
			h.start(nil, ann, ben)
			h.spoken()
		}
		said := h.looks()
		if want := "Done elsewhere:\n✅ #1 water the plants\n      Next: #2, due Mon 16 Mar 09:00."; len(said) != 1 || said[0] != want {
			t.Errorf("restart %v: said %q, want %q", restart, said, want)
		}
		h.wantList("#1 done water the plants", "#2 pending water the plants")
		if g := h.truth.List().Number(2); len(g.Acceptance) != 1 || len(g.Plan().Ticked) != 0 || g.Plan().Due != "2026-03-16 09:00" || g.Plan().Repeat != "every monday" || g.Plan().Chat != ann {
			t.Errorf("the next is %+v", g)
		}
		// Nothing of it happens again, whatever they write from their memory.
		p.saves()
		p.does(id, func(g *goals.Goal) { g.Status = goals.Pending })
		p.does(id, func(g *goals.Goal) { g.Status = goals.Done })
		if said := h.looks(); len(said) > 0 {
			t.Errorf("said again: %q", said)
		}
		h.wantList("#1 done water the plants", "#2 pending water the plants")
		if m := h.say("/history 1"); !strings.Contains(m.Text, "goals.json") {
			t.Errorf("the history is %q", m.Text)
		}
	}
}

// Of goals that are done elsewhere none comes again that was finished here, that is
// abandoned, that does not repeat, or whose repeat nobody can read. Many are one
// message.
func TestWhatDoesNotComeAgain(t *testing.T) {
	h := open(t, plain(20)...)
	p := remembers(h)
	repeats := func(n int64, due, repeat string) {
		h.plans(n, func(p *goals.Plan) { p.Due, p.Repeat, p.Chat = due, repeat, ann })
	}
	repeats(1, "2026-03-02", "every monday")
	repeats(2, "2026-03-02", "every monday")
	repeats(3, "2026-03-02", "")
	repeats(4, "2026-03-02", "every blue moon")
	repeats(5, "", "every monday")
	h.say("/done 1") // number 21 is the next
	set := func(from, to int64, s goals.Status) {
		for n := from; n <= to; n++ {
			p.alters(h.truth.List().Number(n).ID, func(g *goals.Goal) { g.Status = s })
		}
	}
	set(1, 5, goals.Done)
	set(2, 2, goals.Abandoned)
	p.saves()
	if said := h.looks(); len(said) > 0 || h.truth.List().Len() != 21 {
		t.Errorf("said %q; there are %d goals", said, h.truth.List().Len())
	}
	for n := int64(6); n <= 20; n++ {
		repeats(n, "2026-03-02", "every monday")
	}
	set(6, 20, goals.Done)
	p.saves()
	said := h.looks()
	if len(said) != 1 || strings.Count(said[0], "Next: ") != maxReminded || !strings.HasSuffix(said[0], "\n… and 5 more") || h.truth.List().Len() != 36 {
		t.Errorf("said %q; there are %d goals", said, h.truth.List().Len())
	}
}
