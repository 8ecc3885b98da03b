package handlers

import (
	"strings"
	"testing"

	"goalbot/message"
)

// "/history 1 page 9" said that nothing was done yet, and there were three ways to
// say which page: "page 2", "2" and "/2". Broken on purpose: a page that is not
// there is shown all the same; "page 2" is always a page, also in a goal's words.
func TestOneWayToTurnPages(t *testing.T) {
	h := open(t, plain(45)...)
	for range 10 {
		h.say("/note 1 once more")
	}
	for _, c := range [][2]string{
		{"/history 1 page 2", "History of #1 goal 1 · page 2\n"},
		{"/history 1 page 9", "There is no page 9. This is page 2, the last.\n\nHistory of #1 goal 1 · page 2\n"},
		{"/history 1 page 99999999", "There is no page 99999999. This is page 2, the last.\n"},
		{"/history 2 page 9", "There is no page 9: everything is on this one.\n\nHistory of #2 goal 2\n"},
		{"/history page 2", "History · page 2\n"},
		{"/history PAGE 500", "There is no page 500. This is page 2, the last.\n\nHistory · page 2\n"},
		{"/goals open page 3", "Open goals · 45 · page 3 of 5\n"},
		{"/goals page 2", "Open goals · 45 · page 2 of 5\n"},
		{"/goals open page 6", "There is no page 6. This is page 5, the last.\n\nOpen goals · 45 · page 5 of 5\n"},
		{"/goals done page 2", "There is no page 2: everything is on this one.\n\nGoals done: none."},
		{"/goals all page 0", "All goals · 45 · page 1 of 5\n"},
		{"/search goal page 2", "Found · 45 · “goal” · page 2 of 5"},
		{"/search goal page 77", "There is no page 77. This is page 5, the last.\n\nFound · 45 · "},
		{"/goals goal page 2", "Found · 45 · “goal” · page 2 of 5"},
		{"/goals page 3", "Found · 45 · “goal” · page 3 of 5"},
	} {
		if m := h.say(c[0]); !strings.HasPrefix(m.Text, c[1]) {
			t.Errorf("%s\nis answered\n%s\nwant\n%s", c[0], m.Text, c[1])
		}
	}
	for _, words := range []string{"/history 1 page 2", "/history 1 page 9"} {
		if m := h.say(words); strings.Contains(m.Text, "once more") {
			t.Errorf("%s shows what is newer:\n%s", words, m.Text)
		}
	}
	h.say("/addgoal read page 2")
	h.hear("/search read page 2", "Found · 1 · “read page 2”")
	h.hear("/history read page 2", "History of #46 read page 2")
	h.say("/addgoal change the tyres")
	h.hear("/history change the tyres", "History of #47 change the tyres") // only a button names a change
}

// The undo of an import told of each of its goals, and so did the history.
// Showing all goals of an undo, or an entry for each, turns this red.
func TestAnImportIsOneEntryOfTheHistory(t *testing.T) {
	h := open(t)
	all := plain(40)
	m := h.tap(h.send("/import", "goals.json", encoded(all...)), "Import")
	_, rest, _ := strings.Cut(h.say("/history").Text, ": ")
	if rest != "imported 40 goals" {
		t.Errorf("the history of the import is %q", rest)
	}
	m = h.tap(m, "Undo")
	if m.Text != "↩️ Undone: importing 40 goals" {
		t.Errorf("undone with %q", m.Text)
	}
	if m = h.tap(m, "Show them"); strings.Count(m.Text, "deleted “goal") != eventsPerPage {
		t.Errorf("the goals are shown as %q", m.Text)
	}
	if m = h.tap(h.tap(m, "Older"), "Older"); !strings.Contains(m.Text, "deleted 40 goals · page 3\n\n#21 · deleted “goal 21”") {
		t.Errorf("the third page is %q", m.Text)
	}
	history := h.hear("/history", "you: undo, deleted 40 goals\n\n")
	if !strings.HasSuffix(history.Text, "you: imported 40 goals (undone)") || len(entriesOf(history)) != 2 {
		t.Errorf("the history is %q with %v", history.Text, entriesOf(history))
	}
	h.hear("/redo", "↪️ Redone: ")
	if n := h.truth.List().Len(); n != 40 {
		t.Errorf("%d goals are back", n)
	}
}

// entriesOf are the buttons that show the goals of a change.
func entriesOf(m message.Message) (labels []string) {
	for _, row := range m.Buttons {
		for _, b := range row {
			if strings.HasPrefix(b.Command, "history change ") {
				labels = append(labels, b.Label)
			}
		}
	}
	return labels
}
