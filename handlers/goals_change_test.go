package handlers

import (
	"fmt"
	"strings"
	"testing"

	"goalbot/goals"
	"goalbot/store"
)

func TestWhatFollowsAddgoal(t *testing.T) {
	for _, c := range []struct {
		in, description string
		criteria        string
	}{
		{"call mother", "call mother", ""},
		{"report\n- three pages\n- read", "report", "three pages|read"},
		{"report\n– a\n— b\n• c\n-d", "report", "a|b|c|d"},
		{"report\nby Friday\n\n- a\nor Monday", "report\nby Friday\nor Monday", "a"},
		{"report\n-\n - \n- a", "report", "a"},
		{"-5 kg", "-5 kg", ""},
		{"a - b", "a - b", ""},
		{"", "", ""},
	} {
		d := draft(c.in)
		if d.Description != c.description || strings.Join(d.Acceptance, "|") != c.criteria {
			t.Errorf("%q: got %q %q", c.in, d.Description, d.Acceptance)
		}
	}
}

func TestWhichGoalAndWhatIsSaidOfIt(t *testing.T) {
	h := open(t)
	for _, text := range []string{"call mother", "write the report", "waiting list 2", "call the dentist"} {
		h.say("/addgoal " + text)
	}
	id := h.truth.List().Number(4).ID
	h.hear("/block 2 waiting", "Blocked: 🚧 #2 write the report") // and not the goal whose text holds 2 and waiting
	h.hear("/block "+id+" no time", "Blocked: 🚧 #4")
	h.hear("/abandon waiting list", "Abandoned: 🚫 #3")
	h.hear(`/block "call mother" she is away`, "Blocked: 🚧 #1")
	h.hear("/block 1", "#1 is already blocked. Say why: /block 1 waiting for …")
	h.hear("/note “report” three\nlines", "Note added to: 🚧 #2")
	h.hear("/rename #2: x", "Renamed: 🚧 #2 x")
	h.hear("/abandon dentist too dear", "Abandoned: 🚫 #4")
	for n, want := range map[int64]string{1: "Blocked: she is away", 2: "Blocked: waiting|three\nlines", 3: "", 4: "Blocked: no time|Abandoned: too dear"} {
		if got := strings.Join(h.truth.List().Number(n).Notes, "|"); got != want {
			t.Errorf("#%d: notes %q, want %q", n, got, want)
		}
	}
	h.hear("/begin 1 2", "/begin takes one goal at a time, so nothing was changed. Which one do you want to start?")
	h.hear("/begin pyramids", "No goal matches “pyramids”, so nothing was changed.")
	h.hear("/begin 99", "There is no goal #99")
}

// "/done all" once finished "call mother", and "/abandon other" abandoned it.
func TestWhatIsDoneToAGoalNeedsTheBeginningOfAWord(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	h.say("/addgoal write the report")
	h.hear("/done all", "Please say which goals you mean; nothing was changed. Send their numbers, as in /done 3 5 8; /goals shows them.")
	for _, command := range []string{"begin", "abandon", "block", "delete", "reopen"} {
		h.hear("/"+command+" ALL", "/"+command+" takes one goal at a time, so nothing was changed. Send its number, as in /"+command+" 3; /goals shows them.")
	}
	h.hear("/note everything fine", "takes one goal at a time")
	h.hear("/abandon other", "No goal has words that begin with “other”, so nothing was changed. /search looks within words and in notes too.")
	h.hear("/done g", "No goal")
	h.hear("/goal eport", "No goal has words that begin with “eport”. /search")
	h.wantList("#1 pending call mother", "#2 pending write the report")
	h.say("/addgoal all the dishes")
	h.hear("/done all", "nothing was changed")
	h.hear("/done “all”", "Done: ✅ #3 all the dishes")
	h.hear("/abandon moth", "Abandoned: 🚫 #1 call mother")
	h.hear("/search other", "#1 call mother")
	h.hear("/begin 2.", "In progress: ▶️ #2")
	h.hear("/rename 2: write it", "Renamed: ▶️ #2 write it")
	h.hear("/goal 9", "There is no goal #9. /goals")
	h.hear("/history foo", "No goal matches “foo”. /goals")
	h.hear("/done 9", "There is no goal #9, so nothing was changed.")
}

func TestADashBeforeTheFirstLine(t *testing.T) {
	for said, want := range map[string]string{"- milk": "milk", "– milk\n- skimmed": "milk", "•\tmilk": "milk", "-5 degrees outside": "-5 degrees outside", "-": "-", "- ": "-"} {
		if d := draft(said); d.Description != want {
			t.Errorf("%q is the goal %q, want %q", said, d.Description, want)
		}
	}
}

func TestDoneTakesSeveral(t *testing.T) {
	for _, c := range []struct {
		args string
		done string // the numbers
	}{
		{"1", "1"}, {"1 2 3", "123"}, {"1, 2 3", "123"}, {"1,2,3", "123"}, {"#1 #2", "12"}, {"1;3", "13"}, {"3\n2", "23"},
		{"1 and 2", "12"}, {"1 & 2", "12"}, {"1, 1, 1", "1"}, {"2,", "2"}, {"one", "1"}, {"", ""}, {"1 9", ""}, {"1 one", ""}, {",", ""}, {"and", ""},
	} {
		t.Run(c.args, func(t *testing.T) {
			h := open(t)
			for _, text := range []string{"one", "two", "three"} {
				h.say("/addgoal " + text)
			}
			h.say("/done " + c.args)
			done := ""
			for _, g := range h.truth.List().All() {
				if g.Status == goals.Done {
					done += fmt.Sprint(g.Number)
				}
			}
			if done != c.done {
				t.Errorf("done are %q, want %q", done, c.done)
			}
		})
	}
}

