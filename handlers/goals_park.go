package handlers

import (
	"time"

	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/message"
)

// This file puts goals aside for a while. A parked goal keeps its state and is in the
// list, but it is neither what to go on with nor stuck.

// parkFor is how many days a goal is parked for where nobody says until when.
const parkFor = 14

// park puts a goal aside until a day, or takes it back.
func (c *call) park() (message.Message, error) {
	which, rest := c.cutWhich(c.Args)
	g, ask, err := c.pick(which, rest)
	if g == nil {
		return ask, err
	}
	if isOneOf(rest, "off", "no", "back") {
		return c.plan(g, "No longer parked", func(p *goals.Plan) error { p.Parked = ""; return nil })
	}
	until := agenda.OnDay(agenda.DateOf(c.localNow()).AddDays(parkFor))
	if rest != "" {
		reading, err := agenda.ParseWhen(rest, c.dateOptions())
		if err != nil {
			return c.uncertain(g, "park", err)
		}
		if !reading.Repeat.IsZero() {
			return message.Message{}, refuse("A goal is parked once, until a day, as in /park %d 1 Dec. Nothing was changed.", g.Number)
		}
		until = reading.When
	}
	if !until.Time(c.values.Zone).After(c.localNow()) {
		return message.Message{}, refuse("That is over. Say until when to park #%d, as in /park %d fri. Nothing was changed.", g.Number, g.Number)
	}
	return c.parkUntil(g, until)
}

func (c *call) parkUntil(g *goals.Goal, until agenda.When) (message.Message, error) {
	return c.plan(g, "Parked", func(p *goals.Plan) error { p.Parked = c.meantBy(until).String(); return nil })
}

// parkedUntil is until when a goal is parked; zero where it never was. A day ends the
// parking when it begins.
func parkedUntil(g *goals.Goal, zone *time.Location) time.Time {
	when, ok := readWhen(g.Plan().Parked)
	if !ok {
		return time.Time{}
	}
	return when.Time(zone)
}

// parkedShown says until when an open goal is parked, "" for one that is not.
func parkedShown(g *goals.Goal, now time.Time) string {
	when, ok := readWhen(g.Plan().Parked)
	if !ok || !g.Status.Open() || !when.Time(now.Location()).After(now) {
		return ""
	}
	return "💤 until " + agenda.Format(when, now)
}

// parkChange says what a change did to the parking of a goal, "" for nothing.
func parkChange(before, after goals.Plan) string {
	when, ok := readWhen(after.Parked)
	switch {
	case after.Still != before.Still && after.Still != "":
		return "still on it"
	case after.Parked == before.Parked:
		return ""
	case ok:
		return "parked until " + when.String()
	}
	return "no longer parked"
}
