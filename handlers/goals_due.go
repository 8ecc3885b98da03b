package handlers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/message"
)

// This file gives goals dates: when somebody says one, and where the words of a new
// goal hold one.

// due sets, moves or takes away the date of a goal.
func (c *call) due() (message.Message, error) {
	which, rest := c.cutWhich(c.Args)
	g, ask, err := c.pick(which, rest)
	if g == nil {
		return ask, err
	}
	switch {
	case rest == "":
		return c.askDate(g)
	case isOneOf(rest, "off", "never", "none", "no", "no date"):
		return c.plan(g, "Date removed from", func(p *goals.Plan) error { p.Due, p.Repeat, p.Text = "", "", ""; return nil })
	}
	reading, err := agenda.ParseWhen(rest, c.dateOptions())
	if err != nil {
		return c.uncertain(g, "due", err)
	}
	g, err = c.setDate(g, reading)
	if err != nil {
		return message.Message{}, err
	}
	return c.changedWith(g, "Date set for", c.dueHint(g)), nil
}

// setDate gives a goal a date. Where the date is one that its own words may mean, as
// the buttons below a new goal offer, they lose the phrase.
func (c *call) setDate(g *goals.Goal, r agenda.Reading) (*goals.Goal, error) {
	if found, ok := c.findDate(g.Description); ok && c.Tap && slices.Contains(append(found.Others, found.Reading), r) {
		return c.putDate(g, found, r)
	}
	return c.tx.List().SetPlan(g.Number, c.At, c.dated(r))
}

// dated gives a plan a date. Of a day the morning of which is over nobody is reminded:
// it has just been said.
func (c *call) dated(r agenda.Reading) func(*goals.Plan) error {
	return func(p *goals.Plan) error {
		p.Due, p.Repeat, p.Text = c.meantBy(r.When).String(), "", ""
		if now := c.localNow(); !r.When.Remind(now.Location(), agenda.DefaultHours.Morning).After(now) {
			p.Told = p.Due
		}
		if !r.Repeat.IsZero() {
			p.Repeat = r.Repeat.String()
		}
		p.Chat, p.Topic = c.Chat.ID, c.Chat.Thread
		return nil
	}
}

// meantBy is a date that the person said, which others may read in another zone: its
// clock hangs in theirs.
func (c *call) meantBy(w agenda.When) agenda.When {
	if name := c.values.Zone.String(); name != c.zone.String() {
		return w.InZone(name)
	}
	return w
}

// dueHint says the date of a goal in a sentence, "" where it has none.
func (c *call) dueHint(g *goals.Goal) string {
	said := dueWords(c.reader().sees(g), c.localNow())
	if said == "" {
		return ""
	}
	return strings.ToUpper(said[:1]) + said[1:] + "."
}

// dueWords say when a goal is due: "due tomorrow 09:00, every Monday". They are "" for
// one that is not.
func dueWords(g *goals.Goal, now time.Time) string {
	when, ok := readWhen(g.Plan().Due)
	if !ok {
		return ""
	}
	said := "due " + agenda.Format(when, now)
	if g.Status.Open() && when.Overdue(now) {
		said = agenda.Relative(when, now) + ", " + said
	}
	if g.Plan().Repeat != "" {
		said += ", " + g.Plan().Repeat
	}
	return said
}

// dueShown is the date of an open goal in a list, "" for none.
func dueShown(g *goals.Goal, now time.Time) string {
	when, ok := readWhen(g.Plan().Due)
	switch {
	case !ok || !g.Status.Open():
		return ""
	case when.Overdue(now):
		return "  ❗ " + agenda.Relative(when, now)
	}
	return "  📅 " + agenda.Format(when, now)
}

// setShown is what a list shows behind an open goal: its date, until when it is parked,
// and who is to do it.
func (r reader) setShown(g *goals.Goal) string {
	g = r.sees(g)
	shown := dueShown(g, r.now)
	if parked := parkedShown(g, r.now); parked != "" {
		shown += "  " + parked
	}
	if who := r.assigneeShown(g); who != "" && g.Status.Open() {
		shown += "  " + who
	}
	return shown
}

// maxDue is how many characters [dueShown] has at most, and the parking.
const maxDue = 30

