package formats

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"goalbot/agenda"
	"goalbot/goals"
)

// A repeat of another program is one of ours where it counts from the date and goes on
// for ever. Taking a single letter without a sign turns this red.
func TestRepeatsOfOtherPrograms(t *testing.T) {
	due := agenda.Date{Year: 2026, Month: time.December, Day: 4} // a Friday
	for text, want := range map[string]string{
		// todo.txt
		"+1d": "every day", "+2w": "every 2 weeks on Friday", "+1m": "every month on the 4th", "+1y": "every year on 4 Dec", "1w": "", "1b": "", "+1b": "", "+0d": "", "+1000d": "",
		// Taskwarrior
		"daily": "every day", "weekly": "every Friday", "weekdays": "every weekday", "biweekly": "every 2 weeks on Friday", "monthly": "every month on the 4th", "quarterly": "every 3 months on the 4th",
		"semiannual": "every 6 months on the 4th", "yearly": "every year on 4 Dec", "2weeks": "every 2 weeks on Friday", "P1M": "every month on the 4th", "p2w": "every 2 weeks on Friday", "3h": "", "PT1H": "", "3mo": "every 3 months on the 4th",
		// TickTick
		"FREQ=DAILY;INTERVAL=3": "every 3 days", "FREQ=WEEKLY;INTERVAL=1;WKST=MO;BYDAY=MO,TH": "every Monday and Thursday", "FREQ=WEEKLY;INTERVAL=2": "every 2 weeks on Friday",
		"FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=-1": "every month on the last day", "FREQ=MONTHLY;BYDAY=-1FR": "every month on the last Friday", "FREQ=MONTHLY;BYDAY=2MO": "every month on the 2nd Monday",
		"FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=4": "every year on 4 Dec", "FREQ=YEARLY;BYMONTH=3": "", "FREQ=YEARLY;BYMONTHDAY=5": "", "FREQ=HOURLY": "", "FREQ=WEEKLY;COUNT=3": "", "FREQ=WEEKLY;UNTIL=20270101T000000Z": "",
		"FREQ=DAILY;BYDAY=MO": "", "FREQ=WEEKLY;BYDAY=": "", "FREQ=WEEKLY;BYDAY=1MO": "", "FREQ=MONTHLY;BYDAY=MO": "", "FREQ=MONTHLY;BYDAY=x": "", "FREQ=DAILY;TT_SKIP=HOLIDAY": "", "FREQ=WEEKLY;WKST=SU;INTERVAL=2;BYDAY=SU": "", "FREQ=WEEKLY;INTERVAL=0": "",
		"FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=SU": "every 2 weeks on Sunday", "FREQ=MONTHLY;BYMONTHDAY=32": "", "ERULE:NAME=CUSTOM": "",
		// Todoist, Vikunja, To Do
		"every monday": "every Monday", "every 10 days": "every 10 days", "every 2 weeks": "every 2 weeks on Friday", "every! 2 weeks": "", "every 30 days after it is done": "", "every Monday until 2027-01-01": "", "every 1h0m0s": "",
		"": "", "never": "", strings.Repeat("every ", 100): "",
	} {
		r, ok := readRepeat(text, due)
		if got := r.String(); ok != (want != "") || ok && got != want {
			t.Errorf("%.60q repeats %q (%v), want %q", text, got, ok, want)
		}
	}
}

