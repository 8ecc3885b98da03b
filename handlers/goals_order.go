package handlers

import (
	"fmt"

	"goalbot/goals"
	"goalbot/message"
)

// This file moves goals within the list, and pins them at its top.

func (c *call) pin() (message.Message, error)   { return c.setPinned("Pinned", true) }
func (c *call) unpin() (message.Message, error) { return c.setPinned("Unpinned", false) }

func (c *call) setPinned(word string, pinned bool) (message.Message, error) {
	return c.one(func(g *goals.Goal) (*goals.Goal, string, error) {
		g, err := c.tx.List().SetPinned(g.Number, pinned, c.At)
		return g, word, err
	})
}

func (c *call) top() (message.Message, error) {
	return c.move("Moved to the top", func(int) int { return 0 })
}

func (c *call) up() (message.Message, error) {
	return c.move("Moved up", func(at int) int { return at - 1 })
}

func (c *call) down() (message.Message, error) {
	return c.move("Moved down", func(at int) int { return at + 1 })
}

// move moves a goal among its neighbours and shows them.
func (c *call) move(word string, to func(int) int) (message.Message, error) {
	g, ask, err := c.pick(c.Args, "")
	if g == nil {
		return ask, err
	}
	if g, err = c.tx.List().Move(g.Number, to, c.At); err != nil {
		return message.Message{}, err
	}
	t := outcome(word, g, maxInList)
	rows := [][]message.Button{append(undoRow(c.Key), openButton(g))}
	if c.Tap {
		return t.Add("\n\n").Append(c.around(g)).Message(append(rows, orderRows(g)...)...), nil
	}
	return t.Message(rows...), nil
}

// order shows where a goal stands, with the buttons that move it.
func (c *call) order() (message.Message, error) {
	g, ask, err := c.pick(c.Args, "")
	if g == nil {
		return ask, err
	}
	if !g.Status.Open() {
		_, err := c.tx.List().SetPinned(g.Number, true, c.At) // which says why not
		return message.Message{}, err
	}
	return c.around(g).Message(append(orderRows(g), []message.Button{openButton(g), listRow()[0]})...), nil
}

const maxAround = 2 // neighbours on each side

// around is a goal between its neighbours.
func (c *call) around(g *goals.Goal) *message.Text {
	all := c.tx.List().Neighbours(g)
	at := 0
	for i, other := range all {
		if other.Number == g.Number {
			at = i
		}
	}
	t := new(message.Text).Bold(fmt.Sprintf("Place %d of %d", at+1, len(all)))
	if g.IsPinned() {
		t.Add(" among the pinned goals")
	} else {
		t.Add(", " + statusWord(g.Status))
	}
	t.Add("\n")
	from, to := max(at-maxAround, 0), min(at+maxAround+1, len(all))
	if from > 0 {
		t.Addf("\n… %d more", from)
	}
	for i := from; i < to; i++ {
		mark := "\n"
		if i == at {
			mark = "\n👉 "
		}
		t.Add(mark).Append(line(all[i], maxAmongMany))
	}
	if to < len(all) {
		t.Addf("\n… %d more", len(all)-to)
	}
	return t
}

func orderRows(g *goals.Goal) [][]message.Button {
	button := func(label, name string) message.Button {
		return message.Button{Label: label, Command: fmt.Sprintf("%s %d", name, g.Number)}
	}
	pin := button("📌 Pin", "pin")
	if g.IsPinned() {
		pin = button("📌 Unpin", "unpin")
	}
	return [][]message.Button{{button("⏫ Top", "top"), button("⬆️ Up", "up"), button("⬇️ Down", "down")}, {pin}}
}

// orderChange says what a change did to the place of a goal, "" for nothing.
func orderChange(before, after goals.Plan) string {
	switch {
	case after.Pinned && !before.Pinned:
		return "pinned"
	case before.Pinned && !after.Pinned:
		return "unpinned"
	case before.Rank != after.Rank:
		return "moved in the list"
	}
	return ""
}
