package handlers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"goalbot/message"
	"goalbot/store"
)

// heard is what others were told of the last request, each with their chat.
func (h *house) heard() string {
	var all []string
	for _, m := range h.told {
		all = append(all, names[m.chat]+": "+m.Text)
	}
	return strings.Join(all, "\n")
}

// later says something when what others were told before is over.
func (h *house) later(who int64, words string) {
	h.t.Helper()
	h.now = h.now.Add(toldWindow)
	h.one(h.at(who, words))
}

func (h *house) wantHeard(want string) {
	h.t.Helper()
	if got := h.heard(); got != want {
		h.t.Errorf("others heard\n%s\nwant\n%s", got, want)
	}
}

// Nobody was told what others did to the goals that they had added. Broken on
// purpose: telling whoever did it, or those who do not want it.
func TestOthersAreToldOfChangesToTheirGoals(t *testing.T) {
	h := people(t)
	as := h.later
	as(editor, "/addgoal paint the fence")
	as(second, "/addgoal mow the lawn")
	h.wantHeard("")
	as(editor, "/note 1 green")
	h.wantHeard("")
	as(ann, "/done 1 2")
	h.wantHeard("Edith: Ann finished a goal of yours\n✅ #1 paint the fence\nSol: Ann finished a goal of yours\n✅ #2 mow the lawn")
	if m := h.told[0]; !m.Quiet || len(m.Buttons) != 2 || m.Buttons[0][0].Command != "goal 1" {
		t.Errorf("told %+v", m)
	}
	as(ann, "/undo")
	h.wantHeard("Edith: Ann reopened a goal of yours\n⬜ #1 paint the fence\nSol: Ann reopened a goal of yours\n⬜ #2 mow the lawn")
	as(ann, "/done 99")
	h.wantHeard("")
	h.now = h.now.Add(toldWindow)
	in := h.at(ann, "/criterion 1 two coats") // in a group too
	in.Chat = Chat{ID: group}
	h.one(in)
	h.wantHeard("Edith: Ann added a criterion to a goal of yours\n⬜ #1 paint the fence\n• criterion “two coats”")
	h.now = h.now.Add(toldWindow)
	in.Key, in.Edited, in.Args = in.Key+"/edit", true, "1 three coats"
	h.one(in)
	h.wantHeard("Edith: Ann changed a criterion of a goal of yours\n⬜ #1 paint the fence\n• criterion changed to “three coats”")

	as(editor, "/notify off")
	as(ann, "/block 1")
	h.wantHeard("")
	as(editor, "/undo")
	as(ann, "/reopen 1")
	h.wantHeard("Edith: Ann reopened a goal of yours\n⬜ #1 paint the fence")
	as(editor, "/redo")
	as(ann, "/begin 1")
	h.wantHeard("")
	as(editor, "/notify on")
	as(ann, fmt.Sprintf("/members %d viewer", editor))
	as(ann, "/done 1 anyway")
	h.wantHeard("Edith: Ann finished a goal of yours\n✅ #1 paint the fence")
	as(ann, fmt.Sprintf("/revoke %d yes", editor))
	as(ann, "/reopen 1")
	h.wantHeard("")
	as(ann, "/delete 2 yes")
	as(ann, "/undo")
	h.wantHeard("Sol: Ann brought back a goal of yours\n⬜ #2 mow the lawn")
}

// tellOwed lets the program tell what it owes, after a while, and returns the last message.
func (h *house) tellOwed(after time.Duration) (last message.Message) {
	h.t.Helper()
	h.now = h.now.Add(after)
	h.must(h.h.TellOwed(h.t.Context(), h.now))
	for _, m := range h.spoken() {
		last = m
	}
	return last
}

