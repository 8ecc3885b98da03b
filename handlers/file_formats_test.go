package handlers

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
)

// Every file that the readers of other programs are tested with can be taken in
// from the chat, is shown first with the program that it is from, brings nothing
// new a second time, and is taken back by one undo.
func TestListsOfOtherProgramsAreTakenIn(t *testing.T) {
	paths, err := filepath.Glob("../formats/testdata/*.*")
	if err != nil || len(paths) < 24 {
		t.Fatalf("%d samples, %v", len(paths), err)
	}
	for _, path := range paths {
		name := filepath.Base(path)
		if strings.HasSuffix(name, ".golden") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			h := open(t)
			h.say("/addgoal something else")
			m := h.send("/import", name, data)
			if !strings.HasPrefix(m.Text, "Import "+name+"?\nThis is a") || !strings.Contains(m.Text, "\n\nNew · ") {
				t.Fatalf("shown is\n%s", m.Text)
			}
			h.wantList("#1 pending something else")
			before := len(h.truth.List().All())
			m = h.tap(m, "Import")
			if n := len(h.truth.List().All()) - before; n < 2 || !strings.HasPrefix(m.Text, "Imported: "+name) {
				t.Errorf("%d new, answered with\n%s", n, m.Text)
			}
			if again := h.send("/import", name, data); !strings.HasPrefix(again.Text, name+" has nothing new") || !strings.Contains(again.Text, "Already here, no change") {
				t.Errorf("a second time it is answered\n%s", again.Text)
			}
			h.hear("/undo", "Undone: importing")
			h.wantList("#1 pending something else")
		})
	}
}

// What the preview says of a file is what happens: what is here already stays,
// what is ticked is done, and what is lost is said.
func TestTheListOfAnotherProgramIsShownAsItWouldBe(t *testing.T) {
	h := open(t)
	h.say("/settings timezone Europe/Berlin")
	h.say("/addgoal CALL the landlord")
	data, err := os.ReadFile("../formats/testdata/ticktick.csv")
	if err != nil {
		t.Fatal(err)
	}
	m := h.send("", "TickTick-backup.csv", data) // in private by its name alone
	want := "Import TickTick-backup.csv?\nThis is an export from TickTick: 2 open, 1 done, 1 abandoned, 1 already here.\n2 with dates.\nLeft out: 1 note.\nLists, tags and priorities become notes.\n\nNew · 4\n⬜ #2 Prepare the talk  ☑ 2/4  📅 Thu 10 Dec 14:30\n⬜ #3 Go for a run  📅 Sat 28 Nov 07:00\n✅ #4 File the taxes\n🚫 #5 Learn the banjo\n\nAlready here, no change · 1\n⬜ #1 CALL the landlord"
	if m.Text != want {
		t.Errorf("shown is\n%s\nwant\n%s", m.Text, want)
	}
	h.say("/rename 1 call somebody")
	m = h.tap(m, "Import")
	if !strings.HasPrefix(m.Text, "Your goals have changed since I showed this") || !strings.Contains(m.Text, "New · 5") {
		t.Errorf("answered with\n%s", m.Text)
	}
	h.tap(m, "Import")
	if g := h.truth.List().Number(3); g == nil || strings.Join(g.Acceptance, "|") != "Outline|Title and abstract|Slides|Book the train" {
		t.Errorf("got %+v", g)
	}
}

