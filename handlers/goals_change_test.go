package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"goalbot/goals"
	"goalbot/message"
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

// Once only goals followed the edits of their messages.
func TestAnEditChangesWhatTheMessageDid(t *testing.T) {
	h := open(t)
	edit := func(said Request, words string) []message.Message {
		req := h.request(words)
		req.Message, req.Edited = said.Message, true
		return h.do(req)
	}
	silent := func(said Request, words string) {
		t.Helper()
		if all := edit(said, words); len(all) != 0 {
			t.Errorf("%s is answered %+v", words, all)
		}
	}
	h.say("/addgoal write the report")
	note := h.request("/note 1 due friday")
	h.one(note)
	done := h.request("/done 1")
	h.one(done)
	silent(note, "/note 1 due friday") // the preview of a link
	all := edit(note, "/note 1 due saturday")
	if len(all) != 1 || !strings.HasPrefix(all[0].Text, "✏️ Edited. Undone: #1 note “due friday”\nNote added to: ✅ #1") {
		t.Fatalf("said %+v", all)
	}
	silent(note, "/note 1 due saturday")
	h.wantNotes(1, "due saturday")
	if m := h.tap(all[0], "Undo"); !strings.Contains(m.Text, "Undone: changing a note of #1") {
		t.Errorf("said %q", m.Text)
	}
	h.wantNotes(1, "due friday") // as it was before the edit

	// The answer to a question is a message like that.
	h.say("/note 1")
	answer := h.request("by post")
	h.one(answer)
	silent(answer, "by post")
	if all := edit(answer, "by mail"); len(all) != 1 || !strings.HasPrefix(all[0].Text, "✏️ Edited. Undone: #1 note “by post”\nNote added to: ✅ #1") {
		t.Errorf("said %+v", all)
	}
	h.wantNotes(1, "due friday", "by mail")
	card := h.request("/goal 1") // which changes nothing
	h.one(card)
	if all := edit(card, "/goals all"); len(all) != 1 || !strings.HasPrefix(all[0].Text, "All goals · 1") {
		t.Errorf("said %+v", all)
	}
	h.say("/reopen 1")
	old := h.request("/begin 1")
	h.one(old)
	for i := range keptSaid {
		h.say(fmt.Sprintf("/note 1 %d", i))
	}
	if all := edit(old, "/done 1"); len(all) != 1 || !strings.HasPrefix(all[0].Text, "I no longer know what this message did") {
		t.Errorf("said %+v", all)
	}
	silent(old, "/done 1")

	edith := people(t)
	edith.one(edith.at(editor, "/addgoal call mother"))
	begun := edith.at(editor, "/begin 1")
	edith.one(begun)
	for range keptSaid { // taps are no messages of hers
		tap := edith.at(editor, "/goal 1")
		tap.Tap, tap.Message = true, 1
		tap.Name = "note"
		edith.one(tap)
	}
	again := edith.at(editor, "/block 1 why")
	again.Message, again.Edited = begun.Message, true
	if all := edith.do(again); len(all) != 1 || !strings.HasPrefix(all[0].Text, "✏️ Edited. Undone: #1 to do → ▶️ in progress\nBlocked: 🚧 #1") {
		t.Errorf("said %+v", all)
	}
	edith.one(edith.at(ann, "/members Edith viewer"))
	for _, words := range []string{"/block 1 because", "/goals"} { // she may not take back what she did
		lost := edith.at(editor, words)
		lost.Message, lost.Edited = begun.Message, true
		if all := edith.do(lost); len(all) != 1 || !strings.HasPrefix(all[0].Text, "You may look at the goals here") {
			t.Errorf("a viewer is answered %+v", all)
		}
		edith.wantNotes(1, "Blocked: why")
	}
}

func (h *house) wantNotes(number int64, want ...string) {
	h.t.Helper()
	if got := h.truth.List().Number(number).Notes; !slices.Equal(got, want) {
		h.t.Errorf("the notes on #%d are %q, want %q", number, got, want)
	}
}

