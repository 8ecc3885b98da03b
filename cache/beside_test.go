package cache

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/store"
)

// What is tested here: that a phone, programs that write from their memory, and
// programs that read before they write can share one file, and nothing that one of
// them said is lost.

// remembering is a program that keeps its goals in memory and writes all of them,
// without those of others and without members that it does not know. It never reads
// the file.
type remembering struct{ goals map[string]*goals.Goal }

func (p *remembering) write(t *testing.T, h *house) {
	t.Helper()
	var list []*goals.Goal
	for _, id := range slices.Sorted(maps.Keys(p.goals)) {
		g := *p.goals[id]
		g.Extra = nil
		list = append(list, &g)
	}
	h.replace(t, list)
}

// replace lets somebody else replace the file.
func (h *house) replace(t *testing.T, list []*goals.Goal) {
	t.Helper()
	temp := filepath.Join(h.root, "sm", "theirs")
	must(t, os.WriteFile(temp, goaljson.Append(nil, list), 0o600))
	must(t, os.Rename(temp, h.Path()))
}

// edit lets somebody read the file, change its first goal and replace the file.
func (h *house) edit(t *testing.T, at time.Time, change func(*goals.Goal)) {
	t.Helper()
	list, err := h.file.Load()
	must(t, err)
	change(list[0])
	list[0].Updated = at
	h.replace(t, list)
	must(t, h.Check(t.Context()))
}

// alter changes a goal in the memory of a program.
func (p *remembering) alter(id string, at time.Time, change func(*goals.Goal)) {
	g := *p.goals[id]
	g.Notes, g.Acceptance, g.Sessions = slices.Clone(g.Notes), slices.Clone(g.Acceptance), slices.Clone(g.Sessions)
	change(&g)
	g.Updated = at
	p.goals[id] = &g
}

// reopen starts the bot again over the same files.
func (h *house) reopen(t *testing.T) *house {
	t.Helper()
	must(t, h.truth.Close())
	again := openHouseAt(t, h.root, h.now)
	again.notes = h.notes
	again.report = h.notes
	must(t, again.Start(t.Context()))
	return again
}

// The story that lost the phone's words: a program creates a goal, the phone notes,
// adds a criterion and blocks it, and the program notes something from its memory.
// The bot was started anew in between, or was not. Red where the whole goal of the
// newer time wins, and where what others wrote is not kept across a start.
func TestWhatThePhoneSaidOutlivesAProgramThatWritesFromMemory(t *testing.T) {
	for _, restart := range []bool{false, true} {
		h := newHouse(t)
		start := time.Now()
		at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
		p := &remembering{map[string]*goals.Goal{
			"g-1": {ID: "g-1", Description: "ship it", Status: goals.InProgress, Acceptance: []string{"it runs"}, Created: at(0), Updated: at(0)},
			"g-2": {ID: "g-2", Description: "write it down", Status: goals.Pending, Created: at(0), Updated: at(0)},
		}}
		p.write(t, h)
		must(t, h.Check(t.Context()))
		change := func(f func(l *goals.List) error) { must(t, h.change(t, f)) }
		change(func(l *goals.List) error { _, err := l.AddNote(1, "from the phone", at(1)); return err })
		change(func(l *goals.List) error { _, err := l.AddCriterion(1, "it is tested", at(2)); return err })
		change(func(l *goals.List) error { _, err := l.Block(1, "", at(3)); return err })
		change(func(l *goals.List) error { _, err := l.Abandon(2, "", at(4)); return err })
		change(func(l *goals.List) error {
			_, err := l.Add(goals.Draft{Description: "the phone's own"}, "g-3", at(4))
			return err
		})
		if restart {
			h = h.reopen(t)
		}
		told := len(h.notes.merged)
		p.alter("g-1", at(5), func(g *goals.Goal) { g.Notes = append(g.Notes, "from there") })
		p.alter("g-2", at(6), func(g *goals.Goal) {
			g.Sessions = append(g.Sessions, goals.Session{ID: "s", Task: "t", State: goals.Verified})
			g.Progress = 100
		})
		p.write(t, h)
		must(t, h.Check(t.Context()))
		h.inLine(t)
		g := h.truth.List().Number(1)
		if g.Status != goals.Blocked || !slices.Equal(g.Acceptance, []string{"it runs", "it is tested"}) || !slices.Equal(g.Notes, []string{"from the phone", "from there"}) {
			t.Errorf("restart %v: #1 is %+v", restart, g)
		}
		if g := h.truth.List().Number(2); g.Status != goals.Abandoned || len(g.Sessions) != 1 || g.Progress != 100 {
			t.Errorf("restart %v: #2 is %+v", restart, g)
		}
		for _, m := range h.notes.merged[told:] {
			if len(m.Vanished)+len(m.Added)+len(m.Conflicts) > 0 || len(m.Changed) != 2 {
				t.Errorf("restart %v: it is told as %+v", restart, m)
			}
		}
		// They write the same again: that is nothing new.
		p.write(t, h)
		must(t, h.Check(t.Context()))
		h.inLine(t)
		if n := len(h.notes.merged); n != told+1 {
			t.Errorf("restart %v: it is told %d times", restart, n-told)
		}
		// Nor is it after the phone has gone on, and nothing is committed for it.
		change(func(l *goals.List) error { _, err := l.AddNote(2, "from the phone", at(7)); return err })
		p.write(t, h)
		h.Mirror.palace = &meanwhile{h.truth, func() { t.Errorf("restart %v: what is nothing new is committed", restart) }}
		must(t, h.Check(t.Context()))
		h.inLine(t)
	}
}