// What one bot hands out, another takes in: the same goals, in all three forms.
// Leaving the notes out of a form turns this red.
func TestEveryExportIsTakenInAgain(t *testing.T) {
	h := open(t)
	for _, words := range []string{
		"/addgoal write the report\n- three pages\n- read by *somebody*", "/note 1 two\nlines, and \"more\"", "/begin 1",
		"/addgoal =SUM(1)", "/block 2 -1 day", "/addgoal call mother", "/done 3", "/addgoal # give up", "/abandon 4", "/addgoal - [x] buy milk", "/addgoal שלום",
		"/due 1 every monday 9:00", "/tick 1 1", "/remind 1 2026-03-05 8:00", "/addgoal pay the rent tomorrow, \"early\"", "/addgoal file the taxes on 2027-05-31", "/tick 1 2", "/due 6 1 Dec", "/log 1 3 of 50 pages", "/log 1 +2,5", "/log 2 from 90 to 80",
	} {
		h.say(words)
	}
	h.say("/settings timezone Asia/Tokyo")
	for _, form := range []string{"json", "markdown", "csv"} {
		out := h.say("/export " + form).Document
		other := open(t)
		m := other.send("/import", out.Name, contents(out))
		if !strings.Contains(m.Text, "New · 8") {
			t.Fatalf("%s: shown is\n%s", form, m.Text)
		}
		other.tap(m, "Import")
		same := func(l, r *goals.Goal) bool {
			shown := time.Second // of a time in a page or a table
			if form == "json" {
				shown = 1
			}
			return l.Same(r) && l.Updated.Truncate(shown).Equal(r.Updated)
		}
		for i, g := range h.truth.List().All() {
			if got := other.truth.List().All()[i]; !same(g, got) {
				t.Errorf("%s: got\n%+v\nwant\n%+v", form, got, g)
			}
		}
		if !strings.Contains(m.Text, "\n4 with dates.\n") {
			t.Errorf("%s: shown is\n%s", form, m.Text)
		}
		if form == "json" && !bytes.Equal(h.onDisk(), other.onDisk()) {
			t.Error("the files differ")
		}
		if bytes.Contains(other.onDisk(), []byte(`"due"`)) || bytes.Contains(other.onDisk(), []byte(`"ticked"`)) || bytes.Contains(other.onDisk(), []byte(`"counted"`)) {
			t.Errorf("%s: goals.json has what is ours alone", form)
		}
		if m := h.send("/import", out.Name, contents(out)); !strings.HasPrefix(m.Text, out.Name+" has nothing new") || !strings.Contains(m.Text, "The same in both: 8.") {
			t.Errorf("%s: at home it is answered\n%s", form, m.Text)
		}
	}
}

// What is planned of a goal that is here already comes from the file where that is
// newer, or as new: a date with its repeat, ticks, a reminder. One undo takes it back.
// Not taking the plan of a file, or not giving it ours before, turns this red.
func TestPlansMerge(t *testing.T) {
	h := open(t)
	for _, words := range []string{"/addgoal write the report\n- three pages\n- read by somebody", "/due 1 every monday 9:00", "/tick 1 1", "/remind 1 fri 8:00", "/addgoal call mother", "/due 2 fri"} {
		h.say(words)
	}
	before := h.truth.List().Number(1)
	export := func(form string) string { return string(contents(h.say("/export " + form).Document)) }
	take := func(name, data string) string {
		t.Helper()
		m := h.send("/import", name, []byte(data))
		if strings.Contains(m.Text, "has nothing new") {
			return m.Text
		}
		h.tap(m, "Import")
		return m.Text
	}
	plan := func(n int64, want goals.Plan) {
		t.Helper()
		want.Chat = ann
		if got := h.truth.List().Number(n).Plan(); !got.Same(want) {
			t.Errorf("#%d has the plan %+v, want %+v", n, got, want)
		}
	}
	// A table and a page say that there is none; members that are not there say nothing.
	take("goals.csv", strings.ReplaceAll(strings.ReplaceAll(export("csv"), "2026-03-02 09:00,every Monday", "2026-03-03 10:00,"), ",three pages,", ",\"three pages\nread by somebody\","))
	plan(1, goals.Plan{Due: "2026-03-03 10:00", Remind: "2026-03-06 08:00", Ticked: []string{"three pages", "read by somebody"}})
	h.hear("/undo", "Undone: importing")
	plan(1, before.Plan())
	take("goals.md", strings.NewReplacer("  - Due: 2026-03-02 09:00, every Monday\n", "", "[x] three", "[ ] three").Replace(export("markdown")))
	plan(1, goals.Plan{Remind: "2026-03-06 08:00"})
	h.say("/undo")
	file := export("json")
	bare := strings.NewReplacer("\"due\": \"2026-03-02 09:00\",", "", "\"repeat\": \"every Monday\",", "", "2026-03-06 08:00", "2026-03-07").Replace(file)
	if bare == file || !strings.Contains(take("goals.json", bare), "\n1 with dates.\n") {
		t.Error("no date is shown")
	}
	plan(1, goals.Plan{Due: "2026-03-02 09:00", Repeat: "every Monday", Remind: "2026-03-07", Ticked: []string{"three pages"}})
	h.say("/undo")
	// A date that stays does not come with the file; one that repeats otherwise does.
	for repeat, want := range map[string]bool{"every Monday,": false, "every Friday,": true} {
		said := take("goals.csv", strings.NewReplacer("three pages", "four pages", "every Monday,", repeat).Replace(export("csv")))
		if strings.Contains(said, "1 with dates.") != want || !strings.Contains(said, "would change to · 1") {
			t.Errorf("with %s shown is\n%s", repeat, said)
		}
		h.say("/undo")
	}
	// What is newer here stays.
	file = export("json")
	page := export("markdown")
	h.now = h.now.Add(time.Minute)
	h.say("/due 2 off")
	h.say("/due 1 sat")
	if said := take("goals.json", file); !strings.Contains(said, "Newer here, no change · 2") {
		t.Errorf("shown is\n%s", said)
	}
	// The list without its second goal gives it back, with its date.
	h.tap(h.say("/delete 2"), "Delete")
	take("goals.md", page)
	plan(2, goals.Plan{Due: "2026-03-06"})
}

