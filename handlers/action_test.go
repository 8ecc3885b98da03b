package handlers

import (
	"strings"
	"testing"

	"goalbot/goals"
)

// /undo once passed over settings and people, and took an older change of a
// goal back instead, without a word.
func TestUndoKnowsWhatWasDoneToSettings(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	h.say("/settings timezone Asia/Tokyo")
	h.say("/settings timezone Europe/Berlin")
	h.say("/settings digest 8")
	h.wantZone("Europe/Berlin")
	h.hear("/undo", "↩️ Taken back: /settings digest\n\n✅ 📬 Digest: off")
	m := h.hear("/undo", "↩️ Taken back: /settings timezone\n\n✅ 🌍 Time zone: Asia/Tokyo")
	h.wantZone("Asia/Tokyo")
	h.tap(m, "Redo")
	h.wantZone("Europe/Berlin")
	h.say("/done 1")
	h.hear("/undo", "↩️ Taken back: /done")
	h.hear("/undo", "↩️ Taken back: /settings timezone")
	h.hear("/undo", "↩️ Taken back: /settings timezone")
	h.wantZone("UTC")
	h.wantList("#1 pending call mother")
	h.hear("/undo", "↩️ Taken back: /addgoal")
	h.hear("/undo", "There is nothing of yours to take back.")
}

func (h *house) wantZone(want string) {
	h.t.Helper()
	if got := h.settings.Values().Zone.String(); got != want {
		h.t.Errorf("the time zone is %s, want %s", got, want)
	}
}

func TestAnActionIsTakenBackByItsButton(t *testing.T) {
	h := open(t)
	zone := h.say("/settings timezone Asia/Tokyo")
	h.say("/settings digest 8")
	h.say("/addgoal call mother")
	if m := h.tap(zone, "Undo"); !strings.Contains(m.Text, "↩️ Taken back: /settings timezone") {
		t.Errorf("said %q", m.Text)
	}
	h.wantZone("UTC")
	if m := h.tap(zone, "Undo"); !strings.Contains(m.Text, "There is nothing of yours to take back.") {
		t.Errorf("a second tap: said %q", m.Text)
	}
	h.wantList("#1 pending call mother")
	if m := h.hear("/undo anyway", "Taken back: /addgoal"); m.Text == "" {
		t.Error("nothing said")
	}
	h.hear("/undo anyway", "Taken back: /settings digest")
}

func TestAnActionThatNoLongerStandsIsLeft(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	h.say("/done 1")
	h.say("/settings timezone Asia/Tokyo")
	h.do(h.at(ben, "/settings timezone Europe/Berlin"))
	m := h.hear("/undo", "Nothing was taken back. Your last act was /settings timezone. That has changed since, so I left it as it is.\n\nBefore that: /done on #1. Shall I take that back?")
	h.wantZone("Europe/Berlin")
	h.wantList("#1 done call mother")
	h.tap(m, "Undo /done on #1")
	h.wantList("#1 pending call mother")
	// Whoever may not touch settings any more goes on with goals.
	h = people(t)
	h.do(h.at(second, "/addgoal call mother"))
	h.do(h.at(second, "/settings timezone Asia/Tokyo"))
	h.do(h.at(ann, "/members 2003 editor"))
	if m := h.one(h.at(second, "/undo")); !strings.Contains(m.Text, "Taken back: /addgoal") {
		t.Errorf("said %q", m.Text)
	}
	h.wantZone("Asia/Tokyo")
}

func TestUndoKnowsWhatWasDoneToPeople(t *testing.T) {
	h := people(t)
	h.say("/addgoal call mother")
	h.say("/addgoal call father")
	h.hear("/members Vera editor", "✏️ Vera – editor")
	h.wantRole(viewer, Editor)
	m := h.hear("/undo", "↩️ Taken back: /members Vera editor\n\n👁 Vera – viewer")
	h.wantRole(viewer, Viewer)
	m = h.tap(m, "Redo")
	h.wantRole(viewer, Editor)
	h.tap(m, "Undo")
	h.wantRole(viewer, Viewer)
	h.hear("/members Vera viewer", "👁 Vera – viewer") // which she is

	h.say("/revoke Edith yes")
	m = h.hear("/undo", "Nothing was taken back. Your last act was /revoke Edith, which I do not take back: /invite lets them in again.\n\nBefore that: /addgoal on #2. Shall I take that back?")
	h.wantRole(editor, 0)
	h.wantList("#1 pending call mother", "#2 pending call father")
	h.tap(m, "Undo /addgoal on #2")
	h.wantList("#1 pending call mother")
	h.hear("/undo", "↩️ Taken back: /addgoal")
}

// What an older version kept may be what this one would not take.
func TestAnActionThatCannotBeTakenBackDoesNotStandInTheWay(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	err := h.truth.Update(t.Context(), goals.Origin{Key: "x", At: h.now}, func(tx goals.Tx) error {
		return tx.SetRecord(settingRecord, "timezone", "Mars/Olympus")
	})
	if err != nil {
		t.Fatal(err)
	}
	h.say("/settings timezone Asia/Tokyo")
	h.hear("/undo", "Nothing was taken back. Your last act was /settings timezone. A time zone must be")
	h.wantZone("Asia/Tokyo")
	h.hear("/undo", "Taken back: /addgoal")
}
