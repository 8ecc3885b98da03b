package handlers

import (
	"errors"
	"fmt"
	"strings"

	"goalbot/goals"
	"goalbot/message"
)

// This file holds the commands that change goals: read the words, change the
// list, say the outcome.

func (c *call) add() (message.Message, error) {
	if strings.TrimSpace(c.Args) == "" {
		return c.ask(question{Command: "addgoal"}, "What is the goal? Send it as your next message. Lines that begin with - become its criteria.")
	}
	g, err := c.tx.List().Add(draft(c.Args), newID(), c.At)
	if err != nil {
		return message.Message{}, err
	}
	// An edit of this message is to change this goal.
	if err := c.tx.SetRecord(madeRecord, c.messageName(), fmt.Sprint(g.Number)); err != nil {
		return message.Message{}, err
	}
	return c.changed(g, "Added"), nil
}

// draft reads a goal as it is typed: its description, and below it the
// criteria, each in a line that begins with a dash. Other lines belong to the
// description.
func draft(text string) goals.Draft {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	d := goals.Draft{}
	description := lines[:1]
	for _, line := range lines[1:] {
		trimmed := strings.TrimSpace(line)
		criterion, ok := cutDash(trimmed)
		switch {
		case ok && criterion != "":
			d.Acceptance = append(d.Acceptance, criterion)
		case !ok && trimmed != "":
			description = append(description, trimmed)
		}
	}
	d.Description = strings.Join(description, "\n")
	return d
}

func cutDash(line string) (string, bool) {
	for _, dash := range []string{"-", "–", "—", "•"} { // phones turn a typed dash into these
		if rest, ok := strings.CutPrefix(line, dash); ok {
			return strings.TrimSpace(rest), true
		}
	}
	return "", false
}

func (c *call) done() (message.Message, error) {
	which, anyway := c.Args, false
	if words, ok := cutLastWord(which, "anyway"); ok {
		if _, number := goals.ParseNumber(words); number {
			which, anyway = words, true
		}
	}
	picked, ask, err := c.pickSeveral(which)
	if len(picked) == 0 {
		return ask, err
	}
	if len(picked) == 1 {
		g, err := c.tx.List().Finish(picked[0].Number, anyway, c.At)
		var unverified *goals.Unverified
		if errors.As(err, &unverified) {
			return c.askAnyway(unverified), nil
		}
		if err != nil {
			return message.Message{}, err
		}
		return c.changed(g, "Done"), nil
	}
	return c.finishAll(picked)
}

// finishAll finishes what can be finished and says of each goal what became of it.
func (c *call) finishAll(picked []*goals.Goal) (message.Message, error) {
	var text message.Text
	finished := 0
	for _, p := range picked {
		if text.Len() > 0 {
			text.Add("\n")
		}
		g, err := c.tx.List().Finish(p.Number, false, c.At)
		var unverified *goals.Unverified
		var refusal goals.Refusal
		switch {
		case errors.As(err, &unverified):
			text.Addf("%s %s not closed: ", icon(p.Status), number(p)).Add(err.Error() + ".")
		case errors.As(err, &refusal):
			text.Add(icon(p.Status) + " " + refusal.Error())
		case err != nil:
			return message.Message{}, err
		default:
			finished++
			text.Append(outcome("Done", g, maxInList))
		}
	}
	if finished == 0 {
		return text.Message(), nil
	}
	return text.Message(c.undoRow()), nil
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
	return c.withReason("Blocked", func(n int64, why string) (*goals.Goal, error) { return c.tx.List().Block(n, why, c.At) })
}

func (c *call) abandon() (message.Message, error) {
	return c.withReason("Abandoned", func(n int64, why string) (*goals.Goal, error) { return c.tx.List().Abandon(n, why, c.At) })
}

