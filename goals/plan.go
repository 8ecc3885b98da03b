package goals

import (
	"encoding/json"
	"math"
	"slices"
	"time"
)

// Plan is what this program alone knows of a goal. It is not written to goals.json,
// and what other programs write leaves it as it is. A plan in a [List] is never
// altered in place.
type Plan struct {
	// Ticked are the criteria that are met, by their texts, so that neither a new
	// order nor a file that somebody rewrote moves a tick.
	Ticked []string `json:"ticked,omitempty"`
	// Due is when the goal is due, and Repeat when again after it is done, as package
	// agenda writes them; "" for never.
	Due    string `json:"due,omitempty"`
	Repeat string `json:"repeat,omitempty"`
	// Remind is when to remind of it beside the date; "" for never.
	Remind string `json:"remind,omitempty"`
	// Told is the date of which somebody was reminded: Due, or another one before it
	// was moved.
	Told string `json:"told,omitempty"`
	// Parked is until when the goal is put aside, Still when somebody last said that it
	// goes on, and Asked the day on which somebody was asked whether it does.
	Parked string `json:"parked,omitempty"`
	Still  string `json:"still,omitempty"`
	Asked  string `json:"asked,omitempty"`
	// Pinned puts the goal before others, and Rank is its place among those of its state
	// where somebody moved it; see [CompareOrder].
	Pinned bool  `json:"pinned,omitempty"`
	Rank   int64 `json:"rank,omitempty"`
	// Files are what is attached to the goal.
	Files []File `json:"files,omitempty"`
	// Text is the description as it was typed, where a date was made of a part of it.
	Text string `json:"text,omitempty"`
	// Assignee is the member who is to do it, by the id of their account; 0 for nobody.
	Assignee int64 `json:"assignee,omitempty"`
	// Chat and Topic are where it was asked for, and where to remind.
	Chat  int64 `json:"chat,omitempty"`
	Topic int64 `json:"topic,omitempty"`
	// Count is how far it has come, where it is counted.
	Count Count `json:"count,omitzero"`
}

// Plan is what is planned for the goal.
func (g *Goal) Plan() Plan {
	if g.plan == nil {
		return Plan{}
	}
	return *g.plan
}

// SetPlan plans something else for a goal that is in no list yet.
func (g *Goal) SetPlan(p Plan) {
	g.plan = nil
	if !p.IsZero() {
		g.plan = new(Plan)
		*g.plan = p
	}
}

// ChangePlan is [Goal.SetPlan] for a plan that differs from the present one.
func (g *Goal) ChangePlan(change func(*Plan)) {
	p := g.Plan()
	change(&p)
	g.SetPlan(p)
}

// Same reports whether two plans say the same.
func (p Plan) Same(o Plan) bool {
	return slices.Equal(p.Ticked, o.Ticked) && slices.Equal(p.Files, o.Files) && p.Due == o.Due && p.Repeat == o.Repeat &&
		p.Remind == o.Remind && p.Told == o.Told && p.Text == o.Text &&
		p.Parked == o.Parked && p.Still == o.Still && p.Asked == o.Asked && p.Pinned == o.Pinned && p.Rank == o.Rank && p.Assignee == o.Assignee && p.Chat == o.Chat && p.Topic == o.Topic &&
		p.Count.Same(o.Count)
}

// IsZero reports whether nothing is planned.
func (p Plan) IsZero() bool { return p.Same(Plan{}) }

// text is the plan as it is kept, "" for none.
func (p Plan) text() string {
	if p.IsZero() {
		return ""
	}
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // it has texts and numbers only
	}
	return string(text)
}

// undo returns the plan without what a change did to it. What was changed since stays.
func (p Plan) undo(before, after Plan) Plan {
	if slices.Equal(p.Ticked, after.Ticked) {
		p.Ticked = before.Ticked
	} else if !slices.Equal(before.Ticked, after.Ticked) {
		added, removed := minus(after.Ticked, before.Ticked), minus(before.Ticked, after.Ticked)
		p.Ticked = nilIfEmpty(append(minus(p.Ticked, added), minus(removed, p.Ticked)...))
	}
	p.Files = filesBack(p.Files, before.Files, after.Files)
	if p.Due == after.Due && p.Due != before.Due && p.Told == p.Due {
		p.Told = before.Told // which belongs to the date that comes back
	}
	back(&p.Due, before.Due, after.Due)
	back(&p.Repeat, before.Repeat, after.Repeat)
	back(&p.Remind, before.Remind, after.Remind)
	back(&p.Told, before.Told, after.Told)
	back(&p.Text, before.Text, after.Text)
	back(&p.Parked, before.Parked, after.Parked)
	back(&p.Still, before.Still, after.Still)
	back(&p.Asked, before.Asked, after.Asked)
	back(&p.Pinned, before.Pinned, after.Pinned)
	back(&p.Rank, before.Rank, after.Rank)
	back(&p.Assignee, before.Assignee, after.Assignee)
	if p.Chat == after.Chat && p.Topic == after.Topic {
		p.Chat, p.Topic = before.Chat, before.Topic
	}
	p.Count = p.Count.undo(before.Count, after.Count)
	return p
}

// back takes back what a change did to a value that is still as it left it.
func back[T comparable](now *T, before, after T) {
	if *now == after {
		*now = before
	}
}

// IsTicked reports whether a criterion is met.
func (g *Goal) IsTicked(criterion string) bool {
	return g.plan != nil && slices.Contains(g.plan.Ticked, criterion)
}

