package handlers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/settings"
	"goalbot/store"
)

// This file asks about goals that rest, and reviews the week. What comes unasked is
// one message a day at most.

// askAgain is after how many days a goal that is still stuck is asked about again.
const askAgain = 7

// stuckGoals are the goals that are stuck, the longest first, a few at most.
func stuckGoals(list goals.List, blocked map[int64]time.Time, now time.Time, keep func(*goals.Goal) bool) []agenda.Stuck {
	items := slices.DeleteFunc(agendaItems(list, blocked, now.Location()), func(i agenda.Item) bool { return !keep(list.Number(i.Number)) })
	return agenda.FindStuck(items, now)
}

func anyGoal(*goals.Goal) bool { return true }

// notAsked reports whether nobody was asked about the goal lately.
func notAsked(now time.Time) func(*goals.Goal) bool {
	latest := agenda.DateOf(now).AddDays(-askAgain)
	return func(g *goals.Goal) bool {
		asked, ok := readWhen(g.Plan().Asked)
		return !ok || !latest.Before(asked.Day(now.Location()))
	}
}

// restedWords say how a goal rests.
func restedWords(s agenda.Stuck) string {
	if s.Status == goals.Blocked {
		return "blocked for " + agenda.DurationText(s.Rested)
	}
	return "in progress, untouched for " + agenda.DurationText(s.Rested)
}

// stuckMessage asks about goals that are stuck.
func stuckMessage(list goals.List, stuck []agenda.Stuck) message.Message {
	t := shortened(func(limit int) *message.Text {
		var t message.Text
		if len(stuck) == 1 {
			t.Bold("Is this one stuck?").Add("\n")
		} else {
			t.Bold(fmt.Sprintf("Are these %d goals stuck?", len(stuck))).Add("\n")
		}
		for _, s := range stuck {
			g := list.Number(s.Number)
			t.Add("\n").Append(line(g, limit)).Add("\n      ").Italic(restedWords(s))
			if why := g.BlockedBy(); why != "" {
				t.Add("\n      ").Append(reason(why))
			}
		}
		return &t
	})
	var rows [][]message.Button
	for _, s := range stuck {
		name := ""
		if len(stuck) > 1 {
			name = fmt.Sprintf("#%d: ", s.Number)
		}
		rows = append(rows, stuckRows(list.Number(s.Number), name)...)
	}
	return t.Message(append(rows, listRow())...)
}

// stuckRows are what can be done about a goal that is stuck. name stands before each
// label.
func stuckRows(g *goals.Goal, name string) [][]message.Button {
	button := func(label, verb string) message.Button {
		return message.Button{Label: name + label, Command: "stuck " + atRevision(g) + " " + verb}
	}
	block := button("🚧 Block", "block")
	if g.Status == goals.Blocked {
		block = button("🔄 Unblock", "unblock")
	}
	return [][]message.Button{
		{button("Still on it", "still"), button("💤 Park 2 weeks", "park")},
		{block, button("🚫 Give up", "abandon")},
	}
}

// stuck does what a button says about a goal that is stuck, and shows what is left to
// ask about in its place. Without a verb it asks.
func (c *call) stuck() (message.Message, error) {
	which, verb := cutFirstWord(c.Args)
	g, ask, err := c.pick(which, "")
	if g == nil {
		return ask, err
	}
	list, word := c.tx.List(), ""
	switch verb {
	case "still":
		word = "Still on it"
		g, err = list.SetPlan(g.Number, c.At, func(p *goals.Plan) error { p.Still = agenda.AtInstant(c.At).String(); return nil })
	case "park":
		c.Name, word = "park", "Parked for 2 weeks"
		until := agenda.OnDay(agenda.DateOf(c.localNow()).AddDays(parkFor))
		g, err = list.SetPlan(g.Number, c.At, func(p *goals.Plan) error { p.Parked = until.String(); return nil })
	case "block":
		c.Name, word = "block", "Blocked"
		g, err = list.Block(g.Number, "", c.At)
	case "unblock":
		c.Name, word = "reopen", "Unblocked"
		g, err = list.Reopen(g.Number, c.At)
	case "abandon":
		c.Name, word = "abandon", "Abandoned"
		g, err = list.Abandon(g.Number, "", c.At)
	default:
		blocked, err := c.tx.Last("block")
		if err != nil {
			return message.Message{}, err
		}
		found := stuckGoals(*list, blocked, c.localNow(), func(other *goals.Goal) bool { return other == g })
		if len(found) == 0 {
			return message.Message{}, refuse("#%d is not stuck any more.", g.Number)
		}
		return stuckMessage(*list, found), nil
	}
	if err != nil {
		return message.Message{}, err
	}
	said := outcome(word, g, maxInList)
	undo := append(undoRow(c.Key), openButton(g))
	blocked, err := c.tx.Last("block")
	if err != nil {
		return message.Message{}, err
	}
	left := stuckGoals(*list, blocked, c.localNow(), anyGoal)
	if len(left) == 0 {
		return said.Message(undo, listRow()), nil
	}
	m := stuckMessage(*list, left)
	m = reworded(said.Add("\n\n").Append(m.Words()), m)
	m.Buttons = append([][]message.Button{undo}, m.Buttons...)
	return m, nil
}

