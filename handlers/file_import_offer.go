package handlers

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"goalbot/agenda"
	"goalbot/formats"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file says what taking in a file would do, before it is done.

// preview is what importing a file would change.
type preview struct {
	goals.Merged
	taken formats.Taken
	file  *formats.File
}

// foreign reports whether the file is another program's, of whose entries
// those that are new are taken in, and nothing else.
func (w preview) foreign() bool { return len(w.file.Items) > 0 && !w.file.Ours }

// try takes a file into a copy of the list.
func (c *call) try(o proposal, file *formats.File) (goals.List, preview, error) {
	list := c.tx.List().Clone()
	// What depends on the order of the day and the month is certain only where somebody
	// has set one.
	w := preview{taken: file.Take(list, agenda.Options{Now: o.At.In(c.values.Zone), Order: c.values.Dates}), file: file}
	c.remindHere(w.taken.Goals)
	w.Merged = list.Import(w.taken.Goals, o.At)
	if list.Len() > goals.MaxGoals {
		return list, w, refuse("With this file there would be %d goals, and I can keep %d. Nothing was changed.", list.Len(), goals.MaxGoals)
	}
	return list, w, nil
}

// remindHere makes this chat the place for reminders of dates that a file brings.
func (c *call) remindHere(taken []*goals.Goal) {
	here := map[string]*goals.Goal{}
	for _, g := range c.tx.List().All() {
		here[g.ID] = g
	}
	for i, g := range taken {
		if bringsDate(here[g.ID], g) {
			with := *g
			with.ChangePlan(func(p *goals.Plan) { p.Chat, p.Topic = c.Chat.ID, c.Chat.Thread })
			taken[i] = &with
		}
	}
}

// bringsDate reports whether a goal comes with a date or a reminder that it did not have.
func bringsDate(before, after *goals.Goal) bool {
	var was goals.Plan
	if before != nil {
		was = before.Plan()
	}
	p := after.Plan()
	return p.Due != "" && (p.Due != was.Due || p.Repeat != was.Repeat) || p.Remind != "" && p.Remind != was.Remind
}

// showOffer says what a file would change, and keeps it until that is decided.
func (c *call) showOffer(head string, o proposal, w preview, data []byte) (message.Message, error) {
	if len(w.Added) == 0 && len(w.Changed) == 0 {
		t := new(message.Text).Add(head)
		t.Bold(o.File + " has nothing new").Add(", so there is nothing to import.")
		c.addSource(t, w)
		c.addKept(t, w, maxAmongMany)
		return t.Message(listRow()), c.forgetOffer()
	}
	last := c.tx.List().LastNumber()
	var fresh, back []*goals.Goal
	for _, g := range w.Added {
		if g.Number <= last {
			back = append(back, g)
		} else {
			fresh = append(fresh, g)
		}
	}
	t := shortened(func(limit int) *message.Text {
		t := new(message.Text).Add(head).Bold("Import " + o.File + "?")
		c.addSource(t, w)
		c.addGroup(t, "New", fresh, limit)
		c.addGroup(t, "Deleted here, would come back", back, limit)
		c.addGroup(t, "Newer in the file, would change to", goals.After(w.Changed), limit)
		c.addKept(t, w, limit)
		return t
	})
	o.Token, o.Sum = newID(), c.sum(w)
	if err := c.sweepOffers(); err != nil {
		return message.Message{}, err
	}
	err := cmp.Or(keepRecord(c.tx, store.ImportRecord, c.questionName(), o), c.tx.SetRecord(store.ImportedRecord, c.questionName(), string(data)))
	if err != nil {
		return message.Message{}, err
	}
	return t.Message([]message.Button{
		{Label: "✅ Import", Command: "import yes " + o.Token, Style: message.Primary},
		{Label: "Cancel", Command: "import no " + o.Token},
	}), nil
}