// An edit renames what the message made and adds nothing. Keying the record by
// the chat alone, or adding where there is none, turns this red.
func TestAnEditedMessageRenamesItsGoal(t *testing.T) {
	h := open(t)
	said := h.request("/addgoal call mother")
	h.one(said)
	edit := func(words string) []message.Message {
		req := h.request(words)
		req.Message, req.Edited = said.Message, true
		return h.do(req)
	}
	want := func(said []message.Message, text string) {
		t.Helper()
		switch {
		case text == "" && len(said) == 0:
		case text == "" || len(said) != 1 || !strings.Contains(said[0].Text, text):
			t.Errorf("said %+v, want %q", said, text)
		}
	}
	want(edit("/addgoal call mum\n- today"), "Changed: ⬜ #1 call mum")
	h.wantList("#1 pending call mum")
	h.hear("/undo", "Undone: changing #1\n⬜ #1 call mother")
	h.hear("/undo", "Undone: adding")
	h.say("/addgoal other")
	want(edit("/addgoal again"), "#1, has been deleted")
	h.wantList("#2 pending other")

	said = h.request("/addgoal buy milk")
	h.one(said)
	h.say("/rename 3 buy oat milk")
	want(edit("/addgoal buy milk"), "") // Telegram reports edits that change no words
	want(edit("/note 3 x"), "I can't follow this edit, because #3 has changed since then:")
	want(edit("/note 3 x"), "") // it was said
	want(edit("buy soy milk"), "Changed: ⬜ #3 buy soy milk")
	want(edit("/addgoal "+strings.Repeat("x", 1001)), "this has 1001")
	h.wantList("#2 pending other", "#3 pending buy soy milk")

	said = h.request("/addgoal") // asks; the answer makes the goal
	h.one(said)
	answer := h.request("walk")
	h.one(answer)
	want(edit("/addgoal swim"), "Added: ⬜ #5 swim") // which it did not say before
	said = answer
	want(edit("run"), "Changed: ⬜ #4 run")
	h.wantList("#2 pending other", "#3 pending buy soy milk", "#4 pending run", "#5 pending swim")

	said = h.request("/done 2")
	h.one(said)
	want(edit("/done 3"), "✏️ Edited. Undone: #2 to do → ✅ done\nDone: ✅ #3 buy soy milk")
	want(edit("/done 3"), "")
	want(edit("/done 99"), "There is no goal #99, so nothing was changed. /goals shows the list.\n\nWhat this message did before your edit stays: #3 to do → ✅ done.")
	h.wantList("#2 pending other", "#3 done buy soy milk", "#4 pending run", "#5 pending swim")
}

func TestUndoWalksBackOverOnesOwnChanges(t *testing.T) {
	h := open(t)
	by := func(who int64, words string) message.Message {
		req := h.request(words)
		req.From.ID, req.Chat.ID = who, who
		return h.one(req)
	}
	by(ann, "/addgoal one")
	by(ben, "/addgoal two")
	by(ann, "/begin 1")
	by(ann, "/done 1")
	for _, want := range []string{"Undone: finishing #1\n▶️ #1 one", "Undone: starting #1\n⬜ #1 one", "Undone: adding #1\n🗑 #1 one", "You have nothing to undo"} {
		if m := by(ann, "/undo"); !strings.Contains(m.Text, want) {
			t.Errorf("got %q, want %q", m.Text, want)
		}
		h.start(nil, ann, ben)
	}
	h.wantList("#2 pending two")
	by(ann, "/rename 2 zwei")
	if m := by(ben, "/undo"); !strings.Contains(m.Text, "Not undone: adding #2\n#2 has changed since then:\n• today 12:00 · Ann: renamed to “zwei”") {
		t.Errorf("got %q", m.Text)
	}
	h.wantList("#2 pending zwei")
}

func TestUndoTakesSeveralGoalsBackTogether(t *testing.T) {
	h := open(t)
	h.say("/addgoal one")
	h.say("/addgoal two")
	h.say("/begin 2")
	m := h.say("/done 1 2")
	h.wantList("#1 done one", "#2 done two")
	h.tap(m, "Undo")
	h.wantList("#1 pending one", "#2 inProgress two")
	if m := h.tap(m, "Undo"); !strings.Contains(m.Text, "That was already undone.") {
		t.Errorf("a second tap is answered with %q", m.Text)
	}
	m = h.say("/done 1 2")
	h.say("/reopen 1")
	if m := h.tap(m, "Undo"); !strings.Contains(m.Text, "#1 has changed since then") {
		t.Errorf("got %q", m.Text)
	}
	h.wantList("#1 pending one", "#2 done two") // all or nothing
}

// Leaving out either check turns this red.
func TestOnlyOnesOwnChangesAreTakenBackByTap(t *testing.T) {
	h := open(t)
	m := h.say("/addgoal one")
	req := h.tapped(m, "Undo")
	req.From.ID = ben
	if m := h.one(req); !strings.Contains(m.Text, "Somebody else did that") {
		t.Errorf("got %q", m.Text)
	}
	req = h.request("/undo k/999")
	req.Tap = true
	if m := h.one(req); !strings.Contains(m.Text, "You have nothing to undo") {
		t.Errorf("got %q", m.Text)
	}
	h.wantList("#1 pending one")
	req = h.request("/addgoal two")
	req.Key = strings.Repeat("k", 60) // a button cannot name it
	h.tap(h.one(req), "Undo")
	h.wantList("#1 pending one")
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
