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
	"goalbot/goals"
	"goalbot/message"
)

// This file answers the people who ask how things are, and does what they
// decide about alerts.

// Report checks now and says how everything is. Where the check does not come
// to an end, it says how it was.
func (m *Monitor) Report(ctx context.Context) message.Message {
	before := m.Last()
	found, done, err := m.checkSoon(ctx)
	b := m.State()
	now := time.Now()
	var t message.Text
	if !done {
		found = m.Found()
		t.Add("⏳ ").Bold("I cannot tell whether goals.json is OK.").Add(m.underWayWords())
		if !before.IsZero() {
			t.Addf(" This is what the last check found, %s ago:", agenda.InWords(now.Sub(before)))
		}
		t.Add("\n\n")
	}
	fault := func(f alert.Finding) bool { return !f.Warning() }
	switch {
	case len(found) == 0 && !done && !before.IsZero():
		t.Bold("goals.json was OK then.")
	case len(found) == 0 && done && slices.ContainsFunc(m.Unsure(), func(c alert.Cause) bool { return !c.Warning() }):
		t.Add("❔ ").Bold("goals.json itself is OK, but some checks could not be made.")
	case len(found) == 0 && done:
		t.Add("✅ ").Bold("goals.json is OK.")
	case len(found) > 0 && !slices.ContainsFunc(found, fault):
		t.Add("⚠️ ").Bold("goals.json works, but there are warnings.").Add("\n")
	}
	if err != nil {
		m.log.Error("the state of alerts could not be kept", "err", err)
	}
	restore := false
	for i, f := range found {
		if i > 0 {
			t.Add("\n\n")
		}
		restore = restore || f.OfFile()
		t.Add("🚨 ").Bold(f.Headline())
		if a := b.Alerts[f.Cause]; a.Active() {
			t.Addf("\nsince %s", agenda.When(a.Since.In(m.Zone()), m.clock.Now().Wall))
		}
		if i < 4 { // more would not fit
			f.Describe(&t)
		}
	}
	if done && slices.ContainsFunc(found, fault) && !slices.ContainsFunc(found, func(f alert.Finding) bool { return f.OfFile() || f.Cause == alert.Internal }) {
		t.Add("\n\n").Bold("goals.json itself is OK.")
	}
	t.Add(m.unsureWords())
	for _, cause := range b.Where(func(a alert.Alert) bool { return a.Active() || a.Muted() || a.By != "" }) {
		a := b.Alerts[cause]
		switch {
		case a.Muted():
			t.Addf("\n🔕 %s: %s.", b.MuteWords(a, m.voice()), a.Headline())
		case a.By != "":
			t.Addf("\n👍 Acknowledged by %s: %s.", a.By, a.Headline())
		}
		if a.Flapping {
			t.Addf("\n〰️ Comes and goes: %s.", a.Headline())
		}
	}
	if done {
		t.Addf("\n\nChecked just now, and %s.", m.Schedule.Words())
	} else {
		t.Addf("\n\nIt is due to be checked %s.", m.Schedule.Words())
	}
	if done && !before.IsZero() {
		t.Addf(" The previous check was %s ago.", agenda.InWords(now.Sub(before)))
	}
	if next := m.runner.Next(); !next.IsZero() {
		t.Addf("\nNext check: %s, in %s.", agenda.When(next.In(m.Zone()), m.clock.Now().Wall), agenda.InWords(next.Sub(m.clock.Now().Wall)))
	}
	if set, ok := m.clock.Jumped(tellJump); ok {
		t.Addf("\n%s, %s ago.", set, agenda.InWords(m.clock.Now().Lived-set.At.Lived))
	}
	if at := m.Polled(); !at.IsZero() {
		t.Addf("\nTelegram last answered %s ago.", agenda.InWords(now.Sub(at)))
	}
	t.Add(m.waitingWords(ctx))
	t.Add("\n").Code(m.file.Path())
	var row []message.Button
	if restore {
		row = append(row, message.Button{Label: "♻️ Restore", Command: "restore", Style: message.Primary})
	}
	if len(b.Where(alert.Alert.Muted)) > 0 {
		row = append(row, message.Button{Label: "🔔 Unmute", Command: "unmute"})
	}
	return t.Message(row)
}

// unsureWords say what could not be looked for.
func (m *Monitor) unsureWords() string {
	var questions []string
	for _, c := range m.Unsure() {
		if q := c.Question(); q != "" {
			questions = append(questions, q)
		}
	}
	if questions == nil {
		return ""
	}
	return "\nI could not find out " + strings.Join(questions, ", ") + "."
}

// waitingWords say what is to be sent and has not left yet.
func (m *Monitor) waitingWords(ctx context.Context) (words string) {
	if m.Outbox != nil {
		type depth struct{ waiting, dead int }
		d, err := through(ctx, newDoor(), time.Second, func(ctx context.Context) (d depth, err error) {
			d.waiting, d.dead, err = m.Outbox(ctx)
			return d, err
		})
		switch {
		case errors.Is(err, errNoAnswer):
			words = "\nThe outbox does not answer."
		case err != nil:
			m.log.Error("the outbox could not be read", "err", err)
			words = "\nThe outbox cannot be read; the log says why."
		case d.dead > 0:
			words = fmt.Sprintf("\nMessages: %d waiting, %d set aside because Telegram rejected them.", d.waiting, d.dead)
		case d.waiting > 0:
			words = fmt.Sprintf("\nMessages: %d waiting.", d.waiting)
		}
	}
	if n := len(m.Posts()); n > 0 {
		words += fmt.Sprintf("\nNews for the webhook: %d waiting.", n)
	}
	return words
}

