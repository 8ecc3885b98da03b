package health

import (
	"context"
	"fmt"
	"strings"
	"time"

	"goalbot/agenda"
	"goalbot/alert"
	"goalbot/goals"
	"goalbot/message"
)

// This file does what people decide about alerts.

// Mute mutes what is wrong. The words are for how long, and which causes.
func (m *Monitor) Mute(ctx context.Context, words string) message.Message {
	most, which, ok := alert.ParseMute(strings.TrimSuffix(words, " asked"), time.Now().In(m.zone()))
	if !ok {
		return plain(alert.HowToMute)
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
		m.log.Error("a mute could not be saved", "err", changed)
	}
	b := m.State()
	var t message.Text
	for i, c := range muted {
		if i > 0 {
			t.Add("\n")
		}
		t.Addf("🔕 %s: %s.", b.MuteWords(b.Alerts[c], m.env()), alert.Finding{Cause: c}.Headline())
	}
	t.Add("\nThe mute stays on even if the reason changes. You still get alerts about other problems, and a message when this one is fixed. /unmute ends the mute now.")
	t.Add(m.lostWords())
	return t.Message()
}

// Unmute ends all mutes.
func (m *Monitor) Unmute(ctx context.Context) message.Message {
	var ended []alert.Cause
	if err := m.change(ctx, func(b *alert.State) { ended = b.UnmuteAll() }); err != nil {
		m.log.Error("the end of a mute could not be saved", "err", err)
	}
	if len(ended) == 0 {
		return plain("Nothing is muted.")
	}
	var t message.Text
	t.Add("🔔 No longer muted:")
	for _, c := range ended {
		t.Add("\n" + alert.Finding{Cause: c}.Headline())
	}
	return t.Add(m.lostWords()).Message()
}

// Acknowledge notes that somebody knows of what is wrong. It is not told again
// until it changes.
func (m *Monitor) Acknowledge(ctx context.Context, words, by string) message.Message {
	var known []alert.Cause
	by = message.Clip(goals.OneLine(by), 40)
	if by == "" {
		by = "Somebody"
	}
	err := m.change(ctx, func(b *alert.State) {
		known = b.Which(strings.TrimSpace(words))
		b.Acknowledge(known, by)
	})
	if err != nil {
		m.log.Error("an acknowledgement could not be saved", "err", err)
	}
	if len(known) == 0 {
		return plain("That is already resolved. /health shows the current state.")
	}
	var t message.Text
	for _, c := range known {
		t.Addf("👍 Acknowledged by %s: %s.\n", by, alert.Finding{Cause: c}.Headline())
	}
	return t.Addf("No reminders for %s, unless it changes or is fixed.", agenda.InWords(alert.AcknowledgedRepeat)).Add(m.lostWords()).Message()
}

// lostWords say of what somebody has just decided that it is saved nowhere.
func (m *Monitor) lostWords() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lost {
		return "\nI could not save this: when I am started anew, it is forgotten."
	}
	return ""
}
