package handlers

import (
	"goalbot/goals"
	"goalbot/message"
)

// This file acts on what words without a slash mean.

// understand carries out what words without a slash mean, if that is sure; ok
// is false where they may become a goal. asked says that only a question counts.
func (c *call) understand(target *goals.Goal, asked bool) (m message.Message, ok bool, err error) {
	if c.Source != "" || c.Album != "" || c.document().ID != "" {
		return m, false, nil // they are somebody else's
	}
	g := c.guess(c.Args, target)
	switch {
	case g.says != "" && !asked:
		return new(message.Text).Add(g.says).Message(), true, nil
	case !g.sure || asked && !g.asked:
		return m, false, nil
	}
	if _, _, goesOn, err := c.goesOn(); err != nil || goesOn {
		return m, false, err // the second part of a longer text
	}
	row, _ := c.find(g.name)
	c.Name, c.Args = g.name, g.args
	c.completeFromReply(row)
	m, err = c.run(row)
	return m, true, err
}

// howTo is the command that a question asks about, as "how do I undo?" does; ""
// where it asks about something else.
func (c *call) howTo(text string) string {
	s := spoken(text)
	n := s.begins("how do i", "how do you", "how can i", "how could i", "how to", "can i", "can you", "could you", "where do i", "where can i")
	if !s.asks || n == 0 {
		return ""
	}
	name, _ := cutFirstWord(c.named(s.words[n], true))
	if row, known := c.find(name); !known || row.hidden || !row.allows(c.role) {
		return ""
	}
	return name
}

// isQuestion reports whether a text asks something of whoever reads it.
func isQuestion(text string) bool {
	s := spoken(text)
	return s.asks && s.begins("what", "what's", "which", "who", "when", "where", "why", "how", "can", "could", "do", "does", "did", "is", "are", "will", "would", "should") > 0
}
