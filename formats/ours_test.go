package formats

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/goals/goaljson"
)

// ours are goals whose texts try to be something else in a page or a table.
func ours() []*goals.Goal {
	var all []*goals.Goal
	for i, text := range []string{
		"write the report", "=1+1", "+SUM(A1:A9)", "-2+3", "'=quoted", "''@twice", " \t=1", "two\n=lines", "with \"quotes\", commas; and tabs\t",
		"# no heading", "1. no list\n- nor this\n\n> nor a quote\n\n\nthe end", "[x](javascript:alert(1)) ![](http://x/) <img src=x> `code` **b** _i_ ~~s~~ | a | &amp; &#32; \\ \\#",
		"- [x] not ticked", "**#7** not this", "Note: a note", "  two blanks  inside  and around  ", "שלום 👩‍👩‍👧", "added 2026-01-01 00:00:00, changed 2026-01-01 00:00:00, id x", "Task: none", "## Done",
	} {
		g := &goals.Goal{Number: int64(i + 1), ID: fmt.Sprintf("g-%d", i), Description: text, Status: goals.Statuses[i%5], Created: noon, Updated: noon.Add(time.Duration(i) * time.Minute)}
		if i%2 == 0 {
			g.Notes = []string{text, "Task: " + text, "two\nlines"}
			g.Acceptance = []string{text, "Note: " + text, "second"}
			g.SetPlan(goals.Plan{Ticked: []string{text, "second"}, Due: "2027-05-04 09:00", Repeat: "every 2 weeks on Monday and Thursday", Remind: "2027-05-03T07:30Z", Parked: "2027-05-06", Text: text,
				Pinned: i < 6, Rank: int64(i)<<31 - 5, Assignee: int64(1001 + i),
				Count: goals.Count{Start: -1500, Target: goals.Whole(int64(i + 1)), Unit: "=e", Log: []goals.Entry{{At: 1_700_000_000_500, Amount: -250, Of: 3}, {At: 1_800_000_000_000, Set: true, Amount: 7000}}}})
		}
		if i%4 == 1 {
			g.SetPlan(goals.Plan{Due: "2027-05-04", Count: goals.Count{Target: goals.Whole(10)}})
		}
		g.Progress = g.DerivedProgress()
		all = append(all, g)
	}
	return all
}

// forms are those in which a list is handed out.
var forms = map[string]func(io.Writer, []*goals.Goal, *time.Location) error{
	"goals.md": WriteMarkdown, "goals.csv": WriteCSV,
	"goals.json": func(w io.Writer, all []*goals.Goal, _ *time.Location) error { return WriteJSON(w, all) },
}

