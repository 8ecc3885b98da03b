package handlers

import (
	"fmt"

	"goalbot/message"
)

// This file closes questions and says so.

// closing is how a question was closed, "" while it is open.
type closing string

// close closes a question that is open; the caller keeps it.
func (c *call) close(q *question, how closing) {
	if q.Closed != "" {
		return
	}
	q.Closed = how
	if q.Buttons {
		c.ends(questionTag+q.Token, new(message.Text).Add(q.Asks+"\n").Italic(q.closingWords()))
	}
}

// finalEdit is what the message with that tag says when nobody can answer it any more.
type finalEdit struct {
	tag  string
	says *message.Text
}

// ends lets a message with buttons say so, unless this request is refused.
func (c *call) ends(tag string, says *message.Text) {
	c.endings = append(c.endings, finalEdit{tag, says})
}

// sayEndings lets the messages that this request has closed say so. answer may
// stand in the place of one of them.
func (c *call) sayEndings(answer message.Message) error {
	for _, e := range c.endings {
		number, err := c.numberOf(e.tag)
		if err != nil {
			return err
		}
		// A tap can come before the number of the message that it is on is known here.
		if answer.Edit != 0 && (answer.Edit == number || e.tag == c.tapped) || answer.Over == e.tag {
			continue
		}
		m := e.says.Message()
		m.Over, m.Lapses, m.Quiet = e.tag, true, true
		if err := c.say(m); err != nil {
			return err
		}
	}
	return nil
}

// closingWords are what the message of a closed question says at its end.
func (q question) closingWords() string {
	switch q.Closed {
	case byCancel:
		return "Cancelled."
	case byQuestion:
		return "Asked again below."
	case byEdit:
		return "You have edited your message since."
	case byTime:
		return "No longer waiting for an answer. " + q.asksAgain()
	case byDeletion:
		return fmt.Sprintf("#%d is gone.", q.Number)
	}
	return "Answered."
}

// asksAgain says how to be asked once more.
func (q question) asksAgain() string {
	if q.kept() != "" {
		return "Send it again to be asked again."
	}
	return q.again() + " asks again."
}

// again is the command that asks once more.
func (q question) again() string {
	if q.Number != 0 {
		return fmt.Sprintf("/%s %d", q.Command, q.Number)
	}
	return "/" + q.Command
}

// isClosed says that a question is closed that somebody answers.
func (q question) isClosed() string {
	switch q.Closed {
	case byCancel:
		return "You cancelled that question, so nothing was changed. " + q.asksAgain()
	case byQuestion:
		return "I have asked that again since, so nothing was changed. Please answer the newer question."
	case byEdit:
		return "That question is closed: you have edited your message since. Nothing was changed."
	case byTime:
		return "I asked that more than an hour ago and no longer wait for an answer, so nothing was changed. " + q.asksAgain()
	case byDeletion:
		return fmt.Sprintf("#%d has been deleted meanwhile, so nothing was changed. /goals shows the list.", q.Number)
	}
	return "That question has been answered already, so nothing was changed. " + q.asksAgain()
}

// expire closes the questions that have waited too long.
func (c *call) expire() error {
	all, err := c.questions()
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].Closed == "" && c.late(all[i].deadline) {
			c.close(&all[i], byTime)
			c.expired = all[i]
		}
	}
	if c.expired.Closed == "" {
		return nil
	}
	return c.keepQuestions(c.questionName(), all)
}
