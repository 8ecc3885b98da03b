package goals

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// This file holds the rules: which status may follow which, and what a
// command may do to a goal. Each returns the goal as it now is, or a
// [Refusal] and leaves the list as it was.

// Unverified is the answer to finishing a goal whose linked sessions are not
// all verified: it may be finished all the same, when the person insists.
type Unverified struct {
	Goal            *Goal
	Verified, Total int
}

func (u *Unverified) Error() string {
	return fmt.Sprintf("%d/%d tasks verified", u.Verified, u.Total)
}

// Closed is the [Refusal] for what only an open goal takes.
type Closed struct {
	Goal    *Goal
	refusal Refusal
}

func (c *Closed) Error() string { return c.refusal.Error() }

// Unwrap makes it a [Refusal].
func (c *Closed) Unwrap() error { return c.refusal }

// Finish marks a goal done. One with sessions that are not all verified is
// refused with [*Unverified], unless anyway is set; then a note says so, if
// the goal takes another one.
func (l *List) Finish(n int64, anyway bool, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) error {
		switch {
		case g.Status == Done:
			return &Closed{l.Number(n), Refusal(fmt.Sprintf("#%d is already done.", n))}
		case g.Status == Abandoned:
			return closed(l.Number(n))
		}
		if verified, total := g.Verified(); verified < total {
			if !anyway {
				return &Unverified{Goal: l.Number(n), Verified: verified, Total: total}
			}
			note := fmt.Sprintf("Finished with %d/%d tasks verified.", verified, total)
			if len(g.Notes) < MaxNotes && g.size()+len(note) <= MaxGoalBytes { // else the history alone says so
				g.Notes = appended(g.Notes, note)
			}
		}
		g.Status = Done
		return nil
	})
}

// Begin marks an open goal as being worked on.
func (l *List) Begin(n int64, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) error {
		switch {
		case g.Status == InProgress:
			return Refusal(fmt.Sprintf("#%d is already in progress.", n))
		case !g.Status.Open():
			return closed(l.Number(n))
		}
		g.Status = InProgress
		return nil
	})
}

// blockedNote is how a note begins that says why a goal is blocked.
const blockedNote = "Blocked: "

// BlockedBy is why a goal is blocked, as far as its notes say so: "" for one
// that is not blocked, and where no reason was given.
func (g *Goal) BlockedBy() string {
	if g.Status != Blocked {
		return ""
	}
	for _, note := range slices.Backward(g.Notes) {
		if why, ok := strings.CutPrefix(note, blockedNote); ok {
			if why == noReason {
				return ""
			}
			return why
		}
	}
	return ""
}

// noReason is noted where a goal is blocked again and nobody says why, so that
// the reason of the last time is not taken for that of this time.
const noReason = "no reason given"

// Block marks an open goal as blocked; why, if given, becomes a note.
func (l *List) Block(n int64, why string, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) error {
		switch {
		case !g.Status.Open():
			return closed(l.Number(n))
		case g.Status == Blocked && why == "":
			return Refusal(fmt.Sprintf("#%d is already blocked. Say why: /block %d waiting for …", n, n))
		}
		g.Status = Blocked
		if why == "" && g.BlockedBy() != "" && len(g.Notes) < MaxNotes {
			why = noReason
		}
		return g.addReason(blockedNote, why)
	})
}

// Abandon closes an open goal without finishing it; why, if given, becomes a note.
func (l *List) Abandon(n int64, why string, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) error {
		if !g.Status.Open() {
			return closed(l.Number(n))
		}
		g.Status = Abandoned
		return g.addReason("Abandoned: ", why)
	})
}

// Reopen makes a goal pending again that is closed, blocked or in progress.
func (l *List) Reopen(n int64, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) error {
		if g.Status == Pending {
			return Refusal(fmt.Sprintf("#%d is already open and not started.", n))
		}
		g.Status = Pending
		return nil
	})
}

// Rename gives a goal another description.
func (l *List) Rename(n int64, text string, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) (err error) {
		text, err = CleanText("A goal", text, MaxDescription)
		if err == nil && text == g.Description {
			return Refusal(fmt.Sprintf("#%d already has that name.", n))
		}
		g.Description = text
		return err
	})
}

// AddNote adds a note to a goal, open or closed.
func (l *List) AddNote(n int64, text string, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) error { return g.addNote(text) })
}

// AddCriterion adds one more thing by which a goal counts as reached.
func (l *List) AddCriterion(n int64, text string, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) error {
		text, err := CleanText("A criterion", text, MaxDescription)
		if err != nil {
			return err
		}
		if len(g.Acceptance) >= MaxAcceptance {
			return Refusal(fmt.Sprintf("#%d already has %d criteria, which is the limit. Put the rest in a /note.", n, len(g.Acceptance)))
		}
		g.Acceptance = appended(g.Acceptance, text)
		return nil
	})
}

