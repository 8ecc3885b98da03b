package agenda

import (
	"slices"
	"time"
)

// form is how a phrase is written. Inside of a text it decides what else must
// stand there to make the phrase a date.
type form uint8

const (
	plain        form = iota // tomorrow, next friday, 1 Dec, 2027-05-04, in 3 weeks, every monday
	weekdayName              // friday
	weekdayShort             // fri
	monthDay                 // Dec 1
	nameDay                  // May 1, 1 March: the month is another word too
	monthName                // December
	ordinal                  // the 18th
	slashed                  // 3/4
	dotted                   // 31.12.
	dottedOpen               // 31.12
	shortYear                // 31.12.27
	elapsed                  // in 20 minutes
	bareHour                 // 9
	clockFace                // 9:30
	clockDotted              // 9.30
	namedHour                // noon
	partOfDay                // in the evening
	adverb                   // monthly
)

// A phrase is a run of words that means a day, a time, or both.
type phrase struct {
	from, to  int       // tokens; to is behind the last
	lead      string    // the preposition before it, which belongs to it
	readings  []Reading // the likeliest first
	form      form
	timed     bool   // a time is named together with a day
	clock     form   // of that time
	clockOnly bool   // a time is named without a day
	past      bool   // every reading is over
	wrong     string // why it means no day
	dot       bool   // the full stop behind it belongs to it
}

// dated is a day that a phrase can mean.
type dated struct {
	Date
	nextYear bool
}

// days is what words say about a day.
type days struct {
	list  []dated // the likeliest first
	form  form
	wrong string // why there is no such day
	dot   bool
}

func someDay(f form, dates ...Date) days {
	d := days{form: f}
	for _, date := range dates {
		if !slices.Contains(d.list, dated{Date: date}) {
			d.list = append(d.list, dated{Date: date})
		}
	}
	return d
}

// clock is what words say about a time of the day, since the midnight at which
// the day begins. A time of 24 hours or more is on the next day.
type clock struct {
	at    time.Duration
	other time.Duration // in the other half of the day; negative where there is no other
	equal bool          // other is as likely
	form  form
	dot   bool
}

// parser reads phrases. Functions that read something return where it ends.
type parser struct {
	Options
	tokens []token
	limit  int  // no phrase reaches behind this token
	whole  bool // all of the text is meant to be a date
	today  Date
}

func newParser(text string, o Options, whole bool) *parser {
	p := &parser{Options: o, tokens: split(text), whole: whole, today: DateOf(o.Now)}
	p.limit = len(p.tokens)
	return p
}

// word returns a token as it is compared, "" where a phrase cannot reach it.
func (p *parser) word(i int) string {
	if i >= p.limit {
		return ""
	}
	return p.tokens[i].word
}

// is reports whether the words from i are these.
func (p *parser) is(i int, words ...string) bool {
	for n, word := range words {
		if p.word(i+n) != word {
			return false
		}
	}
	return true
}

// skip returns the place behind the word at i if it is one of these, else i.
func (p *parser) skip(i int, words ...string) int {
	if word := p.word(i); word != "" && slices.Contains(words, word) {
		return i + 1
	}
	return i
}

// joined reports whether a phrase may go on behind token i.
func (p *parser) joined(i int) bool {
	if i+1 >= len(p.tokens) || p.tokens[i+1].apart {
		return false
	}
	switch t := p.tokens[i]; t.tail {
	case "", ",", "'", "’":
		return true
	case ":":
		return t.word == "due" || t.word == "deadline"
	case ".", ".,":
		_, weekday := weekdays[t.word]
		_, month := months[t.word]
		return weekday || month || dottedDate(t.word) || dayNumber.MatchString(t.word) || halfDay(t.word) != ""
	}
	return false
}

// leads are the words that may stand before a date and belong to it.
var leads = []string{"by", "on", "at", "until", "till", "til", "'til", "due", "for", "before", "deadline"}

// leading reads prepositions: "by", "due on", "no later than", "at the".
func (p *parser) leading(i int) (lead string, next int) {
	if (p.is(i, "no") || p.is(i, "not")) && p.is(i+1, "later", "than") {
		return "by", i + 3
	}
	if slices.Contains(leads, p.word(i)) {
		lead, next = p.word(i), i+1
		if (lead == "due" || lead == "deadline") && p.skip(next, "by", "on", "at", "until", "before") > next {
			next++
		}
		if lead == "due" && p.is(next-1, "before") {
			lead = "before"
		}
		return lead, next
	}
	if _, month := months[p.word(i+1)]; month && p.is(i, "in") {
		return "in", i + 1
	}
	return "", i
}

