package handlers

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file keeps the questions that the bot asks. Each is open until it is
// answered, cancelled, asked again or an hour old, whatever else is said
// meanwhile. A reply to its message answers it, or a tap on its buttons; plain
// words answer the newest that is open. The message of a closed question says
// so, where Telegram lets it be edited, and its number is kept for a while, so
// that a reply to it is told that it is closed.

// question is something that we have asked and wait to be told.
type question struct {
	Token   string `json:"token"` // names it in its buttons and in the record of its message
	Command string `json:"command"`
	Number  int64  `json:"number,omitempty"` // the goal that it is about
	// Which asks for the goal. Rest is what follows that in the command, before the answer.
	Which bool   `json:"which,omitempty"`
	Rest  string `json:"rest,omitempty"`
	// WhichTask asks for the task of the goal; what follows it is Rest. Task is the
	// place of the one that it is about, and Session a fingerprint of its id.
	WhichTask bool   `json:"which_task,omitempty"`
	Task      int    `json:"task,omitempty"`
	Session   string `json:"session,omitempty"`
	// Sure asks whether the command is meant; it is what says so behind the goal.
	Sure string `json:"sure,omitempty"`

	From    int64   `json:"from,omitempty"` // the message of the person's that made us ask; 0 for a tap
	Last    int64   `json:"last,omitempty"` // the last message that the person had said by then
	Asks    string  `json:"asks,omitempty"` // in words
	Buttons bool    `json:"buttons,omitempty"`
	Closed  closing `json:"closed,omitempty"`
	deadline
}

// kept names the message whose files wait for the answer, "" where none do.
func (q question) kept() string {
	if q.Command == "attach" && strings.HasPrefix(q.Rest, keptSign) {
		return q.Rest
	}
	return ""
}

const (
	byAnswer   closing = "answered"
	byCancel   closing = "cancelled"
	byQuestion closing = "asked again"
	byEdit     closing = "edited" // the message that made us ask was
	byTime     closing = "expired"
	byDeletion closing = "deleted" // its goal is
)

const (
	questionTag   = "question/"
	questionLasts = time.Hour
	maxQuestions  = 12 // of a person in a chat and topic, closed ones too
)

func (c *call) questionName() string {
	return fmt.Sprintf("%d/%d/%d", c.Chat.ID, c.Chat.Thread, c.From.ID)
}

// questions are those of the person in this chat, oldest first.
func (c *call) questions() ([]question, error) {
	kept, err := c.tx.Record(store.QuestionRecord, c.questionName())
	if err != nil {
		return nil, err
	}
	return readQuestions(kept)
}

func readQuestions(kept string) (all []question, err error) {
	if strings.HasPrefix(kept, "{") { // as a former version kept the only one
		kept = "[" + kept + "]"
	}
	if kept != "" {
		err = json.Unmarshal([]byte(kept), &all)
	}
	if err != nil {
		return nil, fmt.Errorf("read questions: %w", err)
	}
	return all, nil
}

// keepQuestions keeps the newest of them, under the name of a record.
func (c *call) keepQuestions(name string, all []question) error {
	for _, q := range all[:max(0, len(all)-maxQuestions)] {
		if err := c.forgetSent(name, q); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return c.tx.SetRecord(store.QuestionRecord, name, "")
	}
	return keepRecord(c.tx, store.QuestionRecord, name, all[max(0, len(all)-maxQuestions):])
}

// forgetSent forgets the numbers of the message of a question, which a record of
// that name holds: that in its chat, and that in the private chat of whoever was
// asked, where it goes if its own does not take it.
func (c *call) forgetSent(name string, q question) error {
	chat, _, _ := strings.Cut(name, "/")
	for _, chat := range []string{chat, askedIn(name)} {
		if err := c.tx.SetRecord(store.SentRecord, questionTag+q.Token+"/"+chat, ""); err != nil {
			return err
		}
	}
	return nil
}

