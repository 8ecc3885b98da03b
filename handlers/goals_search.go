package handlers

import (
	"sort"
	"strings"
	"unicode/utf8"

	"goalbot/goals"
	"goalbot/message"
)

// This file finds goals by what is written in them.

const maxSnippet = 80 // characters of a note or a criterion that was found

// search shows the goals that hold all the words, on the board. Where goals
// hold "page 2" too, it is part of the words.
func (c *call) search() (message.Message, error) {
	words, page := cutPage(c.Args)
	if page > 0 && (words == "" || len(c.tx.List().Search(goals.OneLine(c.Args))) > 0) {
		words, page = c.Args, 0
	}
	if words = goals.OneLine(words); words == "" {
		return c.ask(question{Command: "search"}, new(message.Text).Add("What are you looking for?"))
	}
	if n := utf8.RuneCountInString(words); n > maxWords {
		return message.Message{}, refuse("A search can have up to %d characters; this has %d. Try fewer words.", maxWords, n)
	}
	hits := c.tx.List().Search(words)
	if len(hits) == 0 {
		return message.Message{}, refuse("No goals found for “%s”. A goal must have all the words in its text, criteria, tasks or notes; try fewer words.", isolate(clip(words, 60)))
	}
	return c.board(boardView{Filter: found, Words: words, Page: page, hits: hits})
}

// found is the filter of a board that shows what holds some words.
const found = "found"

// around is a piece of a text that begins a little before the first of the
// words in it.
func around(text, words string) string {
	text = goals.OneLine(text)
	first := len(text)
	for w := range strings.FieldsSeq(goals.Fold(words)) {
		if i := position(text, w); i >= 0 {
			first = min(first, i)
		}
	}
	if first == len(text) || first < maxSnippet/2 {
		return clip(text, maxSnippet)
	}
	start := strings.LastIndexByte(text[:first-maxSnippet/4], ' ') + 1
	return "…" + clip(text[start:], maxSnippet)
}

// position returns where a text first holds a word that is folded, -1 where it
// does not. Places in a folded text are not places in the text, so the end of
// the word is looked for first, and then its beginning.
func position(text, word string) int {
	const most = 100_000 // bytes that are looked through
	text = text[:min(len(text), most)]
	if !strings.Contains(goals.Fold(text), word) {
		return -1
	}
	end := sort.Search(len(text), func(i int) bool { return strings.Contains(goals.Fold(text[:i]), word) })
	start := sort.Search(end, func(i int) bool { return !strings.Contains(goals.Fold(text[i:end]), word) })
	for start--; start > 0 && !utf8.RuneStart(text[start]); start-- {
	}
	return max(start, 0)
}
