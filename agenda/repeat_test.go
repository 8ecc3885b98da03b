package agenda

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func repeatOf(t testing.TB, text string) Repeat {
	t.Helper()
	r, err := ParseRepeat(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return r
}

func TestRepeatText(t *testing.T) {
	for text, want := range map[string]string{
		"daily": "every day", "every 3 days": "every 3 days", "every other day": "every 2 days",
		"every mon": "every Monday", "mondays": "every Monday", "every weekday": "every weekday", "every mon, tue, wed, thu and fri": "every weekday",
		"every sun, sat and wed": "every Wednesday, Saturday and Sunday", "every 2 weeks on thu and mon": "every 2 weeks on Monday and Thursday", "every other friday": "every 2 weeks on Friday",
		"fortnightly on fridays": "every 2 weeks on Friday", "every 2 weeks on weekdays": "every 2 weeks on Monday, Tuesday, Wednesday, Thursday and Friday",
		"monthly on the 31st": "every month on the 31st", "monthly on the last day": "every month on the last day", "on the 1st of every month": "every month on the 1st",
		"first monday of every month": "every month on the 1st Monday", "every month on the last friday": "every month on the last Friday", "every 2nd tuesday of the month": "every month on the 2nd Tuesday",
		"quarterly on the 15th": "every 3 months on the 15th", "every 11th": "every month on the 11th", "every 22nd": "every month on the 22nd", "every 13th": "every month on the 13th",
		"yearly on 1 Dec": "every year on 1 Dec", "every 29 Feb": "every year on 29 Feb", "every 4 years on Feb 29": "every 4 years on 29 Feb",
	} {
		r := repeatOf(t, text)
		if got := r.String(); got != want || repeatOf(t, got) != r || !r.Valid() {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	for _, text := range []string{"", "every week", "weekly", "every month", "every year", "every hour", "every monday at 9", "every 0 days", "every 1000 days", "every day every day", "every 5th monday", "every 32nd", "yearly on 30 Feb", "tomorrow", "every month on the second", "every \"monday\""} {
		if r, err := ParseRepeat(text); err == nil {
			t.Errorf("%q is taken for %s", text, r)
		}
	}
}

func drawRepeat(t *rapid.T) Repeat {
	r := Repeat{Every: rapid.IntRange(1, 12).Draw(t, "every"), Unit: rapid.SampledFrom([]Unit{Days, Weeks, Months, Years}).Draw(t, "unit")}
	day := rapid.SampledFrom([]int{1, 2, 15, 28, 29, 30, 31, Last})
	switch r.Unit {
	case Weeks:
		r.Weekdays = Weekdays(rapid.IntRange(1, 1<<7-1).Draw(t, "weekdays"))
	case Months:
		if rapid.Bool().Draw(t, "nth") {
			r.Nth = rapid.SampledFrom([]int{1, 2, 3, 4, Last}).Draw(t, "which")
			r.Weekday = time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday"))
		} else {
			r.Day = day.Draw(t, "day")
		}
	case Years:
		r.Month = time.Month(rapid.IntRange(1, 12).Draw(t, "month"))
		r.Day = min(max(day.Draw(t, "day"), 1), lastDay(2000, r.Month))
	}
	return r
}

func TestRepeatIsReadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRepeat(t)
		text, _ := r.MarshalText()
		var kept Repeat
		if err := kept.UnmarshalText(text); err != nil || kept != r || !r.Valid() {
			t.Fatalf("%#v is %q, which is %#v, %v", r, text, kept, err)
		}
	})
}

// holds reports whether a day is one of a repeat, whatever comes between.
func (r Repeat) holds(d Date) bool {
	end := lastDay(d.Year, d.Month)
	onDay := r.Day == d.Day || d.Day == end && (r.Day > end || r.Day == Last)
	switch r.Unit {
	case Weeks:
		return r.Weekdays.Has(d.Weekday())
	case Months:
		if r.Day != 0 {
			return onDay
		}
		return d.Weekday() == r.Weekday && (r.Nth == (d.Day+6)/7 || r.Nth == Last && d.Day > end-7)
	case Years:
		return d.Month == r.Month && onDay
	}
	return true
}

// Each time is on a day of the repeat, and between two there are as many units
// as there should be: a month that is shorter moves nothing that follows.
func TestNextKeepsTheRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRepeat(t)
		d, _ := r.first(DateOf(drawNow(t)))
		for range 60 {
			next := r.Next(OnDay(d)).Date
			months := (next.Year-d.Year)*12 + int(next.Month-d.Month)
			weeks := next.weekStart(false).Sub(d.weekStart(false)) / 7
			gap, ok := next.Sub(d), false
			switch r.Unit {
			case Days:
				ok = gap == r.Every
			case Weeks:
				ok = weeks == r.Every || weeks == 0
				for between := d.AddDays(1); weeks == 0 && between.Before(next); between = between.AddDays(1) {
					ok = ok && !r.holds(between)
				}
			case Months:
				ok = months == r.Every
			case Years:
				ok = months == 12*r.Every
			}
			if !ok || gap < 1 || !r.holds(next) {
				t.Fatalf("%s: %s after %s", r, next, d)
			}
			d = next
		}
	})
}

