package handlers

import (
	"fmt"
	"strings"
	"testing"

	"goalbot/goals"
)

// Taking back the whole goal, or leaving the change out of what is undone,
// turns this red.
func TestUndoOfWhatHasChangedSinceLetsThePersonChoose(t *testing.T) {
	h := open(t)
	h.say("/addgoal one\n- a")
	noted := h.say("/note 1 mine")
	by := func(words string) {
		req := h.request(words)
		req.From = Person{ben, "Ben"}
		h.one(req)
	}
	by("/note 1 theirs")
	by("/done 1")
	m := h.tap(noted, "Undo")
	want := "Not taken back: /note\n#1 has changed since then:\n" +
		"• 2026-03-01 12:00 · Ben: note “theirs”\n• 2026-03-01 12:00 · Ben: pending → ✅ done\n\n✅ #1 one\n\n" +
		"Undo anyway takes back only what /note did; the rest stays."
	if m.Text != want {
		t.Errorf("got %q, want %q", m.Text, want)
	}
	state := func() string {
		g := h.truth.List().Number(1)
		return fmt.Sprintf("%s%q%q", g.Status, g.Acceptance, g.Notes)
	}
	if got := state(); got != `done["a"]["mine" "theirs"]` {
		t.Errorf("asking made it %s", got)
	}
	h.tap(m, "Open #1")
	m = h.tap(m, "Undo anyway")
	if got := state(); got != `done["a"]["theirs"]` || !strings.HasPrefix(m.Text, "↩️ Taken back: /note\n\n✅ #1 one") {
		t.Errorf("%s after %q", got, m.Text)
	}
	m = h.tap(m, "Redo")
	if got := state(); got != `done["a"]["mine" "theirs"]` {
		t.Errorf("%s after %q", got, m.Text)
	}
	m = h.tap(m, "Undo") // of the redo
	if got := state(); got != `done["a"]["theirs"]` || !strings.HasPrefix(m.Text, "↩️ Taken back: /redo") {
		t.Errorf("%s after %q", got, m.Text)
	}
	h.tap(h.hear("/undo", "Not taken back: /addgoal\n#1 has changed since then:\n• …\n"), "Undo anyway")
	h.wantList()
	h.hear("/undo", "nothing of yours")
}

func TestUndoAnyway(t *testing.T) {
	h := open(t)
	h.say("/addgoal one")
	h.say("/addgoal two")
	done := h.say("/done 1 2")
	h.say("/delete 2 yes")
	if m := h.tap(done, "Undo"); !strings.Contains(m.Text, "#2 has changed since then:\n• 2026-03-01 12:00 · you: deleted “two”\n\nUndo anyway brings #2 back as it was before /done.") {
		t.Errorf("got %q", m.Text)
	}
	h.wantList("#1 done one")
	m := h.hear("/undo", "Taken back: /delete") // one's own are walked back in order
	h.tap(m, "Redo")
	h.tap(h.tap(done, "Undo"), "Undo anyway")
	h.wantList("#1 pending one", "#2 pending two")

	// Nothing is left of it: that is no error, and /undo goes on to the one before.
	renamed := h.say("/rename 1 uno")
	h.say("/rename 1 one")
	m = h.tap(h.tap(renamed, "Undo"), "Undo anyway")
	if strings.Contains(fmt.Sprint(m.Buttons), "Redo") || !strings.Contains(m.Text, "#1 one") {
		t.Errorf("got %q with %v", m.Text, m.Buttons)
	}
}

// Only the one who did it may do it again, and once.
func TestRedoIsNobodyElses(t *testing.T) {
	h := open(t)
	h.say("/addgoal one")
	m := h.say("/undo")
	req := h.tapped(m, "Redo")
	req.From.ID = ben
	if m := h.one(req); !strings.Contains(m.Text, "Somebody else did that") {
		t.Errorf("got %q", m.Text)
	}
	h.hear("/redo", "nothing of yours") // typed it names no change
	h.tap(m, "Redo")
	h.wantList("#1 pending one")
	if m := h.tap(m, "Redo"); !strings.Contains(m.Text, "That was taken back already.") {
		t.Errorf("got %q", m.Text)
	}
	h.hear("/undo", "Taken back: /redo\n#1 is gone again: one")
}

func TestWhatChanged(t *testing.T) {
	evidence := "green"
	base := goals.Goal{Description: "one", Status: goals.Pending, Acceptance: []string{"a"}, Notes: []string{"n"}}
	alter := func(f func(*goals.Goal)) *goals.Goal {
		g := base
		f(&g)
		return &g
	}
	for want, after := range map[string]*goals.Goal{
		"deleted “one”":            nil,
		"changed":                  alter(func(g *goals.Goal) { g.Extra = []goals.Field{{Name: `"x"`, Value: "1"}} }),
		"pending → ▶️ in progress": alter(func(g *goals.Goal) { g.Status = goals.InProgress }),
		"renamed to “two lines”":   alter(func(g *goals.Goal) { g.Description = "two\nlines" }),
		"renamed to (no text)":     alter(func(g *goals.Goal) { g.Description = "\u200b" }),
		"note “m”":                 alter(func(g *goals.Goal) { g.Notes = []string{"n", "m"} }),
		"note removed: “n”":        alter(func(g *goals.Goal) { g.Notes = nil }),
		"notes 1 → 3":              alter(func(g *goals.Goal) { g.Notes = []string{"n", "m", "o"} }),
		"criteria 1 → 1":           alter(func(g *goals.Goal) { g.Acceptance = []string{"b"} }),
		"tasks verified 0/0 → 1/1": alter(func(g *goals.Goal) { g.Sessions = []goals.Session{{State: goals.Verified, Evidence: &evidence}} }),
		"pending → ✅ done, renamed to “\u2068שלום\u2069”": alter(func(g *goals.Goal) { g.Status, g.Description = goals.Done, "שלום" }),
		"renamed to “" + strings.Repeat("x", 59):          alter(func(g *goals.Goal) { g.Description = strings.Repeat("x", 500) }),
	} {
		if got := whatChanged(goals.Change{Before: &base, After: after}); !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
