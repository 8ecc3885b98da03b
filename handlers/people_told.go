package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"goalbot/access"
	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/settings"
	"goalbot/store"
)

// This file tells somebody what others do to their goals. What is done within a short
// while is one message, which is edited.

const (
	toldWindow  = 10 * time.Minute // how long more changes go into a message, which makes no sound
	toldEvery   = time.Minute      // is the longest time from one edit to the next
	maxTold     = 60               // changes that one message is made of
	maxToldOf   = 5                // of one goal that it shows, the newest
	maxNotified = 10               // goals that it shows
)

// toldLately is what a [store.ToldRecord] holds: what others did to somebody's goals
// within a while.
type toldLately struct {
	Since   time.Time
	Changes []toldChange
	Said    int `json:",omitempty"` // of them in the message that was queued last
	telling
	Chats chats `json:",omitempty"`
}

// toldChange is what somebody did to one goal, in the words of whoever is told.
type toldChange struct {
	Number   int64
	Title    string
	By       int64
	At       time.Time
	What     string
	Assigned bool `json:",omitempty"` // to whoever is told, and nothing else
}

// tellChange tells somebody of a change to their goals.
func (c *call) tellChange(user int64, events []store.Event) error {
	if user <= 0 { // a chat that speaks for itself
		return nil
	}
	r, v, err := c.readerIn(c.tx, c.people, user, c.now())
	if err != nil {
		return err
	}
	lately, err := readTold(c.tx, user, c.now())
	if err != nil {
		return err
	}
	alone := len(lately.Changes) == 0
	for _, e := range events {
		what := r.whatChanged(e.Edit)
		if e.Edit.Before == nil && c.replays {
			what = "brought back"
		}
		lately.Changes = append(lately.Changes, toldChange{Number: e.Edit.Number, Title: e.Edit.Title, By: c.From.ID, At: c.now(),
			What: clip(what, maxInList), Assigned: isAssignedTo(e.Edit, user)})
	}
	if more := len(lately.Changes) - maxTold; more > 0 {
		lately.Changes, lately.Said = lately.Changes[more:], max(0, lately.Said-more)
	}
	m := lately.words(*c.tx.List(), r)
	if alone {
		m = c.toYours(user, events)
	}
	return lately.say(c.tx, user, m, v, c.now())
}

// readTold reads what somebody was told lately. After a while that is over: what has
// not been told by then begins another message.
func readTold(tx store.Tx, user int64, now time.Time) (*toldLately, error) {
	lately := new(toldLately)
	if err := readRecord(tx, store.ToldRecord, strconv.FormatInt(user, 10), lately); err != nil {
		return nil, err
	}
	if !lately.isOver(now) {
		return lately, nil
	}
	return &toldLately{Since: now, Changes: lately.Changes[lately.Said:]}, lately.Chats.forget(tx)
}

func (l *toldLately) isOver(now time.Time) bool { return now.Sub(l.Since).Abs() >= toldWindow }

// say puts the message into the chat, or owes it where it was edited a moment ago or has
// not even left yet.
func (l *toldLately) say(tx store.Tx, user int64, m message.Message, v settings.Values, now time.Time) error {
	l.Owing = true
	if l.due(now, toldEvery) {
		m.Quiet, m.Lapses = !v.Rings(settings.RingEverything, now), true
		if err := l.tell(tx, &l.Chats, []int64{user}, m, now); err != nil {
			return err
		}
	}
	if !l.Owing {
		l.Said = len(l.Changes)
	}
	return keepRecord(tx, store.ToldRecord, strconv.FormatInt(user, 10), l)
}

// owes reports whether there is more to be told, and it can be now.
func (l *toldLately) owes(tx store.Tx, user int64, now time.Time) (bool, error) {
	switch {
	case !l.Owing:
		return false, nil
	case l.isOver(now):
		return true, nil
	case !l.due(now, toldEvery):
		return false, nil
	}
	in := l.Chats[user]
	if in == nil || in.Waiting == "" {
		return true, nil
	}
	delivered, err := tx.Record(store.SentRecord, message.SentName(in.Waiting, user))
	return delivered != "", err
}

