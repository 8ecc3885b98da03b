package cache

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

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
	list, err := h.file.Load()
	must(t, err)
	list[0].Updated = at(2)
	h.replace(t, list)
	must(t, h.Check(t.Context()))
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
	list, err := h.file.Load()
	must(t, err)
	list[0].Updated, list[0].Notes = at(2), nil
	h.replace(t, list)
	must(t, h.Check(t.Context()))
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

// TestNobodysWordsAreLost lets a phone, programs of both kinds, and starts of the
// bot follow each other in any order. In the end all that was said and not taken
// back is there.
func TestNobodysWordsAreLost(t *testing.T) {
	if !*deep {
		must(t, flag.Set("rapid.checks", "40"))
	}
	rapid.Check(t, func(r *rapid.T) {
		now := time.Now()
		h := openHouseAt(t, memory(t), func() time.Time { return now })
		must(t, h.Start(t.Context()))
		b := &beside{t: t, r: r, house: h, now: &now, want: map[string]map[string]string{}, deleted: map[string]bool{}, status: map[string]statusOf{}}
		for i := range rapid.IntRange(1, 2).Draw(r, "programs") {
			p := &remembering{map[string]*goals.Goal{}}
			b.programs = append(b.programs, p)
			b.create(p, i)
			p.write(t, h)
			must(t, h.Check(t.Context()))
		}
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			now = now.Add(time.Second)
			who := rapid.SampledFrom([]string{"phone", "phone", "program", "program", "reader", "restart", "crash"}).Draw(r, "who")
			if who != "reader" && who != "restart" {
				b.read = nil
			}
			switch who {
			case "phone":
				b.phone()
			case "program":
				i := rapid.IntRange(0, len(b.programs)-1).Draw(r, "which")
				b.program(i)
			case "reader":
				b.reader()
			case "restart":
				b.house = b.house.reopen(t)
			case "crash": // between the commit and the file
				b.file.disk = &failing{disk: osDisk{}, at: 1, err: os.ErrPermission, forever: true}
				b.phone()
				b.house = b.house.reopen(t)
			}
		}
		for _, p := range b.programs {
			p.write(t, b.house)
			must(t, b.Check(t.Context()))
		}
		b.inLine(t)
		b.compare()
		must(t, b.truth.Close())
	})
}

// beside is who writes the file, and what each said of which goal.
type beside struct {
	*house
	t        *testing.T
	r        *rapid.T
	now      *time.Time
	programs []*remembering
	n        int
	want     map[string]map[string]string // by goal: what was said, and of which kind it is
	deleted  map[string]bool              // by the phone
	status   map[string]statusOf          // by goal
	read     []map[string]string          // of want: goals that readers changed one right after the other
}

// statusOf is what the only one who sets the status of a goal has set.
type statusOf struct {
	who    string
	status goals.Status
}

func (b *beside) name(of string) string {
	b.n++
	return fmt.Sprintf("%s %d", of, b.n)
}

// create lets a program make a goal.
func (b *beside) create(p *remembering, i int) {
	id := fmt.Sprintf("g-%d-%d", i, len(p.goals))
	p.goals[id] = &goals.Goal{ID: id, Description: id, Status: goals.Pending, Created: *b.now, Updated: *b.now}
	b.want[id] = map[string]string{}
}

// say adds something to a goal, and reports what was said.
func (b *beside) say(g *goals.Goal, who string) {
	text := b.name(who)
	kinds := []string{"note", "criterion", "session", "status"}
	if who == "reader" {
		// A program that sets a value back in its memory writes the same as one that
		// has not seen the reader's value.
		kinds = kinds[:3]
	}
	kind := rapid.SampledFrom(kinds).Draw(b.r, "kind")
	switch kind {
	case "status":
		if of, known := b.status[g.ID]; !known || of.who == who {
			g.Status = rapid.SampledFrom(goals.Statuses).Draw(b.r, "status")
			b.status[g.ID] = statusOf{who, g.Status}
		}
		return
	case "note":
		g.Notes = append(g.Notes, text)
	case "criterion":
		g.Acceptance = append(g.Acceptance, text)
	case "session":
		g.Sessions = append(g.Sessions, goals.Session{ID: text, Task: text, State: goals.Running})
	}
	b.want[g.ID][text] = kind
}

func (b *beside) program(i int) {
	p := b.programs[i]
	switch rapid.SampledFrom([]string{"say", "say", "create", "again"}).Draw(b.r, "what") {
	case "say":
		id := rapid.SampledFrom(slices.Sorted(maps.Keys(p.goals))).Draw(b.r, "goal")
		if b.deleted[id] { // it comes back as they have it
			b.deleted[id], b.want[id] = false, said(p.goals[id])
			b.status[id] = statusOf{fmt.Sprint("program ", i), p.goals[id].Status}
		}
		p.alter(id, *b.now, func(g *goals.Goal) { b.say(g, fmt.Sprint("program ", i)) })
	case "create":
		b.create(p, i)
	}
	p.write(b.t, b.house)
	if rapid.Bool().Draw(b.r, "seen") {
		must(b.t, b.Check(b.t.Context()))
	}
}

