package agenda

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// This file reads the words that mean a day.

var weekdays, months = map[string]time.Weekday{}, map[string]time.Month{}

func init() {
	for w := time.Sunday; w <= time.Saturday; w++ {
		name := strings.ToLower(w.String())
		weekdays[name], weekdays[name[:3]] = w, w
	}
	for _, short := range []string{"tues", "thur", "thurs"} {
		weekdays[short] = weekdays[short[:3]]
	}
	for m := time.January; m <= time.December; m++ {
		name := strings.ToLower(m.String())
		months[name], months[name[:3]] = m, m
	}
	months["sept"] = time.September
}

// otherWords are the months that are names of people or other words as well.
// The first two are words of every sentence.
var otherWords = []string{"may", "march", "mar", "april", "june", "august", "jan"}

var (
	dayNumber     = regexp.MustCompile(`^[0-9]{1,2}$`)
	ordinalNumber = regexp.MustCompile(`^([0-9]{1,2})(?:st|nd|rd|th)$`)
	yearNumber    = regexp.MustCompile(`^[0-9]{4}$`)
	yearMonthDay  = regexp.MustCompile(`^([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|\.([0-9]{1,2})\.)([0-9]{1,2})$`)
	dayMonthYear  = regexp.MustCompile(`^([0-9]{1,2})(?:(-)([0-9]{1,2})-|(/)([0-9]{1,2})/|(\.)([0-9]{1,2})\.)([0-9]{4}|[0-9]{2})$`)
	dayMonth      = regexp.MustCompile(`^([0-9]{1,2})([/.])([0-9]{1,2})$`)
)

// dottedDate reports whether a word can be a date that ends in a full stop.
func dottedDate(word string) bool {
	m := dayMonth.FindStringSubmatch(word)
	return m != nil && m[2] == "."
}

// farthest is how many years ahead a date may be.
const farthest = 100

// days reads a day. It may have alternatives: 3/4, "next friday" on a Wednesday.
func (p *parser) days(i int) (days, int, bool) {
	switch p.word(i) {
	case "":
		return days{}, i, false
	case "today":
		return someDay(plain, p.today), i + 1, true
	case "tomorrow", "tmr", "tmrw":
		return someDay(plain, p.today.AddDays(1)), i + 1, true
	case "yesterday":
		return someDay(plain, p.today.AddDays(-1)), i + 1, p.whole
	}
	for _, read := range []func(int) (days, int, bool){p.afterTomorrow, p.weekday, p.period, p.edge, p.countedDays, p.calendarDay, p.numericDay} {
		if d, j, ok := read(i); ok {
			return d, j, true
		}
	}
	return days{}, i, false
}

func (p *parser) afterTomorrow(i int) (days, int, bool) {
	i = p.skip(i, "the")
	return someDay(plain, p.today.AddDays(2)), i + 3, p.is(i, "day", "after", "tomorrow")
}

// weekday reads "friday", "next fri", "this friday", "Fri 4 Dec".
func (p *parser) weekday(i int) (d days, next int, ok bool) {
	which := ""
	if j := p.skip(i, "next", "this", "coming"); j > i {
		which, i = p.word(i), j
		i = p.skip(i, "coming") // this coming friday
	}
	w, ok := weekdays[p.word(i)]
	if !ok {
		return d, i, false
	}
	full := len(p.word(i)) > 5
	i++
	coming := p.today.next(w)
	switch which {
	case "next":
		week := p.today.weekStart(p.SundayFirst).AddDays(6).next(w)
		return someDay(plain, week, coming), i, true
	case "coming":
		return someDay(plain, coming), i, true
	case "this":
		if w == p.today.Weekday() {
			coming = p.today
		}
		return someDay(plain, coming), i, true
	}
	j := i
	if p.word(j) == "the" {
		j++
	}
	if d, k, ok := p.calendarDay(j); ok && d.form != monthName {
		return p.onWeekday(d, w), k, true
	}
	if d, k, ok := p.numericDay(i); ok && d.form != dottedOpen {
		return p.onWeekday(d, w), k, true
	}
	d = someDay(weekdayShort, coming)
	if full {
		d.form = weekdayName
	}
	if w == p.today.Weekday() {
		d.list = append(d.list, dated{Date: p.today})
	}
	return d, i, true
}

