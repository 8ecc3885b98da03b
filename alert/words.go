package alert

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"goalbot/agenda"
	"goalbot/message"
)

// This file speaks to people. The first line of an alert begins with 🚨, that
// of an all-clear with ✅, and each names the file and the cause.

// alert is the message that tells a chat the news, whatever comes first there.
// shown are the causes that it lists: it is edited when their state changes.
func (s *State) alert(c Chat, news []Cause, v Env) (m message.Message, shown []Cause) {
	active := s.Active()
	lead := s.Alerts[news[0]]
	if !lead.Active() {
		return s.allClear(c, news, v), nil
	}
	var t message.Text
	s.describe(&t, lead, c, v)
	s.others(&t, without(active, lead.Cause), v)
	for _, cause := range news {
		if a := s.Alerts[cause]; !a.Active() {
			t.Addf("\n✅ Resolved: %s, %s.", a.Headline(), s.period(a, v))
		}
	}
	s.footer(&t, active, v)
	shown = append([]Cause{lead.Cause}, without(active, lead.Cause)...)
	return t.Message(s.buttons(shown)...), shown
}

// describe says everything about one active cause.
func (s *State) describe(t *message.Text, a Alert, c Chat, v Env) {
	t.Add("🚨 ").Bold(a.Headline())
	lasted := s.lasted(a)
	switch {
	case a.Flapping:
		t.Addf(" – it comes and goes, for %s now", agenda.InWords(lasted))
	case a.First > 0 && a.First <= c.Told && a.Kind == Reminded:
		t.Addf(" – still not fixed after %s", agenda.InWords(lasted))
	case lasted >= time.Minute:
		t.Addf(" – for %s now", agenda.InWords(lasted))
	}
	a.Finding.Describe(t)
	switch {
	case a.Flapping:
		t.Addf("\nYou won't hear about this again until nothing has changed for %s.", agenda.InWords(flapStill))
	case a.Unsteady:
		t.Addf("\nThis changes often. You won't hear about it again until it has stayed the same for %s or is fixed.", agenda.InWords(steadyAfter))
	}
	s.status(t, a, v)
}

// Describe adds where and why, clipped, because the text may come from the file.
func (f Finding) Describe(t *message.Text) {
	if f.Detail != "" {
		t.Add("\n" + message.Clip(f.Detail, maxDetail))
	}
	if f.Excerpt != "" {
		t.Add("\n").Pre(message.Clip(f.Excerpt, maxDetail))
	}
}

// maxDetail is how many characters of a detail, and of an excerpt, are shown.
const maxDetail = 700

// status says what people have decided about a cause.
func (s *State) status(t *message.Text, a Alert, v Env) {
	switch {
	case a.Muted():
		t.Add("\n🔕 " + s.MuteWords(a, v) + ".")
	case a.By != "":
		t.Addf("\n👍 Acknowledged by %s. No reminders for %s, unless it changes or is fixed.", a.By, agenda.InWords(AcknowledgedRepeat))
	}
}

func (s *State) MuteWords(a Alert, v Env) string {
	return "Muted until fixed (" + shortTime(s.Wall.Add(s.left(a)), s.Wall, v) + " at the latest)"
}

// others lists further active causes, in a line each.
func (s *State) others(t *message.Text, causes []Cause, v Env) {
	for i, cause := range causes {
		if i == 0 {
			t.Add("\n\n").Bold("Also wrong:")
		}
		a := s.Alerts[cause]
		t.Addf("\n🚨 %s, since %s.", a.Headline(), shortTime(a.Since, s.Wall, v))
		if a.Muted() {
			t.Add(" 🔕 " + s.MuteWords(a, v) + ".")
		} else if a.Excerpt == "" && len(a.Detail) < 200 {
			t.Add(" " + a.Detail)
		}
	}
}

func (s *State) footer(t *message.Text, active []Cause, v Env) {
	if slices.ContainsFunc(active, func(c Cause) bool { return c != PalaceDamaged && c != BackupsFailing }) {
		t.Add("\n").Code(v.Path)
	}
	if len(active) > 1 {
		return
	}
	if advice := s.advice(active[0], v); advice != "" {
		t.Add("\n\n" + advice)
	}
}

// advice says what there is to know or to do about a cause. That the goals are
// safe is said where the palace was looked at and nothing was found.
func (s *State) advice(cause Cause, v Env) string {
	c := causes[cause]
	checked := v.PalaceKnown && !slices.ContainsFunc(PalaceCauses, func(c Cause) bool { return s.Alerts[c].Phase != Inactive })
	switch {
	case c.safely == "":
		return c.advice
	case checked:
		return c.safely
	}
	return unsure
}

// allClear is the message for news that is only about what is over.
func (s *State) allClear(c Chat, news []Cause, v Env) message.Message {
	var t message.Text
	active := s.Active()
	for i, cause := range news {
		a := s.Alerts[cause]
		switch {
		case cause == Test:
			if i > 0 {
				t.Add("\n")
			}
			t.Add("✅ ").Bold(causes[Test].over)
		case a.First > c.Told: // it was over before it could be told
			if i == 0 {
				t.Add("✅ ").Bold(resolvedWords(a, active))
			}
			t.Addf("\nThis was resolved before I could tell you: %s, %s.", a.Headline(), s.period(a, v))
		case i == 0:
			t.Add("✅ ").Bold(resolvedWords(a, active)).Addf(", after %s.", agenda.InWords(s.lasted(a)))
			t.Addf("\nThe problem was: %s.", a.Headline())
			if len(a.Transitions) >= flapTransitions {
				t.Add(" It came and went.")
			}
		default:
			t.Addf("\nAlso resolved: %s, %s.", a.Headline(), s.period(a, v))
		}
	}
	for i, cause := range active {
		if i == 0 {
			t.Add("\n\n").Bold("Still wrong:")
		}
		a := s.Alerts[cause]
		t.Addf("\n🚨 %s, since %s.", a.Headline(), shortTime(a.Since, s.Wall, v))
	}
	return t.Message()
}