// They create a goal, the phone deletes it, and they create another one, from a
// memory that has both. The deleted one came back. Red where a goal that they did
// not touch counts as one that they changed after the deletion.
func TestAGoalThatThePhoneDeletedStaysDeleted(t *testing.T) {
	for _, restart := range []bool{false, true} {
		h := newHouse(t)
		start := time.Now().Add(time.Hour) // their clock is ahead
		p := &remembering{map[string]*goals.Goal{"w": {ID: "w", Description: "w", Status: goals.Pending, Created: start, Updated: start}}}
		p.write(t, h)
		must(t, h.Check(t.Context()))
		must(t, h.change(t, func(l *goals.List) error { _, err := l.Delete(1); return err }))
		if restart {
			h = h.reopen(t)
		}
		p.goals["x"] = &goals.Goal{ID: "x", Description: "x", Status: goals.Pending, Created: start, Updated: start.Add(time.Second)}
		p.write(t, h)
		must(t, h.Check(t.Context()))
		h.inLine(t)
		if list := h.truth.List(); list.ID("w") != nil || list.ID("x") == nil {
			t.Errorf("restart %v: the list is %+v", restart, list.All())
		}
		p.alter("w", start.Add(2*time.Second), func(g *goals.Goal) { g.Notes = []string{"still needed"} })
		p.write(t, h)
		must(t, h.Check(t.Context()))
		if g := h.truth.List().ID("w"); g == nil || len(h.notes.merged[len(h.notes.merged)-1].Back) != 1 {
			t.Errorf("restart %v: they changed w, and it is %+v", restart, g)
		}
	}
}

// A program sets a status and later sets it back, after an editor has changed another
// goal. What it wrote first was nearer to that than what it wrote last, so that it
// seemed to have changed nothing. Red where an older version counts although a later
// one explains as well what they have.
func TestAProgramThatSetsAValueBackIsHeard(t *testing.T) {
	h := newHouse(t)
	start := time.Now()
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
	p := &remembering{map[string]*goals.Goal{
		"a": {ID: "a", Description: "a", Status: goals.Pending, Created: at(0), Updated: at(0)},
		"b": {ID: "b", Description: "b", Status: goals.Pending, Created: at(0), Updated: at(0)},
	}}
	writes := func() {
		t.Helper()
		p.write(t, h)
		must(t, h.Check(t.Context()))
	}
	writes()
	p.alter("b", at(1), func(g *goals.Goal) { g.Status = goals.InProgress })
	writes()
	h.edit(t, at(2), func(*goals.Goal) {})
	must(t, h.change(t, func(l *goals.List) error { _, err := l.AddNote(1, "from the phone", at(3)); return err }))
	p.alter("b", at(4), func(g *goals.Goal) { g.Status = goals.Pending })
	writes()
	h.inLine(t)
	if a, b := h.truth.List().ID("a"), h.truth.List().ID("b"); b.Status != goals.Pending || len(b.Notes) > 0 || !slices.Equal(a.Notes, []string{"from the phone"}) {
		t.Errorf("they are %+v and %+v", a, b)
	}
}

