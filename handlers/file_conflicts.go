package handlers

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file lets a person decide about values of goals that were changed here and
// by another program to something else. One of the two stays until they do.

const (
	maxAsked     = 3  // conflicts that one message asks about
	maxUndecided = 20 // such messages that are remembered; the oldest are dropped, and their values stay
)

// undecided are the conflicts that a message asks about.
type undecided struct {
	At     time.Time
	Values []value
}

// value is the value of a field that lost a conflict, with the one that stays.
type value struct {
	Goal         int64
	Field        string
	Stays, Other string
	Seen         int64 // the revision of the goal that was shown
}

const (
	nameField   = "description" // as goals.json has them
	statusField = "status"
)

// offerValues remembers the values that did not win and returns the buttons that
// put them back, one in a row.
func offerValues(tx store.Tx, all []goals.Conflict, now time.Time) ([][]message.Button, error) {
	u := undecided{At: now}
	for _, c := range all {
		if (c.Field == nameField || c.Field == statusField) && len(u.Values) < maxAsked {
			u.Values = append(u.Values, value{c.Goal.Number, c.Field, c.Stays, c.Other, revision(c.Goal)})
		}
	}
	if len(u.Values) == 0 {
		return nil, nil
	}
	kept, err := tx.Records(store.ConflictRecord)
	if err != nil {
		return nil, err
	}
	at := func(token string) time.Time {
		var other undecided
		_ = readRecord(tx, store.ConflictRecord, token, &other) // what cannot be read is the oldest
		return other.At
	}
	oldest := slices.SortedFunc(maps.Keys(kept), func(a, b string) int { return at(a).Compare(at(b)) })
	for _, token := range oldest[:max(0, len(oldest)-maxUndecided+1)] {
		if err := tx.SetRecord(store.ConflictRecord, token, ""); err != nil {
			return nil, err
		}
	}
	token := newID()
	return u.rows(token), keepRecord(tx, store.ConflictRecord, token, u)
}

// rows are the buttons for what is undecided.
func (u undecided) rows(token string) (rows [][]message.Button) {
	for i, v := range u.Values {
		if v.Field == "" {
			continue // decided
		}
		label := "Use " + quoted(fieldValue(v.Field, v.Other), maxInButton)
		if len(u.Values) > 1 {
			label = fmt.Sprintf("#%d: use %s", v.Goal, quoted(fieldValue(v.Field, v.Other), maxInButton))
		}
		rows = append(rows, []message.Button{{Label: label, Command: fmt.Sprintf("conflict %s %d", token, i)}})
	}
	return rows
}

// fieldName is what people call a field of a goal.
func fieldName(g *goals.Goal, field string) string {
	if field == nameField {
		return "name"
	}
	for _, s := range g.Sessions {
		if what, ok := strings.CutSuffix(field, " of "+s.ID); ok {
			return what + " of " + quoted(s.Task, maxInEvent)
		}
	}
	return field
}

// fieldValue is what people call a value of it.
func fieldValue(field, value string) string {
	if field == statusField {
		return statusWord(goals.Status(value))
	}
	return value
}

// of is what a goal has for the value now.
func (v value) of(g *goals.Goal) string {
	if v.Field == nameField {
		return g.Description
	}
	return string(g.Status)
}

// decide puts the value into the place of the one that won, unless that has
// changed since. Once decided it is not asked about again.
func (c *call) decide() (message.Message, error) {
	token, nth, _ := strings.Cut(c.Args, " ")
	var u undecided
	if err := readRecord(c.tx, store.ConflictRecord, token, &u); err != nil {
		return message.Message{}, err
	}
	i, err := strconv.Atoi(nth)
	if err != nil || i < 0 || i >= len(u.Values) || u.Values[i].Field == "" {
		return message.Message{}, refusal("That was already decided, or is too long ago. Nothing was changed; /goals shows the list.")
	}
	v := u.Values[i]
	u.Values[i].Field = ""
	g := c.tx.List().Number(v.Goal)
	if g == nil {
		return message.Message{}, refuse("#%d has been deleted meanwhile, so nothing was changed.", v.Goal)
	}
	if v.of(g) != v.Stays {
		return c.conflict(v.Goal, v.Seen)
	}
	g, word, hint, err := c.use(g, v)
	if r, _ := errors.AsType[goals.Refusal](err); (r.Kind == goals.Unverified || r.Kind == goals.Unticked) && c.tx.List().Number(v.Goal).Status == goals.Status(v.Stays) {
		return c.askAnyway(c.tx.List().Number(v.Goal))
	}
	if err != nil {
		return message.Message{}, err
	}
	m := c.changedWith(g, word, hint)
	rest := u.rows(token)
	m.Buttons = slices.Insert(m.Buttons, 1, rest...)
	if len(rest) == 0 {
		return m, c.tx.SetRecord(store.ConflictRecord, token, "")
	}
	return m, keepRecord(c.tx, store.ConflictRecord, token, u)
}

// use sets the value by the rules that hold for everybody.
func (c *call) use(g *goals.Goal, v value) (after *goals.Goal, word, hint string, err error) {
	list := c.tx.List()
	if v.Field == nameField {
		after, err = list.Rename(g.Number, v.Other, c.At)
		return after, "Renamed", "", err
	}
	status := goals.Status(v.Other)
	if word = "Back to To do"; !g.Status.Open() {
		word = "Reopened"
	}
	if !g.Status.Open() || status == goals.Pending {
		if after, err = list.Reopen(g.Number, c.At); err != nil || status == goals.Pending {
			return after, word, "", err
		}
	}
	switch status {
	case goals.InProgress:
		after, err = list.Begin(g.Number, c.At)
		word = "In progress"
	case goals.Blocked:
		after, err = list.Block(g.Number, "", c.At)
		word = "Blocked"
	case goals.Done:
		after, hint, err = c.finish(g.Number, false)
		word = "Done"
	default:
		after, err = list.Abandon(g.Number, "", c.At)
		word = "Abandoned"
	}
	return after, word, hint, err
}
