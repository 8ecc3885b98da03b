package goals

import "fmt"

// Refusal is the error for a change that the rules do not allow. The list is
// then as it was. It carries what there is to say; whoever shows it to a person
// finds the words.
type Refusal struct {
	Kind   RefusalKind
	Goal   int64    // the number of the goal that it is about, 0 for none
	Status Status   // of that goal, with [ClosedGoal]
	Text   TextKind // with [NoText] and [LongText]
	Has    int      // how many there are or would be, where that is counted
	Limit  int      // how many there may be
}

// RefusalKind says which rule refused a change.
type RefusalKind int

// The kinds of refusals. Counts are of what the name says.
const (
	NoGoal          RefusalKind = iota + 1 // no goal has that number
	FullList                               // the list has Limit goals
	DoneAlready                            // the goal is to be finished, and is done
	ClosedGoal                             // the goal is not open
	Unverified                             // only Has of its Limit sessions are verified, and nobody insisted
	StartedAlready                         // it is in progress
	BlockedAlready                         // it is blocked, and no new reason is given
	PendingAlready                         // it is open and not started
	SameName                               // it has that description
	NothingNew                             // it says all of that
	ManyCriteria                           // a draft has Has criteria, more than Limit
	FullCriteria                           // the goal has Has criteria, and takes no more
	FullNotes                              // it has Has notes, and takes no more
	NoRoomForWhy                           // likewise, so that a reason cannot be noted
	LargeGoal                              // its texts would have more than Limit bytes
	NoText                                 // a text shows nothing
	LongText                               // a text has Has characters, more than Limit
	Unticked                               // only Has of its Limit criteria are ticked, and nobody insisted
	NoCriterion                            // it has Has criteria, and no Limit-th
	SameCriterion                          // its Has-th criterion says that
	NoSuchNote                             // it has Has notes, and no Limit-th
	NoSessions                             // the goal has no sessions
	NoSession                              // it has Has sessions, and no Limit-th
	SameTask                               // the session at the place Has has that task
	FullSessions                           // the goal has Has sessions, and takes no more
	VerifiedAlready                        // the session at the place Has is verified, with that evidence; all are, where Has is 0
	FailedAlready                          // likewise, it has failed
	FirstAlready                           // it is the first of the Has goals of its state
	LastAlready                            // it is the last of them
	PinnedAlready                          // it is pinned
	NotPinned                              // it is not
	ManyPinned                             // Has other goals are pinned, and Limit may be
	NotCounted                             // the goal is not counted
	Uncounted                              // its count has not reached the target, and nobody insisted
	NoWay                                  // its count would start at its target
	NoAmount                               // a text is no number
	UnclearAmount                          // a number may have thousands or thousandths
	LongAmount                             // a number has Has decimals, more than Limit
	LargeAmount                            // a number, or what a count comes to, is beyond Limit
	NoFile                                 // it is no file and no link that can be kept
	NoSuchFile                             // it has Has attachments, and no Limit-th
	SameFile                               // its Has-th attachment is that
	FullFiles                              // it has Has attachments, and takes no more than Limit
)

// TextKind is what a text is for.
type TextKind int

// The kinds of texts that a person writes.
const (
	DescriptionText TextKind = iota
	CriterionText
	NoteText
	ReasonText
	TaskText
	EvidenceText
	UnitText
)

func (k TextKind) String() string {
	return [...]string{"description", "criterion", "note", "reason", "task", "evidence", "unit"}[k]
}

