package handlers

import (
	"slices"
	"strings"
	"time"

	"goalbot/goals"
	"goalbot/message"
)

// This file holds the filters of a board: what each shows, and their buttons.

// filter is a word that /goals takes.
type filter struct {
	word  string
	also  []string // other words for it
	name  string   // of the list that it shows
	label string   // of its button; without one it must be typed
	keep  func(*goals.Goal, time.Time) bool
}

// filters stand in the order of their buttons.
var filters = []filter{
	{"open", nil, "Open goals", "Open", isOpen},
	{mine, []string{"my", "assigned to me"}, "Assigned to you", "Mine", nil},
	{"due", []string{"dated", "with date", "with a date"}, "Goals with a date", "Due", isDated},
	{"overdue", []string{"late"}, "Overdue goals", "", isOverdue},
	{"todo", []string{"to do", "pending"}, "To do", "", is(goals.Pending)},
	{"progress", []string{"in progress", "inprogress", "begun", "started"}, "In progress", "In progress", is(goals.InProgress)},
	{"blocked", nil, "Blocked goals", "Blocked", is(goals.Blocked)},
	{"done", []string{"finished", "completed"}, "Goals done", "Done", is(goals.Done)},
	{"abandoned", []string{"cancelled", "canceled", "given up"}, "Abandoned goals", "Abandoned", is(goals.Abandoned)},
	{"all", nil, "All goals", "All", func(*goals.Goal, time.Time) bool { return true }},
}

// mine is the filter of the open goals that are assigned to whoever asks.
const mine = "mine"

const filtersInRow = 3

func isOpen(g *goals.Goal, _ time.Time) bool { return g.Status.Open() }

func is(want goals.Status) func(*goals.Goal, time.Time) bool {
	return func(g *goals.Goal, _ time.Time) bool { return g.Status == want }
}

func findFilter(words string) (filter, bool) {
	words = strings.ReplaceAll(goals.Fold(words), "-", " ") // in-progress, to-do
	i := slices.IndexFunc(filters, func(f filter) bool { return f.word == words || slices.Contains(f.also, words) })
	if i < 0 {
		return filter{}, false
	}
	return filters[i], true
}

// shown are the goals of a board, and what to call them. Those that are open
// come in the order of what to do next, those with a date by their dates.
func (p *boardView) shown(list goals.List, r reader) (name string, shown []goals.Found) {
	if p.Filter == found && p.hits != nil {
		return "Found", p.hits
	}
	if p.Filter == found {
		return "Found", list.Search(p.Words)
	}
	if p.Filter == tagFilter {
		shown = tagged(list, p.Words)
		goals.SortFound(shown)
		return "Goals", shown
	}
	f, known := findFilter(p.Filter)
	if !known {
		f = filters[0]
	}
	name = f.name
	keep := func(g *goals.Goal) bool { return f.keep(g, r.now) }
	if f.word == mine {
		name = "Assigned to " + r.name(p.Whose)
		keep = func(g *goals.Goal) bool { return r.isMine(p.Whose, g) }
	}
	shown = make([]goals.Found, 0, list.Len())
	for _, g := range list.All() {
		if keep(g) {
			shown = append(shown, goals.Found{Goal: g})
		}
	}
	switch f.word {
	case "due", "overdue":
		slices.SortStableFunc(shown, func(a, b goals.Found) int { return compareDue(a.Goal, b.Goal, r.now) })
	case "open", mine, "todo", "progress", "blocked":
		goals.SortFound(shown)
	}
	return name, shown
}

// filters are the buttons that show other lists. Those of the dates, and of what is
// assigned to whoever taps, are there where a goal has that.
func (p boardView) filters(list goals.List, r reader) (rows [][]message.Button) {
	var all []message.Button
	for _, f := range filters {
		if f.label == "" || f.word == "due" && p.Filter != "due" && !anyDated(list) || f.word == mine && p.Filter != mine && !r.anyAssigned(list) {
			continue
		}
		label := f.label
		if f.word == p.Filter {
			label = "· " + label + " ·"
		}
		all = append(all, message.Button{Label: label, Command: "goals " + f.word})
	}
	if slices.ContainsFunc(list.All(), func(g *goals.Goal) bool { return g.Status.Open() && goals.Tags(g.Description) != nil }) {
		all = append(all, message.Button{Label: "🏷 Tags", Command: "tags"})
	}
	for n := (len(all) + filtersInRow - 1) / filtersInRow; n > 0; n-- { // rows, as even as can be
		row := (len(all) + n - 1) / n
		rows, all = append(rows, all[:row]), all[row:]
	}
	return rows
}