// week is what a review tells.
type week struct {
	finished, slipped, idle []*goals.Goal
	stuck                   []agenda.Stuck
}

// weekOf looks at the last seven days. finished tells when goals were, and blocked
// since when they are, by their numbers.
func weekOf(list goals.List, finished, blocked map[int64]time.Time, now time.Time) (w week) {
	w.stuck = stuckGoals(list, blocked, now, anyGoal)
	for _, g := range list.All() {
		due, dated := readWhen(g.Plan().Due)
		_, reminded := readWhen(g.Plan().Remind)
		switch {
		case finishedLately(g, finished, now):
			w.finished = append(w.finished, g)
		case g.Status.Open() && dated && due.Overdue(now):
			w.slipped = append(w.slipped, g)
		case g.Status == goals.InProgress && !dated && !reminded && nextStep(g) < 0 && parkedShown(g, now) == "" &&
			!slices.ContainsFunc(w.stuck, func(s agenda.Stuck) bool { return s.Number == g.Number }):
			w.idle = append(w.idle, g)
		}
	}
	return w
}

func (w week) isEmpty() bool {
	return len(w.finished)+len(w.slipped)+len(w.idle)+len(w.stuck) == 0
}

const maxReviewed = 4 // goals of a kind with a button in a review

// message is the review of a week.
func (w week) message(list goals.List, r reader) message.Message {
	t := shortened(func(limit int) *message.Text {
		var t message.Text
		t.Bold("Your week")
		if w.isEmpty() {
			t.Add("\n\nNothing was finished, nothing slipped, and nothing is stuck.")
		}
		r.writeGroups(&t, []dayGroup{{"Finished", w.finished}, {"Slipped", w.slipped}}, limit)
		if len(w.stuck) > 0 {
			t.Add("\n\n").Bold("Stuck").Addf(" · %d", len(w.stuck))
			for _, s := range w.stuck {
				t.Add("\n").Append(line(list.Number(s.Number), limit)).Add("\n      ").Italic(restedWords(s))
			}
		}
		r.writeGroups(&t, []dayGroup{{"In progress without a next step", w.idle}}, limit)
		return &t
	})
	var buttons []message.Button
	for _, g := range w.slipped[:min(len(w.slipped), maxReviewed)] {
		buttons = append(buttons, message.Button{Label: "📅 Move " + number(g), Command: fmt.Sprintf("due %d", g.Number)})
	}
	for _, s := range w.stuck[:min(len(w.stuck), maxReviewed)] {
		buttons = append(buttons, message.Button{Label: fmt.Sprintf("❔ #%d is stuck", s.Number), Command: fmt.Sprintf("stuck %d", s.Number)})
	}
	for _, g := range w.idle[:min(len(w.idle), maxReviewed)] {
		buttons = append(buttons, message.Button{Label: "☑️ Next step of " + number(g), Command: fmt.Sprintf("criterion %d", g.Number)})
	}
	return t.Message(append(slices.Collect(slices.Chunk(buttons, 2)), listRow())...)
}

// review shows the week.
func (c *call) review() (message.Message, error) {
	w, err := weekIn(c.tx, c.reader().list(*c.tx.List()), c.localNow())
	return w.message(*c.tx.List(), c.reader()), err
}

func weekIn(tx store.Tx, list goals.List, now time.Time) (week, error) {
	finished, err := tx.Last("done")
	if err != nil {
		return week{}, err
	}
	blocked, err := tx.Last("block")
	return weekOf(list, finished, blocked, now), err
}