// addSource says which program a file is from, what would become of its
// entries, and what is not taken from it.
func (c *call) addSource(t *message.Text, w preview) {
	switch {
	case w.foreign():
		t.Addf("\nThis is %s: %s.", source(w.file.Program), inStatuses(w))
	case w.file.Ours:
		t.Add("\nThis is a list from /export.")
	}
	if n := c.withDates(w); n > 0 {
		t.Addf("\n%d with dates.", n)
	}
	if left := slices.Concat(w.file.LeftOut, w.taken.LeftOut); len(left) > 0 {
		t.Addf("\nLeft out: %s.", strings.Join(left, ", "))
	}
	if w.taken.Noted > 0 {
		t.Add("\nLists, tags and priorities become notes.")
	}
	if n := w.taken.Uncertain; n > 0 {
		t.Addf("\nDates that are not certain become notes: %d. To have 3/4 read as a date, set the order first: /settings dates.", n)
	}
	if n := w.taken.Shortened; n > 0 {
		t.Addf("\nToo long, and continued in notes: %d.", n)
	}
}

// withDates counts the goals that come with a date or a reminder.
func (c *call) withDates(w preview) (n int) {
	for _, g := range w.Added {
		if bringsDate(nil, g) {
			n++
		}
	}
	for _, change := range w.Changed {
		if bringsDate(change.Before, change.After) {
			n++
		}
	}
	return n
}

// source is what a file of a program is called.
func source(program string) string {
	if strings.HasPrefix(program, "a ") {
		return program
	}
	return "an export from " + program
}

// inStatuses says how many of the entries would be open, and how many are over.
func inStatuses(w preview) string {
	var said []string
	add := func(n int, word string) {
		if n > 0 {
			said = append(said, fmt.Sprintf("%d %s", n, word))
		}
	}
	open, done := 0, 0
	for _, g := range w.Added {
		switch {
		case g.Status.Open():
			open++
		case g.Status == goals.Done:
			done++
		}
	}
	add(open, "open")
	add(done, "done")
	add(len(w.Added)-open-done, "abandoned")
	add(len(w.taken.Present), "already here")
	return strings.Join(said, ", ")
}

// addKept says what would stay as it is.
func (c *call) addKept(t *message.Text, w preview, limit int) {
	c.addGroup(t, "Already here, no change", w.taken.Present, limit)
	if w.foreign() {
		return
	}
	c.addGroup(t, "Newer here, no change", w.Kept, limit)
	ids := make(map[string]bool, len(w.taken.Goals))
	for _, g := range w.taken.Goals {
		ids[g.ID] = true
	}
	var said []string
	if n := len(ids) - len(w.Added) - len(w.Changed) - len(w.Kept); n > 0 {
		said = append(said, fmt.Sprintf("The same in both: %d.", n))
	}
	if n := c.tx.List().Len() + len(w.Added) - len(ids); n > 0 {
		said = append(said, message.Count(n, "goal not in this file stays unchanged.", "goals not in this file stay unchanged."))
	}
	if n := len(w.DuplicateIDs); n > 0 {
		said = append(said, fmt.Sprintf("More than once in the file: %d; the newest version of each is imported.", n))
	}
	if len(said) > 0 {
		t.Add("\n\n" + strings.Join(said, "\n"))
	}
}

func (c *call) addGroup(t *message.Text, head string, list []*goals.Goal, limit int) {
	if len(list) > 0 {
		t.Add("\n\n").Bold(head).Addf(" · %d", len(list))
		someLines(t, list, func(g *goals.Goal) *message.Text {
			return line(g, limit).Add(dueShown(c.reader().sees(g), c.localNow()))
		})
	}
}

// sum is over everything that an offer shows of the list: what would come, with its
// dates, and what it would replace or leave.
func (c *call) sum(w preview) string {
	hash := sha256.New()
	var line []byte
	add := func(kind byte, list []*goals.Goal) {
		for _, g := range list {
			line = append(fmt.Appendf(line[:0], "%c%d ", kind, g.Number), g.ID...)
			if before := c.tx.List().Number(g.Number); before != nil {
				line = formats.AppendGoalJSON(line, before)
			}
			line = formats.AppendGoalJSON(line, g)
			hash.Write(append(line, '\n'))
		}
	}
	add('+', w.Added)
	add('~', goals.After(w.Changed))
	add('=', w.Kept)
	add('=', w.taken.Present)
	return hex.EncodeToString(hash.Sum(nil))
}