// Dates of a file are taken where they mean one day, whoever reads them and whenever.
func TestCertainDates(t *testing.T) {
	for _, c := range []struct{ program, words, due string }{
		{"", "2026-12-03", "2026-12-03"}, {"", "2026-12-03T15:30:00Z", "2026-12-03 15:30"}, {"", "2026-12-03T15:30:00+02:00", "2026-12-03 13:30"}, {"", "2020-02-29", "2020-02-29"},
		{"", "1 Dec 2026", "2026-12-01"}, {"", "28.11.2026 13:00", "2026-11-28 13:00"}, {"", "11/28/2026", "2026-11-28"}, {"", "28/11/2025", "2025-11-28"},
		{"", "3/4/2027", ""}, {"", "12/4/2026", ""}, {"", "tomorrow", ""}, {"", "1 Dec", ""}, {"", "in 3 days", ""}, {"", "soon", ""}, {"", "2026-02-30", ""}, {"", "0001-01-01T00:00:00Z", ""},
		{"", strings.Repeat("9", 100_000), ""}, {"", "every monday", ""},
		{"Todoist", "tomorrow", "2026-11-29"}, {"Todoist", "in 3 days", "2026-12-01"}, {"Todoist", "1 Dec", "2026-12-01"}, {"Todoist", "Nov 3", ""}, {"Todoist", "12/4/2026", ""}, {"Todoist", "tomorrow at 5", ""},
	} {
		when, ok := readDate(c.words, time.UTC).when(on(noon), c.program == "Todoist")
		if when.String() != c.due || ok != (c.due != "") {
			t.Errorf("%.60q is %q (%v), want %q", c.words, when, ok, c.due)
		}
	}
	o := on(noon)
	for order, due := range map[agenda.Order]string{agenda.DayFirst: "2027-04-03", agenda.MonthFirst: "2027-03-04"} {
		o.Order = order
		if when, _ := readDate("3/4/2027", time.UTC).when(o, false); when.String() != due {
			t.Errorf("3/4/2027 is %s, want %s", when, due)
		}
	}
}

// Of the open tasks that Taskwarrior made of one template the last goes on.
func TestOneTaskOfATemplateRepeats(t *testing.T) {
	const task = `{"uuid":"%d","description":"pay %d","status":"%s","due":"20261%d01T120000Z","recur":"monthly","parent":"p"}`
	f, err := read(t, "tasks.json", []byte("["+fmt.Sprintf(task, 1, 1, "completed", 2)+","+fmt.Sprintf(task, 2, 2, "pending", 1)+","+fmt.Sprintf(task, 3, 3, "pending", 0)+"]"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range f.Take(goals.List{}, on(noon)).Goals {
		got = append(got, g.Description+" "+g.Plan().Due+" "+g.Plan().Repeat)
	}
	if want := "pay 1 2026-12-01 12:00 |pay 2 2026-11-01 12:00 every month on the 1st|pay 3 2026-10-01 13:00 "; strings.Join(got, "|") != want {
		t.Errorf("got %s, want %s", strings.Join(got, "|"), want)
	}
}

// A step that is done is ticked, but for one that stands there open as well: a tick is
// kept by its text.
func TestStepsThatAreDone(t *testing.T) {
	f, err := read(t, "a.md", []byte("- [ ] pack\n  - [x] socks\n  - [x] shirt\n  - [ ] shirt\n- [x] go\n  - [x] lock up\n"))
	if err != nil {
		t.Fatal(err)
	}
	taken := f.Take(goals.List{}, on(noon)).Goals
	if g := taken[0]; fmt.Sprint(g.Plan().Ticked) != "[socks]" || g.Progress != 33 || fmt.Sprint(g.Notes) != "[Done already: shirt]" {
		t.Errorf("got %+v", g)
	}
	if g := taken[1]; fmt.Sprint(g.Plan().Ticked) != "[lock up]" || g.Status != goals.Done {
		t.Errorf("got %+v", g)
	}
}

// A page of an older version knows no ticks: its boxes show whether the goal is done.
func TestAnOlderPageChangesNoPlan(t *testing.T) {
	all := ours()
	page := strings.ReplaceAll(string(written(t, "goals.md", all, time.UTC)), " "+carriesPlans, "")
	var old []string
	done := false
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "- [") {
			done = strings.HasPrefix(line, "- [x]")
		}
		switch inner := strings.TrimSpace(line); {
		case strings.HasPrefix(inner, "- Due:"), strings.HasPrefix(inner, "- Remind:"):
			continue
		case strings.HasPrefix(line, "  - [") && done:
			line = "  - [x]" + line[len("  - [x]"):]
		case strings.HasPrefix(line, "  - ["):
			line = "  - [ ]" + line[len("  - [ ]"):]
		}
		old = append(old, line)
	}
	list := goals.NewList(0, all)
	f, err := read(t, "goals.md", []byte(strings.Join(old, "")))
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.Take(list, on(noon)).Goals {
		if !g.Plan().Same(list.ID(g.ID).Plan()) {
			t.Errorf("%q has the plan %+v, want %+v", g.Description, g.Plan(), list.ID(g.ID).Plan())
		}
	}
}

