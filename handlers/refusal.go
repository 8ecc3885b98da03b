package handlers

import (
	"errors"
	"fmt"

	"goalbot/goals"
	"goalbot/message"
)

// This file holds what a refused command is answered with. Of such a command
// nothing stays but the answer.

// refusal is the error for a command that changes nothing, in the words that
// the person reads: what is wrong, and what to do next.
type refusal string

func (r refusal) Error() string { return string(r) }

// refuse is a refusal in these words.
func refuse(format string, args ...any) error { return refusal(fmt.Sprintf(format, args...)) }

// refusalWords returns what a person is told where an error is a refusal, be it
// ours or that of a rule of the list.
func refusalWords(err error) (words string, ok bool) {
	if r, ok := errors.AsType[refusal](err); ok {
		return string(r), true
	}
	if r, ok := errors.AsType[goals.Refusal](err); ok {
		return ruleWords(r), true
	}
	return "", false
}

// ruleWords says why a rule of the list refused a change.
func ruleWords(r goals.Refusal) string {
	say := fmt.Sprintf
	switch r.Kind {
	case goals.NoGoal:
		return say("There is no goal #%d. /goals shows the list.", r.Goal)
	case goals.FullList:
		return say("The list is full: it holds %d goals. Delete some that you no longer need.", r.Limit)
	case goals.DoneAlready:
		return say("#%d is already done.", r.Goal)
	case goals.ClosedGoal:
		state := "is done"
		if r.Status == goals.Abandoned {
			state = "was abandoned"
		}
		return say("#%d %s. /reopen %d brings it back.", r.Goal, state, r.Goal)
	case goals.Unverified:
		return say("Only %d/%d tasks of #%d are verified.", r.Has, r.Limit, r.Goal)
	case goals.StartedAlready:
		return say("#%d is already in progress.", r.Goal)
	case goals.BlockedAlready:
		return say("#%d is already blocked. Say why: /block %d waiting for …", r.Goal, r.Goal)
	case goals.PendingAlready:
		return say("#%d is already open and not started.", r.Goal)
	case goals.SameName:
		return say("#%d already has that name.", r.Goal)
	case goals.NothingNew:
		return say("#%d already has that, so nothing was changed.", r.Goal)
	case goals.ManyCriteria:
		return say("That is %d criteria; a goal takes %d at most.", r.Has, r.Limit)
	case goals.FullCriteria:
		return say("#%d already has %d criteria, which is the limit. Put the rest in a /note.", r.Goal, r.Has)
	case goals.FullNotes:
		return say("#%d already has %d notes, which is the limit. /addgoal starts another goal.", r.Goal, r.Has)
	case goals.NoRoomForWhy:
		return say("#%d already has %d notes, which is the limit, so a reason cannot be added. It works without one.", r.Goal, r.Has)
	case goals.LargeGoal:
		return say("#%d would be larger than %d KiB with this, so nothing was changed. /addgoal starts another goal.", r.Goal, r.Limit>>10)
	case goals.NoText:
		return say("%s needs some text that can be seen.", textName(r.Text))
	case goals.Unticked:
		return say("Only %d/%d criteria of #%d are ticked.", r.Has, r.Limit, r.Goal)
	case goals.NoCriterion:
		if r.Has == 0 {
			return say("#%d has no success criteria. /criterion %d … adds one.", r.Goal, r.Goal)
		}
		return say("#%d has no criterion %d; they are numbered 1 to %d.", r.Goal, r.Limit, r.Has)
	case goals.FirstAlready:
		return say("#%d is already at the top of its group.", r.Goal)
	case goals.LastAlready:
		return say("#%d is already at the bottom of its group.", r.Goal)
	case goals.PinnedAlready:
		return say("#%d is already pinned.", r.Goal)
	case goals.NotPinned:
		return say("#%d is not pinned.", r.Goal)
	case goals.ManyPinned:
		return say("%d goals are already pinned, which is the limit. /unpin one first; /goals shows them at the top.", r.Has)
	case goals.SameCriterion:
		return say("#%d already has that criterion, number %d.", r.Goal, r.Has)
	case goals.NoSuchNote:
		if r.Has == 0 {
			return say("#%d has no notes.", r.Goal)
		}
		return say("#%d has no note %d; they are numbered 1 to %d.", r.Goal, r.Limit, r.Has)
	case goals.NoFile:
		return say("That cannot be attached to #%d. I keep photos, files, videos, audio and voice messages that you send me, and links that begin with http:// or https://.", r.Goal)
	case goals.NoSuchFile:
		if r.Has == 0 {
			return say("#%d has no attachments. Send me a photo or a file in reply to it.", r.Goal)
		}
		return say("#%d has no attachment %d; they are numbered 1 to %d.", r.Goal, r.Limit, r.Has)
	case goals.SameFile:
		return say("#%d already has that, as attachment %d.", r.Goal, r.Has)
	case goals.FullFiles:
		return say("#%d already has %s; a goal takes %d. Remove some first: /edit %d", r.Goal, message.Count(r.Has, "attachment", "attachments"), r.Limit, r.Goal)
	case goals.LongText:
		return say("%s can have up to %d characters; this has %d. Nothing was changed; please shorten it.", textName(r.Text), r.Limit, r.Has)
	case goals.NoSessions:
		return say("#%d has no linked tasks. /link %d adds one.", r.Goal, r.Goal)
	case goals.NoSession:
		return say("#%d has no task %d; it has %s. /goal %d shows them.", r.Goal, r.Limit, message.Count(r.Has, "task", "tasks"), r.Goal)
	case goals.SameTask:
		return say("#%d already has that task, as number %d.", r.Goal, r.Has)
	case goals.FullSessions:
		return say("#%d already has %d tasks, which is the limit. /addgoal starts another goal.", r.Goal, r.Has)
	case goals.VerifiedAlready:
		if r.Has == 0 {
			return say("All tasks of #%d are already verified. For other evidence, say which: /verify %d 1 https://…", r.Goal, r.Goal)
		}
		return say("Task %d of #%d is already verified.", r.Has, r.Goal)
	case goals.FailedAlready:
		if r.Has == 0 {
			return say("All tasks of #%d have already failed. For another reason, say which: /fail %d 1 …", r.Goal, r.Goal)
		}
		return say("Task %d of #%d has already failed.", r.Has, r.Goal)
	}
	return countRuleWords(r)
}

func textName(k goals.TextKind) string {
	switch k {
	case goals.CriterionText:
		return "A criterion"
	case goals.NoteText:
		return "A note"
	case goals.ReasonText:
		return "A reason"
	case goals.TaskText:
		return "A task"
	case goals.EvidenceText:
		return "Evidence"
	case goals.UnitText:
		return "What is counted"
	}
	return "A goal"
}
