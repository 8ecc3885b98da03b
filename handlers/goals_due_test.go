package handlers

import (
	"strings"
	"testing"
	"time"
)

// What looks like a date and is none makes no date of a goal, and what stands in
// quotes is left alone. Red where a date that is not certain is taken.
func TestWordsThatAreNoDates(t *testing.T) {
	h := open(t)
	for _, words := range []string{"buy a monitor", "paprika and may flowers", "ask Mark", "march to work", "call 1-3", "score 9/10", "install version 2.11", "sat on it", "visit Sun city", `read "tomorrow at 9"`, "watch “Friday”"} {
		h.say("/addgoal " + words)
		g := h.truth.List().All()[h.truth.List().Len()-1]
		if g.Plan().Due != "" || g.Description != words {
			t.Errorf("%q became %q, due %q", words, g.Description, g.Plan().Due)
		}
	}
}

func TestADateInTheWordsOfAGoal(t *testing.T) {
	h := open(t)
	m := h.say("/addgoal call the dentist tomorrow at 9")
	if m.Text != "Added: ⬜ #1 call the dentist\nDue tomorrow 09:00." {
		t.Errorf("said %q", m.Text)
	}
	if g := h.truth.List().Number(1); g.Plan().Due != "2026-03-02 09:00" || g.Plan().Chat != ann {
		t.Errorf("the plan is %+v", g.Plan())
	}
	h.tap(m, "Without date")
	if g := h.truth.List().Number(1); g.Plan().Due != "" || g.Description != "call the dentist tomorrow at 9" {
		t.Errorf("without date it is %q, %+v", g.Description, g.Plan())
	}
	h.say("/undo")
	if g := h.truth.List().Number(1); g.Plan().Due == "" || g.Description != "call the dentist" {
		t.Errorf("undone it is %q, %+v", g.Description, g.Plan())
	}
	h.say("/undo")
	if h.truth.List().Len() != 0 {
		t.Error("the goal is still there")
	}

	// Of one that is not certain the person is asked.
	m = h.say("/addgoal meet Ann tomorrow at 5")
	if g := h.truth.List().All()[0]; g.Plan().Due != "" || g.Description != "meet Ann tomorrow at 5" {
		t.Errorf("it is %q, %+v", g.Description, g.Plan())
	}
	button(t, m, "📅 tomorrow 05:00?")
	h.tap(m, "📅 tomorrow 17:00?")
	if g := h.truth.List().All()[0]; g.Plan().Due != "2026-03-02 17:00" || g.Description != "meet Ann" {
		t.Errorf("it is %q, %+v", g.Description, g.Plan())
	}
}

// An edit of the message that made the goal changes its date too.
func TestADateFollowsAnEdit(t *testing.T) {
	h := open(t)
	req := h.request("/addgoal call the dentist tomorrow")
	h.one(req)
	edit := func(words, description, due string) {
		t.Helper()
		e := h.request("/addgoal " + words)
		e.Message, e.Edited = req.Message, true
		h.one(e)
		if g := h.truth.List().Number(1); g.Description != description || g.Plan().Due != due {
			t.Errorf("%s: it is %q, due %q", words, g.Description, g.Plan().Due)
		}
	}
	edit("call the doctor tomorrow", "call the doctor", "2026-03-02")
	edit("call the doctor next friday", "call the doctor", "2026-03-06")
	edit("call the doctor", "call the doctor", "")
	edit("call the doctor on monday", "call the doctor", "2026-03-02")
	h.say("/due 1 wed")
	edit("call the vet", "call the vet", "2026-03-04") // which was set apart from the words
}

func TestDue(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	for _, c := range []struct{ words, said, due, repeat string }{
		{"/due 1 tomorrow at 9", "Date set for: ⬜ #1 call mother\nDue tomorrow 09:00.", "2026-03-02 09:00", ""},
		{"/due 1 next fri", "Date set for: ⬜ #1 call mother\nDue Fri 6 Mar.", "2026-03-06", ""},
		{"/due 1 every monday", "Date set for: ⬜ #1 call mother\nDue tomorrow, every Monday.", "2026-03-02", "every Monday"},
		{"/due 1 2027-01-01", "Date set for: ⬜ #1 call mother\nDue 1 Jan 2027.", "2027-01-01", ""},
		{"/due 1 2027-01-01", "#1 already has that, so nothing was changed.", "2027-01-01", ""},
		{"/due 1 yesterday", "“yesterday” is over. Say a date that is still to come. Nothing was changed.", "2027-01-01", ""},
		{"/due 1 off", "Date removed from: ⬜ #1 call mother", "", ""},
		{"/due 2 today", "There is no goal #2, so nothing was changed. /goals shows the list.", "", ""},
	} {
		if m := h.say(c.words); m.Text != c.said {
			t.Errorf("%s: said %q, want %q", c.words, m.Text, c.said)
		}
		if p := h.truth.List().Number(1).Plan(); p.Due != c.due || p.Repeat != c.repeat {
			t.Errorf("%s: it is %+v", c.words, p)
		}
	}
	m := h.say("/due 1")
	m = h.tap(m, "In a week")
	if !strings.HasPrefix(m.Text, "Date set\nDue Sun 8 Mar.\n\n⬜ #1 call mother\nto do\n📅 due Sun 8 Mar\n") {
		t.Errorf("said %q", m.Text)
	}
	if m := h.say("/goals"); !strings.Contains(m.Text, "⬜ #1 call mother  📅 Sun 8 Mar") {
		t.Errorf("the list is %q", m.Text)
	}
	h.now = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	if m := h.say("/goals"); !strings.Contains(m.Text, "⬜ #1 call mother  ❗ overdue by 2 days") {
		t.Errorf("the list is %q", m.Text)
	}
}

