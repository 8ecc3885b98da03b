package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"goalbot/goals"
	"goalbot/message"
)

// This file keeps in mind what a person did to settings and people, so that
// /undo does not pass over it and take an older change of a goal back instead.

// action is something that changed no goal.
type action struct {
	Key   string `json:"key"`             // of the request
	Do    string `json:"do"`              // the command, as a button has it
	Back  string `json:"back,omitempty"`  // the command that takes it back; "" where that is not to be done so lightly
	What  string `json:"what"`            // in words
	After string `json:"after,omitempty"` // the key of the newest change of a goal then, anybody's
}

const (
	actionRecord = "action" // the actions of a user, newest last, by the user's id
	maxActions   = 20
)

// did keeps in mind that the person has done this. Taking something back is no
// action of its own.
func (c *call) did(a action) error {
	if c.Name == "undo" {
		return nil
	}
	all, err := c.actions()
	if err != nil {
		return err
	}
	newest, err := c.tx.Changes(0, 1)
	if err != nil {
		return err
	}
	c.mine.Action = c.Key
	if a.Key = c.Key; len(newest) > 0 {
		a.After = newest[0].Key
	}
	all = append(all, a)
	return c.keepActions(all[max(0, len(all)-maxActions):])
}

func (c *call) actions() (all []action, err error) {
	kept, err := c.tx.Record(actionRecord, strconv.FormatInt(c.From.ID, 10))
	if err != nil || kept == "" {
		return nil, err
	}
	if err := json.Unmarshal([]byte(kept), &all); err != nil {
		return nil, fmt.Errorf("read actions: %w", err)
	}
	return all, nil
}

func (c *call) keepActions(all []action) error {
	kept, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return c.tx.SetRecord(actionRecord, strconv.FormatInt(c.From.ID, 10), string(kept))
}

// undo takes back what the person did last, or what a button names.
func (c *call) undo() (message.Message, error) {
	all, err := c.actions()
	if err != nil {
		return message.Message{}, err
	}
	i := len(all) - 1
	switch words := strings.Fields(c.Args); {
	case c.Tap && len(words) > 0:
		i = slices.IndexFunc(all, func(a action) bool { return a.Key == words[0] })
	case len(words) > 0 && goals.Fold(c.Args) != "anyway":
		i = -1
	default:
		for ; i >= 0 && !c.mayDo(all[i].Do); i-- { // they have lost that since
		}
		if i >= 0 {
			last, err := c.isLast(all[i])
			if err != nil {
				return message.Message{}, err
			}
			if !last {
				i = -1
			}
		}
	}
	if i < 0 {
		return c.takeBack("↩️ Taken back")
	}
	a := all[i]
	if err := c.keepActions(slices.Delete(all, i, i+1)); err != nil {
		return message.Message{}, err
	}
	return c.undoAction(a)
}

func (c *call) mayDo(command string) bool {
	name, _ := cutFirstWord(command)
	row, known := c.find(name)
	return known && c.role.may(row)
}

// isLast reports whether the person has changed no goal since that action.
func (c *call) isLast(a action) (bool, error) {
	change, err := c.tx.LastChange(c.From.ID)
	if err != nil || len(change) == 0 {
		return true, err
	}
	newest, err := c.tx.Change(a.After)
	return len(newest) > 0 && newest[0].Revision >= change[0].Revision, err
}

// undoAction takes an action back. Where that cannot be, it says so, and
// offers the change of goals before it.
func (c *call) undoAction(a action) (message.Message, error) {
	stands, err := c.stands(a)
	switch {
	case err != nil:
		return message.Message{}, err
	case a.Back == "":
		return c.notUndone(a.What + ", which I do not take back: /invite lets them in again.")
	case !stands:
		return c.notUndone(a.What + ". That has changed since, so I left it as it is.")
	}
	name, args := cutFirstWord(a.Back)
	row, _ := c.find(name)
	c.Args, c.renew = args, true // people and settings are read anew
	m, err := c.run(row)
	if refusal, ok := errors.AsType[goals.Refusal](err); ok {
		return c.notUndone(a.What + ". " + refusal.Error())
	}
	if err != nil {
		return m, err
	}
	said := new(message.Text).Bold("↩️ Taken back: " + a.What).Add("\n\n").Append(m.Words()).
		Message(append([][]message.Button{{{Label: "↪️ Redo", Command: a.Do}}}, m.Buttons...)...)
	return said, nil
}

// stands reports whether things still are as the action left them.
func (c *call) stands(a action) (bool, error) {
	name, rest := cutFirstWord(a.Do)
	which, value := cutFirstWord(rest)
	if name != "settings" {
		id, err := strconv.ParseInt(which, 10, 64)
		return c.people.Role(id).String() == value, err
	}
	kept, err := c.tx.Record(settingRecord, which)
	if kept == "" {
		kept = "default"
	}
	return kept == value, err
}

func (c *call) notUndone(what string) (message.Message, error) {
	t := new(message.Text).Bold("Nothing was taken back.").Add(" Your last act was " + what)
	change, err := c.tx.LastChange(c.From.ID)
	if err != nil || len(change) == 0 {
		return t.Message(), err
	}
	before := whatWasDone(change[0])
	if len(change) == 1 {
		before += fmt.Sprintf(" on #%d", change[0].Edit.Number)
	}
	t.Addf("\n\nBefore that: %s. Shall I take that back?", before)
	row := undoRow(change[0].Key)
	row[0].Label = "↩️ Undo " + before
	return t.Message(row), nil
}
