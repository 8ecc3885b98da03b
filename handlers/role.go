package handlers

import (
	"fmt"
	"slices"

	"goalbot/goals"
	"goalbot/message"
)

// This file holds who may do what. A row of the table of commands names the
// least role that it needs, and run is the one door to all of them.

// Role is what a person may do; each may do all that the lesser ones may.
type Role int

// The roles. Whoever has none is a stranger and gets no answer.
const (
	Viewer Role = iota + 1 // sees the goals
	Editor                 // changes them
	Owner                  // decides about people, files and settings
)

var roleNames = map[Role]string{Viewer: "viewer", Editor: "editor", Owner: "owner"}

func (r Role) String() string { return roleNames[r] }

// with the article, as in "an owner".
func (r Role) one() string {
	if r == Viewer {
		return "a viewer"
	}
	return "an " + r.String()
}

func (r Role) icon() string {
	return map[Role]string{Viewer: "👁", Editor: "✏️", Owner: "👑"}[r]
}

// MarshalText implements [encoding.TextMarshaler].
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (r *Role) UnmarshalText(text []byte) error {
	for role, name := range roleNames {
		if name == string(text) {
			*r = role
			return nil
		}
	}
	return fmt.Errorf("there is no role %q", text)
}

// may reports whether the role is enough for a command. A row that names no
// role is the owners' alone.
func (r Role) may(row command) bool {
	if row.least == 0 {
		return r == Owner
	}
	return r >= row.least
}

// whoMay says who may use a command.
func (c command) whoMay() string {
	if c.least == Editor {
		return "Editors and owners"
	}
	return "Only owners"
}

// run is the one door to a command, whether it was typed or tapped, or is
// carried out because a question was answered or a message edited.
func (c *call) run(row command) (message.Message, error) {
	c.private = c.private || row.private
	if c.role.may(row) {
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
	text := fmt.Sprintf("Only an owner may use /%s; you are %s here. Nothing was changed.", row.name, c.role.one())
	switch {
	case !c.Chat.Private && row.least == Editor: // what somebody is here is not for others to read
		text = "Only editors and owners may change goals here. Nothing was changed."
	case !c.Chat.Private:
		text = fmt.Sprintf("Only an owner may use /%s. Nothing was changed.", row.name)
	case c.role == Viewer && row.least == Editor:
		text = "You may look at the goals here, but not change them. An owner can make you an editor."
	}
	if c.Tap && !c.Chat.Private { // all see the answer, and only one is meant
		text = isolate(clip(c.From.Name, maxInButton)) + ": " + text
	}
	return message.Message{}, goals.Refusal(text)
}

// usable leaves out the buttons that a person of that role could not use. In a
// group all see the same buttons.
func (h *Handlers) usable(rows [][]message.Button, role Role, private bool) [][]message.Button {
	if !private || role == Owner {
		return rows
	}
	var kept [][]message.Button
	for _, row := range rows {
		row = slices.DeleteFunc(slices.Clone(row), func(b message.Button) bool {
			name, _ := cutFirstWord(b.Command)
			command, known := h.find(name)
			return known && !role.may(command)
		})
		if len(row) > 0 {
			kept = append(kept, row)
		}
	}
	return kept
}
