package telegram

import (
	"encoding/json"
	"strings"
	"unicode"
)

// This file reads the words of rich messages, checklists and polls (Bot API 10.1,
// RichMessage; 9.1, Checklist; Poll), which have neither a text nor a caption. They
// are taken apart without types: kinds of blocks are added often, and one that
// is not known must not hide the words in it.

const (
	maxRichDepth = 16       // blocks within blocks; words that lie deeper are left out
	maxRichWords = 64 << 10 // bytes; an update has no more (Bot API server)
)

// richWords are the words of a rich message, a line for each paragraph and each
// item of a list, with the marks that a phone makes formatting of; see asTyped.
func richWords(raw json.RawMessage) string {
	r := richReader{left: maxRichWords}
	return strings.TrimSpace(strings.Join(r.blocks(member(parsed(raw), "blocks"), 0), "\n"))
}

// checklistWords are the title of a checklist and a line for each task.
func checklistWords(raw json.RawMessage) string {
	r := richReader{left: maxRichWords}
	list := parsed(raw)
	lines := r.lines(member(list, "title"), 0)
	tasks, _ := member(list, "tasks").([]any)
	for _, task := range tasks {
		done := member(task, "completed_by_user") != nil || member(task, "completed_by_chat") != nil
		if at, ok := member(task, "completion_date").(float64); ok && at > 0 {
			done = true
		}
		lines = append(lines, item(box(done), r.lines(member(task, "text"), 0))...)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// pollWords are the question of a poll and a line for each option.
func pollWords(raw json.RawMessage) string {
	r := richReader{left: maxRichWords}
	poll := parsed(raw)
	lines := append(r.lines(member(poll, "question"), 0), r.lines(member(poll, "description"), 0)...)
	options, _ := member(poll, "options").([]any)
	for _, option := range options {
		lines = append(lines, item("- ", r.lines(member(option, "text"), 0))...)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

func parsed(raw json.RawMessage) (v any) {
	_ = json.Unmarshal(raw, &v) // nil where it is none
	return v
}

// member is a member of a JSON object; nil where there is none.
func member(v any, name string) any {
	o, _ := v.(map[string]any)
	return o[name]
}

func text(v any, name string) string {
	s, _ := member(v, name).(string)
	return s
}

// richReader collects words until there are too many.
type richReader struct{ left int }

func (r *richReader) blocks(v any, depth int) (lines []string) {
	all, _ := v.([]any)
	for _, b := range all {
		lines = append(lines, r.block(b, depth+1)...)
	}
	return lines
}

func (r *richReader) block(v any, depth int) (lines []string) {
	lines = r.lines(member(v, "summary"), depth)
	switch kind := text(v, "type"); kind {
	case "pre":
		lines = append(lines, r.code(v, depth)...)
	case "mathematical_expression":
		lines = append(lines, r.lines(v, depth)...)
	default:
		lines = append(lines, r.lines(member(v, "text"), depth)...)
	}
	lines = append(lines, r.blocks(member(v, "blocks"), depth)...)
	items, _ := member(v, "items").([]any)
	for _, i := range items {
		lines = append(lines, item(marker(i), r.blocks(member(i, "blocks"), depth))...)
	}
	rows, _ := member(v, "cells").([]any)
	for _, row := range rows {
		if line := r.row(row, depth); line != "" {
			lines = append(lines, line)
		}
	}
	return append(lines, r.lines(member(v, "caption"), depth)...)
}

// lines are the lines of a rich text, without those that show nothing.
func (r *richReader) lines(v any, depth int) (lines []string) {
	for l := range strings.Lines(r.text(v, depth)) {
		if l = strings.TrimRightFunc(l, unicode.IsSpace); strings.TrimSpace(l) != "" {
			lines = append(lines, l)
		}
	}
	return lines
}

func (r *richReader) code(v any, depth int) []string {
	words := strings.Trim(r.text(member(v, "text"), depth), "\n")
	if strings.TrimSpace(words) == "" {
		return nil
	}
	if language := text(v, "language"); language != "" {
		words = language + "\n" + words + "\n"
	}
	return strings.Split("```"+words+"```", "\n")
}

func (r *richReader) row(v any, depth int) string {
	var cells []string
	all, _ := v.([]any)
	for _, c := range all {
		if words := strings.Join(r.lines(member(c, "text"), depth), " "); words != "" {
			cells = append(cells, words)
		}
	}
	return strings.Join(cells, " | ")
}

// text is a rich text in one piece: a string, an array of such, or an object
// that holds one.
func (r *richReader) text(v any, depth int) string {
	if depth > maxRichDepth || r.left <= 0 {
		return ""
	}
	switch v := v.(type) {
	case string:
		if len(v) > r.left {
			v = strings.ToValidUTF8(v[:r.left], "")
		}
		r.left -= len(v)
		return v
	case []any:
		var b strings.Builder
		for _, part := range v {
			b.WriteString(r.text(part, depth+1))
		}
		return b.String()
	case map[string]any:
		words := r.text(v["text"], depth+1)
		switch text(v, "type") {
		case "code":
			if words != "" {
				words = "`" + words + "`"
			}
		case "url":
			if address := text(v, "url"); address != "" && address != words {
				words += " (" + r.text(address, depth+1) + ")"
			}
		case "custom_emoji":
			words = r.text(v["alternative_text"], depth+1)
		case "mathematical_expression":
			words = r.text(v["expression"], depth+1)
		}
		return words
	}
	return ""
}

// item puts a mark before the first line of an item, and moves the others in.
func item(mark string, lines []string) []string {
	for i, l := range lines {
		if i == 0 {
			lines[i] = mark + l
		} else {
			lines[i] = strings.Repeat(" ", 2) + l
		}
	}
	return lines
}

// marker is what people would type before an item of a list.
func marker(v any) string {
	if has, _ := member(v, "has_checkbox").(bool); has {
		done, _ := member(v, "is_checked").(bool)
		return box(done)
	}
	label := strings.TrimSpace(text(v, "label"))
	if member(v, "value") == nil && member(v, "type") == nil || label == "" || len(label) > 10 {
		return "- "
	}
	if last := label[len(label)-1]; last != '.' && last != ')' {
		label += "."
	}
	return label + " "
}

func box(done bool) string {
	if done {
		return "- [x] "
	}
	return "- [ ] "
}
