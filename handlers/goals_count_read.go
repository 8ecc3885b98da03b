package handlers

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/message"
)

// This file reads what somebody says of a count, and offers one for a goal whose words
// say how many.

// logged is what somebody says of a count.
type logged struct {
	off           bool          // it is to be counted no more
	amount        *goals.Amount // what is logged, nil for nothing
	set           bool          // it comes to that, instead of more by that
	start, target *goals.Amount // nil for what it is
	unit          string        // likewise ""
}

// shown is what is logged, as it is typed.
func (l logged) shown() string { return entryShown(goals.Entry{Set: l.set, Amount: *l.amount}) }

// loggedForm matches an amount, a target or both: "+2 pages", "of 50", "35/50", "from 90
// to 80 kg", "88 from 90 to 80".
var loggedForm = func() *regexp.Regexp {
	number := func(name string) string {
		return `(?P<` + name + `>[€$£¥]?[+-]?[0-9][0-9.,]*)(?:\s?(?P<` + name + `unit>[€$£¥]|\pL[\pL-]*))?`
	}
	return regexp.MustCompile(`(?i)^(?:` + number("amount") + `)?` +
		`(?:\s*(?:of|to|/)\s*` + number("target") + `|\s*(?:of )?from ` + number("start") + `(?: to ` + number("end") + `)?)?$`)
}()

// readLogged reads what is said of the count of a goal, or that it is "off".
func readLogged(g *goals.Goal, words string) (l logged, err error) {
	if isOneOf(words, "off", "none", "no", "never", "stop") {
		return logged{off: true}, nil
	}
	said := strings.NewReplacer("−", "-", "+ ", "+", "- ", "-").Replace(goals.OneLine(words))
	m := loggedForm.FindStringSubmatch(said)
	if m == nil || strings.TrimSpace(said) == "" {
		return l, unreadLogged(g, words)
	}
	get := func(name string) string { return m[loggedForm.SubexpIndex(name)] }
	amount := func(name string) *goals.Amount {
		text := get(name)
		if text == "" {
			return nil
		}
		sign := strings.IndexAny(text, "+-0123456789")
		a, wrong := goals.ParseAmount(text[sign:])
		if wrong != nil {
			err = cmp.Or(err, wrongAmount(text[sign:], wrong))
		}
		l.unit = cmp.Or(get(name+"unit"), text[:sign], l.unit)
		return &a
	}
	l.amount, l.start, l.target = amount("amount"), amount("start"), amount("target")
	if end := amount("end"); end != nil {
		l.target = end
	}
	l.set = l.amount != nil && !strings.ContainsAny(get("amount"), "+-")
	switch {
	case err != nil:
		return l, err
	case isOneOf(l.unit, countTo, "to", "from"), !l.set && l.amount != nil && (l.start != nil || l.target != nil):
		return l, unreadLogged(g, words)
	case l.unit != "" && l.start == nil && l.target == nil:
		return l, l.checkUnit(g)
	}
	return l, nil
}

// checkUnit takes the unit that the count has, and refuses another one.
func (l *logged) checkUnit(g *goals.Goal) error {
	have := g.Plan().Count.Unit
	one := func(unit string) string { return strings.TrimSuffix(goals.Fold(unit), "s") }
	switch {
	case !g.Plan().Count.On(), have == "":
		return nil
	case one(have) != one(l.unit):
		return refuse("%s counts %s, so send only the number, as in /log %d +1. Nothing was logged.", number(g), isolate(have), g.Number)
	}
	l.unit = ""
	return nil
}

func unreadLogged(g *goals.Goal, words string) error {
	return refuse("I can't read “%s”, so nothing was logged. Send what was added or the new total, as in /log %d +2 or /log %d 15; /log %d of 50 sets the target.",
		isolate(clip(words, 60)), g.Number, g.Number, g.Number)
}