// underWayWords say since when a check has been going on.
func (m *Monitor) underWayWords() string {
	m.latest.Lock()
	defer m.latest.Unlock()
	if m.underWay.IsZero() {
		return ""
	}
	return " A check has been running since " + m.underWay.In(m.Zone()).Format("15:04:05") + "; the disk may not be responding."
}

// Mute mutes what stands. The words are for how long, and which causes.
func (m *Monitor) Mute(ctx context.Context, words string) message.Message {
	most, which, err := alert.ParseMute(strings.TrimSuffix(words, " asked"), time.Now().In(m.Zone()))
	if err != nil {
		return plain(err.Error())
	}
	var muted []alert.Cause
	changed := m.change(ctx, func(b *alert.State) {
		if muted = b.Which(which); most > 0 {
			b.Mute(muted, most)
		}
	})
	switch {
	case len(muted) == 0 && len(m.State().Which("")) == 0:
		return plain("Nothing is wrong, so there is nothing to mute.")
	case len(muted) == 0:
		return plain("That problem is not there, so there is nothing to mute. /health shows what is wrong.")
	case most == 0:
		upTo := fmt.Sprintf("@%d asked", m.State().Count) // the answer takes the question's place
		var t message.Text
		t.Add("For how long?")
		for _, c := range muted {
			t.Add("\n🚨 " + alert.Finding{Cause: c}.Headline())
		}
		return t.Message([]message.Button{
			{Label: "1 h", Command: "mute 1h " + upTo}, {Label: "8 h", Command: "mute 8h " + upTo}, {Label: "Until fixed", Command: "mute fixed " + upTo}})
	case changed != nil:
		m.log.Error("a mute could not be kept", "err", changed)
	}
	b := m.State()
	var t message.Text
	for i, c := range muted {
		if i > 0 {
			t.Add("\n")
		}
		t.Addf("🔕 %s: %s.", b.MuteWords(b.Alerts[c], m.voice()), alert.Finding{Cause: c}.Headline())
	}
	t.Add("\nThe mute stays on even if the reason changes. You still get alerts about other problems, and a message when this one is fixed. /unmute ends the mute now.")
	t.Add(m.forgetting())
	return t.Message()
}

// Unmute ends all mutes.
func (m *Monitor) Unmute(ctx context.Context) message.Message {
	var ended []alert.Cause
	if err := m.change(ctx, func(b *alert.State) { ended = b.UnmuteAll() }); err != nil {
		m.log.Error("the end of a mute could not be kept", "err", err)
	}
	if len(ended) == 0 {
		return plain("Nothing is muted.")
	}
	var t message.Text
	t.Add("🔔 No longer muted:")
	for _, c := range ended {
		t.Add("\n" + alert.Finding{Cause: c}.Headline())
	}
	return t.Add(m.forgetting()).Message()
}

// Acknowledge notes that somebody knows of what stands. It is not told again
// until it changes.
func (m *Monitor) Acknowledge(ctx context.Context, words, by string) message.Message {
	var heeded []alert.Cause
	by = message.Clip(goals.OneLine(by), 40)
	if by == "" {
		by = "Somebody"
	}
	err := m.change(ctx, func(b *alert.State) {
		heeded = b.Which(strings.TrimSpace(words))
		b.Acknowledge(heeded, by)
	})
	if err != nil {
		m.log.Error("it could not be kept that an alert is known", "err", err)
	}
	if len(heeded) == 0 {
		return plain("That is already resolved. /health shows the current state.")
	}
	var t message.Text
	for _, c := range heeded {
		t.Addf("👍 Acknowledged by %s: %s.\n", by, alert.Finding{Cause: c}.Headline())
	}
	return t.Addf("No reminders for %s, unless it changes or is fixed.", agenda.InWords(alert.AcknowledgedRepeat)).Add(m.forgetting()).Message()
}

// TestAlert sends an alert of which nothing is true but that alerts arrive.
func (m *Monitor) TestAlert(context.Context) message.Message {
	b, there, refused := m.State(), 0, 0
	for _, id := range m.Chats() {
		if c := b.Chats[id]; b.LeftAlone(c) {
			refused++
		} else {
			there++
		}
	}
	if _, silent := m.silent(); silent {
		return plain("A test alert is part of a check, and no check is finishing." + m.underWayWords())
	}
	lasts := lookAgain + trialLasts
	m.latest.Lock()
	underWay := time.Now().Before(m.trial)
	if !underWay && there > 0 {
		m.trial = time.Now().Add(lasts)
	}
	m.latest.Unlock()
	refuses := ""
	switch {
	case refused == 1:
		refuses = " One chat rejects my messages and gets none for now."
	case refused > 1:
		refuses = fmt.Sprintf(" %d chats reject my messages and get none for now.", refused)
	}
	switch {
	case there+refused == 0:
		return plain("No chat is set up to get alerts.")
	case there == 0:
		return plain("No test alert was sent:" + refuses)
	case underWay:
		return plain("A test alert is already on its way.")
	}
	wake(m.soon)
	time.AfterFunc(lasts+100*time.Millisecond, func() { wake(m.soon) })
	where := "one chat"
	if there > 1 {
		where = fmt.Sprintf("%d chats", there)
	}
	return plain("A test alert is on its way to " + where + ", the same way a real one would be sent. The all-clear follows." + refuses)
}

func plain(s string) message.Message { return new(message.Text).Add(s).Message() }
