package handlers

import (
	"fmt"
	"strings"
	"unicode/utf8"

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

// redo takes an undo back. It is a change of its own, which /undo takes back
// again.
func (c *call) redo() (message.Message, error) { return c.takeBack("↪️ Done again") }

// takeBack takes a change back: the one that a button names, or the last of
// this member's that stands. Where a goal has changed since then the person
// decides.
func (c *call) takeBack(said string) (message.Message, error) {
	events, how, err := c.whichChange()
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
	var changed, rest []goals.Event
	for _, e := range events {
		if comesBack := e.Edit.After == nil; comesBack || e.Edit.Left(list.Number(e.Edit.Number)) {
			rest = append(rest, e)
		} else {
			changed = append(changed, e)
		}
	}
	whole := len(events)
	switch {
	case len(changed) == 0 || how == "anyway":
	case how == "rest" && len(rest) > 0:
		events = rest
	default:
		return c.askUndo(changed, rest)
	}
	was, err := c.tx.Before(events[0].Key)
	if err != nil {
		return message.Message{}, err
	}
	for _, e := range events {
		if n := e.Edit.Number; e.Edit.Before != nil && list.Number(n) == nil && was[n] == nil {
			return message.Message{}, goals.Refusal(fmt.Sprintf("What #%d was cannot be read any more, so it cannot come back. Nothing was changed.", n))
		}
	}
	before := list.Clone()
	list.Together(func() {
		for _, e := range events {
			list.Revert(e.Edit, was[e.Edit.Number], c.At)
		}
	})
	if err := c.tx.TakeBack(events[0].Key); err != nil {
		return message.Message{}, err
	}
	if c.Name == "undo" {
		said += ": " + allThatWasDone(events, whole)
	} else if len(events) < whole {
		said += fmt.Sprintf(" on %d of %d goals", len(events), whole)
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

// whichChange is the change that the command is about, and how it is to be
// taken back where some of its goals have changed since: "anyway", or only the
// "rest" of them.
func (c *call) whichChange() (events []goals.Event, how string, err error) {
	words := strings.Fields(c.Args)
	if n := len(words); n > 0 {
		if last := goals.Fold(words[n-1]); last == "anyway" || last == "rest" {
			words, how = words[:n-1], last
		}
	}
	switch {
	case c.Tap && len(words) > 0:
		events, err = c.tx.Change(words[0])
	case len(words) > 0: // a number, say, of which somebody thinks that it names a goal
		err = goals.Refusal("/undo takes back your last change, whatever it was, and takes no words. /history shows what was done.")
	case c.Name == "undo":
		events, err = c.tx.LastChange(c.From.ID)
	}
	return events, how, err
}

const maxConflicts = 5 // goals of which is told what was done to them

// askUndo says what has become of goals since a change, and offers to take the
// change back all the same, or on the rest of its goals alone.
func (c *call) askUndo(changed, rest []goals.Event) (message.Message, error) {
	what := whatWasDone(changed[0])
	var t message.Text
	t.Bold("Not taken back: " + what)
	buttons := []message.Button{{Label: "↩️ Undo anyway", Command: keyed(c.Name, changed[0].Key, "anyway")}}
	if len(changed) > 1 {
		t.Addf("\n%d of %d goals have changed since then:", len(changed), len(changed)+len(rest))
	}
	var parts []*message.Text
	for i, e := range changed {
		n := e.Edit.Number
		if i == maxConflicts {
			parts = append(parts, make([]*message.Text, len(changed)-i)...) // only counted
			break
		}
		since, err := c.since(n, func(o goals.Event) bool { return o.Key == e.Key })
		if err != nil {
			return message.Message{}, err
		}
		g := c.tx.List().Number(n)
		switch {
		case len(changed) == 1:
			t.Addf("\n#%d has changed since then:", n).Append(c.told(since))
			if g != nil {
				t.Add("\n\n").Append(line(g, maxInList))
				buttons = append(buttons, openButton(g))
			}
		case g == nil:
			parts = append(parts, new(message.Text).Addf("#%d is gone: ", n).Strike(named(e.Edit.Title, maxAmongMany)).Append(c.told(since)))
		default:
			parts = append(parts, line(g, maxAmongMany).Append(c.told(since)))
		}
	}
	anyway := "\n\n" + c.undoAnyway(changed, what)
	if len(parts) > 0 {
		t.Add("\n\n").Append(asMany(parts, "\n\n", maxConflicts, t.Room()-utf8.RuneCountInString(anyway), message.MaxEntities-t.Marks()))
	}
	t.Add(anyway)
	rows := [][]message.Button{buttons}
	if n := len(rest); n > 0 {
		label := fmt.Sprintf("↩️ Undo only the other %d", n)
		if n == 1 {
			label = fmt.Sprintf("↩️ Undo only #%d", rest[0].Edit.Number)
		}
		rows = append(rows, []message.Button{{Label: label, Command: keyed(c.Name, rest[0].Key, "rest")}})
	}
	return t.Message(rows...), nil
}

// undoAnyway says what taking a change back would do to the goals that have
// changed since.
func (c *call) undoAnyway(changed []goals.Event, what string) string {
	var gone, added, others []string
	for _, e := range changed {
		n := fmt.Sprintf("#%d", e.Edit.Number)
		switch {
		case c.tx.List().Number(e.Edit.Number) == nil:
			gone = append(gone, n)
		case e.Edit.Before == nil:
			added = append(added, n)
		default:
			others = append(others, n)
		}
	}
	var does []string
	if len(gone) > 0 {
		does = append(does, fmt.Sprintf("brings %s back as %s before %s", several(gone), form(len(gone), "it was", "they were"), what))
	}
	switch {
	case len(added) == 1 && len(changed) == 1:
		does = append(does, "deletes it, with all that was done to it since")
	case len(added) > 0:
		does = append(does, fmt.Sprintf("deletes %s, with all that was done to %s since", several(added), form(len(added), "it", "them")))
	}
	if len(others) > 0 {
		where := ""
		if len(does) > 0 {
			where = " to " + several(others)
		}
		does = append(does, fmt.Sprintf("takes back only what %s did%s; the rest stays", what, where))
	}
	return "Undo anyway " + strings.Join(does, ". It ") + "."
}

// several names some goals, not too many of them.
func several(all []string) string {
	const most = 4
	switch n := len(all); {
	case n == 1:
		return all[0]
	case n > most:
		return fmt.Sprintf("%s and %d more", strings.Join(all[:most-1], ", "), n-most+1)
	default:
		return strings.Join(all[:n-1], ", ") + " and " + all[n-1]
	}
}

func form(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
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
		n := e.Edit.Number
		if shown = c.tx.List().Number(n); shown != nil {
			lines = append(lines, line(shown, limit))
			continue
		}
		lines = append(lines, new(message.Text).Addf("#%d is gone again: ", n).Strike(named(e.Edit.Title, limit)))
	}
	switch {
	case len(events) == 1 && shown != nil && c.Tap:
		return c.below(lines[0], shown).Message(append([][]message.Button{again}, cardRows(shown)...)...)
	case len(events) == 1 && shown != nil:
		return joined(lines).Message(append(again, openButton(shown)))
	case c.Tap:
		return joined(lines).Message(again, listRow())
	}
	return joined(lines).Message(again)
}

// allThatWasDone names a change, or that part of it, in goals. Those that were
// added from plain words are counted: nobody typed /addgoal.
func allThatWasDone(part []goals.Event, whole int) string {
	count := plural(whole, "goal")
	if len(part) < whole {
		count = fmt.Sprintf("%d of %s", len(part), count)
	}
	switch e := part[0]; {
	case e.Name == "keep" && e.Edit.Before == nil:
		return count + " added"
	case len(part) < whole:
		return whatWasDone(e) + " on " + count
	default:
		return whatWasDone(e)
	}
}

// whatWasDone names a change. The answer to a question of ours came without a
// command, and the edit of a message does not do again what the message did.
func whatWasDone(e goals.Event) string {
	before, after := e.Edit.Before, e.Edit.After
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
		return "/" + toStatus[after.Status]
	case after.Notes > before.Notes:
		return "/note"
	case after.Acceptance > before.Acceptance:
		return "/criterion"
	}
	return "your new text"
}

// toStatus are the commands that words without one stand for.
var toStatus = map[goals.Status]string{
	goals.Pending: "reopen", goals.InProgress: "begin", goals.Blocked: "block", goals.Done: "done", goals.Abandoned: "abandon",
}
