package handlers

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"goalbot/cache"
	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/message"
	"goalbot/store"
)

// book is what a model keeps of a goal: what no other program may touch, and whether
// it is open.
type book struct {
	ticked              []string // sorted
	due, repeat, remind string
	status              goals.Status
	count               goals.Count
	files               []string // sorted
}

func (b book) same(o book) bool {
	return slices.Equal(b.ticked, o.ticked) && b.due == o.due && b.repeat == o.repeat && b.remind == o.remind && b.status == o.status && b.count.Same(o.count) && slices.Equal(b.files, o.files)
}

// without takes back what a change made of a goal, and leaves what came after it.
func (b book) without(before, after book) book {
	for text := range maps.Keys(set(append(slices.Clone(before.ticked), after.ticked...))) {
		was, is := slices.Contains(before.ticked, text), slices.Contains(after.ticked, text)
		if was != is {
			b = b.tick(text, was)
		}
	}
	for _, f := range slices.Concat(before.files, after.files) {
		if was := slices.Contains(before.files, f); was != slices.Contains(after.files, f) {
			b = b.file(f, was)
		}
	}
	for _, v := range []struct {
		now           *string
		before, after string
	}{{&b.due, before.due, after.due}, {&b.repeat, before.repeat, after.repeat}, {&b.remind, before.remind, after.remind}, {(*string)(&b.status), string(before.status), string(after.status)}} {
		// The status is set back whatever it is; dates only where they are as the change left them.
		if v.before != v.after && (*v.now == v.after || v.now == (*string)(&b.status)) {
			*v.now = v.before
		}
	}
	b.count = uncount(b.count, before.count, after.count)
	return b
}

// uncount takes back what a change made of a count.
func uncount(c, before, after goals.Count) goals.Count {
	if before.Start != after.Start && c.Start == after.Start {
		c.Start = before.Start
	}
	if before.Target != after.Target && c.Target == after.Target {
		c.Target = before.Target
	}
	if before.Unit != after.Unit && c.Unit == after.Unit {
		c.Unit = before.Unit
	}
	log := map[int64]goals.Entry{}
	for _, e := range c.Log {
		if slices.Contains(before.Log, e) || !slices.Contains(after.Log, e) {
			log[e.At] = e
		}
	}
	for _, e := range before.Log {
		if !slices.Contains(after.Log, e) {
			log[e.At] = e
		}
	}
	c.Log = nil
	for _, at := range slices.Sorted(maps.Keys(log)) {
		c.Log = append(c.Log, log[at])
	}
	return c
}

func (b book) tick(text string, on bool) book {
	b.ticked = slices.DeleteFunc(slices.Clone(b.ticked), func(s string) bool { return s == text })
	if on {
		b.ticked = append(b.ticked, text)
	}
	slices.Sort(b.ticked)
	return b
}

// file attaches a link to a goal, or takes it away.
func (b book) file(link string, on bool) book {
	b.files = slices.DeleteFunc(slices.Clone(b.files), func(s string) bool { return s == link })
	if on {
		b.files = append(b.files, link)
	}
	slices.Sort(b.files)
	return b
}

func set(all []string) map[string]bool {
	m := map[string]bool{}
	for _, s := range all {
		m[s] = true
	}
	return m
}

// books are the goals by their numbers.
type books map[int64]book

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
		ticked := slices.Clone(g.Plan.Ticked)
		slices.Sort(ticked)
		var files []string
		for _, f := range g.Plan.Files {
			files = append(files, f.Name)
		}
		slices.Sort(files)
		all[g.Number] = book{ticked, g.Plan.Due, g.Plan.Repeat, g.Plan.Remind, g.Status, g.Plan.Count, files}
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

// someGoal draws one of the first open goals where there are some, else any.
func (m *mix) someGoal() (n int64, g *goals.Goal) {
	numbers := slices.Sorted(maps.Keys(m.books))
	open := slices.DeleteFunc(slices.Clone(numbers), func(n int64) bool { return !m.books[n].status.Open() })
	if len(open) > 0 {
		numbers = open[:min(len(open), 3)]
	}
	if len(numbers) == 0 {
		return 0, nil
	}
	n = rapid.SampledFrom(numbers).Draw(m.r, "goal")
	return n, m.truth.List().Number(n)
}

