package handlers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
)

// asked lets the time go on until then and returns what came unasked, with the times
// of the first owner's messages.
func (h *house) asked(step time.Duration, until time.Time) (all []string) {
	for h.now.Before(until) {
		h.now = h.now.Add(step)
		h.must(h.h.Review(h.t.Context(), h.now))
		h.spoken()
		for _, text := range h.saidIn(ann) {
			head, _, _ := strings.Cut(text, "\n")
			all = append(all, h.now.Format("Mon 2 15:04 ")+head)
		}
	}
	return all
}

// Goals that rest are asked about in the morning, once a day at most and each once a
// week, not on the day of the first start, and not in quiet hours. Red without the day in the record, without the day on
// which a goal was asked about, and without the quiet hours.
func TestStuckGoalsAreAskedAbout(t *testing.T) {
	h := open(t, sample()...)
	h.say("/settings quiet 22:00-10:00")
	h.say("/begin 6")
	h.say("/done 1")
	h.spoken()
	// #2 and #3 rest since February, #6 since today.
	got := h.asked(30*time.Minute, time.Date(2026, 3, 18, 23, 0, 0, 0, time.UTC))
	want := []string{"Mon 2 10:00 Are these 2 goals stuck?", "Mon 9 10:00 Are these 2 goals stuck?", "Sun 15 12:00 Is this one stuck?", "Mon 16 10:00 Are these 2 goals stuck?"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("asked\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	h.say("/settings review off")
	h.spoken()
	if got := h.asked(30*time.Minute, time.Date(2026, 4, 1, 23, 0, 0, 0, time.UTC)); got != nil {
		t.Errorf("off, and asked %q", got)
	}
}

// The review comes on its day and asks about what is stuck, so nothing else comes on
// that day; one that was missed comes within a day, and one before the setting never.
func TestTheWeeklyReview(t *testing.T) {
	h := open(t, sample()...)
	h.say("/settings review sunday 11:00") // it is Sunday 12:00
	h.spoken()
	got := h.asked(time.Hour, time.Date(2026, 3, 16, 23, 0, 0, 0, time.UTC))
	want := []string{"Mon 2 08:00 Are these 2 goals stuck?", "Sun 8 11:00 Your week", "Sun 15 11:00 Your week"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("came\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	h.now = time.Date(2026, 3, 23, 8, 0, 0, 0, time.UTC) // it did not run on Sunday
	got = h.asked(time.Hour, h.now.Add(30*time.Hour))
	if want := "Mon 23 09:00 Your week"; strings.Join(got, "\n") != want {
		t.Errorf("came %q, want %q", got, want)
	}
	h.now = time.Date(2026, 3, 30, 12, 0, 0, 0, time.UTC) // for more than a day
	got = h.asked(time.Hour, h.now.Add(time.Hour))
	if want := "Mon 30 13:00 Are these 2 goals stuck?"; strings.Join(got, "\n") != want {
		t.Errorf("came %q, want %q", got, want)
	}
}

// What somebody says of a stuck goal counts, and what is said of one leaves the others
// on the screen.
func TestAnswersAboutStuckGoals(t *testing.T) {
	for _, test := range []struct {
		button, said string
		left         string // what is stuck after it
		is           func(*goals.Goal) bool
	}{
		{"Still on it", "Still on it: ▶️ #2 write the report", "[3]", func(g *goals.Goal) bool { return g.Status == goals.InProgress && g.Plan().Parked == "" }},
		{"💤 Park 2 weeks", "Parked for 2 weeks: ▶️ #2 write the report", "[3]", func(g *goals.Goal) bool { return g.Plan().Parked == "2026-03-16" }},
		{"🚧 Block", "Blocked: 🚧 #2 write the report", "[3]", func(g *goals.Goal) bool { return g.Status == goals.Blocked }},
		{"🚫 Give up", "Abandoned: 🚫 #2 write the report", "[3]", func(g *goals.Goal) bool { return g.Status == goals.Abandoned }},
	} {
		h := open(t, sample()...)
		h.must(h.h.Review(t.Context(), h.now)) // on the first day nothing is asked
		h.now = h.now.AddDate(0, 0, 1)
		h.must(h.h.Review(t.Context(), h.now))
		m := h.spoken()[0]
		m = h.tap(m, "#2: "+test.button)
		if !strings.HasPrefix(m.Text, test.said+"\n\nIs this one stuck?\n\n🚧 #3 mend the roof") {
			t.Errorf("%s: said %q", test.button, m.Text)
		}
		var left []int64
		for _, s := range stuckGoals(h.truth.List(), nil, h.now, anyGoal) {
			left = append(left, s.Number)
		}
		if g := h.truth.List().Number(2); fmt.Sprint(left) != test.left || !test.is(g) {
			t.Errorf("%s: stuck are %v, want %s; the goal is %+v", test.button, left, test.left, g)
		}
		h.tap(m, "Undo")
		if n := len(stuckGoals(h.truth.List(), nil, h.now.AddDate(0, 0, 14), anyGoal)); n != 2 {
			t.Errorf("%s: undone, %d are stuck two weeks later", test.button, n)
		}
	}
}

// A goal that is begun is parked no longer.
func TestBeginningEndsParking(t *testing.T) {
	h := open(t, goal("g-1", "call mother"))
	h.say("/park 1 in 3 days")
	if parked := h.truth.List().Number(1).Plan().Parked; parked != "2026-03-04" {
		t.Errorf("parked until %q", parked)
	}
	h.hear("/next", "Nothing is open.")
	h.say("/begin 1")
	h.hear("/next", "Next: ▶️ #1 call mother")
}
