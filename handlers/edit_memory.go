package handlers

import (
	"encoding/json"
	"slices"
	"time"

	"goalbot/message"
	"goalbot/store"
)

// This file keeps what the last messages of a person did in a chat, so that an
// edit of one can change that, and an edit that nobody sees, as for the preview
// of a link, can be told from another.

// remembered is what is known of a message.
type remembered struct {
	Message int64     `json:"message"`
	Print   string    `json:"print"`          // a fingerprint of what it says
	File    string    `json:"file,omitempty"` // the only file that it has, as [goals.File.Same] tells it
	At      time.Time `json:"at,omitzero"`    // by the clock of Telegram
	Long    bool      `json:"long,omitempty"` // it may be the first part of a longer text
	Refused bool      `json:"refused,omitempty"`

	// Keys are the requests by which it changed goals, the oldest first, and
	// Action is the one by which it changed settings or people.
	Keys   []string `json:"keys,omitempty"`
	Action string   `json:"action,omitempty"`
	// Goals are those that it added, as it named them; they follow its edits.
	Goals []int64 `json:"goals,omitempty"`
	// Ticked says that it added a goal that was done.
	Ticked bool `json:"ticked,omitempty"`
	// Answer is the question that its words answered.
	Answer *question `json:"answer,omitempty"`
	// Question is the one that it made us ask, and Chosen the goal that was
	// chosen then.
	Question string `json:"question,omitempty"`
	Chosen   int64  `json:"chosen,omitempty"`
	// Offer names the offer that its words are part of.
	Offer string `json:"offer,omitempty"`
	// Once says that it changed what cannot be taken back.
	Once bool `json:"once,omitempty"`
}

// memory is what is known of the messages of a person in a chat and topic.
type memory struct {
	Past int64        `json:"past,omitempty"` // older messages up to this number are forgotten
	All  []remembered `json:"all"`
}

// keptSaid is how many messages of a person are remembered.
const keptSaid = 30

func (c *call) memory() (m memory, err error) {
	kept, err := c.tx.Record(store.SaidRecord, c.questionName())
	if err != nil || kept == "" {
		return m, err
	}
	if json.Unmarshal([]byte(kept), &m) != nil {
		m = memory{Past: c.Message} // a former version kept less
	}
	return m, nil
}

func (c *call) keepMemory(m memory) error {
	for ; len(m.All) > keptSaid; m.All = m.All[1:] {
		m.Past = max(m.Past, m.All[0].Message)
	}
	return keepRecord(c.tx, store.SaidRecord, c.questionName(), m)
}

func (m *memory) find(message int64) *remembered {
	i := slices.IndexFunc(m.All, func(s remembered) bool { return s.Message == message })
	if i < 0 {
		return nil
	}
	return &m.All[i]
}

// remember keeps what this request did, if it was said.
func (c *call) remember(changed bool, answer message.Message) error {
	if c.Tap || c.Message == 0 || answer.Text == "" && answer.Render == "" && c.mine.Offer == "" && c.mineBefore.Message == 0 {
		return nil
	}
	m, err := c.memory()
	if err != nil {
		return err
	}
	c.mine.Message, c.mine.Print, c.mine.File = c.Message, c.said, c.onlyFile().Same
	if changed {
		c.mine.Keys = append(c.mine.Keys, c.Key)
	}
	if known := m.find(c.Message); known != nil {
		*known = c.mine
	} else {
		c.mine.At, c.mine.Long = c.At, isLong(c.Args)
		m.All = append(m.All, c.mine)
	}
	return c.keepMemory(m)
}

// credit keeps what the answer to a question did with the message of the
// person's that made us ask it: an edit of that message changes it too.
func (c *call) credit(changed bool) error {
	q := c.answered
	if !q.Which && !q.WhichTask && q.Sure == "" {
		return nil
	}
	return c.recall(q.From, func(s *remembered) {
		s.Chosen, s.Question = q.Number, ""
		if changed {
			s.Keys = []string{c.Key}
		}
		if c.Tap { // what was asked then is asked because of that message as well
			s.Question = c.mine.Question
		}
	})
}

// recall changes what is kept of a message of the person's, if anything is.
func (c *call) recall(message int64, change func(*remembered)) error {
	m, err := c.memory()
	if err != nil {
		return err
	}
	known := m.find(message)
	if message == 0 || known == nil {
		return nil
	}
	change(known)
	return c.keepMemory(m)
}

// follows reports whether the last thing that the person said or tapped before
// this made us ask that question, or was refused as an answer to it.
func (c *call) follows(q question) (bool, error) {
	m, err := c.memory()
	if err != nil || len(m.All) == 0 {
		return true, err
	}
	last := m.All[len(m.All)-1]
	tried := last.Refused && last.Answer != nil && last.Answer.Token == q.Token
	return q.From == 0 && q.Last == last.Message || last.Question == q.Token || tried, nil
}
