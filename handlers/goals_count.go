package handlers

import (
	"errors"
	"fmt"
	"strings"

	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file counts what a goal is counted by: it logs, shows how far it has come, and
// asks.

// logCount logs something for a goal that is counted, or says what it is counted to.
func (c *call) logCount() (message.Message, error) {
	which, rest := c.cutCounted(c.Args)
	g, ask, err := c.pick(which, rest)
	if g == nil {
		return ask, err
	}
	if rest == "" {
		return c.askCount(g)
	}
	said, err := readLogged(g, rest)
	if err != nil {
		return message.Message{}, err
	}
	before := g.Plan().Count
	if g, err = c.count(g, said); err != nil {
		return message.Message{}, err
	}
	word := "Target set for"
	switch {
	case said.off:
		word = "No longer counted"
	case said.amount != nil:
		word = "Logged " + said.shown()
	case !before.On():
		word = "Counting"
	}
	if said.amount == nil || !g.Plan().Count.Reached() || before.Reached() {
		return c.changed(g, word), nil
	}
	return c.offerDone(c.changedWith(g, word, reachedWords(g)), g), nil
}

// count does to the count of a goal what is said.
func (c *call) count(g *goals.Goal, said logged) (_ *goals.Goal, err error) {
	list, n := c.tx.List(), g.Number
	if said.off {
		return list.StopCount(n, c.At)
	}
	if said.start != nil || said.target != nil || said.unit != "" {
		g, err = list.SetCount(n, said.start, said.target, said.unit, c.At)
		if r, _ := errors.AsType[goals.Refusal](err); err != nil && (said.amount == nil || r.Kind != goals.NothingNew) {
			return nil, err
		}
	}
	if said.amount != nil {
		g, err = list.Log(n, said.set, *said.amount, c.At)
	}
	if r, _ := errors.AsType[goals.Refusal](err); r.Kind == goals.NotCounted {
		if found, ok := findCount(list.Number(n)); ok { // its words say to what it could be
			return nil, refuse("#%d is not counted yet, so nothing was logged. First send /log %d %s.", n, n, found.Bounds())
		}
	}
	return g, err
}

// reachedWords say that a count has come to its target.
func reachedWords(g *goals.Goal) string {
	return "The target is reached: " + countWords(g) + ". Is it done?"
}

// cutCounted splits off what names a goal. Where its first word does not, more words
// may, in front of what can be logged.
func (c *call) cutCounted(args string) (which, rest string) {
	which, rest = c.cutWhich(args)
	if c.isNamed(which) {
		return which, rest
	}
	words := strings.Fields(args)
	for i := 1; i < len(words); i++ {
		rest := strings.Join(words[i:], " ")
		if _, err := readLogged(&goals.Goal{}, rest); err == nil {
			return strings.Join(words[:i], " "), rest
		}
	}
	return which, rest
}

// askCount asks what to log or, of a goal that is not counted, what to count it to.
func (c *call) askCount(g *goals.Goal) (message.Message, error) {
	if !g.Status.Open() {
		_, err := c.tx.List().StopCount(g.Number, c.At) // which says why not
		return message.Message{}, err
	}
	if !g.Plan().Count.On() {
		return c.ask(question{Command: "log", Number: g.Number, Rest: countTo}, asking("What should ", g, " be counted to? As in 10 books, or from 90 to 80 kg."))
	}
	t := asking("How much is it for ", g, "?").Add(" It is " + countWords(g) + " so far.")
	asks := t.String()
	how := " Reply to this message with +2, -1 or the new total."
	if c.Chat.Private {
		how = " Tap, or send +2, -1 or the new total as your next message."
	}
	var row []message.Button
	for _, b := range stepButtons(g) {
		b.Command += " " + tokenSign + c.token()
		row = append(row, b)
	}
	return c.pose(question{Command: "log", Number: g.Number, Asks: asks}, t.Add(how), row, cancelRow(c.token()))
}

// countTo stands before the target in what is said of a count.
const countTo = "of"

// countShown is how far a goal has come that is counted, in a list: 35/50, or 86 → 80
// where it does not start at 0. It is "" for one that is not counted.
func countShown(c goals.Count) string {
	switch {
	case !c.On():
		return ""
	case c.Start != 0:
		return c.Value().String() + " → " + c.Target.String()
	default:
		return c.Value().String() + "/" + c.Target.String()
	}
}

// maxCount is how many characters [countShown] has at most.
const maxCount = 35

// countWords are the same for a sentence: "35/50 books", "86 kg, from 90 to 80".
func countWords(g *goals.Goal) string {
	c := g.Plan().Count
	unit := ""
	if c.Unit != "" {
		unit = " " + isolate(clip(c.Unit, goals.MaxUnit))
	}
	if c.Start != 0 {
		return fmt.Sprintf("%s%s, from %s to %s", c.Value(), unit, c.Start, c.Target)
	}
	return countShown(c) + unit
}

const maxLogShown = 3 // entries on a card

// countLines are what a card shows of a count: how far it has come, and what was logged
// last.
func (c *call) countLines(g *goals.Goal) string {
	count := g.Plan().Count
	if !count.On() {
		return ""
	}
	t := fmt.Sprintf("\n🔢 %s · %d%%", countWords(g), count.Percent())
	var last []string
	for i := len(count.Log) - 1; i >= 0 && len(last) < maxLogShown; i-- {
		last = append(last, entryShown(count.Log[i])+" "+c.date(count.Log[i].Time()))
	}
	if len(last) > 0 {
		t += "\n      " + strings.Join(last, " · ")
	}
	return t
}

// entryShown is what an entry says, as it is typed.
func entryShown(e goals.Entry) string {
	if e.Set {
		return e.Amount.String()
	}
	return e.Amount.Signed()
}

// steps are what the buttons of a count add: 1 and 5 or, where the way is long, powers
// of ten of that; where less is better, as for a weight, also tenths.
func steps(c goals.Count) (small, large goals.Amount) {
	way := c.Target - c.Start
	small = goals.Whole(1)
	if c.Falls() {
		way, small = -way, small/10
	}
	for small*10*50 <= way {
		small *= 10
	}
	if c.Falls() {
		return -small, -5 * small
	}
	return small, 5 * small
}

func stepButtons(g *goals.Goal) []message.Button {
	button := func(a goals.Amount) message.Button {
		return message.Button{Label: strings.Replace(a.Signed(), "-", "−", 1), Command: fmt.Sprintf("log %d %s", g.Number, a.Signed())}
	}
	small, large := steps(g.Plan().Count)
	return []message.Button{button(small), button(large)}
}

// countRow are the buttons of a card of a goal that is counted, nil for any other.
func countRow(g *goals.Goal) []message.Button {
	if !g.Plan().Count.On() || !g.Status.Open() {
		return courseButton(g)
	}
	log := message.Button{Label: "🔢 Log", Command: fmt.Sprintf("log %d", g.Number)}
	return append(append(stepButtons(g), log), courseButton(g)...)
}

// countChange says what a change did to a count, of which an edit has the entries alone
// that differ.
func countChange(before, after goals.Count) (all []string) {
	switch {
	case before.On() && !after.On():
		return []string{"no longer counted"}
	case after.On() && (before.Start != after.Start || before.Target != after.Target):
		all = append(all, "counted "+isolate(after.Bounds()))
	case after.Unit != before.Unit:
		all = append(all, "counted in "+quoted(after.Unit, goals.MaxUnit))
	}
	return append(append(all, entriesChange("logged", after.Log, before.Log)...), entriesChange("removed", before.Log, after.Log)...)
}

// entriesChange says what was done to entries, and of many how many they are. others are
// those before or after that.
func entriesChange(verb string, entries, others []goals.Entry) (all []string) {
	for _, e := range entries {
		if !becameOne(e, entries, others) {
			all = append(all, verb+" "+entryShown(e))
		}
	}
	if len(all) > maxLogShown {
		return []string{fmt.Sprintf("%s %d entries", verb, len(all))}
	}
	return all
}

// inSums refuses to take back a change of which nothing can be taken back, because what it
// logged has become a part of the first entry since. It says what does the same.
func (c *call) inSums(events []store.Event) error {
	without := c.tx.List().Clone()
	var g *goals.Goal
	var folded []goals.Entry
	for _, e := range events {
		if present := without.Number(e.Edit.Number); g == nil {
			if folded = e.Edit.Folded(present); len(folded) > 0 {
				g = present
			}
		}
		if e.Edit.Before == nil || e.Edit.After == nil || g == nil {
			return nil
		}
		without.Revert(e.Edit, nil, c.At)
	}
	if len(goals.Diff(*c.tx.List(), without)) > 0 {
		return nil
	}
	instead := fmt.Sprintf("/log %d %s sets the total anew, say", g.Number, g.Plan().Count.Value())
	if len(folded) == 1 && !folded[0].Set {
		instead = fmt.Sprintf("/log %d %s does the same", g.Number, (-folded[0].Amount).Signed())
	}
	return refuse("What was logged then is too old to be undone by itself: of #%d the last %d entries are kept, and all before them as one. Nothing was changed; %s.", g.Number, goals.MaxEntries-1, instead)
}

// becameOne reports whether an entry is one that became a part of another, or such
// another one, which is nothing that somebody logged or removed.
func becameOne(e goals.Entry, logs ...[]goals.Entry) bool {
	for _, log := range logs {
		for _, o := range log {
			if o.Of > 1 && e.At <= o.At {
				return true
			}
		}
	}
	return false
}
