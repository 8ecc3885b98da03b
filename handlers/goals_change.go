package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"goalbot/formats"
	"goalbot/goals"
	"goalbot/message"
)

// This file holds the commands that change goals: read the words, change the
// list, say the outcome.

func (c *call) add() (message.Message, error) {
	if strings.TrimSpace(c.Args) == "" {
		return c.ask(question{Command: "addgoal"}, new(message.Text).Add("What is the goal? Lines that begin with - become its criteria."))
	}
	d := draft(c.Args)
	g, err := c.create(d, c.Source)
	if err == nil {
		g, err = c.takeDate(g)
	}
	if err != nil {
		return message.Message{}, err
	}
	c.mine.Goals, c.mine.Ticked = []int64{g.Number}, d.Done
	return c.withDate(withCount(c.newText(g, "Added"), g), g), nil
}

// draft reads a goal as it is typed: its description, and below it the
// criteria, each in a line that begins as the entry of a list does. Other lines
// belong to the description. A goal that is ticked is done.
func draft(text string) goals.Draft {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	d := goals.Draft{}
	description := lines[:1]
	for _, line := range lines[1:] {
		switch l := formats.ReadLine(line); {
		case l.Marked && l.Text != "":
			d.Acceptance = append(d.Acceptance, l.Text)
		case !l.Marked && l.Text != "":
			description = append(description, strings.TrimSpace(line))
		}
	}
	d.Description = strings.Join(description, "\n")
	if l := formats.ReadLine(description[0]); l.Text != "" {
		description[0] = l.Text
		d.Description, d.Done = strings.Join(description, "\n"), l.Ticked
	}
	return d
}

func (c *call) done() (message.Message, error) {
	which, anyway := c.Args, false
	if words, ok := cutLastWord(which, "anyway"); ok && c.isNamed(words) {
		which, anyway = words, true
	}
	picked, ask, err := c.pickSeveral(which)
	if len(picked) == 0 {
		return ask, err
	}
	if len(picked) > 1 {
		return c.finishAll(picked, anyway)
	}
	g, next, err := c.finish(picked[0].Number, anyway)
	if unfinished(err) {
		return c.askAnyway(picked[0])
	}
	if err != nil {
		return message.Message{}, err
	}
	if next == "" {
		return c.changed(g, "Done"), nil
	}
	return c.changedWith(g, "Done", next), nil
}

// finish marks a goal done. Of one that repeats it adds the next, and says so.
func (c *call) finish(n int64, anyway bool) (g *goals.Goal, said string, err error) {
	if g, err = c.tx.List().Finish(n, anyway, c.At); err != nil || g.Plan().Repeat == "" {
		return g, "", err
	}
	due, ok := nextDate(g.Plan(), c.now().In(c.zone)) // where its dates are meant
	if !ok {
		c.log.Warn("a goal repeats in a way that cannot be read", "goal", n, "due", g.Plan().Due, "repeat", g.Plan().Repeat)
		return g, "", nil
	}
	next, err := addNext(c.tx.List(), g, due, c.At)
	if err != nil {
		return nil, "", err
	}
	return c.tx.List().Number(n), c.reader().nextHint(next), nil
}

// finishAll finishes what can be finished and says of each goal what became of it.
func (c *call) finishAll(picked []*goals.Goal, anyway bool) (message.Message, error) {
	var said []*message.Text
	var rows [][]message.Button
	finished := 0
	for _, p := range picked {
		g, next, err := c.finish(p.Number, anyway)
		if err == nil {
			finished++
			said = append(said, outcome("Done", g, maxAmongMany))
			if next != "" {
				said = append(said, new(message.Text).Add("      "+next))
			}
			continue
		}
		if unfinished(err) {
			said = append(said, new(message.Text).Addf("%s %s is not finished yet: %s.", icon(p.Status), number(p), notFinished(p)))
			if len(rows) < maxChoices {
				rows = append(rows, []message.Button{anywayButton(p, number(p)+" done anyway")})
			}
			continue
		}
		why, ok := refusalWords(err)
		if !ok {
			return message.Message{}, err
		}
		said = append(said, new(message.Text).Add(icon(p.Status)+" "+why))
	}
	if finished > 0 {
		rows = append(rows, undoRow(c.Key))
	}
	return joined(said).Message(rows...), nil
}

// unfinished reports whether a goal was not finished because its tasks, its criteria or
// its count are not.
func unfinished(err error) bool {
	r, _ := errors.AsType[goals.Refusal](err)
	return r.Kind == goals.Unverified || r.Kind == goals.Unticked || r.Kind == goals.Uncounted
}

