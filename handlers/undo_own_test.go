package handlers

import (
	"strings"
	"testing"

	"goalbot/message"
)

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
