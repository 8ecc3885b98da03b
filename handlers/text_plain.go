package handlers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"goalbot/access"
	"goalbot/goals"
	"goalbot/message"
)

// This file makes sense of words without a command: they answer a question of
// ours, or else could be kept, where nobody else can be meant.

func (c *call) plain() (message.Message, error) {
	if !c.Chat.Private && !c.Reply {
		return message.Message{}, nil // in a group most words are for others
	}
	q, name, err := c.replied()
	switch {
	case err != nil:
		return message.Message{}, err
	case name != "" && q.Closed != "":
		return c.answersClosed(q)
	case name != "" && !c.mayBeAnswered(name):
		return c.mayOffer(c.tx.List().Number(q.Number), "That question is for "+c.askedName(name)+".")
	case name != "":
		m, _, err := c.answers(q, name, true)
		return m, err
	}
	if m, ok, err := c.asRest(); ok || err != nil {
		return m, err
	}
	target := c.replyTarget()
	open, waits, err := c.mayAnswer(target)
	if err != nil {
		return message.Message{}, err
	}
	if link, ok := goals.ReadLink(c.Args); ok && target != nil {
		return c.mayAttach(func(c *call) (message.Message, error) {
			return c.attachTo(target, []goals.File{{Kind: goals.Link, Name: link, At: c.At.Unix()}}, "")
		})
	}
	// Right behind our question only one of theirs is no answer to it.
	if m, ok, err := c.understand(target, waits); ok || err != nil {
		return m, err
	}
	for _, q := range open {
		if m, taken, err := c.answers(q, c.questionName(), false); taken || err != nil {
			return m, err
		}
	}
	switch {
	case target == nil && !c.Chat.Private:
		return message.Message{}, nil
	case target == nil && c.expired.Closed != "":
		return new(message.Text).Add(c.expired.isClosed()).Message(), nil
	}
	return c.mayOffer(target, "")
}

// mayAnswer are the questions that words may answer which reply to none, the
// newest first. waits reports whether the person was just asked one of them, or
// the words are such that only an answer is like that.
func (c *call) mayAnswer(target *goals.Goal) (open []question, waits bool, err error) {
	all, err := c.questions()
	for _, q := range slices.Backward(all) {
		if q.Closed != "" || target != nil && target.Number != q.Number {
			continue
		}
		follows, err := c.follows(q)
		if err != nil {
			return nil, false, err
		}
		fits := q.Which && c.isNamed(c.Args) || q.Sure != "" && (isYes(c.Args) || isNo(c.Args))
		open, waits = append(open, q), waits || follows || fits
	}
	return open, waits, err
}

// mayOffer makes an offer of the words, unless the person may not take it.
// before is said before it.
func (c *call) mayOffer(target *goals.Goal, before string) (message.Message, error) {
	row, _ := c.find("keep")
	row.do = func(c *call) (message.Message, error) { return c.offer(target, before) }
	return c.run(row)
}

// answers takes the words for the answer to a question that is open, which the
// record of that name holds. replied says that they reply to it; otherwise taken
// is false where they can hardly be meant for it.
func (c *call) answers(q question, name string, replied bool) (m message.Message, taken bool, err error) {
	follows, err := c.follows(q)
	_, known := c.find(q.Command)
	switch {
	case err != nil:
		return m, true, err
	case !known:
		return m, true, fmt.Errorf("answer question: no command %q", q.Command)
	case q.Number != 0 && c.tx.List().Number(q.Number) == nil:
		q.Closed = byDeletion
		return new(message.Text).Add(q.isClosed()).Message(), true, c.settleOne(name, q.Token, byDeletion)
	case q.Command == "import" && !replied: // which a file answers
		return m, false, nil
	case strings.TrimSpace(c.Args) == "" && !replied && !follows:
		return m, false, nil
	case strings.TrimSpace(c.Args) == "":
		how := "Reply to my question with it."
		if c.Chat.Private {
			how = "Send it as your next message."
		}
		return m, true, refusal("I need it as text. " + how + " /cancel to skip.")
	case isCancel(c.Args) || q.Sure != "" && isNo(c.Args):
		m, err := c.cancelQuestion(q, name)
		return m, true, err
	}
	c.tried = c.answerTo(q)
	m, taken, err = c.complete(q, replied)
	if none, refused := refusalWords(err); refused && q.Command == "search" && !c.denied {
		m, err = new(message.Text).Add(none).Message(), nil // nothing was found, which is an answer
	}
	if !taken || err != nil {
		return m, taken, err // after a refusal the question stays open for another try
	}
	c.answeredBy(q)
	if !replied && !follows && !c.poses && m.Text != "" {
		m = reworded(m.Words().Add("\n").Italic("I took that as the answer to: "+q.Asks), m)
	}
	return m, true, c.settleOne(name, q.Token, byAnswer)
}

