package handlers

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
)

const wall = "2006-01-02 15:04"

// firstShown is the first minute at which a clock in zone shows a time or, where it
// never does, something later, found by looking at every minute.
func firstShown(t testing.TB, shows string, zone *time.Location) time.Time {
	t.Helper()
	at, err := time.Parse(wall, shows)
	if err != nil {
		t.Fatal(err)
	}
	for at = at.Add(-16 * time.Hour); at.In(zone).Format(wall) < shows; {
		at = at.Add(time.Minute)
	}
	return at
}

// When goals that repeat are finished each time that they are due, their reminders come
// at the right time of the local clock, once, and not a minute before: while the clock
// goes forward and back, over a day that was left out, in quiet hours, when the program
// did not run, and when its clock is set back. Broken on purpose: what was told is not
// noted, the zone is not asked for, the quiet hours are passed over, delay is not said.
func TestRemindersThroughChangesOfTheClock(t *testing.T) {
	days := 12
	if *deep {
		days = 400
	}
	for _, c := range []struct {
		zone, from string
		quiet      bool
	}{
		{"Europe/Berlin", "2026-03-24", false},
		{"Europe/Berlin", "2026-10-20", true},
		{"America/New_York", "2026-10-27", false},
		{"Australia/Lord_Howe", "2026-03-30", false}, // half an hour
		{"Asia/Kathmandu", "2027-12-27", true},
		{"Pacific/Apia", "2011-12-26", false},      // without 30 December
		{"Africa/Casablanca", "2026-02-10", false}, // Ramadan
	} {
		t.Run(strings.ReplaceAll(c.zone+" "+c.from, "/", " "), func(t *testing.T) {
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			h := open(t)
			h.now = firstShown(t, c.from+" 12:00", zone)
			end := h.now.AddDate(0, 0, days)
			h.say("/settings timezone " + c.zone)
			if c.quiet {
				h.say("/settings quiet 22:00-07:00")
			}
			for n, rule := range []string{"every monday at 09:00", "every 2 weeks on sunday at 02:30", "every month on the last day at 23:45", "every weekday at 01:30", "every day at 02:15", "every year on 29 Feb at 09:00"} {
				h.say(fmt.Sprintf("/addgoal goal %d", n+1))
				h.hear(fmt.Sprintf("/due %d %s", n+1, rule), "Date set for")
			}
			h.spoken()
			for steps := 1; ; steps++ {
				// What is to be told, and when.
				comes := map[int64]time.Time{}
				var next time.Time
				for _, g := range h.truth.List().All() {
					if !g.Status.Open() {
						continue
					}
					at := firstShown(t, g.Plan().Due, zone)
					if local := at.In(zone); c.quiet && (local.Hour() >= 22 || local.Hour() < 7) {
						if local.Hour() >= 22 {
							local = local.AddDate(0, 0, 1)
						}
						at = firstShown(t, local.Format("2006-01-02 07:00"), zone)
					}
					if comes[g.Number] = at; next.IsZero() || at.Before(next) {
						next = at
					}
				}
				if next.After(end) {
					break
				}
				now := next
				if steps%5 == 0 {
					now = next.Add(35 * time.Hour) // the program was down
					if local := now.In(zone); c.quiet && (local.Hour() >= 22 || local.Hour() < 7) {
						now = now.Add(10 * time.Hour)
					}
					h.start(nil, ann, ben)
				} else {
					h.wantReminders(next.Add(-time.Minute))
				}
				want := map[string]bool{} // whether it is late
				for n, at := range comes {
					if !at.After(now) {
						want["#"+strconv.FormatInt(n, 10)] = now.Sub(at) > 5*time.Minute
					}
				}
				said := h.reminds(now)
				got := map[string]bool{}
				for line := range strings.SplitSeq(strings.Join(said, "\n"), "\n") {
					if number := numberSaid.FindString(line); number != "" {
						got[strings.TrimSpace(number)] = strings.Contains(line, " late)")
					}
				}
				if len(said) != 1 || fmt.Sprint(got) != fmt.Sprint(want) {
					t.Fatalf("at %s it says %q, want %v", now.In(zone), said, want)
				}
				for _, other := range []time.Duration{0, -2 * time.Hour, time.Minute} { // its clock is set back
					h.wantReminders(now.Add(other))
				}
				h.now = now
				for number := range want {
					h.say("/done " + number[1:])
				}
			}
			told := slices.DeleteFunc(slices.Clone(h.truth.List().All()), func(g *goals.Goal) bool { return g.Status.Open() })
			if len(told) < days {
				t.Errorf("only %d were told and finished", len(told))
			}
		})
	}
}

// Who moves to another zone is told at the time of the clock there. What was told is not
// told again when that time comes there.
func TestRemindersFollowTheZone(t *testing.T) {
	h := open(t) // in UTC
	h.say("/addgoal call mother")
	h.say("/addgoal call father")
	h.say("/due 1 2026-03-02 09:00")
	h.say("/due 2 2026-03-03 09:00")
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 0, 0, time.UTC) }
	h.wantReminders(at(2, 9, 0), "⏰ ⬜ #1 call mother – due today 09:00")
	h.say("/settings timezone America/New_York") // five hours behind
	h.wantReminders(at(2, 14, 0))
	h.wantReminders(at(3, 9, 0))
	h.wantReminders(at(3, 13, 59))
	h.say("/settings timezone Asia/Kathmandu") // where that was in the morning
	h.wantReminders(at(3, 14, 1), "⏰ ⬜ #2 call father – due today 09:00 (10 h 46 min late)")
	h.say("/settings timezone UTC")
	h.wantReminders(at(4, 0, 0))
}
