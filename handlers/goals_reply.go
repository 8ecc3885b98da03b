package handlers

import (
	"slices"
	"strconv"
	"strings"

	"goalbot/goals"
)

// This file finds out which goal a reply is about. Telegram hands over the
// message of ours that is answered as it looks now, and there each goal's
// number is a piece in bold of its own (line and cardWithin write it so), which
// a number in somebody's words is not. So nothing needs to be kept for each
// message, and one that was edited counts for what it shows. Nothing is
// entrusted to it either: whoever forges a reply could have typed the number.

// replyTarget is the goal that the answered message of ours is about; nil where it
// shows none or several.
func (c *call) replyTarget() *goals.Goal {
	all, _ := c.replyTargets()
	if len(all) != 1 {
		return nil
	}
	return all[0]
}

// replyTargets are the goals that the answered message of ours shows or, where
// a part of it was marked that names some, those; then picked is true.
func (c *call) replyTargets() (all []*goals.Goal, picked bool) {
	if !c.Reply {
		return nil, false
	}
	if on := c.marked(c.Quote.On); len(on) > 0 {
		return on, true
	}
	if above := c.marked(c.Quote.Above); len(above) > 0 {
		return above[:1], true // what is below a goal's number belongs to it
	}
	if strings.Contains(c.Quote.Text, "#") { // a row that a list does not show any more
		if found, named, err := c.tx.List().Named(c.Quote.Text); named && err == nil {
			return found, true
		}
	}
	return c.marked(c.Marked), false
}

// marked are the goals whose numbers are among the pieces, in their order.
func (c *call) marked(pieces string) (found []*goals.Goal) {
	for piece := range strings.SplitSeq(pieces, "\n") {
		n, ok := goals.ParseNumber(piece)
		if !ok || piece != "#"+strconv.FormatInt(n, 10) {
			continue
		}
		g := c.tx.List().Number(n)
		if g == nil {
			return nil
		}
		if !slices.Contains(found, g) {
			found = append(found, g)
		}
	}
	return found
}

// completeFromReply completes a command that is said in reply to a message about a goal, or
// to rows of a list that were marked.
func (c *call) completeFromReply(row command) {
	all, picked := c.replyTargets()
	which, rest, _ := strings.Cut(row.usage, " ")
	several := len(all) > 1 && picked && rest == "…" && c.Args == ""
	if len(all) != 1 && !several || which != "<which>" && which != "[which]" {
		return
	}
	first, _ := cutFirstWord(c.Args)
	// A goal that is named goes before the one that is answered. But a bare
	// number may be the first of the words: /note 5 pages are left.
	named := strings.HasPrefix(goals.Fold(first), "#") && c.isNamed(first) || c.tx.List().ID(first) != nil
	if c.Args == "" || !named && strings.ContainsAny(rest, "<[") {
		var names []string
		for _, g := range all {
			names = append(names, number(g))
		}
		c.Args = strings.TrimSpace(strings.Join(names, " ") + " " + c.Args)
	}
}
