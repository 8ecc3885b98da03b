package handlers

import (
	"fmt"
	"slices"
	"strings"

	"goalbot/agenda"
	"goalbot/formats"
	"goalbot/goals"
	"goalbot/message"
)

// This file asks what plain words should become.

// askAbout is the question what a text should become, for whoever sent it. The
// call is about the message that its buttons name.
func (c *call) askAbout(o pendingText) message.Message {
	q := offerQuestion{call: c, o: &o, words: o.words(), target: c.tx.List().Number(o.Number)}
	if o.Before != "" {
		q.t.Add(o.Before + "\n\n")
	}
	if q.target != nil {
		q.askTarget()
	}
	if lines := formats.ReadLines(q.words); len(lines) > 1 {
		q.askLines(lines)
	} else {
		q.askLine()
	}
	if len(q.refusals) > 0 {
		q.t.Add("\n" + strings.Join(q.refusals, "\n") + " You can edit your message first, then tap.")
	}
	if len(o.Files) > 0 {
		q.t.Addf("\n📎 %s will be attached.", capital(filesOf(o.Files)))
	}
	if o.Source != "" {
		q.t.Addf("\nIts source becomes a note: from %s.", isolate(clip(o.Source, 60)))
	}
	return q.t.Message(q.rows...)
}

// offerQuestion is that question while it is made.
type offerQuestion struct {
	*call
	o        *pendingText
	words    string
	target   *goals.Goal // that the text replies to, nil for none
	t        message.Text
	rows     [][]message.Button
	refusals []string // of what the buttons do, as the words are now
}

// choice adds a button, and notes why what it does would be refused.
func (q *offerQuestion) choice(label, verb string, do func() error) {
	q.button(label, fmt.Sprintf("keep %s %d", verb, q.Message))
	why, refused := refusalWords(q.attempt(do))
	if refused && !slices.Contains(q.refusals, why) {
		q.refusals = append(q.refusals, why)
	}
}

func (q *offerQuestion) button(label, command string) {
	q.rows = append(q.rows, []message.Button{{Label: label, Command: command}})
}

func (q *offerQuestion) become(verb string) func() error {
	return func() error { _, err := q.addAll(q.o, verb); return err }
}

// askTarget offers what can be done to the goal that the text replies to.
func (q *offerQuestion) askTarget() {
	q.t.Add("What should I do with this?\n\n").Append(line(q.target, maxInList))
	if l, ok := logs(q.target, q.words); ok && q.o.Source == "" {
		q.button("🔢 Log "+l.shown(), fmt.Sprintf("log %d %s", q.target.Number, l.shown()))
	}
	q.choice("📝 Add as a note to "+number(q.target), "note", func() error {
		_, err := q.tx.List().AddNote(q.target.Number, sourced(q.words, q.o.Source), q.At)
		return err
	})
	q.choice("✏️ Rename "+number(q.target)+" to this", "rename", func() error {
		_, err := q.renameTo(q.target.Number, q.words)
		return err
	})
}

// askLines offers to make goals of several lines.
func (q *offerQuestion) askLines(lines []formats.Line) {
	if q.target == nil {
		q.t.Addf("These are %d lines. What should they become?", len(lines))
	}
	if n := ticked(lines); n > 0 {
		q.t.Addf(" %d of them %s ticked and %s.", n, message.Form(n, "is", "are"), message.Form(n, "becomes a done goal", "become done goals"))
	}
	if q.target == nil {
		q.t.Add(q.onTheList(lines))
	}
	if len(lines) <= maxAtOnce {
		q.choice(fmt.Sprintf("➕ %d goals, one each", len(lines)), "each", q.become("each"))
	} else {
		q.t.Addf("\nI add at most %d goals at once: for one goal each, send the lines in parts, or all of them as a file with /import.", maxAtOnce)
	}
	with := "notes"
	if len(whole(q.words).notes) == 0 {
		with = "criteria"
	}
	q.choice("➕ One goal with "+with, "goal", q.become("goal"))
}

// askLine offers to make a goal of one line, and says what else it may mean.
func (q *offerQuestion) askLine() {
	var meant guess
	own := q.o.Source == "" // the words are the person's
	if q.target == nil && own {
		meant = q.guess(q.words, nil)
	}
	switch label := "/" + meant.command(); {
	case q.target != nil:
	case meant.name != "":
		q.button(clip(label, maxInButton), meant.command())
		q.t.Addf("Did you mean %s? Or add this as a goal?", label)
	case own && q.howTo(q.words) != "":
		how := "help " + q.howTo(q.words)
		q.button("/"+how, how)
		q.t.Addf("/%s says how. Or add this as a goal?", how)
	case own && isQuestion(q.words):
		q.button("Show goals", "goals")
		q.t.Add("I can't answer that. /goals shows your goals, /search finds one by its words, and /help says what else I can do. Or add this as a goal?")
	default:
		if other := q.alike(whole(q.words).Description, 0); other != nil {
			q.t.Add("This is already on the list: ").Append(line(other, maxInList)).Add("\nAdd it as another goal?")
			break
		}
		if what, plainly := spoken(q.words).finishes(); plainly && own {
			q.t.Addf("No goal matches “%s”. ", isolate(clip(what.text, 60)))
		}
		q.t.Add("Add this as a goal?")
	}
	found, dated := q.findDate(whole(q.words).Description)
	dated = dated && found.Certain && !found.Past
	if dated {
		q.t.Addf("\n📅 %s: %s", found.Reading.Format(q.localNow()), quoted(found.Rest, maxAmongMany))
	}
	q.choice("➕ Add as a goal", "goal", q.become("goal"))
	words := whole(q.words)
	if dated {
		words.Description = found.Rest
	}
	if count, ok := agenda.FindCount(words.Description); ok && !words.Done {
		q.choice("➕ Add and count "+countShown(count), "count", q.become("count"))
	}
	if dated {
		q.choice("Without date", "plain", q.become("plain"))
	}
}