// Words that are offered as a goal show the date that they hold.
func TestAnOfferShowsTheDate(t *testing.T) {
	h := open(t)
	m := h.say("call the dentist tomorrow at 9")
	if !strings.HasSuffix(m.Text, "Add this as a goal?\n📅 tomorrow 09:00: “call the dentist”") {
		t.Errorf("said %q", m.Text)
	}
	h.tap(m, "Add as a goal")
	m = h.say("call the vet tomorrow at 9")
	h.tap(m, "Without date")
	all := h.truth.List().All()
	if len(all) != 2 || all[0].Description != "call the dentist" || all[0].Plan().Due == "" || all[1].Description != "call the vet tomorrow at 9" || all[1].Plan().Due != "" {
		t.Errorf("the goals are %+v, %+v", all[0], all[1])
	}
}

// Dates in numbers are read as the setting says, and otherwise as is usual in the zone.
// Leaving the setting out of what dates are read with turns this red.
func TestTheOrderOfDates(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	for _, c := range []struct{ setting, due string }{
		{"timezone Europe/Berlin", "2027-04-03"}, {"dates month-first", "2027-03-04"}, {"timezone America/New_York", "2027-03-04"},
		{"dates day-first", "2027-04-03"}, {"dates auto", "2027-03-04"},
	} {
		h.say("/settings " + c.setting)
		h.say("/due 1 off")
		h.say("/due 1 3/4/2027")
		if due := h.truth.List().Number(1).Plan().Due; due != c.due {
			t.Errorf("with %s it is due %s, want %s", c.setting, due, c.due)
		}
	}
	h.say("/settings timezone UTC")
	h.hear("/due 1 3/4/2027", "can mean several dates")
	h.say("/undo")
}

// The lists of what has a date and of what is overdue begin with what is due soonest.
// Their button is there where a goal has a date. Leaving the sort out turns this red,
// and so does taking goals that are closed.
func TestListsByDate(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	if m := h.say("/goals"); len(m.Buttons) != 5 || m.Buttons[3][1].Label != "In progress" {
		t.Errorf("without a date the buttons are %+v", m.Buttons)
	}
	h.hear("/goals due", "Goals with a date: none.")
	for _, words := range []string{"/addgoal pay the rent on 20 March", "/addgoal file the taxes tomorrow", "/addgoal water the plants tomorrow at 9", "/addgoal see the doctor next friday", "/addgoal sweep the chimney tomorrow", "/done 6"} {
		h.say(words)
	}
	m := h.say("/goals")
	var rows []string
	for _, row := range m.Buttons[3:] {
		var labels []string
		for _, b := range row {
			labels = append(labels, b.Label)
		}
		rows = append(rows, strings.Join(labels, " | "))
	}
	if want := "· Open · | Due | In progress\nBlocked | Done\nAbandoned | All"; strings.Join(rows, "\n") != want {
		t.Errorf("the buttons are\n%s\nwant\n%s", strings.Join(rows, "\n"), want)
	}
	h.tap(m, "Due")
	m = h.say("what is due?")
	if want := "Goals with a date · 4\n\n⬜ #4 water the plants  📅 tomorrow 09:00\n⬜ #3 file the taxes  📅 tomorrow\n⬜ #5 see the doctor  📅 Fri 6 Mar\n⬜ #2 pay the rent  📅 Fri 20 Mar"; m.Text != want {
		t.Errorf("the list is\n%s\nwant\n%s", m.Text, want)
	}
	h.hear("/goals overdue", "Overdue goals: none.")
	h.now = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	h.hear("/goals overdue", "Overdue goals · 1\n\n⬜ #4 water the plants  ❗ overdue by 30 minutes")
	h.now = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	h.hear("which goals are overdue?", "Overdue goals · 2\n\n⬜ #4 water the plants  ❗ overdue by 2 days\n⬜ #3 file the taxes  ❗ overdue by 2 days")
	h.hear("/goals late", "Overdue goals · 2")
}

// A date that is typed leaves the words of the goal alone, also where it is the one that
// they may mean: only the button below them says that it is.
func TestADateThatIsTypedLeavesTheWords(t *testing.T) {
	h := open(t)
	h.say("/addgoal meet Ann tomorrow at 5")
	h.say("/due 1 tomorrow 17:00")
	if g := h.truth.List().Number(1); g.Plan().Due != "2026-03-02 17:00" || g.Description != "meet Ann tomorrow at 5" {
		t.Errorf("it is %q, due %q", g.Description, g.Plan().Due)
	}
}
