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
		return c.ask(question{Command: "addgoal"}, "What is the goal? Lines that begin with - become its criteria.")
	}
	g, err := c.create(draft(c.Args), c.Source)
	if err != nil {
		return message.Message{}, err
	}
	if err := c.made(c.messageName(), g, c.Args); err != nil {
		return message.Message{}, err
	}
	return c.changed(g, "Added"), nil
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
	g, err := c.tx.List().Finish(picked[0].Number, anyway, c.At)
	if unverified, ok := errors.AsType[*goals.Unverified](err); ok {
		return c.askAnyway(unverified), nil
	}
	if err != nil {
		return message.Message{}, err
	}
	return c.changed(g, "Done"), nil
}

// finishAll finishes what can be finished and says of each goal what became of it.
func (c *call) finishAll(picked []*goals.Goal, anyway bool) (message.Message, error) {
	var said []*message.Text
	var rows [][]message.Button
	finished := 0
	for _, p := range picked {
		g, err := c.tx.List().Finish(p.Number, anyway, c.At)
		if err == nil {
			finished++
			said = append(said, outcome("Done", g, maxAmongMany))
			continue
		}
		if unverified, ok := errors.AsType[*goals.Unverified](err); ok {
			said = append(said, new(message.Text).Addf("%s %s is not closed: %s.", icon(p.Status), number(p), unverified))
			if len(rows) < maxChoices {
				rows = append(rows, []message.Button{anywayButton(p, number(p)+" done anyway")})
			}
			continue
		}
		refusal, ok := errors.AsType[goals.Refusal](err)
		if !ok {
			return message.Message{}, err
		}
		said = append(said, new(message.Text).Add(icon(p.Status)+" "+refusal.Error()))
	}
	if finished > 0 {
		rows = append(rows, undoRow(c.Key))
	}
	return joined(said).Message(rows...), nil
}

// askAnyway is the answer to closing a goal that its sessions do not bear out.
func (c *call) askAnyway(u *goals.Unverified) message.Message {
	var t message.Text
	t.Append(line(u.Goal, maxInList)).Addf("\n\nNot closed: %s. You can close it all the same; a note will say so.", u.Error())
	return t.Message([]message.Button{
		anywayButton(u.Goal, "Done anyway"),
		{Label: "Leave it", Command: fmt.Sprintf("goal %d", u.Goal.Number)},
	})
}

func anywayButton(g *goals.Goal, label string) message.Button {
	return message.Button{Label: "✅ " + label, Command: "done " + target(g) + " anyway", Style: message.Success}
}

func (c *call) begin() (message.Message, error) {
	return c.one("In progress", func(g *goals.Goal) bool { return g.Status.Open() && g.Status != goals.InProgress },
		func(n int64) (*goals.Goal, error) { return c.tx.List().Begin(n, c.At) })
}

func (c *call) reopen() (message.Message, error) {
	return c.one("Open again", func(g *goals.Goal) bool { return !g.Status.Open() || g.Status == goals.Blocked },
		func(n int64) (*goals.Goal, error) { return c.tx.List().Reopen(n, c.At) })
}