// later is a time that no other date has, days ahead.
func (m *mix) later() string {
	m.minutes++
	return m.now.Add(time.Duration(rapid.IntRange(0, 5).Draw(m.r, "days"))*24*time.Hour + 10*time.Hour + time.Duration(m.minutes)*time.Minute).Format("2006-01-02 15:04")
}

var criteria = []string{"alpha", "beta", "gamma", "delta"}

// finished is what finishing a goal does to the books: of one that repeats there is
// one more, due at the first time that is not today or before.
func (m *mix) finished(b books, n int64) {
	g := b[n]
	open := g.status.Open()
	if g.status = goals.Done; open && g.repeat != "" {
		every := map[string]int{"every day": 1, "every 3 days": 3, "every Monday": 7, "every 2 weeks on Monday": 14}[g.repeat]
		due, err := time.Parse("2006-01-02 15:04", g.due)
		m.must(err)
		for due = due.AddDate(0, 0, every); due.Format(time.DateOnly) <= m.now.Format(time.DateOnly); {
			due = due.AddDate(0, 0, every)
		}
		list := m.truth.List()
		next := list.Number(list.LastNumber())
		if was := list.Number(n); next.Description != was.Description || !slices.Equal(next.Acceptance, was.Acceptance) || next.Plan.Chat != was.Plan.Chat {
			m.fatalf("after %+v comes %+v", was, next)
		}
		b[next.Number] = book{due: due.Format("2006-01-02 15:04"), repeat: g.repeat, status: goals.Pending, count: goals.Count{Start: g.count.Start, Target: g.count.Target, Unit: g.count.Unit}}
		g.repeat = ""
	}
	b[n] = g
}