// Revise replaces what [List.Add] took from a draft: the description and the
// acceptance criteria. What the goal says already is refused as [SaysAlready].
func (l *List) Revise(n int64, d Draft, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) error {
		before := *g
		if err := g.fill(d); err != nil {
			return err
		}
		if g.Same(&before) {
			return SaysAlready(n)
		}
		return nil
	})
}

// SaysAlready is how [List.Revise] refuses what would change nothing.
func SaysAlready(n int64) Refusal { return Refusal(fmt.Sprintf("#%d already says that.", n)) }

// edit changes a copy of goal n and puts it in the place of the one it copies.
// change must replace slices rather than write into them.
func (l *List) edit(n int64, now time.Time, change func(*Goal) error) (*Goal, error) {
	i, ok := l.index(n)
	if !ok {
		return nil, gone(n)
	}
	g := *l.goals[i]
	if err := change(&g); err != nil {
		return nil, err
	}
	if size := g.size(); size > MaxGoalBytes && size > l.goals[i].size() {
		return nil, Refusal(fmt.Sprintf("#%d would be larger than %d KiB with this, so nothing was changed. /addgoal starts another goal.", n, MaxGoalBytes>>10))
	}
	g.Touch(now)
	l.goals[i] = &g
	return &g, nil
}

// size is how many bytes the texts of a goal take.
func (g *Goal) size() int {
	n := len(g.ID) + len(g.Description)
	for _, list := range [][]string{g.Acceptance, g.Notes} {
		for _, s := range list {
			n += len(s)
		}
	}
	for _, s := range g.Sessions {
		n += len(s.ID) + len(s.Task) + fieldsSize(s.Extra)
		if s.Evidence != nil {
			n += len(*s.Evidence)
		}
	}
	return n + fieldsSize(g.Extra)
}

func fieldsSize(fields []Field) (n int) {
	for _, f := range fields {
		n += len(f.Name) + len(f.Value)
	}
	return n
}

// Touch derives the progress anew and sets the time of the last update. That
// time never goes back, and a change always moves it, even when the clock
// stands still or was set back: whoever merges by it must see the change as
// the newer one.
func (g *Goal) Touch(now time.Time) {
	g.Progress = g.DerivedProgress()
	if !now.After(g.Updated) {
		now = g.Updated.Add(time.Millisecond)
	}
	g.Updated = now
}

// fill takes over what a draft says, cleaned and within the limits.
func (g *Goal) fill(d Draft) (err error) {
	if g.Description, err = CleanText("A goal", d.Description, MaxDescription); err != nil {
		return err
	}
	if len(d.Acceptance) > MaxAcceptance {
		return Refusal(fmt.Sprintf("That is %d criteria; a goal takes %d at most.", len(d.Acceptance), MaxAcceptance))
	}
	g.Acceptance = nil
	for _, a := range d.Acceptance {
		a, err := CleanText("A criterion", a, MaxDescription)
		if err != nil {
			return err
		}
		g.Acceptance = append(g.Acceptance, a)
	}
	return nil
}

// addReason notes why a status was changed, if that is said.
func (g *Goal) addReason(head, why string) error {
	if why == "" {
		return nil
	}
	why, err := CleanText("A reason", why, MaxDescription)
	if err != nil {
		return err
	}
	if len(g.Notes) >= MaxNotes {
		return Refusal(fmt.Sprintf("#%d already has %d notes, which is the limit, so a reason cannot be added. It works without one.", g.Number, len(g.Notes)))
	}
	g.Notes = appended(g.Notes, head+why)
	return nil
}

func (g *Goal) addNote(text string) error {
	text, err := CleanText("A note", text, MaxDescription)
	if err != nil {
		return err
	}
	if len(g.Notes) >= MaxNotes {
		return Refusal(fmt.Sprintf("#%d already has %d notes, which is the limit. /addgoal starts another goal.", g.Number, len(g.Notes)))
	}
	g.Notes = appended(g.Notes, text)
	return nil
}

// appended never writes into the array of a slice that another goal may share.
func appended(s []string, v string) []string { return append(s[:len(s):len(s)], v) }

func closed(g *Goal) *Closed {
	state := "is done"
	if g.Status == Abandoned {
		state = "was abandoned"
	}
	return &Closed{g, Refusal(fmt.Sprintf("#%d %s. /reopen %d brings it back.", g.Number, state, g.Number))}
}
