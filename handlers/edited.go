package handlers

import (
	"slices"
	"strings"

	"goalbot/message"
)

// This file answers edits of messages that made no goal: what they said is done
// and does not follow, and a person who thinks otherwise must be told.

const (
	// saidRecord holds the last few messages of a person in a chat that may have
	// changed something: number, fingerprint and key, a line each, the newest last.
	saidRecord = "said"
	keptSaid   = 10
)

// noteSaid keeps what a message said, so that an edit which nobody sees, as for
// the preview of a link, can be told from another.
func (c *call) noteSaid() error {
	kept, err := c.tx.Record(saidRecord, c.questionName())
	if err != nil {
		return err
	}
	lines := append(strings.Split(kept, "\n"), c.messageName()+" "+c.said+" "+c.Key)
	return c.tx.SetRecord(saidRecord, c.questionName(), strings.TrimSpace(strings.Join(lines[max(0, len(lines)-keptSaid):], "\n")))
}

// editedOther answers, once, the edit of a message that changed something else
// than the text of a goal, as long as that stands.
func (c *call) editedOther() (message.Message, error) {
	kept, err := c.tx.Record(saidRecord, c.questionName())
	if err != nil || c.role < Editor {
		return message.Message{}, err
	}
	lines := strings.Split(kept, "\n")
	i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, c.messageName()+" ") })
	if i < 0 {
		return message.Message{}, nil
	}
	said, key, _ := strings.Cut(strings.TrimPrefix(lines[i], c.messageName()+" "), " ")
	if said == c.said {
		return message.Message{}, nil
	}
	events, err := c.tx.Change(key)
	if err != nil || len(events) == 0 || events[0].Undone {
		return message.Message{}, err
	}
	t := new(message.Text).Add("I follow edits of goals only. What this message said first is done; undo it, and say it again as a new message.\n\n")
	t.Append(c.eventLine(events[0]))
	lines = slices.Delete(lines, i, i+1)
	return t.Message(undoRow(key)), c.tx.SetRecord(saidRecord, c.questionName(), strings.Join(lines, "\n"))
}
