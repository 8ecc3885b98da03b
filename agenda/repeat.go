package agenda

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"time"
)

// Unit is what a [Repeat] counts.
type Unit uint8

// The units of a repeat.
const (
	Days Unit = iota
	Weeks
	Months
	Years
)

var unitNames = [...]string{Days: "day", Weeks: "week", Months: "month", Years: "year"}

// Weekdays are some days of the week: bit 0 is Sunday.
type Weekdays uint8

// WeekdaysOf returns the set of some days.
func WeekdaysOf(days ...time.Weekday) (set Weekdays) {
	for _, d := range days {
		set |= 1 << d
	}
	return set
}

// Workdays are Monday to Friday.
const Workdays Weekdays = 0b0111110

// Has reports whether a day is in the set.
func (w Weekdays) Has(d time.Weekday) bool { return w>>d&1 == 1 }

// list returns the days from Monday to Sunday.
func (w Weekdays) list() (days []time.Weekday) {
	for n := range time.Weekday(7) {
		if d := (n + 1) % 7; w.Has(d) {
			days = append(days, d)
		}
	}
	return days
}

// Last stands for the last day of a month, and its last Monday.
const Last = -1

// MaxEvery is how many units may lie between two times of a repeat.
const MaxEvery = 999

// A Repeat says on which days something is due again. It is a rule of the
// calendar and knows neither clock nor zone: the [When] that it is applied to
// keeps its time. The zero Repeat is no repeat.
type Repeat struct {
	Every    int      // that many units; 0 for no repeat
	Unit     Unit     //
	Weekdays Weekdays // of Weeks; not empty
	Day      int      // of Months and Years: 1 to 31, or Last; a month that is shorter has it on its last day
	Nth      int      // of Months where Day is 0: the Nth Weekday, 1 to 4, or Last
	Weekday  time.Weekday
	Month    time.Month // of Years
}

// IsZero reports whether r is no repeat.
func (r Repeat) IsZero() bool { return r == Repeat{} }

// Valid reports whether r is a repeat as described at its fields.
func (r Repeat) Valid() bool {
	if r.Every < 1 || r.Every > MaxEvery {
		return false
	}
	rule := r
	rule.Every, rule.Unit = 0, 0
	monthDay := r.Day == Last || r.Day >= 1 && r.Day <= 31
	switch r.Unit {
	case Days:
		return rule == Repeat{}
	case Weeks:
		return r.Weekdays > 0 && r.Weekdays < 1<<7 && rule == Repeat{Weekdays: r.Weekdays}
	case Months:
		nth := (r.Nth == Last || r.Nth >= 1 && r.Nth <= 4) && r.Weekday >= time.Sunday && r.Weekday <= time.Saturday
		return monthDay && rule == Repeat{Day: r.Day} || nth && rule == Repeat{Nth: r.Nth, Weekday: r.Weekday}
	case Years:
		return r.Month >= time.January && r.Month <= time.December && r.Day >= 1 && r.Day <= lastDay(2000, r.Month) && rule == Repeat{Day: r.Day, Month: r.Month}
	}
	return false
}

// Next returns the first time after w. w is a time of the repeat: the weeks,
// months and years between are counted from it. It keeps its clock; a When of
// the kind [Instant] is counted on in UTC.
func (r Repeat) Next(w When) When {
	w.Date = r.nextDay(w.Date)
	return w
}

// NextAfter returns the first time after w that is on a later day than now: who
// finishes today what was due days ago is not asked for it again today.
func (r Repeat) NextAfter(w When, now time.Time) When {
	today := DateOf(now)
	if r.Unit == Days && w.Date.Before(today) { // nothing to step through
		w.Date = w.Date.AddDays(today.Sub(w.Date) / r.Every * r.Every)
	}
	for w = r.Next(w); w.Day(now.Location()).Compare(today) <= 0; {
		w = r.Next(w)
	}
	return w
}