// What nobody could have said of a plan is left out, and told. Members of JSON that are
// no plan stay what they are.
func TestHostilePlans(t *testing.T) {
	h := open(t)
	const one = `[{"id":"g-%s","description":"a","status":"pending","acceptance":["b"],"sessions":[],"progress":0,"created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z","notes":[],%s}]`
	long := strings.Repeat("9", 1_000_000)
	for i, c := range []struct {
		members, said string
		plan          goals.Plan
		extra         int
	}{
		{`"due":"` + long + `"`, "Left out: 1 date that cannot be read.", goals.Plan{}, 1},
		{`"due":"2026-02-30","repeat":"every Monday","typed":"x"`, "Left out: 1 date that cannot be read.", goals.Plan{}, 3},
		{`"due":7,"remind":["2027-01-01"],"ticked":"b"`, "New · 1", goals.Plan{}, 3},
		{`"due":null`, "New · 1", goals.Plan{}, 1},
		{`"due":"2027-05-04","repeat":"every ` + long + ` days"`, "Left out: 1 repeat that cannot be read.", goals.Plan{Due: "2027-05-04", Chat: ann}, 1},
		{`"due":"2027-05-04","due":"2027-05-05"`, "1 with dates.", goals.Plan{Due: "2027-05-05", Chat: ann}, 0},
		{`"due":"tomorrow"`, "Left out: 1 date that cannot be read.", goals.Plan{}, 1},
		{`"remind":"2026-01-01"`, "Left out: 1 reminder that is over.", goals.Plan{}, 0},
		{`"due":"2026-01-01"`, "1 with dates.", goals.Plan{Due: "2026-01-01", Told: "2026-01-01", Chat: ann}, 0},
		{`"ticked":["b","c","b","d"]`, "Left out: 2 ticks of criteria that are not there.", goals.Plan{Ticked: []string{"b"}}, 0},
		{`"due":"2027-05-04","typed":"` + long + `"`, "1 with dates.", goals.Plan{Due: "2027-05-04", Chat: ann}, 0},
	} {
		m := h.send("/import", "goals.json", fmt.Appendf(nil, one, fmt.Sprint(i), c.members))
		if !strings.Contains(m.Text, c.said) || strings.Contains(m.Text, "999") {
			t.Errorf("%.60s: shown is\n%.300s", c.members, m.Text)
		}
		h.tap(m, "Import")
		all := h.truth.List().All()
		if g := all[len(all)-1]; !g.Plan().Same(c.plan) || len(g.Extra) != c.extra {
			t.Errorf("%.60s: the plan is %.300s, with %d members, want %+v and %d", c.members, fmt.Sprint(g.Plan()), len(g.Extra), c.plan, c.extra)
		}
	}
	h.wantReminders(h.now) // none of dates that were over
}