// reader reads the file, changes a goal and writes it.
func (b *beside) reader() {
	must(b.t, b.Check(b.t.Context()))
	list, err := b.file.Load()
	must(b.t, err)
	if len(list) == 0 {
		return
	}
	// A program that wrote before both of two readers writes the same as one that
	// removes what the first of them said.
	for _, want := range b.read {
		for text := range want {
			if strings.HasPrefix(text, "reader") {
				want[text] = "maybe"
			}
		}
	}
	i := rapid.IntRange(0, len(list)-1).Draw(b.r, "goal")
	g := list[i]
	b.read = append(b.read, b.want[g.ID])
	switch rapid.SampledFrom([]string{"say", "unsay", "member"}).Draw(b.r, "what") {
	case "say":
		b.say(g, "reader")
	case "unsay":
		// Who read the version before the note writes the same, so it may stay.
		if len(g.Notes) > 0 {
			b.want[g.ID][g.Notes[0]] = "maybe"
			g.Notes = g.Notes[1:]
		}
	case "member":
		g.Extra = append(g.Extra, goals.Field{Name: `"` + b.name("m") + `"`, Value: "1"})
	}
	if rapid.Bool().Draw(b.r, "time") {
		g.Updated = *b.now
	}
	b.replace(b.t, list)
	must(b.t, b.Check(b.t.Context()))
}

// phone changes a goal through the bot.
func (b *beside) phone() {
	before := b.truth.List()
	var id string
	if before.Len() > 0 {
		id = rapid.SampledFrom(before.All()).Draw(b.r, "goal").ID
	}
	what := rapid.SampledFrom([]string{"say", "say", "unsay", "add", "delete"}).Draw(b.r, "what")
	if id == "" {
		what = "add"
	}
	keys++
	_ = b.Update(b.t.Context(), store.Origin{Key: fmt.Sprint("test/", keys), By: 1, Name: "test", At: *b.now}, func(tx store.Tx) error {
		l := tx.List()
		if what == "add" {
			id := fmt.Sprintf("g-phone-%d", l.LastNumber()+1)
			b.want[id] = map[string]string{}
			_, err := l.Add(goals.Draft{Description: id}, id, *b.now)
			return err
		}
		g := l.ID(id)
		if g == nil { // taken in meanwhile: it cannot be gone
			return fmt.Errorf("%s is gone", id)
		}
		if what == "delete" {
			_, err := l.Delete(g.Number)
			b.deleted[id] = true
			return err
		}
		now := *g
		now.Notes, now.Acceptance, now.Sessions = slices.Clone(g.Notes), slices.Clone(g.Acceptance), slices.Clone(g.Sessions)
		now.Updated = latest(*b.now, g.Updated)
		switch {
		case what == "say":
			b.say(&now, "phone")
		case len(g.Notes) > 0:
			delete(b.want[id], now.Notes[0])
			now.Notes = now.Notes[1:]
		}
		l.Put(&now)
		return nil
	})
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b.Add(time.Nanosecond)
}

// compare looks whether all that was said is in the list.
func (b *beside) compare() {
	list := b.truth.List()
	for id, want := range b.want {
		g := list.ID(id)
		if g == nil {
			if !b.deleted[id] {
				b.r.Errorf("%s is lost", id)
			}
			continue
		}
		if b.deleted[id] {
			b.r.Errorf("%s is back", id)
		}
		if of, known := b.status[id]; known && g.Status != of.status {
			b.r.Errorf("%s is %s; %s set it to %s", id, g.Status, of.who, of.status)
		}
		got := said(g)
		for text, kind := range want {
			if kind == "maybe" {
				delete(want, text)
				delete(got, text)
				g = &goals.Goal{ID: id, Notes: without(g.Notes, text), Acceptance: without(g.Acceptance, text),
					Sessions: slices.DeleteFunc(slices.Clone(g.Sessions), func(s goals.Session) bool { return s.ID == text })}
			}
		}
		if !maps.Equal(got, want) || len(got) != len(g.Notes)+len(g.Acceptance)+len(g.Sessions) {
			b.r.Errorf("%s has %v; want %v", id, got, want)
		}
	}
}

func without(list []string, text string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == text })
}

// said is what a goal says.
func said(g *goals.Goal) map[string]string {
	all := map[string]string{}
	for _, text := range g.Notes {
		all[text] = "note"
	}
	for _, text := range g.Acceptance {
		all[text] = "criterion"
	}
	for _, s := range g.Sessions {
		all[s.ID] = "session"
	}
	return all
}
