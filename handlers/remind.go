package handlers

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"goalbot/access"
	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/settings"
	"goalbot/store"
)

// This file reminds of goals. When one is due, or at a time that somebody asked for,
// one transaction notes that it was told and queues the message; so it is told once,
// whenever the program ends.

// maxReminded is how many goals one message names.
const maxReminded = 10

// remindName is the name of the change that notes what was told.
const remindName = "remind"

// reminders are all that still have to come. The date of a goal is one until it was
// told; a goal that is closed has none.
func reminders(list goals.List) (all []agenda.Reminder) {
	for _, g := range list.All() {
		if !g.Status.Open() {
			continue
		}
		if when, ok := readWhen(g.Plan().Due); ok && g.Plan().Told != g.Plan().Due {
			all = append(all, agenda.Reminder{Goal: g.Number, When: when})
		}
		if when, ok := readWhen(g.Plan().Remind); ok {
			all = append(all, agenda.Reminder{Goal: g.Number, When: when, Own: true})
		}
	}
	return all
}

// readWhen reads a date of a plan. One that cannot be read, as of a program that knows
// more, is none.
func readWhen(text string) (when agenda.When, ok bool) {
	err := when.UnmarshalText([]byte(text))
	return when, err == nil && !when.IsZero()
}

// round is what there is to do about reminders now. Those that go to somebody's private
// chat go by their settings, which at returns; all others by those of the list, which it
// returns for 0.
func round(list goals.List, people *access.Roster, at func(chat int64) settings.Values, now time.Time) (all agenda.Round) {
	by := map[int64][]agenda.Reminder{}
	for _, r := range reminders(list) {
		chat := list.Number(r.Goal).Plan().Chat
		if chat < 0 || people.Role(chat) == 0 {
			chat = 0
		}
		by[chat] = append(by[chat], r)
	}
	for _, chat := range slices.Sorted(maps.Keys(by)) {
		v := at(chat)
		reads := reader{now: now.In(v.Zone), zone: at(0).Zone}
		for i, r := range by[chat] {
			by[chat][i].When = reads.there(r.When)
		}
		round := agenda.Remind(by[chat], reads.now, agenda.DefaultHours.Morning, v.QuietAt)
		all.Ring, all.Hold = append(all.Ring, round.Ring...), append(all.Hold, round.Hold...)
	}
	return all
}

// RemindersDue reports whether there is something to tell now, and how many reminders
// wait until the quiet hours end.
func (h *Handlers) RemindersDue(list goals.List, now time.Time) (due bool, held int) {
	round := round(list, h.members.Now(), h.setting.For, now)
	return len(round.Ring) > 0, len(round.Hold)
}

// SendReminders tells what is due now, in the transaction that notes it. Those for one
// place that come together are one message. Where too much waits to be sent, they are
// due until there is room.
func (h *Handlers) SendReminders(tx store.Tx, now time.Time) error {
	people, err := h.members.Read(tx)
	if err != nil {
		return err
	}
	var wrong error
	round := round(*tx.List(), people, func(chat int64) settings.Values {
		_, v, err := h.readerIn(tx, people, chat, now)
		wrong = cmp.Or(wrong, err)
		return v
	}, now)
	if wrong != nil {
		return wrong
	}
	var told places[agenda.Ringing]
	for _, r := range round.Ring {
		told.add(people, tx.List().Number(r.Goal).Plan(), r)
	}
	return told.each(func(at place, ringing []agenda.Ringing) error {
		r, v, err := h.readerIn(tx, people, at.chat, now)
		if err != nil {
			return err
		}
		m := reminderMessage(r.list(*tx.List()), ringing, v, now)
		m.Thread, m.Quiet = at.topic, !v.Rings(settings.RingAnswers, now)
		if err := queue(tx, at.chat, m); err != nil {
			return unlessFull(err)
		}
		for _, r := range ringing {
			tx.List().NotePlan(r.Goal, func(p *goals.Plan) {
				if r.Own {
					p.Remind = ""
				} else {
					p.Told = p.Due
				}
			})
		}
		return nil
	})
}

// place is where something is told.
type place struct{ chat, topic int64 }

// places are where things are told, in the order in which they came up.
type places[T any] struct {
	order []place
	at    map[place][]T
}

