//go:build linux

package hard

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"goalbot/cache"
	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/store"
)

// TestAnyOrder puts the palace, the mirror and the handlers through any order
// of commands, repeats, restarts without an end, failures and strangers at
// goals.json, beside a model of a few lines.
func TestAnyOrder(t *testing.T) {
	if !*hard && flag.Lookup("rapid.checks").Value.String() == "100" {
		must(t, flag.Set("rapid.checks", "12"))
	}
	must(t, flag.Set("rapid.nofailfile", "true")) // what failed is printed
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t)
		defer m.close()
		t.Repeat(map[string]func(*rapid.T){
			"":          m.check,
			"add":       m.add,
			"on a goal": m.onGoal,
			"plan":      m.plan,
			"move":      m.move,
			"tag":       m.tag,
			"other":     m.other,
			"days":      m.days,
			"repin":     m.repin,
			"undo":      m.undo,
			"again":     m.again,
			"together":  m.together,
			"unsure":    m.unsure,
			"die":       m.die,
			"reopen":    m.reopen,
			"foreign":   m.foreign,
			"damage":    m.damage,
			"restore":   m.restore,
		})
	})
}

// together is a backlog, with a request among it that came before.
func (m *machine) together(t *rapid.T) {
	before, damaged := slices.Clone(m.list), m.damaged
	m.gathers = true
	for range rapid.IntRange(1, 4).Draw(t, "commands") {
		switch what := rapid.IntRange(0, 2).Draw(t, "what"); {
		case m.last == 0 || what == 0:
			m.add(t)
		case what == 1:
			m.onGoal(t)
		default:
			m.plan(t)
		}
	}
	m.gathers = false
	m.waits = append(m.waits, rapid.SampledFrom(m.done).Draw(t, "repeated"))
	m.store.lie = rapid.SampledFrom([]string{"", "done", "not done"}).Draw(t, "in truth")
	for len(m.waits) > 0 {
		done, err := m.h.Batch(t.Context(), m.waits)
		if err != nil && (!errors.Is(err, store.ErrUnknown) || done > 0) {
			t.Fatalf("%d of %d: %v", done, len(m.waits), err)
		}
		if done == 0 {
			m.handle(t, m.waits[0])
			done = 1
		}
		m.waits = m.waits[done:]
	}
	if slices.EqualFunc(before, m.list, sameStanding) {
		m.damaged = damaged // what was added and deleted at once is no reason to rewrite the file
	}
}

// change is what a command does to the model.
func (m *machine) change(number int64, after *standing) {
	i := slices.IndexFunc(m.list, func(s standing) bool { return s.number == number })
	c := changed{number: number, after: m.withinPins(number, after)}
	if i >= 0 {
		before := m.list[i]
		c.before = &before
	}
	m.put(number, c.after)
	m.changes = append(m.changes, c)
	m.damaged = false
}

func (m *machine) put(number int64, s *standing) {
	m.list = slices.DeleteFunc(m.list, func(s standing) bool { return s.number == number })
	if s != nil {
		m.list = append(m.list, *s)
		slices.SortFunc(m.list, func(a, b standing) int { return cmp.Compare(a.number, b.number) })
	}
}

func (m *machine) add(t *rapid.T) {
	name := fmt.Sprintf("errand%05d", m.last+1)
	m.say(t, "addgoal", name)
	m.last++
	m.change(m.last, &standing{number: m.last, name: name, status: goals.Pending})
}

func (m *machine) onGoal(t *rapid.T) {
	number := rapid.Int64Range(1, m.last+2).Draw(t, "number")
	command := rapid.SampledFrom([]string{"done", "begin", "block", "abandon", "reopen", "note", "rename", "delete"}).Draw(t, "command")
	text := map[string]string{"done": " anyway", "note": " bring an umbrella", "rename": fmt.Sprintf(" named at %d", len(m.done)), "delete": " yes"}[command]
	i := slices.IndexFunc(m.list, func(s standing) bool { return s.number == number })
	m.say(t, command, fmt.Sprint(number, text))
	if i < 0 {
		return
	}
	s := m.list[i]
	s.notes = slices.Clone(s.notes)
	was := s.status
	switch command {
	case "done":
		s.status = goals.Done
		if !was.Open() {
			return
		}
	case "begin":
		s.status, s.parked = goals.InProgress, false
		if !was.Open() || was == goals.InProgress {
			return
		}
	case "block":
		s.status = goals.Blocked
		if !was.Open() || was == goals.Blocked {
			return
		}
	case "abandon":
		s.status = goals.Abandoned
		if !was.Open() {
			return
		}
	case "reopen":
		s.status = goals.Pending
		if was == goals.Pending {
			return
		}
	case "note":
		s.notes = append(s.notes, strings.TrimSpace(text))
	case "rename":
		s.name = strings.TrimSpace(text)
	case "delete":
		m.change(number, nil)
		return
	}
	m.change(number, &s)
}

func (m *machine) undo(t *rapid.T) {
	m.say(t, "undo", "")
	if len(m.changes) == 0 {
		return
	}
	c := m.changes[len(m.changes)-1]
	i := slices.IndexFunc(m.list, func(s standing) bool { return s.number == c.number })
	switch {
	case i < 0 && c.after == nil:
	case i >= 0 && c.after != nil && sameStanding(m.list[i], *c.after):
	default:
		return // somebody else has changed it since
	}
	m.changes = m.changes[:len(m.changes)-1]
	m.put(c.number, m.withinPins(c.number, c.before))
	m.damaged = false
}