// askAnyway is the answer to closing a goal that its sessions do not bear out.
func (c *call) askAnyway(g *goals.Goal) (message.Message, error) {
	t := new(message.Text).Append(line(g, maxInList)).Addf("\n\nNot finished yet: %s.", notFinished(g))
	if verified, total := g.Verified(); verified < total {
		t.Add(" You can mark it done anyway; a note will say so.")
	} else if ticked, total := g.Ticked(); ticked < total {
		t.Add("\n").Append(asMany(criteriaLines(g, maxShortened), "\n", goals.MaxAcceptance, t.Room()-100, message.MaxEntities))
	}
	return c.confirm(g, "anyway", t, anywayButton(g, "Done anyway"), "Cancel")
}

// notFinished says what is left to do of a goal.
func notFinished(g *goals.Goal) string {
	var left []string
	if verified, total := g.Verified(); verified < total {
		left = append(left, tasksVerified(g))
	}
	if ticked, total := g.Ticked(); ticked < total {
		left = append(left, fmt.Sprintf("%d/%d criteria ticked", ticked, total))
	}
	if c := g.Plan().Count; c.On() && !c.Reached() {
		left = append(left, countWords(g))
	}
	return strings.Join(left, ", ")
}

func anywayButton(g *goals.Goal, label string) message.Button {
	return message.Button{Label: "✅ " + label, Command: "done " + atRevision(g) + " anyway", Style: message.Success}
}

func (c *call) begin() (message.Message, error) {
	return c.one(func(g *goals.Goal) (*goals.Goal, string, error) {
		g, err := c.tx.List().Begin(g.Number, c.At)
		return g, "In progress", err
	})
}

func (c *call) reopen() (message.Message, error) {
	return c.one(func(g *goals.Goal) (*goals.Goal, string, error) {
		word := "Reopened"
		switch g.Status {
		case goals.InProgress:
			word = "Back to To do"
		case goals.Blocked:
			word = "Unblocked"
		}
		g, err := c.tx.List().Reopen(g.Number, c.At)
		return g, word, err
	})
}

// one does the same to the one goal that the words name. change returns the
// goal as it is then, and a word for what was done.
func (c *call) one(change func(*goals.Goal) (*goals.Goal, string, error)) (message.Message, error) {
	g, ask, err := c.pick(c.Args, "")
	if g == nil {
		return ask, err
	}
	g, word, err := change(g)
	if err != nil {
		return message.Message{}, err
	}
	return c.changed(g, word), nil
}

func (c *call) block() (message.Message, error) {
	if which, why := cutFirstWord(c.Args); c.Tap && why == "" && c.isNamed(which) {
		return c.askWhy(which)
	}
	return c.withReason("Blocked", func(n int64, why string) (*goals.Goal, error) { return c.tx.List().Block(n, why, c.At) })
}

// askWhy asks in the place of the card that was tapped, since the answer may
// be a tap as well.
func (c *call) askWhy(which string) (message.Message, error) {
	g, ask, err := c.pick(which, "")
	if g == nil {
		return ask, err
	}
	if !g.Status.Open() || g.Status == goals.Blocked {
		_, err := c.tx.List().Block(g.Number, "", c.At) // which says why not
		return message.Message{}, err
	}
	t := asking("What blocks ", g, "?")
	q := question{Command: "block", Number: g.Number, Asks: t.String()}
	how := "Reply to this message with the reason."
	if c.Chat.Private {
		how = "Send the reason as your next message."
	}
	return c.pose(q, t.Add(" "+how),
		[]message.Button{{Label: "🚧 Block without a reason", Command: "block " + atRevision(g) + " " + noReason + " " + tokenSign + c.token()}},
		cancelRow(c.token()))
}

// asking is a question about a goal, whose number is such that a reply to it is
// known to be about that goal.
func asking(before string, g *goals.Goal, after string) *message.Text {
	return new(message.Text).Add(before).Bold(number(g)).Add(" " + quoted(g.Description, maxAmongMany) + after)
}

// noReason stands where a reason could.
const noReason = "-"

func (c *call) abandon() (message.Message, error) {
	return c.withReason("Abandoned", func(n int64, why string) (*goals.Goal, error) { return c.tx.List().Abandon(n, why, c.At) })
}

func (c *call) withReason(word string, change func(int64, string) (*goals.Goal, error)) (message.Message, error) {
	which, why := c.cutWhichOrAll(c.Args)
	if why == noReason {
		why = ""
	}
	g, ask, err := c.pick(which, why)
	if g == nil {
		return ask, err
	}
	if g, err = change(g.Number, why); err != nil {
		return message.Message{}, err
	}
	return c.changed(g, word), nil
}