// What a list of ours says of a count is taken as far as it can be meant; the rest is
// left out, and said. What it does not carry stays.
func TestCountsOfAList(t *testing.T) {
	here := goals.Count{Target: goals.Whole(10), Unit: "books", Log: []goals.Entry{{At: noon.UnixMilli(), Amount: goals.Whole(4)}}}
	text := func(s string) *string { return &s }
	entries := func(all ...string) *[]string { return &all }
	for _, c := range []struct {
		name   string
		s      planFields
		want   string // the bounds and what it comes to
		left   string
		logged int
	}{
		{"nothing", planFields{}, "to 10 books 4", "[]", 1},
		{"removed", planFields{counted: text("")}, " 0", "[]", 0},
		{"the target alone", planFields{counted: text("to 20 books")}, "to 20 books 4", "[]", 1},
		{"another unit", planFields{counted: text(" to 10  pages "), logged: entries()}, "to 10 pages 0", "[]", 0},
		{"entries", planFields{counted: text("from 1 to 10 books"), logged: entries("2026-01-02T00:00:00Z +2", "2026-01-01T00:00:00Z =5", "soon", "2026-01-03 +1")}, "from 1 to 10 books 7", "[2 entries of counts that cannot be read]", 2},
		{"an entry twice", planFields{counted: text("to 10"), logged: entries("2026-01-02T00:00:00Z +2", "2026-01-02T00:00:00Z +2")}, "to 10 2", "[]", 1},
		{"two at one time", planFields{counted: text("to 10"), logged: entries("2026-01-02T00:00:00Z +2", "2026-01-02T00:00:00Z +3")}, "to 10 5", "[]", 2},
		{"no way", planFields{counted: text("from 3 to 3")}, "to 10 books 4", "[1 count that cannot be read]", 1},
		{"words", planFields{counted: text("ten books")}, "to 10 books 4", "[1 count that cannot be read]", 1},
		{"too far", planFields{counted: text("to 99999999999")}, "to 10 books 4", "[1 count that cannot be read]", 1},
		{"too much", planFields{counted: text("to 10"), logged: entries("2026-01-02T00:00:00Z =99999999999999")}, "to 10 books 4", "[1 count that cannot be read]", 1},
		{"a long unit", planFields{counted: text("to 10 " + strings.Repeat("x", 100))}, "to 10 books 4", "[1 count that cannot be read]", 1},
		{"very many", planFields{counted: text("to 10"), logged: many()}, "to 10 1000", "[]", goals.MaxEntries},
	} {
		left := leave{}
		p := c.s.plan(goals.Plan{Count: here}, nil, on(noon), left)
		bounds := ""
		if p.Count.On() {
			bounds = p.Count.Bounds()
		}
		if got := bounds + " " + p.Count.Value().String(); got != c.want || fmt.Sprint(left.words()) != c.left || len(p.Count.Log) != c.logged {
			t.Errorf("%s: %q with %d entries, left out is %v", c.name, got, len(p.Count.Log), left.words())
		}
	}
}

// many are a thousand entries.
func many() *[]string {
	all := make([]string, 1000)
	for i := range all {
		all[i] = noon.Add(time.Duration(i)*time.Hour).Format(time.RFC3339) + " +1"
	}
	return &all
}

// A count that was changed on a page changes the progress.
func TestProgressFollowsACountOfAPage(t *testing.T) {
	g := &goals.Goal{Number: 1, ID: "g-1", Description: "read", Status: goals.Pending, Created: noon, Updated: noon}
	g.SetPlan(goals.Plan{Count: goals.Count{Target: goals.Whole(10), Unit: "books", Log: []goals.Entry{{At: noon.UnixMilli(), Amount: goals.Whole(4)}}}})
	g.Progress = g.DerivedProgress()
	list := goals.NewList(0, []*goals.Goal{g})
	page := strings.ReplaceAll(string(written(t, "goals.md", list.All(), time.UTC)), "to 10 books", "to 5 books")
	f, err := read(t, "goals.md", []byte(page))
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Take(list, on(noon)).Goals[0]; got.Progress != 80 || got.Plan().Count.Bounds() != "to 5 books" {
		t.Errorf("got %+v", got)
	}
}
