package handlers

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// mix is a house whose books are kept a second time.
type mix struct {
	*house
	r          *rapid.T
	books      books
	ids        map[int64]string // of each goal that ever was
	undo, redo [][2]books       // before and after each change
	told       map[string]int   // how often each reminder came, by goal and time
	memory     []*goals.Goal    // what a program believes that writes from memory
	minutes    int              // makes each time another
	steps      []string
}

func (m *mix) fatalf(format string, args ...any) {
	m.r.Helper()
	m.r.Fatalf("%s\n%s", strings.Join(m.steps, "\n"), fmt.Sprintf(format, args...))
}

// kept are the books as the palace has them.
func (m *mix) kept() books {
	all := books{}
	for _, g := range m.truth.List().All() {
		ticked := slices.Clone(g.Plan().Ticked)
		slices.Sort(ticked)
		var files []string
		for _, f := range g.Plan().Files {
			files = append(files, f.Name)
		}
		slices.Sort(files)
		all[g.Number] = book{ticked, g.Plan().Due, g.Plan().Repeat, g.Plan().Remind, g.Status, g.Plan().Count, files}
		if id := m.ids[g.Number]; id == "" {
			m.ids[g.Number] = g.ID
		} else if id != g.ID {
			m.fatalf("#%d was %s and is %s", g.Number, id, g.ID)
		}
		for i, text := range ticked {
			if i > 0 && ticked[i-1] == text {
				m.fatalf("#%d has the tick of %q twice", g.Number, text)
			}
		}
	}
	return all
}

// hold compares the two.
func (m *mix) hold() {
	m.r.Helper()
	if kept := m.kept(); !maps.EqualFunc(kept, m.books, book.same) {
		m.fatalf("the goals are\n%+v\nwant\n%+v", kept, m.books)
	}
}

// out empties the outbox.
func (m *mix) out() (all []message.Message) {
	for {
		heads, err := m.truth.Outbox(m.t.Context())
		m.must(err)
		if len(heads) == 0 {
			return all
		}
		for _, head := range heads {
			next, err := m.truth.Waiting(m.t.Context(), head.Chat, 1)
			m.must(err)
			said, err := message.Decode(next[0].Body)
			m.must(err)
			all = append(all, said)
			m.must(m.truth.Sent(m.t.Context(), head.ID, nil))
		}
	}
}

func (m *mix) hears(words string) string {
	m.steps = append(m.steps, m.now.Format("01-02 15:04 ")+words)
	m.must(m.h.Handle(m.t.Context(), m.request(words)))
	var said []string
	for _, a := range m.out() {
		said = append(said, fmt.Sprint(a.Text, a.Buttons))
	}
	return strings.Join(said, "\n")
}

// does is something new of a person's; change does it to the model.
func (m *mix) does(words string, change func(books)) {
	m.r.Helper()
	before, list := maps.Clone(m.books), m.truth.List()
	said := m.hears(words)
	if len(goals.Diff(list, m.truth.List())) == 0 {
		m.steps = append(m.steps, "    said "+said)
		m.hold()
		return // a refusal
	}
	change(m.books)
	m.hold()
	m.undo, m.redo = append(m.undo, [2]books{before, maps.Clone(m.books)}), nil
}

// goesBack is /undo or /redo.
func (m *mix) goesBack(command string, from, to *[][2]books) (said string) {
	m.r.Helper()
	before := maps.Clone(m.books)
	said = m.hears("/" + command + " anyway")
	n := len(*from)
	if n == 0 {
		m.hold()
		return said
	}
	step := (*from)[n-1]
	*from = (*from)[:n-1]
	all := maps.Clone(step[0])
	maps.Copy(all, step[1])
	for number := range all {
		was, before := step[0][number]
		is, after := step[1][number]
		now, there := m.books[number]
		switch {
		case before == after && was.same(is):
		case !before:
			delete(m.books, number)
		case !after && !there:
			m.books[number] = was
		case after && there:
			m.books[number] = now.without(was, is)
		}
	}
	m.hold()
	if command == "redo" || strings.Contains(said, "↪️ Redo") {
		*to = append(*to, [2]books{before, maps.Clone(m.books)})
	}
	return said
}

// Ticks, dates, reminders and repeats in any mix with undo and redo, starts of the
// program, its end amid a reminder, and programs that rewrite the file: none is lost,
// doubled or moved to another goal, each reminder comes once, a goal that repeats is
// followed by one for each time that it is finished, and to undo everything leads
// back to the beginning.
func TestPlansInAnyOrder(t *testing.T) {
	_ = flag.Set("rapid.nofailfile", "true") // what failed is printed
	if checks := flag.Lookup("rapid.checks"); !*deep && checks.Value.String() == "100" {
		_ = flag.Set("rapid.checks", "10") // where nobody asked for others
		defer flag.Set("rapid.checks", "100")
	}
	rapid.Check(t, func(r *rapid.T) {
		began := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		var first []*goals.Goal
		for i := range 2 {
			first = append(first, &goals.Goal{ID: fmt.Sprint("theirs-", i), Description: fmt.Sprint("theirs ", i), Status: goals.Pending, Acceptance: criteria[:3], Created: began, Updated: began,
				Extra: []goals.Field{{Name: `"unknown"`, Value: "1"}}})
		}
		m := &mix{house: open(t, first...), r: r, books: books{}, ids: map[int64]string{}, told: map[string]int{}}
		defer m.truth.Close()
		m.memory = nil
		for _, g := range first {
			g := *g
			g.Extra = nil // which it does not know
			m.memory = append(m.memory, &g)
		}
		m.writes(m.memory)
		m.books = m.kept()
		for range rapid.IntRange(1, 50).Draw(r, "steps") {
			switch rapid.SampledFrom(strings.Fields("person person person person person other other undo undo redo redo remind remind restart crash")).Draw(r, "who") {
			case "person":
				m.person()
			case "other":
				m.other()
			case "undo":
				m.goesBack("undo", &m.undo, &m.redo)
			case "redo":
				m.goesBack("redo", &m.redo, &m.undo)
			case "remind":
				m.comes(time.Duration(rapid.IntRange(1, 72).Draw(r, "hours")) * time.Hour)
			case "restart":
				m.steps = append(m.steps, "restart")
				m.start(nil, ann, ben)
				m.hold()
			case "crash":
				how := rapid.SampledFrom([]string{"before", "after"}).Draw(r, "crash")
				m.start(func(s store.Store) store.Store { return &dying{s, how} }, ann, ben)
				m.comes(time.Duration(rapid.IntRange(1, 72).Draw(r, "hours")) * time.Hour)
				m.start(nil, ann, ben)
			}
		}
		m.comes(100 * 24 * time.Hour)
		for range 100 {
			if said := m.goesBack("undo", &m.undo, &m.redo); strings.Contains(said, "You have nothing to undo") {
				break
			}
		}
		if len(m.undo) > 0 {
			m.fatalf("%d changes are not undone", len(m.undo))
		}
		m.comes(time.Hour)
	})
}
