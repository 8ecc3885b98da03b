package handlers

import (
	"fmt"
	"strings"
	"testing"

	"goalbot/message"
	"goalbot/store"
)

// assigned is to whom the goals are assigned, by their numbers.
func (h *house) assigned() string {
	var all []string
	for _, g := range h.truth.List().All() {
		all = append(all, fmt.Sprintf("%d:%d", g.Number, g.Plan().Assignee))
	}
	return strings.Join(all, " ")
}

func (h *house) wantAssigned(what, want string) {
	h.t.Helper()
	if got := h.assigned(); got != want {
		h.t.Errorf("%s: assigned %s, want %s", what, got, want)
	}
}

func TestAssign(t *testing.T) {
	h := people(t)
	h.do(h.at(viewer, "/goals"))
	req := h.at(editor, "/goals")
	req.From.Username = "Edith_99"
	h.do(req)
	h.say("/addgoal call mother")
	for _, tt := range []struct {
		words, want, said string
	}{
		{"me", "1:1001", "Assigned to you: ⬜ #1 call mother"},
		{"Vera", "1:2001", "Assigned to Vera: ⬜ #1 call mother"},
		{"to edith", "1:2002", "Assigned to Edith: ⬜ #1 call mother"},
		{"@edith", "1:2002", "#1 is already assigned to Edith, so nothing was changed."},
		{"off", "1:0", "Assigned to nobody: ⬜ #1 call mother"},
		{"nobody", "1:0", "#1 is already assigned to nobody, so nothing was changed."},
		{"@EDITH_99", "1:2002", "Assigned to Edith"},
		{"2003", "1:2003", "Assigned to Sol"},
		{"bob", "1:2003", "Nobody here is called “bob”, so nothing was changed. /assign 1 shows whom you can choose."},
		{"6666", "1:2003", "Nobody here is called “6666”"},
		{"@", "1:2003", "Nobody here is called “@”"},
		{"-4001", "1:2003", "Nobody here is called “-4001”"},
	} {
		if m := h.say("/assign 1 " + tt.words); !strings.HasPrefix(m.Text, tt.said) {
			t.Errorf("/assign 1 %s is answered %q, want %q", tt.words, m.Text, tt.said)
		}
		h.wantAssigned(tt.words, tt.want)
	}
	h.say("/undo")
	h.wantAssigned("undo", "1:2002")
	h.say("/redo")
	h.wantAssigned("redo", "1:2003")
	h.say("/done 1")
	h.hear("/assign 1 me", "#1 is done")
	h.wantAssigned("a closed goal", "1:2003")
}

// Those of the same name are asked about, and an answer in words goes as well as a tap.
func TestAssignAsksWho(t *testing.T) {
	h := people(t)
	h.say("/addgoal call mother")
	for who, name := range map[int64]string{viewer: "Kim Lee", editor: "Kim Dow", second: "Kimberly"} {
		req := h.at(who, "/goals")
		req.From.Name = name
		h.do(req)
	}
	m := h.hear("/assign 1 kim", "Who is to do #1 “call mother”?")
	if len(m.Buttons) != 2 || len(m.Buttons[0]) != 2 { // both Kims, and Cancel
		t.Errorf("the buttons are %v", m.Buttons)
	}
	h.hear("kim lee", "Assigned to Kim Lee")
	m = h.hear("/assign 1", "It is assigned to Kim Lee now.")
	if b := m.Buttons[0][0]; b.Label != "Me" || !strings.HasPrefix(b.Command, "assign 1 1001 ~") {
		t.Errorf("the first button is %+v", b)
	}
	h.tap(m, "Kimberly")
	h.wantAssigned("a tap", "1:2003")
	h.tap(h.say("/assign 1"), "Nobody")
	h.wantAssigned("nobody", "1:0")
}

// Nobody can be given a goal who may not use the bot, whatever a button says. Broken on
// purpose: assigning whatever number there is turns this and TestAssign red.
func TestOnlyMembersAreAssigned(t *testing.T) {
	h := people(t)
	h.members.Config.Editors = []int64{group}
	h.say("/addgoal call mother")
	for _, words := range []string{"/assign 1 6666", "/assign 1 0", "/assign 1 -4001", "/assign 1 9223372036854775808", "/assign 1 2001 2002", "/assign 1 2001x"} {
		req := h.request(words)
		req.Tap = true
		h.do(req)
		h.wantAssigned(words, "1:0")
	}
	h.wantNothing(viewer, "/assign 1 me", "You may look at the goals here, but not change them.")
	as := h.request("/assign 1 me")
	as.From, as.Chat = Person{ID: group, Name: "The group"}, Chat{ID: group}
	if m := h.one(as); !strings.HasPrefix(m.Text, "You write here as the group.") {
		t.Errorf("said %q", m.Text)
	}
	m := h.say("/assign 1")
	h.say(fmt.Sprintf("/revoke %d yes", editor))
	if m := h.tap(m, "Edith"); !strings.HasPrefix(m.Text, "Nobody here is called “2002”") {
		t.Errorf("the button of somebody who is out is answered %q", m.Text)
	}
	h.wantAssigned("out", "1:0")
}