// answeredBy keeps which question this request has answered: an edit of these
// words changes the answer.
func (c *call) answeredBy(q question) {
	c.mine.Answer, c.answered = c.answerTo(q), q
	if q.Which {
		which, _ := cutFirstWord(c.Args)
		c.answered.Number, _ = goals.ParseNumber(which)
	}
}

// answerTo is what is kept of a question with the words that answer it.
func (c *call) answerTo(q question) *question {
	return &question{Token: q.Token, From: q.From, Command: q.Command, Number: q.Number, Which: q.Which, WhichTask: q.WhichTask, Task: q.Task, Session: q.Session, Rest: q.Rest, Sure: q.Sure}
}

// complete does what a question is about, with the words of this request for an
// answer. taken is false where they can hardly be meant for one, unless they
// reply to it.
func (c *call) complete(q question, replied bool) (m message.Message, taken bool, err error) {
	row, _ := c.find(q.Command)
	words, called := c.Args, c.Name
	c.Name = q.Command
	switch {
	case q.Which:
		if c.Args, m, err = c.chosen(q, row, replied); c.Args == "" {
			c.Args, c.Name = words, called
			return m, m.Text != "" || err != nil, err
		}
	case q.Sure != "":
		if !isYes(words) {
			if c.Name = called; !replied {
				return m, false, nil
			}
			return m, true, refusal("Please tap a button on that message, or answer it with yes or no.")
		}
		c.Args = fmt.Sprintf("%d %s", q.Number, q.Sure)
	case q.WhichTask || q.Task > 0:
		if c.Args, err = c.withTask(q, words, replied); c.Args == "" {
			c.Args, c.Name = words, called
			return m, err != nil, err
		}
	case q.Number != 0 && q.Rest != "":
		c.Args = fmt.Sprintf("%d %s %s", q.Number, q.Rest, words)
	case q.Number != 0:
		if q.Command == "note" {
			words = sourced(words, c.Source)
		}
		c.Args = fmt.Sprintf("%d %s", q.Number, words)
	case q.Command == "search" && !replied && len(c.tx.List().Search(c.Args)) == 0:
		if follows, err := c.follows(q); err != nil || !follows {
			c.Name = called
			return m, false, err
		}
	}
	m, err = c.run(row)
	return m, true, err
}

// chosen completes a command with the goal that was asked for. Without one args
// is "", and the message asks on or the error says why; where neither is, the
// words name no goal at all.
func (c *call) chosen(q question, row command, replied bool) (args string, m message.Message, err error) {
	which := strings.TrimSpace(c.Args)
	found, _ := c.tx.List().Select(unquote(which), meantFor(c.Name))
	switch {
	case len(found) == 0 && !c.isNamed(which) && !replied:
		return "", m, nil
	case row.takesSeveral():
		return which, m, nil
	}
	g, m, err := c.pick(which, q.Rest)
	if g == nil {
		return "", m, err
	}
	return strings.TrimSpace(number(g) + " " + q.Rest), m, nil
}

// answersClosed is for a reply to a question that is closed: it says so, and
// asks what else the words shall become.
func (c *call) answersClosed(q question) (message.Message, error) {
	target := c.tx.List().Number(q.Number)
	if !c.Chat.Private && target == nil || strings.TrimSpace(c.Args) == "" {
		return new(message.Text).Add(q.isClosed()).Message(), nil
	}
	return c.mayOffer(target, q.isClosed())
}

