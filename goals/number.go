package goals

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// This file reads what names goals by their numbers.

// MaxNamed is how many numbers one expression names at most.
const MaxNamed = 1000

// Span is the goal numbers from First to Last, both included.
type Span struct{ First, Last int64 }

func (s Span) String() string {
	if s.First == s.Last {
		return fmt.Sprintf("#%d", s.First)
	}
	return fmt.Sprintf("#%d to #%d", s.First, s.Last)
}

// Misnaming is what is wrong with words that name goals by their numbers.
type Misnaming int

// The ways in which such words name no goal.
const (
	NoNumber   Misnaming = iota // as 9/10, 3.5, 0 or -3
	Backwards                   // a span whose end comes before its beginning, as 5-3
	TooMany                     // more than [MaxNamed] numbers
	Missing                     // there is no goal with that number
	OtherWords                  // a row of the list whose words are not the goal's
)

// NotNamed is the error for numbers that name no goal. Numbers are never taken
// for words instead.
type NotNamed struct {
	Why  Misnaming
	Text string // what was written
	Span Span   // with Missing
	Goal *Goal  // with OtherWords
}

func (e *NotNamed) Error() string {
	switch e.Why {
	case Backwards:
		return fmt.Sprintf("%q is a span that runs backwards", e.Text)
	case TooMany:
		return fmt.Sprintf("%q is more than %d numbers", e.Text, MaxNamed)
	case Missing:
		return fmt.Sprintf("there is no goal %s", e.Span)
	case OtherWords:
		return fmt.Sprintf("goal #%d does not say %q", e.Goal.Number, e.Text)
	}
	return fmt.Sprintf("%q is no number of a goal", e.Text)
}

var (
	// numberItem is one number or a span, numberBreak what stands between
	// two of them, in a text that is folded.
	numberItem  = regexp.MustCompile(`^#? ?([0-9]+)(?: ?(?:-|~|\.{2,3}|to) ?#? ?([0-9]+))?`)
	numberBreak = regexp.MustCompile(`^(?: ?(?:[,;&+]|and|[.:)](?: |$)) ?)+|^ `)
	wordInside  = regexp.MustCompile(`[\pL\pM]+`)
)

// ParseNumbers reads an expression that names goals by their numbers, in the
// digits of any script: "12", "#12", "1-3", "1,2 5", "#1#2", "3 and 5". Marks
// that a phone or a person puts behind it do not count. ok is false where the
// text has words or no digits. What consists of digits and marks is never
// anything but such an expression: where it names no numbers, as "9/10", the
// error is a *[NotNamed].
func ParseNumbers(text string) (spans []Span, ok bool, err error) {
	s := strings.ReplaceAll(Fold(text), "\u20E3", "") // the box of a keycap emoji
	if !isNumbers(s) {
		return nil, false, nil
	}
	refuse := func(why Misnaming) ([]Span, bool, error) {
		return nil, true, &NotNamed{Why: why, Text: strings.TrimSpace(text)}
	}
	s = strings.TrimRight(strings.TrimLeft(s, "([ "), " .,:;!?)]")
	var total int64
	backwards := false
	for first := true; s != ""; first = false {
		gap := numberBreak.FindString(s)
		if first && gap != "" || !first && gap == "" && s[0] != '#' {
			return refuse(NoNumber)
		}
		s = s[len(gap):]
		found := numberItem.FindStringSubmatch(s)
		if found == nil {
			return refuse(NoNumber)
		}
		s = s[len(found[0]):]
		low, err := strconv.ParseInt(found[1], 10, 64)
		high := low
		if err == nil && found[2] != "" {
			high, err = strconv.ParseInt(found[2], 10, 64)
		}
		switch {
		case err != nil || low == 0 || high == 0:
			return refuse(NoNumber)
		case low > high:
			backwards = true // unless it goes on to be no span at all
		case high-low >= MaxNamed-total:
			return refuse(TooMany)
		}
		total += max(high-low+1, 0)
		spans = append(spans, Span{low, high})
	}
	if backwards {
		return refuse(Backwards)
	}
	return spans, true, nil
}

