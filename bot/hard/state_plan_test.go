//go:build linux

package hard

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"goalbot/goals"
)

// This file adds to [TestAnyOrder] what goals.json knows nothing of: counts, pins,
// assignees, what is put aside or said to go on, and attachments.

// planned is what is planned of a goal, in the model.
type planned struct {
	pinned, parked, still bool
	rank                  int64
	assignee              int64
	asked                 string
	counted               bool
	count                 goals.Amount
	logged                int
	files                 string
}

// plannedOf is what is planned of a goal in truth.
func plannedOf(g *goals.Goal) planned {
	p := planned{pinned: g.Plan().Pinned, rank: g.Plan().Rank, assignee: g.Plan().Assignee, asked: g.Plan().Asked, parked: g.Plan().Parked != "", still: g.Plan().Still != "",
		counted: g.Plan().Count.On(), count: g.Plan().Count.Value(), logged: len(g.Plan().Count.Log)}
	for _, f := range g.Plan().Files {
		p.files += f.Name + "\n"
	}
	return p
}

// plan says something that changes what is planned of a goal.
func (m *machine) plan(t *rapid.T) {
	if m.last == 0 {
		t.Skip("there is nothing to plan")
	}
	number := rapid.Int64Range(1, m.last+1).Draw(t, "number")
	command := rapid.SampledFrom([]string{"pin", "unpin", "assign", "assign other", "unassign", "log of", "log +", "log =", "park", "unpark", "stuck", "attach", "detach"}).Draw(t, "command")
	link := fmt.Sprintf("https://example.org/%d", rapid.IntRange(1, 3).Draw(t, "link"))
	amount := rapid.Int64Range(1, 5).Draw(t, "amount")
	said := map[string][2]string{
		"pin": {"pin", ""}, "unpin": {"unpin", ""}, "assign": {"assign", " me"}, "assign other": {"assign", fmt.Sprint(" ", ben.ID)}, "unassign": {"assign", " off"}, "log of": {"log", " of 100"}, "log +": {"log", fmt.Sprintf(" +%d", amount)}, "log =": {"log", fmt.Sprint(" ", amount)},
		"park": {"park", " 2090-01-01"}, "unpark": {"park", " off"}, "stuck": {"stuck", " still"}, "attach": {"attach", " " + link}, "detach": {"edit", " f1 -"},
	}[command]
	i := slices.IndexFunc(m.list, func(s standing) bool { return s.number == number })
	m.say(t, said[0], fmt.Sprint(number, said[1]))
	if i < 0 {
		return
	}
	s := m.list[i]
	open := s.status.Open()
	switch command {
	case "pin":
		if !open || s.pinned || m.pins(number) >= goals.MaxPinned {
			return
		}
		s.pinned = true
	case "unpin":
		if !open || !s.pinned {
			return
		}
		s.pinned = false
	case "assign", "assign other", "unassign":
		assignee := map[string]int64{"assign": ann.ID, "assign other": ben.ID}[command]
		if !open || s.assignee == assignee {
			return
		}
		s.assignee = assignee
	case "log of":
		if !open || s.counted {
			return
		}
		s.counted, s.count, s.logged = true, 0, 0
	case "log +", "log =":
		if !open || !s.counted {
			return
		}
		if s.logged++; command == "log =" {
			s.count = 0
		}
		s.count += goals.Whole(amount)
	case "park", "unpark":
		if !open || s.parked == (command == "park") {
			return
		}
		s.parked = !s.parked
	case "stuck":
		if !open {
			return
		}
		s.still = true
	case "attach":
		if strings.Contains(s.files, link+"\n") {
			return
		}
		s.files += link + "\n"
	case "detach":
		_, rest, found := strings.Cut(s.files, "\n")
		if !found {
			return
		}
		s.files = rest
	}
	m.change(number, &s)
}

// pins is how many goals are pinned beside one.
func (m *machine) pins(but int64) (n int) {
	for _, s := range m.list {
		if s.number != but && s.pinned && s.status.Open() {
			n++
		}
	}
	return n
}

// withinPins is what becomes of a goal: it loses the pin that would be one too many.
func (m *machine) withinPins(number int64, after *standing) *standing {
	i := slices.IndexFunc(m.list, func(s standing) bool { return s.number == number })
	switch {
	case after == nil || !after.pinned || !after.status.Open(),
		i >= 0 && m.list[i].pinned && m.list[i].status.Open(),
		m.pins(number) < goals.MaxPinned:
		return after
	}
	without := *after
	without.pinned = false
	return &without
}