// written is a list in the form that has that name.
func written(t interface{ Fatal(...any) }, name string, all []*goals.Goal, zone *time.Location) []byte {
	var b bytes.Buffer
	if err := forms[name](&b, all, zone); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// largest notes how much is written at once, at most, and in all.
type largest struct{ once, all int }

func (l *largest) Write(p []byte) (int, error) {
	l.once, l.all = max(l.once, len(p)), l.all+len(p)
	return len(p), nil
}

// A long list is handed out in parts, which are the same whole.
func TestALongListIsWrittenInParts(t *testing.T) {
	var all []*goals.Goal
	for i := range 5000 {
		all = append(all, &goals.Goal{Number: int64(i + 1), ID: fmt.Sprint("g", i), Description: strings.Repeat("x", 200), Status: goals.Statuses[i%5], Created: noon, Updated: noon})
	}
	for name, write := range forms {
		var l largest
		if err := write(&l, all, time.UTC); err != nil {
			t.Fatal(err)
		}
		if l.once > l.all/4 {
			t.Errorf("%s: %d of %d bytes were written at once", name, l.once, l.all)
		}
	}
	for _, n := range []int{0, 1, 511, 512, 513, 1024, 5000} {
		if got := written(t, "goals.json", all[:n], time.UTC); string(got) != string(goaljson.Append(nil, all[:n])) {
			t.Errorf("%d goals are other ones in parts", n)
		}
	}
}

// trimmed are goals as a person could have typed them.
func trimmed(all []*goals.Goal) []*goals.Goal {
	var clean []*goals.Goal
	tidy := func(s string) string { return strings.TrimSpace(goals.Visible(s)) }
	for _, g := range all {
		c := *g
		c.Description, c.Notes, c.Acceptance = tidy(g.Description), nil, nil
		for _, n := range g.Notes {
			c.Notes = append(c.Notes, tidy(n))
		}
		for _, a := range g.Acceptance {
			c.Acceptance = append(c.Acceptance, tidy(a))
		}
		c.ChangePlan(func(p *goals.Plan) {
			p.Ticked = nil
			for _, a := range g.Plan().Ticked {
				p.Ticked = append(p.Ticked, tidy(a))
			}
			p.Text = tidy(p.Text)
		})
		clean = append(clean, &c)
	}
	return clean
}

func wantSame(t interface{ Errorf(string, ...any) }, name string, got, want []*goals.Goal) {
	if len(got) != len(want) {
		t.Errorf("%s: %d goals, want %d", name, len(got), len(want))
		return
	}
	for i, g := range got {
		c := *g
		c.Number = want[i].Number
		if !c.Same(want[i]) || !c.Updated.Equal(want[i].Updated) {
			t.Errorf("%s: got\n%+v\nwant\n%+v\n%+q, want %+q", name, c, *want[i], c.Description, want[i].Description)
		}
	}
}

// What is handed out and taken in again by an empty list is the same list.
// Leaving any escape out of markdown, or the quote out of cell, turns this red.
func TestWhatIsHandedOutComesBack(t *testing.T) {
	all := trimmed(ours())
	for name := range forms {
		for _, zone := range []string{"UTC", "America/New_York", "Asia/Tokyo"} {
			data := written(t, name, all, zoneOf(t, zone))
			f, err := read(t, name, data)
			if err != nil {
				t.Fatal(err)
			}
			wantSame(t, name+" "+zone, f.Take(goals.List{}, on(noon)).Goals, all)
			// With another name, and with the ends of lines that Windows has.
			again, err := read(t, "download", []byte(strings.ReplaceAll(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n", "\r\n")))
			if err != nil {
				t.Fatal(err)
			}
			wantSame(t, name+" with CRLF", again.Take(goals.List{}, on(noon)).Goals, all)
		}
	}
}

// Taken in where it comes from, it brings nothing new, whatever is not carried.
func TestWhatIsHandedOutBringsNothingNewAtHome(t *testing.T) {
	evidence := "seen"
	all := ours()
	for i, g := range all {
		g.Updated = g.Updated.Add(time.Duration(i) * 1234567 * time.Nanosecond)
		g.Sessions = []goals.Session{{ID: "s", Task: "run", State: goals.Verified, Evidence: &evidence}}
		g.Extra = []goals.Field{{Name: `"x"`, Value: "1"}}
		g.Progress = 100
		g.ChangePlan(func(p *goals.Plan) {
			p.Told, p.Chat, p.Topic = p.Due, 1001, 7
			p.Files = []goals.File{{Kind: goals.VideoNote, ID: "secretID", Same: "secretSame"}, {Kind: goals.Link, Name: "https://example.org/a_b"}}
			p.Ticked = append(p.Ticked, "of a criterion that is gone")
		})
	}
	for name := range forms {
		list := goals.NewList(0, all)
		data := written(t, name, all, zoneOf(t, "Asia/Tokyo"))
		f, err := read(t, name, data)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), "secret") || name != "goals.json" && !strings.Contains(string(data), "video note") {
			t.Errorf("%s says of attachments:\n%.2000s", name, data)
		}
		if want := fmt.Sprintf("[%d linked tasks %d attachments]", len(all), 2*len(all)); name != "goals.json" && fmt.Sprint(f.LeftOut) != want {
			t.Errorf("%s: left out is %q", name, f.LeftOut)
		}
		taken := f.Take(list, on(noon))
		if len(taken.LeftOut) > 0 {
			t.Errorf("%s: of plans is left out %q", name, taken.LeftOut)
		}
		m := list.Import(taken.Goals, noon)
		if len(m.Added)+len(m.Changed)+len(m.Kept) > 0 {
			t.Errorf("%s: %d new, %d changed, %d kept", name, len(m.Added), len(m.Changed), len(m.Kept))
		}
	}
}

// What somebody changes in a page or a table is changed here, as long as
// nobody has changed that goal here since.
func TestAChangedPageChangesGoals(t *testing.T) {
	all := []*goals.Goal{
		{Number: 1, ID: "g-1", Description: "write", Status: goals.Pending, Created: noon, Updated: noon},
		{Number: 2, ID: "g-2", Description: "read", Status: goals.Done, Created: noon, Updated: noon},
		{Number: 3, ID: "g-3", Description: "call", Status: goals.Pending, Created: noon, Updated: noon},
	}
	for name, change := range map[string]*strings.Replacer{
		"goals.md":  strings.NewReplacer("- [ ] **\\#1**", "- [x] **\\#1**", "- [x] **\\#2** read", "- [ ] **\\#2** read on", "## Done", "- [ ] buy milk\n\n## Done", "\\#3** call", "\\#3** call her"),
		"goals.csv": strings.NewReplacer("write,pending", "write,Done", "read,done", "read on,to do", "call,pending", "call her,pending"),
	} {
		list := goals.NewList(0, all)
		data := string(written(t, name, all, time.UTC))
		if _, err := list.Rename(3, "call mother", noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if name == "goals.csv" {
			data += ",,buy milk,,,,,,,\r\n"
		}
		f, err := read(t, name, []byte(change.Replace(data)))
		if err != nil {
			t.Fatal(err)
		}
		m := list.Import(f.Take(list, on(noon.Add(2*time.Hour))).Goals, noon.Add(2*time.Hour))
		var got []string
		for _, g := range list.All() {
			got = append(got, fmt.Sprint(g.Number, " ", g.Status, " ", g.Description))
		}
		if want := "1 done write|2 pending read on|3 pending call mother|4 pending buy milk"; strings.Join(got, "|") != want {
			t.Errorf("%s: %s, want %s", name, strings.Join(got, "|"), want)
		}
		if len(m.Kept) != 1 || len(m.Changed) != 2 {
			t.Errorf("%s: %d changed, %d kept", name, len(m.Changed), len(m.Kept))
		}
	}
}

// A spreadsheet saves what it opened with other separators and without the
// times that it does not know.
func TestATableThatWasSavedAgain(t *testing.T) {
	table := "number;id;goal;status;progress;created (Europe/Berlin);updated (Europe/Berlin);criteria;tasks;notes\n" +
		"1;g-1;\"write; soon\";inProgress;0;28.11.2026 13:00;28.11.2026 13:00;\"a\nb\";;\n"
	f, err := read(t, "goals.csv", []byte(table))
	if err != nil || !f.Ours || len(f.Items) != 1 {
		t.Fatalf("%+v, %v", f, err)
	}
	g := f.Take(goals.List{}, on(noon)).Goals[0]
	if g.Description != "write; soon" || g.Status != goals.InProgress || len(g.Acceptance) != 2 || !g.Created.Equal(noon) {
		t.Errorf("got %+v", g)
	}
}

// Pages of older versions have no ids, and criteria without a box.
func TestAnOlderPage(t *testing.T) {
	page := "# Goals\n\n## Done\n\n- [x] **\\#2** call \\*her\\*\n  - added 2026-02-01, changed 2026-02-03\n\n## Pending\n\n- [ ] **\\#1** report\n  - three pages\n  - Note: soon\n  - added 2026-02-01, changed 2026-02-02\n"
	f, err := read(t, "goals.md", []byte(page))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range f.Take(goals.List{}, on(noon)).Goals {
		got = append(got, fmt.Sprint(g.Status, " ", g.Description, " ", g.Acceptance, " ", g.Notes, " ", g.Updated.Format(time.DateOnly)))
	}
	if want := "pending report [three pages] [soon] 2026-02-02|done call *her* [] [] 2026-02-03"; strings.Join(got, "|") != want {
		t.Errorf("got %s, want %s", strings.Join(got, "|"), want)
	}
}

// drawnPlan is any plan of what is still to come, of a goal with these criteria.
func drawnPlan(t *rapid.T, criteria []string, text *rapid.Generator[string]) (p goals.Plan) {
	for i, c := range criteria {
		if rapid.Bool().Draw(t, "ticked") && !slices.Contains(criteria[:i], c) {
			p.Ticked = append(p.Ticked, c)
		}
	}
	when := func(name string) agenda.When {
		at := noon.Add(time.Duration(rapid.IntRange(24*60, 50*365*24*60).Draw(t, name)) * time.Minute)
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			return agenda.OnDay(agenda.DateOf(at))
		case 1:
			return agenda.AtInstant(at)
		}
		return agenda.AtClock(agenda.DateOf(at), time.Duration(at.Hour())*time.Hour+time.Duration(at.Minute())*time.Minute)
	}
	if rapid.Bool().Draw(t, "is due") {
		due := when("due")
		p.Due = due.String()
		unit := agenda.Unit(rapid.IntRange(0, 3).Draw(t, "unit"))
		if r := (agenda.Repeat{Every: rapid.IntRange(0, agenda.MaxEvery).Draw(t, "every"), Unit: unit}).On(due.Date); r.Valid() {
			p.Repeat = r.String()
		}
		if rapid.Bool().Draw(t, "was typed") {
			p.Text = strings.TrimSpace(goals.Visible(text.Draw(t, "typed")))
		}
	}
	if rapid.Bool().Draw(t, "has a place") {
		p.Rank, p.Assignee = rapid.Int64Range(-1<<51, 1<<51).Draw(t, "rank"), rapid.Int64Range(0, 1<<52).Draw(t, "assignee")
	}
	if rapid.Bool().Draw(t, "is counted") {
		amount := rapid.Map(rapid.Int64Range(-int64(goals.MaxAmount)/50, int64(goals.MaxAmount)/50), func(n int64) goals.Amount { return goals.Amount(n) })
		p.Count = goals.Count{Start: amount.Draw(t, "start"), Target: amount.Draw(t, "target"), Unit: rapid.SampledFrom([]string{"", "km", "=e", "two words", "€", "קמ"}).Draw(t, "unit")}
		if !p.Count.On() {
			p.Count = goals.Count{Target: 1}
		}
		at := noon.UnixMilli()
		for range rapid.IntRange(0, 5).Draw(t, "entries") {
			at += rapid.Int64Range(1, 1e10).Draw(t, "later")
			p.Count.Log = append(p.Count.Log, goals.Entry{At: at, Set: rapid.Bool().Draw(t, "sets"), Amount: amount.Draw(t, "amount"), Of: rapid.SampledFrom([]int{0, 0, 7}).Draw(t, "of")})
		}
	}
	if rapid.Bool().Draw(t, "reminds") {
		p.Remind = when("remind").String()
	}
	if rapid.Bool().Draw(t, "is parked") {
		p.Parked = when("parked").String()
	}
	return p
}

// Any list comes back in each form, whatever its texts and its plans are. Leaving
// any part of a plan out of any form turns this red.
func TestAnyListComesBack(t *testing.T) {
	text := rapid.OneOf(
		rapid.StringMatching(`[-+=@'#*_ \n\[\]().0-9a-z\\|<>&:;,"~!]{1,30}`),
		rapid.StringOfN(rapid.Rune(), 1, 20, -1),
	).Filter(func(s string) bool {
		s = strings.TrimSpace(goals.Visible(s))
		return goals.Shows(s) && !strings.Contains(s, "\n ") && strings.TrimSpace(goals.Visible(s)) == s
	})
	rapid.Check(t, func(t *rapid.T) {
		var all []*goals.Goal
		for i := range rapid.IntRange(1, 4).Draw(t, "goals") {
			all = append(all, &goals.Goal{
				Number: int64(i + 1), ID: fmt.Sprint("g-", i), Status: rapid.SampledFrom(goals.Statuses).Draw(t, "status"), Created: noon, Updated: noon,
				Description: text.Draw(t, "description"),
				Notes:       rapid.SliceOfN(text, 0, 3).Draw(t, "notes"),
				Acceptance:  rapid.SliceOfN(text, 0, 3).Draw(t, "criteria"),
			})
		}
		all = trimmed(all)
		for _, g := range all {
			g.SetPlan(drawnPlan(t, g.Acceptance, text))
			g.Progress = g.DerivedProgress()
		}
		for name := range forms {
			data := written(t, name, all, time.UTC)
			f, err := Read(name, data, time.UTC, zones)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			wantSame(t, name, f.Take(goals.List{}, on(noon)).Goals, all)
		}
	})
}
