package handlers

import (
	"fmt"
	"goalbot/message"
	"slices"
	"strings"
	"testing"
)

// A list that was edited to have another number of lines once made all its goals
// anew, under other numbers, and no edit was followed when one of them was done.
// Pairing the lines by their places, or deleting what was changed since, turns
// this red.
func TestAnEditedListKeepsItsGoals(t *testing.T) {
	h := open(t)
	said := h.request("milk\nbread\nbutter\njam")
	h.tap(h.one(said), "4 goals")
	h.say("/done bread")
	edit := func(words, want string, list ...string) {
		t.Helper()
		if m := h.one(h.edit(said, words)); m.Text != want {
			t.Errorf("%q is answered\n%s\nwant\n%s", words, m.Text, want)
		}
		h.wantList(list...)
	}
	edit("milk\ntea\nbread\nbutter\njam", "Your edit changed 1 goal\nAdded: ⬜ #5 tea",
		"#1 pending milk", "#2 done bread", "#3 pending butter", "#4 pending jam", "#5 pending tea")
	edit("milk\ntea\nbutter\n[x] honey", "Your edit changed 2 goals\nNot deleted, since it has been changed: ✅ #2 bread\nChanged: ✅ #4 honey",
		"#1 pending milk", "#2 done bread", "#3 pending butter", "#4 done honey", "#5 pending tea")
	edit("butter\n[x] honey", "Your edit changed 2 goals\nDeleted: ⬜ #1 milk\nDeleted: ⬜ #5 tea",
		"#2 done bread", "#3 pending butter", "#4 done honey")
	h.say("/undo")
	h.wantList("#1 pending milk", "#2 done bread", "#3 pending butter", "#4 done honey", "#5 pending tea")
	if m := h.one(h.edit(said, strings.Repeat("line\n", maxAtOnce+1))); !strings.HasPrefix(m.Text, "These are 51 lines; I take at most 50 at once.") {
		t.Errorf("said %q", m.Text)
	}
}

func TestPair(t *testing.T) {
	items := func(words string) (all []item) {
		for _, w := range strings.Fields(words) {
			var it item
			it.Description = w
			all = append(all, it)
		}
		return all
	}
	for _, tt := range []struct{ before, now, want string }{
		{"a b c", "a b c", "a=a b=b c=c"},
		{"a b c", "a x c", "a=a b=x c=c"},
		{"a b c", "a c", "a=a b= c=c"},
		{"a c", "a b c", "a=a =b c=c"},
		{"a b", "b a", "a= b=b =a"},
		{"a b c", "x", "a=x b= c="},
		{"a", "x a y", "=x a=a =y"},
		{"a a", "a", "a=a a="},
		{"", "a", "=a"},
	} {
		var got []string
		for _, p := range pair(items(tt.before), items(tt.now)) {
			was, now := "", ""
			if p.was != nil {
				was = p.was.Description
				if items(tt.before)[p.i].Description != was {
					t.Errorf("%q to %q: %q is not at %d", tt.before, tt.now, was, p.i)
				}
			}
			if p.now != nil {
				now = p.now.Description
			}
			got = append(got, was+"="+now)
		}
		if want := strings.Fields(tt.want); !slices.Equal(got, want) {
			t.Errorf("%q to %q: %s, want %s", tt.before, tt.now, got, want)
		}
	}
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
	if all := edit(answer, "by pigeon"); len(all) != 1 || !strings.HasPrefix(all[0].Text, "I no longer know what this message did") {
		t.Errorf("said %+v", all)
	}
	silent(card, "/goals")   // which changes nothing
	silent(done, "/weather") // which may be another bot's
	in := func(req Request) Request { req.Chat = Chat{ID: group}; return req }
	talk := in(h.request("/begin 1"))
	h.one(talk)
	for i := range keptSaid {
		h.one(in(h.request(fmt.Sprintf("/note 1 again %d", i))))
	}
	talk.Name, talk.Args, talk.Edited = "", "nice weather", true
	talk.Key += "/edit"
	if all := h.do(talk); len(all) != 0 {
		t.Errorf("talk in a group is answered %+v", all)
	}

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
	want(edit("/addgoal call dad tomorrow"), "Changed: ⬜ #1 call dad\nDue tomorrow.")
	h.hear("/undo", "Undone: renaming #1\n⬜ #1 call mother") // whatever came with the name
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

	said = h.request("paint the fence\n- green\nask Ben for the ladder\nand Eve for paint")
	h.tap(h.one(said), "One goal with notes")
	h.wantNotes(6, "ask Ben for the ladder", "and Eve for paint")
	h.say("/note 6 it is locked")
	want(edit("paint the fence\n- green\nbuy a ladder\nand Eve for paint"), "Changed: ⬜ #6 paint the fence")
	h.wantNotes(6, "and Eve for paint", "it is locked", "buy a ladder")
	h.say("/delete 6 yes")

	said = h.request("/done 2")
	h.one(said)
	want(edit("/done 3"), "✏️ Edited. Undone: #2 to do → ✅ done\nDone: ✅ #3 buy soy milk")
	want(edit("/done 3"), "")
	want(edit("/done 99"), "There is no goal #99, so nothing was changed. /goals shows the list.\n\nWhat this message did before your edit stays: #3 to do → ✅ done.")
	h.wantList("#2 pending other", "#3 done buy soy milk", "#4 pending run", "#5 pending swim")
}