// resolvedWords says that something is over, and no more than that.
func resolvedWords(a Alert, active []Cause) string {
	switch over := causes[a.Cause].over; {
	case over != "":
		return over
	case slices.ContainsFunc(active, aboutFile):
		return "One problem with goals.json is resolved"
	}
	return "goals.json is OK again"
}

// aboutFile reports whether a cause is a fault of goals.json itself, whose end
// says that the file is OK again.
func aboutFile(c Cause) bool { return causes[c].over == "" }

// period says when a cause was there.
func (s *State) period(a Alert, v Env) string {
	lasted := s.lasted(a)
	return fmt.Sprintf("after %s (from %s)", agenda.InWords(lasted), shortTime(a.Since, s.Wall, v))
}

// updated is the text of an alert after its state has changed.
func (s *State) updated(shown []Cause, v Env) message.Message {
	var t message.Text
	var active, gone []Cause
	for _, cause := range shown {
		if s.Alerts[cause].Active() {
			active = append(active, cause)
		} else {
			gone = append(gone, cause)
		}
	}
	if len(active) > 0 {
		s.describe(&t, s.Alerts[active[0]], Chat{Told: s.Count}, v)
		s.others(&t, active[1:], v)
		for _, cause := range gone {
			t.Addf("\n✅ Resolved: %s, %s.", s.Alerts[cause].Headline(), s.period(s.Alerts[cause], v))
		}
		s.footer(&t, active, v)
		return t.Message(s.buttons(active)...)
	}
	for _, cause := range gone {
		t.Add("🚨 ").Bold(s.Alerts[cause].Headline()).Addf("\n✅ Resolved %s.\n", s.period(s.Alerts[cause], v))
	}
	return t.Code(v.Path).Message()
}

// past is the text of an alert when a newer one has taken its place.
func (s *State) past(shown []Cause) message.Message {
	end := "\n✅ Resolved."
	if active := slices.DeleteFunc(slices.Clone(shown), func(c Cause) bool { return !s.Alerts[c].Active() }); len(active) > 0 {
		shown, end = active, "\n⤵️ See the newer message for the current state."
	}
	var t message.Text
	for i, cause := range shown {
		if i > 0 {
			t.Add("\n")
		}
		t.Add("🚨 ").Bold(s.Alerts[cause].Headline())
	}
	return t.Add(end).Message()
}

// buttons are what can be done about causes. A button for what stands now
// says so by the number of the news, so that it never touches what came later.
func (s *State) buttons(shown []Cause) [][]message.Button {
	var open, restore, trial bool
	heeded := true
	for _, cause := range shown {
		a := s.Alerts[cause]
		restore = restore || causes[cause].restore
		open = open || !a.Muted()
		heeded = heeded && (a.By != "" || a.Muted())
		trial = trial || cause == Test
	}
	if len(shown) == 0 || trial && len(shown) == 1 {
		return nil
	}
	upTo := fmt.Sprintf("@%d", s.Count)
	first := []message.Button{{Label: "🔎 Details", Command: "details"}}
	if restore {
		first = append([]message.Button{{Label: "♻️ Restore", Command: "restore", Style: message.Primary}}, first...)
	}
	rows := [][]message.Button{first}
	if !heeded {
		rows = append(rows, []message.Button{{Label: "👍 Acknowledge", Command: "ack " + upTo}})
	}
	if open {
		return append(rows, []message.Button{
			{Label: "🔕 1 h", Command: "mute 1h " + upTo},
			{Label: "🔕 8 h", Command: "mute 8h " + upTo},
			{Label: "🔕 Until fixed", Command: "mute fixed " + upTo},
		})
	}
	return append(rows, []message.Button{{Label: "🔔 Unmute", Command: "unmute"}})
}

// words turns a notice into a text for whoever reads no chat. path is where the file is.
func (n Notice) words(path string) string {
	a := n.Alert
	switch n.Kind {
	case Resolved:
		if a.Cause == Test {
			return "✅ The test is over."
		}
		return fmt.Sprintf("✅ %s, after %s.\nThe problem was: %s.", resolvedWords(a, n.Active), agenda.InWords(n.Lasted), a.Headline())
	case Reminded:
		return fmt.Sprintf("🚨 %s – still not fixed after %s\n%s\n%s", a.Headline(), agenda.InWords(n.Lasted), message.Clip(a.Detail, maxDetail), path)
	case Flapped:
		return fmt.Sprintf("🚨 %s – it comes and goes\n%s\n%s", a.Headline(), message.Clip(a.Detail, maxDetail), path)
	}
	return strings.TrimSpace(fmt.Sprintf("🚨 %s\n%s\n%s", a.Headline(), message.Clip(a.Detail, maxDetail), message.Clip(a.Excerpt, maxDetail))) + "\n" + path
}

// shortTime shows a time, with its day where that is not today.
func shortTime(t, now time.Time, v Env) string {
	return strings.TrimPrefix(agenda.Moment(t.In(v.Zone), now), "today ")
}

func without(causes []Cause, out Cause) []Cause {
	var rest []Cause
	for _, c := range causes {
		if c != out {
			rest = append(rest, c)
		}
	}
	return rest
}

// Encode is the state in JSON, as far as it is not only the time that changes.
func (s *State) Encode() []byte {
	c := *s
	c.Revision, c.Clock, c.Wall = 0, 0, time.Time{}
	data, _ := json.Marshal(c) // no value in it can fail
	return data
}
