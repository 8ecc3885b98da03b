package formats

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"goalbot/agenda"
	"goalbot/goals"
)

// Taken is what a file makes of a list.
type Taken struct {
	// Goals are to be merged into the list. Those of a foreign program are
	// new; their ids follow from the file, so that the same file makes the
	// same goals.
	Goals []*goals.Goal
	// Present are the goals of the list that entries of a foreign program name
	// already. They stay as they are.
	Present []*goals.Goal
	// Shortened counts texts that were too long: what was cut off a goal's
	// text stands in its notes, and steps beyond the limit too.
	Shortened int
	// Noted counts goals with a note of what a goal has no place for, and Uncertain
	// dates and repeats that are in such a note because they may mean several things.
	Noted, Uncertain int
	// LeftOut says what is not taken of plans, as [File.LeftOut] does of entries.
	LeftOut []string
}

// Take says what becomes of a list when the file is taken in at o.Now. It changes
// nothing.
//
// The goals have plans as well. Of a list of ours that is what it says, and where it
// says nothing what is planned here: a date comes with its repeat, a count with its log, and ticks of
// criteria that the file does not have stay. Of another program's entry it is the
// date, the repeat and the steps that are done, where they are certain.
func (f *File) Take(list goals.List, o agenda.Options) (taken Taken) {
	left := leave{}
	defer func() {
		unpin(list, taken.Goals, left)
		taken.LeftOut = left.words()
	}()
	byID := make(map[string]*goals.Goal, list.Len())
	byText := make(map[string]*goals.Goal, list.Len())
	for _, g := range list.All() {
		byID[g.ID] = g
		text := goals.Fold(g.Description)
		if other := byText[text]; other == nil || !other.Status.Open() {
			byText[text] = g // an open one, where there is any
		}
	}
	for _, t := range f.Whole {
		taken.Goals = append(taken.Goals, whole(t, byID[t.ID], o, left))
	}
	seen := map[string]int{}
	for i := range f.Items {
		it := &f.Items[i]
		if f.Ours && it.ID != "" {
			taken.Goals = append(taken.Goals, f.own(it, byID[it.ID], o, left))
			continue
		}
		name := f.Program + "\x00" + it.ID
		if it.ID == "" {
			name += "\x00" + it.Text
		}
		seen[name]++
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", name, seen[name]))
		id := "g-" + hex.EncodeToString(sum[:8])
		present := byID[id]
		if g := byText[goals.Fold(it.Text)]; present == nil && g != nil && (g.Status.Open() || !it.Status.Open()) {
			present = g
		}
		if present != nil {
			taken.Present = append(taken.Present, present)
			continue
		}
		taken.Goals = append(taken.Goals, f.goal(it, id, o, left, &taken))
	}
	return taken
}

// whole is a goal of goals.json with the plan that its members say.
func whole(t, present *goals.Goal, o agenda.Options, left leave) *goals.Goal {
	s, extra := cutMembers(t.Extra, o, left)
	if s == (planFields{}) && (present == nil || present.Plan().IsZero()) {
		return t
	}
	g := *t
	g.Extra = extra
	p := g.Plan()
	if present != nil {
		p = present.Plan()
	}
	g.SetPlan(s.plan(p, g.Acceptance, o, left))
	return &g
}

// own is a goal of ours as the file has it. What the file does not carry, and
// what says the same there, stays as it is in the list.
func (f *File) own(it *Item, present *goals.Goal, o agenda.Options, left leave) *goals.Goal {
	g := &goals.Goal{ID: it.ID, Created: o.Now, Updated: o.Now}
	if present != nil {
		*g = *present
	}
	g.Status = it.Status
	g.Description = asCarried(g.Description, it.Text)
	g.Acceptance = allAsCarried(g.Acceptance, it.steps())
	g.Notes = allAsCarried(g.Notes, it.Notes)
	g.Created = f.timeAsCarried(g.Created, it.created, it.Created)
	g.Updated = f.timeAsCarried(g.Updated, it.changed, it.Changed)
	if present == nil && it.Changed.IsZero() {
		g.Updated = g.Created
	}
	s := it.planned
	if f.plans {
		ticked := []string{}
		for i, c := range it.Criteria {
			if c.Done {
				ticked = append(ticked, g.Acceptance[i])
			}
		}
		s.ticked = &ticked
	}
	g.SetPlan(s.plan(g.Plan(), g.Acceptance, o, left))
	if present == nil || len(g.Sessions) == 0 && (!slices.Equal(g.Plan().Ticked, present.Plan().Ticked) || !g.Plan().Count.Same(present.Plan().Count)) {
		g.Progress = g.DerivedProgress()
	}
	return g
}