// nextDay returns the first day of the repeat after d.
func (r Repeat) nextDay(d Date) Date {
	switch r.Unit {
	case Weeks:
		monday := d.weekStart(false)
		for n := d.Sub(monday) + 1; n < 7; n++ {
			if next := monday.AddDays(n); r.Weekdays.Has(next.Weekday()) {
				return next
			}
		}
		return monday.AddDays(7*r.Every + slices.IndexFunc([]time.Weekday{1, 2, 3, 4, 5, 6, 0}, r.Weekdays.Has))
	case Months:
		if day := r.inMonth(d); d.Before(day) {
			return day
		}
		return r.inMonth(d.onDay(1).AddMonths(r.Every))
	case Years:
		in := func(year int) Date { return Date{year, r.Month, 1}.onDay(r.Day) }
		if day := in(d.Year); d.Before(day) {
			return day
		}
		return in(d.Year + r.Every)
	}
	return d.AddDays(r.Every)
}

// inMonth returns the day of the repeat in d's month.
func (r Repeat) inMonth(d Date) Date {
	switch {
	case r.Day == Last:
		return d.onDay(31)
	case r.Day > 0:
		return d.onDay(r.Day)
	case r.Nth == Last:
		return d.onDay(31).AddDays(-7).next(r.Weekday)
	}
	return d.onDay(1).AddDays(-1).next(r.Weekday).AddDays(7 * (r.Nth - 1))
}

// first returns the first day of the repeat that is not before d, and whether
// the repeat says on which days it is: "every 3 days" does not.
func (r Repeat) first(d Date) (first Date, fixed bool) {
	if r.Unit == Days {
		return d, r.Every == 1
	}
	r.Every = 1
	return r.nextDay(d.AddDays(-1)), true
}

// String returns the repeat in English, as in "every 2 weeks on Monday and
// Thursday"; "" for no repeat. [ParseRepeat] reads it.
func (r Repeat) String() string {
	if r.IsZero() {
		return ""
	}
	every := "every " + unitNames[r.Unit]
	if r.Every > 1 {
		every = fmt.Sprintf("every %d %ss", r.Every, unitNames[r.Unit])
	}
	switch r.Unit {
	case Weeks:
		switch {
		case r.Every > 1:
			return every + " on " + r.Weekdays.String()
		case r.Weekdays == Workdays:
			return "every weekday"
		}
		return "every " + r.Weekdays.String()
	case Months:
		switch {
		case r.Day == Last:
			return every + " on the last day"
		case r.Day > 0:
			return every + " on the " + ordinalText(r.Day)
		case r.Nth == Last:
			return every + " on the last " + r.Weekday.String()
		}
		return every + " on the " + ordinalText(r.Nth) + " " + r.Weekday.String()
	case Years:
		return fmt.Sprintf("%s on %d %s", every, r.Day, shortMonth(r.Month))
	}
	return every
}

// String returns the days as in "Monday, Wednesday and Friday".
func (w Weekdays) String() string {
	var b strings.Builder
	for n, d := range w.list() {
		switch {
		case n > 0 && n == bits.OnesCount8(uint8(w))-1:
			b.WriteString(" and ")
		case n > 0:
			b.WriteString(", ")
		}
		b.WriteString(d.String())
	}
	return b.String()
}

// ordinalText returns 1st, 2nd, 3rd, 4th.
func ordinalText(n int) string {
	suffix := "th"
	if n/10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprint(n, suffix)
}

// MarshalText returns what [Repeat.String] does.
func (r Repeat) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what [Repeat.String] returns.
func (r *Repeat) UnmarshalText(text []byte) (err error) {
	*r = Repeat{}
	if len(text) > 0 {
		*r, err = ParseRepeat(string(text))
	}
	return err
}

// ParseRepeat reads a repeat without a time or a first day: "every monday",
// "every 2 weeks on monday", "monthly on the last day". Anything else is a
// [Unread].
func ParseRepeat(text string) (Repeat, error) {
	// A day to count from is needed by "every week", which is refused: it does
	// not say which day.
	p := newParser(text, Options{Now: time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)}, true)
	rule, next, ok := p.rule(p.skip(0, "on"))
	if !ok || next < len(p.tokens) || rule.anchored || !p.unbroken() {
		return Repeat{}, Unread(`That is not a repeat as in "every monday", "every 2 weeks on friday", "every month on the last day" or "every year on 1 Dec".`)
	}
	return rule.Repeat, nil
}
