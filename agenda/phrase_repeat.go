package agenda

import (
	"slices"
	"strings"
	"time"
)

// This file reads the words that mean a repeat.

// A rule is a repeat as it is written.
type rule struct {
	Repeat
	other    Repeat // what the words can mean as well
	anchored bool   // it is counted from its first day, which it does not say
	hour     *clock // "every morning"
	form     form
}

var adverbs = map[string]Repeat{
	"daily": {Every: 1, Unit: Days}, "weekly": {Every: 1, Unit: Weeks}, "fortnightly": {Every: 2, Unit: Weeks},
	"monthly": {Every: 1, Unit: Months}, "quarterly": {Every: 3, Unit: Months}, "yearly": {Every: 1, Unit: Years}, "annually": {Every: 1, Unit: Years},
}

var repeatUnits = map[string]Repeat{
	"day": {Every: 1, Unit: Days}, "week": {Every: 1, Unit: Weeks}, "fortnight": {Every: 2, Unit: Weeks},
	"month": {Every: 1, Unit: Months}, "quarter": {Every: 3, Unit: Months}, "year": {Every: 1, Unit: Years},
}

var ordinalWords = map[string]int{"first": 1, "second": 2, "third": 3, "fourth": 4, "last": Last}

// repeated reads a repeat with what belongs to it: a time before or behind it,
// and the day from which it holds.
func (p *parser) repeated(i int) (f phrase, ok bool) {
	var at *clock
	r, j, ok := p.rule(i)
	if !ok {
		c, k, isClock := p.clock(i, "")
		if !isClock || c.form == partOfDay {
			return f, false
		}
		if r, j, ok = p.rule(p.skip(k, "on")); !ok {
			return f, false
		}
		at = &c
	}
	if at == nil {
		at = r.hour
	}
	f = phrase{to: j, form: r.form}
	var from []dated
	for range 2 { // in either order
		if c, k, ok := p.clockAfter(f.to); ok && at == nil {
			at, f.to, f.dot = &c, k, c.dot
		}
		if k := p.skip(f.to, "from", "starting", "beginning"); k > f.to && from == nil {
			if d, l, ok := p.days(p.skip(k, "on")); ok && d.wrong == "" {
				from, f.to, f.dot = d.list, l, d.dot
			}
		}
	}
	if at != nil || from != nil {
		f.form, f.timed = plain, at != nil
	}
	if at != nil && at.at >= day {
		f.wrong = "Midnight is the end of one day and the start of the next. Say at 23:59, or at 00:00."
		return f, true
	}
	for _, repeat := range []Repeat{r.Repeat, r.other} {
		for _, c := range at.each() {
			if !repeat.IsZero() {
				p.firstTimes(&f, repeat, r.anchored, c, from)
			}
		}
	}
	f.past = len(f.readings) == 0
	return f, true
}

// each returns the times that are as likely as each other, one by one; nil for
// no clock.
func (c *clock) each() []*clock {
	switch {
	case c == nil:
		return []*clock{nil}
	case c.equal:
		return []*clock{{at: c.at, other: none}, {at: c.other, other: none}}
	}
	return []*clock{{at: c.at, other: none}}
}

// firstTimes adds the readings of a repeat, by when it is for the first time.
func (p *parser) firstTimes(f *phrase, r Repeat, anchored bool, at *clock, from []dated) {
	list := from
	if list == nil {
		list = []dated{{Date: p.today}}
	}
	for _, start := range list {
		repeat, first, fixed := r, start.Date, false
		if anchored {
			repeat = r.On(start.Date)
		} else {
			first, fixed = r.first(start.Date)
		}
		if first.Before(p.today) { // from a day that is over
			first = repeat.NextAfter(OnDay(first), p.Now.AddDate(0, 0, -1)).Date
		}
		next := repeat.Next(OnDay(first)).Date
		days := []dated{{Date: first}}
		if from == nil && !fixed {
			days = append(days, dated{Date: next}) // now, or when it is due again
		}
		readings, past := p.combine(days, at)
		if past {
			readings, past = p.combine([]dated{{Date: next}}, at)
		}
		if past {
			continue
		}
		for _, reading := range readings {
			reading.Repeat = repeat
			f.readings = append(f.readings, reading)
		}
	}
}

// On returns a repeat of weeks, months or years on the day of the week, of the month or
// of the year that d is.
func (r Repeat) On(d Date) Repeat {
	switch r.Unit {
	case Weeks:
		r.Weekdays = WeekdaysOf(d.Weekday())
	case Months:
		r.Day = d.Day
	case Years:
		r.Month, r.Day = d.Month, d.Day
	}
	return r
}

// rule reads a repeat alone.
func (p *parser) rule(i int) (r rule, next int, ok bool) {
	if repeat, isAdverb := adverbs[p.word(i)]; isAdverb {
		r, next = p.on(rule{Repeat: repeat, form: adverb}, i+1)
		return r, next, true
	}
	if j := p.skip(i, "every", "each"); j > i {
		return p.every(j)
	}
	if p.whole || i > 0 && p.is(i-1, "on") {
		if days, j, ok := p.weekdayList(i, "s"); ok {
			return rule{Repeat: Repeat{Every: 1, Unit: Weeks, Weekdays: days}}, j, true
		}
	}
	// The first monday of every month.
	day, j, ok := p.monthRule(i)
	if !ok || !p.is(j, "of") || p.skip(j+1, "every", "each") == j+1 {
		return r, i, false
	}
	n, j := p.count(j + 2)
	unit := strings.TrimSuffix(p.word(j), "s")
	day.Every, day.Unit = n, Months
	return rule{Repeat: day}, j + 1, unit == "month" && n <= MaxEvery
}