// add adds something to where a goal with that plan is reminded of.
func (p *places[T]) add(people *access.Roster, plan goals.Plan, thing T) {
	for _, chat := range remindedIn(people, plan) {
		at := place{chat, plan.Topic}
		if chat != plan.Chat {
			at.topic = 0
		}
		if _, known := p.at[at]; !known {
			p.order = append(p.order, at)
		}
		if p.at == nil {
			p.at = map[place][]T{}
		}
		p.at[at] = append(p.at[at], thing)
	}
}

// each calls f with all that is told in one place, and ends with its first error.
func (p *places[T]) each(f func(place, []T) error) error {
	for _, at := range p.order {
		if err := f(at, p.at[at]); err != nil {
			return err
		}
	}
	return nil
}

// remindedIn are the chats to remind in: where it was asked for, or the owners'
// where nobody did, or who did may not use the bot any more.
func remindedIn(people *access.Roster, p goals.Plan) []int64 {
	chat := p.Chat
	if chat != 0 {
		chat = people.Moved(chat)
	}
	if chat == 0 || chat > 0 && people.Role(chat) == 0 {
		return people.Owners()
	}
	return []int64{chat}
}

// reminderMessage tells of goals whose time has come.
func reminderMessage(list goals.List, ringing []agenda.Ringing, v settings.Values, now time.Time) message.Message {
	now = now.In(v.Zone)
	group := agenda.GroupReminders(ringing, maxReminded)
	if len(group.Shown) == 1 && group.More == 0 {
		r := group.Shown[0]
		g := list.Number(r.Goal)
		t := new(message.Text).Add("⏰ ").Append(reminded(g, r, now, maxInList))
		return t.Message(reminderRows(g, v, now)...)
	}
	var done []message.Button
	t := shortened(func(limit int) *message.Text {
		var t message.Text
		t.Add("⏰ ").Bold(message.Count(len(group.Shown)+group.More, "reminder", "reminders"))
		for _, r := range group.Shown {
			t.Add("\n").Append(reminded(list.Number(r.Goal), r, now, limit))
		}
		if group.More > 0 {
			t.Addf("\n… and %d more", group.More)
		}
		return &t
	})
	for _, r := range group.Shown {
		g := list.Number(r.Goal)
		done = append(done, message.Button{Label: number(g), Command: fmt.Sprintf("goal %d", g.Number)})
	}
	rows := slices.Collect(slices.Chunk(done, 5))
	finish := message.Button{Label: "✅ Finish", Command: "mode " + modeFinish + " " + todayView}
	return t.Message(append(rows, append([]message.Button{finish}, listRow()...))...)
}

// reminded is a goal in a reminder: when it is due, and how late the reminder is.
func reminded(g *goals.Goal, r agenda.Ringing, now time.Time, limit int) *message.Text {
	t := new(message.Text).Append(line(g, limit))
	if due, ok := readWhen(g.Plan().Due); ok && r.Own {
		t.Add(" – due " + agenda.Format(due, now))
	} else if ok {
		t.Add(" – " + dueNow(due, now))
	}
	if r.Late > 0 {
		t.Add(" ").Italic("(" + agenda.InWords(r.Late.Truncate(time.Minute)) + " late)")
	}
	return t
}

// dueNow says of a date that has come when it is, or was.
func dueNow(due agenda.When, now time.Time) string {
	if due.Overdue(now) && due.Day(now.Location()) != agenda.DateOf(now) {
		return "was due " + agenda.Format(due, now)
	}
	return "due " + agenda.Format(due, now)
}

// reminderRows are what can be done about a reminder. To be reminded later and to move
// the date are two things.
func reminderRows(g *goals.Goal, v settings.Values, now time.Time) [][]message.Button {
	rows := [][]message.Button{{
		{Label: "✅ Done", Command: "done " + atRevision(g), Style: message.Success},
		openButton(g),
	}}
	rows = append(rows, snoozeRows(v, now, func(s agenda.Snooze) string { return fmt.Sprintf("snooze %d %s", g.Number, s.Target) })...)
	return append(rows, []message.Button{{Label: "🔔 At another time", Command: fmt.Sprintf("remind %d", g.Number)}, {Label: "📅 Move the date", Command: fmt.Sprintf("due %d", g.Number)}})
}

// snoozeRows are the times that a reminder can be put off to.
func snoozeRows(v settings.Values, now time.Time, command func(agenda.Snooze) string) [][]message.Button {
	var later []message.Button
	for _, s := range agenda.Snoozes(agenda.Options{Now: now.In(v.Zone)}, v.QuietAt) {
		later = append(later, message.Button{Label: "🔔 " + s.Label, Command: command(s)})
	}
	return slices.Collect(slices.Chunk(later, 2))
}

