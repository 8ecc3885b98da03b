package handlers

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file takes back what a person did, and does it again, as editors do it:
// /undo goes back step by step, /redo goes forward over what was undone, until
// the person does something new. A step is a change of goals, or an action on
// settings and people.

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

// undo takes back what the person did last, or what a button names.
func (c *call) undo() (message.Message, error) {
	c.replays = true
	key, how, err := c.step("/undo always undoes your last change, and takes no words after it. /history shows what was done.")
	if err != nil {
		return message.Message{}, err
	}
	all, err := c.actions()
	if err != nil {
		return message.Message{}, err
	}
	i := slices.IndexFunc(all, func(a action) bool { return key != "" && a.Key == key && !a.Undone })
	if key == "" {
		if i, err = c.lastAction(all); err != nil {
			return message.Message{}, err
		}
	}
	if i >= 0 {
		return c.undoAction(all, i)
	}
	var events []store.Event
	if key != "" {
		events, err = c.tx.Change(key)
	} else {
		events, err = c.tx.LastChange(c.From.ID)
	}
	switch {
	case err != nil:
		return message.Message{}, err
	case len(events) == 0:
		return message.Message{}, refusal("You have nothing to undo.")
	}
	return c.takeBack(events, how)
}

// redo does again what was undone last, or what a button names. It is a change
// of its own, which /undo takes back again.
func (c *call) redo() (message.Message, error) {
	c.replays = true
	key, how, err := c.step("/redo always redoes what you undid last, and takes no words after it. /history shows what was done.")
	if err != nil {
		return message.Message{}, err
	}
	all, err := c.actions()
	if err != nil {
		return message.Message{}, err
	}
	undone, err := c.undone()
	if err != nil {
		return message.Message{}, err
	}
	keys := []string{key}
	if key == "" {
		keys = undone
	}
	for _, key := range slices.Backward(keys) {
		i := slices.IndexFunc(all, func(a action) bool { return a.Key == key && a.Undone })
		if i >= 0 && c.mayDo(all[i].Do) {
			return c.redoAction(all, i)
		}
		events, err := c.tx.Change(key)
		if err != nil {
			return message.Message{}, err
		}
		if len(events) > 0 && events[0].Name == "undo" && (c.Tap || !events[0].Undone) {
			return c.takeBack(events, how)
		}
	}
	if key != "" {
		return message.Message{}, refusal("That was already redone, or is too long ago. Nothing was changed.")
	}
	return message.Message{}, refusal("There is nothing to redo. /redo repeats what you undid, until you change something else.")
}

// step reads which step the command is about, "" for the last, and how it is to
// be taken where goals have changed since: "anyway", or only the "rest" of them.
func (c *call) step(help string) (key, how string, err error) {
	words := strings.Fields(c.Args)
	if n := len(words); n > 0 {
		if last := goals.Fold(words[n-1]); last == "anyway" || last == "rest" {
			words, how = words[:n-1], last
		}
	}
	switch {
	case len(words) == 0:
		return "", how, nil
	case c.Tap:
		return words[0], how, nil
	}
	return "", "", refusal(help) // a number, say, of which somebody thinks that it names a goal
}

func (c *call) undone() (keys []string, err error) {
	kept, err := c.tx.Record(store.UndoneRecord, strconv.FormatInt(c.From.ID, 10))
	return strings.Fields(kept), err
}

func (c *call) keepUndone(keys []string) error {
	return c.tx.SetRecord(store.UndoneRecord, strconv.FormatInt(c.From.ID, 10), strings.Join(keys[max(0, len(keys)-maxActions):], " "))
}

// replayed notes that the step of that key was undone or redone by this request.
func (c *call) replayed(key string) error {
	keys, err := c.undone()
	if err != nil {
		return err
	}
	keys = slices.DeleteFunc(keys, func(k string) bool { return k == key })
	if c.Name == "undo" {
		keys = append(keys, c.Key)
	}
	return c.keepUndone(keys)
}

// acted notes that the person did something new: what was undone before can
// only be redone by its button.
func (c *call) acted() error {
	keys, err := c.undone()
	if err != nil || c.replays || len(keys) == 0 {
		return err
	}
	return c.keepUndone(nil)
}

// takeBack takes a change of this person's back, which may be an undo. Where a
// goal has changed since then the person decides.
func (c *call) takeBack(events []store.Event, how string) (message.Message, error) {
	switch {
	case events[0].By != c.From.ID:
		return message.Message{}, refusal("Somebody else did that; only they can undo or redo it.")
	case events[0].Undone && c.Name == "undo":
		return message.Message{}, refusal("That was already undone.")
	case events[0].Undone:
		return message.Message{}, refusal("That was already redone.")
	}
	list := c.tx.List()
	if err := c.inSums(events); err != nil {
		return message.Message{}, err
	}
	var changed, rest []store.Event
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
			return message.Message{}, refuse("The text of #%d can no longer be read, so it can't be brought back. Nothing was changed.", n)
		}
	}
	before := list.Clone()
	list.Batch(func() {
		for _, e := range events {
			list.Revert(e.Edit, was[e.Edit.Number], c.At)
		}
	})
	if err := c.tx.TakeBack(events[0].Key); err != nil {
		return message.Message{}, err
	}
	said, again := "↩️ Undone: ", []message.Button{{Label: "↪️ Redo", Command: keyed("redo", c.Key, "")}}
	if c.Name == "redo" {
		said, again = "↪️ Redone: ", undoRow(c.Key)
	}
	if len(goals.Diff(before, *list)) == 0 {
		return c.takenBack(said+doing(events, whole), events, nil), nil // nothing is left of it that could come again
	}
	return c.takenBack(said+doing(events, whole), events, again), c.replayed(events[0].Key)
}

