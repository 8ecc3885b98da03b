package handlers

import (
	"fmt"
	"slices"
	"strings"

	"goalbot/message"
)

// This file answers a backlog: the answers to many commands that had to wait are
// combined into one message, not sent as a burst.

// Combine makes one message of the first answers of a row to one chat, as
// many as fit, and says how many those are. Only the last of them keeps its
// buttons. Fewer than two are none.
func Combine(row []message.Message) (m message.Message, n int) {
	var said message.Text
	quiet := true
	for n < len(row) {
		next := row[n]
		if !next.Answer || next.Render != "" || next.Attached() || next.React != "" || next.Edit != 0 || next.Over != "" || next.Tag != "" || next.Thread != row[0].Thread || next.For != row[0].For {
			break
		}
		gap := "\n"
		if n > 0 && strings.Contains(next.Text+row[n-1].Text, "\n") {
			gap = "\n\n"
		}
		words := next.Words()
		if said.Len()+len(gap)+words.Len() > maxPage {
			break
		}
		if n > 0 {
			said.Add(gap)
		}
		said.Append(words)
		quiet = quiet && next.Quiet
		n++
	}
	if n < 2 {
		return m, 0
	}
	last := row[n-1]
	var t message.Text
	t.Bold(fmt.Sprintf("%d commands were waiting.", n)).Add(" Here are the results, in order:\n\n").Append(&said)
	if len(last.Buttons) > 0 {
		t.Add("\n\nThe buttons are for the last one.")
	}
	m = t.Message(last.Buttons...)
	m.Thread, m.ReplyTo, m.Quiet, m.Ask, m.Answer = last.Thread, last.ReplyTo, quiet, last.Ask, true
	if !slices.ContainsFunc(row[:n], func(r message.Message) bool { return !slices.Equal(r.Elsewhere, last.Elsewhere) }) {
		m.Elsewhere, m.About = last.Elsewhere, last.About
	}
	return m.Fit(), n
}