// What others did to somebody's goals in a short while was as many messages. It is one,
// which is edited, no more often than a chat takes it, and says all of it in the end.
// Broken on purpose: a message for each change, an edit for each, nothing told that was
// owed, and no end of the while.
func TestQuickChangesOfOthersAreOneMessage(t *testing.T) {
	h := people(t)
	h.now = time.Date(2035, 3, 1, 12, 0, 0, 0, time.UTC)
	h.say("/addgoal call mother")
	h.say("/addgoal mow the lawn")
	h.one(h.at(editor, "/note 1 before noon"))
	h.wantHeard("Ann: Edith added a note to a goal of yours\n⬜ #1 call mother\n• note “before noon”")
	number := h.shown[look(h.told[0].Message)]
	h.one(h.at(editor, "/begin 1"))
	h.one(h.at(second, "/done 2"))
	h.wantHeard("")
	if m := h.tellOwed(0); m.Text != "" {
		t.Errorf("at once it says %q", m.Text)
	}
	m := h.tellOwed(time.Minute)
	if want := "Edith and Sol changed 2 goals of yours\n✅ #2 mow the lawn\n• today 12:00 · Sol: to do → ✅ done\n▶️ #1 call mother\n• today 12:00 · Edith: note “before noon”\n• today 12:00 · Edith: to do → ▶️ in progress"; m.Text != want || m.Edit != number || !m.Quiet {
		t.Errorf("it says\n%s\nin %d; want\n%s\nin %d", m.Text, m.Edit, want, number)
	}
	if m := h.tellOwed(time.Minute); m.Text != "" {
		t.Errorf("again it says %q", m.Text)
	}

	edits := 0
	for i := range 3 * maxTold {
		h.one(h.at(editor, fmt.Sprint("/note 2 line ", i)))
		edits += len(h.told)
	}
	if edits > 4 {
		t.Errorf("%d edits", edits)
	}
	m = h.tellOwed(time.Minute)
	if m.Edit != number || !strings.Contains(m.Text, "\n• … 55 more\n") || !strings.HasSuffix(m.Text, ": note “line 179”") {
		t.Errorf("in the end it says, in %d,\n%s", m.Edit, m.Text)
	}
	h.later(editor, "/reopen 2")
	h.wantHeard("Ann: Edith reopened a goal of yours\n⬜ #2 mow the lawn")
	if m := h.told[0]; m.Edit != 0 {
		t.Errorf("after a while it is an edit of %d", m.Edit)
	}
}

// A message is made of the newest changes. Where older ones are dropped that were told
// already, all that are left are still to be told. Red where the number of those that were
// told stays as it was.
func TestManyChangesAreToldWhole(t *testing.T) {
	h := people(t)
	h.now = time.Date(2035, 3, 1, 12, 0, 0, 0, time.UTC)
	h.say("/addgoal call mother")
	h.one(h.at(editor, "/begin 1"))
	h.wantHeard("Ann: Edith started a goal of yours\n▶️ #1 call mother")
	at := h.now
	for i := range maxTold {
		h.now = at // too soon for an edit
		h.one(h.at(editor, fmt.Sprint("/note 1 line ", i)))
	}
	if m := h.tellOwed(toldWindow); m.Edit != 0 || !strings.Contains(m.Text, "\n• … 55 more\n") || !strings.HasSuffix(m.Text, ": note “line 59”") {
		t.Errorf("it says, in %d,\n%s", m.Edit, m.Text)
	}
}

// An undo is told as what it does: only a goal that was deleted is brought back, and not
// one whose start was undone. Red where every undo brings back.
func TestQuickUndoOfOthersSaysWhatItDoes(t *testing.T) {
	h := people(t)
	h.now = time.Date(2035, 3, 1, 12, 0, 0, 0, time.UTC)
	h.say("/addgoal call mother")
	for _, words := range []string{"/begin 1", "/undo", "/delete 1 yes", "/undo"} {
		h.one(h.at(editor, words))
	}
	if m, want := h.tellOwed(time.Minute), "Edith changed a goal of yours\n⬜ #1 call mother\n• today 12:00: to do → ▶️ in progress\n• today 12:00: in progress → ⬜ to do\n• today 12:00: deleted “call mother”\n• today 12:00: brought back"; m.Text != want {
		t.Errorf("it says\n%s\nwant\n%s", m.Text, want)
	}
}

