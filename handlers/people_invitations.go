package handlers

import (
	"fmt"

	"goalbot/access"
	"goalbot/message"
)

// This file lists the invitations that are open, and cancels them.

// invitations shows those that are open. A button cancels one.
func (c *call) invitations() (message.Message, error) {
	var t message.Text
	if verb, id := cutFirstWord(c.Args); verb == "cancel" && c.Tap {
		ended, ok, err := c.codes.End(c.tx, c.people, id)
		switch {
		case err != nil:
			return message.Message{}, err
		case ok:
			t.Bold("Cancelled").Add(": " + invitationWords(ended.Invitation) + ". The link no longer works.\n\n")
		default:
			t.Add("That invitation is over already.\n\n")
		}
	}
	open, err := c.codes.Open(c.tx, c.people)
	if err != nil {
		return message.Message{}, err
	}
	invite := []message.Button{{Label: "➕ Invite", Command: "invite"}}
	if len(open) == 0 {
		return t.Bold("Invitations").Add(": none is open.").Message(append(peopleRow(), invite...)), nil
	}
	t.Bold("Invitations").Addf(" · %d\n", len(open))
	var rows [][]message.Button
	for n, i := range open {
		if n == maxPeople {
			t.Addf("\n… and %d more, which end later", len(open)-n)
			break
		}
		t.Addf("\n%d. %s, by %s, valid until %s", n+1, invitationWords(i.Invitation), c.reader().name(i.By), c.date(i.Until))
		rows = append(rows, []message.Button{{Label: fmt.Sprintf("✖️ Cancel %d. %s", n+1, i.Role), Command: "invitations cancel " + i.ID}})
	}
	return t.Message(append(rows, append(peopleRow(), invite...))...), nil
}

func invitationWords(i access.Invitation) string { return roleIcon(i.Role) + " " + i.Role.String() }
