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

// search shows the goals that hold all the words, a page at a time. The page
// is the last word, after a stroke.
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
	found := c.tx.List().Search(words)
	if len(found) == 0 {
		return message.Message{}, goals.Refusal(fmt.Sprintf("Nothing holds “%s”. I look for every word in texts, criteria, tasks and notes; fewer words find more.", isolate(clip(words, 60))))
	}
	pages := (len(found) + perPage - 1) / perPage
	page = min(max(page, 1), pages)
	var t message.Text
	t.Bold("Found").Addf(" · %d · “%s”", len(found), isolate(clip(words, 60)))
	if pages > 1 {
		t.Addf(" · page %d of %d", page, pages)
	}
	t.Add("\n")
	var rows [][]message.Button
	for i, f := range found[(page-1)*perPage : min(page*perPage, len(found))] {
		t.Add("\n").Append(line(f.Goal, maxAmongMany))
		if f.In != "" {
			t.Add("\n      ").Italic(isolate(around(f.In, words)))
		}
		if i%5 == 0 {
			rows = append(rows, nil)
		}
		rows[i/5] = append(rows[i/5], message.Button{Label: number(f.Goal), Command: "goal " + strconv.FormatInt(f.Number, 10)})
	}
	return t.Message(append(rows, searchTurns(words, page, pages))...), nil
}

// searchTurns are the buttons to the pages beside this one, where the words
// leave room for them.
func searchTurns(words string, page, pages int) []message.Button {
	var turn []message.Button
	for _, to := range []struct {
		page  int
		label string
	}{{page - 1, "‹ Page %d"}, {page + 1, "Page %d ›"}} {
		command := fmt.Sprintf("search %s /%d", words, to.page)
		if to.page >= 1 && to.page <= pages && len(command) <= message.MaxButtonData {
			turn = append(turn, message.Button{Label: fmt.Sprintf(to.label, to.page), Command: command})
		}
	}
	return turn
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
