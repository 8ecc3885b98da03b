package agenda

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// This file reads what is counted from now, and dates that are all numbers.

var numberWords = map[string]int{
	"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
	"seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}

var smallNumber = regexp.MustCompile(`^[1-9][0-9]{0,4}$`)

// number reads a whole number, in digits or as a word.
func (p *parser) number(i int) (n int, ok bool) {
	word := p.word(i)
	if smallNumber.MatchString(word) {
		n, _ = strconv.Atoi(word)
		return n, true
	}
	n, ok = numberWords[word]
	return n, ok
}

// span is a length of time: in months, in days, or exact. One of them is not 0.
type span struct {
	months, days int
	exact        time.Duration
}

// spanUnits are the units that a number may count.
var spanUnits = map[string]span{
	"minute": {exact: time.Minute}, "hour": {exact: time.Hour},
	"day": {days: 1}, "week": {days: 7}, "fortnight": {days: 14}, "month": {months: 1}, "year": {months: 12},
}

func (s span) times(n int) span {
	return span{months: n * s.months, days: n * s.days, exact: time.Duration(n) * s.exact}
}

// wholeDays matches what ends in a unit of days.
var wholeDays = regexp.MustCompile(`(d|days?|w|weeks?)$`)

// span reads "3 weeks", "an hour", "half an hour", "1h 30m".
func (p *parser) span(i int) (s span, next int, ok bool) {
	if p.is(i, "half", "an", "hour") {
		return span{exact: 30 * time.Minute}, i + 3, true
	}
	if n, isNumber := p.number(i); isNumber {
		unit, known := spanUnits[p.word(i+1)]
		if !known {
			unit, known = spanUnits[strings.TrimSuffix(p.word(i+1), "s")]
		}
		if known {
			s, next, ok = unit.times(n), i+2, true
		}
	}
	if p.word(i) == "" || p.word(i)[0] < '0' || p.word(i)[0] > '9' {
		return s, next, ok
	}
	text := ""
	for j := i; j < i+8 && p.word(j) != ""; j++ {
		text += " " + p.word(j)
		d, isDuration := ParseDuration(text)
		if !isDuration || d < time.Minute || j+1 < next {
			continue
		}
		s, next, ok = span{exact: d}, j+1, true
		if wholeDays.MatchString(text) && d%day == 0 {
			s = span{days: int(d / day)}
		}
	}
	return s, next, ok
}

// fromNow reads a span that is counted from now: "in 3 weeks", "within an
// hour", "3 days from now"; "3 weeks" where all of the text is a date.
func (p *parser) fromNow(i int) (s span, next int, ok bool) {
	j := p.skip(i, "in", "within")
	s, next, ok = p.span(j)
	if !ok || s.months > 12*farthest || s.days > 366*farthest || s.exact > 366*farthest*day {
		return s, i, false
	}
	if j > i {
		if p.tokens[next-1].tail != "," {
			next = p.skip(next, "time") // in 3 days' time
		}
		return s, next, true
	}
	if p.is(next, "from", "now") || p.is(next, "from", "today") && s.exact == 0 {
		return s, next + 2, true
	}
	return s, next, p.whole
}

// countedDays reads spans of days, weeks, months and years.
func (p *parser) countedDays(i int) (d days, next int, ok bool) {
	s, next, ok := p.fromNow(i)
	if !ok || s.exact > 0 {
		return d, i, false
	}
	f := plain
	if s == (span{days: 1}) { // built in a day
		f = elapsed
	}
	return someDay(f, p.today.AddMonths(s.months).AddDays(s.days)), next, true
}

// elapsedTime reads spans of hours and minutes. They are counted from the
// minute that the clock shows, and are instants: "in an hour" is the same
// whatever is done to the clock meanwhile.
func (p *parser) elapsedTime(i int) (f phrase, ok bool) {
	s, next, ok := p.fromNow(i)
	if !ok || s.exact == 0 {
		return f, false
	}
	at := AtInstant(p.Now.Add(s.exact))
	return phrase{to: next, form: elapsed, readings: []Reading{{When: at}}}, true
}

// century is what a year of two digits leaves out.
func century(year string) int {
	if len(year) == 2 {
		return 2000
	}
	return 0
}

// numericDay reads "2027-05-04", "31.12.", "31.12.2027", "12/31".
func (p *parser) numericDay(i int) (d days, next int, ok bool) {
	word := p.word(i)
	if m := yearMonthDay.FindStringSubmatch(word); m != nil {
		month, _ := strconv.Atoi(m[2] + m[3] + m[4])
		day, _ := strconv.Atoi(m[5])
		year, _ := strconv.Atoi(m[1])
		return p.numbers(plain, MonthFirst, year, month, day), i + 1, year > 0
	}
	if m := dayMonthYear.FindStringSubmatch(word); m != nil {
		a, _ := strconv.Atoi(m[1])
		b, _ := strconv.Atoi(m[3] + m[5] + m[7])
		year, _ := strconv.Atoi(m[8])
		order, f := p.Order, slashed
		if m[6] == "." {
			order, f = DayFirst, plain
		}
		if d = p.numbers(f, order, year+century(m[8]), a, b); len(m[8]) == 2 {
			d.form = shortYear
		} else {
			d.form = plain
		}
		return d, i + 1, true
	}
	m := dayMonth.FindStringSubmatch(word)
	if m == nil {
		return d, i, false
	}
	a, _ := strconv.Atoi(m[1])
	b, _ := strconv.Atoi(m[3])
	if m[2] == "/" {
		return p.numbers(slashed, p.Order, 0, a, b), i + 1, true
	}
	if strings.HasPrefix(p.tokens[i].tail, ".") {
		d = p.numbers(dotted, DayFirst, 0, a, b)
		d.dot = true
		return d, i + 1, true
	}
	d = p.numbers(dottedOpen, DayFirst, 0, a, b)
	return d, i + 1, d.wrong == "" // it can still be a time
}

// numbers returns the days that two numbers can mean, in an order. Numbers
// with slashes that cannot be meant in that order are read in the other.
func (p *parser) numbers(f form, order Order, year, a, b int) (d days) {
	d.form = f
	try := func(day, month int) {
		if month < 1 || month > 12 || day < 1 {
			return
		}
		date, wrong := p.resolve(year, time.Month(month), day)
		if wrong != "" {
			d.wrong = wrong
		} else if !slices.Contains(d.list, date) {
			d.list = append(d.list, date)
		}
	}
	if order == MonthFirst {
		a, b = b, a
	}
	try(a, b)
	if order == OrderUnknown || f == slashed && len(d.list) == 0 {
		try(b, a)
	}
	if len(d.list) > 0 {
		d.wrong = ""
	} else if d.wrong == "" {
		d.wrong = "There is no such day."
	}
	return d
}
