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
		req.From = Person{ID: ben, Name: "Ben"}
		h.one(req)
	}
	by("/note 1 theirs")
	by("/done 1 anyway")
	m := h.tap(noted, "Undo")
	want := "Not undone: adding a note to #1\n#1 has changed since then:\n" +
		"• today 12:00 · Ben: note “theirs”\n• today 12:00 · Ben: to do → ✅ done\n\n✅ #1 one\n\n" +
		"Undo anyway reverses only that change; everything done since stays."
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
	if got := state(); got != `done["a"]["theirs"]` || !strings.HasPrefix(m.Text, "↩️ Undone: adding a note to #1\n\n✅ #1 one") {
		t.Errorf("%s after %q", got, m.Text)
	}
	m = h.tap(m, "Redo")
	if got := state(); got != `done["a"]["mine" "theirs"]` {
		t.Errorf("%s after %q", got, m.Text)
	}
	m = h.tap(m, "Undo") // of the redo
	if got := state(); got != `done["a"]["theirs"]` || !strings.HasPrefix(m.Text, "↩️ Undone: adding a note to #1\n") {
		t.Errorf("%s after %q", got, m.Text)
	}
	h.tap(h.hear("/undo", "Not undone: adding #1\n#1 has changed since then:\n• …\n"), "Undo anyway")
	h.wantList()
	h.hear("/undo", "You have nothing to undo")
}

func TestUndoAnyway(t *testing.T) {
	h := open(t)
	h.say("/addgoal one")
	h.say("/addgoal two")
	done := h.say("/done 1 2")
	h.say("/delete 2 yes")
	if m := h.tap(done, "Undo"); !strings.Contains(m.Text, "#2 has changed since then:\n• today 12:00 · you: deleted “two”\n\nUndo anyway brings #2 back as it was before that.") {
		t.Errorf("got %q", m.Text)
	}
	h.wantList("#1 done one")
	m := h.hear("/undo", "Undone: deleting") // one's own are walked back in order
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

// What has become of each goal is said, and the person may take back all of it,
// or only what nobody has touched. Stopping at the first goal that has changed,
// or taking the others back too, turns this red.
func TestUndoOfSeveralGoalsTellsOfAllThatHaveChanged(t *testing.T) {
	h := open(t)
	by := func(words string) { h.one(h.at(ben, words)) }
	for _, words := range []string{"/addgoal one", "/addgoal two", "/addgoal three", "/done 1 2 3"} {
		h.say(words)
	}
	by("/note 1 theirs")
	by("/delete 2 yes")
	m := h.say("/undo")
	want := "Not undone: finishing 3 goals\n2 of 3 goals have changed since then:\n\n" +
		"✅ #1 one\n• today 12:00 · Ben: note “theirs”\n\n" +
		"🗑 #2 two\n• today 12:00 · Ben: deleted “two”\n\n" +
		"Undo anyway brings #2 back as it was before that. It reverses only that change to #1; everything done since stays."
	if m.Text != want || strings.Contains(fmt.Sprint(m.Buttons), "Open") {
		t.Errorf("got %q with %v, want %q", m.Text, m.Buttons, want)
	}
	h.wantList("#1 done one", "#3 done three")
	m = h.tap(m, "Undo only #3")
	if want := "↩️ Undone: finishing 1 of 3 goals\n\n⬜ #3 three\nto do"; !strings.HasPrefix(m.Text, want) {
		t.Errorf("got %q, want %q", m.Text, want)
	}
	h.wantList("#1 done one", "#3 pending three")
	h.tap(m, "Redo")
	h.wantList("#1 done one", "#3 done three")
	h.hear("/undo", "Undone: finishing #3")
	h.hear("/undo", "Undone: adding") // the change counts as taken back
	h.wantList("#1 done one")
}

func TestUndoOfSeveralGoalsAllTheSame(t *testing.T) {
	h := open(t)
	h.say("one\ntwo")
	added := h.tap(h.say("one\ntwo\nthree\nfour\nfive\nsix\nseven\neight"), "8 goals")
	for n := 1; n <= 7; n++ {
		h.one(h.at(ben, fmt.Sprintf("/begin %d", n)))
	}
	m := h.tap(added, "Undo")
	for _, want := range []string{"7 of 8 goals have changed since then:\n\n▶️ #1 one\n• ", "#5 five\n• today 12:00 · Ben: to do → ▶️ in progress\n\n… and 2 more\n\n",
		"Undo anyway deletes #1, #2, #3 and 4 more, with everything done to them since."} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("%q is not in %q", want, m.Text)
		}
	}
	rest := h.tap(m, "Undo only #8")
	if !strings.HasPrefix(rest.Text, "↩️ Undone: adding 1 of 8 goals") {
		t.Errorf("got %q", rest.Text)
	}
	if n := h.truth.List().Len(); n != 7 {
		t.Errorf("%d goals are left", n)
	}
	if m := h.tap(m, "Undo anyway"); !strings.Contains(m.Text, "was already undone") {
		t.Errorf("got %q", m.Text)
	}

	// Where all of them have changed there is no rest.
	h.say("/done 1 2")
	h.one(h.at(ben, "/reopen 1"))
	h.one(h.at(ben, "/note 2 x"))
	m = h.hear("/undo", "2 of 2 goals have changed since then:")
	if strings.Contains(fmt.Sprint(m.Buttons), "only") {
		t.Errorf("buttons %v", m.Buttons)
	}
	h.hear("/undo rest", "2 of 2 goals have changed since then:")
	m = h.hear("/undo anyway", "↩️ Undone: finishing 2 goals\n▶️ #1 one\n▶️ #2 two")
	if strings.Contains(m.Text, " of 2") {
		t.Errorf("got %q", m.Text)
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
	if m := h.one(h.at(ben, "/redo")); !strings.Contains(m.Text, "There is nothing to redo.") {
		t.Errorf("got %q", m.Text)
	}
	h.wantList()
	h.tap(m, "Redo")
	h.wantList("#1 pending one")
	if m := h.tap(m, "Redo"); !strings.Contains(m.Text, "That was already redone.") {
		t.Errorf("got %q", m.Text)
	}
	h.hear("/redo", "There is nothing to redo.")
	h.hear("/undo", "Undone: adding #1\n🗑 #1 one")
}

