package palace

import (
	"context"
	"fmt"
	"strconv"

	"goalbot/goals"
)

// This file follows a group that has become a supergroup, which gives it
// another id (Bot API, migrate_to_chat_id).

// Follow says what becomes of a record when chat from gets the id to: its name
// and its value then.
type Follow func(kind, name, value string, from, to int64) (newName, newValue string)

// Knows reports whether anything is kept of a chat: a message that waits, or a
// record whose value is its id, or whose name is or has it as a part between
// slashes. That it moved is not counted.
func (p *Palace) Knows(ctx context.Context, chat int64) (known bool, err error) {
	err = p.each(ctx, func(scan func(...any) error) error { return scan(&known) }, `
		SELECT EXISTS (SELECT 1 FROM outbox WHERE chat = $1)
		    OR EXISTS (SELECT 1 FROM records WHERE kind <> $4 AND ('/' || name || '/' LIKE $2 OR value = $3))`,
		chat, fmt.Sprintf("%%/%d/%%", chat), strconv.FormatInt(chat, 10), goals.MovedRecord)
	if err != nil {
		return false, fmt.Errorf("look up chat: %w", err)
	}
	return known, nil
}

// MoveChat follows a group that has become a supergroup: its waiting messages
// take the new id, and the records become what follow says. A record that
// stands under a new name already stays as it is.
func (p *Palace) MoveChat(ctx context.Context, from, to int64, follow Follow) error {
	if from == to || from == 0 || to == 0 {
		return fmt.Errorf("move chat: from %d to %d", from, to)
	}
	return p.write(ctx, goals.Origin{}, func(t *tx) error {
		if _, err := t.exec("move chat", "UPDATE outbox SET chat = $2 WHERE chat = $1", from, to); err != nil {
			return err
		}
		if from > 0 {
			return nil // a person's id, which never changes: records would name something else by that number
		}
		type record struct{ kind, name, value string }
		var all []record
		err := t.query("move chat", func(scan func(...any) error) error {
			var r record
			err := scan(&r.kind, &r.name, &r.value)
			all = append(all, r)
			return err
		}, "SELECT kind, name, value FROM records ORDER BY kind, name")
		if err != nil {
			return err
		}
		for _, r := range all {
			name, value := follow(r.kind, r.name, r.value, from, to)
			if name == r.name && value == r.value {
				continue
			}
			if name != r.name {
				if err := t.SetRecord(r.kind, r.name, ""); err != nil {
					return err
				}
				if kept, err := t.Record(r.kind, name); err != nil || kept != "" {
					if err != nil {
						return err
					}
					continue
				}
			}
			if err := t.SetRecord(r.kind, name, value); err != nil {
				return err
			}
		}
		return t.SetRecord(goals.MovedRecord, goals.MovedName(from), strconv.FormatInt(to, 10))
	})
}
