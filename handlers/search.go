package handlers

import (
	"fmt"
	"strconv"
	"strings"

	"goalbot/goals"
	"goalbot/message"
)

// This file finds goals by what is written in them.

const maxSnippet = 80 // characters of a note or a criterion that was found

// search shows the goals that hold all the words, on the board. The page is
// the last word, after a stroke.
func (c *call) search() (message.Message, error) {
	words, page := c.Args, 1
	if i := strings.LastIndexAny(words, " \n\t/"); i >= 0 && words[i] == '/' && (i == 0 || strings.ContainsRune(" \n\t", rune(words[i-1]))) {
		if n, err := strconv.Atoi(words[i+1:]); err == nil {
			words, page = words[:i], n
		}
	}
	if words = goals.OneLine(words); words == "" {
		return c.ask(question{Command: "search"}, "What shall I look for?")
	}
	if len(c.tx.List().Search(words)) == 0 {
		return message.Message{}, goals.Refusal(fmt.Sprintf("Nothing holds “%s”. I look for every word in texts, criteria, tasks and notes; fewer words find more.", isolate(clip(words, 60))))
	}
	return c.board(place{Filter: found, Words: words, Page: page})
}

// found is the filter of a board that shows what holds some words.
const found = "found"

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