// Ticked counts the criteria that are met, and all of them.
func (g *Goal) Ticked() (ticked, total int) {
	for _, criterion := range g.Acceptance {
		if g.IsTicked(criterion) {
			ticked++
		}
	}
	return ticked, len(g.Acceptance)
}

// share is a part of a whole in percent, rounded.
func share(part, whole int) uint8 {
	if whole == 0 {
		return 0
	}
	return uint8(math.Round(100 * float64(part) / float64(whole)))
}

// Tick ticks these criteria of an open goal, which are counted from 1. Those that
// are ticked lose their tick, unless one of them is not: then all of them have it.
func (l *List) Tick(n int64, criteria []int, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) error {
		if !g.Status.Open() {
			return g.closed()
		}
		all := true
		for _, i := range criteria {
			if i < 1 || i > len(g.Acceptance) {
				return Refusal{Kind: NoCriterion, Goal: n, Has: len(g.Acceptance), Limit: i}
			}
			all = all && g.IsTicked(g.Acceptance[i-1])
		}
		g.ChangePlan(func(p *Plan) {
			for _, i := range criteria {
				p.tick(g.Acceptance[i-1], !all)
			}
		})
		return nil
	})
}

// tick ticks a criterion, or takes its tick away.
func (p *Plan) tick(criterion string, on bool) {
	at := slices.Index(p.Ticked, criterion)
	switch {
	case on && at < 0:
		p.Ticked = appended(p.Ticked, criterion)
	case !on && at >= 0:
		p.Ticked = nilIfEmpty(slices.Delete(slices.Clone(p.Ticked), at, at+1))
	}
}

func nilIfEmpty[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// EditCriterion gives a criterion, which is counted from 1, another text, and with
// "" removes it. A tick stays with it, and with another one that has the same text.
func (l *List) EditCriterion(n int64, i int, text string, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) error {
		if i < 1 || i > len(g.Acceptance) {
			return Refusal{Kind: NoCriterion, Goal: n, Has: len(g.Acceptance), Limit: i}
		}
		old := g.Acceptance[i-1]
		ticked := g.IsTicked(old)
		if text == "" {
			g.Acceptance = nilIfEmpty(slices.Delete(slices.Clone(g.Acceptance), i-1, i))
			if !slices.Contains(g.Acceptance, old) {
				g.ChangePlan(func(p *Plan) { p.tick(old, false) })
			}
			return nil
		}
		text, err := CleanText(CriterionText, text, MaxDescription)
		if err != nil {
			return err
		}
		if k := slices.IndexFunc(g.Acceptance, func(c string) bool { return Fold(c) == Fold(text) }); k >= 0 && (k != i-1 || text == old) {
			return Refusal{Kind: SameCriterion, Goal: n, Has: k + 1}
		}
		g.Acceptance = slices.Clone(g.Acceptance)
		g.Acceptance[i-1] = text
		if !slices.Contains(g.Acceptance, old) {
			g.ChangePlan(func(p *Plan) { p.tick(old, false) })
		}
		g.ChangePlan(func(p *Plan) { p.tick(text, ticked) })
		return nil
	})
}

// EditNote gives a note, which is counted from 1, another text, and with "" removes it.
func (l *List) EditNote(n int64, i int, text string, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) error {
		if i < 1 || i > len(g.Notes) {
			return Refusal{Kind: NoSuchNote, Goal: n, Has: len(g.Notes), Limit: i}
		}
		notes := slices.Clone(g.Notes)
		if text == "" {
			g.Notes = nilIfEmpty(slices.Delete(notes, i-1, i))
			return nil
		}
		text, err := CleanText(NoteText, text, MaxDescription)
		if err != nil {
			return err
		}
		if text == notes[i-1] {
			return Refusal{Kind: NothingNew, Goal: n}
		}
		notes[i-1] = text
		g.Notes = notes
		return nil
	})
}

// SetPlan changes the plan of a goal for a person.
func (l *List) SetPlan(n int64, now time.Time, change func(*Plan) error) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) error {
		if !g.Status.Open() {
			return g.closed()
		}
		p := g.Plan()
		if err := change(&p); err != nil {
			return err
		}
		if p.Same(g.Plan()) {
			return Refusal{Kind: NothingNew, Goal: n}
		}
		g.SetPlan(p)
		return nil
	})
}

// Again adds the next of a goal that repeats, under a new id: with its text, its
// criteria as they are, none of them ticked, its attachments, assignee, pin and place, and
// what it is counted to, from the start, due at that date. The goal itself repeats no more,
// and its pin goes to the next.
func (l *List) Again(g *Goal, id, due string, now time.Time) (*Goal, error) {
	if err := l.takes(id); err != nil {
		return nil, err
	}
	l.NotePlan(g.Number, func(p *Plan) { p.Repeat, p.Pinned = "", false }) // before the next one needs the pin
	next := &Goal{ID: id, Description: g.Description, Status: Pending, Acceptance: g.Acceptance, Created: now, Updated: now}
	p := g.Plan()
	next.SetPlan(Plan{Due: due, Repeat: p.Repeat, Files: p.Files, Pinned: p.Pinned, Rank: p.Rank,
		Assignee: p.Assignee, Chat: p.Chat, Topic: p.Topic, Count: p.Count.fresh()})
	return l.adopt(next), nil
}

// NotePlan changes the plan of a goal for the program, which does not count as an
// update of the goal. There is no goal n where nothing is done.
func (l *List) NotePlan(n int64, change func(*Plan)) {
	if i, ok := l.index(n); ok {
		g := *l.goals[i]
		g.ChangePlan(change)
		l.replace(i, &g)
	}
}