// phrase reads the longest phrase that begins at i.
func (p *parser) phrase(i int) (phrase, bool) {
	lead, j := p.leading(i)
	best, ok := p.repeated(j)
	if moment, isMoment := p.moment(j, lead); isMoment && (!ok || moment.to > best.to) {
		best, ok = moment, true
	}
	if !ok {
		return phrase{}, false
	}
	best.from, best.lead = i, lead
	if lead == "before" {
		best.readings = dayBefore(best.readings, p.Now)
	}
	return best, true
}

// dayBefore adds the other thing that "before friday" can mean: thursday.
func dayBefore(readings []Reading, now time.Time) (all []Reading) {
	for _, r := range readings {
		earlier := r
		earlier.When.Date = r.When.Date.AddDays(-1)
		if r.When.Kind == WholeDay && r.Repeat.IsZero() && !earlier.When.over(now) && !slices.Contains(all, earlier) {
			all = append(all, earlier)
		}
		if !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	return all
}

// moment reads a day, a time, or both.
func (p *parser) moment(i int, lead string) (phrase, bool) {
	if f, ok := p.isoMoment(i); ok {
		return f, true
	}
	if f, ok := p.elapsedTime(i); ok {
		return f, true
	}
	if f, ok := p.partToday(i); ok {
		return f, true
	}
	clockFirst := lead == "at" && dottedDate(p.word(i))
	if d, j, ok := p.days(i); ok && !clockFirst {
		f := phrase{to: j, form: d.form, wrong: d.wrong, dot: d.dot}
		c, k, timed := p.clockAfter(j)
		if !timed {
			f.readings, f.past = p.combine(d.list, nil)
			if c, k, ok := p.clock(i, lead); ok && d.form == dottedOpen && k == j {
				f.readings = append(f.readings, p.nextTime(c)...) // 2.11 is a time, too
			}
			return f, true
		}
		f.to, f.timed, f.clock, f.dot = k, true, c.form, c.dot
		if c.form != bareHour && c.form != partOfDay {
			f.form = plain
		}
		f.readings, f.past = p.combine(d.list, &c)
		return f, true
	}
	c, j, ok := p.clock(i, lead)
	if !ok {
		return phrase{}, false
	}
	f := phrase{to: j, form: c.form, dot: c.dot, clockOnly: true}
	if c.form != bareHour || lead == "at" || p.whole {
		if d, k, ok := p.days(p.skip(p.skip(j, "on"), "the")); ok {
			f.to, f.form, f.timed, f.clockOnly, f.wrong, f.dot = k, plain, true, false, d.wrong, d.dot
			f.readings, f.past = p.combine(d.list, &c)
			return f, true
		}
	}
	f.readings = p.nextTime(c)
	return f, true
}

// combine returns the readings of days with a clock, or without. Those that
// are over are left out as long as others remain.
func (p *parser) combine(list []dated, c *clock) (readings []Reading, past bool) {
	var over []Reading
	add := func(d dated, at time.Duration) {
		w := OnDay(d.Date)
		if c != nil {
			w = AtClock(d.AddDays(int(at/day)), at%day)
		}
		r := Reading{When: w, NextYear: d.nextYear}
		if w.over(p.Now) {
			over = append(over, r)
		} else if !slices.Contains(readings, r) {
			readings = append(readings, r)
		}
	}
	for _, d := range list {
		if c == nil {
			add(d, 0)
			continue
		}
		add(d, c.at)
		if c.equal {
			add(d, c.other)
		}
	}
	if len(readings) == 0 && c != nil && !c.equal && c.other >= 0 {
		for _, d := range list {
			add(d, c.other)
		}
	}
	if len(readings) == 0 {
		return over, true
	}
	return readings, false
}

// nextTime returns the readings of a time without a day: the next such time.
func (p *parser) nextTime(c clock) (readings []Reading) {
	add := func(at time.Duration, days int) bool {
		w := AtClock(p.today.AddDays(days+int(at/day)), at%day)
		r := Reading{When: w}
		if w.over(p.Now) {
			return false
		}
		if !slices.Contains(readings, r) {
			readings = append(readings, r)
		}
		return true
	}
	today := add(c.at, 0)
	if !today && !c.equal && c.other >= 0 {
		add(c.other, 0)
	}
	if !today {
		add(c.at, 1)
	}
	if c.equal && !add(c.other, 0) {
		add(c.other, 1)
	}
	return readings
}
