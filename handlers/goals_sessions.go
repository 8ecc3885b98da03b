package handlers

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"goalbot/goals"
	"goalbot/message"
)

// This file holds what a person does to the tasks that are linked to a goal: link
// one, and say that one is verified or has failed.

func (c *call) link() (message.Message, error) {
	return c.withText("Task linked to", func(g *goals.Goal) *message.Text { return asking("What's the task to link to ", g, "?") },
		func(n int64, text string) (*goals.Goal, error) {
			return c.tx.List().Link(n, text, newSessionID(), c.At)
		})
}

func (c *call) verify() (message.Message, error) { return c.judge("Task verified", goals.Verified) }

func (c *call) fail() (message.Message, error) { return c.judge("Task failed", goals.Failed) }

// judge says of one task that it is verified or has failed. A tap is asked for
// the evidence, which words may leave out.
func (c *call) judge(word string, state goals.SessionState) (message.Message, error) {
	which, rest := c.cutWhichOrAll(c.Args)
	g, ask, err := c.pick(which, rest)
	if g == nil {
		return ask, err
	}
	places, evidence, err := tasksMeant(g, rest, state)
	switch {
	case err != nil:
		return message.Message{}, err
	case len(places) > 1:
		return c.chooseTask(g, places, evidence)
	case c.Tap && evidence == "":
		return c.askEvidence(g, places[0], state)
	case evidence == noReason:
		evidence = ""
	}
	if state == goals.Failed {
		g, err = c.tx.List().Fail(g.Number, places[0], evidence, c.At)
	} else {
		g, err = c.tx.List().Verify(g.Number, places[0], evidence, c.At)
	}
	if err != nil {
		return message.Message{}, err
	}
	return c.judged(g, places[0], word), nil
}

// judged is the answer. Where all tasks are verified now it offers to finish the
// goal, which never happens by itself.
func (c *call) judged(g *goals.Goal, place int, word string) message.Message {
	var hints []string
	if !c.Tap {
		hints = append(hints, sessionLine(place, g.Sessions[place-1], maxAmongMany).String())
	}
	verified, total := g.Verified()
	ready := verified == total && g.Status.Open()
	if ready {
		hints = append(hints, "All its tasks are verified. Is it done?")
	}
	m := c.changedWith(g, word, strings.Join(hints, "\n"))
	if ready && !c.Tap { // a card has the button anyway
		m.Buttons = append([][]message.Button{{doneButton(g)}}, m.Buttons...)
	}
	return m
}

// tasksMeant returns the places of the tasks that the words behind a goal may
// mean, at least one, and the evidence that follows. Where they name none it is
// those that wait for what is said of them.
func tasksMeant(g *goals.Goal, words string, state goals.SessionState) (places []int, evidence string, err error) {
	if len(g.Sessions) == 0 {
		return nil, "", goals.Refusal{Kind: goals.NoSessions, Goal: g.Number}
	}
	evidence = words
	if words != noReason {
		if places, evidence, err = g.Tasks(words); err != nil {
			return nil, "", err
		}
	}
	waiting := g.Waiting(state)
	switch {
	case len(places) == 0 && len(g.Sessions) == 1:
		places = []int{1}
	case len(places) == 0 && len(waiting) == 0 && state == goals.Failed:
		err = goals.Refusal{Kind: goals.FailedAlready, Goal: g.Number}
	case len(places) == 0 && len(waiting) == 0:
		err = goals.Refusal{Kind: goals.VerifiedAlready, Goal: g.Number}
	case len(places) == 0:
		places = waiting
	case len(places) > 1:
		meant := slices.DeleteFunc(slices.Clone(places), func(p int) bool { return !slices.Contains(waiting, p) })
		if len(meant) > 0 {
			places = meant
		}
	}
	return places, evidence, err
}

// chooseTask asks for one of some tasks, with a button for each.
func (c *call) chooseTask(g *goals.Goal, places []int, evidence string) (message.Message, error) {
	t := asking("Which task of ", g, " do you want to "+map[string]string{"verify": "verify", "fail": "mark as failed"}[c.Name]+"?")
	asks := t.String()
	how := " Tap it, or reply with its number."
	if c.Chat.Private {
		how = " Tap it, or send its number."
	}
	t.Add(how)
	if len(places) > maxChoices {
		t.Addf("\nThese are the first %d; the card of the goal numbers them all.", maxChoices)
		places = places[:maxChoices]
	}
	var rows [][]message.Button
	for _, p := range places {
		s := g.Sessions[p-1]
		label := fmt.Sprintf("%s %d. %s", sessionIcon(s.State), p, named(s.Task, maxInButton))
		rows = append(rows, []message.Button{{Label: label, Command: fmt.Sprintf("%s %s %d %s%s", c.Name, atRevision(g), p, tokenSign, c.token())}})
	}
	return c.pose(question{Command: c.Name, Number: g.Number, WhichTask: true, Rest: evidence, Asks: asks}, t, append(rows, cancelRow(c.token()))...)
}

