package handlers

import (
	"strings"
	"testing"
)

// An edit while the bot waits for an answer was lost: the answer did what the
// message had said first. Keeping the question that was asked first open, or
// what was tapped from counting as the message's, turns this red.
func TestAnEditWhileAQuestionWaits(t *testing.T) {
	h := open(t, goal("g-00000001", "call mother"), goal("g-00000002", "ask mother about dinner"))
	said := h.request("/note mother ask about spring")
	first := h.one(said)
	second := h.one(h.edit(said, "/note mother ask about autumn"))
	if second.Edit != h.shown[look(first)] || second.Text != first.Text {
		t.Errorf("it asks %+v", second)
	}
	if m := h.tap(first, "#1"); !strings.HasPrefix(m.Text, "That question is closed: you have edited your message since.") {
		t.Errorf("the first is answered %q", m.Text)
	}
	h.tap(second, "#1")
	h.wantNotes(1, "ask about autumn")

	// What was chosen stays so, and one that names a goal goes before it.
	if m := h.one(h.edit(said, "/note mother ask about winter")); m.Text != "✏️ Edited. Undone: #1 note “ask about autumn”\nNote added to: ⬜ #1 call mother" {
		t.Errorf("said %q", m.Text)
	}
	h.one(h.edit(said, "/note 2 ask about winter"))
	h.wantNotes(1)
	h.wantNotes(2, "ask about winter")

	// The question that is asked of an edited message is about that one.
	said = h.request("/note 1")
	h.one(said)
	h.one(h.edit(said, "/note 2"))
	answer := h.request("by post")
	h.one(answer)
	h.wantNotes(2, "ask about winter", "by post")
	h.one(h.edit(answer, "by mail"))
	h.wantNotes(2, "ask about winter", "by mail")

	// The answer to which one is a message like that too.
	h.say("/note mother hello")
	answer = h.request("1")
	h.one(answer)
	h.one(h.edit(answer, "2"))
	h.wantNotes(1)
	h.wantNotes(2, "ask about winter", "by mail", "hello")

	// What was said since stays, and what is undone is told in words.
	said = h.request("/note 1 one")
	h.one(said)
	h.say("/note 1 two")
	if m := h.one(h.edit(said, "/note 1 three")); !strings.HasPrefix(m.Text, "✏️ Edited. Undone: #1 note “one”\n") {
		t.Errorf("said %q", m.Text)
	}
	h.wantNotes(1, "two", "three")

	// So is what was confirmed.
	said = h.request("/delete 1")
	h.tap(h.one(said), "Delete")
	h.wantList("#2 pending ask mother about dinner")
	if m := h.one(h.edit(said, "/goal 2")); !strings.HasPrefix(m.Text, "✏️ Edited. Undone: #1 deleted “call mother”\n⬜ #2 ask mother about dinner") {
		t.Errorf("said %q", m.Text)
	}
	h.wantList("#1 pending call mother", "#2 pending ask mother about dinner")
}

// What else a message did follows too, or it is said that it cannot. Taking the
// words for new ones turns this red.
// The first that the bot hears of somebody may be an edit, as of a message from before
// it was in the group.
func TestAnEditOfWhatWasNeverHeardIsDone(t *testing.T) {
	h := open(t)
	req := h.request("/addgoal call mother")
	req.Edited = true
	if m := h.one(req); !strings.HasPrefix(m.Text, "Added: ⬜ #1 call mother") {
		t.Errorf("said %q", m.Text)
	}
}

func TestAnEditOfWhatIsNoGoal(t *testing.T) {
	h := open(t, goal("g-00000001", "call mother"))
	said := h.request("/settings timezone Berlin")
	h.one(said)
	if h.one(h.edit(said, "/settings digest 8:00")); h.settings.Values().Zone.String() != "UTC" || h.settings.Values().Digest == "" {
		t.Errorf("the settings are %+v", h.settings.Values())
	}
	for first, why := range map[string]string{"/invite viewer": "what it did cannot be undone", "/undo": "what it did cannot be undone"} {
		said := h.request(first)
		h.one(said)
		if m := h.one(h.edit(said, "/goals")); !strings.HasPrefix(m.Text, "I can't follow this edit: "+why) {
			t.Errorf("%s: said %q", first, m.Text)
		}
	}

	// A refusal puts everything back, what waits for a tap and its question too.
	thought := h.request("milk")
	offer := h.one(thought)
	if m := h.one(h.edit(thought, "/done 9")); !strings.HasPrefix(m.Text, "There is no goal #9") || len(h.ended) > 0 {
		t.Errorf("said %q, and %+v", m.Text, h.ended)
	}
	h.tap(offer, "Add as a goal")
	h.wantList("#1 pending call mother", "#2 pending milk")
}

// A question that asks whether something is meant can be answered in words.
func TestYesIsAnAnswer(t *testing.T) {
	h := open(t, goal("g-00000001", "call mother"), goal("g-00000002", "buy milk"))
	h.say("/delete 1")
	h.hear("No.", "OK, nothing was changed.")
	h.hear("yes", "I can't tell what you mean by that.")
	m := h.say("/delete 1")
	if m := h.one(h.replyTo(m, "why")); m.Text != "Please tap a button on that message, or answer it with yes or no." {
		t.Errorf("said %q", m.Text)
	}
	h.hear("bread", "Add this as a goal?")
	h.say("/goals")
	h.hear("Yes!", "Deleted: ⬜ #1 call mother\nI took that as the answer to: Delete this goal?")
	h.wantList("#2 pending buy milk")
}