// remind sets a time to be reminded of a goal at, beside its date.
func (c *call) remind() (message.Message, error) {
	which, rest := c.cutWhich(c.Args)
	g, ask, err := c.pick(which, rest)
	if g == nil {
		return ask, err
	}
	if rest == "" {
		return c.askReminder(g)
	}
	if isOneOf(rest, "off", "never", "none", "no") {
		return c.plan(g, "Reminder off for", func(p *goals.Plan) error { p.Remind = ""; return nil })
	}
	reading, err := agenda.ParseWhen(rest, c.dateOptions())
	if err != nil {
		return c.uncertain(g, "remind", err)
	}
	if !reading.Repeat.IsZero() {
		return message.Message{}, refuse("A reminder comes once. To be reminded again and again, give the goal a date that repeats: /due %d %s", g.Number, clip(rest, 60))
	}
	return c.remindAt(g, reading.When)
}

func (c *call) remindAt(g *goals.Goal, when agenda.When) (message.Message, error) {
	return c.plan(g, "I'll remind you "+agenda.Format(when, c.localNow())+" of", func(p *goals.Plan) error {
		p.Remind, p.Chat, p.Topic = c.meantBy(when).String(), c.Chat.ID, c.Chat.Thread
		return nil
	})
}

// plan changes the plan of a goal.
func (c *call) plan(g *goals.Goal, word string, change func(*goals.Plan) error) (message.Message, error) {
	g, err := c.tx.List().SetPlan(g.Number, c.At, change)
	if err != nil {
		return message.Message{}, err
	}
	return c.changed(g, word), nil
}

// localNow is the present time in the zone of the chat.
func (c *call) localNow() time.Time { return c.now().In(c.values.Zone) }

// askReminder asks for the time.
func (c *call) askReminder(g *goals.Goal) (message.Message, error) {
	if !g.Status.Open() {
		_, err := c.tx.List().SetPlan(g.Number, c.At, func(*goals.Plan) error { return nil }) // which says why not
		return message.Message{}, err
	}
	t := asking("When shall I remind you of ", g, "?")
	how := " Reply to this message with it, as in mon 9:00."
	if c.Chat.Private {
		how = " Tap a time, or send it as your next message, as in mon 9:00."
	}
	rows := snoozeRows(c.values, c.now(), func(s agenda.Snooze) string {
		return fmt.Sprintf("remind %d %s %s%s", g.Number, s.When, tokenSign, c.token())
	})
	if g.Plan().Remind != "" {
		if when, ok := readWhen(c.reader().sees(g).Plan().Remind); ok {
			t.Add(" It is set for " + agenda.Format(when, c.localNow()) + " now.")
		}
		rows = append(rows, []message.Button{{Label: "🔕 No reminder", Command: fmt.Sprintf("remind %d off %s%s", g.Number, tokenSign, c.token())}})
	}
	return c.pose(question{Command: "remind", Number: g.Number, Asks: t.String()}, t.Add(how), append(rows, cancelRow(c.token()))...)
}

// snooze reminds again at one of the times that a reminder offers.
func (c *call) snooze() (message.Message, error) {
	which, target := cutFirstWord(c.Args)
	g, ask, err := c.pick(which, target)
	if g == nil {
		return ask, err
	}
	s, ok := agenda.Snoozed(agenda.SnoozeTarget(target), c.dateOptions(), c.values.QuietAt)
	if !ok {
		return message.Message{}, refusal("That is none of the times that I offered, so nothing was changed.")
	}
	return c.remindAt(g, s.When)
}

// reminderChange says what a change did to the reminder of a goal, "" for nothing.
func reminderChange(before, after goals.Plan) string {
	when, ok := readWhen(after.Remind)
	switch {
	case after.Told != before.Told && after.Told == after.Due && before.Due == after.Due:
		return "reminded"
	case after.Remind == before.Remind:
	case ok:
		return "reminder for " + when.String()
	case after.Remind == "":
		return "reminder over"
	}
	return ""
}

// Remind sends what is due, and nothing where nothing is.
func (h *Handlers) Remind(ctx context.Context, list goals.List, now time.Time) error {
	if due, _ := h.RemindersDue(list, now); !due {
		return nil
	}
	o := store.Origin{Key: remindName + "/" + newID(), Name: remindName, At: now, Once: true}
	return unlessBehind(h.store.Update(ctx, o, func(tx store.Tx) error { return h.SendReminders(tx, now) }))
}
