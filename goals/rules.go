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

// Finish marks a goal done. Unless anyway is set, one with sessions that are not all
// verified is refused as [Unverified], and one with criteria that are not all ticked
// as [Unticked], or counted to less than the target as [Uncounted]. Where sessions are not verified a note says so, if the goal takes
// another one.
func (l *List) Finish(n int64, anyway bool, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) error {
		switch {
		case g.Status == Done:
			return Refusal{Kind: DoneAlready, Goal: n}
		case g.Status == Abandoned:
			return g.closed()
		}
		if verified, total := g.Verified(); verified < total {
			if !anyway {
				return Refusal{Kind: Unverified, Goal: n, Has: verified, Limit: total}
			}
			note := fmt.Sprintf("Finished with %d/%d tasks verified.", verified, total)
			if len(g.Notes) < MaxNotes && g.size()+len(note) <= MaxGoalBytes { // else the history alone says so
				g.Notes = appended(g.Notes, note)
			}
		}
		if ticked, total := g.Ticked(); ticked < total && !anyway {
			return Refusal{Kind: Unticked, Goal: n, Has: ticked, Limit: total}
		}
		if c := g.Plan().Count; c.On() && !c.Reached() && !anyway {
			return Refusal{Kind: Uncounted, Goal: n}
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
			return Refusal{Kind: StartedAlready, Goal: n}
		case !g.Status.Open():
			return g.closed()
		}
		g.Status = InProgress
		g.ChangePlan(func(p *Plan) { p.Parked = "" })
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
			return g.closed()
		case g.Status == Blocked && why == "":
			return Refusal{Kind: BlockedAlready, Goal: n}
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
			return g.closed()
		}
		g.Status = Abandoned
		return g.addReason("Abandoned: ", why)
	})
}

// Reopen makes a goal pending again that is closed, blocked or in progress.
func (l *List) Reopen(n int64, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) error {
		if g.Status == Pending {
			return Refusal{Kind: PendingAlready, Goal: n}
		}
		g.Status = Pending
		return nil
	})
}

// Rename gives a goal another description.
func (l *List) Rename(n int64, text string, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) (err error) {
		text, err = CleanText(DescriptionText, text, MaxDescription)
		if err == nil && text == g.Description {
			return Refusal{Kind: SameName, Goal: n}
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
		text, err := CleanText(CriterionText, text, MaxDescription)
		if err != nil {
			return err
		}
		if k := slices.IndexFunc(g.Acceptance, func(c string) bool { return Fold(c) == Fold(text) }); k >= 0 {
			return Refusal{Kind: SameCriterion, Goal: n, Has: k + 1}
		}
		if len(g.Acceptance) >= MaxAcceptance {
			return Refusal{Kind: FullCriteria, Goal: n, Has: len(g.Acceptance), Limit: MaxAcceptance}
		}
		g.Acceptance = appended(g.Acceptance, text)
		g.ChangePlan(func(p *Plan) { p.tick(text, false) }) // which one had that somebody removed from the file
		return nil
	})
}

// Revise replaces what [List.Add] took from a draft: the description and the
// acceptance criteria. What the goal says already is refused as [NothingNew].
func (l *List) Revise(n int64, d Draft, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) error {
		before := *g
		if err := g.fill(d); err != nil {
			return err
		}
		if g.Same(&before) {
			return Refusal{Kind: NothingNew, Goal: n}
		}
		return nil
	})
}

// edit changes a copy of goal n and puts it in the place of the one it copies.
// change must replace slices rather than write into them.
func (l *List) edit(n int64, now time.Time, change func(*Goal) error) (*Goal, error) {
	i, ok := l.index(n)
	if !ok {
		return nil, Refusal{Kind: NoGoal, Goal: n}
	}
	g := *l.goals[i]
	if err := change(&g); err != nil {
		return nil, err
	}
	if size := g.size(); size > MaxGoalBytes && size > l.goals[i].size() {
		return nil, Refusal{Kind: LargeGoal, Goal: n, Has: size, Limit: MaxGoalBytes}
	}
	g.Touch(now)
	l.replace(i, &g)
	return l.goals[i], nil
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
	if g.Description, err = CleanText(DescriptionText, d.Description, MaxDescription); err != nil {
		return err
	}
	if len(d.Acceptance) > MaxAcceptance {
		return Refusal{Kind: ManyCriteria, Goal: g.Number, Has: len(d.Acceptance), Limit: MaxAcceptance}
	}
	g.Acceptance = nil
	for _, a := range d.Acceptance {
		a, err := CleanText(CriterionText, a, MaxDescription)
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
	why, err := CleanText(ReasonText, why, MaxDescription)
	if err != nil {
		return err
	}
	if len(g.Notes) >= MaxNotes {
		return Refusal{Kind: NoRoomForWhy, Goal: g.Number, Has: len(g.Notes), Limit: MaxNotes}
	}
	g.Notes = appended(g.Notes, head+why)
	return nil
}

func (g *Goal) addNote(text string) error {
	text, err := CleanText(NoteText, text, MaxDescription)
	if err != nil {
		return err
	}
	if len(g.Notes) >= MaxNotes {
		return Refusal{Kind: FullNotes, Goal: g.Number, Has: len(g.Notes), Limit: MaxNotes}
	}
	g.Notes = appended(g.Notes, text)
	return nil
}

// appended never writes into the array of a slice that another goal may share.
func appended(s []string, v string) []string { return append(s[:len(s):len(s)], v) }

func (g *Goal) closed() Refusal {
	return Refusal{Kind: ClosedGoal, Goal: g.Number, Status: g.Status}
}