// onWeekday keeps of a date what falls on the day of the week that was named.
// Where nothing does, one of the two is a mistake.
func (p *parser) onWeekday(d days, w time.Weekday) days {
	if len(d.list) == 0 {
		return d
	}
	first := d.list[0]
	d.list = slices.DeleteFunc(d.list, func(d dated) bool { return d.Weekday() != w })
	if len(d.list) == 0 {
		d.list = []dated{first, {Date: p.today.next(w)}}
		if p.whole {
			d.wrong = fmt.Sprintf("%s is a %s, not a %s.", longDate(first.Date), first.Weekday(), w)
		}
	}
	d.form = plain
	return d
}

// period reads "next week", "this month", "the weekend".
func (p *parser) period(i int) (d days, next int, ok bool) {
	which := p.word(i)
	name := p.word(i + 1)
	next = i + 2
	if which == "weekend" && p.whole {
		which, name, next = "the", "weekend", i+1
	}
	if name == "weekend" && which == "the" {
		d.form = ordinal
	}
	if name == "weekend" && (which == "the" || which == "this" || which == "next" || which == "coming") {
		saturday := p.today.next(time.Saturday)
		switch weekday := p.today.Weekday(); {
		case which == "next" && (weekday == time.Saturday || weekday == time.Sunday):
			return someDay(plain, saturday), next, true
		case which == "next":
			return someDay(plain, saturday.AddDays(7), saturday), next, true
		case weekday == time.Sunday:
			return someDay(d.form, p.today), next, true
		case weekday == time.Saturday:
			saturday = p.today
		}
		return someDay(d.form, saturday, saturday.AddDays(1)), next, true
	}
	switch {
	case which == "this":
		d, ok = p.edgeOf("end", 0, name)
	case which == "next" && name == "week":
		week := p.today.weekStart(p.SundayFirst).AddDays(6)
		return someDay(plain, week.next(time.Monday), p.today.AddDays(7)), next, true
	case which == "next" && name == "month":
		month := p.today.AddMonths(1)
		return someDay(plain, month.onDay(1), month), next, true
	case which == "next" && name == "year":
		return someDay(plain, Date{p.today.Year + 1, time.January, 1}, p.today.AddMonths(12)), next, true
	}
	return d, next, ok
}

// edge reads "end of the month", "the beginning of next week", "end of December".
func (p *parser) edge(i int) (d days, next int, ok bool) {
	i = p.skip(i, "the")
	which := p.word(i)
	switch which {
	case "start", "beginning":
		which = "start"
	case "end":
	default:
		return d, i, false
	}
	if p.word(i+1) != "of" {
		return d, i, false
	}
	i += 2
	ahead := 0
	switch p.word(i) {
	case "this":
		if which == "start" { // it is over
			return d, i, false
		}
		i++
	case "the":
		i++
	case "next":
		i, ahead = i+1, 1
	}
	d, ok = p.edgeOf(which, ahead, p.word(i))
	if month, isMonth := months[p.word(i)]; isMonth && ahead == 0 {
		return p.monthEdge(which, month, i+1)
	}
	return d, i + 1, ok
}

// edgeOf returns the first or last day of a period, so many periods ahead.
// The start of this one is over, so that it is the start of the next.
func (p *parser) edgeOf(which string, ahead int, period string) (days, bool) {
	if which == "start" {
		ahead = 1
	}
	switch period {
	case "day":
		return someDay(plain, p.today), ahead == 0 && which == "end"
	case "week":
		first := p.today.weekStart(p.SundayFirst).AddDays(7 * ahead)
		if which == "start" {
			return someDay(plain, first.AddDays(-1).next(time.Monday)), true
		}
		last := first.AddDays(6)
		friday := first.AddDays(-1).next(time.Friday)
		if friday.Before(p.today) {
			return someDay(plain, last), true
		}
		return someDay(plain, friday, last), true
	case "month":
		first := p.today.onDay(1).AddMonths(ahead)
		if which == "start" {
			return someDay(plain, first), true
		}
		return someDay(plain, first.onDay(31)), true
	case "year":
		if which == "start" {
			return someDay(plain, Date{p.today.Year + 1, time.January, 1}), true
		}
		return someDay(plain, Date{p.today.Year + ahead, time.December, 31}), true
	}
	return days{}, false
}