// askDate asks for the date.
func (c *call) askDate(g *goals.Goal) (message.Message, error) {
	if !g.Status.Open() {
		_, err := c.tx.List().SetPlan(g.Number, c.At, func(*goals.Plan) error { return nil }) // which says why not
		return message.Message{}, err
	}
	t := asking("When is ", g, " due?")
	if said := dueWords(c.reader().sees(g), c.localNow()); said != "" {
		t.Add(" It is " + said + " now.")
	}
	asks := t.String()
	how := " Reply to this message with it, as in fri or 1 Dec 9:00."
	if c.Chat.Private {
		how = " Tap a day, or send it as your next message, as in fri, 1 Dec 9:00 or every monday."
	}
	today := agenda.DateOf(c.localNow())
	button := func(label string, day agenda.Date) message.Button {
		return message.Button{Label: label, Command: fmt.Sprintf("due %d %s %s%s", g.Number, day, tokenSign, c.token())}
	}
	monday := today.AddDays((int(time.Monday-today.Weekday())+6)%7 + 1)
	rows := [][]message.Button{{button("Today", today), button("Tomorrow", today.AddDays(1))}, {button("Monday", monday), button("In a week", today.AddDays(7))}}
	if g.Plan().Due != "" {
		rows = append(rows, []message.Button{{Label: "No date", Command: fmt.Sprintf("due %d off %s%s", g.Number, tokenSign, c.token())}})
	}
	return c.pose(question{Command: "due", Number: g.Number, Asks: asks}, t.Add(how), append(rows, cancelRow(c.token()))...)
}

// findDate finds the date in the words of a new goal. Only one that can mean nothing
// else is taken; of one that is over, or that is not certain, the person is asked.
func (c *call) findDate(words string) (found agenda.Found, ok bool) {
	if strings.Contains(words, "\n") {
		return found, false
	}
	return agenda.FindWhen(words, c.dateOptions())
}

// takeDate makes a date of the words of a new goal that say one for certain. The goal
// keeps what was typed, so that it can be put back.
func (c *call) takeDate(g *goals.Goal) (*goals.Goal, error) {
	found, ok := c.findDate(g.Description)
	if !ok || !found.Certain || found.Past || !g.Status.Open() {
		return g, nil
	}
	return c.putDate(g, found, found.Reading)
}

// putDate makes a date of a phrase in the words of a goal.
func (c *call) putDate(g *goals.Goal, found agenda.Found, r agenda.Reading) (*goals.Goal, error) {
	typed := g.Description
	if _, err := c.tx.List().Rename(g.Number, found.Rest, c.At); err != nil {
		typed = "" // what is left is no name, so the goal keeps the words
	}
	return c.tx.List().SetPlan(g.Number, c.At, func(p *goals.Plan) error {
		err := c.dated(r)(p)
		p.Text = typed
		return err
	})
}

// takeDateAgain is [call.takeDate] for a goal whose words were changed by an edit of
// the message that made it: a date that was made of the old words goes.
func (c *call) takeDateAgain(n int64) error {
	g := c.tx.List().Number(n)
	if !g.Status.Open() {
		return nil
	}
	if g.Plan().Text != "" {
		c.tx.List().NotePlan(n, func(p *goals.Plan) { p.Due, p.Repeat, p.Text = "", "", "" })
		g = c.tx.List().Number(n)
	}
	if g.Plan().Due != "" {
		return nil
	}
	_, err := c.takeDate(g)
	return err
}

// withDate adds to what is said of a new goal: the date that was taken, with a button
// that puts the words back, or the dates that it may mean.
func (c *call) withDate(m message.Message, g *goals.Goal) message.Message {
	var row []message.Button
	switch found, ok := c.findDate(g.Description); {
	case g.Plan().Text != "":
		row = []message.Button{{Label: "Without date", Command: "undate " + atRevision(g)}}
	case g.Plan().Due != "" || !ok || found.Certain && !found.Past:
		return m
	default:
		for _, r := range append([]agenda.Reading{found.Reading}, found.Others...) {
			date := r.When.String()
			if !r.Repeat.IsZero() {
				date = r.Repeat.String() + " from " + date
			}
			if !found.Past {
				row = append(row, message.Button{Label: "📅 " + r.Format(c.localNow()) + "?", Command: fmt.Sprintf("due %d %s", g.Number, date)})
			}
		}
	}
	if len(row) > 0 {
		m.Buttons = append([][]message.Button{row}, m.Buttons...)
	}
	return m
}

// undate puts the words of a goal back of which a date was made.
func (c *call) undate() (message.Message, error) {
	g, ask, err := c.pick(c.Args, "")
	if g == nil {
		return ask, err
	}
	if g.Plan().Due == "" {
		return message.Message{}, refuse("#%d has no date.", g.Number)
	}
	text := cmp.Or(g.Plan().Text, g.Description)
	if _, err := c.plan(g, "", func(p *goals.Plan) error { p.Due, p.Repeat, p.Text = "", "", ""; return nil }); err != nil {
		return message.Message{}, err
	}
	if text != g.Description {
		if _, err := c.tx.List().Rename(g.Number, text, c.At); err != nil {
			return message.Message{}, err
		}
	}
	return c.changed(c.tx.List().Number(g.Number), "Without date"), nil
}

// dateChange says what a change did to the date of a goal, "" for nothing.
func dateChange(before, after goals.Plan) string {
	when, ok := readWhen(after.Due)
	switch {
	case before.Due == after.Due && before.Repeat == after.Repeat:
	case !ok:
		return "date taken away"
	case after.Repeat != "":
		return "due " + when.String() + ", " + after.Repeat
	default:
		return "due " + when.String()
	}
	return ""
}
