// Package goals says what a goal is and what may be done to a list of them.
// It does no I/O and reads no clock: every rule is a function of its arguments.
package goals

import (
	"slices"
	"time"
)

// Status is where a goal stands, spelt as in goals.json.
type Status string

// The five statuses that goals.json knows.
const (
	Pending    Status = "pending"
	InProgress Status = "inProgress"
	Blocked    Status = "blocked"
	Done       Status = "done"
	Abandoned  Status = "abandoned"
)

// Statuses are all of them, in the order in which a goal usually goes through them.
var Statuses = []Status{Pending, InProgress, Blocked, Done, Abandoned}

// Open reports whether the goal still waits to be finished.
func (s Status) Open() bool { return s != Done && s != Abandoned }

// SessionState is how far a linked session has come, spelt as in goals.json.
type SessionState string

// The four session states that goals.json knows.
const (
	Launched SessionState = "launched"
	Running  SessionState = "running"
	Verified SessionState = "verified"
	Failed   SessionState = "failed"
)

// SessionStates are all of them.
var SessionStates = []SessionState{Launched, Running, Verified, Failed}

// Session is a piece of work that another program does for a goal.
type Session struct {
	ID       string // "session_id" in goals.json
	Task     string
	State    SessionState
	Evidence *string // nil where there is none
	Extra    []Field
}

// Field is a member of a JSON object that this program does not know and
// keeps for whoever does. Name (with its quotes) and Value are the bytes as
// they were read.
type Field struct{ Name, Value string }

// Goal is one entry of the list. A goal that is in a [List] is never altered
// in place, so a pointer to one may be kept and compared.
type Goal struct {
	// Number is small, permanent and never given to another goal. It is the
	// palace's own and is not written to goals.json.
	Number int64

	ID          string
	Description string
	Status      Status
	Acceptance  []string
	Sessions    []Session
	Progress    uint8 // percent when we write it; the file may hold up to 255
	Created     time.Time
	Updated     time.Time
	Notes       []string
	Extra       []Field // unknown fields in the order in which they were read

	plan *Plan // nil where nothing is planned, as for most goals; not in goals.json
}

// Verified counts the linked sessions whose work has been verified, and all of them.
func (g *Goal) Verified() (verified, total int) {
	for _, s := range g.Sessions {
		if s.State == Verified {
			verified++
		}
	}
	return verified, len(g.Sessions)
}

// DerivedProgress is the share of verified sessions in percent, rounded; without
// sessions that of ticked criteria. A count is as much as one criterion more, of which
// a part may be done: 5 of 10 books and one of two criteria are 50 percent. It is 100
// only where the target is reached and all criteria are ticked. Progress is never set
// in any other way.
func (g *Goal) DerivedProgress() uint8 {
	if len(g.Sessions) > 0 {
		return share(g.Verified())
	}
	ticked, total := g.Ticked()
	c := g.Plan().Count
	if !c.On() {
		return share(ticked, total)
	}
	return uint8(percent(int64(ticked)*1_000_000+c.millionths(), total+1, ticked == total && c.Reached()))
}

// Same reports whether two goals say the same, apart from when they were last
// updated. A goal is the same as itself, and nil only as nil.
func (g *Goal) Same(o *Goal) bool {
	return g == o || g.sameInFile(o) && (g.plan == o.plan || g.Plan().Same(o.Plan()))
}

// sameInFile is [Goal.Same] for all that goals.json has of a goal.
func (g *Goal) sameInFile(o *Goal) bool {
	if g == o {
		return true
	}
	return g != nil && o != nil &&
		g.Number == o.Number && g.ID == o.ID && g.Description == o.Description &&
		g.Status == o.Status && g.Progress == o.Progress && g.Created.Equal(o.Created) &&
		slices.Equal(g.Acceptance, o.Acceptance) && slices.Equal(g.Notes, o.Notes) &&
		slices.Equal(g.Extra, o.Extra) && slices.EqualFunc(g.Sessions, o.Sessions, sameSession)
}

func sameSession(a, b Session) bool {
	sameEvidence := a.Evidence == b.Evidence ||
		a.Evidence != nil && b.Evidence != nil && *a.Evidence == *b.Evidence
	return a.ID == b.ID && a.Task == b.Task && a.State == b.State && sameEvidence && slices.Equal(a.Extra, b.Extra)
}