// count reads the number behind "every".
func (p *parser) count(i int) (n, next int) {
	if p.word(i) == "other" {
		return 2, i + 1
	}
	if n, ok := p.number(i); ok && p.word(i) != "a" && p.word(i) != "an" {
		return n, i + 1
	}
	return 1, i
}

// every reads what stands behind "every".
func (p *parser) every(i int) (r rule, next int, ok bool) {
	if r, next, ok := p.yearly(i, 1); ok {
		return r, next, true
	}
	n, j := p.count(i)
	nth := p.nth(j)
	if _, unit := repeatUnits[p.word(j+1)]; unit && n == 1 && nth > 0 && j == i {
		n, j = nth, j+1 // every second week
	}
	name := p.word(j)
	if unit, known := repeatUnits[name]; known || n > 1 {
		if !known {
			unit, known = repeatUnits[strings.TrimSuffix(name, "s")]
		}
		if known && n*unit.Every <= MaxEvery {
			unit.Every *= n
			r, next = p.on(rule{Repeat: unit}, j+1)
			return r, next, true
		}
	}
	if days, k, ok := p.weekdayList(j, ""); ok && n <= MaxEvery {
		r.Repeat = Repeat{Every: n, Unit: Weeks, Weekdays: days}
		if short := p.word(k - 1); k == j+1 && len(short) <= 5 {
			r.form = weekdayShort
		}
		return r, k, true
	}
	if j > i {
		return r, i, false
	}
	if name == "weekend" {
		saturday := Repeat{Every: 1, Unit: Weeks, Weekdays: WeekdaysOf(time.Saturday)}
		sunday := saturday.On(Date{2000, 1, 2})
		return rule{Repeat: saturday, other: sunday}, i + 1, true
	}
	if at, _, isPart := p.partHour(name); isPart && name != "noon" {
		return rule{Repeat: Repeat{Every: 1, Unit: Days}, hour: &clock{at: at, other: none}}, i + 1, true
	}
	month, k, ok := p.monthRule(i)
	if !ok {
		return r, i, false
	}
	r.Repeat = month
	switch {
	case p.is(k, "of", "the", "month") || p.is(k, "of", "each", "month"):
		k += 3
	case month.Nth > 1: // every second monday
		r.other = r.Repeat
		r.Repeat = Repeat{Every: month.Nth, Unit: Weeks, Weekdays: WeekdaysOf(month.Weekday)}
	case month.Day == Last:
		return r, i, false
	}
	return r, k, true
}

// on reads on which days of its unit a repeat is: "on monday", "on the 15th".
func (p *parser) on(r rule, i int) (rule, int) {
	r.anchored = r.Unit != Days
	j := p.skip(i, "on")
	if j == i {
		return r, i
	}
	switch r.Unit {
	case Weeks:
		for _, plural := range []string{"", "s"} {
			if days, k, ok := p.weekdayList(j, plural); ok {
				r.Weekdays, r.anchored, r.form = days, false, plain
				return r, k
			}
		}
	case Months:
		if rule, k, ok := p.monthRule(j); ok {
			r.Day, r.Nth, r.Weekday = rule.Day, rule.Nth, rule.Weekday
			r.anchored, r.form = false, plain
			return r, k
		}
	case Years:
		if rule, k, ok := p.yearly(j, r.Every); ok {
			return rule, k
		}
	}
	return r, i
}

// yearly reads "1 Dec" as a day of each year.
func (p *parser) yearly(i, every int) (r rule, next int, ok bool) {
	day, month, _, next, ok := p.dayAndMonth(i)
	r.Repeat = Repeat{Every: every, Unit: Years, Month: month, Day: day}
	return r, next, ok && r.Valid()
}

// nth reads "second", "2nd", "last"; it returns 0 for anything else.
func (p *parser) nth(i int) int {
	if n, ok := ordinalWords[p.word(i)]; ok {
		return n
	}
	if day, nth, ok := p.dayOfMonth(i); ok && nth {
		return day
	}
	return 0
}

// monthRule reads a day of each month: "the 15th", "day 15", "the last day",
// "the first monday".
func (p *parser) monthRule(i int) (r Repeat, next int, ok bool) {
	r = Repeat{Every: 1, Unit: Months}
	i = p.skip(i, "the")
	if p.word(i) == "day" {
		day, nth, ok := p.dayOfMonth(i + 1)
		r.Day = day
		return r, i + 2, ok && !nth
	}
	nth := p.nth(i)
	if nth == 0 {
		return r, i, false
	}
	if w, ok := weekdays[p.word(i+1)]; ok {
		r.Nth, r.Weekday = nth, w
		return r, i + 2, nth <= 4
	}
	r.Day = nth
	next = p.skip(i+1, "day")
	_, word := ordinalWords[p.word(i)]
	return r, next, !word || next > i+1 // the second: of what?
}

// weekdayList reads "mon, wed and fri", "weekdays"; each with an ending.
func (p *parser) weekdayList(i int, ending string) (set Weekdays, next int, ok bool) {
	day := func(i int) (Weekdays, bool) {
		word, found := strings.CutSuffix(p.word(i), ending)
		if _, short := weekdays[p.word(i)]; ending != "" && short { // tues
			return 0, false
		}
		if w, ok := weekdays[word]; ok && found {
			return WeekdaysOf(w), true
		}
		return Workdays, found && slices.Contains([]string{"weekday", "workday"}, word)
	}
	for {
		more, isDay := day(i)
		if !isDay {
			return set, next, next > 0
		}
		set, next = set|more, i+1
		i = next
		if p.is(i, "and") || p.is(i, "&") {
			i++
		}
	}
}
