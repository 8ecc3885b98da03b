package palace

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"goalbot/store"
)

// This file follows a group that has become a supergroup, which gives it
// another id (Bot API, migrate_to_chat_id).

// Knows reports whether anything is kept of a chat: a message that waits, or a
// record whose value is its id, or whose name is or has it as a part between
// slashes. That it moved is not counted.
func (p *Palace) Knows(ctx context.Context, chat int64) (known bool, err error) {
	err = p.each(ctx, func(scan func(...any) error) error { return scan(&known) }, `
		SELECT EXISTS (SELECT 1 FROM outbox WHERE chat = $1)
		    OR EXISTS (SELECT 1 FROM records WHERE kind <> $4 AND ('/' || name || '/' LIKE $2 OR value = $3))`,
		chat, fmt.Sprintf("%%/%d/%%", chat), strconv.FormatInt(chat, 10), string(store.MovedRecord))
	if err != nil {
		return false, fmt.Errorf("look up chat: %w", err)
	}
	return known, nil
}

// MoveChat follows a group that has become a supergroup: its waiting messages
// take the new id, and the records become what follow says. A record that
// stands under a new name already stays as it is.
func (p *Palace) MoveChat(ctx context.Context, from, to int64) error {
	if from == to || from == 0 || to == 0 {
		return fmt.Errorf("move chat: from %d to %d", from, to)
	}
	return p.write(ctx, store.Origin{}, func(t *tx) error {
		if err := t.moveMessages(from, to); err != nil {
			return err
		}
		if from > 0 {
			return nil // a person's id, which never changes: records would name something else by that number
		}
		var kinds []store.Kind
		err := t.query("move chat", func(scan func(...any) error) error {
			var kind store.Kind
			err := scan(&kind)
			kinds = append(kinds, kind)
			return err
		}, "SELECT DISTINCT kind FROM records")
		if err != nil {
			return err
		}
		for _, kind := range kinds {
			if err := t.moveRecords(kind, from, to); err != nil {
				return err
			}
		}
		return t.SetRecord(store.MovedRecord, store.MovedName(from), strconv.FormatInt(to, 10))
	})
}

// moveMessages gives the messages that wait for a chat another one. One that is
// damaged is left to whoever sends it.
func (t *tx) moveMessages(from, to int64) error {
	var ids []int64
	err := t.query("move chat", func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, "SELECT id FROM outbox WHERE chat = $1", from)
	for _, id := range ids {
		var at, sum int64
		var body []byte
		if err == nil {
			err = t.query("move message", func(scan func(...any) error) error { return scan(&at, &body, &sum) },
				"SELECT at, body, sum FROM outbox WHERE id = $1", id)
		}
		if err != nil {
			return err
		}
		if sum == messageTable.sum(id, from, at, body) {
			sum = messageTable.sum(id, to, at, body)
		}
		err = t.exec("move message", "UPDATE outbox SET chat = $2, sum = $3 WHERE id = $1", id, to, sum)
	}
	return err
}

// moveRecords lets the records of one kind follow a chat.
func (t *tx) moveRecords(kind store.Kind, from, to int64) error {
	all, err := t.Records(kind)
	if err != nil {
		return err
	}
	for _, old := range slices.Sorted(maps.Keys(all)) {
		name, value := store.FollowGroup(kind, old, all[old], from, to)
		if name == old && value == all[old] {
			continue
		}
		if name != old {
			if err := t.SetRecord(kind, old, ""); err != nil {
				return err
			}
		}
		if _, there := all[name]; there && name != old {
			continue
		}
		if err := t.SetRecord(kind, name, value); err != nil {
			return err
		}
	}
	return nil
}
