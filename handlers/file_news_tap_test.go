package handlers

import (
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/message"
)

// A later edit of news took the place of the card that a tap had put there. Broken on
// purpose: no look at what was tapped, the chat told of every change all the same, the
// chat told of nothing any more, and what was owed then left out.
func TestATapOnNewsKeepsItsAnswer(t *testing.T) {
	h := open(t, sample()...)
	p := remembers(h)
	h.now = time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC)
	in := func(chat int64) (all []message.Message) { // the news of the last look
		for _, m := range h.last {
			if m.chat == chat {
				all = append(all, m.Message)
			}
		}
		return newsIn(all)
	}
	p.does("g-00000006", blocks("it rains"))
	const chat, other = ben, ann
	if len(in(chat)) != 1 || len(in(other)) != 1 {
		t.Fatalf("said %+v", h.last)
	}
	number := h.shown[look(in(chat)[0])] // of the two that look so the one that was said last
	tap := func(number int64) {
		t.Helper()
		req := h.at(chat, "/goal 6")
		req.Tap, req.Message = true, number
		h.one(req)
	}
	tap(number + 100) // another message
	h.now = h.now.Add(time.Minute)
	p.does("g-00000006", func(g *goals.Goal) { g.Notes = append(g.Notes, "still raining") })
	if len(in(chat)) != 1 || in(chat)[0].Edit != number {
		t.Errorf("after a tap elsewhere it says %+v", in(chat))
	}
	tap(number)

	h.now = h.now.Add(time.Minute)
	p.does("g-00000006", func(g *goals.Goal) { g.Notes = append(g.Notes, "trying again") })
	if len(in(chat)) != 0 || len(in(other)) != 1 || in(other)[0].Edit == 0 || in(other)[0].Edit == number {
		t.Errorf("where it was tapped %+v, elsewhere %+v", in(chat), in(other))
	}
	h.now = h.now.Add(time.Minute)
	p.does("g-00000006", task("upload", goals.Failed, "exit status 3"))
	if len(in(chat)) != 1 || in(chat)[0].Edit != 0 || len(in(other)) != 1 || in(other)[0].Edit == 0 {
		t.Fatalf("an event: where it was tapped %+v, elsewhere %+v", in(chat), in(other))
	}

	number = h.shown[look(in(chat)[0])]
	if p.does("g-00000006", task("announce", goals.Failed, "")); len(in(chat)) != 0 {
		t.Errorf("an edit at once: %+v", in(chat))
	}
	tap(number)
	h.now = h.now.Add(time.Minute)
	h.must(h.mirror.Check(t.Context()))
	h.spoken()
	if len(in(chat)) != 1 || in(chat)[0].Edit != 0 || len(in(other)) != 1 || in(other)[0].Edit == 0 {
		t.Errorf("what was owed: where it was tapped %+v, elsewhere %+v", in(chat), in(other))
	}
}