// reviewState is what is known of the questions that came unasked.
type reviewState struct {
	Sent string `json:"sent,omitempty"` // the day of the last message
	// Weekly is the last time that a review was due by the setting Spec; it was sent,
	// or there was nothing to say.
	Weekly time.Time `json:"weekly"`
	Spec   string    `json:"spec"`
}

const reviewName = "review" // of the record

// unasked makes the message that is to come now, for each who reads it, and says what is
// known after it. ok is false where none is to come.
func unasked(tx store.Tx, v settings.Values, now time.Time) (m func(reader) message.Message, asked []agenda.Stuck, s reviewState, ok bool, err error) {
	now = now.In(v.Zone)
	if err := readRecord(tx, store.DigestRecord, reviewName, &s); err != nil {
		return nil, nil, s, false, err
	}
	due, today := v.Review.Last(now), agenda.DateOf(now)
	if spec := v.Review.String(); s.Spec != spec {
		// What was due before is not missing, and nothing comes on the day of the first
		// start or of another setting.
		s.Spec, s.Weekly, s.Sent = spec, due, today.String()
	}
	_, _, quiet := v.QuietAt(now)
	if quiet || s.Sent == today.String() {
		return nil, nil, s, false, nil
	}
	if due.After(s.Weekly) {
		late := now.Sub(due) > reviewLate
		s.Weekly = due
		w, err := weekIn(tx, *tx.List(), now)
		if err != nil || !late && !w.isEmpty() {
			s.Sent = today.String()
			return func(r reader) message.Message { return w.message(*tx.List(), r) }, w.stuck, s, err == nil, err
		}
	}
	morning := agenda.At(now.Year(), now.Month(), now.Day(), agenda.DefaultHours.Morning, now.Location())
	if !v.Review.Stuck || now.Before(morning) || v.Review.Weekly && v.Review.Day == now.Weekday() {
		return nil, nil, s, false, nil
	}
	blocked, err := tx.Last("block")
	if err != nil {
		return nil, nil, s, false, err
	}
	asked = stuckGoals(*tx.List(), blocked, now, notAsked(now))
	if len(asked) == 0 {
		return nil, nil, s, false, nil
	}
	s.Sent = today.String()
	return func(reader) message.Message { return stuckMessage(*tx.List(), asked) }, asked, s, true, nil
}

// reviewLate is how late a review may be that was due while the program did not run.
const reviewLate = 24 * time.Hour

// SendReview queues the question or the review that is to come now for the owners, and
// notes that it was, in one transaction.
func (h *Handlers) SendReview(tx store.Tx, now time.Time) error {
	v, err := h.setting.Read(tx)
	if err != nil {
		return err
	}
	say, asked, state, ok, err := unasked(tx, v, now)
	if err != nil {
		return err
	}
	if err := keepRecord(tx, store.DigestRecord, reviewName, state); err != nil || !ok {
		return err
	}
	for _, s := range asked {
		tx.List().NotePlan(s.Number, func(p *goals.Plan) { p.Asked = state.Sent })
	}
	people, err := h.members.Read(tx)
	if err != nil {
		return err
	}
	for _, chat := range people.Owners() {
		r, v, err := h.readerIn(tx, people, chat, now)
		if err != nil {
			return err
		}
		m := say(r)
		m.Quiet, m.For = !v.Rings(settings.RingEverything, now), forOwners
		if err := unlessFull(queue(tx, chat, m)); err != nil {
			return fmt.Errorf("queue review: %w", err)
		}
	}
	return nil
}

// Review sends the question or the review that is to come now, if any.
func (h *Handlers) Review(ctx context.Context, now time.Time) error {
	changes := false
	err := h.store.View(ctx, func(tx store.Tx) error {
		v, err := h.setting.Read(tx)
		if err != nil {
			return err
		}
		var before reviewState
		if err := readRecord(tx, store.DigestRecord, reviewName, &before); err != nil {
			return err
		}
		_, _, after, ok, err := unasked(tx, v, now)
		changes = ok || after != before
		return err
	})
	if err != nil || !changes {
		return err
	}
	o := store.Origin{Key: "review/" + newID(), Name: "review", At: now, Once: true}
	return unlessBehind(h.store.Update(ctx, o, func(tx store.Tx) error { return h.SendReview(tx, now) }))
}
