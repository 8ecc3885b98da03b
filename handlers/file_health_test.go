package handlers

import (
	"os"
	"strings"
	"testing"
	"time"

	"goalbot/cache"
	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/message"
)

// Where a file held an id twice at the same time, the notice once said that the
// newest was taken, named no goal, and the second was lost without a word.
func TestWhatStandsTwiceInTheFileIsNamed(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	h.say("/note 1 she is well")
	mother := *h.truth.List().Number(1)
	father := mother
	father.Description, father.Status, father.Notes = "call father", goals.Done, []string{"she is well", "he is well", "and sends his love"}
	same := mother
	tasks := mother
	tasks.Sessions = []goals.Session{{ID: "s", Task: "dial", State: goals.Running}}
	for i, c := range []struct {
		file []*goals.Goal
		want string
	}{
		{[]*goals.Goal{&mother, &father}, "More than once there; the newest version wins (1):\n⬜ #1 call mother\n      left out: ✅ “call father”, with “he is well”, “and sends his love”"},
		{[]*goals.Goal{&mother, &same}, "(1):\n⬜ #1 call mother"},
		{[]*goals.Goal{&mother, &tasks}, "(1):\n⬜ #1 call mother\n      left out: ⬜ “call mother”, with other tasks, dates or fields"},
	} {
		if err := os.WriteFile(cache.New(h.dir).Path(), goaljson.Append(nil, c.file), 0o600); err != nil {
			t.Fatal(err)
		}
		at := h.now.Add(time.Duration(i+1) * time.Hour) // another version at any rate
		if err := os.Chtimes(cache.New(h.dir).Path(), at, at); err != nil {
			t.Fatal(err)
		}
		h.now = at
		var told string
		for _, m := range h.do(h.request("/reopen 1")) { // which changes nothing, and looks at the file
			if strings.Contains(m.Text, "More than once") {
				told, _, _ = strings.Cut(m.Text, "\nThe previous file is kept as goals.json.corrupt-")
			}
		}
		if !strings.HasSuffix(told, c.want) {
			t.Errorf("said %q, want %q", told, c.want)
		}
	}
}

// A report does not show what was decided, as an alert does: its button needs
// an answer, also where what was wrong is over.
func TestATapOnAReportIsAnswered(t *testing.T) {
	h := open(t)
	h.fake.rows = [][]message.Button{{{Label: "♻️ Restore", Command: "restore"}, {Label: "🔔 Unmute", Command: "unmute"}}}
	for _, words := range []string{"/health", "/details"} {
		report := h.say(words)
		if m := h.tap(report, "Unmute"); m.Text != "Unmute" || m.Edit == 0 {
			t.Errorf("a tap on what %s says is answered %+v", words, m)
		}
	}
	alert := h.request("/unmute")
	alert.Tap = true
	if all := h.do(alert); len(all) != 0 {
		t.Errorf("a tap on an alert is answered %+v", all)
	}
}
