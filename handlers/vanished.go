package handlers

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"goalbot/goals"
	"goalbot/message"
)

// This file lets the owner decide about goals that another program left out of
// goals.json. They are kept until somebody says otherwise.

// vanishedRecord holds, under a token that the buttons carry, the goals that
// were missing: number and time of the last update.
const vanishedRecord = "vanished"

// offerRemoval remembers the goals and returns the buttons that decide.
func offerRemoval(tx goals.Tx, missing []*goals.Goal) ([]message.Button, error) {
	if len(missing) == 0 {
		return nil, nil
	}
	then := make(map[int64]time.Time, len(missing))
	for _, g := range missing {
		then[g.Number] = g.Updated
	}
	kept, err := json.Marshal(then)
	if err != nil {
		return nil, err
	}
	token := newID()
	remove := "🗑 Remove it here too"
	switch n := len(missing); {
	case n == 2:
		remove = "🗑 Remove both here too"
	case n > 2:
		remove = fmt.Sprintf("🗑 Remove all %d here too", n)
	}
	return []message.Button{
		{Label: "Keep", Command: "vanished keep " + token},
		{Label: remove, Command: "vanished remove " + token, Style: message.Danger},
	}, tx.SetRecord(vanishedRecord, token, string(kept))
}

// vanished keeps or removes the goals that a report named. One that has
// changed since then is kept in any case.
func (c *call) vanished() (message.Message, error) {
	verb, token, _ := strings.Cut(c.Args, " ")
	kept, err := c.tx.Record(vanishedRecord, token)
	if err != nil {
		return message.Message{}, err
	}
	if kept == "" || verb != "keep" && verb != "remove" {
		return message.Message{}, goals.Refusal("That was decided already. /goals shows how things are.")
	}
	var then map[int64]time.Time
	if err := json.Unmarshal([]byte(kept), &then); err != nil {
		return message.Message{}, fmt.Errorf("read what vanished: %w", err)
	}
	if err := c.tx.SetRecord(vanishedRecord, token, ""); err != nil {
		return message.Message{}, err
	}
	if verb == "keep" {
		return new(message.Text).Add("Kept. goals.json holds all of them again.").Message(listRow()), nil
	}
	var removed []*goals.Goal
	changed := 0
	for _, g := range c.tx.List().Clone().All() {
		updated, missing := then[g.Number]
		switch {
		case !missing:
		case !updated.Equal(g.Updated):
			changed++
		default:
			if _, err := c.tx.List().Delete(g.Number); err != nil {
				return message.Message{}, err
			}
			removed = append(removed, g)
		}
	}
	var t message.Text
	t.Bold("Removed").Addf(" · %d", len(removed))
	some(&t, removed, maxAmongMany)
	if changed > 0 {
		t.Addf("\n\nKept, because changed since then: %d.", changed)
	}
	if len(removed) == 0 {
		return t.Message(listRow()), nil
	}
	return t.Message(undoRow(c.Key)), nil
}
