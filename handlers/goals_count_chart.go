package handlers

import (
	"context"
	"fmt"
	"strconv"

	"goalbot/agenda"
	"goalbot/chart"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file shows how a count went, in a picture and in words that say the same.

// courseRender makes the picture of a goal's count, and its caption.
const courseRender = "chart"

// courseButton sends it, and is there where something is logged.
func courseButton(g *goals.Goal) []message.Button {
	if !g.Plan().Count.On() || len(g.Plan().Count.Log) == 0 {
		return nil
	}
	return []message.Button{{Label: "📈 Chart", Command: fmt.Sprintf("%s %d", courseRender, g.Number)}}
}

func (c *call) course() (message.Message, error) {
	which, private := cutPrivate(c.Args)
	g, ask, err := c.pick(which, "")
	if g == nil {
		return ask, err
	}
	if !g.Plan().Count.On() {
		return message.Message{}, goals.Refusal{Kind: goals.NotCounted, Goal: g.Number}
	}
	m, err := c.later(upload{render: courseRender, args: strconv.FormatInt(g.Number, 10), private: private,
		waits:   "That chart is already on its way. Ask again once it has arrived.",
		instead: "I can't send pictures in this group. I can send it in our private chat."})
	if err == nil && m.Render == "" && c.Tap && !private { // the card stays
		return c.below(m.Words(), g).Message(c.cardRows(g)...), nil
	}
	return m, err
}

// renderCourse makes the picture. Where it cannot be drawn or sent its caption goes
// alone.
func (h *Handlers) renderCourse(ctx context.Context, _ int64, queued message.Message) (m message.Message, ok bool, err error) {
	n, _ := strconv.ParseInt(queued.Args, 10, 64)
	var g *goals.Goal
	err = h.store.View(ctx, func(tx store.Tx) error {
		g = tx.List().Number(n)
		return nil
	})
	switch {
	case err != nil:
		return m, false, err
	case g == nil:
		return new(message.Text).Add(ruleWords(goals.Refusal{Kind: goals.NoGoal, Goal: n})).Message(), true, nil
	case !g.Plan().Count.On():
		return new(message.Text).Add(ruleWords(goals.Refusal{Kind: goals.NotCounted, Goal: n})).Message(), true, nil
	}
	course := chart.CourseOf(g, h.now().In(h.setting.Values().Zone))
	words := courseInWords(g, course)
	m = words.Message()
	if m.Photo, err = course.PNG(); err != nil {
		h.log.Error("the chart could not be drawn", "goal", n, "err", err)
		m.Photo = nil
	}
	if queued.Instead != nil {
		instead := new(message.Text).Append(words).Add("\n\n" + queued.Instead.Text).Message(queued.Instead.Buttons...)
		m.Instead = &instead
	}
	return m, true, nil
}

const maxInCourse = 10 // entries in the caption

// courseInWords is the caption of the picture.
func courseInWords(g *goals.Goal, course chart.Course) *message.Text {
	count := g.Plan().Count
	t := line(g, maxAmongMany).Addf("\n%s: %d%% of the way.", countWords(g), count.Percent())
	if len(count.Log) == 0 {
		return t.Add("\n\nNothing is logged yet.")
	}
	t.Addf("\n\nFrom %s:", agenda.Moment(course.From, course.To))
	values := count.Values()
	first := max(0, len(values)-maxInCourse)
	if first > 0 {
		t.Addf("\n… %s before", message.Count(first, "entry", "entries"))
	}
	for i := first; i < len(values); i++ {
		e := count.Log[i]
		t.Addf("\n%s: ", agenda.Moment(e.Time().In(course.To.Location()), course.To))
		if !e.Set {
			t.Add(e.Amount.Signed() + " → ")
		}
		t.Add(values[i].String())
	}
	return t
}
