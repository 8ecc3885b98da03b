package handlers

import (
	"context"
	"fmt"
	"time"

	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file adds the next of a goal that repeats, once the goal is done. Who finishes
// one here has the next with the same change. One that another program finished is
// found by what the list says: it is done and still repeats. The change that adds the
// next ends that, so it is added once, whenever the program ends.

// repeatName is the name of the change that adds the next of what was done elsewhere.
const repeatName = "repeat"

// nextDate is when a goal that repeats is due after now, and whether anybody can tell.
func nextDate(p goals.Plan, now time.Time) (next agenda.When, ok bool) {
	var repeat agenda.Repeat
	due, ok := readWhen(p.Due)
	if err := repeat.UnmarshalText([]byte(p.Repeat)); err != nil || !ok || repeat.IsZero() {
		return agenda.When{}, false
	}
	return repeat.NextAfter(due, now), true
}

// addNext adds the next of a goal, due at that date.
func addNext(list *goals.List, g *goals.Goal, due agenda.When, at time.Time) (*goals.Goal, error) {
	id, err := list.UnusedID(newID)
	if err != nil {
		return nil, err
	}
	return list.Again(g, id, due.String(), at)
}

// nextHint says which goal comes next, and when it is due.
func (r reader) nextHint(next *goals.Goal) string {
	due, _ := readWhen(r.sees(next).Plan().Due)
	return fmt.Sprintf("Next: %s, due %s.", number(next), agenda.Format(due, r.now))
}

// doneElsewhere are the goals that are done and still repeat, as long as there is room
// for the next of each.
func doneElsewhere(list goals.List, now time.Time) (all []*goals.Goal) {
	for _, g := range list.All() {
		if g.Status != goals.Done || g.Plan().Repeat == "" || list.Len()+len(all) >= goals.MaxGoals {
			continue
		}
		if _, ok := nextDate(g.Plan(), now); ok {
			all = append(all, g)
		}
	}
	return all
}

// Repeat adds the next of every goal that repeats and was done by another program,
// and tells of them where reminders of the goals go.
func (h *Handlers) Repeat(ctx context.Context, list goals.List, now time.Time) error {
	if len(doneElsewhere(list, now.In(h.setting.Values().Zone))) == 0 {
		return nil
	}
	o := store.Origin{Key: repeatName + "/" + newID(), Name: repeatName, At: now, Once: true}
	return unlessBehind(h.store.Update(ctx, o, func(tx store.Tx) error { return h.repeat(tx, now) }))
}

func (h *Handlers) repeat(tx store.Tx, now time.Time) error {
	v, err := h.setting.Read(tx)
	if err != nil {
		return err
	}
	people, err := h.members.Read(tx)
	if err != nil {
		return err
	}
	local := now.In(v.Zone)
	var told places[*repeated]
	for _, g := range doneElsewhere(tx.List().Clone(), local) {
		due, _ := nextDate(g.Plan(), local)
		next, err := addNext(tx.List(), g, due, now)
		if err != nil {
			return err
		}
		told.add(people, g.Plan(), &repeated{g, next})
	}
	return told.each(func(at place, all []*repeated) error {
		r, _, err := h.readerIn(tx, people, at.chat, now)
		if err != nil {
			return err
		}
		m := r.repeatedMessage(all)
		m.Thread, m.Quiet = at.topic, true
		return unlessFull(queue(tx, at.chat, m))
	})
}

// repeated is a goal that was done elsewhere, and the next one.
type repeated struct{ done, next *goals.Goal }

// repeatedMessage tells of goals that were done elsewhere, and of the next ones.
func (r reader) repeatedMessage(all []*repeated) message.Message {
	t := shortened(func(limit int) *message.Text {
		var t message.Text
		t.Bold("Done elsewhere").Add(":")
		for i, goal := range all {
			if i == maxReminded {
				return t.Addf("\n… and %d more", len(all)-i)
			}
			t.Add("\n").Append(line(goal.done, limit)).Add("\n      " + r.nextHint(goal.next))
		}
		return &t
	})
	if len(all) == 1 {
		return t.Message([]message.Button{openButton(all[0].next)})
	}
	return t.Message(listRow())
}
