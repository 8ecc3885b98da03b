package health

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"goalbot/agenda"
	"goalbot/alert"
	"goalbot/message"
	"goalbot/palace"
	"goalbot/store"
)

// This file answers the people who ask how things are.

// report is the answer to /health while it is made.
type report struct {
	message.Text
	m      *Monitor
	found  []alert.Finding
	done   bool      // the check has come to an end; else found is the last one's
	before time.Time // when the check before ended; zero without one
	now    time.Time
	state  *alert.State
	env    alert.Env
}

// Report checks now and says how everything is. Where the check does not come
// to an end, it says how it was.
func (m *Monitor) Report(ctx context.Context) message.Message {
	r := report{m: m, before: m.status().last}
	found, done, err := m.checkSoon(ctx)
	if err != nil {
		m.log.Error("the state of alerts could not be saved", "err", err)
	}
	if r.found, r.done = found, done; !done {
		r.found = m.Found()
	}
	r.now, r.state, r.env = time.Now(), m.State(), m.env()
	r.headline()
	r.findings()
	r.decisions()
	r.times()
	r.leadership(ctx)
	r.waiting(ctx)
	r.Add("\n").Code(r.env.Path)
	var row []message.Button
	if slices.ContainsFunc(r.found, alert.Finding.OfFile) {
		row = append(row, message.Button{Label: "♻️ Restore", Command: "restore", Style: message.Primary})
	}
	if len(r.state.Where(alert.Alert.Muted)) > 0 {
		row = append(row, message.Button{Label: "🔔 Unmute", Command: "unmute"})
	}
	return r.Message(row)
}

func isFault(f alert.Finding) bool { return !f.Warning() }

// headline says how goals.json is, where nothing or only warnings were found.
func (r *report) headline() {
	if !r.done {
		r.Add("⏳ ").Bold("I cannot tell whether goals.json is OK.").Add(r.m.underWayWords())
		if !r.before.IsZero() {
			r.Addf(" This is what the last check found, %s ago:", agenda.InWords(r.now.Sub(r.before)))
		}
		r.Add("\n\n")
	}
	nothing := len(r.found) == 0
	switch {
	case nothing && !r.done && !r.before.IsZero():
		r.Bold("goals.json was OK then.")
	case nothing && r.done && slices.ContainsFunc(r.m.Unsure(), func(c alert.Cause) bool { return !c.Warning() }):
		r.Add("❔ ").Bold("goals.json itself is OK, but some checks could not be made.")
	case nothing && r.done:
		r.Add("✅ ").Bold("goals.json is OK.")
	case !nothing && !slices.ContainsFunc(r.found, isFault):
		r.Add("⚠️ ").Bold("goals.json works, but there are warnings.").Add("\n")
	}
}

// findings says what is wrong, and what could not be looked for.
func (r *report) findings() {
	for i, f := range r.found {
		if i > 0 {
			r.Add("\n\n")
		}
		r.Add("🚨 ").Bold(f.Headline())
		if a := r.state.Alerts[f.Cause]; a.Active() {
			r.Addf("\nsince %s", r.when(a.Since))
		}
		if i < 4 { // more would not fit
			f.Describe(&r.Text)
		}
	}
	ofFile := func(f alert.Finding) bool { return f.OfFile() || f.Cause == alert.Internal }
	if r.done && slices.ContainsFunc(r.found, isFault) && !slices.ContainsFunc(r.found, ofFile) {
		r.Add("\n\n").Bold("goals.json itself is OK.")
	}
	var questions []string
	for _, c := range r.m.Unsure() {
		if q := c.Question(); q != "" {
			questions = append(questions, q)
		}
	}
	if questions != nil {
		r.Add("\nI could not find out " + strings.Join(questions, ", ") + ".")
	}
}

// decisions says what is muted, acknowledged or flapping.
func (r *report) decisions() {
	for _, cause := range r.state.Where(func(a alert.Alert) bool { return a.Active() || a.Muted() || a.By != "" }) {
		a := r.state.Alerts[cause]
		switch {
		case a.Muted():
			r.Addf("\n🔕 %s: %s.", r.state.MuteWords(a, r.env), a.Headline())
		case a.By != "":
			r.Addf("\n👍 Acknowledged by %s: %s.", a.By, a.Headline())
		}
		if a.Flapping {
			r.Addf("\n〰️ Comes and goes: %s.", a.Headline())
		}
	}
}

// times says when checks were and will be, and when Telegram last answered.
func (r *report) times() {
	if r.done {
		r.Addf("\n\nChecked just now, and %s.", r.m.Schedule.Words())
	} else {
		r.Addf("\n\nIt is due to be checked %s.", r.m.Schedule.Words())
	}
	if r.done && !r.before.IsZero() {
		r.Addf(" The previous check was %s ago.", agenda.InWords(r.now.Sub(r.before)))
	}
	clock := r.m.clock.Now()
	if next := r.m.runner.Next(); !next.IsZero() {
		r.Addf("\nNext check: %s, in %s.", r.when(next), agenda.InWords(next.Sub(clock.Wall)))
	}
	if set, ok := r.m.clock.Jumped(tellJump); ok {
		r.Addf("\n%s, %s ago.", set, agenda.InWords(clock.Lived-set.At.Lived))
	}
	if at := r.m.Telegram.Polled(); !at.IsZero() {
		r.Addf("\nTelegram last answered %s ago.", agenda.InWords(r.now.Sub(at)))
	}
}

