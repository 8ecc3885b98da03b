package handlers

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"goalbot/goals"
	"goalbot/message"
)

// This file finds the goal that a person means, and asks where that is not clear.

const maxChoices = 8

// pick returns the one goal that the words name. Otherwise the goal is nil
// and either the message asks which of several is meant, or the error is a
// refusal. fits prefers the goals that the command can be applied to; rest is
// what follows the goal in the command.
func (c *call) pick(which string, fits func(*goals.Goal) bool, rest string) (*goals.Goal, message.Message, error) {
	switch word := strings.ToLower(strings.TrimSpace(which)); {
	case word == "":
		return c.chooseAny(fits)
	case !c.looks() && (word == "all" || word == "everything"): // in quotes it is a word of a goal's
		return nil, message.Message{}, goals.Refusal(c.notAll())
	}
	found := c.tx.List().Select(unquote(which), fits)
	switch len(found) {
	case 0:
		return nil, message.Message{}, c.noSuch(which)
	case 1:
		return found[0], message.Message{}, nil
	}
	return nil, c.choose(fmt.Sprintf("%d goals match “%s”. Which one?", len(found), isolate(clip(which, 60))), found, rest), nil
}

// pickSeveral reads either a list of numbers and ids, or words that name one goal.
func (c *call) pickSeveral(which string) ([]*goals.Goal, message.Message, error) {
	var all []*goals.Goal
	for _, w := range c.named(which) {
		found := c.tx.List().Select(w, nil)
		if len(found) == 0 {
			return nil, message.Message{}, c.noSuch(w)
		}
		if !slices.Contains(all, found[0]) {
			all = append(all, found[0])
		}
	}
	if len(all) > 0 {
		return all, message.Message{}, nil
	}
	g, ask, err := c.pick(which, func(g *goals.Goal) bool { return g.Status.Open() }, "")
	if g == nil {
		return nil, ask, err
	}
	return []*goals.Goal{g}, ask, nil
}

// named takes a list of numbers and ids apart, as in "1, 2 and 3". Where
// anything else stands in it the list is nil.
func (c *call) named(which string) []string {
	var all []string
	for w := range strings.FieldsFuncSeq(which, func(r rune) bool { return r == ',' || r == ';' || unicode.IsSpace(r) }) {
		switch {
		case c.isNamed(w):
			all = append(all, w)
		case strings.EqualFold(w, "and") || w == "&" || w == "+":
		default:
			return nil
		}
	}
	return all
}

// isNamed reports whether a word is a goal's number or id, which can mean
// nothing else.
func (c *call) isNamed(word string) bool {
	_, ok := goals.ParseNumber(word)
	return ok || c.tx.List().ID(word) != nil
}

// looks reports whether the command only shows something.
func (c *call) looks() bool {
	row, known := c.find(c.Name)
	return known && row.least == Viewer
}

// notAll says how to name goals to whoever wants all of them at once.
func (c *call) notAll() string {
	if row, _ := c.find(c.Name); strings.Contains(row.usage, "…") {
		return fmt.Sprintf("I take no goals but those that you name, so nothing was changed. Say their numbers, as in /%s 3 5 8; /goals shows them.", c.Name)
	}
	return fmt.Sprintf("/%s takes one goal at a time, so nothing was changed. Say its number, as in /%s 3; /goals shows them.", c.Name, c.Name)
}

func (c *call) noSuch(which string) error {
	so := ", so nothing was changed"
	if c.looks() {
		so = ""
	}
	if n, ok := goals.ParseNumber(strings.TrimSpace(which)); ok {
		return goals.Refusal(fmt.Sprintf("There is no goal #%d%s. /goals shows what there is.", n, so))
	}
	if several := c.named(which); len(several) > 1 {
		return goals.Refusal(fmt.Sprintf("/%s takes one goal at a time%s. Say one, as in /%s %s.", c.Name, so, c.Name, clip(several[0], 60)))
	}
	shown := isolate(clip(which, 60))
	if len(c.tx.List().Search(unquote(which))) > 0 {
		return goals.Refusal(fmt.Sprintf("No goal has words that begin with “%s”%s. /search looks within words and in notes too.", shown, so))
	}
	return goals.Refusal(fmt.Sprintf("No goal matches “%s”%s. /goals shows what there is.", shown, so))
}

// chooseAny asks for the goal where the command names none.
func (c *call) chooseAny(fits func(*goals.Goal) bool) (*goals.Goal, message.Message, error) {
	all := c.tx.List().All()
	if len(all) == 0 {
		return nil, message.Message{}, goals.Refusal(noGoals)
	}
	var fitting []*goals.Goal
	for _, g := range all {
		if fits == nil || fits(g) {
			fitting = append(fitting, g)
		}
	}
	if len(fitting) == 0 {
		return nil, message.Message{}, goals.Refusal(fmt.Sprintf("There is no goal that /%s could be used on now. /goals all shows everything.", c.Name))
	}
	return nil, c.choose(fmt.Sprintf("Which one? Tap it, or say its number, as in /%s %d.", c.Name, fitting[0].Number), fitting, ""), nil
}

// choose offers goals as buttons that repeat the command with a number.
func (c *call) choose(head string, found []*goals.Goal, rest string) message.Message {
	more := ""
	if len(found) > maxChoices {
		more = fmt.Sprintf("\nThese are the first %d; for another say its number, or more of its words.", maxChoices)
		found = found[:maxChoices]
	}
	var t message.Text
	t.Add(head)
	var rows [][]message.Button
	for _, g := range found {
		which := target(g)
		if slices.Contains([]string{"goal", "note", "criterion", "history"}, c.Name) {
			which = strconv.FormatInt(g.Number, 10)
		}
		command := strings.TrimSpace(c.Name + " " + which + " " + rest)
		if len(command) > message.MaxButtonData {
			// A button cannot hold the rest of the command, so it must be typed.
			t.Addf(" Say it again with the number, as in /%s %d …", c.Name, g.Number)
			for _, g := range found {
				t.Add("\n").Append(line(g, maxAmongMany))
			}
			return t.Add(more).Message()
		}
		rows = append(rows, []message.Button{{Label: icon(g.Status) + " " + number(g) + " " + described(g, maxInButton), Command: command}})
	}
	return t.Add(more).Message(rows...)
}

// cutFirstWord splits off the first word, or what stands in quotes there.
func cutFirstWord(s string) (word, rest string) {
	s = strings.TrimSpace(s)
	for _, quotes := range []string{`""`, "“”", "„“", "«»"} { // as phones turn them
		open, size := utf8.DecodeRuneInString(quotes)
		if inner, ok := strings.CutPrefix(s, string(open)); ok {
			if word, rest, ok := strings.Cut(inner, quotes[size:]); ok {
				return strings.TrimSpace(word), strings.TrimSpace(rest)
			}
		}
	}
	i := strings.IndexFunc(s, unicode.IsSpace)
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimSpace(s[i:])
}

// cutLastWord splits off the last word if it is that one, in whatever case.
func cutLastWord(s, word string) (before string, ok bool) {
	s = strings.TrimSpace(s)
	i := strings.LastIndexFunc(s, unicode.IsSpace)
	if i < 0 || !strings.EqualFold(strings.TrimSpace(s[i:]), word) {
		return s, false
	}
	return strings.TrimSpace(s[:i]), true
}

func unquote(s string) string {
	return strings.Trim(strings.TrimSpace(s), `"“”„«»`)
}
