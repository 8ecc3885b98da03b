package agenda

import (
	"fmt"
	"math"
	"time"
)

// This file writes dates for people. [ParseWhen] reads what Format returns, as
// long as it is not past.

func shortMonth(m time.Month) string { return m.String()[:3] }

// longDate returns a day with its year: 4 Dec 2026.
func longDate(d Date) string { return fmt.Sprintf("%d %s %d", d.Day, shortMonth(d.Month), d.Year) }

// Format returns w as it is read on the calendar of now's location: "today
// 17:44", "tomorrow", "yesterday", "Fri 4 Dec 09:00", and in another year "12
// Jan 2027". The result is "" for never.
func Format(w When, now time.Time) string {
	if w.IsZero() {
		return ""
	}
	date, clock := w.Date, w.Clock
	if t, ok := w.fixed(); ok {
		t = t.In(now.Location())
		date, clock = DateOf(t), clockOf(t)
	}
	text := formatDate(date, DateOf(now))
	if w.Kind != WholeDay {
		text += " " + clockText(clock)
	}
	return text
}

// FormatTime returns an instant as [Format] does.
func FormatTime(t, now time.Time) string { return Format(AtInstant(t), now) }

func formatDate(d, today Date) string {
	switch d.Sub(today) {
	case -1:
		return "yesterday"
	case 0:
		return "today"
	case 1:
		return "tomorrow"
	}
	if d.Year != today.Year {
		return longDate(d)
	}
	return fmt.Sprintf("%s %d %s", d.Weekday().String()[:3], d.Day, shortMonth(d.Month))
}

// Relative returns how far away w is: "today", "tomorrow", "in 3 days", "in 20
// minutes", "now", "overdue by 2 days". The result is "" for never.
func Relative(w When, now time.Time) string {
	if w.IsZero() {
		return ""
	}
	if w.Overdue(now) {
		return "overdue by " + overdueBy(w, now)
	}
	days := w.Day(now.Location()).Sub(DateOf(now))
	if left := w.Time(now.Location()).Sub(now); w.Kind != WholeDay && left < day {
		if left < time.Minute {
			return "now"
		}
		return "in " + DurationText(left)
	}
	switch days {
	case 0:
		return "today"
	case 1:
		return "tomorrow"
	}
	return "in " + daysText(days)
}

// overdueBy returns for how long the time for w has been up. A day that is over
// counts from that day: what was due yesterday is overdue by 1 day.
func overdueBy(w When, now time.Time) string {
	if w.Kind == WholeDay {
		return daysText(DateOf(now).Sub(w.Date))
	}
	return DurationText(now.Sub(w.Time(now.Location())))
}

// DurationText returns a length of time in its largest unit, rounded: "20
// minutes", "2 hours", "3 days", "5 weeks". What is shorter than a minute is "1
// minute".
func DurationText(d time.Duration) string {
	switch minutes := math.Round(d.Minutes()); {
	case minutes < 60:
		return plural(max(int(minutes), 1), "minute")
	case minutes < 24*60-30:
		return plural(int(math.Round(d.Hours())), "hour")
	}
	return daysText(max(int(math.Round(d.Hours()/24)), 1))
}

func daysText(days int) string {
	switch {
	case days < 14, days < 21 && days%7 > 0:
		return plural(days, "day")
	case days < 61:
		return plural((days+3)/7, "week")
	case days < 2*365:
		return plural(int(float64(days)/30.44), "month")
	}
	return plural(int(float64(days)/365.25), "year")
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
