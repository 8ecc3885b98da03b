package handlers

import (
	"context"
	"sync"

	"goalbot/agenda"
	"goalbot/chart"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file sums up how it goes, in a picture and in words that say the same.

// statsRender makes the picture and its caption.
const statsRender = "stats"

func (c *call) stats() (message.Message, error) {
	if c.tx.List().Len() == 0 {
		return new(message.Text).Add(noGoals).Message(), nil
	}
	_, private := cutPrivate(c.Args)
	return c.later(upload{render: statsRender, private: private,
		waits:   "The picture is already on its way. Ask again once it has arrived.",
		instead: "I can't send pictures in this group. I can send it in our private chat."})
}

// renderStats makes the picture. It says no more than the words below it, so
// where it cannot be drawn or sent they go alone.
func (h *Handlers) renderStats(ctx context.Context, _ int64, queued message.Message) (m message.Message, ok bool, err error) {
	var n chart.Numbers
	err = h.store.View(ctx, func(tx store.Tx) error {
		finished, err := tx.Last("done")
		n = chart.Count(tx.List().All(), finished, h.now().In(h.setting.Values().Zone))
		return err
	})
	if err != nil {
		return m, false, err
	}
	if n.Total() == 0 {
		return new(message.Text).Add(noGoals).Message(), true, nil
	}
	words := numbersInWords(n)
	m = words.Message()
	if m.Photo, err = h.pictures.of(n); err != nil {
		h.log.Error("the picture could not be drawn", "err", err)
		m.Photo = nil
	}
	if queued.Instead != nil {
		instead := new(message.Text).Append(words).Add("\n\n" + queued.Instead.Text).Message(queued.Instead.Buttons...)
		m.Instead = &instead
	}
	return m, true, nil
}

// pictures keeps the picture that was drawn last, since many ask for the same.
type pictures struct {
	mu    sync.Mutex
	shows string
	png   []byte
}

func (p *pictures) of(n chart.Numbers) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.png != nil && p.shows == n.Shows() {
		return p.png, nil
	}
	png, err := n.PNG()
	if err != nil {
		return nil, err
	}
	p.shows, p.png = n.Shows(), png
	return png, nil
}

// numbersInWords is the caption of the picture.
func numbersInWords(n chart.Numbers) *message.Text {
	var t message.Text
	t.Bold(message.Count(n.Open(), "open goal", "open goals"))
	if n.Open() > 0 {
		t.Addf(": %d to do, %d in progress, %d blocked", n.Counts[goals.Pending], n.Counts[goals.InProgress], n.Counts[goals.Blocked])
	}
	t.Addf(". %d done, %d abandoned.", n.Counts[goals.Done], n.Counts[goals.Abandoned])
	this := n.Weeks[chart.Weeks-1]
	var added, done int
	for _, w := range n.Weeks {
		added += w.Created
		done += w.Finished
	}
	t.Addf("\n\nThis week: %d added, %d done.\nIn the last %d weeks, since %s: %d added, %d done.",
		this.Created, this.Finished, chart.Weeks, n.Weeks[0].Monday.Format("2 January"), added, done)
	if g := n.Oldest; g != nil {
		t.Addf("\n\nThe oldest open goal is %s old: ", agenda.Roughly(n.Age())).Append(line(g, maxAmongMany))
	}
	if n.Timed > 0 {
		t.Addf("\nMedian time to finish: %s.", agenda.Roughly(n.Median))
	}
	return &t
}