// /redo could not be typed, and the button was answered "Done again".
func TestRedoCanBeTyped(t *testing.T) {
	h := open(t)
	h.hear("/redo", "There is nothing to redo.")
	h.say("/addgoal one")
	h.say("/settings timezone Asia/Tokyo")
	h.say("/done 1")
	for _, want := range []string{"finishing #1", "changing “Time zone”", "adding #1"} {
		h.hear("/undo", "↩️ Undone: "+want)
	}
	h.wantList()
	h.start(nil, ann, ben)
	h.hear("/redo", "↪️ Redone: adding #1\n⬜ #1 one")
	h.wantZone("UTC")
	h.hear("/redo", "↪️ Redone: changing “Time zone”\n\n✅ 🌍 Time zone: Asia/Tokyo")
	h.wantZone("Asia/Tokyo")
	m := h.hear("/redo", "↪️ Redone: finishing #1\n✅ #1 one")
	h.hear("/redo", "There is nothing to redo.")
	h.hear("/redo 1", "/redo always redoes what you undid last, and takes no words after it.")
	h.wantList("#1 done one")
	h.tap(m, "Undo")
	h.hear("/undo", "Undone: changing “Time zone”")
	h.one(h.at(ben, "/addgoal two")) // what others do is no matter
	h.hear("/redo", "Redone: changing “Time zone”")
	h.say("/note 1 something new")
	h.hear("/redo", "There is nothing to redo.")
	h.hear("/undo", "Undone: adding a note to #1")
	h.say("/settings ring everything") // which is something new as well
	h.hear("/redo", "There is nothing to redo.")
	h.wantList("#1 pending one", "#2 pending two")
}

// A button does again what it shows, also when something else was done since.
func TestRedoByItsButtonOutlivesANewChange(t *testing.T) {
	h := open(t)
	h.say("/addgoal one")
	h.say("/settings timezone Asia/Tokyo")
	zone := h.say("/undo")
	h.say("/addgoal two")
	added := h.say("/undo")
	h.say("/addgoal three")
	h.tap(zone, "Redo")
	h.wantZone("Asia/Tokyo")
	h.tap(added, "Redo")
	h.wantList("#1 pending one", "#2 pending two", "#3 pending three")
	if m := h.tap(zone, "Redo"); !strings.Contains(m.Text, "That was already redone") {
		t.Errorf("got %q", m.Text)
	}
	h.hear("/undo", "Undone: adding #2")
	h.hear("/undo", "Undone: changing “Time zone”")
	h.hear("/undo", "Undone: adding #3")
	h.hear("/redo", "Redone: adding #3")
	h.hear("/redo", "Redone: changing “Time zone”")
	h.hear("/redo", "Redone: adding #2")
	h.hear("/redo", "There is nothing to redo.")
}

// Where somebody has changed what was undone, redo asks as undo does, and
// /redo goes on once that is decided.
func TestRedoOfWhatHasChangedSinceLetsThePersonChoose(t *testing.T) {
	h := open(t)
	h.say("/addgoal one")
	h.say("/addgoal two")
	h.say("/rename 1 uno")
	h.say("/done 1 2")
	h.say("/undo")
	h.say("/undo")
	h.one(h.at(ben, "/rename 1 eins"))
	m := h.hear("/redo", "Not redone: renaming #1\n#1 has changed since then:\n• today 12:00 · Ben: renamed to “eins”\n\n⬜ #1 eins\n\nRedo anyway repeats only that change; everything done since stays.")
	h.hear("/redo", "Not redone: renaming #1")
	h.tap(m, "Redo anyway")
	h.wantList("#1 pending uno", "#2 pending two")
	h.one(h.at(ben, "/begin 1"))
	m = h.hear("/redo", "Not redone: finishing 2 goals\n#1 has changed since then:")
	h.tap(m, "Redo only #2")
	h.wantList("#1 inProgress uno", "#2 done two")
	h.hear("/redo", "There is nothing to redo.")
}