// A program has one goal and notes something, an editor takes the note out, and so does
// the phone. With the program's next change the note was back. Red where a note that
// they still have tells nothing about what they started from.
func TestWhatThePhoneRemovedStaysRemoved(t *testing.T) {
	h := newHouse(t)
	start := time.Now()
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
	p := &remembering{map[string]*goals.Goal{"a": {ID: "a", Description: "a", Status: goals.Pending, Created: at(0), Updated: at(0)}}}
	writes := func() {
		t.Helper()
		p.write(t, h)
		must(t, h.Check(t.Context()))
	}
	writes()
	p.alter("a", at(1), func(g *goals.Goal) { g.Notes = []string{"no more"} })
	writes()
	h.edit(t, at(2), func(g *goals.Goal) { g.Notes = nil })
	if len(h.truth.List().ID("a").Notes) > 0 { // who never saw it writes the same
		must(t, h.change(t, func(l *goals.List) error { _, err := l.EditNote(1, 1, "", at(3)); return err }))
	}
	must(t, h.change(t, func(l *goals.List) error { _, err := l.Begin(1, at(4)); return err }))
	h = h.reopen(t)
	p.alter("a", at(5), func(g *goals.Goal) { g.Acceptance = append(g.Acceptance, "it runs") })
	p.write(t, h)
	must(t, h.Check(t.Context()))
	h.inLine(t)
	if g := h.truth.List().ID("a"); len(g.Notes) > 0 || !slices.Equal(g.Acceptance, []string{"it runs"}) || g.Status != goals.InProgress {
		t.Errorf("it is %+v", g)
	}
}

// The phone sets a status and notes something, an editor takes the note out, and a
// program goes on from its memory, in which the goal has its first status. That looked
// as if the program had set the status back. Red where what the program wrote does not
// count any more because the editor could have started from it.
func TestAProgramIsRememberedBesideAnEditor(t *testing.T) {
	for _, restart := range []bool{false, true} {
		h := newHouse(t)
		start := time.Now()
		at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
		p := &remembering{map[string]*goals.Goal{"a": {ID: "a", Description: "a", Status: goals.Pending, Created: at(0), Updated: at(0)}}}
		p.write(t, h)
		must(t, h.Check(t.Context()))
		change := func(f func(l *goals.List) error) { t.Helper(); must(t, h.change(t, f)) }
		change(func(l *goals.List) error { _, err := l.Begin(1, at(1)); return err })
		change(func(l *goals.List) error { _, err := l.AddNote(1, "from the phone", at(2)); return err })
		h.edit(t, at(3), func(g *goals.Goal) { g.Notes = nil })
		change(func(l *goals.List) error { _, err := l.AddNote(1, "another one", at(4)); return err })
		if restart {
			h = h.reopen(t)
		}
		p.alter("a", at(5), func(g *goals.Goal) { g.Notes = []string{"from there"} })
		p.write(t, h)
		must(t, h.Check(t.Context()))
		h.inLine(t)
		g := h.truth.List().ID("a")
		if g.Status != goals.InProgress || !slices.Contains(g.Notes, "another one") || !slices.Contains(g.Notes, "from there") {
			t.Errorf("restart %v: it is %+v", restart, g)
		}
	}
}

// An editor adds a task and later a member, and a program goes on from its memory, which
// has neither. The task was gone, as if the program had removed it. Red where only one
// of the versions that the program may have started from is asked for the task.
func TestATaskThatAnEditorAddedOutlivesAProgram(t *testing.T) {
	h := newHouse(t)
	start := time.Now()
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
	p := &remembering{map[string]*goals.Goal{"a": {ID: "a", Description: "a", Status: goals.Pending, Created: at(0), Updated: at(0)}}}
	p.write(t, h)
	must(t, h.Check(t.Context()))
	h.edit(t, at(1), func(g *goals.Goal) {
		g.Sessions = []goals.Session{{ID: "s", Task: "from the editor", State: goals.Running}}
	})
	h.edit(t, at(2), func(g *goals.Goal) { g.Extra = []goals.Field{{Name: `"due"`, Value: `"2026-12-01"`}} })
	p.alter("a", at(3), func(g *goals.Goal) { g.Acceptance = []string{"it runs"} })
	p.write(t, h)
	must(t, h.Check(t.Context()))
	h.inLine(t)
	if g := h.truth.List().ID("a"); len(g.Sessions) != 1 || len(g.Extra) != 1 || !slices.Equal(g.Acceptance, []string{"it runs"}) {
		t.Errorf("it is %+v", g)
	}
}

// An editor puts a note in the place of one of a program, and the program, which knows
// only its own, takes that out. It wrote as much like the editor's version as like what
// it had written itself, and the editor's note is not taken out by that. Red where what
// it wrote itself counts only if that is nearer.
func TestAProgramThatTakesItsNoteOutTakesNoOther(t *testing.T) {
	h := newHouse(t)
	start := time.Now()
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
	p := &remembering{map[string]*goals.Goal{"a": {ID: "a", Description: "a", Status: goals.Pending, Notes: []string{"from there"}, Created: at(0), Updated: at(0)}}}
	p.write(t, h)
	must(t, h.Check(t.Context()))
	h.edit(t, at(1), func(g *goals.Goal) { g.Notes = []string{"from the editor"} })
	p.alter("a", at(2), func(g *goals.Goal) { g.Notes = nil })
	p.write(t, h)
	must(t, h.Check(t.Context()))
	h.inLine(t)
	if g := h.truth.List().ID("a"); !slices.Equal(g.Notes, []string{"from the editor"}) {
		t.Errorf("it is %+v", g)
	}
}