// person draws something for the person to do.
func (m *mix) person() {
	n, g := m.someGoal()
	what := rapid.SampledFrom(strings.Fields("add tick tick tick count count log log log uncount due due repeat repeat remind remind off done done reopen abandon delete edit edit attach attach detach remove criterion criterion note")).Draw(m.r, "what")
	if g == nil {
		what = "add"
	}
	is := func(change func(*book)) func(books) {
		return func(b books) { g := b[n]; change(&g); b[n] = g }
	}
	text := rapid.SampledFrom(criteria).Draw(m.r, "text")
	draw := func() (i int, criterion string) {
		if len(g.Acceptance) == 0 {
			return 1, ""
		}
		i = rapid.IntRange(1, len(g.Acceptance)).Draw(m.r, "criterion")
		return i, g.Acceptance[i-1]
	}
	switch what {
	case "add":
		m.does(fmt.Sprintf("/addgoal goal %d\n- alpha\n- beta", len(m.steps)), func(b books) { b[m.truth.List().LastNumber()] = book{status: goals.Pending} })
	case "tick":
		i, criterion := draw()
		m.does(fmt.Sprintf("/tick %d %d", n, i), is(func(b *book) { *b = b.tick(criterion, !slices.Contains(b.ticked, criterion)) }))
	case "count":
		start, target := goals.Whole(rapid.Int64Range(0, 3).Draw(m.r, "start")), goals.Whole(rapid.Int64Range(0, 3).Draw(m.r, "target"))
		unit := rapid.SampledFrom([]string{"", " books", " km"}).Draw(m.r, "unit")
		m.does(fmt.Sprintf("/log %d from %s to %s%s", n, start, target, unit), is(func(b *book) {
			if !b.count.On() {
				b.count = goals.Count{}
			}
			b.count.Start, b.count.Target = start, target
			if unit != "" {
				b.count.Unit = unit[1:]
			}
		}))
	case "log":
		e := goals.Entry{Amount: goals.Amount(rapid.Int64Range(-2000, 2000).Draw(m.r, "amount")), Set: rapid.Bool().Draw(m.r, "sets")}
		words := e.Amount.Signed()
		if e.Amount = max(e.Amount, goals.Amount(0)); e.Set {
			words = e.Amount.String()
		} else {
			e.Amount, _ = goals.ParseAmount(words)
		}
		m.does(fmt.Sprintf("/log %d %s", n, words), is(func(b *book) {
			log := m.truth.List().Number(n).Plan.Count.Log
			e.At = log[len(log)-1].At
			b.count.Log = append(slices.Clone(b.count.Log), e)
		}))
	case "uncount":
		m.does(fmt.Sprintf("/log %d off", n), is(func(b *book) { b.count = goals.Count{} }))
	case "due":
		at := m.later()
		m.does(fmt.Sprintf("/due %d %s", n, at), is(func(b *book) { b.due, b.repeat = at, "" }))
	case "repeat":
		rule, at := rapid.SampledFrom([]string{"every day", "every 3 days", "every Monday", "every 2 weeks on Monday"}).Draw(m.r, "rule"), m.later()
		if day, err := time.Parse("2006-01-02 15:04", at); err == nil && strings.HasSuffix(rule, "Monday") {
			at = day.AddDate(0, 0, (8-int(day.Weekday()))%7).Format("2006-01-02 15:04")
		}
		m.does(fmt.Sprintf("/due %d %s from %s", n, rule, at), is(func(b *book) { b.due, b.repeat = at, rule }))
	case "remind":
		at := m.later()
		m.does(fmt.Sprintf("/remind %d %s", n, at), is(func(b *book) { b.remind = at }))
	case "off":
		if rapid.Bool().Draw(m.r, "of the date") {
			m.does(fmt.Sprintf("/due %d off", n), is(func(b *book) { b.due, b.repeat = "", "" }))
		} else {
			m.does(fmt.Sprintf("/remind %d off", n), is(func(b *book) { b.remind = "" }))
		}
	case "done":
		m.does(fmt.Sprintf("/done %d anyway", n), func(b books) { m.finished(b, n) })
	case "reopen":
		m.does(fmt.Sprintf("/reopen %d", n), is(func(b *book) { b.status = goals.Pending }))
	case "abandon":
		m.does(fmt.Sprintf("/abandon %d", n), is(func(b *book) { b.status = goals.Abandoned }))
	case "delete":
		m.does(fmt.Sprintf("/delete %d yes", n), func(b books) { delete(b, n) })
	case "edit", "remove":
		i, old := draw()
		if what == "remove" {
			text = removed
		}
		m.does(fmt.Sprintf("/edit %d c%d %s", n, i, text), is(func(b *book) {
			ticked := slices.Contains(b.ticked, old)
			if !slices.Contains(m.truth.List().Number(n).Acceptance, old) {
				*b = b.tick(old, false)
			}
			if what == "edit" {
				*b = b.tick(text, ticked)
			}
		}))
	case "attach":
		link := "https://example.org/" + text
		m.does(fmt.Sprintf("/attach %d %s", n, link), is(func(b *book) { *b = b.file(link, true) }))
	case "detach":
		i, link := 1, ""
		if len(g.Plan.Files) > 0 {
			i = rapid.IntRange(1, len(g.Plan.Files)).Draw(m.r, "file")
			link = g.Plan.Files[i-1].Name
		}
		m.does(fmt.Sprintf("/edit %d f%d -", n, i), is(func(b *book) { *b = b.file(link, false) }))
	case "criterion":
		m.does(fmt.Sprintf("/criterion %d %s", n, text), is(func(b *book) { *b = b.tick(text, false) }))
	default:
		m.does(fmt.Sprintf("/%s %d words %d", what, n, len(m.steps)), func(books) {})
	}
}

