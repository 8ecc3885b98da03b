package agenda

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"goalbot/goals"
)

// Found is a date inside of a text.
type Found struct {
	Reading           // the likeliest
	Others  []Reading // what the phrase can mean as well
	Phrase  string    // as it stands in the text, with its preposition
	Rest    string    // the text without the phrase
	Certain bool      // nothing else can be meant; otherwise, ask
	Past    bool      // the date is over, so that it may be a mistake
}

// FindWhen finds the date in the text of a goal: "call the dentist tomorrow at
// 9". Only whole words are read, and nothing in quotation marks. ok is false
// where there is no date, or nothing but a date. Of several dates, the one with
// "due", "by" or "until" is returned, else the first, and it is not certain.
func FindWhen(text string, o Options) (found Found, ok bool) {
	p := newParser(text, o, false)
	var best phrase
	var verdict, others verdict
	for i := 0; i < len(p.tokens); {
		f, ok := p.in(i)
		if !ok {
			i++
			continue
		}
		v := p.judge(f)
		if i++; v > no || f.wrong != "" {
			i = f.to
		}
		better := v > verdict || v == verdict && deadline(f.lead) && !deadline(best.lead)
		if better {
			f, best = best, f
			v, verdict = verdict, v
		}
		others = max(others, v)
	}
	if verdict == no {
		return found, false
	}
	start, end := p.tokens[best.from].start, p.tokens[best.to-1].end
	if best.dot {
		end += strings.Index(text[end:], ".") + 1
	}
	found = Found{
		Reading: best.readings[0], Others: best.readings[1:], Phrase: text[start:end], Rest: without(text, start, end),
		Certain: verdict == sure && len(best.readings) == 1 && others < sure, Past: best.past,
	}
	return found, strings.ContainsFunc(found.Rest, wordRune)
}

func deadline(lead string) bool {
	return slices.Contains([]string{"due", "by", "until", "till", "til", "'til", "before", "deadline"}, lead)
}

// longest is how many words a phrase may have inside of a text.
const longest = 24

// in reads the longest phrase at i that no punctuation cuts.
func (p *parser) in(i int) (phrase, bool) {
	for p.limit = i + 1; p.limit < min(len(p.tokens), i+longest) && p.joined(p.limit-1); {
		p.limit++
	}
	return p.phrase(i)
}

// verdict says whether a phrase is meant as a date.
type verdict uint8

const (
	no verdict = iota
	perhaps
	sure
)

func when(condition bool, v, otherwise verdict) verdict {
	if condition {
		return v
	}
	return otherwise
}

// connectors are words that go on with a sentence. A date that is followed by
// another word may be a part of it: "the Friday deals", "at 9 tables".
var connectors = strings.Fields(`and or but then to with for about at in on by from so because if when while via before after until till
	through without instead unless as since i we you he she they it please pls again too latest sharp the my our your & + |`)

// endsAt reports whether a phrase that ends before token i stands for itself.
func (p *parser) endsAt(i int) bool {
	if i >= len(p.tokens) || !p.joined(i-1) {
		return true
	}
	last := p.tokens[i-1]
	if strings.Contains(last.tail, ",") || strings.Contains(last.tail, ".") && !dottedDate(last.word) {
		return true
	}
	return slices.Contains(connectors, p.tokens[i].word)
}

// numbered are the things that have numbers, which are no dates: version 2.11.
var numbered = strings.Fields(`version versions v ver release releases chapter chapters ch page pages p pp room rooms section sections sec
	part parts level levels figure figures fig table tables rule rules article articles paragraph paragraphs no nr number numbers line lines step steps
	episode episodes ep season seasons track tracks problem problems exercise exercises question questions lesson lessons unit units volume vol issue issues
	bus gate flight size iso rfc psalm verse verses score scores rated rating ratio grade apartment apt flat suite building`)

