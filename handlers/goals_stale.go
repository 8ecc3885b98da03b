package handlers

import (
	"slices"
	"strconv"
	"strings"

	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file keeps a button from acting on a goal that is no longer what it
// was when the button was shown.

// atRevision names a goal in a button that changes it: its number and its state as
// shown. A command that only adds to a goal is right in any state and takes the number
// alone.
func atRevision(g *goals.Goal) string {
	return strconv.FormatInt(g.Number, 10) + "@" + strconv.FormatInt(revision(g), 36)
}

// revision tells the states of a goal apart, since every change moves the time
// of the last update on. It is in microseconds because nanoseconds do not
// reach the years that goals.json may hold.
func revision(g *goals.Goal) int64 { return g.Updated.UnixMicro() }

// cutSeen splits a tapped command into the goal and the state that [atRevision] put
// there.
func (c *call) cutSeen() (number, seen int64, ok bool) {
	if !c.Tap {
		return 0, 0, false
	}
	which, rest, _ := strings.Cut(c.Args, " ")
	digits, state, _ := strings.Cut(which, "@")
	number, isNumber := goals.ParseNumber(digits)
	seen, err := strconv.ParseInt(state, 36, 64)
	if !isNumber || err != nil {
		return 0, 0, false
	}
	c.Args = strings.TrimSpace(digits + " " + rest)
	return number, seen, true
}

// conflict answers a tap on a button that shows a goal as it was: nothing is
// done, and the person sees what has changed and how the goal is now.
func (c *call) conflict(number, seen int64) (message.Message, error) {
	since, err := c.since(number, func(e store.Event) bool {
		return e.Edit.After != nil && e.Edit.After.Updated.UnixMicro() <= seen
	})
	if err != nil {
		return message.Message{}, err
	}
	g := c.tx.List().Number(number)
	var rows [][]message.Button
	if len(since) > 0 && since[0].By == c.From.ID && !since[0].Undone {
		rows = append(rows, undoRow(since[0].Key)) // a second tap must not take the way back off the screen
	}
	var t message.Text
	if g == nil {
		t.Addf("Goal #%d no longer exists, so nothing was done.", number).Append(c.eventLines(since))
		return t.Message(append(rows, listRow())...), nil
	}
	t.Addf("#%d has changed since this was shown, so I left it as it is.", number).Append(c.eventLines(since))
	return c.below(&t, g).Message(append(rows, c.cardRows(g)...)...), nil
}

const maxSince = 3

// since is what was done to a goal after what is known: the newest events,
// newest first, until one is known.
func (c *call) since(number int64, known func(store.Event) bool) ([]store.Event, error) {
	events, err := c.tx.Events(number, 0, maxSince+1)
	if i := slices.IndexFunc(events, known); i >= 0 {
		events = events[:i]
	}
	return events, err
}

// eventLines says what was done, in the order in which it was.
func (c *call) eventLines(events []store.Event) *message.Text {
	var t message.Text
	if len(events) > maxSince {
		events = events[:maxSince]
		t.Add("\n• …")
	}
	for _, e := range slices.Backward(events) {
		t.Add("\n• ").Append(c.eventLine(e))
	}
	return &t
}
