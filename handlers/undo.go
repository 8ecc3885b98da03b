package handlers

import (
	"strings"

	"goalbot/goals"
	"goalbot/message"
)

// This file takes changes back, and the taking back too.

// undoRow takes back the change with that key.
func undoRow(key string) []message.Button {
	return []message.Button{{Label: "↩️ Undo", Command: keyed("undo", key, "")}}
}

// keyed is a command for one certain change. Without room for its key it is
// for the last change, which this is for now.
func keyed(command, key, rest string) string {
	all := strings.TrimSpace(command + " " + key + " " + rest)
	if len(all) > message.MaxButtonData {
		return strings.TrimSpace(command + " " + rest)
	}
	return all
}

func (c *call) undo() (message.Message, error) { return c.takeBack("↩️ Taken back") }

// redo takes an undo back. It is a change of its own, which /undo takes back
// again.
func (c *call) redo() (message.Message, error) { return c.takeBack("↪️ Done again") }

// takeBack takes a change back: the one that a button names, or the last of
// this member's that stands. Where a goal has changed since then the person
// decides.
func (c *call) takeBack(said string) (message.Message, error) {
	events, anyway, err := c.whichChange()
	switch {
	case err != nil:
		return message.Message{}, err
	case len(events) == 0:
		return message.Message{}, goals.Refusal("There is nothing of yours to take back.")
	case events[0].By != c.From.ID:
		return message.Message{}, goals.Refusal("Somebody else did that; only they can take it back.")
	case events[0].Undone:
		return message.Message{}, goals.Refusal("That was taken back already.")
	}
	list := c.tx.List()
	for _, e := range events {
		n := e.Change.Number()
		present := list.Number(n)
		if comesBack := e.Change.After == nil; !anyway && !comesBack && !present.Same(e.Change.After) {
			return c.askUndo(events, n)
		}
	}
	before := list.Clone()
	list.Together(func() {
		for _, e := range events {
			list.Revert(e.Change, c.At)
		}
	})
	if err := c.tx.TakeBack(events[0].Key); err != nil {
		return message.Message{}, err
	}
	if c.Name == "undo" {
		said += ": " + whatWasDone(events[0])
	}
	again := []message.Button{{Label: "↪️ Redo", Command: keyed("redo", c.Key, "")}}
	switch {
	case len(goals.Diff(before, *list)) == 0:
		again = nil // nothing is left of it that could come again
	case c.Name == "redo":
		again = undoRow(c.Key)
	case again[0].Command == "redo":
		again = nil // it would take back another change
	}
	return c.takenBack(said, events, again), nil
}

// whichChange is the change that the command is about.
func (c *call) whichChange() (events []goals.Event, anyway bool, err error) {
	words := strings.Fields(c.Args)
	if n := len(words); n > 0 && strings.EqualFold(words[n-1], "anyway") {
		words, anyway = words[:n-1], true
	}
	switch {
	case c.Tap && len(words) > 0:
		events, err = c.tx.Change(words[0])
	case len(words) > 0: // a number, say, of which somebody thinks that it names a goal
		err = goals.Refusal("/undo takes back your last change, whatever it was, and takes no words. /history shows what was done.")
	case c.Name == "undo":
		events, err = c.tx.LastChange(c.From.ID)
	}
	return events, anyway, err
}

// askUndo says what has become of a goal since a change, and offers to take
// the change back all the same.
func (c *call) askUndo(events []goals.Event, number int64) (message.Message, error) {
	since, err := c.since(number, func(e goals.Event) bool { return e.Key == events[0].Key })
	if err != nil {
		return message.Message{}, err
	}
	what := whatWasDone(events[0])
	var t message.Text
	t.Bold("Not taken back: "+what).Addf("\n#%d has changed since then:", number).Append(c.told(since))
	buttons := []message.Button{{Label: "↩️ Undo anyway", Command: keyed(c.Name, events[0].Key, "anyway")}}
	switch g := c.tx.List().Number(number); {
	case g == nil:
		t.Addf("\n\nUndo anyway brings #%d back as it was before %s.", number, what)
	case events[0].Change.Before == nil:
		t.Add("\n\n").Append(line(g, maxInList)).Add("\n\nUndo anyway deletes it, with all that was done to it since.")
		buttons = append(buttons, openButton(g))
	default:
		t.Add("\n\n").Append(line(g, maxInList)).Addf("\n\nUndo anyway takes back only what %s did; the rest stays.", what)
		buttons = append(buttons, openButton(g))
	}
	return t.Message(buttons), nil
}

// takenBack shows the goals as they are now.
func (c *call) takenBack(said string, events []goals.Event, again []message.Button) message.Message {
	lines := []*message.Text{new(message.Text).Bold(said)}
	limit := maxInList
	if len(events) > 1 {
		limit = maxAmongMany
	}
	var shown *goals.Goal
	for _, e := range events {
		n := e.Change.Number()
		if shown = c.tx.List().Number(n); shown != nil {
			lines = append(lines, line(shown, limit))
			continue
		}
		gone := e.Change.After
		if gone == nil {
			gone = e.Change.Before
		}
		lines = append(lines, new(message.Text).Addf("#%d is gone again: ", n).Strike(described(gone, limit)))
	}
	switch {
	case len(events) == 1 && shown != nil && c.Tap:
		return lines[0].Add("\n\n").Append(c.cardText(shown)).Message(append([][]message.Button{again}, cardRows(shown)...)...)
	case len(events) == 1 && shown != nil:
		return joined(lines).Message(append(again, openButton(shown)))
	case c.Tap:
		return joined(lines).Message(again, listRow())
	}
	return joined(lines).Message(again)
}

// whatWasDone names a change. The answer to a question of ours came without a
// command, and the edit of a message does not do again what the message did.
func whatWasDone(e goals.Event) string {
	before, after := e.Change.Before, e.Change.After
	switch {
	case e.Name == "undo" || e.Name == "redo" || e.Name == "import":
		return "/" + e.Name
	case e.Name == "import":
		return "/import"
	case before == nil:
		return "/addgoal"
	case after != nil && e.Name == "addgoal":
		return "your edit"
	case e.Name == "vanished":
		return "the removal"
	case after == nil || e.Name != "text" && e.Name != "keep":
		return "/" + e.Name
	case before.Status != after.Status:
		return "/block" // the reason was asked for
	case len(after.Notes) > len(before.Notes):
		return "/note"
	case len(after.Acceptance) > len(before.Acceptance):
		return "/criterion"
	}
	return "your new text"
}
