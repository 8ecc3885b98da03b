package handlers

import (
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

// about is the goal that the answered message of ours is about; nil where it
// shows none or several.
func (c *call) about() *goals.Goal {
	var found *goals.Goal
	if !c.Reply {
		return nil
	}
	for piece := range strings.SplitSeq(c.Marked, "\n") {
		n, ok := goals.ParseNumber(piece)
		if !ok || piece != "#"+strconv.FormatInt(n, 10) {
			continue
		}
		g := c.tx.List().Number(n)
		if g == nil || found != nil && found != g {
			return nil
		}
		found = g
	}
	return found
}

// aim completes a command that is said in reply to a message about a goal.
func (c *call) aim(row command) {
	g := c.about()
	which, rest, _ := strings.Cut(row.usage, " ")
	if g == nil || which != "<which>" && which != "[which]" {
		return
	}
	first, _ := cutFirstWord(c.Args)
	// A goal that is named goes before the one that is answered. But a bare
	// number may be the first of the words: /note 5 pages are left.
	named := strings.HasPrefix(goals.Fold(first), "#") && c.isNamed(first) || c.tx.List().ID(first) != nil
	if c.Args == "" || !named && strings.ContainsAny(rest, "<[") {
		c.Args = strings.TrimSpace(number(g) + " " + c.Args)
	}
}
