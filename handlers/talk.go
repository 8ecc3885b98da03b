package handlers

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"goalbot/goals"
	"goalbot/message"
)

// This file holds what is said around the goals: greeting, help, questions of
// ours and their answers.

// question is something we have asked and wait to be told: the next plain
// words of that person in that chat complete the command.
type question struct {
	Command string `json:"command"`
	Number  int64  `json:"number,omitempty"` // the goal that it is about
	deadline
}

const (
	questionRecord = "question"
	questionLasts  = time.Hour
)

func (c *call) questionName() string {
	return fmt.Sprintf("%d/%d/%d", c.Chat.ID, c.Chat.Thread, c.From.ID)
}

// questionOf names the question to whoever was asked.
func (c *call) questionOf() string {
	if c.questioned != 0 {
		return fmt.Sprintf("%d/%d/%d", c.Chat.ID, c.Chat.Thread, c.questioned)
	}
	return c.questionName()
}

// askTag names a question that mentions somebody in a group.
const askTag = "ask/"

// answersFor finds out whose question an admin answers who writes as the group:
// their taps come under their own name, so that is who was asked. The message
// that they answer says which question it is.
func (c *call) answersFor() error {
	if c.From.ID != c.Chat.ID || c.Answered == 0 {
		return nil
	}
	sent, err := c.tx.Records(message.SentRecord)
	for name, number := range sent {
		who, chat, _ := strings.Cut(strings.TrimPrefix(name, askTag), "/")
		if !strings.HasPrefix(name, askTag) || chat != c.chatName() || number != strconv.FormatInt(c.Answered, 10) {
			continue
		}
		c.questioned, err = strconv.ParseInt(who, 10, 64)
	}
	return err
}

// ask asks and remembers what for. The question survives a restart.
func (c *call) ask(q question, text string) (message.Message, error) {
	return c.askInWords(q, text+" "+c.howToAnswer())
}

// askInWords is ask for a text that says itself how to answer.
func (c *call) askInWords(q question, text string) (message.Message, error) {
	q.deadline = c.in(questionLasts)
	kept, err := json.Marshal(q)
	if err != nil {
		return message.Message{}, err
	}
	if err := c.tx.SetRecord(questionRecord, c.questionOf(), string(kept)); err != nil {
		return message.Message{}, err
	}
	m := new(message.Text).Add(text + "\n/cancel leaves it.").Message()
	m.Ask = true
	return m, nil
}

// howToAnswer differs in a group: a bot sees only the replies to it there.
func (c *call) howToAnswer() string {
	if c.Chat.Private {
		return "Send it as your next message."
	}
	return "Reply to this message with it."
}

// question returns the one that this person was asked in this chat; without
// any its Command is "".
func (c *call) question() (q question, err error) {
	kept, err := c.tx.Record(questionRecord, c.questionOf())
	if err == nil && kept == "" {
		if err = c.answersFor(); err == nil && c.questioned != 0 {
			kept, err = c.tx.Record(questionRecord, c.questionOf())
		}
	}
	if err != nil || kept == "" {
		return q, err
	}
	if err := json.Unmarshal([]byte(kept), &q); err != nil {
		return q, fmt.Errorf("read question: %w", err)
	}
	return q, nil
}

// forgetQuestion is for a command that comes instead of the answer.
func (c *call) forgetQuestion() error {
	kept, err := c.tx.Record(questionRecord, c.questionOf())
	if err != nil || kept == "" {
		return err
	}
	c.left = true
	return c.tx.SetRecord(questionRecord, c.questionOf(), "")
}

