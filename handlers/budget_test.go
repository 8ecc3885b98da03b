package handlers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"goalbot/access"
	"goalbot/store"
)

// Broken on purpose, and what went red: the limit, TestNobodyTakesTheTimeOfOthers;
// telling it once, the same; the time of the requests in place of ours,
// TestABacklogIsNotTooMuch; the keys of what was acted on, TestATryAgainCostsNothing.

// flood makes n requests that were said in the same second.
func (h *house) flood(who int64, n int, words string) (reqs []Request) {
	at := h.now
	for range n {
		req := h.at(who, words)
		req.At = at
		reqs = append(reqs, req)
	}
	h.now = at
	return reqs
}

// all hands requests over as the poller does: a hundred at once, and one by one
// what must be handled for itself.
func (h *house) all(reqs []Request) {
	h.t.Helper()
	for len(reqs) > 0 {
		done, err := h.h.Batch(h.t.Context(), reqs[:min(100, len(reqs))])
		if err != nil {
			h.t.Fatal(err)
		}
		if done == 0 {
			h.handle(reqs[0])
			done = 1
		}
		reqs = reqs[done:]
	}
}

func TestNobodyTakesTheTimeOfOthers(t *testing.T) {
	const told = "That is more than I can keep up with, so I ignore this and everything you send in the next 20 seconds. Please send it again after that."
	for _, words := range []string{"/stats", "/health", "/goals", "/nonsense", "plain words"} {
		h := people(t)
		h.one(h.at(ann, "/addgoal call mother"))
		h.now = h.now.Add(time.Hour)
		h.all(h.flood(viewer, 1000, words))
		h.handle(h.at(ann, "/addgoal write the report"))
		n, once, owner := 0, 0, 0
		for _, m := range h.spoken() {
			switch {
			case m.Text == told:
				once++
			case strings.Contains(m.Text, "#2 write the report"):
				owner++
			default:
				n++
			}
		}
		if once != 1 || owner != 1 || n > allowances[access.Viewer].burst {
			t.Errorf("%s: told %d times, the owner answered %d times, and %d answers", words, once, owner, n)
		}
		// A while later it goes on, and the next flood is told again.
		h.now = h.now.Add(allowances[access.Viewer].pause())
		if m := h.one(h.at(viewer, "/goals")); !strings.Contains(m.Text, "Open goals") {
			t.Errorf("%s: later /goals is answered %q", words, m.Text)
		}
		h.all(h.flood(viewer, 100, words))
		if said := h.spoken(); said[len(said)-1].Text != told {
			t.Errorf("%s: the next time it ends with %q", words, said[len(said)-1].Text)
		}
	}
}

// An editor may paste what is on their mind, and an owner is not limited.
func TestWhatAPersonCanTypeIsNotTooMuch(t *testing.T) {
	h := people(t)
	h.all(h.flood(editor, 150, "/addgoal x"))
	h.all(h.flood(ann, 500, "/addgoal y"))
	if n := h.truth.List().Len(); n != 650 {
		t.Errorf("%d goals", n)
	}
}

// What was said in a whole day, while the program was down, is not too much
// though it comes at once.
func TestABacklogIsNotTooMuch(t *testing.T) {
	h := people(t)
	var reqs []Request
	for range 600 {
		reqs = append(reqs, h.at(editor, "/addgoal x"))
		h.now = h.now.Add(time.Minute)
	}
	h.all(reqs)
	if n := h.truth.List().Len(); n != 600 {
		t.Errorf("%d goals", n)
	}
}

// A commit that fails brings all of it again, one by one.
func TestATryAgainCostsNothing(t *testing.T) {
	h := people(t)
	flaky := &faulty{}
	h.start(flaky.wrap, ann, ben)
	h.all(h.flood(editor, 100, "/goals"))
	reqs := h.flood(editor, 99, "/addgoal x")
	for range 5 {
		flaky.refuse = store.ErrUnknown
		if _, err := h.h.Batch(t.Context(), reqs); err == nil {
			t.Fatal("it does not fail")
		}
	}
	flaky.refuse = nil
	for _, req := range reqs {
		h.handle(req)
	}
	if n := h.truth.List().Len(); n != 99 {
		t.Errorf("%d goals", n)
	}
	// The one that is told is told as well when it comes again.
	last := h.flood(editor, 2, "/goals")
	h.handle(last[0])
	h.spoken()
	flaky.refuse = store.ErrUnknown
	if err := h.h.Handle(t.Context(), last[1]); err == nil {
		t.Fatal("it does not fail")
	}
	flaky.refuse = nil
	h.handle(last[1])
	if said := h.spoken(); len(said) != 1 || !strings.Contains(said[0].Text, "more than I can keep up with") {
		t.Errorf("said %+v", said)
	}
}

// A tap that is passed over leaves the message that was tapped, and what was
// asked before is still open.
func TestWhatIsPassedOverChangesNothing(t *testing.T) {
	h := people(t)
	h.one(h.at(editor, "/addgoal call mother"))
	card := h.one(h.at(editor, "/goal 1"))
	h.one(h.at(editor, "/note 1"))
	records := fmt.Sprint(h.records(store.QuestionRecord))
	h.h.budgets.of[editor].left.AllowN(h.now.Add(time.Second), int(h.h.budgets.of[editor].left.Tokens()))
	tap := h.tapped(card, "Done")
	tap.From, tap.Chat, tap.At = Person{ID: editor, Name: "Edith"}, Chat{ID: editor, Private: true}, h.now
	h.h.budgets.of[editor].left.AllowN(h.now, 1)
	if m := h.one(tap); m.Edit != 0 || !strings.Contains(m.Text, "more than I can keep up with") {
		t.Errorf("said %+v", m)
	}
	if fmt.Sprint(h.records(store.QuestionRecord)) != records {
		t.Error("the question is forgotten")
	}
	h.wantList("#1 pending call mother")
}