// An edit must not take the place of the card that a tap has put there, nor come when it
// is not wanted any more, and what could not be told in time is told after it. Broken on
// purpose: no look at what was tapped, none at what is wanted or at who is a member, none
// at whether anything is left, and what is owed forgotten with the while.
func TestWhatIsOwedOfOthersChanges(t *testing.T) {
	h := people(t)
	h.now = time.Date(2035, 3, 1, 12, 0, 0, 0, time.UTC)
	h.say("/addgoal call mother")
	h.one(h.at(editor, "/note 1 before noon"))
	told := h.told[0].Message
	h.tap(told, "Open #1")
	h.one(h.at(editor, "/begin 1"))
	h.wantHeard("Ann: Edith started a goal of yours\n▶️ #1 call mother")
	if m := h.told[0]; m.Edit != 0 {
		t.Errorf("it takes the place of %d, which was tapped", m.Edit)
	}
	h.one(h.at(editor, "/note 1 or after"))
	h.wantHeard("")
	if m := h.tellOwed(toldWindow); m.Edit != 0 || m.Text != "Edith changed a goal of yours\n▶️ #1 call mother\n• today 12:00: note “or after”" {
		t.Errorf("it says, in %d, %q", m.Edit, m.Text)
	}
	h.one(h.at(editor, "/done 1"))
	h.say("/notify off")
	if m := h.tellOwed(toldWindow); m.Text != "" {
		t.Errorf("it says %q", m.Text)
	}

	// Who is no member any more is owed nothing, and neither is who has tapped meanwhile.
	h.must(h.truth.Update(t.Context(), store.Origin{Key: "kept", At: h.now}, func(tx store.Tx) error {
		return keepRecord(tx, store.ToldRecord, "5005", toldLately{Since: h.now, Changes: []toldChange{{Number: 1, By: editor}}, telling: telling{Owing: true}})
	}))
	h.tellOwed(0)
	if kept := h.records(store.ToldRecord); len(kept) > 0 {
		t.Errorf("kept %v", kept)
	}
	h.must(h.truth.Update(t.Context(), store.Origin{Key: "told", At: h.now}, func(tx store.Tx) error { return h.h.tellOwed(tx, second, h.now) }))
	if said := h.spoken(); len(said) > 0 {
		t.Errorf("said %+v", said)
	}
}

// Who was given another role, or none, had to find that out, and so had the other
// owners.
func TestPeopleAreToldOfTheirRoles(t *testing.T) {
	h := people(t)
	make := func(who, role, want string) {
		t.Helper()
		h.say("/members " + who + " " + role)
		h.wantHeard(want)
	}
	make("Edith", "editor", "")
	make("Vera", "editor", "Ben: ✏️ Ann has made Vera an editor.\nSol: ✏️ Ann has made Vera an editor.\nVera: ✏️ Ann has made you an editor. You can change the goals now. /help shows what you can do.")
	h.say("/undo")
	h.wantHeard("Ben: 👁 Ann has made Vera a viewer.\nSol: 👁 Ann has made Vera a viewer.\nVera: 👁 Ann has made you a viewer. You can still see the goals, but not change them. /help shows what you can do.")
	make("Vera", "owner", "Ben: 👑 Ann has made Vera an owner.\nSol: 👑 Ann has made Vera an owner.\nVera: 👑 Ann has made you an owner. You can do everything now, and alerts about goals.json come to this chat. /help shows what you can do.")
	make("Sol", "editor", "Ben: ✏️ Ann has made Sol an editor.\nVera: ✏️ Ann has made Sol an editor.\nSol: ✏️ Ann has made you an editor. You can still see the goals and change them, but not decide about people, files and settings. /help shows what you can do.")
	h.one(h.at(viewer, fmt.Sprintf("/members %d editor", viewer))) // themselves
	h.wantHeard("Ann: ✏️ Vera is an editor now.\nBen: ✏️ Vera is an editor now.")
	h.say("/revoke Edith yes")
	h.wantHeard("Ben: 🚪 Ann removed Edith's access.\nEdith: 🚪 Ann removed your access. I no longer answer you.")
	if said := h.do(h.at(editor, "/goals")); len(said) != 0 {
		t.Errorf("somebody who is out is answered %+v", said)
	}
}

