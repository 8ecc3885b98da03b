package handlers

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"goalbot/goals"
	"goalbot/message"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

// The golden files read like chats. Bold text stands in *asterisks*, other
// formatting in [name:brackets], but for times, which are in every second line; buttons
// follow, each with what it says, opens or copies.

// rich are seven goals with everything that a person can type, and what
// another program adds.
func rich() []*goals.Goal {
	evidence := "tests are green"
	all := []*goals.Goal{
		goal("g-00000001", "call mother"),
		goal("g-00000002", "🏃 run with 👩‍👩‍👧‍👦 and 🏳️‍🌈"),
		goal("g-00000003", "שלום, call עולם"),
		goal("g-00000004", `<b>bold</b> & "quoted" _and_ *starred* [x](y)`),
		goal("g-00000005", "𝕏𝔜𝔤 four bytes each"),
		goal("g-00000006", strings.Repeat("long call ", 99)+"1000 chars"),
		goal("g-00000007", "ship the release\nwith its notes"),
	}
	all[1].Status = goals.InProgress
	all[2].Status, all[2].Notes = goals.Blocked, []string{"Blocked: אין זמן"}
	all[3].Status = goals.Done
	all[4].Status = goals.Abandoned
	all[6].Acceptance = []string{"tag", "binaries & <checksums>"}
	all[6].Sessions = []goals.Session{
		{ID: "s1", Task: "build", State: goals.Verified, Evidence: &evidence},
		{ID: "s2", Task: "upload", State: goals.Running},
		{ID: "s3", Task: "announce", State: goals.Launched},
		{ID: "s4", Task: "sign", State: goals.Failed},
	}
	all[6].Progress = all[6].DerivedProgress()
	return all
}

func TestGolden(t *testing.T) {
	everything := func(arg string) (all []string) {
		for _, c := range Commands() {
			all = append(all, strings.TrimSpace("/"+c.Name+" "+arg))
		}
		return all
	}
	for _, c := range []struct {
		name  string
		goals []*goals.Goal
		say   []string
	}{
		{"0", nil, append(append(everything(""), everything("1")...), "words", "/weather", "/add x")},
		{"1", rich()[:1], append(everything("1"), "/undo", "/goals done", "/goals nonsense", "/done", "/goals")},
		{"7", rich(), []string{
			"/goals", "/goals all", "/goals in progress", "/goals blocked", "/goals done",
			"/goal 1", "/goal 2", "/goal 3", "/goal 4", "/goal 5", "/goal 6", "/goal 7",
			"/done call", "/done 7", "/done 1, 2, 4, 7", "/undo", "/done 99", "/done pyramids",
			"/block 3 עוד לא", "/begin 3", "/abandon 7 too late", "/reopen 4", "/rename 5 <i>&amp;</i>", "/note 2 🏁 & <done>",
			"/delete 6", "/addgoal 🎉 new\n- one\n- two", "/addgoal " + strings.Repeat("x", 1001), "/note call no",
		}},
		{"board", rich(), []string{
			"/goals", "tap All", "tap #7", "tap List", "tap Blocked", "tap #3", "tap Unblock", "tap Undo", "tap Redo", "tap List", "tap Done", "tap Add", "/cancel",
			"/goals call", "tap #6", "tap List", "/goals pyramids", "/search all",
		}},
		{"card", rich()[:2], []string{
			"/goal 1", "tap Done", "tap Undo", "tap Block", "tap Cancel", "tap Block", "because of rain", "tap Open", "tap Criterion", "it rings", "tap Undo", "tap Redo",
			"tap Note", "she is away", "tap Open", "tap Edit", "tap Name", "call father", "tap Open", "tap History", "tap Open", "tap Abandon", "tap Reopen", "tap Delete", "tap Keep",
			"tap Delete", "tap Delete", "tap Undo", "tap Block", "tap without", "tap Delete", "tap Delete", "tap List", "tap #2", "tap Done", "tap List", "/history", "tap Older", "tap Newer", "/history 1", "/history call", "/history mother", "/history 9",
			"/undo", "/undo", "/criterion 2 faster", "/criterion 1",
		}},
		{"100", many(100), []string{"/goals", "/goals all page 3", "/goals all page 99", "/done", "/done words", "/goal 2"}},
		{"1000", many(1000), []string{"/goals", "/goals all", "/goals all page 57", "/goals done page 1000", "/reopen", "/goal ёж"}},
		{"settings", nil, []string{
			"/settings", "/settings timezone", "/settings timezone berlin", "/settings timezone", "/settings timezone Mars/Olympus", "/settings timezone new york",
			"/settings digest", "/settings digest weekdays 7:30", "/settings digest", "/settings digest 0 9 1 * *", "/settings digest every day", "/settings digest 25:00", "/settings digest off",
			"/settings quiet", "/settings quiet 22:00-07:00", "/settings quiet 7-7", "/settings quiet off",
			"/settings repeat", "/settings repeat 90 m", "/settings repeat 5s", "/settings repeat default",
			"/settings ring", "/settings ring everything", "/settings ring loud", "/settings ring default",
			"/settings weather", "/settings timezone default", "/settings",
		}},
		{"help", nil, func() (all []string) {
			for _, c := range Commands() {
				all = append(all, "/help "+c.Name)
			}
			return all
		}()},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := open(t, c.goals...)
			var b strings.Builder
			var last message.Message
			for _, words := range c.say {
				fmt.Fprintf(&b, "> %s\n", strings.ReplaceAll(words, "\n", "\n> "))
				req := h.request(words)
				if label, ok := strings.CutPrefix(words, "tap "); ok {
					req = h.tapped(last, label)
				}
				for _, m := range h.do(req) {
					b.WriteString(written(m))
					if !m.Lapses { // no button of what is closed can be tapped
						last = m
					}
				}
			}
			got := regexp.MustCompile(`g-[0-9a-f]{8}([0-9a-f]{8})?\b`).ReplaceAllString(b.String(), "g-xxxxxxxx")
			golden(t, filepath.Join("testdata", c.name+".golden"), got)
		})
	}
}

