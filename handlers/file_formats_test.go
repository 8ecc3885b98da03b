package handlers

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
	h.say("/addgoal CALL the landlord")
	data, err := os.ReadFile("../formats/testdata/ticktick.csv")
	if err != nil {
		t.Fatal(err)
	}
	m := h.send("", "TickTick-backup.csv", data) // in private by its name alone
	want := "Import TickTick-backup.csv?\nThis is an export from TickTick: 2 open, 1 done, 1 abandoned, 1 already here.\nLeft out: 1 note.\nLists, dates, tags and priorities become notes.\n\nNew · 4\n⬜ #2 Prepare the talk\n⬜ #3 Go for a run\n✅ #4 File the taxes\n🚫 #5 Learn the banjo\n\nAlready here, no change · 1\n⬜ #1 CALL the landlord"
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
	} {
		h.say(words)
	}
	h.say("/settings timezone Asia/Tokyo")
	for _, form := range []string{"json", "markdown", "csv"} {
		out := h.say("/export " + form).Document
		other := open(t)
		m := other.send("/import", out.Name, out.Data)
		if !strings.Contains(m.Text, "New · 6") {
			t.Fatalf("%s: shown is\n%s", form, m.Text)
		}
		other.tap(m, "Import")
		same := func(l, r *goals.Goal) bool { return l.Same(r) && l.Updated.Equal(r.Updated) }
		for i, g := range h.truth.List().All() {
			if got := other.truth.List().All()[i]; !same(g, got) {
				t.Errorf("%s: got\n%+v\nwant\n%+v", form, got, g)
			}
		}
		if form == "json" && !bytes.Equal(h.onDisk(), other.onDisk()) {
			t.Error("the files differ")
		}
		if m := h.send("/import", out.Name, out.Data); !strings.HasPrefix(m.Text, out.Name+" has nothing new") || !strings.Contains(m.Text, "The same in both: 6.") {
			t.Errorf("%s: at home it is answered\n%s", form, m.Text)
		}
	}
}