// askedIn is who was asked the questions of a record, as a number.
func askedIn(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// isAsked reports whether the questions of a record are put to this person.
func (c *call) isAsked(name string) bool { return askedIn(name) == strconv.FormatInt(c.From.ID, 10) }

// numberOf is the number of the newest message with that tag in this chat, 0
// where that is not known.
func (c *call) numberOf(tag string) (int64, error) {
	return numberOf(c.tx, tag, c.Chat.ID)
}

// forgetQuestions forgets the questions that a record holds.
func (c *call) forgetQuestions(name string) error {
	kept, err := c.tx.Record(store.QuestionRecord, name)
	if err != nil {
		return err
	}
	all, err := readQuestions(kept)
	if err != nil {
		return err
	}
	for _, q := range all {
		if err := c.forgetSent(name, q); err != nil {
			return err
		}
	}
	return c.tx.SetRecord(store.QuestionRecord, name, "")
}

// ask asks and remembers what for. The question survives a restart.
func (c *call) ask(q question, t *message.Text) (message.Message, error) {
	q.Asks = t.String()
	how := " Reply to this message with it." // a bot sees only the replies to it there
	if c.Chat.Private {
		how = " Send it as your next message."
	}
	return c.pose(q, t.Add(how+"\n/cancel to skip."))
}

// pose is ask for a text that says itself how to answer. With buttons the
// message can be edited later; without them it opens the keyboard.
func (c *call) pose(q question, t *message.Text, rows ...[]message.Button) (message.Message, error) {
	q.Token = c.token()
	q.deadline, q.Asks, q.Buttons = c.in(questionLasts), cmp.Or(q.Asks, t.String()), len(rows) > 0
	c.poses, c.mine.Question = true, q.Token
	if q.From = c.Message; c.Tap {
		q.From = c.answered.From
	}
	said, err := c.memory()
	if err != nil {
		return message.Message{}, err
	}
	if n := len(said.All); n > 0 {
		q.Last = said.All[n-1].Message
	}
	all, err := c.questions()
	if err != nil {
		return message.Message{}, err
	}
	for i := range all {
		if all[i].Command == q.Command && all[i].Number == q.Number && all[i].Which == q.Which && all[i].kept() == q.kept() {
			c.close(&all[i], byQuestion)
		}
	}
	m := t.Message(rows...)
	m.Ask, m.Tag = !q.Buttons, questionTag+q.Token
	return m, c.keepQuestions(c.questionName(), append(all, q))
}

// confirm asks whether a command is meant that takes a goal. word says so behind
// the goal, button does it, and keep is the label of the other one.
func (c *call) confirm(g *goals.Goal, word string, t *message.Text, button message.Button, keep string) (message.Message, error) {
	button.Command += " " + tokenSign + c.token()
	return c.pose(question{Command: c.Name, Number: g.Number, Sure: word}, t,
		[]message.Button{button, {Label: keep, Command: "cancel " + c.token()}})
}

// token names the question that this request leads to.
func (c *call) token() string { return fingerprint(c.Key)[:8] }

// replied finds the question whose message this request replies to, and the
// name of the record that holds it, which may be that of somebody else.
func (c *call) replied() (q question, name string, err error) {
	if c.Answered == 0 {
		return q, "", nil
	}
	all, err := c.questions()
	for _, q := range slices.Backward(all) {
		if number, err := c.numberOf(questionTag + q.Token); err != nil || number == c.Answered {
			return q, c.questionName(), err
		}
	}
	if err != nil {
		return question{}, "", err
	}
	return c.findQuestion(func(q question) (bool, error) {
		number, err := c.numberOf(questionTag + q.Token)
		return number == c.Answered, err
	})
}

// mayBeAnswered reports whether the person may answer the questions of a record:
// those that they were asked, here or where it could not be said. Admins who
// write as the group are asked under their own names, since their taps come
// under those, and answer as the group.
func (c *call) mayBeAnswered(name string) bool {
	return c.isAsked(name) || c.From.ID == c.Chat.ID
}

// askedName is what the person is called whose questions a record holds.
func (c *call) askedName(name string) string {
	id, _ := strconv.ParseInt(askedIn(name), 10, 64)
	return isolate(clip(c.people.Name(id), maxInButton))
}

// waitsFor reports whether a question of that command is open, "" for any.
func (c *call) waitsFor(command string) (bool, error) {
	open, err := c.questions()
	return slices.ContainsFunc(open, func(q question) bool {
		return q.Closed == "" && !c.late(q.deadline) && (command == "" || q.Command == command)
	}), err
}

// findQuestion finds a question that was put to anybody in this chat, or in
// private one that was put to this person in a group, which did not take it.
func (c *call) findQuestion(is func(question) (bool, error)) (q question, name string, err error) {
	records, err := c.tx.Records(store.QuestionRecord)
	for name, kept := range records {
		if !strings.HasPrefix(name, c.chatName()+"/") && !(c.Chat.Private && c.isAsked(name)) {
			continue
		}
		all, err := readQuestions(kept)
		if err != nil {
			return q, "", err
		}
		for _, q := range slices.Backward(all) {
			if is, err := is(q); err != nil || is {
				return q, name, err
			}
		}
	}
	return question{}, "", err
}

// settle closes the questions of a record that how says how to close, "" for
// those that stay.
func (c *call) settle(name string, how func(question) closing) error {
	kept, err := c.tx.Record(store.QuestionRecord, name)
	if err != nil {
		return err
	}
	all, err := readQuestions(kept)
	if err != nil {
		return err
	}
	changed := false
	for i := range all {
		if as := how(all[i]); as != "" && all[i].Closed == "" {
			c.close(&all[i], as)
			changed = true
		}
	}
	if !changed {
		return nil
	}
	return c.keepQuestions(name, all)
}

// settleOne closes one question of a record.
func (c *call) settleOne(name, token string, how closing) error {
	return c.settle(name, func(q question) closing {
		if q.Token == token {
			return how
		}
		return ""
	})
}

// settleDone closes the questions that a command has answered which came
// instead of the answer, and those whose goals are gone.
func (c *call) settleDone(before goals.List) error {
	changed := map[int64]bool{}
	for _, ch := range goals.Diff(before, *c.tx.List()) {
		changed[ch.Number()] = true
	}
	return c.settle(c.questionName(), func(q question) closing {
		switch {
		case q.Token == c.token(): // which this request has asked
			return ""
		case q.Number != 0 && c.tx.List().Number(q.Number) == nil:
			return byDeletion
		case q.Command != c.Name || q.Command == "import" || q.kept() != "":
			return ""
		case q.Number == 0 && !c.Tap && !c.poses, changed[q.Number]:
			return byAnswer
		}
		return ""
	})
}