// golden compares with a file of testdata, or writes it with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what is said now; go test ./handlers -update and look at git diff. First difference:\n%s", path, firstDifference(got, string(want)))
	}
}

func written(m message.Message) string {
	units := utf16.Encode([]rune(m.Text))
	var b strings.Builder
	at := 0
	for _, e := range m.Entities {
		inner := string(utf16.Decode(units[e.Offset : e.Offset+e.Length]))
		b.WriteString(string(utf16.Decode(units[at:e.Offset])))
		switch e.Type {
		case message.Bold:
			b.WriteString("*" + inner + "*")
		case message.Instant:
			b.WriteString(inner)
		default:
			b.WriteString("[" + e.Type + ":" + inner + "]")
		}
		at = e.Offset + e.Length
	}
	b.WriteString(string(utf16.Decode(units[at:])) + "\n")
	for _, row := range m.Buttons {
		for _, button := range row {
			style := ""
			if button.Style != "" {
				style = ", " + string(button.Style)
			}
			copies := ""
			if button.Copy != "" {
				copies = "copies " + button.Copy
			}
			fmt.Fprintf(&b, "  (%s = %s%s%s%s)", button.Label, button.Command, button.URL, copies, style)
		}
		b.WriteString("\n")
	}
	if m.Photo != nil {
		b.WriteString("  (with a picture)\n")
	}
	if m.Document != nil {
		fmt.Fprintf(&b, "  (with the file %s)\n", m.Document.Name)
	}
	if m.React != "" {
		fmt.Fprintf(&b, "  (or instead %s)\n", m.React)
	}
	if m.File != nil {
		fmt.Fprintf(&b, "  (with a %s that Telegram has)\n", m.File.Kind)
	}
	if m.Instead != nil {
		fmt.Fprintf(&b, "  Instead: %s\n", strings.ReplaceAll(written(*m.Instead), "\n", "\n  "))
	}
	if m.Ask {
		b.WriteString("  (asks)\n")
	}
	return b.String() + "\n"
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d\n%.300s\nwant\n%.300s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}
