package agenda

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// This file reads the words that mean a time of the day.

var (
	clockWord = regexp.MustCompile(`^([0-9]{1,2})(?:([:.])([0-5][0-9]))?(am|pm|a\.m|p\.m)?$`)
	isoTime   = regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2})t([0-9]{2}:[0-9]{2})(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:(z)|([+-][0-9]{2}):?([0-9]{2}))?$`)
)

const none = time.Duration(-1)

// isoMoment reads "2027-05-04T09:00", with an offset for an instant. Seconds are
// passed over.
func (p *parser) isoMoment(i int) (f phrase, ok bool) {
	m := isoTime.FindStringSubmatch(p.word(i))
	if m == nil {
		return f, false
	}
	f = phrase{to: i + 1, timed: true, wrong: "There is no such day or time."}
	text, layout := m[1]+" "+m[2], whenLayouts[OnClock]
	if m[3] != "" {
		m[4], m[5] = "+00", "00"
	}
	if m[4] != "" {
		text, layout = text+m[4]+m[5], layout+"-0700"
	}
	t, err := time.Parse(layout, text)
	if err != nil || t.Year() > p.today.Year+farthest || t.Year() < 2 {
		return f, true
	}
	w := AtClock(DateOf(t), clockOf(t))
	if m[4] != "" {
		w = AtInstant(t)
	}
	f.wrong, f.readings, f.past = "", []Reading{{When: w}}, w.over(p.Now)
	return f, true
}

// halfDay returns "am" or "pm" for a word that says so.
func halfDay(word string) string {
	switch word = strings.ReplaceAll(word, ".", ""); word {
	case "am", "pm":
		return word
	}
	return ""
}

// clock reads a time: "9", "9:30", "9am", "9 o'clock", "noon", "8 in the
// evening". lead is the preposition before it.
func (p *parser) clock(i int, lead string) (c clock, next int, ok bool) {
	switch p.word(i) {
	case "noon", "midday":
		return clock{at: parts["noon"], other: none, form: namedHour}, i + 1, true
	case "midnight": // the end of the day, else its start
		return clock{at: day, other: 0, equal: true, form: namedHour}, i + 1, true
	}
	if at, j, ok := p.partAlone(i); ok {
		return clock{at: at, other: none, form: partOfDay}, j, true
	}
	m := clockWord.FindStringSubmatch(p.word(i))
	if m == nil {
		return c, i, false
	}
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[3]) // or none
	half := halfDay(m[4])
	next = i + 1
	c = clock{other: none, form: bareHour}
	switch m[2] {
	case ":":
		c.form = clockFace
	case ".":
		c.form = clockDotted
	}
	if half == "" {
		if half = halfDay(p.word(next)); half != "" {
			next++
		}
	}
	if half != "" {
		c.form = plain
		c.dot = strings.Contains(p.word(next-1), ".") && strings.HasPrefix(p.tokens[next-1].tail, ".")
	} else if j := p.skip(next, "o'clock", "oclock"); j > next {
		next = j
		if c.form == bareHour {
			c.form = plain
		}
	}
	if hour > 23 || half != "" && (hour < 1 || hour > 12) {
		return c, i, false
	}
	if c.form == bareHour && hour == 0 {
		return c, i, false
	}
	part := half
	if half == "" {
		if name, j, ok := p.inThePart(next); ok {
			part, next = name, j
			c.form = plain
		}
	}
	c.at = time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
	ok = c.inPart(part, len(m[1]) == 2 && m[1][0] == '0')
	return c, next, ok
}

// inPart settles which half of the day is meant. Without any word for it, an
// hour from 1 to 6 can be in either, likelier after noon, and one from 7 to 11
// is before noon, or after it where that is over; a zero in front, as in 05:30,
// is the clock with 24 hours.
func (c *clock) inPart(part string, exact bool) bool {
	hour := c.at / time.Hour
	const half = 12 * time.Hour
	switch part {
	case "":
		switch {
		case exact || hour < 1 || hour > 11:
		case hour <= 6:
			c.at, c.other, c.equal = c.at+half, c.at, true
		default:
			c.other = c.at + half
		}
		return true
	case "am", "morning":
		if hour == 12 {
			c.at -= half
		}
		return hour <= 12
	case "pm", "afternoon":
		if hour < 12 {
			c.at += half
		}
		return hour > 0
	case "evening":
		switch {
		case hour == 12:
			c.at += half // midnight
		case hour >= 4 && hour < 12:
			c.at += half
		}
		return hour >= 4
	}
	switch { // night
	case hour < 4:
		c.at += day // after midnight
	case hour <= 12:
		c.at += half
	}
	return true
}

// inThePart reads "in the morning", "at night", behind a time.
func (p *parser) inThePart(i int) (part string, next int, ok bool) {
	if p.is(i, "at", "night") {
		return "night", i + 2, true
	}
	if p.is(i, "in", "the") {
		part = p.word(i + 2)
		return part, i + 3, part == "morning" || part == "afternoon" || part == "evening"
	}
	return "", i, false
}

// partHour returns when a part of the day is told of, and when it ends.
func (p *parser) partHour(part string) (at, end time.Duration, ok bool) {
	h := p.hours()
	switch part {
	case "morning":
		return h.Morning, 12 * time.Hour, true
	case "noon":
		return parts["noon"], parts["noon"], true
	case "afternoon":
		return h.Afternoon, 18 * time.Hour, true
	case "evening":
		return h.Evening, day, true
	case "night":
		return h.Night, day, true
	}
	return 0, 0, false
}

// partAlone reads a part of the day without a day: "in the evening"; "evening"
// where all of the text is a date.
func (p *parser) partAlone(i int) (at time.Duration, next int, ok bool) {
	part, next, ok := p.inThePart(i)
	if !ok && p.whole && p.word(i) != "noon" {
		part, next = p.word(i), i+1
	}
	at, _, ok = p.partHour(part)
	return at, next, ok
}

// partToday reads "tonight", "this evening", each perhaps with a time. As long
// as the part lasts but its hour is over, the day is meant.
func (p *parser) partToday(i int) (f phrase, ok bool) {
	part, j := "night", i+1
	if p.word(i) != "tonight" {
		if p.word(i) != "this" {
			return f, false
		}
		part, j = p.word(i+1), i+2
	}
	at, end, ok := p.partHour(part)
	if !ok || part == "noon" {
		return f, false
	}
	f.timed = true
	today := []dated{{Date: p.today}}
	k := p.skip(j, "at", "by", "until")
	if c, l, ok := p.clock(k, ""); ok && c.form != partOfDay && (k > j || c.form != bareHour || p.endsAt(l)) && c.settle(part) {
		f.readings, f.past = p.combine(today, &c)
		f.to, f.dot = l, c.dot
		return f, true
	}
	f.to = j
	c := clock{at: at, other: none}
	if f.readings, f.past = p.combine(today, &c); f.past && clockOf(p.Now) < end {
		f.readings, f.past = []Reading{{When: OnDay(p.today)}}, false
	}
	return f, true
}

// settle chooses the half of the day by the part of it that was named before.
func (c *clock) settle(part string) bool {
	if c.at >= day && c.equal { // midnight
		c.equal, c.other = false, none
		return part == "night" || part == "evening"
	}
	if c.other < 0 && c.at/time.Hour != 12 {
		return true
	}
	if c.equal {
		c.at, c.equal = c.other, false
	}
	c.other = none
	return c.inPart(part, false)
}

// clockAfter reads the time behind a day: "at 9", "9:30", "noon", "evening",
// "evening at 8".
func (p *parser) clockAfter(i int) (c clock, next int, ok bool) {
	if p.word(i) == "" {
		return c, i, false
	}
	j := p.skip(i, "in")
	if j > i {
		j = p.skip(j, "the")
	}
	if part := p.word(j); part != "noon" {
		if at, _, ok := p.partHour(part); ok && (j == i || part != "night") {
			k := p.skip(j+1, "at", "by", "until")
			if c, l, ok := p.clock(k, ""); ok && c.form != partOfDay && (k > j+1 || c.form != bareHour || p.endsAt(l)) && c.settle(part) {
				return c, l, true
			}
			return clock{at: at, other: none, form: partOfDay}, j + 1, true
		}
	}
	j = p.skip(i, "at", "by", "until", "till", "around")
	c, next, ok = p.clock(j, "")
	if !ok || c.form == partOfDay {
		return c, i, false
	}
	if c.form == bareHour {
		if !p.endsAt(next) {
			return c, i, false
		}
		if j > i {
			c.form = plain
		}
	}
	return c, next, true
}
