package handlers

import (
	"strings"
	"testing"
)

// A goal could be added twice without a word. Passing over newText, or the
// comparison by Fold, turns this red.
func TestAGoalThatIsOnTheListAlready(t *testing.T) {
	h := open(t, goal("g-00000001", "buy  milk"), goal("g-00000002", "Call mother"))
	h.hear("/addgoal Buy  MILK", "Added: ⬜ #3 Buy MILK\nThe same as #1, which is still open.")
	m := h.hear("buy milk", "This is already on the list: ⬜ #1 buy milk\nAdd it as another goal?")
	if m := h.tap(m, "Add as a goal"); !strings.HasPrefix(m.Text, "Added\nThe same as #1, which is still open.\n\n⬜ #4 buy milk") {
		t.Errorf("said %q", m.Text)
	}
	h.hear("Call mother\nbuy milk\nBUY MILK\n[x] buy milk\nbread", "These are 5 lines. What should they become? 1 of them is ticked and becomes a done goal. 3 of them are already on the list: #2, #1.")
	h.hear("/rename 4 call mother", "Renamed: ⬜ #4 call mother\nThe same as #2, which is still open.")
	h.say("/done 1 2 3 4")
	if m := h.say("/addgoal buy milk"); strings.Contains(m.Text, "same") {
		t.Errorf("of goals that are done it says %q", m.Text)
	}
}

// The marker of a list was stripped from a goal that is added, but neither from
// a new name nor from criteria, and a tick that was edited away stayed.
func TestMarkersAreStrippedEverywhere(t *testing.T) {
	h := open(t, goal("g-00000001", "buy milk"), goal("g-00000002", "call mother"))
	h.hear("/rename 1 - [ ] buy bread", "Renamed: ⬜ #1 buy bread")
	h.hear("/rename 1 ☑ buy butter", "Renamed: ✅ #1 buy butter")
	h.hear("/criterion 2 (a) she is back", "New criterion: ⬜ #2 call mother")
	h.say("/criterion 2")
	h.hear("1) the phone\n2) is charged", "New criteria: ⬜ #2 call mother")
	h.tap(h.one(h.reply("[x] call mum", "#2")), "Rename #2 to this")
	h.wantList("#1 done buy butter", "#2 done call mum")
	if got := strings.Join(h.truth.List().Number(2).Acceptance, "|"); got != "she is back|the phone|is charged" {
		t.Errorf("the criteria are %s", got)
	}

	said := h.request("/addgoal [x] call aunt")
	h.one(said)
	for _, tt := range []struct{ words, want string }{
		{"/addgoal call aunt", "Changed: ⬜ #3 call aunt"},
		{"/addgoal ✅ call aunt", "Changed: ✅ #3 call aunt"},
	} {
		edit := h.request(tt.words)
		edit.Message, edit.Edited = said.Message, true
		if m := h.one(edit); m.Text != tt.want {
			t.Errorf("%s: said %q", tt.words, m.Text)
		}
	}
}
