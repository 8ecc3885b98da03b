package handlers

import (
	"fmt"
	"slices"
	"strings"

	"goalbot/access"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file follows edits: an edited message does what it says now, instead of
// what it said before. What it did is taken back first, in the same
// transaction, and where what it says now is refused, that stays.

// edited acts on a message that was said before and has been altered since.
// Telegram also reports alterations that nobody sees; those stay unanswered.
func (c *call) edited(row command, known bool) (message.Message, error) {
	m, err := c.memory()
	if err != nil {
		return message.Message{}, err
	}
	old := m.find(c.Message)
	switch {
	case old == nil && c.Message <= m.Past:
		return c.forgotten(row, known)
	case old == nil:
		return c.meant(row, known) // it has done nothing yet
	case old.Print == c.said:
		return message.Message{}, nil
	}
	c.mine, c.mineBefore = *old, *old
	if err := c.closeAsked(old.Question); err != nil {
		return message.Message{}, err
	}
	if old.Offer != "" {
		return c.editedOffer(row, known)
	}
	c.placed = len(old.Goals) == 1 // which has the files, unless somebody took them away
	if c.placed && (c.Name == "addgoal" || c.Name == "") {
		said := c.Args
		if g := c.guess(said, nil); c.Name == "" && g.name == "addgoal" {
			said = g.args
		}
		now := item{Draft: draft(said)}
		c.mine.Ticked = now.Done
		was := item{Draft: goals.Draft{Done: old.Ticked}} // of its text only a fingerprint is kept
		_, m, err := c.revise(pendingText{Goals: old.Goals}, []item{was}, []item{now})
		return c.withNewFile(c.mineBefore.File, old.Goals[0], m, err)
	}
	return c.instead(old.Keys, func() (message.Message, error) {
		c.mine.Answer, c.mine.Goals, c.mine.Action = nil, nil, ""
		if q := old.Answer; q != nil && c.Name == "" {
			m, _, err := c.complete(*q, true)
			if err == nil {
				c.answeredBy(*q)
			}
			if err == nil && old.Refused {
				err = c.settleOne(c.questionName(), q.Token, byAnswer)
			}
			return m, err
		}
		return c.meant(row, known)
	})
}

// forgotten answers the edit of a message of which nobody knows any more what
// it did.
func (c *call) forgotten(row command, known bool) (message.Message, error) {
	c.mine = remembered{Once: true}
	if c.Name == "" && !c.Chat.Private || c.Name != "" && !known || row.least == access.Viewer {
		return message.Message{}, nil
	}
	return new(message.Text).Add("I no longer know what this message did before you edited it, so nothing was changed. Send it as a new message.").Message(), nil
}

// closeAsked closes the question that the message made us ask, since it says
// something else now. What is asked instead takes its place.
func (c *call) closeAsked(token string) error {
	if token == "" {
		return nil
	}
	n := len(c.endings)
	err := c.settleOne(c.questionName(), token, byEdit)
	if len(c.endings) > n {
		c.replaces = questionTag + token
	}
	c.mine.Question = ""
	return err
}

// instead takes back what a message did by those requests, and does what it
// says now. Where that is refused, what it did stays.
func (c *call) instead(keys []string, do func() (message.Message, error)) (message.Message, error) {
	if undo, _ := c.find("undo"); !undo.allows(c.role) && len(keys) > 0 {
		return c.run(undo) // which says so
	}
	before := c.tx.List().Clone()
	did, err := c.takenBackFor(keys)
	if err != nil {
		return message.Message{}, err
	}
	if did.stays != nil {
		return *did.stays, nil
	}
	c.mine.Keys = did.keys
	if did.what != "" {
		c.stays = new(message.Text).Add("What this message did before your edit stays: " + did.what + ".").Message(undoRow(did.keys[len(did.keys)-1]))
	}
	m, err := do()
	switch {
	case err != nil || did.what == "" || m.Text == "":
		return m, err
	case c.reader().allThatChanged(goals.Diff(before, *c.tx.List())) == "": // no change for /undo to take back
		*c.tx.List() = before
		return new(message.Text).Add("✏️ Edited. That stays: " + did.what + ".").Message(undoRow(did.keys[len(did.keys)-1])), nil
	}
	return reworded(new(message.Text).Add("✏️ Edited. Undone: "+did.what+"\n").Append(m.Words()), m), nil
}

// undone is what was taken back for an edit.
type undone struct {
	keys  []string         // of the changes that were made by the message, and stood
	what  string           // it was, "" for nothing
	stays *message.Message // says why it could not be taken back
}

// takenBackFor takes back what the edited message did, by those requests as far
// as goals go.
func (c *call) takenBackFor(keys []string) (did undone, err error) {
	cannot := func(why string, rows ...[]message.Button) (undone, error) {
		m := new(message.Text).Add("I can't follow this edit: " + why + " What the message did before stays as it is.").Message(rows...)
		return undone{stays: &m}, nil
	}
	if c.mine.Once {
		return cannot("what it did cannot be undone.")
	}
	if why, err := c.takeActionBack(c.mine.Action); err != nil || why != "" {
		did, _ := cannot(why)
		return did, err
	}
	list := c.tx.List()
	before := list.Clone()
	for _, key := range slices.Backward(keys) {
		events, err := c.tx.Change(key)
		if err != nil {
			return did, err
		}
		switch {
		case len(events) == 0:
			*list = before
			return cannot("it is too long ago.")
		case events[0].Undone:
			continue
		}
		was, err := c.tx.Before(key)
		if err != nil {
			return did, err
		}
		for _, e := range events {
			if !c.stillThere(e.Edit, was[e.Edit.Number]) {
				since, err := c.since(e.Edit.Number, func(o store.Event) bool { return o.Key == key })
				if err != nil {
					return did, err
				}
				*list = before
				t := new(message.Text).Addf("I can't follow this edit, because #%d has changed since then:", e.Edit.Number).Append(c.eventLines(since))
				m := t.Add("\n\nWhat the message did before stays as it is.").Message(undoRow(key))
				return undone{stays: &m}, nil
			}
		}
		list.Batch(func() {
			for _, e := range events {
				list.Revert(e.Edit, was[e.Edit.Number], c.At)
			}
		})
		did.keys = append([]string{key}, did.keys...)
	}
	did.what = c.reader().allThatChanged(goals.Diff(*list, before))
	return did, nil
}

// stillThere reports whether all that a change did to a goal is there still, so
// that it can be taken back without touching what was done since. was is the
// goal before the change where it is gone now.
func (c *call) stillThere(e goals.Edit, was *goals.Goal) bool {
	g := c.tx.List().Number(e.Number)
	switch {
	case e.Left(g):
		return g != nil || was != nil
	case g == nil || e.Before == nil || e.After == nil,
		e.Before.Status != e.After.Status && g.Status != e.After.Status,
		e.Description != nil && g.Description != e.Description[1],
		e.Created != nil, len(e.Sessions) > 0, len(e.Extra) > 0, len(e.Folded(g)) > 0:
		return false
	}
	holds := func(list []string, all []goals.Splice[string]) bool {
		for _, s := range all {
			for _, added := range s.Added {
				if !slices.Contains(list, added) {
					return false
				}
			}
		}
		return true
	}
	return holds(g.Notes, e.Notes) && holds(g.Acceptance, e.Acceptance)
}

// allThatChanged says what some changes did, in a few words.
func (r reader) allThatChanged(changes []goals.Change) string {
	const most = 3
	var all []string
	for _, ch := range changes {
		if ch.Before != nil && ch.After != nil && ch.Before.Same(ch.After) {
			continue
		}
		all = append(all, fmt.Sprintf("#%d %s", ch.Number(), r.whatChanged(goals.EditOf(ch))))
	}
	if n := len(all) - most; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(all[:most], ", "), n)
	}
	return strings.Join(all, ", ")
}

