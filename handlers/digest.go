package handlers

import (
	"fmt"
	"time"

	"goalbot/goals"
	"goalbot/message"
)

// recently is how far back a digest looks for what was finished.
const recently = 7 * 24 * time.Hour

const maxInDigest = 8 // goals under one heading

// Digest sums a list up: what is in progress, blocked and waiting, and what
// was finished in the last week. finished tells of goals when they were, by
// their numbers; of those that were done elsewhere it knows nothing. ok is
// false where there is nothing to say.
func Digest(list goals.List, finished map[int64]time.Time, now time.Time) (m message.Message, ok bool) {
	lately := func(g *goals.Goal) bool {
		done, ok := finished[g.Number]
		if !ok {
			done = g.Updated
		}
		return g.Status == goals.Done && now.Sub(done) < recently
	}
	groups := []struct {
		head string
		keep func(*goals.Goal) bool
	}{
		{"In progress", func(g *goals.Goal) bool { return g.Status == goals.InProgress }},
		{"Blocked", func(g *goals.Goal) bool { return g.Status == goals.Blocked }},
		{"To do", func(g *goals.Goal) bool { return g.Status == goals.Pending }},
		{"Done in the last week", lately},
	}
	t := shortened(func(limit int) *message.Text {
		var t message.Text
		t.Bold("Your goals")
		for _, group := range groups {
			var kept []*goals.Goal
			for _, g := range list.All() {
				if group.keep(g) {
					kept = append(kept, g)
				}
			}
			if len(kept) == 0 {
				continue
			}
			ok = true
			t.Add("\n\n").Bold(group.head).Addf(" · %d", len(kept))
			for i, g := range kept {
				if i == maxInDigest {
					t.Addf("\n… and %d more", len(kept)-maxInDigest)
					break
				}
				t.Add("\n").Append(line(g, limit))
				if why := g.BlockedBy(); why != "" {
					t.Add("\n      ").Append(reason(why))
				}
			}
		}
		return &t
	})
	return t.Message([]message.Button{{Label: "Show the list", Command: "goals"}}), ok
}

// SendDigest queues a digest for the owners, if there is anything to say.
func (h *Handlers) SendDigest(tx goals.Tx, now time.Time) error {
	finished, err := tx.Last("done")
	if err != nil {
		return err
	}
	m, ok := Digest(*tx.List(), finished, now)
	if !ok {
		return nil
	}
	people, err := h.members.read(tx)
	if err != nil {
		return err
	}
	m.Quiet = !h.setting.Values().Rings(RingEverything, now)
	m.For = ForOwners
	for _, chat := range people.Owners() {
		if err := unlessFull(queue(tx, chat, m)); err != nil {
			return fmt.Errorf("queue digest: %w", err)
		}
	}
	return nil
}
