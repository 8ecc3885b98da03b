package cache

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"goalbot/goals"
	"goalbot/store"
)

// TestNobodysWordsAreLost lets a phone, programs of both kinds, and starts of the
// bot follow each other in any order. In the end all that was said and not taken
// back is there.
func TestNobodysWordsAreLost(t *testing.T) {
	must(t, flag.Set("rapid.nofailfile", "true")) // what failed is printed
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
			who := rapid.SampledFrom([]string{"phone", "phone", "program", "program", "reader", "restart", "crash", "at once"}).Draw(r, "who")
			switch who {
			case "phone":
				b.phone()
			case "program":
				b.program()
				if rapid.Bool().Draw(r, "seen") {
					must(t, b.Check(t.Context()))
				}
			case "reader":
				must(t, b.Check(t.Context()))
				b.reader()
				must(t, b.Check(t.Context()))
			case "at once": // somebody writes right before the file is replaced by the phone's change
				must(t, b.Check(t.Context())) // who reads what a program has just written may write the same as that one does later
				b.file.disk = &failing{disk: osDisk{}, exchange: true, at: 1 << 30, swapping: func() {
					now = now.Add(time.Second)
					if rapid.Bool().Draw(r, "a program") {
						b.program()
					} else {
						b.reader()
					}
				}}
				b.phone()
				b.file.disk = osDisk{}
			case "restart":
				b.keepsBases()
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

// keepsBases checks that a start will know of what others wrote as much as this run.
func (b *beside) keepsBases() {
	var stored bases
	must(b.t, b.truth.View(context.WithoutCancel(b.t.Context()), stored.load))
	list := b.truth.List()
	differs := func(w written) map[int64]*goals.Goal { // without what has become the same since
		all := maps.Clone(w.base.Differs)
		maps.DeleteFunc(all, func(n int64, g *goals.Goal) bool { return goals.Identical(g, list.Number(n)) })
		return all
	}
	same := func(x, y written) bool {
		return x.slot == y.slot && x.Again == y.Again && x.Maybe == y.Maybe && x.Used == y.Used && maps.EqualFunc(differs(x), differs(y), goals.Identical)
	}
	bySlot := func(x, y written) int { return x.slot - y.slot }
	if known := slices.SortedFunc(slices.Values(b.bases.theirs), bySlot); !slices.EqualFunc(known, stored.theirs, same) {
		b.r.Errorf("a start will know\n%+v\nof what others wrote, and this run knows\n%+v", stored.theirs, known)
	}
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

func (b *beside) program() {
	i := rapid.IntRange(0, len(b.programs)-1).Draw(b.r, "which")
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
}

// reader reads the file, changes a goal and writes it.
func (b *beside) reader() {
	list, err := b.file.Load()
	must(b.t, err)
	if len(list) == 0 {
		return
	}
	i := rapid.IntRange(0, len(list)-1).Draw(b.r, "goal")
	g := list[i]
	if b.deleted[g.ID] { // by the phone, a moment ago
		return
	}
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
