package health

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"goalbot/goals"
	"goalbot/message"
)

// This file answers the people who ask how things are, and does what they
// decide about alerts.

// Report checks now and says how everything is.
func (m *Monitor) Report(ctx context.Context) message.Message {
	before, _ := m.Last()
	found, err := m.Check(ctx)
	b := m.Book()
	now := time.Now()
	var t message.Text
	switch {
	case len(found) == 0:
		t.Add("✅ ").Bold("goals.json is sound.")
	case !slices.ContainsFunc(found, func(f Finding) bool { return !f.Warning() }):
		t.Add("⚠️ ").Bold("goals.json can be used, but not all is well.").Add("\n")
	}
	if err != nil {
		m.log.Error("the state of alerts could not be kept", "err", err)
	}
	restore := false
	for i, f := range found {
		if i > 0 {
			t.Add("\n\n")
		}
		restore = restore || known[f.Cause].restore
		t.Add("🚨 ").Bold(f.Headline())
		if a := b.Alerts[f.Cause]; a.Standing() {
			t.Addf("\nsince %s", a.Since.In(m.Zone()).Format("2006-01-02 15:04"))
		}
		if i < 4 { // more would not fit
			detail(&t, f)
		}
	}
	for _, cause := range b.sorted(func(a Alert) bool { return a.Standing() || a.Muted() || a.By != "" }) {
		a := b.Alerts[cause]
		switch {
		case a.Muted():
			t.Addf("\n🔕 %s: %s.", b.mute(a, m.voice()), a.Headline())
		case a.By != "":
			t.Addf("\n👍 %s knows of it: %s.", a.By, a.Headline())
		}
		if a.Flapping {
			t.Addf("\n〰️ It comes and goes: %s.", a.Headline())
		}
	}
	t.Addf("\n\nChecked just now, and %s.", m.Schedule.Words())
	if !before.IsZero() {
		t.Addf(" The check before was %s ago.", Lasting(now.Sub(before)))
	}
	if next := m.Schedule.Next(now); !next.IsZero() {
		t.Addf("\nNext check: %s, in %s.", next.In(m.Zone()).Format("2006-01-02 15:04:05"), Lasting(next.Sub(now)))
	}
	if at := m.Polled(); !at.IsZero() {
		t.Addf("\nTelegram last answered %s ago.", Lasting(now.Sub(at)))
	}
	if m.Post != nil {
		waiting, parked, err := m.Post(ctx)
		switch {
		case err != nil:
			t.Add("\nThe outbox cannot be read; the log says why.")
		case waiting > 0 || parked > 0:
			t.Addf("\nMessages: %d waiting", waiting)
			if parked > 0 {
				t.Addf(", %d put aside because Telegram would not take them", parked)
			}
			t.Add(".")
		}
	}
	if n := len(m.Posts()); n > 0 {
		t.Addf("\nNews for the webhook: %d waiting.", n)
	}
	t.Add("\n").Code(m.file.Path())
	var row []message.Button
	if restore {
		row = append(row, message.Button{Label: "♻️ Restore", Command: "restore", Style: message.Primary})
	}
	if len(b.sorted(Alert.Muted)) > 0 {
		row = append(row, message.Button{Label: "🔔 Unmute", Command: "unmute"})
	}
	return t.Message(row)
}

// Mute mutes what stands. The words are for how long, and which causes.
func (m *Monitor) Mute(ctx context.Context, words string) message.Message {
	most, untilOver, which, err := parseMute(strings.TrimSuffix(words, " asked"))
	if err != nil {
		return plain(err.Error())
	}
	var muted []Cause
	changed := m.change(ctx, func(b *Book) {
		if muted = b.which(which); most > 0 {
			b.Mute(muted, most, untilOver)
		}
	})
	switch {
	case len(muted) == 0:
		return plain("Nothing of that kind is wrong, so there is nothing to mute. /health says how it stands.")
	case most == 0:
		upTo := fmt.Sprintf("@%d asked", m.Book().Count) // the answer takes the question's place
		var t message.Text
		t.Add("For how long?")
		for _, c := range muted {
			t.Add("\n🚨 " + Finding{Cause: c}.Headline())
		}
		return t.Message([]message.Button{
			{Label: "1 h", Command: "mute 1h " + upTo}, {Label: "8 h", Command: "mute 8h " + upTo}, {Label: "until it is over", Command: "mute over " + upTo}})
	case changed != nil:
		m.log.Error("a mute could not be kept", "err", changed)
	}
	b := m.Book()
	var t message.Text
	for i, c := range muted {
		if i > 0 {
			t.Add("\n")
		}
		t.Addf("🔕 %s: %s.", b.mute(b.Alerts[c], m.voice()), Finding{Cause: c}.Headline())
	}
	t.Add("\nAnything else that goes wrong is told all the same. /unmute ends it.")
	return t.Message()
}

