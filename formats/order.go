package formats

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"goalbot/goals"
)

// This file carries where goals stand in the list and whose they are.

// The members and columns.
const (
	pinnedName   = "pinned"
	orderName    = "order"
	assigneeName = "assignee"
)

const (
	unreadOrder    = "place in the order that cannot be read"
	unreadAssignee = "assignee that cannot be read"
	manyPins       = "pin beyond the first three"
)

const pinnedWord = "yes"

func pinnedOf(g *goals.Goal) string {
	if g.Plan().Pinned {
		return pinnedWord
	}
	return ""
}

// rankStep is what the ranks of two goals differ by whose numbers are neighbours.
const rankStep = 1 << 32

// maxOrder is the farthest place that is taken. A float64 is exact up to there.
const maxOrder = 1 << 20

// orderOf is the place of a goal that somebody moved, as the number of one that stands
// there by itself: 3.5 is between #3 and #4. A spreadsheet leaves that as it is.
func orderOf(g *goals.Goal) string {
	if g.Plan().Rank == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(g.Plan().Rank)/rankStep, 'f', -1, 64)
}

func readOrder(text string) (rank int64, ok bool) {
	place, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(text), ",", ".", 1), 64)
	if err != nil || !(math.Abs(place) <= maxOrder) {
		return 0, false
	}
	if rank = int64(math.Round(place * rankStep)); rank == 0 {
		rank = 1 // 0 is none
	}
	return rank, true
}

func assigneeOf(g *goals.Goal) string {
	if g.Plan().Assignee == 0 {
		return ""
	}
	return strconv.FormatInt(g.Plan().Assignee, 10)
}

func readAssignee(text string) (id int64, ok bool) {
	id, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	return id, err == nil && id > 0
}

// place is a plan with the place and the assignee that a list of ours says.
func (s planFields) place(p goals.Plan, left leave) goals.Plan {
	if s.pinned != nil {
		p.Pinned = slices.Contains([]string{pinnedWord, "true", "1", "x"}, goals.Fold(*s.pinned))
	}
	if text := value(s.order); text != "" {
		if rank, ok := readOrder(text); !ok {
			left[unreadOrder]++
		} else if p.Rank == 0 || text != orderOf(planned(p)) {
			p.Rank = rank
		}
	} else if s.order != nil {
		p.Rank = 0
	}
	if text := value(s.assignee); text != "" {
		if id, ok := readAssignee(text); ok {
			p.Assignee = id
		} else {
			left[unreadAssignee]++
		}
	} else if s.assignee != nil {
		p.Assignee = 0
	}
	return p
}

// unpin takes the pins off goals that are more than may be pinned, with those that are
// pinned here.
func unpin(list goals.List, taken []*goals.Goal, left leave) {
	pinned := map[string]bool{}
	for _, g := range list.All() {
		if g.IsPinned() {
			pinned[g.ID] = true
		}
	}
	for i, g := range taken {
		switch {
		case !g.IsPinned() || pinned[g.ID]:
		case len(pinned) < goals.MaxPinned:
			pinned[g.ID] = true
		default:
			without := *g
			without.ChangePlan(func(p *goals.Plan) { p.Pinned = false })
			taken[i] = &without
			left[manyPins]++
		}
	}
}

// planned is a goal with a plan and nothing else.
func planned(p goals.Plan) *goals.Goal {
	g := &goals.Goal{}
	g.SetPlan(p)
	return g
}