// leadership says who leads and who stands by, where there may be several bots.
func (r *report) leadership(ctx context.Context) {
	if r.m.Leadership == nil {
		return
	}
	now, err := withTimeout(ctx, nil, time.Second, r.m.Leadership)
	switch {
	case err != nil:
		r.m.log.Error("who leads could not be read", "err", err)
		r.Add("\nWhich bot leads cannot be read; the log says why.")
	case now.Holder == "":
	case len(now.Standbys) == 0:
		r.Addf("\nLeading since %s: %s. No other bot stands by.", r.when(now.Since), now.Holder)
	default:
		r.Addf("\nLeading since %s: %s.", r.when(now.Since), now.Holder)
		for _, s := range now.Standbys {
			r.Addf("\nStanding by: %s. %s", s.Holder, copyOf(s))
		}
	}
}

// copyFresh is how old the goals.json of a bot that stands by may be said to be
// without being behind: it says how it is every few seconds.
const copyFresh = 10 * time.Second

// copyOf says how the goals.json of a bot that stands by is.
func copyOf(s palace.StandbyState) string {
	switch {
	case s.Trouble != "":
		return "There, " + alert.Finding{Cause: alert.Cause(s.Trouble)}.Headline() + "."
	case !s.Copied:
		return "It has no goals.json yet."
	case s.Age <= copyFresh:
		return "Its goals.json is up to date."
	}
	return "Its goals.json is " + agenda.InWords(s.Age) + " old."
}

// waiting says what is to be sent and has not left yet.
func (r *report) waiting(ctx context.Context) {
	depth, err := withTimeout(ctx, nil, time.Second, func(ctx context.Context) (store.Depth, error) { return r.m.truth.Depth(ctx) })
	switch {
	case errors.Is(err, errNoAnswer):
		r.Add("\nThe outbox does not answer.")
	case err != nil:
		r.m.log.Error("the outbox could not be read", "err", err)
		r.Add("\nThe outbox cannot be read; the log says why.")
	case depth.DeadLetters > 0:
		r.Addf("\nMessages: %d waiting, %d set aside because Telegram rejected them.", depth.Messages, depth.DeadLetters)
	case depth.Messages > 0:
		r.Addf("\nMessages: %d waiting.", depth.Messages)
	}
	if n := len(r.m.Posts()); n > 0 {
		r.Addf("\nNews for the webhook: %d waiting.", n)
	}
}

func (r *report) when(t time.Time) string {
	return agenda.Moment(t.In(r.env.Zone), r.m.clock.Now().Wall)
}

// underWayWords say since when a check has been going on.
func (m *Monitor) underWayWords() string {
	if s := m.status(); !s.underWay.IsZero() {
		return " A check has been running since " + m.time(s.underWay) + s.whyItHangs()
	}
	return ""
}

// TestAlert sends an alert of which nothing is true but that alerts arrive.
func (m *Monitor) TestAlert(context.Context) message.Message {
	state, reached, refusing := m.State(), 0, 0
	for _, id := range m.Recipients.AlertChats() {
		if state.LeftAlone(state.Chats[id]) {
			refusing++
		} else {
			reached++
		}
	}
	refuses := ""
	switch {
	case refusing == 1:
		refuses = " One chat rejects my messages and gets none for now."
	case refusing > 1:
		refuses = fmt.Sprintf(" %d chats reject my messages and get none for now.", refusing)
	}
	_, silent := m.silent()
	switch {
	case silent:
		return plain("A test alert is part of a check, and no check is finishing." + m.underWayWords())
	case reached+refusing == 0:
		return plain("No chat is set up to get alerts.")
	case reached == 0:
		return plain("No test alert was sent:" + refuses)
	case !m.beginTest():
		return plain("A test alert is already on its way.")
	}
	where := "one chat"
	if reached > 1 {
		where = fmt.Sprintf("%d chats", reached)
	}
	return plain("A test alert is on its way to " + where + ", the same way a real one would be sent. The all-clear follows." + refuses)
}

// beginTest has the next checks find a test alert, unless they do already.
func (m *Monitor) beginTest() bool {
	const lasts = lookAgain + testLasts
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Now().Before(m.testing) {
		return false
	}
	m.testing = time.Now().Add(lasts)
	wake(m.soon)
	time.AfterFunc(lasts+100*time.Millisecond, func() { wake(m.soon) })
	return true
}

func plain(s string) message.Message { return new(message.Text).Add(s).Message() }
