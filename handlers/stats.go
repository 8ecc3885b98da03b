package handlers

import (
	"context"

	"goalbot/chart"
	"goalbot/goals"
	"goalbot/message"
)

// This file sums up how it goes, in a picture and in words that say the same.

func (h *Handlers) stats(ctx context.Context, req Request) message.Message {
	var n chart.Numbers
	err := h.store.View(ctx, func(tx goals.Tx) error {
		finished, err := tx.Last("done")
		n = chart.Count(tx.List().All(), finished, req.At.In(h.zone))
		return err
	})
	if err != nil {
		h.log.Error("the goals could not be summed up", "err", err)
		return NotDone()
	}
	if n.Total() == 0 {
		return new(message.Text).Add(noGoals).Message()
	}
	m := numbersInWords(n).Message()
	if m.Photo, err = n.PNG(); err != nil {
		h.log.Error("the picture could not be drawn", "err", err)
		m.Photo = nil // the words say the same
	}
	return m
}

// numbersInWords is the caption of the picture.
func numbersInWords(n chart.Numbers) *message.Text {
	var t message.Text
	t.Bold(plural(n.Open(), "open goal"))
	if n.Open() > 0 {
		t.Addf(": %d pending, %d in progress, %d blocked", n.Counts[goals.Pending], n.Counts[goals.InProgress], n.Counts[goals.Blocked])
	}
	t.Addf(". %d done, %d abandoned.", n.Counts[goals.Done], n.Counts[goals.Abandoned])
	this := n.Weeks[chart.Weeks-1]
	var added, done int
	for _, w := range n.Weeks {
		added += w.Created
		done += w.Finished
	}
	t.Addf("\n\nThis week: %d added, %d done.\nIn %d weeks, since %s: %d added, %d done.",
		this.Created, this.Finished, chart.Weeks, n.Weeks[0].Monday.Format("2 January"), added, done)
	if g := n.Oldest; g != nil {
		t.Addf("\n\nThe oldest open goal is %s old: ", chart.Span(n.Age())).Append(line(g, maxAmongMany))
	}
	if n.Timed > 0 {
		t.Addf("\nHalf of what is done took less than %s.", chart.Span(n.Median))
	}
	return &t
}
