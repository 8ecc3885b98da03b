package handlers

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/message"
)

// This file reads dates that people type.

// dateOptions say how dates in words are read here and now.
func (c *call) dateOptions() agenda.Options {
	return agenda.Options{Now: c.localNow(), Order: c.values.DateOrder()}
}

// isDated reports whether an open goal has a date.
func isDated(g *goals.Goal, _ time.Time) bool {
	_, ok := readWhen(g.Plan().Due)
	return ok && g.Status.Open()
}

func isOverdue(g *goals.Goal, now time.Time) bool {
	when, ok := readWhen(g.Plan().Due)
	return ok && g.Status.Open() && when.Overdue(now)
}

func anyDated(list goals.List) bool {
	return slices.ContainsFunc(list.All(), func(g *goals.Goal) bool { return isDated(g, time.Time{}) })
}

// compareDue puts goals that have dates into the order of these.
func compareDue(a, b *goals.Goal, now time.Time) int {
	x, _ := readWhen(a.Plan().Due)
	y, _ := readWhen(b.Plan().Due)
	return x.Compare(y, now.Location())
}

// uncertain answers a date that could not be read, or that can mean several things:
// then it asks which one is meant. A tap says the command again, with that date.
func (c *call) uncertain(g *goals.Goal, command string, err error) (message.Message, error) {
	if unread, ok := errors.AsType[agenda.Unread](err); ok {
		return message.Message{}, refuse("%s Nothing was changed.", unread)
	}
	ambiguous, ok := errors.AsType[*agenda.Ambiguous](err)
	if !ok {
		return message.Message{}, err
	}
	t := new(message.Text).Addf("“%s” can mean several dates. Which one do you mean for ", isolate(clip(ambiguous.Phrase, 60))).Bold(number(g)).Add("?")
	var rows [][]message.Button
	for _, r := range ambiguous.Readings {
		date := r.When.String()
		if !r.Repeat.IsZero() {
			date = r.Repeat.String() + " from " + date
		}
		rows = append(rows, []message.Button{{Label: r.Format(c.localNow()), Command: fmt.Sprintf("%s %d %s %s%s", command, g.Number, date, tokenSign, c.token())}})
	}
	return c.pose(question{Command: command, Number: g.Number}, t, append(rows, cancelRow(c.token()))...)
}