// takeActionBack takes back what a message did to settings or people, and says
// why where it cannot. What was taken back already is passed over.
func (c *call) takeActionBack(key string) (why string, err error) {
	all, err := c.actions()
	i := slices.IndexFunc(all, func(a action) bool { return a.Key == key })
	if key == "" || err != nil || i < 0 {
		return "", err
	}
	a := all[i]
	c.private = true
	stands, err := c.stands(a.Do)
	switch {
	case err != nil:
		return "", err
	case a.Back == "":
		return a.What + " cannot be undone.", nil
	case !stands:
		return "what it did has been changed since.", nil
	}
	if err := c.keepActions(slices.Delete(all, i, i+1)); err != nil {
		return "", err
	}
	name, args := cutFirstWord(a.Back)
	row, _ := c.find(name)
	words := c.Args
	c.Args, c.renew, c.replays = args, true, true // taking back is no action of its own
	_, err = c.run(row)
	c.Args, c.replays = words, false
	return "", err
}

// meant does what the message says now.
func (c *call) meant(row command, known bool) (message.Message, error) {
	switch {
	case known && (row.outside != nil || slices.Contains([]string{"undo", "redo"}, row.name)):
		return message.Message{}, refuse("I don't take /%s from an edited message. Send it as a new one.", row.name)
	case c.file != nil:
		row, _ = c.find("import")
		return c.run(row)
	case c.Name == "" && len(c.Files) > 0:
		return c.withFiles()
	case c.Name == "":
		return c.plain()
	case !known:
		return c.unknown()
	}
	c.completeFromReply(row)
	return c.run(row)
}

// editedOffer follows the edit of words that were offered as a goal: the offer
// takes them as they are then, and what they have become follows too.
func (c *call) editedOffer(row command, known bool) (message.Message, error) {
	name := c.mine.Offer
	o, err := c.pendingText(name)
	i := slices.IndexFunc(o.Parts, func(p part) bool { return p.Message == c.Message })
	switch {
	case err != nil:
		return message.Message{}, err
	case i < 0:
		return c.forgotten(row, known)
	case c.Name != "": // the words are a command now
		c.mine.Offer = ""
		if err := c.withdraw(name); err != nil {
			return message.Message{}, err
		}
		return c.instead(o.Keys, func() (message.Message, error) { return c.meant(row, known) })
	}
	was := o
	o.Parts = slices.Clone(o.Parts)
	o.Parts[i].Words = c.Args
	if o.Taken == "" {
		return message.Message{Render: offerRender, Args: name}, c.setOffer(name, o)
	}
	var m message.Message
	before, now := was.items(o.Taken), o.items(o.Taken)
	if len(o.Goals) > 0 && len(before) == len(o.Goals) {
		o.Goals, m, err = c.revise(was, before, now)
		o.Keys = append(o.Keys, c.Key)
	} else {
		m, err = c.instead(o.Keys, func() (message.Message, error) {
			o.Keys = c.mine.Keys
			return c.take(&o, o.Taken)
		})
	}
	if err != nil {
		return m, err
	}
	return m, c.setOffer(name, o)
}

// withdraw forgets an offer, and lets its message say so.
func (c *call) withdraw(name string) error {
	c.ends(offerTag+name, new(message.Text).Italic("You have edited your message since."))
	return c.tx.SetRecord(store.OfferRecord, name, "")
}
