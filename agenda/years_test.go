package agenda

import (
	"testing"
	"time"
)

// shownFirst returns the first minute at which a clock in zone shows w or, where it
// never does, something later, by looking at every minute.
func shownFirst(w When, zone *time.Location) time.Time {
	t := time.Date(w.Date.Year, w.Date.Month, w.Date.Day, 0, 0, 0, 0, time.UTC).Add(w.Clock - 16*time.Hour)
	for ; ; t = t.Add(time.Minute) {
		local := t.In(zone)
		if c := DateOf(local).Compare(w.Date); c > 0 || c == 0 && clockOf(local) >= w.Clock {
			return t
		}
	}
}

// inPhase reports whether a day is one of a repeat that is counted from another day
// of it.
func (r Repeat) inPhase(first, d Date) bool {
	apart := 0
	switch r.Unit {
	case Days:
		apart = d.Sub(first)
	case Weeks:
		apart = d.weekStart(false).Sub(first.weekStart(false)) / 7
	case Months:
		apart = (d.Year-first.Year)*12 + int(d.Month-first.Month)
	case Years:
		apart = d.Year - first.Year
	}
	return apart%r.Every == 0 && r.holds(d)
}

// TestYearsOfFinishing finishes what repeats for years: on time, hours late, after
// days without the program, and early. Each time is told once, when the clock shows it
// first and not a minute before, after the quiet hours where it falls into them; and
// what comes next is the first time of the repeat after that day.
//
// Broken on purpose: a gap of the clock goes by what time.Date makes of it, the second
// of two equal times is taken, NextAfter counts from the day of finishing, or returns
// the same day.
func TestYearsOfFinishing(t *testing.T) {
	rules := []struct {
		rule  string
		clock time.Duration // below zero for a whole day
		quiet Quiet
	}{
		{"every Monday", 9 * time.Hour, night},
		{"every 2 weeks on Sunday", 2*time.Hour + 30*time.Minute, nil},
		{"every month on the last day", 23*time.Hour + 45*time.Minute, night},
		{"every year on 29 Feb", -1, night},
		{"every weekday", 90 * time.Minute, nil},
		{"every day", 2*time.Hour + 15*time.Minute, nil},
		{"every day", 2*time.Hour + 15*time.Minute, night},
		{"every 3 days", 0, nil},
	}
	for _, name := range zones {
		zone := location(t, name)
		for _, c := range rules {
			years := 3
			if c.rule == "every year on 29 Feb" {
				years = 20
			}
			repeat := repeatOf(t, c.rule)
			first, _ := repeat.first(Date{2011, 9, 1})
			for due, n := (When{Date: first}), 0; due.Date.Year < 2012+years; n++ {
				told := AtClock(due.Date, Morning)
				if c.clock >= 0 {
					due = AtClock(due.Date, c.clock)
					told = due
				}
				at := shownFirst(told, zone)
				comes := c.quiet.until(at.In(zone)) // which has a test of its own
				rows := []Reminder{{Goal: 1, When: due}}
				before := Remind(rows, at.Add(-time.Minute).In(zone), Morning, c.quiet)
				if len(before.Ring)+len(before.Hold) > 0 || !before.Next.Equal(at) {
					t.Fatalf("%s, %s: %s comes a minute early: %+v", name, c.rule, due, before)
				}
				if comes.After(at) {
					held := Remind(rows, comes.Add(-time.Minute).In(zone), Morning, c.quiet)
					if len(held.Ring) > 0 || len(held.Hold) != 1 || !held.Next.Equal(comes) {
						t.Fatalf("%s, %s: %s is not held until %s: %+v", name, c.rule, due, comes, held)
					}
				}
				for _, late := range []time.Duration{0, 5 * time.Minute, 6 * time.Minute, 50 * time.Hour} {
					now := comes.Add(late).In(zone)
					round := Remind(rows, now, Morning, c.quiet)
					if c.quiet.until(now).After(now) {
						continue
					}
					want := late
					if late <= Punctual {
						want = 0
					}
					if len(round.Ring) != 1 || round.Ring[0].Late != want {
						t.Fatalf("%s, %s: %s at %s: %+v, want it %s late", name, c.rule, due, now, round, want)
					}
				}
				now := comes.Add([]time.Duration{0, 0, 3 * time.Hour, 0, 30 * time.Hour, 0, 9 * 24 * time.Hour, -2 * 24 * time.Hour}[n%8]).In(zone)
				next, after := repeat.NextAfter(due, now), due.Date
				if today := DateOf(now); after.Before(today) {
					after = today
				}
				want := after.AddDays(1)
				for !repeat.inPhase(first, want) {
					want = want.AddDays(1)
				}
				if next.Date != want || next.Clock != due.Clock || next.Kind != due.Kind {
					t.Fatalf("%s, %s: due %s, finished %s, it comes %s, want %s", name, c.rule, due, now, next, want)
				}
				due = next
			}
		}
	}
}