// one does the same to the one goal that the words name.
func (c *call) one(word string, fits func(*goals.Goal) bool, change func(int64) (*goals.Goal, error)) (message.Message, error) {
	g, ask, err := c.pick(c.Args, fits, "")
	if g == nil {
		return ask, err
	}
	if g, err = change(g.Number); err != nil {
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
	g, ask, err := c.pick(which, nil, "")
	if g == nil {
		return ask, err
	}
	if !g.Status.Open() || g.Status == goals.Blocked {
		_, err := c.tx.List().Block(g.Number, "", c.At) // which says why not
		return message.Message{}, err
	}
	m, err := c.ask(question{Command: "block", Number: g.Number}, fmt.Sprintf("What blocks #%d %s?", g.Number, described(g, maxInButton)))
	m.Ask = false // a message has either buttons or the keyboard opened
	m.Buttons = [][]message.Button{{
		{Label: "🚧 Block without a reason", Command: "block " + target(g) + " " + noReason},
		{Label: "Leave it", Command: fmt.Sprintf("goal %d", g.Number)},
	}}
	return m, err
}

// noReason stands where a reason could.
const noReason = "-"

func (c *call) abandon() (message.Message, error) {
	return c.withReason("Abandoned", func(n int64, why string) (*goals.Goal, error) { return c.tx.List().Abandon(n, why, c.At) })
}

func (c *call) withReason(word string, change func(int64, string) (*goals.Goal, error)) (message.Message, error) {
	open := func(g *goals.Goal) bool { return g.Status.Open() }
	// The first word names the goal and the rest is the reason, unless all of
	// it are words from a goal's text.
	which, why := c.cutWhich(c.Args)
	if !c.isNamed(which) {
		if found, _ := c.tx.List().Select(c.Args, open); len(found) > 0 {
			which, why = c.Args, ""
		}
	}
	if why == noReason {
		why = ""
	}
	g, ask, err := c.pick(which, open, why)
	if g == nil {
		return ask, err
	}
	if g, err = change(g.Number, why); err != nil {
		return message.Message{}, err
	}
	return c.changed(g, word), nil
}

func (c *call) rename() (message.Message, error) {
	return c.withText("Renamed", "What shall #%d be called?",
		func(n int64, text string) (*goals.Goal, error) { return c.tx.List().Rename(n, text, c.At) })
}

func (c *call) note() (message.Message, error) {
	return c.withText("Noted on", "What shall I note on #%d?",
		func(n int64, text string) (*goals.Goal, error) { return c.tx.List().AddNote(n, text, c.At) })
}

func (c *call) criterion() (message.Message, error) {
	return c.withText("New criterion", "By what shall #%d count as reached?",
		func(n int64, text string) (*goals.Goal, error) { return c.tx.List().AddCriterion(n, text, c.At) })
}

func (c *call) withText(word, prompt string, change func(int64, string) (*goals.Goal, error)) (message.Message, error) {
	which, text := c.cutWhich(c.Args)
	g, ask, err := c.pick(which, nil, text)
	if g == nil {
		return ask, err
	}
	if text == "" {
		return c.ask(question{Command: c.Name, Number: g.Number}, fmt.Sprintf(prompt, g.Number))
	}
	if g, err = change(g.Number, text); err != nil {
		return message.Message{}, err
	}
	return c.changed(g, word), nil
}

func (c *call) remove() (message.Message, error) {
	which, sure := cutLastWord(c.Args, "yes")
	if !c.isNamed(which) {
		which, sure = c.Args, false
	}
	g, ask, err := c.pick(which, nil, "")
	if g == nil {
		return ask, err
	}
	if !sure {
		return new(message.Text).Add("Delete this goal?\n\n").Append(line(g, maxInList)).Message([]message.Button{
			{Label: "🗑 Delete", Command: "delete " + target(g) + " yes", Style: message.Danger},
			{Label: "Keep", Command: fmt.Sprintf("goal %d", g.Number)},
		}), nil
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

// edited acts on a message that was said before and has been altered since:
// the goal that it made follows, and nothing else happens a second time.
// Telegram also reports alterations that nobody sees; those stay unanswered.
func (c *call) edited() (message.Message, error) {
	if c.Name != "" && c.Name != "addgoal" {
		return c.editedOther()
	}
	record, err := c.tx.Record(madeRecord, c.messageName())
	if err != nil {
		return message.Message{}, err
	}
	if record == "" && c.Name == "" {
		// Words that wait for a tap are taken as they are then.
		o, ok, err := c.takeOffer(c.messageName())
		switch {
		case err != nil || c.Args == "":
			return message.Message{}, err
		case !ok:
			return c.editedOther()
		}
		o.Text = c.Args
		return message.Message{}, c.setOffer(c.messageName(), o)
	}
	made, said, _ := strings.Cut(record, " ")
	n, ok := goals.ParseNumber(made)
	switch {
	case !ok && c.Name == "addgoal" && c.Chat.Private && c.Args != "":
		return message.Message{}, goals.Refusal("That message made no goal, so I do not follow its edits. Send it again as a new message.")
	case !ok || said == fingerprint(c.Args):
		return message.Message{}, nil
	case c.tx.List().Number(n) == nil:
		return message.Message{}, goals.Refusal(fmt.Sprintf("The goal that this message made, #%d, has been deleted. Send the text as a new /addgoal.", n))
	}
	revise, _ := c.find("addgoal")
	revise.do = func(c *call) (message.Message, error) {
		g, err := c.tx.List().Revise(n, draft(c.Args), c.At)
		if err != nil {
			return message.Message{}, err
		}
		if err := c.made(c.messageName(), g, c.Args); err != nil {
			return message.Message{}, err
		}
		return c.changed(g, "Changed"), nil
	}
	return c.run(revise)
}

// madeRecord holds, for a message that added a goal, the goal's number and a
// fingerprint of what the message said.
const madeRecord = "made"

// made keeps that an edit of the message of that name is to change this goal.
func (c *call) made(name string, g *goals.Goal, said string) error {
	return c.tx.SetRecord(madeRecord, name, fmt.Sprintf("%d %s", g.Number, fingerprint(said)))
}

func fingerprint(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

func (c *call) messageName() string { return fmt.Sprintf("%d/%d", c.Chat.ID, c.Message) }

// changed is the answer to a change of one goal: a typed command gets a line,
// a tap gets the goal's card.
func (c *call) changed(g *goals.Goal, word string) message.Message {
	if !c.Tap {
		return outcome(word, g, maxInList).Message(append(undoRow(c.Key), openButton(g)))
	}
	text := c.below(outcome(strings.TrimSuffix(word, " on"), nil, 0), g)
	return text.Message(append([][]message.Button{undoRow(c.Key)}, cardRows(g)...)...)
}
