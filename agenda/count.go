package agenda

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"goalbot/goals"
)

// This file finds what a goal may count in its words.

// FindCount finds what the text of a goal may count: 10 books in "read 10 books", and
// from 90 to 80 in "get from 90 to 80 kg". Only whole words are read, and nothing in
// quotation marks. A text with other numbers counts nothing, nor does one where the
// number names something, or says when, how long or how often. What is found is a
// guess, to be offered to a person.
func FindCount(text string) (c goals.Count, ok bool) {
	if strings.Contains(text, "\n") {
		return c, false
	}
	r := countReader(split(text))
	if len(r) > maxCountWords {
		return c, false
	}
	if c, ok := r.fromTo(); ok {
		return c, true
	}
	i, ok := r.onlyNumber()
	if !ok || !r.mayCount(i) {
		return c, false
	}
	c.Target, c.Unit, _ = countNumber(r[i].word)
	if c.Unit == "" {
		c.Unit = r.unit(i)
	}
	return c, c.Unit != "" && c.Target >= goals.Whole(2) && !r.heavy(i, c.Unit)
}

const maxCountWords = 20

// countReader are the words of a text.
type countReader []token

var (
	wordsBefore = strings.Fields(`top best first last next past previous day days week month year age aged at by in for within after before until till since from to than of
		a an the this that my our his her their every each under over below above around about approx # nr number phase season grade class highway route area studio type model`)
	// oneAct are verbs for what is done at once, however many things it is done with.
	oneAct = strings.Fields(`buy order get grab bring pack book reserve rent borrow pick wait sleep weigh pay transfer send give lend owe cost spend donate tip return refund`)
	dials  = strings.Fields(`call dial phone ring text fax`)
	loses  = strings.Fields(`lose gain drop shed`)
	// wordsBehind make a rate or a measure of what stands before them.
	wordsBehind = strings.Fields(`a an per each every daily weekly monthly yearly ago old off later early late apart away long wide high tall deep straight`)
	noUnits     = strings.Fields(`this is was has as his its yes plus minus us always perhaps towards across versus vs does goes besides
		second seconds secs minute minutes mins percent degrees mondays tuesdays wednesdays thursdays fridays saturdays sundays`)
	periods     = strings.Fields(`days weeks months years`)
	irregular   = strings.Fields(`people children men women teeth feet mice fish sheep`)
	measures    = strings.Fields(`km mi kg lb lbs`)
	weights     = strings.Fields(`kg lb lbs pounds kilos`)
	currencies  = strings.Fields(`€ $ £ ¥ eur euro euros usd dollars gbp chf francs bucks`)
	plainNumber = regexp.MustCompile(`^([€$£¥]?)([0-9]+(?:[.,][0-9]{1,2})?|[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]{0,2}(?:\.[0-9]{3})+)([€$£¥]|km|mi|kg|lbs?)?$`)
	letters     = regexp.MustCompile(`^\pL[\pL-]*\pL$`)
	someYear    = regexp.MustCompile(`^(19|20)[0-9]{2}$`)
	groups      = regexp.MustCompile(`[.,]([0-9]{3})`)
)

// countNumber reads a number with the unit that it may touch.
func countNumber(word string) (n goals.Amount, unit string, ok bool) {
	m := plainNumber.FindStringSubmatch(word)
	if m == nil || m[1] != "" && m[3] != "" {
		return 0, "", false
	}
	n, err := goals.ParseAmount(groups.ReplaceAllString(m[2], "$1"))
	return n, m[1] + m[3], err == nil
}

func hasDigit(word string) bool { return strings.ContainsAny(word, "0123456789") }

// fromTo reads "from 90 to 80 kg", in a text without other numbers.
func (r countReader) fromTo() (c goals.Count, ok bool) {
	i := slices.IndexFunc(r, func(t token) bool { return t.word == "from" })
	if i < 0 || i+1 >= len(r) {
		return c, false
	}
	start, first, ok := countNumber(r[i+1].word)
	to := i + 2
	if to < len(r) && first == "" && isUnit(r[to].word) {
		first, to = r[to].word, to+1
	}
	if !ok || to+1 >= len(r) || r[to].word != "to" {
		return c, false
	}
	target, unit, ok := countNumber(r[to+1].word)
	if to+2 < len(r) && unit == "" && isUnit(r[to+2].word) {
		unit = r[to+2].word
	}
	if unit == "" {
		unit = first
	}
	others := slices.ContainsFunc(slices.Concat(r[:i], r[to+2:]), func(t token) bool { return hasDigit(t.word) })
	return goals.Count{Unit: unit, Start: start, Target: target}, ok && unit != "" && !others && start != target
}

// isUnit reports whether a word is what a number may count.
func isUnit(word string) bool {
	switch {
	case slices.Contains(currencies, word), slices.Contains(measures, word), slices.Contains(irregular, word):
		return true
	case slices.Contains(noUnits, word), slices.Contains(periods, word), !letters.MatchString(word), utf8.RuneCountInString(word) > goals.MaxUnit:
		return false
	}
	return strings.HasSuffix(word, "s") && !strings.HasSuffix(word, "ss") && !strings.HasSuffix(word, "us") && !strings.HasSuffix(word, "is")
}

// onlyNumber finds the one number of a text. The year that something is done by is none.
func (r countReader) onlyNumber() (i int, ok bool) {
	i = -1
	for k, t := range r {
		switch {
		case !hasDigit(t.word):
		case k > 0 && someYear.MatchString(t.word) && slices.Contains([]string{"in", "by", "until", "before", "during", "for"}, r[k-1].word):
		case i >= 0:
			return 0, false
		default:
			i = k
		}
	}
	if i < 0 {
		return 0, false
	}
	_, _, ok = countNumber(r[i].word)
	return i, ok && r[i].tail == "" && !r[i].apart
}

// mayCount reports whether what stands before a number lets it count something.
func (r countReader) mayCount(i int) bool {
	number := r[i].word
	if i == 0 {
		return !someYear.MatchString(number)
	}
	before := r[i-1]
	if before.tail != "" || before.word == "" || slices.Contains(wordsBefore, before.word) || slices.Contains(numbered, before.word) || i > 1 && before.capital {
		return false
	}
	for _, t := range r[:i] {
		if slices.Contains(oneAct, t.word) || slices.Contains(dials, t.word) && len(number) > 2 {
			return false
		}
	}
	return true
}

// unit is what the number at i counts, "" for nothing: the next word or, behind words
// that describe it, one of the two after that.
func (r countReader) unit(i int) string {
	most := 3
	if i == 0 {
		most = 1
	}
	for k := i + 1; k < len(r) && k <= i+most; k++ {
		word, next := r[k].word, ""
		if k+1 < len(r) && r[k].tail == "" {
			next = r[k+1].word
		}
		switch {
		case r[k].apart:
			return ""
		case isUnit(word), slices.Contains(periods, word) && next == "of":
			if slices.Contains(wordsBehind, next) {
				return ""
			}
			return word
		case r[k].tail != "", !letters.MatchString(word), slices.Contains(connectors, word), slices.Contains(wordsBefore, word), slices.Contains(noUnits, word), slices.Contains(periods, word):
			return ""
		}
	}
	return ""
}

// heavy reports whether a number says what something weighs, rather than what is to be
// lost or gained.
func (r countReader) heavy(i int, unit string) bool {
	return slices.Contains(weights, unit) && !slices.ContainsFunc(r[:i], func(t token) bool { return slices.Contains(loses, t.word) })
}