// isNumbers reports whether a folded text has digits and, beside them, marks
// and the words between numbers alone.
func isNumbers(s string) bool {
	for _, word := range wordInside.FindAllString(s, -1) {
		if word != "and" && word != "to" {
			return false
		}
	}
	return strings.ContainsAny(s, "0123456789") &&
		!strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.So, unicode.Sk, unicode.Co) })
}

// ParseNumber reads one number of a goal, written as [ParseNumbers] has it.
func ParseNumber(s string) (int64, bool) {
	spans, _, err := ParseNumbers(s)
	if err != nil || len(spans) != 1 || spans[0].First != spans[0].Last {
		return 0, false
	}
	return spans[0].First, true
}

// spans returns the goals that spans name, each once. A number alone must have
// a goal; of a longer span only one number must.
func (l List) spans(spans []Span) (found []*Goal, err error) {
	seen := map[*Goal]bool{}
	for _, span := range spans {
		i, _ := l.index(span.First)
		none := true
		for ; i < len(l.goals) && l.goals[i].Number <= span.Last; i++ {
			none = false
			if g := l.goals[i]; !seen[g] {
				seen[g] = true
				found = append(found, g)
			}
		}
		if none {
			return nil, &NotNamed{Why: Missing, Text: span.String(), Span: span}
		}
	}
	return found, nil
}

// row is a line as lists show it: perhaps a word with a colon, then signs, the
// number behind a #, and the words of the goal.
var row = regexp.MustCompile(`^([\pL\pM' ]{1,30}: )?[^\pL\pN#]*#([0-9]+)\b[^\pL\pN]*?(?: (.*))?$`)

// rows returns the goals that pasted rows of a list show. ok is false where
// the text is something else. What stands in lines above the first row, as the
// head of a list does, does not count, nor does a line below a row that shows
// something else of the goal, such as the reason why it is blocked.
func (l List) rows(text string) (found []*Goal, ok bool, err error) {
	var last *Goal // of the row above
	for line := range strings.Lines(text) {
		line = Fold(line)
		if line == "" {
			continue
		}
		parts := row.FindStringSubmatch(line)
		switch {
		case parts == nil && !ok && !strings.Contains(line, "#"):
			continue
		case parts == nil && ok && last.mentions(line):
			continue
		case parts == nil:
			return nil, false, nil
		}
		head, number, words := parts[1], "#"+parts[2], parts[3]
		n, err := strconv.ParseInt(parts[2], 10, 64)
		if err != nil {
			n = 0
		}
		g := l.Number(n)
		switch matches := g != nil && g.matches(words); {
		case !matches && head != "": // it may be a goal's own, as in "fix: #12 hangs"
			return nil, false, nil
		case n == 0:
			return nil, true, &NotNamed{Why: NoNumber, Text: number}
		case g == nil:
			return nil, true, &NotNamed{Why: Missing, Text: number, Span: Span{n, n}}
		case !matches:
			return nil, true, &NotNamed{Why: OtherWords, Text: words, Goal: g}
		}
		ok, last = true, g
		if !slices.Contains(found, g) {
			found = append(found, g)
		}
	}
	return found, ok, nil
}

// mentions reports whether a line, which is folded and perhaps shortened at
// either end, is of the goal's text, criteria, tasks or notes.
func (g *Goal) mentions(line string) bool {
	const cut = "..."
	s := newSearcher([]string{strings.TrimPrefix(strings.TrimSuffix(line, cut), cut)})
	_, ok := s.in(g)
	return ok
}

// matches reports whether the words of a row, which are folded, are those of
// the goal: some of them, or all and behind them what else a list shows of it.
func (g *Goal) matches(words string) bool {
	words = strings.TrimSuffix(words, "...") // as lists shorten a long text
	if !shows(words) || !shows(g.Description) {
		return true
	}
	description := Fold(g.Description)
	rest, all := strings.CutPrefix(words, description)
	return all && !startsInWord(rest) || strings.HasPrefix(description, words) || holdsAll(description, strings.Fields(words))
}

// startsInWord reports whether a text goes on with a letter or a digit, also
// after a blank.
func startsInWord(s string) bool {
	for _, r := range strings.TrimSpace(s) {
		return inWord(r)
	}
	return false
}
