package handlers

import (
	"strings"
	"testing"

	"goalbot/access"
	"goalbot/store"
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
	h.hear("/undo", "↩️ Undone: changing “Digest”\n\n✅ 📬 Digest: off")
	m := h.hear("/undo", "↩️ Undone: changing “Time zone”\n\n✅ 🌍 Time zone: Asia/Tokyo")
	h.wantZone("Asia/Tokyo")
	h.tap(m, "Redo")
	h.wantZone("Europe/Berlin")
	h.say("/done 1")
	h.hear("/undo", "↩️ Undone: finishing")
	h.hear("/undo", "↩️ Undone: changing “Time zone”")
	h.hear("/undo", "↩️ Undone: changing “Time zone”")
	h.wantZone("UTC")
	h.wantList("#1 pending call mother")
	h.hear("/undo", "↩️ Undone: adding")
	h.hear("/undo", "You have nothing to undo.")
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
	if m := h.tap(zone, "Undo"); !strings.Contains(m.Text, "↩️ Undone: changing “Time zone”") {
		t.Errorf("said %q", m.Text)
	}
	h.wantZone("UTC")
	if m := h.tap(zone, "Undo"); !strings.Contains(m.Text, "You have nothing to undo.") {
		t.Errorf("a second tap: said %q", m.Text)
	}
	h.wantList("#1 pending call mother")
	if m := h.hear("/undo anyway", "Undone: adding"); m.Text == "" {
		t.Error("nothing said")
	}
	h.hear("/undo anyway", "Undone: changing “Digest”")
}

func TestAnActionThatNoLongerStandsIsLeft(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	h.say("/done 1")
	h.say("/settings timezone Asia/Tokyo")
	h.do(h.at(ben, "/settings timezone Europe/Berlin"))
	m := h.hear("/undo", "Nothing was undone. Your last change, changing “Time zone”, can't be undone, because things have changed since.\n\nBefore that: finishing #1. Undo that?")
	h.wantZone("Europe/Berlin")
	h.wantList("#1 done call mother")
	h.tap(m, "Undo finishing #1")
	h.wantList("#1 pending call mother")
	// Whoever may not touch settings any more goes on with goals.
	h = people(t)
	h.do(h.at(second, "/addgoal call mother"))
	h.do(h.at(second, "/settings timezone Asia/Tokyo"))
	h.do(h.at(ann, "/members 2003 editor"))
	if m := h.one(h.at(second, "/undo")); !strings.Contains(m.Text, "Undone: adding") {
		t.Errorf("said %q", m.Text)
	}
	h.wantZone("Asia/Tokyo")
}

func TestUndoKnowsWhatWasDoneToPeople(t *testing.T) {
	h := people(t)
	h.say("/addgoal call mother")
	h.say("/addgoal call father")
	h.hear("/members Vera editor", "✏️ Vera – editor")
	h.wantRole(viewer, access.Editor)
	m := h.hear("/undo", "↩️ Undone: making Vera an editor\n\n👁 Vera – viewer")
	h.wantRole(viewer, access.Viewer)
	m = h.tap(m, "Redo")
	h.wantRole(viewer, access.Editor)
	h.tap(m, "Undo")
	h.wantRole(viewer, access.Viewer)
	h.hear("/members Vera viewer", "👁 Vera – viewer") // which she is

	h.say("/revoke Edith yes")
	m = h.hear("/undo", "Nothing was undone. Your last change, removing Edith, cannot be undone: /invite lets them in again.\n\nBefore that: adding #2. Undo that?")
	h.wantRole(editor, 0)
	h.wantList("#1 pending call mother", "#2 pending call father")
	h.tap(m, "Undo adding #2")
	h.wantList("#1 pending call mother")
	h.hear("/undo", "↩️ Undone: adding")
}

// What an older version kept may be what this one would not take.
func TestAnActionThatCannotBeTakenBackDoesNotStandInTheWay(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	err := h.truth.Update(t.Context(), store.Origin{Key: "x", At: h.now}, func(tx store.Tx) error {
		return tx.SetRecord(store.SettingRecord, "timezone", "Mars/Olympus")
	})
	if err != nil {
		t.Fatal(err)
	}
	h.say("/settings timezone Asia/Tokyo")
	h.hear("/undo", "Nothing was undone. Your last change, changing “Time zone”, cannot be undone. A time zone must be")
	h.wantZone("Asia/Tokyo")
	h.hear("/undo", "Undone: adding")
}