func (it *Item) steps() (steps []string) {
	for _, c := range it.Criteria {
		steps = append(steps, c.Text)
	}
	return steps
}

// asCarried is what a file says, or what is there already where the file can
// say no more of it.
func asCarried(here, there string) string {
	plain := func(s string) string { return strings.TrimSpace(goals.Visible(s)) }
	if plain(here) == plain(there) {
		return here
	}
	return goals.Visible(there)
}

func allAsCarried(here, there []string) (all []string) {
	for i, text := range there {
		if i < len(here) {
			all = append(all, asCarried(here[i], text))
		} else {
			all = append(all, goals.Visible(text))
		}
	}
	return all
}

func (f *File) timeAsCarried(here time.Time, written string, there time.Time) time.Time {
	if there.IsZero() || written == here.In(f.zone).Format(time.DateTime) {
		return here
	}
	return there.UTC()
}

// goal is a new goal, as the entry of another program makes it.
func (f *File) goal(it *Item, id string, o agenda.Options, left leave, taken *Taken) *goals.Goal {
	at := o.Now
	g := &goals.Goal{ID: id, Status: it.Status, Created: at, Updated: at}
	known := func(t time.Time) bool { return !t.IsZero() && t.Before(at) }
	if known(it.Created) {
		g.Created, g.Updated = it.Created.UTC(), it.Created.UTC()
	}
	for _, t := range []time.Time{it.Changed, it.Finished} {
		if known(t) && t.After(g.Updated) {
			g.Updated = t.UTC()
		}
	}
	size := 0 // of all texts
	note := func(text string) {
		for _, text := range pieces(strings.TrimSpace(goals.Visible(text))) {
			if !goals.Shows(text) {
				continue
			}
			if size += len(text); len(g.Notes) == goals.MaxNotes || size > goals.MaxGoalBytes {
				taken.Shortened++
				return
			}
			g.Notes = append(g.Notes, text)
		}
	}
	first := pieces(strings.TrimSpace(goals.Visible(it.Text)))
	g.Description = first[0]
	if len(first) > 1 {
		taken.Shortened++
		note(strings.Join(first[1:], ""))
	}
	var done []string // steps that no tick shows
	open := map[string]bool{}
	for _, c := range it.Criteria {
		open[c.Text] = open[c.Text] || !c.Done
	}
	plan, dueTaken, repeatTaken := it.plan(o, f.Program == "Todoist") // which counts from when the file is taken in
	g.SetPlan(plan)
	for _, c := range it.Criteria {
		text := strings.TrimSpace(goals.Visible(c.Text))
		all := pieces(text)
		switch {
		case !goals.Shows(text):
			continue
		case len(all) > 1 || len(g.Acceptance) == goals.MaxAcceptance:
			taken.Shortened++
			note(text)
		default:
			g.Acceptance = append(g.Acceptance, text)
			size += len(text)
			if c.Done && !open[c.Text] {
				if !g.IsTicked(text) {
					g.ChangePlan(func(p *goals.Plan) { p.Ticked = append(p.Ticked, text) })
				}
				continue
			}
		}
		if c.Done && g.Status.Open() {
			done = append(done, goals.OneLine(text))
		}
	}
	if len(done) > 0 {
		note("Done already: " + strings.Join(done, "; "))
	}
	for _, n := range it.Notes {
		note(n)
	}
	if about := it.about(dueTaken, repeatTaken); about != "" {
		taken.Noted++
		note(about)
	}
	if it.Status.Open() {
		if !dueTaken && !it.Due.IsZero() {
			taken.Uncertain++
		}
		if !repeatTaken && it.Repeat != "" {
			taken.Uncertain++
		}
	}
	g.SetPlan(it.planned.plan(g.Plan(), g.Acceptance, o, left))
	g.Progress = g.DerivedProgress()
	return g
}

// pieces cuts a text into pieces of the length that a text may have, between
// words where there are any.
func pieces(text string) (all []string) {
	for len(text) > goals.MaxDescription { // in bytes; it may have fewer characters
		n, end, blank := 0, -1, 0
		for i, r := range text {
			if n == goals.MaxDescription-1 && end < 0 {
				end = i // with the ellipsis it is as long as it may be
			}
			if n++; n > goals.MaxDescription {
				break
			}
			if end < 0 && unicode.IsSpace(r) {
				blank = i
			}
		}
		if n <= goals.MaxDescription {
			break
		}
		if blank > end/2 {
			end = blank
		}
		all = append(all, strings.TrimSpace(text[:end])+"…")
		text = strings.TrimSpace(text[end:])
	}
	return append(all, text)
}