func (c *call) withReason(word string, change func(int64, string) (*goals.Goal, error)) (message.Message, error) {
	open := func(g *goals.Goal) bool { return g.Status.Open() }
	which, why := c.Args, ""
	if len(c.tx.List().Select(which, open)) == 0 {
		// Not all of it names a goal: the first word does, and the rest is the reason.
		which, why = cutFirstWord(c.Args)
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
	return c.withText("Renamed", "What shall #%d be called? Send it as your next message.",
		func(n int64, text string) (*goals.Goal, error) { return c.tx.List().Rename(n, text, c.At) })
}

func (c *call) note() (message.Message, error) {
	return c.withText("Noted on", "What shall I note on #%d? Send it as your next message.",
		func(n int64, text string) (*goals.Goal, error) { return c.tx.List().AddNote(n, text, c.At) })
}

func (c *call) withText(word, prompt string, change func(int64, string) (*goals.Goal, error)) (message.Message, error) {
	which, text := cutFirstWord(c.Args)
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
	if _, ok := goals.ParseNumber(which); !ok {
		which, sure = c.Args, false
	}
	g, ask, err := c.pick(which, nil, "")
	if g == nil {
		return ask, err
	}
	if !sure {
		return new(message.Text).Add("Delete this goal?\n\n").Append(line(g, maxInCard)).Message([]message.Button{
			{Label: "🗑 Delete", Command: fmt.Sprintf("delete %d yes", g.Number)},
			{Label: "Keep", Command: fmt.Sprintf("goal %d", g.Number)},
		}), nil
	}
	if g, err = c.tx.List().Delete(g.Number); err != nil {
		return message.Message{}, err
	}
	return outcome("Deleted", g, maxInCard).Message(c.undoRow()), nil
}

// edited acts on a message that was said before and has been altered since:
// the goal that it made follows, and nothing else happens a second time.
func (c *call) edited() (message.Message, error) {
	made, err := c.tx.Record(madeRecord, c.messageName())
	if err != nil {
		return message.Message{}, err
	}
	n, ok := goals.ParseNumber(made)
	if !ok || c.Name != "" && c.Name != "addgoal" {
		return message.Message{}, nil
	}
	if c.tx.List().Number(n) == nil {
		return message.Message{}, goals.Refusal(fmt.Sprintf("The goal that this message made, #%d, has been deleted. Send the text as a new /addgoal.", n))
	}
	g, err := c.tx.List().Revise(n, draft(c.Args), c.At)
	if err != nil {
		return message.Message{}, err
	}
	return c.changed(g, "Changed"), nil
}

// madeRecord holds, for a message that added a goal, the goal's number.
const madeRecord = "made"

func (c *call) messageName() string { return fmt.Sprintf("%d/%d", c.Chat.ID, c.Message) }

// changed is the answer to a change of one goal: a typed command gets a line,
// a tap gets the goal's card.
func (c *call) changed(g *goals.Goal, word string) message.Message {
	if !c.Tap {
		return outcome(word, g, maxInCard).Message(append(c.undoRow(), openButton(g)))
	}
	text := outcome(word, nil, 0).Add("\n\n").Append(c.cardText(g))
	return text.Message(append([][]message.Button{c.undoRow()}, cardRows(g)...)...)
}

func (c *call) undoRow() []message.Button {
	return []message.Button{{Label: "↩️ Undo", Command: "undo " + c.Key}}
}

// undo takes a change back: the one that a button names, or the last of this
// member's that stands.
func (c *call) undo() (message.Message, error) {
	var events []goals.Event
	var err error
	if c.Tap && c.Args != "" {
		events, err = c.tx.Change(c.Args)
	} else {
		events, err = c.tx.LastChange(c.From.ID)
	}
	switch {
	case err != nil:
		return message.Message{}, err
	case len(events) == 0:
		return message.Message{}, goals.Refusal("There is nothing of yours to take back.")
	case events[0].Undone:
		return message.Message{}, goals.Refusal("That was taken back already.")
	case events[0].By != c.From.ID:
		return message.Message{}, goals.Refusal("Somebody else did that; only they can take it back.")
	}
	list := c.tx.List()
	var text message.Text
	text.Bold("↩️ Taken back: /" + events[0].Name)
	for i := len(events) - 1; i >= 0; i-- {
		e := events[i]
		n := e.Change.Number()
		if !list.Number(n).Same(e.Change.After) {
			return message.Message{}, goals.Refusal(fmt.Sprintf("#%d has changed since then, so I left everything as it is. /goal %d shows it.", n, n))
		}
		if err := takeBack(list, e.Change, c); err != nil {
			return message.Message{}, err
		}
		if shown := list.Number(n); shown != nil {
			text.Add("\n").Append(line(shown, maxInList))
		} else {
			text.Addf("\n#%d is gone again: ", n).Strike(clip(e.Change.After.Description, maxInList))
		}
	}
	return text.Message(), c.tx.TakeBack(events[0].Key)
}

func takeBack(list *goals.List, change goals.Change, c *call) error {
	if change.Before == nil {
		_, err := list.Delete(change.After.Number)
		return err
	}
	before := *change.Before
	if change.After != nil {
		before.Updated = change.After.Updated
	}
	before.Touch(c.At)
	before.Progress = change.Before.Progress
	list.Put(&before)
	return nil
}
