package handlers

import (
	"errors"
	"slices"

	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file alters the goals that a message added when that message is edited.

// item is a goal as a message says it.
type item struct {
	goals.Draft
	notes []string
}

func (i item) same(o item) bool {
	return i.Description == o.Description && i.Done == o.Done && slices.Equal(i.Acceptance, o.Acceptance) && slices.Equal(i.notes, o.notes)
}

// revise alters the goals that words added, as these say them now, and returns
// the goals of what they say now. before is how they said them: one item for each
// goal. A goal that they say no more is deleted, unless it has been changed
// otherwise since.
func (c *call) revise(o pendingText, before, now []item) (left []int64, m message.Message, err error) {
	row, _ := c.find("addgoal")
	row.do = func(c *call) (message.Message, error) {
		left, m, err = c.reviseAll(o, before, now)
		return m, err
	}
	m, err = c.run(row)
	return left, m, err
}

func (c *call) reviseAll(o pendingText, before, now []item) (left []int64, m message.Message, err error) {
	if len(now) > max(maxAtOnce, len(before)) {
		return nil, m, tooManyLines(len(now))
	}
	said := []*message.Text{nil}
	var last *goals.Goal
	for _, p := range pair(before, now) {
		switch {
		case p.now == nil:
			t, err := c.dropOne(o.Goals[p.i], o.Keys)
			if err != nil {
				return nil, m, err
			}
			said = append(said, t)
			continue
		case p.was == nil:
			if last, err = c.addItem(*p.now, o.Source); err != nil {
				return nil, m, err
			}
			left = append(left, last.Number)
			said = append(said, outcome("Added", last, maxAmongMany))
			continue
		}
		n := o.Goals[p.i]
		left = append(left, n)
		if p.was.same(*p.now) {
			continue
		}
		if c.tx.List().Number(n) == nil {
			return nil, m, refuse("The goal from this message, #%d, has been deleted. Send the text as a new /addgoal.", n)
		}
		if err := c.reviseOne(n, *p.was, *p.now); err != nil {
			return nil, m, err
		}
		last = c.tx.List().Number(n)
		said = append(said, outcome("Changed", last, maxAmongMany))
	}
	switch n := len(said) - 1; {
	case n == 0:
		return left, m, nil
	case n == 1 && len(before) == len(now):
		return left, c.newText(last, "Changed"), nil
	default:
		said[0] = new(message.Text).Bold("Your edit changed " + message.Count(n, "goal", "goals"))
		return left, joined(said).Message(undoRow(c.Key), listRow()), nil
	}
}

// dropOne deletes a goal that a message says no more, which nothing has changed
// but what its words did by those requests, and tells what became of it.
func (c *call) dropOne(n int64, keys []string) (*message.Text, error) {
	g := c.tx.List().Number(n)
	if g == nil {
		return new(message.Text).Addf("#%d was deleted before.", n), nil
	}
	events, err := c.tx.Events(n, 0, len(keys)+1)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(events, func(e store.Event) bool { return !slices.Contains(keys, e.Key) }) {
		return outcome("Not deleted, since it has been changed", g, maxAmongMany), nil
	}
	if g, err = c.tx.List().Delete(n); err != nil {
		return nil, err
	}
	return outcome("Deleted", g, maxAmongMany), nil
}

// pairing is what a message said of a goal, nil for nothing, and what it says
// now. i is the place of was.
type pairing struct {
	i        int
	was, now *item
}

// pair finds out which items are the same, or were altered, added or left out:
// as many as possible are the same, and between two of those the others are
// paired in their order.
func pair(before, now []item) (all []pairing) {
	// same[i][j] is how many items before[i:] and now[j:] can share.
	same := make([][]int, len(before)+1)
	for i := range same {
		same[i] = make([]int, len(now)+1)
	}
	for i := len(before) - 1; i >= 0; i-- {
		for j := len(now) - 1; j >= 0; j-- {
			if same[i][j] = max(same[i+1][j], same[i][j+1]); before[i].same(now[j]) {
				same[i][j] = 1 + same[i+1][j+1]
			}
		}
	}
	i, j := 0, 0
	upTo := func(k, l int) {
		for ; i < k && j < l; i, j = i+1, j+1 {
			all = append(all, pairing{i, &before[i], &now[j]})
		}
		for ; i < k; i++ {
			all = append(all, pairing{i, &before[i], nil})
		}
		for ; j < l; j++ {
			all = append(all, pairing{0, nil, &now[j]})
		}
	}
	k, l := 0, 0
	for k < len(before) && l < len(now) {
		switch {
		case before[k].same(now[l]):
			upTo(k, l)
			k, l = k+1, l+1
			upTo(k, l)
		case same[k+1][l] >= same[k][l+1]:
			k++
		default:
			l++
		}
	}
	upTo(len(before), len(now))
	return all
}

// reviseOne alters one goal, which the message said as was before.
func (c *call) reviseOne(n int64, was, now item) (err error) {
	list := c.tx.List()
	ticks := now.Done && !was.Done && list.Number(n).Status.Open()
	unticks := was.Done && !now.Done && list.Number(n).Status == goals.Done
	if was.Description != now.Description || !slices.Equal(was.Acceptance, now.Acceptance) {
		said := list.Number(n).Description
		_, err = list.Revise(n, now.Draft, c.At)
		if r, _ := errors.AsType[goals.Refusal](err); r.Kind == goals.NothingNew && (ticks || unticks || list.Number(n).Plan().Text != "") {
			err = nil // the tick or the date alone is new
		}
		if err == nil && was.Description != now.Description {
			err = c.takeDateAgain(n)
			c.takeCountAgain(n, said)
		}
	}
	switch {
	case err != nil:
		return err
	case ticks:
		_, _, err = c.finish(n, true)
	case unticks:
		_, err = list.Reopen(n, c.At)
	}
	if err != nil || slices.Equal(was.notes, now.notes) {
		return err
	}
	g := *list.Number(n)
	g.Notes = slices.DeleteFunc(slices.Clone(g.Notes), func(note string) bool {
		return slices.Contains(was.notes, note) && !slices.Contains(now.notes, note)
	})
	g.Touch(c.At)
	list.Put(&g)
	for _, note := range now.notes {
		if err == nil && !slices.Contains(was.notes, note) {
			_, err = list.AddNote(n, note, c.At)
		}
	}
	return err
}