// wrongAmount says why a number cannot be read.
func wrongAmount(text string, err error) error {
	r, ok := err.(goals.Refusal)
	text = clip(text, 30)
	switch {
	case !ok:
		return err
	case r.Kind == goals.UnclearAmount:
		thousands := strings.NewReplacer(",", "", ".", "").Replace(text)
		decimal, err := goals.ParseAmount(text + "0")
		if err != nil {
			return err
		}
		return refuse("“%s” can mean %s or %s. Send one of these; nothing was logged.", text, thousands, decimal)
	case r.Kind == goals.LongAmount:
		return refuse("“%s” has more than %d decimals, so nothing was logged.", text, r.Limit)
	case r.Kind == goals.NoAmount:
		return refuse("“%s” is no number that I can read, so nothing was logged. Send it like 15 or 2.5.", text)
	}
	return err
}

// findCount finds what the words of an open goal may count that is not counted.
func findCount(g *goals.Goal) (goals.Count, bool) {
	if !g.Status.Open() || g.Plan().Count.On() {
		return goals.Count{}, false
	}
	return agenda.FindCount(g.Description)
}

// withCount adds to what is said of a new goal the offer to count what its words say.
func withCount(m message.Message, g *goals.Goal) message.Message {
	if found, ok := findCount(g); ok {
		command := fmt.Sprintf("log %d %s", g.Number, found.Bounds())
		if len(command) <= message.MaxButtonData {
			row := []message.Button{{Label: "Count " + countShown(found) + "?", Command: command}}
			m.Buttons = append([][]message.Button{row}, m.Buttons...)
		}
	}
	return m
}

// takeCount counts a new goal to what its words say.
func (c *call) takeCount(g *goals.Goal) (*goals.Goal, error) {
	found, ok := findCount(g)
	if !ok {
		return g, nil
	}
	return c.tx.List().SetCount(g.Number, &found.Start, &found.Target, found.Unit, c.At)
}

// takeCountAgain is takeCount for a goal whose words were changed by an edit of the
// message that made it, where it was counted to what they said before, and nothing is
// logged.
func (c *call) takeCountAgain(n int64, before string) {
	g := c.tx.List().Number(n)
	was, counted := agenda.FindCount(before)
	now, ok := agenda.FindCount(g.Description)
	if counted && ok && g.Status.Open() && g.Plan().Count.Same(was) {
		c.tx.List().NotePlan(n, func(p *goals.Plan) { p.Count = now })
	}
}

// logs reads words that reply to a message about a goal, nil for none, and may be what
// is to be logged for it. A number with a sign can mean nothing else.
func logs(target *goals.Goal, words string) (l logged, ok bool) {
	if target == nil || !target.Plan().Count.On() || !target.Status.Open() {
		return l, false
	}
	l, err := readLogged(target, words)
	return l, err == nil && l.amount != nil && l.start == nil && l.target == nil
}

// countRuleWords says why a rule about counts refused a change.
func countRuleWords(r goals.Refusal) string {
	say := fmt.Sprintf
	switch r.Kind {
	case goals.NotCounted:
		return say("#%d is not counted. /log %d of 50 counts it to 50.", r.Goal, r.Goal)
	case goals.Uncounted:
		return say("#%d has not reached its target.", r.Goal)
	case goals.NoWay:
		return say("The count would start at its target, so nothing was changed. Say both, as in /log %d from 90 to 80.", r.Goal)
	case goals.NoAmount:
		return "That is no number that I can read, so nothing was changed. Send it like 15 or 2.5."
	case goals.UnclearAmount:
		return "That number can be read in two ways, so nothing was changed. Send it without the point or comma."
	case goals.LongAmount:
		return say("Numbers can have up to %d decimals, so nothing was changed.", r.Limit)
	case goals.LargeAmount:
		return say("Counts go up to %d, so nothing was changed.", r.Limit)
	}
	return "That is not possible now, so nothing was changed."
}