// monthEdge reads what is left of "end of December 2027".
func (p *parser) monthEdge(which string, month time.Month, i int) (days, int, bool) {
	year, next := p.year(i)
	edge := func(year int) Date {
		if which == "start" {
			return Date{year, month, 1}
		}
		return Date{year, month, 1}.onDay(31)
	}
	d := dated{Date: edge(year)}
	if year == 0 {
		if d.Date = edge(p.today.Year); d.Before(p.today) {
			d = dated{edge(p.today.Year + 1), true}
		}
	}
	return days{list: []dated{d}}, next, true
}

// year reads a year that can be meant, else returns 0.
func (p *parser) year(i int) (year, next int) {
	if word := p.word(i); yearNumber.MatchString(word) {
		if n, _ := strconv.Atoi(word); n >= p.today.Year-farthest && n <= p.today.Year+farthest {
			return n, i + 1
		}
	}
	return 0, i
}

// calendarDay reads "1 Dec", "the 1st of December 2027", "December 1st, 2027",
// "the 18th", "December".
func (p *parser) calendarDay(i int) (d days, next int, ok bool) {
	if day, month, f, j, ok := p.dayAndMonth(i); ok {
		year, next := p.year(j)
		if year > 0 {
			f = plain
		}
		date, wrong := p.resolve(year, month, day)
		if d = (days{form: f, wrong: wrong}); wrong == "" {
			d.list = []dated{date}
		}
		return d, next, true
	}
	i = p.skip(i, "the")
	if day, nth, ok := p.dayOfMonth(i); ok {
		return p.dayAlone(day), i + 1, nth
	}
	month, named := months[p.word(i)]
	if !named {
		return d, i, false
	}
	first, j, _ := p.monthEdge("start", month, i+1)
	last, _, _ := p.monthEdge("end", month, i+1)
	if last.list[0].Before(first.list[0].Date) { // in the middle of the month
		first.list = nil
	}
	return days{list: append(first.list, last.list...), form: monthName}, j, true
}

// dayAndMonth reads "1 Dec", "the 1st of December", "December 1st".
func (p *parser) dayAndMonth(i int) (day int, month time.Month, f form, next int, ok bool) {
	i = p.skip(i, "the")
	if day, nth, ok := p.dayOfMonth(i); ok {
		j := i + 1
		if nth {
			j = p.skip(j, "of")
		}
		month, ok = months[p.word(j)]
		if !nth && slices.Contains(otherWords[:2], p.word(j)) {
			f = nameDay
		}
		return day, month, f, j + 1, ok
	}
	if month, ok = months[p.word(i)]; !ok {
		return 0, 0, f, i, false
	}
	f = monthDay
	if slices.Contains(otherWords, p.word(i)) {
		f = nameDay
	}
	i = p.skip(i+1, "the")
	day, nth, ok := p.dayOfMonth(i)
	if nth {
		f = plain
	}
	return day, month, f, i + 1, ok
}

// dayOfMonth reads "1", "1st".
func (p *parser) dayOfMonth(i int) (day int, nth, ok bool) {
	word := p.word(i)
	if m := ordinalNumber.FindStringSubmatch(word); m != nil {
		word, nth = m[1], true
	}
	if !dayNumber.MatchString(word) {
		return 0, false, false
	}
	day, _ = strconv.Atoi(word)
	return day, nth, day >= 1 && day <= 31
}

// dayAlone returns the next day with that number.
func (p *parser) dayAlone(day int) days {
	for n := 0; ; n++ {
		month := p.today.onDay(1).AddMonths(n)
		if month.Day = day; month.Exists() && !month.Before(p.today) {
			return someDay(ordinal, month)
		}
	}
}

// resolve returns the day, and in words what is wrong with it. Without a year
// it is the next such day.
func (p *parser) resolve(year int, month time.Month, day int) (d dated, wrong string) {
	d.Date = Date{year, month, day}
	if year > 0 {
		switch {
		case !d.Exists():
			return d, noSuchDay(d.Date)
		case year > p.today.Year+farthest:
			return d, fmt.Sprintf("%d is more than %d years ahead.", year, farthest)
		}
		return d, ""
	}
	if day > lastDay(2000, month) {
		return d, noSuchDay(Date{0, month, day})
	}
	for d.Year = p.today.Year; !d.Exists() || d.Before(p.today); d.Year++ {
	}
	d.nextYear = d.Year > p.today.Year
	return d, ""
}

func noSuchDay(d Date) string {
	if d.Year == 0 {
		return fmt.Sprintf("%s has no day %d.", d.Month, d.Day)
	}
	return fmt.Sprintf("%s %d has no day %d.", d.Month, d.Year, d.Day)
}