// What people are told of themselves and others is not for a group, whatever way
// it is asked for. Broken on purpose: an edit of a command is answered where it was
// made.
func TestWhatIsPrivateIsAnsweredInPrivate(t *testing.T) {
	h := people(t)
	for _, words := range []string{"/members", "/members Vera editor", "edit /members Vera owner", "/undo", "/redo", "/settings digest 8", "/settings", "/notify", "/notify off", "/undo", "/invite", "/invite viewer", "/revoke Vera", "/revoke Vera yes", "edit /revoke Edith yes", "/undo"} {
		words, edited := strings.CutPrefix(words, "edit ")
		req := h.at(ann, words)
		req.Chat, req.Edited = Chat{ID: group}, edited
		if edited {
			req.Message = h.said
		}
		h.said = req.Message
		h.do(req)
		if got := strings.Join(h.saidIn(group), "\n"); got != inPrivate {
			t.Errorf("%s: the group hears %q", words, got)
		}
		if len(h.saidIn(ann)) != 1 {
			t.Errorf("%s: in private comes %q", words, h.saidIn(ann))
		}
	}
}

// Whoever a goal is assigned to hears of that, and of what others do to it, as whoever
// added it does; who is both hears it once, and nobody hears of their own changes. Broken
// on purpose: telling whoever did it, telling one who is both twice, and forgetting the
// one it was assigned to before.
func TestOthersAreToldOfWhatIsAssignedToThem(t *testing.T) {
	h := people(t)
	as := h.later
	as(editor, "/addgoal paint the fence")
	as(editor, "/addgoal mow the lawn")
	as(ann, "/assign 1 Sol")
	h.wantHeard("Edith: Ann assigned a goal of yours\n⬜ #1 paint the fence\n• assigned to Sol\nSol: Ann assigned a goal to you\n⬜ #1 paint the fence")
	as(second, "/begin 1")
	h.wantHeard("Edith: Sol started a goal of yours\n▶️ #1 paint the fence")
	as(editor, "/note 1 green")
	h.wantHeard("Sol: Edith added a note to a goal of yours\n▶️ #1 paint the fence\n• note “green”")
	as(ann, "/assign 1 Edith") // who added it
	h.wantHeard("Edith: Ann assigned a goal to you\n▶️ #1 paint the fence\nSol: Ann assigned a goal of yours\n▶️ #1 paint the fence\n• assigned to Edith")
	as(ann, "/done 1 2 anyway")
	h.wantHeard("Edith: Ann finished 2 goals of yours\n✅ #1 paint the fence\n✅ #2 mow the lawn")
	as(ann, "/undo")
	as(editor, "/assign 1 me")
	h.wantHeard("")
	as(editor, "/assign 2 me")
	h.wantHeard("")
	as(editor, "/assign 2 Vera")
	h.wantHeard("Vera: Edith assigned a goal to you\n⬜ #2 mow the lawn")
	as(viewer, "/notify off")
	as(ann, "/done 2")
	h.wantHeard("Edith: Ann finished a goal of yours\n✅ #2 mow the lawn")
	as(viewer, "/notify on")
	as(ann, fmt.Sprintf("/revoke %d yes", viewer))
	as(ann, "/reopen 2")
	h.wantHeard("Edith: Ann reopened a goal of yours\n⬜ #2 mow the lawn")
	as(ann, "/assign 2 Sol")
	as(ann, "/delete 2 yes")
	h.wantHeard("Edith: Ann deleted a goal of yours\n🗑 #2 mow the lawn\nSol: Ann deleted a goal of yours\n🗑 #2 mow the lawn")
	as(ann, "/undo")
	h.wantHeard("Edith: Ann brought back a goal of yours\n⬜ #2 mow the lawn\nSol: Ann brought back a goal of yours\n⬜ #2 mow the lawn")
}