func (c *call) rename() (message.Message, error) {
	return c.withText("Renamed", func(g *goals.Goal) *message.Text {
		return new(message.Text).Add("What's the new name for ").Bold(number(g)).Add(", now " + quoted(g.Description, maxAmongMany) + "?")
	}, c.renameTo)
}

// renameTo gives a goal the text of a line. One that is ticked makes it done.
func (c *call) renameTo(n int64, text string) (*goals.Goal, error) {
	l := formats.ReadLine(text)
	if l.Text == "" {
		l.Text = text
	}
	g, err := c.tx.List().Rename(n, l.Text, c.At)
	if err == nil && l.Ticked && g.Status.Open() {
		g, _, err = c.finish(n, true)
	}
	return g, err
}

func (c *call) note() (message.Message, error) {
	return c.withText("Note added to", func(g *goals.Goal) *message.Text { return asking("What's the note for ", g, "?") },
		func(n int64, text string) (*goals.Goal, error) { return c.tx.List().AddNote(n, text, c.At) })
}

func (c *call) criterion() (message.Message, error) {
	word := "New criterion"
	if isList(c.Args) {
		word = "New criteria"
	}
	return c.withText(word, func(g *goals.Goal) *message.Text { return asking("How will you know that ", g, " is done?") }, c.addCriteria)
}

// addCriteria adds a criterion, or those of a list.
func (c *call) addCriteria(n int64, text string) (g *goals.Goal, err error) {
	lines := []formats.Line{formats.ReadLine(text)}
	if isList(text) {
		lines = formats.ReadLines(text)
	}
	for _, l := range lines {
		if l.Text == "" {
			l.Text = text
		}
		if g, err = c.tx.List().AddCriterion(n, l.Text, c.At); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// isList reports whether a text has several lines that begin as the entries of a
// list do, and below the first no others.
func isList(text string) bool {
	lines := formats.ReadLines(text)
	for _, l := range lines[min(1, len(lines)):] {
		if !l.Marked {
			return false
		}
	}
	return len(lines) > 1
}

func (c *call) withText(word string, prompt func(*goals.Goal) *message.Text, change func(int64, string) (*goals.Goal, error)) (message.Message, error) {
	which, text := c.cutWhich(c.Args)
	g, ask, err := c.pick(which, text)
	if g == nil {
		return ask, err
	}
	if text == "" {
		return c.ask(question{Command: c.Name, Number: g.Number}, prompt(g))
	}
	if g, err = change(g.Number, text); err != nil {
		return message.Message{}, err
	}
	if c.Name == "rename" {
		return c.newText(g, word), nil
	}
	return c.changed(g, word), nil
}

func (c *call) remove() (message.Message, error) {
	which, sure := cutLastWord(c.Args, "yes")
	if !c.isNamed(which) {
		which, sure = c.Args, false
	}
	g, ask, err := c.pick(which, "")
	if g == nil {
		return ask, err
	}
	if !sure {
		t := new(message.Text).Add("Delete this goal?\n\n").Append(line(g, maxInList))
		return c.confirm(g, "yes", t, message.Button{Label: "🗑 Delete", Command: "delete " + atRevision(g) + " yes", Style: message.Danger}, "Keep")
	}
	if g, err = c.tx.List().Delete(g.Number); err != nil {
		return message.Message{}, err
	}
	rows := [][]message.Button{undoRow(c.Key)}
	if c.Tap {
		rows = append(rows, listRow())
	}
	return outcome("Deleted", g, maxInList).Message(rows...), nil
}

func fingerprint(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

func (c *call) messageName() string { return fmt.Sprintf("%d/%d", c.Chat.ID, c.Message) }

// changed is the answer to a change of one goal: a typed command gets a line,
// a tap gets the goal's card.
func (c *call) changed(g *goals.Goal, word string) message.Message {
	m := c.changedWith(g, word, "")
	if c.values.React && !c.Tap && !c.Chat.Private {
		m.React = "👍" // of a set that Telegram gives; ✅ is not in it
	}
	return m
}

// changedWith is changed with a hint, "" for none.
func (c *call) changedWith(g *goals.Goal, word, hint string) message.Message {
	if hint != "" {
		hint = "\n" + hint
	}
	if !c.Tap {
		return outcome(word, g, maxInList).Add(hint).Message(append(undoRow(c.Key), openButton(g)))
	}
	for _, preposition := range []string{" to", " of", " from", " for"} {
		word = strings.TrimSuffix(word, preposition)
	}
	text := c.below(outcome(word, nil, 0).Add(hint), g)
	return text.Message(append([][]message.Button{undoRow(c.Key)}, c.cardRows(g)...)...)
}
