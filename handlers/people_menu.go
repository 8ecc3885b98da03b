package handlers

import (
	"slices"

	"goalbot/access"
)

// This file says whose menu of commands holds what.

// GroupCommands are those that everybody in a group is offered, whatever they
// may do: what belongs to the owners is said in private.
func GroupCommands() []Command {
	return slices.DeleteFunc(CommandsFor(access.Editor), func(c Command) bool { return c.Name == "start" })
}

// offers reports whether the list of commands has this one: in a group it is the
// same for everybody, and leaves out what is said in private.
func (c *call) offers(row command) bool {
	if c.Chat.Private {
		return row.allows(c.role)
	}
	return row.allows(access.Editor)
}

// Roles are what people may do who are members, or were: 0 for those who are
// not any more.
func (h *Handlers) Roles() map[int64]access.Role {
	r := h.members.Now()
	roles := map[int64]access.Role{}
	for user := range r.Names {
		roles[user] = r.Role(user)
	}
	for _, user := range r.List() {
		roles[user] = r.Role(user)
	}
	for user := range roles {
		if user <= 0 { // a chat that speaks for itself
			delete(roles, user)
		}
	}
	return roles
}

// RolesChanged is closed when [Handlers.Roles] may say something else than
// before.
func (h *Handlers) RolesChanged() <-chan struct{} { return h.members.Changes() }