func TestAnUnverifiedGoalIsClosedWhenThePersonInsists(t *testing.T) {
	foreign := func(id string, states ...goals.SessionState) *goals.Goal {
		g := goal(id, id)
		for _, s := range states {
			g.Sessions = append(g.Sessions, goals.Session{ID: "s", Task: "t", State: s})
		}
		return g
	}
	h := open(t, foreign("a", goals.Verified, goals.Running), foreign("b", goals.Failed), foreign("c"))
	m := h.hear("/done 1", "Not finished yet: 1/2 tasks verified.")
	h.wantList("#1 pending a", "#2 pending b", "#3 pending c")
	h.tap(m, "Cancel")
	h.wantList("#1 pending a", "#2 pending b", "#3 pending c")
	if m := h.tap(h.say("/done 1"), "Done anyway"); !strings.HasPrefix(m.Text, "Done\n\n✅ #1 a") || !strings.Contains(m.Text, "Finished with 1/2 tasks verified.") {
		t.Errorf("answered with %q", m.Text)
	}
	m = h.hear("/done 2 3", "⬜ #2 is not finished yet: 0/1 tasks verified.\nDone: ✅ #3 c")
	h.tap(m, "#2 done anyway")
	h.wantList("#1 done a", "#2 done b", "#3 done c")
	h.say("/undo")
	h.say("/undo")
	h.hear("/done 2, 3 Anyway", "Done: ✅ #2 b")
}

func TestDeleteAsksOnce(t *testing.T) {
	h := open(t)
	h.say("/addgoal say yes")
	m := h.hear("/delete 1", "Delete this goal?\n\n⬜ #1 say yes")
	h.tap(m, "Keep")
	m = h.hear("/delete say yes", "Delete this goal?") // the words of the goal are no yes
	h.wantList("#1 pending say yes")
	first := h.tap(m, "Delete")
	h.wantList()
	if again := h.tap(m, "Delete"); !strings.HasPrefix(again.Text, "That question has been answered already, so nothing was changed.") {
		t.Errorf("a second tap is answered with %q", again.Text)
	}
	h.tap(first, "Undo")
	h.wantList("#1 pending say yes")
}

func TestSeveralMatchesAreOffered(t *testing.T) {
	h := open(t)
	for i := range 20 {
		h.say(fmt.Sprintf("/addgoal call number %c", 'a'+i))
	}
	m := h.hear("/done call", "20 goals match “call”. Which one do you want to finish?\nThese are the first 8;")
	if len(m.Buttons) != 9 {
		t.Errorf("%d buttons", len(m.Buttons))
	}
	if m := h.tap(m, "#3 "); !strings.Contains(m.Text, "✅ #3") {
		t.Errorf("answered with %q", m.Text)
	}
	if m := h.tap(h.hear("/block call no line", "Which one do you want to block?"), "#4 "); !strings.Contains(m.Text, "Blocked: no line") {
		t.Errorf("answered with %q", m.Text)
	}
	m = h.hear("/note call "+strings.Repeat("ä", 40), "Which one do you want to add a note to?") // a button holds 64 bytes
	if m := h.tap(m, "#5 "); !strings.Contains(m.Text, strings.Repeat("ä", 40)) {
		t.Errorf("answered with %q", m.Text)
	}
	m = h.hear("/reopen call", "2 goals match") // those two that can be reopened
	h.tap(m, "🚧 #4")
}

// A tap that comes too late must not take the card off the screen.
func TestALateTapShowsTheGoalAsItIs(t *testing.T) {
	h := open(t)
	h.say("/addgoal one")
	card := h.say("/goal 1")
	h.say("/done 1")
	m := h.tap(card, "Done")
	if !strings.HasPrefix(m.Text, "#1 has changed since this was shown, so I left it as it is.\n• today 12:00 · you: to do → ✅ done\n\n✅ #1 one") || m.Edit == 0 {
		t.Errorf("got %q", m.Text)
	}
	h.tap(m, "Reopen")
	h.wantList("#1 pending one")
	h.say("/delete 1 yes")
	h.tap(h.tap(m, "Note"), "List")
}

func TestARepeatedUpdateIsNotDoneTwice(t *testing.T) {
	h := open(t)
	for _, req := range []Request{h.request("/addgoal one"), h.request("/done 99"), h.request("/health"), h.request("words")} {
		h.one(req)
		for range 2 {
			if err := h.h.Handle(t.Context(), req); err != store.ErrRepeat {
				t.Errorf("/%s again: %v", req.Name, err)
			}
			h.start(nil, ann)
		}
		if said := h.spoken(); len(said) != 0 {
			t.Errorf("/%s again is answered with %q", req.Name, said[0].Text)
		}
	}
	h.wantList("#1 pending one")
}