const howToMute = "Say for how long, as in /mute 8h, /mute 30m, /mute 2d, or /mute over, which lasts until the fault is over. A mute lasts 7 days at most."

// parseMute reads "8h", "2d malformed", "over @17"; most is 0 where no time is given.
func parseMute(words string) (most time.Duration, untilOver bool, which string, err error) {
	first, rest, _ := strings.Cut(strings.TrimSpace(words), " ")
	switch first = strings.ToLower(first); first {
	case "":
		return 0, false, "", nil
	case "over":
		return MaxMute, true, strings.TrimSpace(rest), nil
	case "until":
		// "until it is over", "until resolved"
		return MaxMute, true, "", nil
	}
	if days, ok := strings.CutSuffix(first, "d"); ok {
		if n, derr := strconv.Atoi(days); derr == nil && n < 1000 {
			first = fmt.Sprintf("%dh", n*24)
		}
	}
	most, err = time.ParseDuration(first)
	if err != nil || most < time.Minute || most > MaxMute {
		return 0, false, "", goals.Refusal(howToMute)
	}
	return most, false, strings.TrimSpace(rest), nil
}

// which returns the causes that stand and are meant: all of them, one by its
// name, or those that were told up to a number.
func (b *Book) which(words string) []Cause {
	upTo, err := strconv.ParseInt(strings.TrimPrefix(words, "@"), 10, 64)
	numbered := err == nil && strings.HasPrefix(words, "@")
	return b.sorted(func(a Alert) bool {
		switch {
		case !a.Standing():
			return false
		case numbered:
			return a.First <= upTo
		}
		return words == "" || strings.EqualFold(words, string(a.Cause))
	})
}

// Unmute ends all mutes.
func (m *Monitor) Unmute(ctx context.Context) message.Message {
	var ended []Cause
	if err := m.change(ctx, func(b *Book) { ended = b.UnmuteAll() }); err != nil {
		m.log.Error("the end of a mute could not be kept", "err", err)
	}
	if len(ended) == 0 {
		return plain("Nothing is muted.")
	}
	var t message.Text
	t.Add("🔔 No longer muted:")
	for _, c := range ended {
		t.Add("\n" + Finding{Cause: c}.Headline())
	}
	return t.Message()
}

// Acknowledge notes that somebody knows of what stands. It is not told again
// until it changes.
func (m *Monitor) Acknowledge(ctx context.Context, words, by string) message.Message {
	var heeded []Cause
	by = clip(goals.OneLine(by), 40)
	if by == "" {
		by = "Somebody"
	}
	err := m.change(ctx, func(b *Book) {
		heeded = b.which(strings.TrimSpace(words))
		b.Acknowledge(heeded, by)
	})
	if err != nil {
		m.log.Error("it could not be kept that an alert is known", "err", err)
	}
	if len(heeded) == 0 {
		return plain("That is over. /health says how it stands now.")
	}
	var t message.Text
	for _, c := range heeded {
		t.Addf("👍 %s knows of it: %s.\n", by, Finding{Cause: c}.Headline())
	}
	return t.Add("I say no more of it until it changes or is over.").Message()
}

// TestAlert sends an alert of which nothing is true but that alerts arrive.
func (m *Monitor) TestAlert(context.Context) message.Message {
	chats := m.Chats()
	if len(chats) == 0 {
		return plain("There is no chat that alerts go to.")
	}
	lasts := lookAgain + trialLasts
	m.latest.Lock()
	m.trial = time.Now().Add(lasts)
	m.latest.Unlock()
	poke(m.soon)
	time.AfterFunc(lasts+100*time.Millisecond, func() { poke(m.soon) })
	where := "one chat"
	if len(chats) > 1 {
		where = fmt.Sprintf("%d chats", len(chats))
	}
	return plain("A test alert is on its way to " + where + ", by the same road as one that matters. The all-clear follows.")
}

func plain(s string) message.Message { return new(message.Text).Add(s).Message() }
