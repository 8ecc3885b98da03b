package handlers

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"goalbot/access"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file holds the owners' commands about people.

// everybody shows all members, or one, or gives one another role: "",
// "1002", "1002 editor".
func (c *call) everybody() (message.Message, error) {
	which := strings.TrimSpace(c.Args)
	if which == "" {
		return c.memberList()
	}
	var role access.Role
	for r := access.Viewer; r <= access.Owner; r++ {
		if before, ok := cutLastWord(which, r.String()); ok {
			which, role = before, r
		}
	}
	id, ask, err := c.whom(which)
	switch {
	case id == 0:
		return ask, err
	case role == 0:
		return c.memberCard(id, c.people.Role(id)), nil
	}
	if err := c.mayChange(id, role); err != nil {
		return message.Message{}, err
	}
	who := c.people.Joined[id]
	before := who.Role
	who.Role = role
	m := c.memberCard(id, role)
	if before == role {
		return m, nil
	}
	if !c.replays {
		m.Buttons = append([][]message.Button{undoRow(c.Key)}, m.Buttons...)
	}
	if err := c.tellRole(id, before, role); err != nil {
		return message.Message{}, err
	}
	command := func(r access.Role) string { return fmt.Sprintf("members %d %s", id, r) }
	did := c.did(action{What: "making " + c.nameOf(id) + " " + role.One(), Do: command(role), Back: command(before)})
	return m, errors.Join(did, c.setMember(id, who))
}

// revoke takes somebody's access away, once the owner has said so twice.
func (c *call) revoke() (message.Message, error) {
	which, sure := cutLastWord(c.Args, "yes")
	id, ask, err := c.whom(which)
	if id == 0 {
		return ask, err
	}
	if err := c.mayChange(id, 0); err != nil {
		return message.Message{}, err
	}
	if !sure {
		return new(message.Text).Add("Remove this person's access?\n\n").Append(c.memberLine(id, c.people.Role(id))).Message([]message.Button{
			{Label: "🚪 Revoke", Command: fmt.Sprintf("revoke %d yes", id), Style: message.Danger},
			{Label: "Keep", Command: fmt.Sprintf("members %d", id)},
		}), nil
	}
	did := c.did(action{What: "removing " + c.nameOf(id), Do: fmt.Sprintf("revoke %d", id)})
	return new(message.Text).Bold(c.nameOf(id)).Add(" no longer has access. To let them back in, use /invite.").Message(peopleRow()),
		errors.Join(did, c.setMember(id, access.Member{}), c.tellRole(id, c.people.Role(id), 0)) // in this order: what waits for them is dropped
}

// shutOut drops what waits for somebody who is no member any more, and what was
// kept for them: none of it may reach them later.
func (c *call) shutOut(id int64) error {
	if err := c.tx.Unsend(id); err != nil {
		return err
	}
	chat := strconv.FormatInt(id, 10)
	if c.people.Names[id] == "" { // whoever has a name was here once: see Roles
		if err := access.SetName(c.tx, id, c.people.Name(id)); err != nil {
			return err
		}
	}
	for _, kind := range []store.Kind{store.BoardRecord, store.RetiredRecord, store.ActionRecord, store.UndoneRecord, store.NotifyRecord, store.ToldRecord, store.UsernameRecord, store.PersonalRecord} {
		if err := c.tx.SetRecord(kind, chat, ""); err != nil {
			return err
		}
	}
	if err := c.tx.SetRecord(store.DigestRecord, ownDigest(id), ""); err != nil {
		return err
	}
	offers, err := c.tx.Records(store.OfferRecord)
	if err != nil {
		return err
	}
	for name, kept := range offers {
		if o, err := readPendingText(kept); err != nil || o.From != id {
			continue
		}
		if err := c.tx.SetRecord(store.OfferRecord, name, ""); err != nil {
			return err
		}
	}
	theirs := "/" + chat
	for _, kind := range []store.Kind{store.QuestionRecord, store.ImportRecord, store.ImportedRecord, store.SaidRecord} { // named by chat, topic and person
		records, err := c.tx.Records(kind)
		if err != nil {
			return err
		}
		for name := range records {
			if !strings.HasSuffix(name, theirs) {
				continue
			}
			forget := func() error { return c.tx.SetRecord(kind, name, "") }
			if kind == store.QuestionRecord {
				forget = func() error { return c.forgetQuestions(name) }
			}
			if err := forget(); err != nil {
				return err
			}
		}
	}
	return nil
}

