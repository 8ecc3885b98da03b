package handlers

import (
	"fmt"
	"slices"
	"strings"

	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file says in words what a change did. It goes by what became of the
// goals, and not by the command: a change may come from an answer, an edit, an
// undo or a redo.

// verb is what was done to a goal, in the two forms in which it is told.
type verb struct{ past, doing string }

// altered is for what has no word of its own, and for several things at once.
var altered = verb{"changed", "changing"}

var renamed = verb{"renamed", "renaming"}

// verbOf is what one event did.
func verbOf(e goals.Edit) verb {
	before, after := e.Before, e.After
	switch {
	case before == nil:
		return verb{"added", "adding"}
	case after == nil:
		return verb{"deleted", "deleting"}
	case before.Status == goals.InProgress && after.Status == goals.Pending:
		return verb{"stopped", "stopping"}
	case before.Status != after.Status:
		return map[goals.Status]verb{
			goals.Pending:    {"reopened", "reopening"},
			goals.InProgress: {"started", "starting"},
			goals.Blocked:    {"blocked", "blocking"},
			goals.Done:       {"finished", "finishing"},
			goals.Abandoned:  {"abandoned", "abandoning"},
		}[after.Status]
	case e.Plan != nil && e.Description == nil && len(e.Acceptance) == 0 && len(e.Notes) == 0 && len(e.Sessions) == 0:
		return verbOfPlan(e.Plan[0], e.Plan[1])
	case e.Description != nil && len(e.Acceptance) == 0:
		return renamed
	case e.Description == nil && len(e.Notes) > 0 && after.Notes > before.Notes:
		return verb{"added a note to", "adding a note to"}
	case e.Description == nil && len(e.Notes) > 0 && after.Notes < before.Notes:
		return verb{"removed a note from", "removing a note from"}
	case e.Description == nil && after.Acceptance > before.Acceptance:
		return verb{"added a criterion to", "adding a criterion to"}
	case e.Description == nil && after.Acceptance < before.Acceptance:
		return verb{"removed a criterion from", "removing a criterion from"}
	case e.Description == nil && len(e.Notes) == 0 && len(e.Acceptance) == 0:
		return sessionVerb(e)
	case e.Description == nil && len(e.Notes) > 0:
		return verb{"changed a note of", "changing a note of"}
	case e.Description == nil && len(e.Acceptance) > 0:
		return verb{"changed a criterion of", "changing a criterion of"}
	}
	return altered
}

// verbOfPlan is what changed a plan.
func verbOfPlan(before, after goals.Plan) verb {
	switch {
	case len(after.Ticked) > len(before.Ticked):
		return verb{"ticked a criterion of", "ticking a criterion of"}
	case len(after.Ticked) < len(before.Ticked):
		return verb{"unticked a criterion of", "unticking a criterion of"}
	case after.Count.On() && len(before.Count.Log)+len(after.Count.Log) > 0:
		return verb{"logged something for", "logging something for"}
	case after.Count.On() && (after.Count.Start != before.Count.Start || after.Count.Target != before.Count.Target):
		return verb{"set the target of", "setting the target of"}
	case before.Count.On() && !after.Count.On():
		return verb{"ended the count of", "ending the count of"}
	case len(after.Files) > len(before.Files):
		what := attachedWhat(before, after)
		return verb{"attached " + what + " to", "attaching " + what + " to"}
	case len(after.Files) < len(before.Files):
		return verb{"removed an attachment from", "removing an attachment from"}
	case after.Due != before.Due && after.Due != "":
		return verb{"set the date of", "setting the date of"}
	case after.Due != before.Due:
		return verb{"took the date from", "taking the date from"}
	case after.Remind != before.Remind && after.Remind != "":
		return verb{"set a reminder for", "setting a reminder for"}
	case after.Remind != before.Remind:
		return verb{"removed the reminder of", "removing the reminder of"}
	case after.Parked != before.Parked && after.Parked != "":
		return verb{"parked", "parking"}
	case after.Parked != before.Parked:
		return verb{"took back", "taking back"}
	case after.Pinned && !before.Pinned:
		return verb{"pinned", "pinning"}
	case before.Pinned && !after.Pinned:
		return verb{"unpinned", "unpinning"}
	case after.Rank != before.Rank:
		return verb{"moved", "moving"}
	case after.Assignee != before.Assignee && after.Assignee != 0:
		return verb{"assigned", "assigning"}
	case after.Assignee != before.Assignee:
		return verb{"unassigned", "unassigning"}
	case after.Still != before.Still:
		return verb{"confirmed", "confirming"}
	}
	return altered
}

// verbOfAll is what events did, if they all did the same.
func verbOfAll(events []store.Event) verb {
	d := verbOf(events[0].Edit)
	if slices.ContainsFunc(events, func(e store.Event) bool { return verbOf(e.Edit) != d }) {
		return altered
	}
	return d
}

// doing names a change, or that part of it, as in "finishing #4" and "adding 2
// of 3 goals". What an undo did is named by what was undone.
func doing(part []store.Event, whole int) string {
	what := message.Count(whole, "goal", "goals")
	if len(part) < whole {
		what = fmt.Sprintf("%d of %s", len(part), what)
	}
	switch {
	case part[0].Name == "import":
		return "importing " + what
	case whole == 1:
		what = fmt.Sprintf("#%d", part[0].Edit.Number)
	}
	if part[0].Name == "undo" {
		part = slices.Clone(part)
		for i := range part {
			part[i].Edit = part[i].Edit.Inverse()
		}
	}
	return verbOfAll(part).doing + " " + what
}

// did says what a change of several goals did, as in "finished 3 goals: #1, #2
// and #5". events may be only the first of many.
func did(events []store.Event, whole int) string {
	what := message.Count(whole, "goal", "goals")
	switch {
	case events[0].Name == "import":
		return "imported " + what
	case len(events) < whole:
		return altered.past + " " + what
	case whole <= maxNumbered:
		var all []string
		for _, e := range events {
			all = append(all, fmt.Sprintf("#%d", e.Edit.Number))
		}
		what += ": " + strings.Join(all, ", ")
	}
	return verbOfAll(events).past + " " + what
}

const maxNumbered = 8 // goals of which all numbers are said