const maxConflicts = 5 // goals of which is told what was done to them

// askUndo says what has become of goals since a change, and offers to take the
// change back all the same, or on the rest of its goals alone.
func (c *call) askUndo(changed, rest []store.Event) (message.Message, error) {
	verb, done, sign := "Undo", "undone", "↩️ "
	if c.Name == "redo" {
		verb, done, sign = "Redo", "redone", "↪️ "
	}
	var t message.Text
	t.Bold("Not " + done + ": " + doing(append(slices.Clone(changed), rest...), len(changed)+len(rest)))
	buttons := []message.Button{{Label: sign + verb + " anyway", Command: keyed(c.Name, changed[0].Key, "anyway")}}
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
		since, err := c.since(n, func(o store.Event) bool { return o.Key == e.Key })
		if err != nil {
			return message.Message{}, err
		}
		g := c.tx.List().Number(n)
		switch {
		case len(changed) == 1:
			t.Addf("\n#%d has changed since then:", n).Append(c.eventLines(since))
			if g != nil {
				t.Add("\n\n").Append(line(g, maxInList))
				buttons = append(buttons, openButton(g))
			}
		case g == nil:
			parts = append(parts, goneLine(e, maxAmongMany).Append(c.eventLines(since)))
		default:
			parts = append(parts, line(g, maxAmongMany).Append(c.eventLines(since)))
		}
	}
	anyway := "\n\n" + verb + " anyway " + c.anyway(changed) + "."
	if len(parts) > 0 {
		t.Add("\n\n").Append(asMany(parts, "\n\n", maxConflicts, t.Room()-utf8.RuneCountInString(anyway), message.MaxEntities-t.Marks()))
	}
	t.Add(anyway)
	rows := [][]message.Button{buttons}
	if n := len(rest); n > 0 {
		label := fmt.Sprintf("%s%s only the other %d", sign, verb, n)
		if n == 1 {
			label = fmt.Sprintf("%s%s only #%d", sign, verb, rest[0].Edit.Number)
		}
		rows = append(rows, []message.Button{{Label: label, Command: keyed(c.Name, rest[0].Key, "rest")}})
	}
	return t.Message(rows...), nil
}

// anyway says what taking a change back would do to the goals that have
// changed since.
func (c *call) anyway(changed []store.Event) string {
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
		does = append(does, fmt.Sprintf("brings %s back as %s before that", several(gone), message.Form(len(gone), "it was", "they were")))
	}
	switch {
	case len(added) == 1 && len(changed) == 1:
		does = append(does, "deletes it, with everything done to it since")
	case len(added) > 0:
		does = append(does, fmt.Sprintf("deletes %s, with everything done to %s since", several(added), message.Form(len(added), "it", "them")))
	}
	if len(others) > 0 {
		where := ""
		if len(does) > 0 {
			where = " to " + several(others)
		}
		verb := "reverses"
		if c.Name == "redo" {
			verb = "repeats"
		}
		does = append(does, fmt.Sprintf("%s only that change%s; everything done since stays", verb, where))
	}
	return strings.Join(does, ". It ")
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

const maxReverted = 10 // goals that an undo shows; of more it says how many

// takenBack shows the goals as they are now.
func (c *call) takenBack(said string, events []store.Event, again []message.Button) message.Message {
	lines := []*message.Text{new(message.Text).Bold(said)}
	if len(events) > maxReverted {
		rows := [][]message.Button{again}
		if again != nil {
			rows = append(rows, changeRow(c.Key, "🔎 Show them"))
		}
		if c.Tap {
			rows = append(rows, listRow())
		}
		return lines[0].Message(rows...)
	}
	limit := maxInList
	if len(events) > 1 {
		limit = maxAmongMany
	}
	var shown *goals.Goal
	for _, e := range events {
		if shown = c.tx.List().Number(e.Edit.Number); shown != nil {
			lines = append(lines, line(shown, limit))
			continue
		}
		lines = append(lines, goneLine(e, limit))
	}
	switch {
	case len(events) == 1 && shown != nil && c.Tap:
		return c.below(lines[0], shown).Message(append([][]message.Button{again}, c.cardRows(shown)...)...)
	case len(events) == 1 && shown != nil:
		return joined(lines).Message(append(again, openButton(shown)))
	case c.Tap:
		return joined(lines).Message(again, listRow())
	}
	return joined(lines).Message(again)
}

// goneLine is a line for a goal that is not there any more.
func goneLine(e store.Event, limit int) *message.Text {
	return new(message.Text).Addf("🗑 #%d ", e.Edit.Number).Strike(named(e.Edit.Title, limit))
}
