package handlers

import (
	"cmp"
	"errors"
	"slices"
	"strconv"

	"goalbot/message"
	"goalbot/store"
)

// This file keeps in mind what a person did to settings and people, so that
// /undo does not pass over it and take an older change of a goal back instead.

// action is something that changed no goal.
type action struct {
	Key    string `json:"key"`              // of the request that did, undid or redid it last
	Do     string `json:"do"`               // the command, as a button has it
	Back   string `json:"back,omitempty"`   // the command that takes it back; "" where that is not to be done so lightly
	What   string `json:"what"`             // in words, as in "making Bob an editor"
	After  int64  `json:"rev,omitempty"`    // the revision of the newest change of a goal when it was done, anybody's
	Undone bool   `json:"undone,omitempty"` // it was taken back
}

const maxActions = 20

// did keeps in mind that the person has done this. Undoing and redoing are no
// actions of their own.
func (c *call) did(a action) error {
	if c.replays {
		return nil
	}
	all, err := c.actions()
	if err != nil {
		return err
	}
	if all, err = c.appendAction(all, a); err != nil {
		return err
	}
	c.mine.Action = c.Key
	return errors.Join(c.keepActions(all), c.acted())
}

// appendAction puts an action at the end, as done by this request.
func (c *call) appendAction(all []action, a action) ([]action, error) {
	newest, err := c.tx.Changes(0, 1)
	if err != nil {
		return nil, err
	}
	if a.Key, a.After = c.Key, 0; len(newest) > 0 {
		a.After = newest[0].Revision
	}
	return append(all, a), nil
}

func (c *call) actions() (all []action, err error) {
	err = readRecord(c.tx, store.ActionRecord, strconv.FormatInt(c.From.ID, 10), &all)
	return all, err
}

func (c *call) keepActions(all []action) error {
	return keepRecord(c.tx, store.ActionRecord, strconv.FormatInt(c.From.ID, 10), all[max(0, len(all)-maxActions):])
}

// lastAction finds the action that the person did last, if they have changed no
// goal since; otherwise it is -1. What they may not do any more does not count.
func (c *call) lastAction(all []action) (int, error) {
	i := len(all) - 1
	for ; i >= 0 && (all[i].Undone || !c.mayDo(all[i].Do)); i-- {
	}
	change, err := c.tx.LastChange(c.From.ID)
	if err != nil || i >= 0 && len(change) > 0 && change[0].Revision > all[i].After {
		return -1, err
	}
	return i, nil
}

func (c *call) mayDo(command string) bool {
	name, _ := cutFirstWord(command)
	row, known := c.find(name)
	return known && row.allows(c.role)
}

// undoAction takes an action back. Where that cannot be, it says so, offers the
// change of goals before it, and does not come back to the action.
func (c *call) undoAction(all []action, i int) (message.Message, error) {
	c.private = true
	a := all[i]
	all = slices.Delete(all, i, i+1)
	pass := func(why string) (message.Message, error) {
		if err := c.keepActions(all); err != nil {
			return message.Message{}, err
		}
		return c.notUndone(a.What + why)
	}
	stands, err := c.stands(a.Do)
	switch {
	case err != nil:
		return message.Message{}, err
	case a.Back == "":
		return pass(", cannot be undone: /invite lets them in again.")
	case !stands:
		return pass(", can't be undone, because things have changed since.")
	}
	m, err := c.replay(a.Back)
	if reason, refused := refusalWords(err); refused {
		return pass(", cannot be undone. " + reason)
	}
	if err != nil {
		return m, err
	}
	was := a.Key
	a.Key, a.Undone = c.Key, true
	if err := errors.Join(c.keepActions(slices.Insert(all, i, a)), c.replayed(was)); err != nil {
		return m, err
	}
	said := new(message.Text).Bold("↩️ Undone: " + a.What).Add("\n\n").Append(m.Words())
	return said.Message(append([][]message.Button{{{Label: "↪️ Redo", Command: keyed("redo", c.Key, "")}}}, m.Buttons...)...), nil
}

// redoAction does again what was undone.
func (c *call) redoAction(all []action, i int) (message.Message, error) {
	c.private = true
	a := all[i]
	stands, err := c.stands(a.Back)
	if err != nil {
		return message.Message{}, err
	}
	if !stands {
		return message.Message{}, refusal("Not redone: " + a.What + ". Things have changed since, so I left them as they are.")
	}
	m, err := c.replay(a.Do)
	if err != nil {
		return m, err
	}
	was := a.Key
	a.Undone = false
	if all, err = c.appendAction(slices.Delete(all, i, i+1), a); err != nil {
		return m, err
	}
	if err := errors.Join(c.keepActions(all), c.replayed(was)); err != nil {
		return m, err
	}
	said := new(message.Text).Bold("↪️ Redone: " + a.What).Add("\n\n").Append(m.Words())
	return said.Message(append([][]message.Button{undoRow(c.Key)}, m.Buttons...)...), nil
}

// replay runs a command of an action.
func (c *call) replay(command string) (message.Message, error) {
	name, args := cutFirstWord(command)
	row, _ := c.find(name)
	c.Args, c.renew = args, true // people and settings are read anew
	return c.run(row)
}

// stands reports whether things still are as that command made them.
func (c *call) stands(command string) (bool, error) {
	name, rest := cutFirstWord(command)
	which, value := cutFirstWord(rest)
	switch name {
	case "settings":
		kept, err := c.tx.Record(store.SettingRecord, which)
		return cmp.Or(kept, "default") == value, err
	case "me":
		own, err := c.setting.ReadOwn(c.tx, c.From.ID)
		return cmp.Or(own[which], "default") == value, err
	case "notify":
		kept, err := c.tx.Record(store.NotifyRecord, strconv.FormatInt(c.From.ID, 10))
		return onOff(kept) == rest, err
	}
	id, err := strconv.ParseInt(which, 10, 64)
	return c.people.Role(id).String() == value, err
}

func (c *call) notUndone(what string) (message.Message, error) {
	t := new(message.Text).Bold("Nothing was undone.").Add(" Your last change, " + what)
	change, err := c.tx.LastChange(c.From.ID)
	if err != nil || len(change) == 0 {
		return t.Message(), err
	}
	before := doing(change, len(change))
	t.Addf("\n\nBefore that: %s. Undo that?", before)
	row := undoRow(change[0].Key)
	row[0].Label = "↩️ Undo " + before
	return t.Message(row), nil
}
