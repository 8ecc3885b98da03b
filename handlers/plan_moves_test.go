package handlers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"goalbot/cache"
	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/store"
)

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
		if was := list.Number(n); next.Description != was.Description || !slices.Equal(next.Acceptance, was.Acceptance) || next.Plan().Chat != was.Plan().Chat {
			m.fatalf("after %+v comes %+v", was, next)
		}
		b[next.Number] = book{due: due.Format("2006-01-02 15:04"), repeat: g.repeat, status: goals.Pending, files: g.files, count: goals.Count{Start: g.count.Start, Target: g.count.Target, Unit: g.count.Unit}}
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
			log := m.truth.List().Number(n).Plan().Count.Log
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
		if len(g.Plan().Files) > 0 {
			i = rapid.IntRange(1, len(g.Plan().Files)).Draw(m.r, "file")
			link = g.Plan().Files[i-1].Name
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
		if _, known := m.ids[g.Number]; !known && g.Plan().IsZero() && g.ID == m.memory[min(i, len(m.memory)-1)].ID {
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