// tokenSign begins the token of a question at the end of a button's command.
const tokenSign = "~"

var tokenAtEnd = regexp.MustCompile(" " + tokenSign + "([0-9a-f]{8})$")

// cutToken takes the token of a question off the end of a tapped command.
func (c *call) cutToken() (token string, ok bool) {
	found := tokenAtEnd.FindStringSubmatch(c.Args)
	if !c.Tap || found == nil {
		return "", false
	}
	c.Args = strings.TrimSuffix(c.Args, found[0])
	return found[1], true
}

// tapAnswer answers a question with one of its buttons, which carry its token.
func (c *call) tapAnswer(row command, known bool, token string) (message.Message, error) {
	c.tapped = questionTag + token
	q, name, err := c.findQuestion(func(q question) (bool, error) { return q.Token == token && q.Command == c.Name, nil })
	switch {
	case err != nil:
		return message.Message{}, err
	case name == "" || !known:
		return message.Message{}, refusal("That question is closed, so nothing was changed.")
	case q.Closed == "" && c.late(q.deadline):
		q.Closed = byTime
		return new(message.Text).Add(q.isClosed()).Message(listRow()), c.settleOne(name, token, byTime)
	case q.Closed != "":
		return message.Message{}, refusal(q.isClosed())
	}
	if q.Which || q.WhichTask {
		c.Args = strings.TrimSpace(c.Args + " " + q.Rest)
	}
	c.answered.From = q.From
	m, err := c.run(row)
	if err != nil {
		if !c.denied { // the refusal stands where the question stood
			c.ifRefused = func() error { return c.settleOne(name, token, byAnswer) }
		}
		return m, err
	}
	c.answeredBy(q)
	return m, c.settleOne(name, token, byAnswer)
}

// cancel closes the question that is replied to or that a button names, or else
// all that are open.
func (c *call) cancel() (message.Message, error) {
	q, name, err := c.replied()
	if c.Tap {
		c.tapped = questionTag + c.Args
		q, name, err = c.findQuestion(func(q question) (bool, error) { return q.Token == c.Args, nil })
	}
	switch {
	case err != nil:
		return message.Message{}, err
	case name == "" && c.Tap:
		return message.Message{}, refusal("That question is closed.")
	case name == "":
		return c.cancelAll()
	case q.Closed != "":
		return message.Message{}, refusal(q.isClosed())
	case !c.mayBeAnswered(name):
		c.denied = true
		return message.Message{}, refusal("That question is for " + c.askedName(name) + ".")
	}
	return c.cancelQuestion(q, name)
}

func (c *call) cancelAll() (message.Message, error) {
	waits, err := c.waitsFor("")
	if err != nil {
		return message.Message{}, err
	}
	if !waits {
		t := new(message.Text).Add("There is no open question.")
		if c.role > access.Viewer {
			t.Add(" /undo undoes your last change.")
		}
		return t.Message(), nil
	}
	err = c.settle(c.questionName(), func(question) closing { return byCancel })
	return new(message.Text).Add("OK, nothing was changed.").Message(), err
}

func (c *call) cancelQuestion(q question, name string) (message.Message, error) {
	if err := c.settleOne(name, q.Token, byCancel); err != nil {
		return message.Message{}, err
	}
	if g := c.tx.List().Number(q.Number); c.Tap && g != nil {
		return c.cardText(g, message.MaxText).Message(c.cardRows(g)...), nil
	}
	return new(message.Text).Add("OK, nothing was changed.").Message(), nil
}

// isCancel reports whether an answer is none, but leaves the question.
func isCancel(words string) bool {
	return isOneOf(words, "cancel", "never mind", "nevermind", "forget it")
}

func isYes(words string) bool {
	return isOneOf(words, "yes", "yes please", "y", "yeah", "yep", "ok", "okay", "sure", "do it")
}

func isNo(words string) bool {
	return isOneOf(words, "no", "no thanks", "n", "nope", "keep", "keep it", "leave it")
}

func isOneOf(words string, all ...string) bool {
	return slices.Contains(all, strings.Trim(goals.Fold(words), " .!/"))
}
