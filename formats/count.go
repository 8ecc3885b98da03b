package formats

import (
	"strings"

	"goalbot/goals"
)

// This file carries how far goals have come that are counted.

// countOf says what a goal is counted to, "" for one that is not counted.
func countOf(g *goals.Goal) string {
	if !g.Plan().Count.On() {
		return ""
	}
	return g.Plan().Count.Bounds()
}

// entriesOf are what was logged for a goal that is counted.
func entriesOf(g *goals.Goal) []string {
	entries := []string{}
	if g.Plan().Count.On() {
		for _, e := range g.Plan().Count.Log {
			text, _ := e.MarshalText() // never fails
			entries = append(entries, string(text))
		}
	}
	return entries
}

// count is the count of a goal as a list of ours says, c until now. Entries that cannot
// be read are left out.
func (s planFields) count(c goals.Count, left leave) goals.Count {
	if *s.counted == "" {
		return goals.Count{}
	}
	log := c.Log
	if s.logged != nil {
		log = nil
		for _, text := range *s.logged {
			var e goals.Entry
			if e.UnmarshalText([]byte(strings.TrimSpace(text))) == nil {
				log = append(log, e)
			} else {
				left[unreadEntry]++
			}
		}
	}
	read, ok := goals.ReadCount(*s.counted, log)
	if !ok {
		left[unreadCount]++
		return c
	}
	return read
}
