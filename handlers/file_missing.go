package handlers

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file lets the owner decide about goals that another program left out of
// goals.json. They are kept until somebody says otherwise.

const (
	// maxVanished is how many such questions wait at most. The oldest are forgotten:
	// what they ask about stays.
	maxVanished = 20
	// maxOffered is how many goals one answer can remove. A program that begins anew
	// leaves out all of them, and nobody means that.
	maxOffered = 3
)

// missing are goals that were missing in a file.
type missing struct {
	At    time.Time           // when that was found
	Goals map[int64]time.Time // when they were last updated, by number
}

func readMissing(kept string) (m missing, err error) {
	if err = json.Unmarshal([]byte(kept), &m); err == nil && m.Goals == nil {
		err = json.Unmarshal([]byte(kept), &m.Goals) // as a former version kept it
	}
	if err != nil {
		return m, fmt.Errorf("read what vanished: %w", err)
	}
	return m, nil
}

// offerRemoval remembers the goals and returns the buttons that decide.
func offerRemoval(tx store.Tx, gone []*goals.Goal, now time.Time) ([]message.Button, error) {
	if len(gone) == 0 || len(gone) > maxOffered {
		return nil, nil
	}
	m := missing{now, make(map[int64]time.Time, len(gone))}
	for _, g := range gone {
		m.Goals[g.Number] = g.Updated
	}
	kept, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	if err := forgetVanished(tx); err != nil {
		return nil, err
	}
	token := newID()
	var remove string
	switch n := len(gone); n {
	case 1:
		remove = "🗑 Remove it here too"
	case 2:
		remove = "🗑 Remove both here too"
	default:
		remove = fmt.Sprintf("🗑 Remove all %d here too", n)
	}
	return []message.Button{
		{Label: "Keep", Command: "vanished keep " + token},
		{Label: remove, Command: "vanished remove " + token, Style: message.Danger},
	}, tx.SetRecord(store.VanishedRecord, token, string(kept))
}

// forgetVanished makes room for one more question.
func forgetVanished(tx store.Tx) error {
	all, err := tx.Records(store.VanishedRecord)
	if err != nil {
		return err
	}
	at := func(token string) time.Time {
		m, _ := readMissing(all[token]) // what cannot be read is the oldest
		return m.At
	}
	oldest := slices.SortedFunc(maps.Keys(all), func(a, b string) int { return at(a).Compare(at(b)) })
	for _, token := range oldest[:max(0, len(oldest)-maxVanished+1)] {
		if err := tx.SetRecord(store.VanishedRecord, token, ""); err != nil {
			return err
		}
	}
	return nil
}

// confirmRemoval asks once more.
func (c *call) confirmRemoval(m missing, token string) message.Message {
	var gone []*goals.Goal
	for _, g := range c.tx.List().All() {
		if _, missing := m.Goals[g.Number]; missing {
			gone = append(gone, g)
		}
	}
	t := new(message.Text).Add("Remove ").Add(message.Count(len(gone), "goal", "goals")).Add(" here too?")
	some(t, gone, maxAmongMany)
	return t.Message([]message.Button{
		{Label: "Keep", Command: "vanished keep " + token},
		{Label: "🗑 Yes, remove", Command: "vanished really " + token, Style: message.Danger},
	})
}

// vanished keeps or removes the goals that a report named. One that has
// changed since then is kept in any case.
func (c *call) vanished() (message.Message, error) {
	verb, token, _ := strings.Cut(c.Args, " ")
	kept, err := c.tx.Record(store.VanishedRecord, token)
	if err != nil {
		return message.Message{}, err
	}
	if kept == "" || verb != "keep" && verb != "remove" && verb != "really" {
		return message.Message{}, refusal("That was already decided, or is too long ago. Nothing was changed; /goals shows the list.")
	}
	m, err := readMissing(kept)
	if err != nil {
		return message.Message{}, err
	}
	if verb == "remove" {
		return c.confirmRemoval(m, token), nil
	}
	if err := c.tx.SetRecord(store.VanishedRecord, token, ""); err != nil {
		return message.Message{}, err
	}
	if verb == "keep" {
		return new(message.Text).Add("Kept. They stay in the list and in goals.json.").Message(listRow()), nil
	}
	var removed []*goals.Goal
	changed := 0
	for _, g := range c.tx.List().Clone().All() {
		updated, missing := m.Goals[g.Number]
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
		t.Addf("\n\nKept because of changes since then: %d.", changed)
	}
	if len(removed) == 0 {
		return t.Message(listRow()), nil
	}
	return t.Message(undoRow(c.Key)), nil
}
