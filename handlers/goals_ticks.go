package handlers

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"goalbot/goals"
	"goalbot/message"
)

// This file ticks the success criteria of a goal.

const (
	ticksInRow = 4
	maxTicks   = 12 // buttons on a card
)

// tick ticks or unticks criteria by their numbers, as a card counts them.
func (c *call) tick() (message.Message, error) {
	which, rest := c.cutWhich(c.Args)
	g, ask, err := c.pick(which, rest)
	if g == nil {
		return ask, err
	}
	if rest == "" {
		return c.askTicks(g)
	}
	criteria, err := c.readTicks(g, rest)
	if err != nil {
		return message.Message{}, err
	}
	before, _ := g.Ticked()
	if g, err = c.tx.List().Tick(g.Number, criteria, c.At); err != nil {
		return message.Message{}, err
	}
	ticked, total := g.Ticked()
	word := "Ticked"
	if ticked < before {
		word = "Unticked"
	}
	if ticked == total && ticked > before {
		return c.allMet(g, word), nil
	}
	return c.changed(g, word), nil
}

// allMet offers to finish a goal all criteria of which are met.
func (c *call) allMet(g *goals.Goal, word string) message.Message {
	return c.offerDone(c.changedWith(g, word, metWords(g)), g)
}

// offerDone adds the button that finishes a goal.
func (c *call) offerDone(m message.Message, g *goals.Goal) message.Message {
	if !c.Tap { // a card has the button
		done := message.Button{Label: "✅ Done", Command: "done " + atRevision(g), Style: message.Success}
		m.Buttons = append([][]message.Button{{done}}, m.Buttons...)
	}
	return m
}

// metWords say that all criteria of a goal are met.
func metWords(g *goals.Goal) string {
	switch len(g.Acceptance) {
	case 1:
		return "Its criterion is met. Is it done?"
	case 2:
		return "Both criteria are met. Is it done?"
	}
	return "All its criteria are met. Is it done?"
}

// askTicks shows the criteria, each with its button.
func (c *call) askTicks(g *goals.Goal) (message.Message, error) {
	if len(g.Acceptance) == 0 || !g.Status.Open() {
		_, err := c.tx.List().Tick(g.Number, []int{1}, c.At) // which says why not
		return message.Message{}, err
	}
	t := new(message.Text).Append(line(g, maxInList)).Append(headed("Success criteria", criteriaLines(g, maxShortened)))
	if c.Chat.Private {
		t.Addf("\n\nTap a number, or send /tick %d and the numbers.", g.Number)
	}
	return t.Message(append(tickRows(g), []message.Button{openButton(g)})...), nil
}

// headed is a headed list in one text.
func headed(head string, lines []*message.Text) *message.Text {
	s := &section{head: head, lines: lines, whole: len(lines)}
	return s.text()
}

// criteriaLines are the criteria with their boxes. Where a goal has several they are
// numbered.
func criteriaLines(g *goals.Goal, limit int) []*message.Text {
	var lines []*message.Text
	for i, text := range g.Acceptance {
		box := "☐ "
		if g.IsTicked(text) {
			box = "☑ "
		}
		if len(g.Acceptance) > 1 {
			box += strconv.Itoa(i+1) + ". "
		}
		lines = append(lines, new(message.Text).Add(box+isolate(clip(text, limit))))
	}
	return lines
}

// tickRows are a button for each criterion of an open goal. Where there are too many,
// those that are not met come first.
func tickRows(g *goals.Goal) (rows [][]message.Button) {
	if !g.Status.Open() {
		return nil
	}
	shown := make([]int, 0, len(g.Acceptance))
	for _, ticked := range []bool{false, true} {
		for i, text := range g.Acceptance {
			if g.IsTicked(text) == ticked && len(shown) < maxTicks {
				shown = append(shown, i)
			}
		}
	}
	slices.Sort(shown)
	for row := range slices.Chunk(shown, ticksInRow) {
		var buttons []message.Button
		for _, i := range row {
			one, label := "☐ Tick it", "☐ "
			if g.IsTicked(g.Acceptance[i]) {
				one, label = "☑ Untick it", "☑ "
			}
			label += strconv.Itoa(i + 1)
			if len(g.Acceptance) == 1 {
				label = one
			}
			buttons = append(buttons, message.Button{Label: label, Command: fmt.Sprintf("tick %d %s", g.Number, tickName(g, i))})
		}
		rows = append(rows, buttons)
	}
	return rows
}

// tickName names a criterion in a button: by its number, and by its text, since the
// criteria may be others when the button is tapped.
func tickName(g *goals.Goal, i int) string {
	return strconv.Itoa(i+1) + "/" + fingerprint(g.Acceptance[i])[:6]
}

// readTicks reads the numbers of criteria, or what a button carries.
func (c *call) readTicks(g *goals.Goal, words string) ([]int, error) {
	if digits, mark, ok := strings.Cut(words, "/"); ok && c.Tap {
		i, err := strconv.Atoi(digits)
		is := func(i int) bool { return i >= 0 && i < len(g.Acceptance) && fingerprint(g.Acceptance[i])[:6] == mark }
		if err == nil && is(i-1) {
			return []int{i}, nil
		}
		for i := range g.Acceptance {
			if is(i) {
				return []int{i + 1}, nil
			}
		}
		return nil, refusal("That criterion has been changed or removed, so nothing was ticked. Open the goal to see its criteria.")
	}
	spans, ok, err := goals.ParseNumbers(words)
	if !ok || err != nil {
		return nil, refuse("Say which criteria by their numbers, as in /tick %d 2 or /tick %d 1-3. /goal %d shows them.", g.Number, g.Number, g.Number)
	}
	var criteria []int
	for _, s := range spans {
		for n := s.First; n <= s.Last; n++ {
			criteria = append(criteria, int(min(n, goals.MaxAcceptance+1)))
		}
	}
	return criteria, nil
}

// namesCriteria reports whether words that reply to a message about a goal are numbers
// of its criteria. With # they are numbers of goals.
func (c *call) namesCriteria(target *goals.Goal, words string) bool {
	if target == nil || !target.Status.Open() || strings.Contains(words, "#") {
		return false
	}
	criteria, err := c.readTicks(target, words)
	return err == nil && slices.Min(criteria) >= 1 && slices.Max(criteria) <= len(target.Acceptance)
}

// ticksShown is how many criteria are met, where any is.
func ticksShown(g *goals.Goal) string {
	ticked, total := g.Ticked()
	if ticked == 0 {
		return ""
	}
	return fmt.Sprintf("☑ %d/%d", ticked, total)
}

// planChange says what a change did to a plan.
func (r reader) planChange(before, after goals.Plan) (all []string) {
	for _, side := range []struct {
		word     string
		from, to []string
	}{{"ticked ", before.Ticked, after.Ticked}, {"unticked ", after.Ticked, before.Ticked}} {
		for _, text := range side.to {
			if !slices.Contains(side.from, text) {
				all = append(all, side.word+quoted(text, maxInEvent))
			}
		}
	}
	all = append(all, countChange(before.Count, after.Count)...)
	if said := dateChange(before, after); said != "" {
		all = append(all, said)
	}
	if said := reminderChange(before, after); said != "" {
		all = append(all, said)
	}
	all = append(all, fileChange(before, after)...)
	for _, said := range []string{parkChange(before, after), orderChange(before, after)} {
		if said != "" {
			all = append(all, said)
		}
	}
	if said := r.assigneeChange(before, after); said != "" {
		all = append(all, said)
	}
	return all
}