// TellOwed tells people what others did to their goals where that was left to be told.
func (h *Handlers) TellOwed(ctx context.Context, now time.Time) error {
	var owed []int64
	err := h.store.View(ctx, func(tx store.Tx) error {
		records, err := tx.Records(store.ToldRecord)
		if err != nil {
			return err
		}
		for name := range records {
			user, _ := strconv.ParseInt(name, 10, 64)
			var lately toldLately
			if err := readRecord(tx, store.ToldRecord, name, &lately); err != nil {
				return err
			}
			if owes, err := lately.owes(tx, user, now); err != nil {
				return err
			} else if owes {
				owed = append(owed, user)
			}
		}
		return nil
	})
	slices.Sort(owed)
	for _, user := range owed {
		o := store.Origin{Key: fmt.Sprintf("told/%d/%s", user, newID()), Name: "told", At: now, Once: true}
		err = errors.Join(err, unlessBehind(h.store.Update(ctx, o, func(tx store.Tx) error { return h.tellOwed(tx, user, now) })))
	}
	return err
}

func (h *Handlers) tellOwed(tx store.Tx, user int64, now time.Time) error {
	people, err := h.members.Read(tx)
	if err != nil {
		return err
	}
	kept, err := tx.Record(store.NotifyRecord, strconv.FormatInt(user, 10))
	if err != nil {
		return err
	}
	if people.Role(user) == 0 || kept == notifyOff {
		return stopTold(tx, user)
	}
	lately, err := readTold(tx, user, now)
	if err != nil || len(lately.Changes) == 0 {
		return err
	}
	r, v, err := h.readerIn(tx, people, user, now)
	if err != nil {
		return err
	}
	return lately.say(tx, user, lately.words(*tx.List(), r), v, now)
}

// stopTold leaves what somebody was told as it is.
func stopTold(tx store.Tx, user int64) error {
	name := strconv.FormatInt(user, 10)
	var lately toldLately
	if err := readRecord(tx, store.ToldRecord, name, &lately); err != nil {
		return err
	}
	return errors.Join(lately.Chats.forget(tx), tx.SetRecord(store.ToldRecord, name, ""))
}

// leaveTold leaves the message to a person who has tapped one of its buttons: the answer
// has taken its place, and what is told from now on is another message.
func (c *call) leaveTold() error {
	if !c.Tap || !c.Chat.Private {
		return nil
	}
	var lately toldLately
	if err := readRecord(c.tx, store.ToldRecord, strconv.FormatInt(c.From.ID, 10), &lately); err != nil {
		return err
	}
	number, err := lately.Chats.number(c.tx, c.Chat.ID)
	if err != nil || number != c.Message {
		return err
	}
	return stopTold(c.tx, c.From.ID)
}

// words say what was done, by goals as they are now.
func (l *toldLately) words(list goals.List, r reader) message.Message {
	var numbers, by []int64
	assigned := true
	of := map[int64][]toldChange{}
	for _, ch := range slices.Backward(l.Changes) {
		if of[ch.Number] == nil {
			numbers = append(numbers, ch.Number)
		}
		of[ch.Number] = append(of[ch.Number], ch)
		if !slices.Contains(by, ch.By) {
			by = append(by, ch.By)
		}
		assigned = assigned && ch.Assigned
	}
	t := new(message.Text).Bold(toldHead(by, len(numbers), assigned, r.people)).Add("\n")
	limit := maxInList
	if len(numbers) > 1 {
		limit = maxAmongMany
	}
	var parts []*message.Text
	var open []message.Button
	for _, number := range numbers {
		g, changes := list.Number(number), of[number]
		part := goneLine(store.Event{Edit: goals.Edit{Number: number, Title: changes[0].Title}}, limit)
		if g != nil {
			part = line(g, limit)
			open = append(open, openButton(g))
		}
		if more := len(changes) - maxToldOf; more > 0 {
			part.Addf("\n• … %d more", more)
			changes = changes[:maxToldOf]
		}
		for _, ch := range slices.Backward(changes) {
			part.Add("\n• " + agenda.Moment(ch.At.In(r.now.Location()), r.now))
			if len(by) > 1 {
				part.Add(" · " + r.name(ch.By))
			}
			part.Add(": " + clip(ch.What, limit))
		}
		parts = append(parts, part)
	}
	if len(open) != 1 || len(numbers) > 1 {
		open = []message.Button{{Label: "Show the list", Command: "goals"}}
	}
	t.Append(asMany(parts, "\n", maxNotified, t.Room(), message.MaxEntities-t.Marks()))
	return t.Message(open, stopTelling())
}

// toldHead says who did something to how many goals.
func toldHead(by []int64, count int, assigned bool, people *access.Roster) string {
	var names []string
	for _, id := range slices.Backward(by) {
		names = append(names, isolate(clip(people.Name(id), maxInName)))
	}
	past, whose := "changed", "of yours"
	if assigned {
		past, whose = "assigned", "to you"
	}
	if count > 1 {
		return fmt.Sprintf("%s %s %d goals %s", several(names), past, count, whose)
	}
	return fmt.Sprintf("%s %s a goal %s", several(names), past, whose)
}
