package formats

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode"

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
}

// Take says what becomes of a list when the file is taken in at a time. It
// changes nothing.
func (f *File) Take(list goals.List, at time.Time) Taken {
	if f.Whole != nil || len(f.Items) == 0 {
		return Taken{Goals: f.Whole}
	}
	byID := make(map[string]*goals.Goal, list.Len())
	byText := make(map[string]*goals.Goal, list.Len())
	for _, g := range list.All() {
		byID[g.ID] = g
		text := goals.Fold(g.Description)
		if other := byText[text]; other == nil || !other.Status.Open() {
			byText[text] = g // an open one, where there is any
		}
	}
	var taken Taken
	seen := map[string]int{}
	for i := range f.Items {
		it := &f.Items[i]
		if f.Ours && it.ID != "" {
			taken.Goals = append(taken.Goals, f.own(it, byID[it.ID], at))
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
		taken.Goals = append(taken.Goals, it.goal(id, at, &taken.Shortened))
	}
	return taken
}

// own is a goal of ours as the file has it. What the file does not carry, and
// what says the same there, stays as it is in the list.
func (f *File) own(it *Item, present *goals.Goal, at time.Time) *goals.Goal {
	g := &goals.Goal{ID: it.ID, Created: at, Updated: at}
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
func (it *Item) goal(id string, at time.Time, shortened *int) *goals.Goal {
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
				*shortened++
				return
			}
			g.Notes = append(g.Notes, text)
		}
	}
	first := pieces(strings.TrimSpace(goals.Visible(it.Text)))
	g.Description = first[0]
	if len(first) > 1 {
		*shortened++
		note(strings.Join(first[1:], ""))
	}
	var done []string
	for _, c := range it.Criteria {
		text := strings.TrimSpace(goals.Visible(c.Text))
		all := pieces(text)
		switch {
		case !goals.Shows(text):
			continue
		case len(all) > 1 || len(g.Acceptance) == goals.MaxAcceptance:
			*shortened++
			note(text)
		default:
			g.Acceptance = append(g.Acceptance, text)
			size += len(text)
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
	note(it.about())
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