// askEvidence asks for the evidence, in the place of what was tapped.
func (c *call) askEvidence(g *goals.Goal, place int, state goals.SessionState) (message.Message, error) {
	s := g.Sessions[place-1]
	task := quoted(s.Task, maxAmongMany)
	t, what := asking("What shows that the task "+task+" of ", g, " is done?"), "a link or a note as evidence"
	if state == goals.Failed {
		t, what = asking("Why has the task "+task+" of ", g, " failed?"), "the reason"
	}
	q := question{Command: c.Name, Number: g.Number, Task: place, Session: fingerprint(s.ID), Asks: t.String()}
	how := " Reply to this message with " + what + ", or tap Skip."
	if c.Chat.Private {
		how = " Send " + what + ", or tap Skip."
	}
	return c.pose(q, t.Add(how),
		[]message.Button{{Label: "Skip", Command: fmt.Sprintf("%s %s %d %s %s%s", c.Name, atRevision(g), place, noReason, tokenSign, c.token())}},
		cancelRow(c.token()))
}

// withTask completes a command with the task that a question is about or asks
// for. args is "" where the words can hardly be meant for an answer.
func (c *call) withTask(q question, words string, replied bool) (args string, err error) {
	g := c.tx.List().Number(q.Number)
	if q.Task > 0 {
		is := func(s goals.Session) bool { return fingerprint(s.ID) == q.Session }
		place := q.Task
		if place > len(g.Sessions) || !is(g.Sessions[place-1]) {
			place = slices.IndexFunc(g.Sessions, is) + 1
		}
		if place == 0 {
			return "", refuse("#%d no longer has that task, so nothing was changed. /goal %d shows those it has.", q.Number, q.Number)
		}
		return fmt.Sprintf("%d %d %s", q.Number, place, words), nil
	}
	places, rest, err := g.Tasks(words)
	switch {
	case (err != nil || len(places) == 0 || rest != "") && !replied:
		return "", nil
	case err != nil:
		return "", err
	case len(places) == 0:
		return "", refuse("#%d has no task “%s”. Tap one, or answer with its number.", q.Number, isolate(clip(words, 60)))
	}
	name := strings.TrimSuffix(strings.TrimSpace(words), rest)
	if len(places) == 1 {
		name = strconv.Itoa(places[0])
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s %s %s", q.Number, name, rest, q.Rest)), nil
}

func sessionIcon(s goals.SessionState) string {
	return map[goals.SessionState]string{goals.Launched: "🚀", goals.Running: "⏳", goals.Verified: "✅", goals.Failed: "❌"}[s]
}

// sessionLine is a task with its place, by which it is named, its state and its
// evidence.
func sessionLine(place int, s goals.Session, limit int) *message.Text {
	t := new(message.Text).Addf("%s %d. %s – %s", sessionIcon(s.State), place, isolate(clip(s.Task, limit)), s.State)
	if s.Evidence != nil && *s.Evidence != "" {
		t.Add(" (" + isolate(clip(*s.Evidence, limit)) + ")")
	}
	return t
}

func sessionLines(sessions []goals.Session, limit int) []*message.Text {
	var lines []*message.Text
	for i, s := range sessions {
		lines = append(lines, sessionLine(i+1, s, limit))
	}
	return lines
}

// evidenceRow is what can be said of the tasks of an open goal while they are not
// all verified.
func evidenceRow(g *goals.Goal) []message.Button {
	if verified, total := g.Verified(); verified == total {
		return nil
	}
	row := []message.Button{{Label: "🔎 Verify", Command: "verify " + atRevision(g)}}
	if len(g.Waiting(goals.Failed)) > 0 {
		row = append(row, message.Button{Label: "❌ Failed", Command: "fail " + atRevision(g)})
	}
	return append(row, message.Button{Label: "🔗 Task", Command: "link " + strconv.FormatInt(g.Number, 10)})
}

func doneButton(g *goals.Goal) message.Button {
	return message.Button{Label: "✅ Done", Command: "done " + atRevision(g), Style: message.Success}
}

// sessionVerb is what a change did to the tasks of a goal, where it did one thing.
func sessionVerb(e goals.Edit) verb {
	before, after, ok := oneSession(e)
	switch {
	case !ok:
	case before == nil:
		return verb{"linked a task to", "linking a task to"}
	case after == nil:
		return verb{"removed a task from", "removing a task from"}
	case after.State == goals.Verified:
		return verb{"verified a task of", "verifying a task of"}
	case after.State == goals.Failed:
		return verb{"reported a failed task of", "reporting a failed task of"}
	default:
		return verb{"changed a task of", "changing a task of"}
	}
	return altered
}

// sessionChange says what a change did to a task, "" where it did nothing or
// something to several.
func sessionChange(e goals.Edit) string {
	before, after, ok := oneSession(e)
	switch {
	case !ok:
		return ""
	case before == nil:
		return "task linked: " + quoted(after.Task, maxInEvent)
	case after == nil:
		return "task removed: " + quoted(before.Task, maxInEvent)
	case before.Task != after.Task:
		return "task changed to " + quoted(after.Task, maxInEvent)
	}
	said := "task " + quoted(after.Task, maxInEvent) + " " + string(after.State)
	if after.Evidence != nil && *after.Evidence != "" {
		said += " (" + isolate(clip(*after.Evidence, maxInEvent)) + ")"
	}
	return said
}

// oneSession returns the session that a change did something to, before and
// after; nil for one that was not there. ok is false where there are several or
// none.
func oneSession(e goals.Edit) (before, after *goals.Session, ok bool) {
	if len(e.Sessions) != 1 {
		return nil, nil, false
	}
	s := e.Sessions[0]
	if len(s.Removed) > 1 || len(s.Added) > 1 {
		return nil, nil, false
	}
	if len(s.Removed) == 1 {
		before = &s.Removed[0]
	}
	if len(s.Added) == 1 {
		after = &s.Added[0]
	}
	return before, after, before == nil || after == nil || before.ID == after.ID
}
