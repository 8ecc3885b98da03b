package handlers

import (
	"fmt"
	"strings"

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
	if strings.TrimSpace(which) == "" {
		return c.chooseAny(fits)
	}
	found := c.tx.List().Select(unquote(which), fits)
	switch len(found) {
	case 0:
		return nil, message.Message{}, c.noSuch(which)
	case 1:
		return found[0], message.Message{}, nil
	}
	return nil, c.choose(fmt.Sprintf("%d goals match “%s”. Which one?", len(found), clip(which, 60)), found, rest), nil
}

// pickSeveral reads either a list of numbers and ids, or words that name one goal.
func (c *call) pickSeveral(which string) ([]*goals.Goal, message.Message, error) {
	words := strings.FieldsFunc(which, func(r rune) bool { return r == ' ' || r == ',' || r == '\n' })
	open := func(g *goals.Goal) bool { return g.Status.Open() }
	if len(words) > 1 {
		var all []*goals.Goal
		numbers := true
		for _, w := range words {
			if _, ok := goals.ParseNumber(w); !ok && c.tx.List().ID(w) == nil {
				numbers = false
			}
		}
		if numbers {
			seen := map[int64]bool{}
			for _, w := range words {
				found := c.tx.List().Select(w, nil)
				if len(found) == 0 {
					return nil, message.Message{}, c.noSuch(w)
				}
				if !seen[found[0].Number] {
					seen[found[0].Number] = true
					all = append(all, found[0])
				}
			}
			return all, message.Message{}, nil
		}
	}
	g, ask, err := c.pick(which, open, "")
	if g == nil {
		return nil, ask, err
	}
	return []*goals.Goal{g}, ask, nil
}

func (c *call) noSuch(which string) error {
	if n, ok := goals.ParseNumber(strings.TrimSpace(which)); ok {
		return goals.Refusal(fmt.Sprintf("There is no goal #%d, so nothing was changed. /goals shows what there is.", n))
	}
	return goals.Refusal(fmt.Sprintf("No goal matches “%s”, so nothing was changed. /goals shows what there is.", clip(which, 60)))
}

// chooseAny asks for the goal where the command names none.
func (c *call) chooseAny(fits func(*goals.Goal) bool) (*goals.Goal, message.Message, error) {
	var fitting []*goals.Goal
	for _, g := range c.tx.List().All() {
		if fits == nil || fits(g) {
			fitting = append(fitting, g)
		}
	}
	if len(fitting) == 0 {
		return nil, message.Message{}, goals.Refusal(fmt.Sprintf("There is no goal that /%s could be used on.", c.Name))
	}
	return nil, c.choose(fmt.Sprintf("Which one? Tap it, or say its number, as in /%s %d.", c.Name, fitting[0].Number), fitting, ""), nil
}

// choose offers goals as buttons that repeat the command with a number.
func (c *call) choose(head string, found []*goals.Goal, rest string) message.Message {
	more := ""
	if len(found) > maxChoices {
		more = fmt.Sprintf("\nThese are the first %d; say more words to find another.", maxChoices)
		found = found[:maxChoices]
	}
	var t message.Text
	t.Add(head)
	var rows [][]message.Button
	for _, g := range found {
		command := strings.TrimSpace(fmt.Sprintf("%s %d %s", c.Name, g.Number, rest))
		if len(command) > message.MaxButtonData {
			// A button cannot hold the rest of the command, so it must be typed.
			t.Addf(" Say it again with the number, as in /%s %d …", c.Name, g.Number)
			for _, g := range found {
				t.Add("\n").Append(line(g, 120))
			}
			return t.Add(more).Message()
		}
		rows = append(rows, []message.Button{{Label: icon(g.Status) + " " + number(g) + " " + clip(g.Description, maxInButton), Command: command}})
	}
	return t.Add(more).Message(rows...)
}

func cutFirstWord(s string) (word, rest string) {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, `"`) || strings.HasPrefix(s, "“") {
		quote := map[string]string{`"`: `"`, "“": "”"}
		for open, end := range quote {
			if inner, ok := strings.CutPrefix(s, open); ok {
				if word, rest, ok := strings.Cut(inner, end); ok {
					return word, strings.TrimSpace(rest)
				}
			}
		}
	}
	i := strings.IndexAny(s, " \n\t")
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimSpace(s[i:])
}

func cutLastWord(s, word string) (before string, ok bool) {
	before, ok = strings.CutSuffix(strings.TrimSpace(s), " "+word)
	return strings.TrimSpace(before), ok
}

func unquote(s string) string {
	return strings.Trim(strings.TrimSpace(s), `"“”`)
}
