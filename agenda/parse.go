package agenda

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"goalbot/goals"
)

// Ambiguous is the error for a phrase that can mean different things. Nothing
// is guessed: whoever typed it is asked.
type Ambiguous struct {
	Phrase   string
	Readings []Reading // two or more, the likeliest first
	now      time.Time
}

func (e *Ambiguous) Error() string {
	same := e.Readings[0].Repeat // which begins at different times
	for _, r := range e.Readings {
		if r.Repeat != same {
			same = Repeat{}
		}
	}
	all := make([]string, len(e.Readings))
	for i, r := range e.Readings {
		all[i] = r.Format(e.now)
		if !same.IsZero() {
			all[i] = Format(r.When, e.now)
		}
	}
	last := len(all) - 1
	says := "can mean"
	if !same.IsZero() {
		says = "can begin"
	}
	return fmt.Sprintf("“%s” %s %s or %s.", clip(e.Phrase), says, strings.Join(all[:last], ", "), all[last])
}

// Format returns the reading for people: "Fri 4 Dec 09:00", and for a repeat
// "every Friday from Fri 4 Dec 09:00".
func (r Reading) Format(now time.Time) string {
	when := Format(r.When, now)
	if r.Repeat.IsZero() {
		return when
	}
	return r.Repeat.String() + " from " + when
}

// Unread is an error that says why a text is no date, and what to say instead. It
// is written for the person who typed it.
type Unread string

func (e Unread) Error() string { return string(e) }

const howToSay = "Say it as in tomorrow at 9, next friday, 1 Dec, 31.12., in 3 weeks, every monday or 2027-05-04 09:00."

// ParseWhen reads a date that somebody was asked for. All of the text is the
// date: "tomorrow at 9", "by next friday", "every 2 weeks from 1 Dec". What it
// cannot read, and what is past, is a [Unread]; what can mean two
// things is [*Ambiguous].
func ParseWhen(text string, o Options) (Reading, error) {
	text = strings.TrimSpace(text)
	p := newParser(text, o, true)
	quoted := "“" + clip(goals.OneLine(text)) + "”"
	if len(p.tokens) == 0 {
		return Reading{}, Unread("Say a date. " + howToSay)
	}
	f, ok := p.phrase(0)
	hourAlone := f.form == bareHour && f.lead != "at" && f.clockOnly
	ok = ok && p.unbroken() && !(hourAlone && f.to < len(p.tokens))
	switch {
	case !ok:
		return Reading{}, Unread(p.unread(quoted))
	case f.wrong != "":
		return Reading{}, Unread(f.wrong)
	case f.to < len(p.tokens):
		read, rest := text[:p.tokens[f.to-1].end], text[p.tokens[f.to].start:]
		return Reading{}, Unread(fmt.Sprintf("I can read “%s” as a date, but not “%s” behind it. %s", clip(goals.OneLine(read)), clip(goals.OneLine(rest)), howToSay))
	case hourAlone:
		hour, _ := strconv.Atoi(p.word(f.to - 1))
		next := p.dayAlone(hour).list[0]
		return Reading{}, Unread(fmt.Sprintf("%s can be an hour or a day. Say %d:00 or %d %s.", quoted, hour, hour, shortMonth(next.Month)))
	case f.past:
		return Reading{}, Unread(quoted + " is over. Say a date that is still to come.")
	case len(f.readings) > 1:
		return Reading{}, &Ambiguous{Phrase: goals.OneLine(text), Readings: f.readings, now: o.Now}
	}
	return f.readings[0], nil
}

// unread says why a text is no date at all.
func (p *parser) unread(quoted string) string {
	every := false
	for _, t := range p.tokens {
		every = every || t.word == "every" || t.word == "each"
		switch strings.TrimSuffix(t.word, "s") {
		case "hour", "minute", "second":
			if !every {
				continue
			}
			return "A goal can be repeated by days, weeks, months and years, as in every day at 9."
		}
	}
	return fmt.Sprintf("I cannot read %s as a date. %s", quoted, howToSay)
}

// unbroken reports whether no punctuation separates the words.
func (p *parser) unbroken() bool {
	for i, t := range p.tokens {
		if t.apart && i == 0 || i+1 < len(p.tokens) && !p.joined(i) {
			return false
		}
	}
	switch p.tokens[len(p.tokens)-1].tail {
	case "", ".", "!", "?":
		return true
	}
	return false
}

// clip shortens a text that is repeated to whoever typed it.
func clip(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