// Error says it in a few words, for a log.
func (r Refusal) Error() string {
	switch r.Kind {
	case NoGoal:
		return fmt.Sprintf("there is no goal #%d", r.Goal)
	case FullList:
		return fmt.Sprintf("the list has %d goals, as many as it takes", r.Limit)
	case DoneAlready:
		return fmt.Sprintf("#%d is done already", r.Goal)
	case ClosedGoal:
		return fmt.Sprintf("#%d is %s", r.Goal, r.Status)
	case Unverified:
		return fmt.Sprintf("#%d has %d of %d sessions verified", r.Goal, r.Has, r.Limit)
	case StartedAlready:
		return fmt.Sprintf("#%d is in progress already", r.Goal)
	case BlockedAlready:
		return fmt.Sprintf("#%d is blocked already", r.Goal)
	case PendingAlready:
		return fmt.Sprintf("#%d is pending already", r.Goal)
	case SameName:
		return fmt.Sprintf("#%d has that description already", r.Goal)
	case NothingNew:
		return fmt.Sprintf("#%d says that already", r.Goal)
	case ManyCriteria:
		return fmt.Sprintf("%d criteria are more than %d", r.Has, r.Limit)
	case FullCriteria:
		return fmt.Sprintf("#%d has %d criteria, and takes no more", r.Goal, r.Has)
	case FullNotes, NoRoomForWhy:
		return fmt.Sprintf("#%d has %d notes, and takes no more", r.Goal, r.Has)
	case LargeGoal:
		return fmt.Sprintf("#%d would have more than %d bytes", r.Goal, r.Limit)
	case NoText:
		return fmt.Sprintf("the %s has no visible text", r.Text)
	case LongText:
		return fmt.Sprintf("the %s has %d characters, more than %d", r.Text, r.Has, r.Limit)
	case Unticked:
		return fmt.Sprintf("#%d has %d of %d criteria ticked", r.Goal, r.Has, r.Limit)
	case NoCriterion:
		return fmt.Sprintf("#%d has %d criteria, and no %d", r.Goal, r.Has, r.Limit)
	case SameCriterion:
		return fmt.Sprintf("criterion %d of #%d says that already", r.Has, r.Goal)
	case NoSuchNote:
		return fmt.Sprintf("#%d has %d notes, and no %d", r.Goal, r.Has, r.Limit)
	case FirstAlready:
		return fmt.Sprintf("#%d is the first of %d already", r.Goal, r.Has)
	case LastAlready:
		return fmt.Sprintf("#%d is the last of %d already", r.Goal, r.Has)
	case PinnedAlready:
		return fmt.Sprintf("#%d is pinned already", r.Goal)
	case NotPinned:
		return fmt.Sprintf("#%d is not pinned", r.Goal)
	case ManyPinned:
		return fmt.Sprintf("%d goals are pinned, and %d may be", r.Has, r.Limit)
	case NoFile:
		return fmt.Sprintf("what is to be attached to #%d is no file and no link", r.Goal)
	case NoSuchFile:
		return fmt.Sprintf("#%d has %d attachments, and no %d", r.Goal, r.Has, r.Limit)
	case SameFile:
		return fmt.Sprintf("attachment %d of #%d is that already", r.Has, r.Goal)
	case FullFiles:
		return fmt.Sprintf("#%d has %d attachments, and takes %d", r.Goal, r.Has, r.Limit)
	case NoSessions:
		return fmt.Sprintf("#%d has no sessions", r.Goal)
	case NoSession:
		return fmt.Sprintf("#%d has %d sessions, and no %d", r.Goal, r.Has, r.Limit)
	case SameTask:
		return fmt.Sprintf("#%d has that task already, as number %d", r.Goal, r.Has)
	case FullSessions:
		return fmt.Sprintf("#%d has %d sessions, and takes no more", r.Goal, r.Has)
	case VerifiedAlready:
		return fmt.Sprintf("session %d of #%d is verified already", r.Has, r.Goal)
	case FailedAlready:
		return fmt.Sprintf("session %d of #%d has failed already", r.Has, r.Goal)
	case NotCounted:
		return fmt.Sprintf("#%d is not counted", r.Goal)
	case Uncounted:
		return fmt.Sprintf("the count of #%d has not reached its target", r.Goal)
	case NoWay:
		return fmt.Sprintf("the count of #%d would start at its target", r.Goal)
	case NoAmount:
		return "that is no number"
	case UnclearAmount:
		return "that number may have thousands or thousandths"
	case LongAmount:
		return fmt.Sprintf("that number has %d decimals, more than %d", r.Has, r.Limit)
	case LargeAmount:
		return fmt.Sprintf("that number is beyond %d", r.Limit)
	}
	return fmt.Sprintf("refused: kind %d", r.Kind)
}