func TestMonthlyOnThe31stDoesNotDrift(t *testing.T) {
	r, w := repeatOf(t, "every month on the 31st"), OnDay(Date{2027, 12, 31})
	for _, want := range []string{"2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"} {
		if w = r.Next(w); w.String() != want {
			t.Errorf("%s, want %s", w, want)
		}
	}
	r, w = repeatOf(t, "every year on 29 Feb"), OnDay(Date{2026, 2, 28})
	for _, want := range []string{"2027-02-28", "2028-02-29", "2029-02-28"} {
		if w = r.Next(w); w.String() != want {
			t.Errorf("%s, want %s", w, want)
		}
	}
}

// Who finishes late is not asked for the times that were missed, nor on the same
// day again; who finishes early is asked at the next time.
func TestNextAfter(t *testing.T) {
	for _, tt := range []struct{ repeat, due, now, want string }{
		{"every day", "2026-11-20", "2026-11-28 10:00", "2026-11-29"},
		{"every 3 days", "2026-11-20", "2026-11-28 10:00", "2026-11-29"},
		{"every 3 days", "2026-11-22", "2026-11-28 10:00", "2026-12-01"},
		{"every monday", "2026-11-30", "2026-11-28 10:00", "2026-12-07"},
		{"every saturday", "2026-11-21 09:00", "2026-11-28 08:00", "2026-12-05 09:00"},
		{"every 2 weeks on monday", "2026-11-02", "2026-11-28 10:00", "2026-11-30"},
		{"every month on the 31st", "2026-08-31", "2026-11-28 10:00", "2026-11-30"},
		{"every year on 1 Dec", "2020-12-01", "2026-11-28 10:00", "2026-12-01"},
		{"every day", "2026-12-24", "2026-11-28 10:00", "2026-12-25"},
	} {
		var due When
		if err := due.UnmarshalText([]byte(tt.due)); err != nil {
			t.Fatal(err)
		}
		if got := repeatOf(t, tt.repeat).NextAfter(due, at(t, "Europe/Berlin", tt.now)); got.String() != tt.want {
			t.Errorf("%s, due %s, done %s: %s, want %s", tt.repeat, tt.due, tt.now, got, tt.want)
		}
	}
}

// TestSimulatedYears steps through twenty years in zones whose clocks change in
// every way. Each instant comes after the one before, no day is left out or
// doubled, and the clock shows the time that was asked for, or the first one
// after it where that is left out.
func TestSimulatedYears(t *testing.T) {
	for _, name := range zones {
		zone := location(t, name)
		for _, rule := range []string{"every day", "every 3 days", "every weekday", "every 2 weeks on Monday and Sunday", "every month on the 31st", "every month on the last Sunday", "every year on 29 Feb"} {
			for _, clock := range []time.Duration{0, 90 * time.Minute, 2*time.Hour + 15*time.Minute, 2*time.Hour + 30*time.Minute, 9 * time.Hour, 23*time.Hour + 59*time.Minute} {
				repeat := repeatOf(t, rule)
				first, _ := repeat.first(Date{2010, 1, 1})
				w := AtClock(first, clock)
				before := w.Time(zone)
				for w.Date.Year < 2030 {
					last := w
					w = repeat.Next(w)
					now := w.Time(zone)
					if now.Before(before) || now.Equal(before) && !leftOut(last, zone) { // Apia had no 30 Dec 2011
						t.Fatalf("%s, %s: %s is %s, not after %s", name, rule, w, now, before)
					}
					shown, asked := AtClock(DateOf(now), clockOf(now)), w
					if shown != asked && !leftOut(asked, zone) {
						t.Fatalf("%s, %s: %s is shown as %s", name, rule, asked, shown)
					}
					if gap := now.Sub(before); rule == "every day" && (gap < 22*time.Hour || gap > 26*time.Hour) && !leftOut(AtClock(w.Date, 12*time.Hour), zone) && !leftOut(AtClock(last.Date, 12*time.Hour), zone) {
						t.Fatalf("%s: %s after the day before", name, gap)
					}
					before = now
				}
			}
		}
	}
}

// leftOut reports whether a clock in zone never shows w, by looking at every
// minute of three days.
func leftOut(w When, zone *time.Location) bool {
	from := time.Date(w.Date.Year, w.Date.Month, w.Date.Day-1, 0, 0, 0, 0, zone)
	for m := range 3 * 24 * 60 {
		if t := from.Add(time.Duration(m) * time.Minute); DateOf(t) == w.Date && clockOf(t) == w.Clock {
			return false
		}
	}
	return true
}