// What was done to a plan has a name, so that undo, redo and the history can say it.
func TestWhatWasDoneToAPlan(t *testing.T) {
	base := goals.Goal{Number: 1, Description: "one", Status: goals.Pending, Acceptance: []string{"a"}}
	photo, song := goals.File{Kind: goals.Photo, ID: "1", Same: "1"}, goals.File{Kind: goals.Audio, ID: "2", Same: "2"}
	for _, tt := range []struct {
		before, after goals.Plan
		past, doing   string
	}{
		{goals.Plan{}, goals.Plan{Ticked: []string{"a"}}, "ticked a criterion of", "ticking a criterion of"},
		{goals.Plan{Ticked: []string{"a"}}, goals.Plan{}, "unticked a criterion of", "unticking a criterion of"},
		{goals.Plan{}, goals.Plan{Due: "2026-03-02"}, "set the date of", "setting the date of"},
		{goals.Plan{Due: "2026-03-02"}, goals.Plan{}, "took the date from", "taking the date from"},
		{goals.Plan{}, goals.Plan{Remind: "2026-03-02"}, "set a reminder for", "setting a reminder for"},
		{goals.Plan{Remind: "2026-03-02"}, goals.Plan{}, "removed the reminder of", "removing the reminder of"},
		{goals.Plan{}, goals.Plan{Parked: "2026-03-02"}, "parked", "parking"},
		{goals.Plan{Parked: "2026-03-02"}, goals.Plan{}, "took back", "taking back"},
		{goals.Plan{}, goals.Plan{Pinned: true}, "pinned", "pinning"},
		{goals.Plan{Pinned: true}, goals.Plan{}, "unpinned", "unpinning"},
		{goals.Plan{}, goals.Plan{Rank: 1}, "moved", "moving"},
		{goals.Plan{}, goals.Plan{Assignee: 7}, "assigned", "assigning"},
		{goals.Plan{Assignee: 7}, goals.Plan{Assignee: 8}, "assigned", "assigning"},
		{goals.Plan{Assignee: 7}, goals.Plan{}, "unassigned", "unassigning"},
		{goals.Plan{}, goals.Plan{Still: "2026-03-02"}, "confirmed", "confirming"},
		{goals.Plan{}, goals.Plan{Files: []goals.File{photo}}, "attached a photo to", "attaching a photo to"},
		{goals.Plan{Files: []goals.File{photo}}, goals.Plan{Files: []goals.File{photo, song}}, "attached an audio file to", "attaching an audio file to"},
		{goals.Plan{}, goals.Plan{Files: []goals.File{photo, song}}, "attached 2 attachments to", "attaching 2 attachments to"},
		{goals.Plan{Files: []goals.File{photo, song}}, goals.Plan{Files: []goals.File{song}}, "removed an attachment from", "removing an attachment from"},
		{goals.Plan{}, goals.Plan{Told: "2026-03-02"}, "changed", "changing"},
	} {
		before, after := base, base
		before.SetPlan(tt.before)
		after.SetPlan(tt.after)
		if got := verbOf(goals.EditOf(goals.Change{Before: &before, After: &after})); got.past != tt.past || got.doing != tt.doing {
			t.Errorf("from %+v to %+v: %+v, want %s, %s", tt.before, tt.after, got, tt.past, tt.doing)
		}
	}
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
		"to do → ▶️ in progress":   alter(func(g *goals.Goal) { g.Status = goals.InProgress }),
		"renamed to “two lines”":   alter(func(g *goals.Goal) { g.Description = "two\nlines" }),
		"renamed to (no text)":     alter(func(g *goals.Goal) { g.Description = "\u200b" }),
		"note “m”":                 alter(func(g *goals.Goal) { g.Notes = []string{"n", "m"} }),
		"note removed: “n”":        alter(func(g *goals.Goal) { g.Notes = nil }),
		"notes 1 → 3":              alter(func(g *goals.Goal) { g.Notes = []string{"n", "m", "o"} }),
		"criterion changed to “b”": alter(func(g *goals.Goal) { g.Acceptance = []string{"b"} }),
		"task linked: (no text), tasks verified 0/0 → 1/1": alter(func(g *goals.Goal) { g.Sessions = []goals.Session{{State: goals.Verified, Evidence: &evidence}} }),
		"to do → ✅ done, renamed to “\u2068שלום\u2069”":    alter(func(g *goals.Goal) { g.Status, g.Description = goals.Done, "שלום" }),
		"renamed to “" + strings.Repeat("x", 59):           alter(func(g *goals.Goal) { g.Description = strings.Repeat("x", 500) }),
	} {
		if got := (reader{}).whatChanged(goals.EditOf(goals.Change{Before: &base, After: after})); !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