// compounds are words that make a name of the day of the week behind them, and
// of the one before them.
var compoundsBefore = strings.Fields(`black blue good casual freaky manic bloody super cyber ash easter palm holy whit maundy shrove fat ruby taco giving stormy happy mad meatless
	man girl last previous past after since than from of the a an my our your his her their no not`)

var compoundsAfter = strings.Fields(`school schools roast roasts deal deals sale sales times night nights blues brunch prayers paper papers market markets club league lunch mass service services
	special specials edition news post telegraph driver drivers child murder club's fever addams island afternoons mornings evenings`)

// judge decides whether a phrase inside of a text is a date, from how it is
// written and what stands around it.
func (p *parser) judge(f phrase) verdict {
	if f.wrong != "" || len(f.readings) == 0 {
		return no
	}
	v := p.judgeForm(f)
	switch before := p.before(f); {
	case v == no:
		return no
	case slices.Contains([]string{"after", "since", "last", "previous", "past", "than"}, before):
		return no
	case f.form != plain && f.form <= partOfDay && f.form >= slashed && slices.Contains(numbered, before):
		return no
	case f.past || p.ranged(f) || slices.Contains([]string{"from", "of", "between", "starting"}, before) || p.title(f):
		return perhaps
	}
	return v
}

// before returns the word that stands before a phrase in the same sentence.
func (p *parser) before(f phrase) string {
	if f.from == 0 || p.tokens[f.from].apart || strings.ContainsAny(p.tokens[f.from-1].tail, ".!?;:") {
		return ""
	}
	return p.tokens[f.from-1].word
}

func (p *parser) judgeForm(f phrase) verdict {
	free, named := p.endsAt(f.to), f.lead != ""
	word := p.tokens[f.to-1].word
	switch f.form {
	case plain:
		article := slices.Contains([]string{"the", "a", "an", "my", "our"}, p.before(f))
		return when(f.clockOnly && article && !named, no, sure)
	case weekdayName:
		return p.judgeWeekday(f, free)
	case weekdayShort:
		repeats := !f.readings[0].Repeat.IsZero()
		switch {
		case !free:
			return no
		case repeats || deadline(f.lead) || f.lead == "on" && word != "sun" || f.timed && f.clock == partOfDay:
			return sure
		}
		return when(named || f.timed, perhaps, no)
	case monthDay:
		return when(named || free, sure, perhaps)
	case nameDay:
		ends := f.to == len(p.tokens) || !p.joined(f.to-1)
		return when(free && (named || ends), sure, when(free || named, perhaps, no))
	case monthName:
		other := slices.Contains(otherWords, word)
		return when((f.lead == "in" || deadline(f.lead)) && (free || !other), perhaps, no)
	case ordinal:
		return when(named && free, sure, no)
	case slashed:
		day := f.readings[0].When.Date.Day
		if named && f.lead != "at" {
			return when(free, sure, no)
		}
		return when(f.to == len(p.tokens) && day > 12 && word != "24/7", perhaps, no)
	case dotted:
		day := f.readings[0].When.Date.Day
		ends := f.to == len(p.tokens) || p.tokens[f.to].capital
		return when(named || day > 12 && !ends, sure, perhaps)
	case dottedOpen:
		day := f.readings[0].When.Date.Day
		return when((deadline(f.lead) || f.lead == "on") && free, when(day > 12, sure, perhaps), no)
	case shortYear:
		return when(named, sure, when(free, perhaps, no))
	case elapsed:
		return when(f.from == 0, sure, perhaps)
	case adverb:
		return when(free && f.from > 0, sure, no)
	}
	return p.judgeTime(f, free)
}

func (p *parser) judgeWeekday(f phrase, free bool) verdict {
	before, after := p.before(f), ""
	if f.to < len(p.tokens) && p.joined(f.to-1) {
		after = p.tokens[f.to].word
	}
	switch {
	case slices.Contains(compoundsAfter, after):
		return no
	case deadline(f.lead):
		return sure
	case f.lead != "":
		return when(free, sure, perhaps)
	case slices.Contains(compoundsBefore, before):
		return no
	case free:
		return sure
	}
	return when(f.from == 0, perhaps, no)
}

