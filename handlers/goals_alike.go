package handlers

import (
	"fmt"
	"slices"
	"strings"

	"goalbot/formats"
	"goalbot/goals"
	"goalbot/message"
)

// This file says of a new goal that it is on the list already.

// alike returns the first open goal that says the same as a text, by
// [goals.Fold]. The goal of number but does not count.
func (c *call) alike(text string, but int64) *goals.Goal {
	return c.allAlike([]string{text}, but)[0]
}

// allAlike is alike for several texts at once; nil stands for none.
func (c *call) allAlike(texts []string, but int64) []*goals.Goal {
	said := map[string]*goals.Goal{}
	for _, text := range texts {
		said[goals.Fold(text)] = nil
	}
	var folded []byte // not one for each goal: this is part of every change of a text
	for _, g := range c.tx.List().All() {
		if !g.Status.Open() || g.Number == but {
			continue
		}
		folded = goals.AppendFold(folded[:0], g.Description)
		if first, ok := said[string(folded)]; ok && first == nil {
			said[string(folded)] = g
		}
	}
	all := make([]*goals.Goal, len(texts))
	for i, text := range texts {
		all[i] = said[goals.Fold(text)]
	}
	return all
}

// newText is [call.changed] for a goal that says something new, and adds a hint
// where another says the same.
func (c *call) newText(g *goals.Goal, word string) message.Message {
	hint := ""
	if other := c.alike(g.Description, g.Number); other != nil {
		hint = "The same as " + number(other) + ", which is still open."
	}
	if said := c.dueHint(g); said != "" {
		hint = strings.TrimSpace(said + " " + hint)
	}
	return c.changedWith(g, word, hint)
}

// onTheList says which lines of a list are open goals already, "" for none.
func (c *call) onTheList(lines []formats.Line) string {
	var texts, numbers []string
	n := 0
	for _, l := range lines {
		if !l.Ticked {
			texts = append(texts, l.Text)
		}
	}
	for _, g := range c.allAlike(texts, 0) {
		if g == nil {
			continue
		}
		if n++; !slices.Contains(numbers, number(g)) {
			numbers = append(numbers, number(g))
		}
	}
	if n == 0 {
		return ""
	}
	if len(numbers) > maxConflicts {
		numbers = append(numbers[:maxConflicts], "…")
	}
	return fmt.Sprintf(" %d of them %s already on the list: %s.", n, message.Form(n, "is", "are"), strings.Join(numbers, ", "))
}