// plain makes sense of words without a command: they answer a question of
// ours, or else could be kept, where nobody else can be meant.
func (c *call) plain() (message.Message, error) {
	if !c.Chat.Private && !c.Reply {
		return message.Message{}, nil // in a group most words are for others
	}
	q, err := c.question()
	about := c.about()
	switch {
	case err != nil:
		return message.Message{}, err
	case q.Command == "" && !c.Chat.Private && about == nil:
		return message.Message{}, nil
	case q.Command == "", about != nil && about.Number != q.Number:
		row, _ := c.find("keep") // who may not take an offer gets none
		row.do = func(c *call) (message.Message, error) { return c.offer(about) }
		return c.run(row)
	case c.late(q.deadline):
		again := "/" + q.Command
		if q.Number != 0 {
			again = fmt.Sprintf("/%s %d", q.Command, q.Number)
		}
		return new(message.Text).Addf("I asked more than an hour ago and wait for no answer any more, so nothing was changed. %s asks again.", again).Message(), c.forgetQuestion()
	case q.Number != 0 && c.tx.List().Number(q.Number) == nil:
		return new(message.Text).Addf("#%d has been deleted meanwhile, so nothing was changed. /goals shows what there is.", q.Number).Message(), c.forgetQuestion()
	case strings.TrimSpace(c.Args) == "":
		return message.Message{}, goals.Refusal("I need it as text. " + c.howToAnswer() + " /cancel leaves it.")
	}
	row, known := c.find(q.Command)
	if !known {
		return message.Message{}, fmt.Errorf("answer question: no command %q", q.Command)
	}
	said := c.Args
	if q.Command == "note" {
		said = sourced(said, c.Source)
	}
	c.Name = q.Command
	if q.Number != 0 {
		c.Args = fmt.Sprintf("%d %s", q.Number, said)
	}
	m, err := c.run(row)
	if err != nil {
		return m, err // a refusal; the question stays open for another try
	}
	return m, c.tx.SetRecord(questionRecord, c.questionOf(), "")
}

func (c *call) cancel() (message.Message, error) {
	if !c.left {
		t := new(message.Text).Add("I have not asked anything.")
		if c.role > Viewer {
			t.Add(" /undo takes back your last change.")
		}
		return t.Message(), nil
	}
	return new(message.Text).Add("All right, nothing was changed.").Message(), nil
}

func (c *call) start() (message.Message, error) {
	if c.Args != "" && c.Chat.Private && !c.Tap {
		if !c.members.mayGuess(c.Request) {
			return message.Message{}, goals.Refusal("Those were too many links that do not work. Try again in some minutes.")
		}
		m, err := c.join()
		if err != nil {
			c.members.guessed(c.Request)
		}
		return m, err
	}
	var t message.Text
	if c.role == Viewer {
		t.Bold("I keep the goals here.").Add("\n\nSee them: /goals\nFind one: /search mother\nHow it goes: /stats\n\n/help shows everything you can do.")
		return t.Message([]message.Button{{Label: "Show goals", Command: "goals"}}), nil
	}
	t.Bold("I keep your goals.").Add("\n\nAdd one: /addgoal call mother\nSee them: /goals\nFinish one: /done 1\nChanged your mind: /undo\n\n/help shows everything I can do.")
	return t.Message([]message.Button{{Label: "➕ Add a goal", Command: "addgoal", Style: message.Primary}, {Label: "Show goals", Command: "goals"}}), nil
}

func (c *call) help() (message.Message, error) {
	if word, _ := cutFirstWord(c.Args); word != "" {
		word = strings.TrimPrefix(word, "/")
		row, ok := c.find(goals.Fold(word))
		if !ok || row.short == "" { // which only buttons say
			t := new(message.Text).Addf("There is no command /%s.", clip(word, 40))
			near, ok := c.nearest(word, false)
			near, _ = cutFirstWord(near)
			if !ok {
				return t.Add(" /help lists them all.").Message(), nil
			}
			return t.Addf(" Did you mean /%s? /help lists them all.", near).
				Message([]message.Button{{Label: "/help " + near, Command: "help " + near}}), nil
		}
		var t message.Text
		t.Bold(row.line()).Add("\n" + sentence(row.short))
		if row.more != "" {
			t.Add("\n\n" + row.more)
		}
		if strings.Contains(row.usage, "<which>") {
			t.Add("\n\n" + whichHelp)
		}
		if !c.role.may(row) {
			t.Addf("\n\n%s may use it; you are %s here.", row.whoMay(), c.role.one())
		}
		return t.Message(), nil
	}
	var t message.Text
	t.Bold("What I can do").Add("\n")
	group := false
	for _, row := range c.table {
		group = group || row.group
		if row.hidden || !c.role.may(row) {
			continue
		}
		if group {
			t.Add("\n")
		}
		group = false
		t.Add("\n" + row.brief() + " – " + row.short)
	}
	example := "done"
	if c.role == Viewer {
		example = "goal"
	}
	t.Addf("\n\n%s /help %s says all about /%s.", whichHelp, example, example)
	return t.Message(), nil
}

const whichHelp = "<which> is a goal's number, its id or the beginning of it, or words from its text."

func sentence(s string) string { return capital(s) + "." }

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
