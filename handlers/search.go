package handlers

import (
	"strings"

	"goalbot/goals"
	"goalbot/message"
)

// This file finds goals by what is written in them.

const maxSnippet = 80 // characters of a note or a criterion that was found

// search shows them as a board.
func (c *call) search() (message.Message, error) {
	words := goals.OneLine(c.Args)
	if words == "" {
		return c.ask(question{Command: "search"}, "What shall I look for?")
	}
	return c.board(place{Filter: "find", Words: words})
}

// around is a piece of a text that begins a little before the first of the
// words in it.
func around(text, words string) string {
	text = goals.OneLine(text)
	folded := strings.ToLower(text)
	first := len(text)
	if len(folded) == len(text) { // otherwise places in one are not places in the other
		for w := range strings.FieldsSeq(strings.ToLower(words)) {
			if i := strings.Index(folded, w); i >= 0 {
				first = min(first, i)
			}
		}
	}
	if first == len(text) || first < maxSnippet/2 {
		return clip(text, maxSnippet)
	}
	start := strings.LastIndexByte(text[:first-maxSnippet/4], ' ') + 1
	return "…" + clip(text[start:], maxSnippet)
}