// judgeTime judges a time without a day.
func (p *parser) judgeTime(f phrase, free bool) verdict {
	until := deadline(f.lead)
	last := p.tokens[f.to-1]
	switch f.form {
	case bareHour:
		switch {
		case !free:
			return no
		case f.lead == "at":
			return when(len(last.word) == 1 || last.word <= "12", sure, perhaps)
		}
		return when(until && f.lead != "by", perhaps, no)
	case clockFace:
		switch {
		case f.lead == "on":
			return no
		case f.lead != "":
			return sure
		}
		name := f.from > 0 && p.tokens[f.from-1].capital && f.from > 1 // John 3:16
		return when(free && !name, perhaps, no)
	case clockDotted:
		return when(free && f.lead == "at", sure, when(free && until, perhaps, no))
	case namedHour:
		if f.lead == "" || f.lead == "on" {
			return when(f.to == len(p.tokens) && last.word != "midnight", perhaps, no)
		}
		return when(f.lead == "for", perhaps, sure)
	}
	return when(free, perhaps, no) // in the evening
}

// ranged reports whether a phrase is an end of a range: 1 - 3 Dec.
func (p *parser) ranged(f phrase) bool {
	dash := func(i int) bool {
		return i > 0 && i+1 < len(p.tokens) && p.tokens[i].start == p.tokens[i].end && strings.ContainsAny(p.tokens[i].tail+"-", "-–—")
	}
	number := func(i int) bool {
		return p.tokens[i].word != "" && p.tokens[i].word[0] <= '9' && p.tokens[i].word[0] >= '0'
	}
	return dash(f.from-1) && number(f.from-2) || dash(f.to) && number(f.to+1)
}

// title reports whether a phrase looks like a part of a title: Tomorrow Never Dies.
func (p *parser) title(f phrase) bool {
	first := p.tokens[f.from]
	if f.to > f.from+1 || !first.capital || !slices.Contains([]string{"today", "tomorrow", "tonight"}, first.word) {
		return false
	}
	before := f.from > 0 && p.joined(f.from-1) && p.tokens[f.from-1].capital
	after := f.to < len(p.tokens) && p.joined(f.to-1) && p.tokens[f.to].capital && p.tokens[f.to].word != "i"
	return before || after
}

// without returns a text without a phrase, and without the punctuation that
// set it off.
func without(text string, start, end int) string {
	const sets = ",;:-–—("
	left := strings.TrimRightFunc(text[:start], unicode.IsSpace)
	right := strings.TrimLeftFunc(text[end:], unicode.IsSpace)
	for { // what enclosed the phrase: (tomorrow), *tomorrow*
		l, n := utf8.DecodeLastRuneInString(left)
		r, m := utf8.DecodeRuneInString(right)
		if pair := string(l) + string(r); pair != "()" && pair != "[]" && pair != "**" && pair != "__" && pair != "~~" && pair != "<>" {
			break
		}
		left, right = strings.TrimRightFunc(left[:len(left)-n], unicode.IsSpace), strings.TrimLeftFunc(right[m:], unicode.IsSpace)
	}
	blank := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(sets, r) }
	switch first, _ := utf8.DecodeRuneInString(right); {
	case strings.TrimFunc(left, blank) == "":
		left = ""
		right = strings.TrimLeftFunc(right, func(r rune) bool { return blank(r) || strings.ContainsRune(".!?)", r) })
	case right == "" || strings.ContainsRune(".!?,;:)", first):
		left = strings.TrimRightFunc(left, blank)
		if strings.Trim(right, ",;:") == "" {
			right = ""
		}
		return strings.TrimSpace(left + right)
	}
	return strings.TrimSpace(goals.Visible(left + " " + right))
}