// An editor takes out again what an editor added, beside a program that wrote before
// and knows nothing of it. Red where that keeps it although what was written last shows
// that its writer saw more, or is farther from what the program wrote.
func TestAnEditorTakesOutWhatAnEditorAdded(t *testing.T) {
	for name, edits := range map[string][]func(g *goals.Goal){
		"something else that was added is still there": {
			func(g *goals.Goal) { g.Notes = []string{"one"} },
			func(g *goals.Goal) { g.Acceptance = append(g.Acceptance, "added") },
			func(g *goals.Goal) { g.Notes = nil },
		},
		"much that the program had is not there any more": {
			func(g *goals.Goal) { g.Notes, g.Acceptance = []string{"one"}, nil },
			func(g *goals.Goal) { g.Notes = nil },
		},
	} {
		h := newHouse(t)
		now := time.Now()
		p := &remembering{map[string]*goals.Goal{"a": {ID: "a", Description: "a", Status: goals.Pending, Acceptance: []string{"it runs", "it is tested"}, Created: now, Updated: now}}}
		p.write(t, h)
		must(t, h.Check(t.Context()))
		for _, edit := range edits {
			now = now.Add(time.Second)
			h.edit(t, now, edit)
		}
		h.inLine(t)
		if g := h.truth.List().ID("a"); len(g.Notes) > 0 {
			t.Errorf("%s: it is %+v", name, g)
		}
	}
}

// A member that they do not know was lost with their next change of the goal. Red
// where a member that is missing there counts as removed.
func TestMembersThatTheyDropStay(t *testing.T) {
	h := newHouse(t)
	start := time.Now()
	due := []goals.Field{{Name: `"due"`, Value: `"2026-12-01"`}}
	h.replace(t, []*goals.Goal{{ID: "a", Description: "a", Status: goals.Pending, Created: start, Updated: start, Extra: due,
		Sessions: []goals.Session{{ID: "s", Task: "t", State: goals.Running, Extra: due}}}})
	must(t, h.Check(t.Context()))
	p := &remembering{map[string]*goals.Goal{"a": {ID: "a", Description: "a", Status: goals.Pending, Created: start, Updated: start,
		Sessions: []goals.Session{{ID: "s", Task: "t", State: goals.Running}}}}}
	p.write(t, h)
	must(t, h.Check(t.Context()))
	p.alter("a", start.Add(time.Second), func(g *goals.Goal) {
		g.Description = "b"
		g.Sessions[0].State = goals.Failed
	})
	p.write(t, h)
	must(t, h.Check(t.Context()))
	h.inLine(t)
	g := h.truth.List().ID("a")
	if g.Description != "b" || g.Sessions[0].State != goals.Failed || !slices.Equal(g.Extra, due) || !slices.Equal(g.Sessions[0].Extra, due) {
		t.Errorf("it is %+v", g)
	}
}

// The commit of what a program wrote fails, and the next one does not. What the program
// lacks was then kept only in memory, so that after a start it seemed to have removed it.
// Red where what a failed commit stored counts as stored.
func TestWhatAProgramLacksIsKeptAfterACommitThatFailed(t *testing.T) {
	h := newHouse(t)
	h.add(t, "the phone's own")
	start := time.Now()
	p := &remembering{map[string]*goals.Goal{"a": {ID: "a", Description: "a", Status: goals.Pending, Created: start, Updated: start}}}
	p.write(t, h)
	h.notes.broken = store.ErrFull
	if err := h.Check(t.Context()); !errors.Is(err, store.ErrFull) {
		t.Fatalf("Check = %v", err)
	}
	h.notes.broken = nil
	must(t, h.Check(t.Context()))
	h = h.reopen(t)
	told := len(h.notes.merged)
	p.alter("a", start.Add(time.Second), func(g *goals.Goal) { g.Notes = []string{"from there"} })
	p.write(t, h)
	must(t, h.Check(t.Context()))
	h.inLine(t)
	if m := h.notes.merged[told:]; len(m) != 1 || len(m[0].Vanished) > 0 || len(m[0].Changed) != 1 {
		t.Errorf("it is told as %+v", m)
	}
}