func sameStanding(a, b standing) bool {
	return a.name == b.name && a.status == b.status && slices.Equal(a.notes, b.notes) && a.planned == b.planned
}

// again delivers an old request once more, in any order.
func (m *machine) again(t *rapid.T) {
	if len(m.done) == 0 {
		t.Skip("nothing was said yet")
	}
	r := rapid.SampledFrom(m.done).Draw(t, "request")
	before, err := m.truth.Depth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !m.handle(t, r) {
		t.Fatalf("%s %s was acted on twice", r.Name, r.Args)
	}
	if after, err := m.truth.Depth(t.Context()); err != nil || after != before {
		t.Fatalf("%d answers wait after a repeat, %d before it (%v)", after.Messages, before.Messages, err)
	}
}

// unsure lets the next command end without anybody knowing how.
func (m *machine) unsure(t *rapid.T) {
	m.store.lie = rapid.SampledFrom([]string{"done", "not done"}).Draw(t, "in truth")
	m.add(t)
}

// die ends the program without an end: what is on disk is all that is left.
func (m *machine) die(t *rapid.T) {
	left := m.folder(t)
	if err := os.Mkdir(filepath.Join(left, "sm"), 0o700); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Join(m.root, "sm"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(m.root, "sm", e.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(left, "sm", e.Name()), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	m.truth.Close()
	m.root = left
	m.open(t)
}

func (m *machine) reopen(t *rapid.T) {
	if err := m.truth.Close(); err != nil {
		t.Fatal(err)
	}
	m.open(t)
}

// foreign is another program that alters a goal in goals.json.
func (m *machine) foreign(t *rapid.T) {
	if m.damaged || len(m.list) == 0 {
		t.Skip("there is nothing to alter")
	}
	file := cache.New(m.root)
	list, err := file.Load()
	if err != nil {
		t.Fatal(err)
	}
	i := rapid.IntRange(0, len(list)-1).Draw(t, "goal")
	altered := *list[i]
	altered.Description = fmt.Sprintf("altered at %d", len(m.done))
	altered.Updated = altered.Updated.Add(time.Millisecond)
	list[i] = &altered
	temp := filepath.Join(m.root, "sm", "theirs")
	if err := errors.Join(os.WriteFile(temp, goaljson.Append(nil, list), 0o600), os.Rename(temp, file.Path())); err != nil {
		t.Fatal(err)
	}
	m.list[i].name = altered.Description
	if err := m.mirror.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// damage is whatever may befall a file.
func (m *machine) damage(t *rapid.T) {
	path := cache.New(m.root).Path()
	data, err := os.ReadFile(path)
	if err != nil || len(m.list) == 0 || m.damaged {
		t.Skip("there is nothing to damage")
	}
	switch rapid.SampledFrom([]string{"cut", "emptied", "removed"}).Draw(t, "how") {
	case "cut":
		err = os.WriteFile(path, data[:len(data)-1-len(data)/3], 0o600)
	case "emptied":
		err = os.WriteFile(path, nil, 0o600)
	case "removed":
		err = os.Remove(path)
	}
	if err != nil {
		t.Fatal(err)
	}
	m.damaged = true
	if m.mirror.Check(t.Context()) == nil {
		t.Fatal("nobody noticed")
	}
}

func (m *machine) restore(t *rapid.T) {
	if !m.damaged {
		t.Skip("nothing is damaged")
	}
	if _, err := m.mirror.Restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.damaged = false
}

// saidNotes are the notes of a goal without those about conflicts: a program that read a
// value and sets another one writes the same bytes as one that never read it, so a note
// may keep the value that it replaced.
func saidNotes(g *goals.Goal) []string {
	return slices.DeleteFunc(slices.Clone(g.Notes), func(note string) bool { return strings.HasPrefix(note, "Changed in two places at once:") })
}

// check holds the real thing against the model.
func (m *machine) check(t *rapid.T) {
	list := m.truth.List().All()
	if len(list) != len(m.list) {
		t.Fatalf("%d goals; want %d", len(list), len(m.list))
	}
	for i, g := range list {
		if want := m.list[i]; g.Number != want.number || g.Description != want.name || g.Status != want.status || !slices.Equal(saidNotes(g), want.notes) || plannedOf(g) != want.planned {
			t.Fatalf("goal %d is #%d %q %s %q %+v; want %+v", i, g.Number, g.Description, g.Status, g.Notes, plannedOf(g), want)
		}
	}
	if m.truth.List().LastNumber() != m.last {
		t.Fatalf("the last number is %d; want %d: a number may have been given twice", m.truth.List().LastNumber(), m.last)
	}
	if m.damaged {
		return
	}
	data, err := os.ReadFile(m.mirror.Path())
	if errors.Is(err, os.ErrNotExist) && len(m.done) == 0 {
		return
	}
	if len(list) > 0 && !bytes.Equal(data, goaljson.Append(nil, list)) {
		t.Fatalf("goals.json is not what the palace says (%v)", err)
	}
}
