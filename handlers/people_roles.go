package handlers

import (
	"fmt"
	"slices"

	"goalbot/access"
	"goalbot/message"
)

// This file holds who may do what. A row of the table of commands names the
// least role that it needs, and run is the only way to all of them.

// allows reports whether the role is enough for a command. A row that names no
// role is the owners' alone.
func (c command) allows(r access.Role) bool {
	if c.least == 0 {
		return r == access.Owner
	}
	return r >= c.least
}

// roleIcon stands before the name of somebody who has a role.
func roleIcon(r access.Role) string {
	return map[access.Role]string{access.Viewer: "👁", access.Editor: "✏️", access.Owner: "👑"}[r]
}

// whoMay says who may use a command.
func (c command) whoMay() string {
	if c.least == access.Editor {
		return "Editors and owners"
	}
	return "Only owners"
}

// run is the only way to a command, whether it was typed or tapped, or is
// carried out because a question was answered or a message edited.
func (c *call) run(row command) (message.Message, error) {
	c.private = c.private || row.private
	if row.allows(c.role) {
		if number, seen, ok := c.cutSeen(); ok {
			if g := c.tx.List().Number(number); g == nil || revision(g) != seen {
				return c.conflict(number, seen)
			}
		}
		if slices.Contains([]string{"undo", "redo", "invite"}, row.name) {
			c.mine.Once = true
		}
		return row.do(c)
	}
	c.denied, c.private = true, false
	text := fmt.Sprintf("Only an owner may use /%s; you are %s here. Nothing was changed.", row.name, c.role.One())
	switch {
	case !c.Chat.Private && row.least == access.Editor: // what somebody is here is not for others to read
		text = "Only editors and owners may change goals here. Nothing was changed."
	case !c.Chat.Private:
		text = fmt.Sprintf("Only an owner may use /%s. Nothing was changed.", row.name)
	case c.role == access.Viewer && row.least == access.Editor:
		text = "You may look at the goals here, but not change them. An owner can make you an editor."
	}
	if c.Tap && !c.Chat.Private { // all see the answer, and only one is meant
		text = isolate(clip(c.From.Name, maxInButton)) + ": " + text
	}
	return message.Message{}, refusal(text)
}

// usable leaves out the buttons that a person of that role could not use. In a
// group all see the same buttons.
func (h *Handlers) usable(rows [][]message.Button, role access.Role, private bool) [][]message.Button {
	if !private || role == access.Owner {
		return rows
	}
	var kept [][]message.Button
	for _, row := range rows {
		row = slices.DeleteFunc(slices.Clone(row), func(b message.Button) bool {
			name, _ := cutFirstWord(b.Command)
			command, known := h.find(name)
			return known && !command.allows(role)
		})
		if len(row) > 0 {
			kept = append(kept, row)
		}
	}
	return kept
}