// mayChange refuses what would leave nobody in charge, or would not last.
func (c *call) mayChange(id int64, role access.Role) error {
	owners := c.people.Owners()
	switch {
	case c.people.Setting(id) != "":
		return refuse("%s makes %s %s. To change that, remove the id there and restart me.", c.people.Setting(id), c.nameOf(id), c.people.Role(id).One())
	case role != access.Owner && len(owners) == 1 && owners[0] == id:
		return refusal("There must be at least one owner, and " + c.nameOf(id) + " is the only one. Make somebody else an owner first: /members.")
	}
	return nil
}

// whom finds the person that the words name, as [call.called] reads them. Otherwise the id is 0 and the message asks, or the error says why.
func (c *call) whom(which string) (int64, message.Message, error) {
	which = strings.TrimSpace(which)
	found := c.called(which, c.people.List())
	switch {
	case len(found) == 0:
		return 0, message.Message{}, refuse("Nobody here is called “%s”, so nothing was changed. /members lists everybody.", isolate(clip(which, 60)))
	case len(found) == 1 && goals.Fold(which) != "":
		return found[0], message.Message{}, nil
	}
	return 0, new(message.Text).Add("Who?").Message(c.memberButtons(found, c.Name)...), nil
}

func (c *call) memberList() (message.Message, error) {
	all := c.people.List()
	var t message.Text
	t.Bold("People").Addf(" · %d\n", len(all))
	for i, id := range all {
		if i == maxPeople {
			t.Addf("\n… and %d more; /members and a name finds them.", len(all)-i)
			break
		}
		t.Add("\n").Append(c.memberLine(id, c.people.Role(id)))
	}
	rows := c.memberButtons(all, "members")
	last := []message.Button{{Label: "➕ Invite", Command: "invite"}}
	open, err := c.codes.Open(c.tx, c.people)
	if len(open) > 0 {
		last = append(last, message.Button{Label: fmt.Sprintf("✉️ Invitations · %d", len(open)), Command: "invitations"})
	}
	return t.Message(append(rows, last)...), err
}

const maxPeople = 20 // shown at once

func (c *call) memberButtons(ids []int64, command string) [][]message.Button {
	var rows [][]message.Button
	for _, id := range ids[:min(len(ids), maxPeople)] {
		rows = append(rows, []message.Button{{Label: roleIcon(c.people.Role(id)) + " " + c.nameOf(id), Command: fmt.Sprintf("%s %d", command, id)}})
	}
	return rows
}

func (c *call) nameOf(id int64) string { return isolate(clip(c.people.Name(id), 60)) }

func (c *call) memberLine(id int64, role access.Role) *message.Text {
	t := new(message.Text).Add(roleIcon(role) + " ").Bold(c.nameOf(id)).Add(" – " + role.String())
	if id == c.From.ID {
		t.Add(" (you)")
	}
	return t
}

// memberCard is everything about one person, who has that role.
func (c *call) memberCard(id int64, role access.Role) message.Message {
	t := c.memberLine(id, role)
	if setting := c.people.Setting(id); setting != "" {
		return t.Add("\nnamed in " + setting + "\n").Code(strconv.FormatInt(id, 10)).Message(peopleRow())
	}
	who := c.people.Joined[id]
	t.Add("\nmember since " + c.date(who.At))
	if who.By != 0 {
		t.Add(", invited by " + c.nameOf(who.By))
	}
	t.Add("\n").Code(strconv.FormatInt(id, 10))
	var roles []message.Button
	for r := access.Viewer; r <= access.Owner; r++ {
		if r != role {
			roles = append(roles, message.Button{Label: roleIcon(r) + " Make " + r.One(), Command: fmt.Sprintf("members %d %s", id, r)})
		}
	}
	return t.Message(roles, []message.Button{{Label: "🚪 Revoke", Command: fmt.Sprintf("revoke %d", id)}}, peopleRow())
}

func peopleRow() []message.Button {
	return []message.Button{{Label: "‹ People", Command: "members"}}
}

// keepName keeps what a member is called.
func (c *call) keepName() error {
	if known := c.people.Usernames[c.From.ID]; known != c.From.Username {
		c.people.Usernames[c.From.ID] = c.From.Username
		if err := access.SetUsername(c.tx, c.From.ID, c.From.Username); err != nil {
			return err
		}
	}
	if c.people.Called(c.From.ID, c.From.Name) {
		return nil
	}
	c.renew = true
	c.people.Names[c.From.ID] = c.From.Name
	return access.SetName(c.tx, c.From.ID, c.From.Name)
}