// What is assigned to somebody who is out is nobody's, and theirs again when they are back.
func TestAGoalOfSomebodyWhoIsOutIsNobodys(t *testing.T) {
	h := people(t)
	h.say("/addgoal call mother")
	h.say("/assign 1 Edith")
	h.hear("/goals", "⬜ #1 call mother  👤 Edith")
	h.hear("/goal 1", "\n👤 Edith\n")
	h.say(fmt.Sprintf("/revoke %d yes", editor))
	for _, words := range []string{"/goals", "/goal 1", "/today"} {
		if m := h.say(words); strings.Contains(m.Text, "👤") || words == "/goals" && hasButton(m, "Mine") {
			t.Errorf("%s shows %q", words, m.Text)
		}
	}
	if m := h.say("/assign 1"); strings.Contains(m.Text, "assigned") || hasButton(m, "Nobody") {
		t.Errorf("asked %q", m.Text)
	}
	h.knock(h.at(editor, "/start "+h.invitation(ann, 2)))
	h.spoken()
	h.hear("/goals", "👤 Edith")
	if m := h.one(h.at(editor, "/goals mine")); m.Text != "Assigned to you · 1\n\n⬜ #1 call mother" {
		t.Errorf("said %q", m.Text)
	}
}

func hasButton(m message.Message, label string) bool {
	for _, row := range m.Buttons {
		for _, b := range row {
			if strings.Contains(b.Label, label) {
				return true
			}
		}
	}
	return false
}

// In private a list says nothing of what is the reader's own; in a group all read the
// same, and it stays the list of whoever asked for it, also when it brings itself up to date.
func TestTheListOfOnesOwn(t *testing.T) {
	h := people(t)
	h.say("/addgoal call mother\n")
	h.say("/addgoal mend the roof")
	if m := h.say("/goals"); hasButton(m, "Mine") || strings.Contains(m.Text, "👤") {
		t.Errorf("with nothing assigned the list is %+v", m)
	}
	h.say("/assign 1 me")
	h.say("/assign 2 Edith")
	if m := h.say("/goals"); !hasButton(m, "Mine") || !strings.HasSuffix(m.Text, "⬜ #1 call mother\n⬜ #2 mend the roof  👤 Edith") {
		t.Errorf("said %q", m.Text)
	}
	in := func(who int64, words string, tap bool) message.Message {
		req := h.at(who, words)
		req.Chat, req.Tap = Chat{ID: group}, tap
		return h.one(req)
	}
	if m := in(ann, "/goals", false); !strings.HasSuffix(m.Text, "⬜ #1 call mother  👤 Ann\n⬜ #2 mend the roof  👤 Edith") {
		t.Errorf("the group reads %q", m.Text)
	}
	if m := in(editor, "/goals mine", false); m.Text != "Assigned to Edith · 1\n\n⬜ #2 mend the roof  👤 Edith" {
		t.Errorf("the group reads %q", m.Text)
	}
	if m := in(ann, "/goals back", true); !strings.HasPrefix(m.Text, "Assigned to Edith · 1") {
		t.Errorf("whoever goes back sees %q", m.Text)
	}
	h.say("/assign 1 edith")
	stale, err := h.h.StaleBoards(t.Context())
	h.must(err)
	for _, e := range stale {
		if e.Chat == group && !strings.HasPrefix(e.Message.Text, "Assigned to Edith · 2") {
			t.Errorf("the list became %q", e.Message.Text)
		}
	}
	if len(stale) == 0 {
		t.Error("no list is brought up to date")
	}
	if m := in(ann, "/goals mine", true); m.Text != "Assigned to Ann: none." {
		t.Errorf("a tap of somebody else shows %q", m.Text)
	}
	for _, words := range []string{"what's assigned to me?", "which goals are mine?"} {
		h.hear(words, "Assigned to you: none.")
	}
	h.hear("my goals", "Open goals · 2")
}

// A member's card has a button to assign the goal only where there is somebody to choose from.
func TestOneAloneIsNotAskedWho(t *testing.T) {
	h := open(t)
	h.start(nil, ann)
	h.say("/addgoal call mother")
	if m := h.say("/goal 1"); hasButton(m, "Assign") {
		t.Error("the card of somebody who is alone has the button")
	}
	h.start(nil, ann, ben)
	if m := h.say("/goal 1"); !hasButton(m, "Assign") {
		t.Error("the card has no button")
	}
}

// The next of a goal that repeats is the same person's, and no other program sees any of it.
func TestAnAssigneeStaysWithWhatRepeats(t *testing.T) {
	h := people(t)
	h.say("/addgoal water the plants every monday")
	h.say("/assign 1 Edith")
	h.say("/done 1")
	h.wantAssigned("the next", "1:2002 2:2002")
	if strings.Contains(string(h.onDisk()), "assign") {
		t.Error("goals.json says who is to do it")
	}
	h.start(nil, ann, ben)
	h.wantAssigned("after a restart", "1:2002 2:2002")
	if got := h.records(store.UsernameRecord); len(got) > 0 {
		t.Errorf("kept %v", got)
	}
}