// other lets another program write the file: one that writes from its memory and
// drops what it does not know, or one that reads it first.
func (m *mix) other() {
	m.now = m.now.Add(time.Second)
	list, who := m.memory, "memory"
	if rapid.Bool().Draw(m.r, "reads") {
		who = "reader"
		var err error
		list, err = cache.New(m.dir).Load()
		m.must(err)
	}
	if len(list) == 0 {
		return
	}
	list = slices.Clone(list)
	i := rapid.IntRange(0, len(list)-1).Draw(m.r, "of theirs")
	g := *list[i]
	g.Updated = m.now
	what := rapid.SampledFrom([]string{"reorder", "criterion", "uncriterion", "note", "rename", "reverse", "done"}).Draw(m.r, "writes")
	finishes := int64(0)
	switch what {
	case "reorder":
		g.Acceptance = slices.Clone(g.Acceptance)
		slices.Reverse(g.Acceptance)
	case "criterion":
		g.Acceptance = append(slices.Clone(g.Acceptance), rapid.SampledFrom(criteria).Draw(m.r, "text"))
	case "uncriterion":
		g.Acceptance = slices.Clone(g.Acceptance[:max(0, len(g.Acceptance)-1)])
	case "note":
		g.Notes = append(slices.Clone(g.Notes), fmt.Sprint("note ", len(m.steps)))
	case "rename":
		g.Description = fmt.Sprint("renamed ", len(m.steps))
	case "reverse":
		slices.Reverse(list)
		i = len(list) - 1 - i
	case "done":
		// Who sets a status back in its memory writes the same as who has not seen that
		// a reader changed it, so no reader does.
		if ours := m.truth.List().ID(g.ID); who == "memory" && ours != nil && g.Status != goals.Done {
			g.Status = goals.Done
			finishes = ours.Number
		}
	}
	list[i] = &g
	if who == "memory" {
		m.memory = list
		if m.truth.List().ID(g.ID) == nil { // whoever changes what was deleted brings it back
			m.memory[i] = &goals.Goal{ID: fmt.Sprint("other-", len(m.steps)), Description: "another", Status: goals.Pending, Created: m.now, Updated: m.now}
		}
	}
	m.steps = append(m.steps, fmt.Sprintf("%s: %s %s %q", who, what, list[i].ID, list[i].Acceptance))
	m.writes(list)
	for _, g := range m.truth.List().All() {
		if _, known := m.ids[g.Number]; !known && g.Plan.IsZero() && g.ID == m.memory[min(i, len(m.memory)-1)].ID {
			m.books[g.Number] = book{status: goals.Pending}
		}
	}
	if finishes != 0 {
		m.finished(m.books, finishes)
	}
	m.hold()
}

// writes lets another program replace the file.
func (m *mix) writes(list []*goals.Goal) {
	path := cache.New(m.dir).Path()
	m.must(errors.Join(os.WriteFile(path+".theirs", goaljson.Append(nil, list), 0o600), os.Rename(path+".theirs", path)))
	m.must(m.mirror.Check(m.t.Context()))
	m.must(m.h.Repeat(m.t.Context(), m.truth.List(), m.now))
	m.out()
}

var numberSaid = regexp.MustCompile(`#(\d+) `)

// comes lets time pass, and the reminders that are due come.
func (m *mix) comes(passes time.Duration) {
	m.now = m.now.Add(passes)
	m.steps = append(m.steps, m.now.Format("01-02 15:04")+" is it time?")
	want := map[string]bool{}
	list := m.truth.List()
	for n, b := range m.books {
		if !b.status.Open() {
			continue
		}
		now := m.now.Format("2006-01-02 15:04")
		if key := fmt.Sprint(n, " ", b.due); b.due != "" && b.due <= now && m.told[key] == 0 {
			m.told[key]++
			want[fmt.Sprint(n)] = true
		}
		if b.remind != "" && b.remind <= now {
			m.told[fmt.Sprint(n, " of its own ", b.remind)]++
			b.remind = ""
			m.books[n] = b
			want[fmt.Sprint(n)] = true
		}
	}
	for again := range 2 { // the program may end before or after the commit, or nothing happens
		err := m.h.Remind(m.t.Context(), list, m.now)
		if errors.Is(err, store.ErrUnknown) {
			m.steps = append(m.steps, "and crashes")
			m.start(nil, ann, ben)
			list = m.truth.List()
			continue
		}
		m.must(err)
		if again == 0 && !rapid.Bool().Draw(m.r, "again") {
			break
		}
	}
	got := map[string]bool{}
	for _, said := range m.out() {
		for _, line := range strings.Split(said.Text, "\n") {
			if found := numberSaid.FindStringSubmatch(line); found != nil {
				if got[found[1]] {
					m.fatalf("#%s is told of twice", found[1])
				}
				got[found[1]] = true
			}
		}
	}
	if !maps.Equal(got, want) {
		m.fatalf("told of %v; want %v\n%+v", got, want, m.books)
	}
	for key, times := range m.told {
		if times > 1 {
			m.fatalf("%s was told %d times", key, times)
		}
	}
	m.hold()
}

// dying ends the program in the next change, when it is done or before.
type dying struct {
	store.Store
	how string
}

func (d *dying) Update(ctx context.Context, o store.Origin, f func(store.Tx) error) error {
	how := d.how
	d.how = ""
	if how == "before" {
		return store.ErrUnknown
	}
	if err := d.Store.Update(ctx, o, f); err != nil || how == "" {
		return err
	}
	return store.ErrUnknown
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
