package agenda

import (
	"fmt"
	"time"
)

// A Date is a day of the calendar, in no zone. The zero Date is no day.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the day that the calendar of t's location shows.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// dateOf returns the day that is counted on from a day of a month, as by [time.Date].
func dateOf(year int, month time.Month, day int) Date {
	return DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// Exists reports whether the calendar has such a day, in the years 1 to 9999.
func (d Date) Exists() bool {
	return d.Year >= 1 && d.Year <= 9999 && d == dateOf(d.Year, d.Month, d.Day)
}

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// AddDays returns the day n days later.
func (d Date) AddDays(n int) Date { return dateOf(d.Year, d.Month, d.Day+n) }

// AddMonths returns the same day of the month n months later, or the last day
// of that month where it is shorter.
func (d Date) AddMonths(n int) Date {
	first := dateOf(d.Year, d.Month+time.Month(n), 1)
	return first.onDay(d.Day)
}

// onDay returns the day of d's month with that number, or the month's last day
// where it is shorter.
func (d Date) onDay(day int) Date {
	d.Day = min(day, lastDay(d.Year, d.Month))
	return d
}

// lastDay returns how many days a month has.
func lastDay(year int, month time.Month) int { return dateOf(year, month+1, 0).Day }

// Sub returns how many days d is after e.
func (d Date) Sub(e Date) int { return int(d.utc().Sub(e.utc()) / day) }

// Compare returns -1 where d is before e, 0 where it is the same day, 1 where
// it is after.
func (d Date) Compare(e Date) int { return d.utc().Compare(e.utc()) }

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// String returns the day as in ISO 8601: 2027-05-04.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// weekStart returns the first day of d's week, which begins on Monday or on Sunday.
func (d Date) weekStart(sundayFirst bool) Date {
	first := time.Monday
	if sundayFirst {
		first = time.Sunday
	}
	return d.AddDays(-(int(d.Weekday()-first) + 7) % 7)
}

// next returns the first such day of the week after d; d itself is passed over.
func (d Date) next(w time.Weekday) Date { return d.AddDays((int(w-d.Weekday())+6)%7 + 1) }
