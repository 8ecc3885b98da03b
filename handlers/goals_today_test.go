package handlers

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A long list stays on its page, and its buttons finish goals until that is turned
// off, also after a restart. Red where the mode or the page is not kept.
func TestFinishingFromALongList(t *testing.T) {
	h := open(t)
	for i := range 25 {
		h.say(fmt.Sprintf("/addgoal goal %d", i+1))
	}
	m := h.tap(h.say("/goals"), "Page 2 ›")
	m = h.tap(m, "✅ Finish")
	m = h.tap(m, "✅ #12")
	if !strings.HasPrefix(m.Text, "Done: ✅ #12 goal 12\n\nOpen goals · 24 · page 2 of 3\n") {
		t.Errorf("said %q", m.Text)
	}
	button(t, m, "Undo")
	if e := h.events(12)[0]; e.Name != "done" {
		t.Errorf("the history has it as %q, and the digest goes by that", e.Name)
	}
	h.start(nil, ann)
	m = h.tap(h.tap(m, "✅ #21"), "‹ Page 1")
	if button(t, m, "✅ #3"); h.truth.List().Number(21).Status.Open() {
		t.Error("#21 is open")
	}
	again := h.tap(m, "✅ #3")
	if m := h.tap(m, "✅ #3"); !strings.HasPrefix(m.Text, "#3 has changed since this was shown, so I left it as it is.") {
		t.Errorf("a second tap said %q", m.Text)
	}
	m = h.tap(again, "· ✅ Finish ·")
	button(t, m, "#4")
	if m := h.say("/goals"); !strings.Contains(fmt.Sprint(m.Buttons), "{#1 goal 1 ") {
		t.Errorf("a list that was asked for again has %v", m.Buttons)
	}
}

// One who may only look is offered nothing to change, and a button that they forge
// changes nothing.
func TestAViewerCannotFinishFromAList(t *testing.T) {
	h := people(t)
	h.say("/addgoal call mother\n- she answers")
	for _, words := range []string{"/goals", "/today", "/next"} {
		m := h.one(h.at(viewer, words))
		if text := fmt.Sprint(m.Buttons); strings.Contains(text, "here") || strings.Contains(text, "mode") {
			t.Errorf("%s: a viewer sees %s", words, text)
		}
	}
	g := h.truth.List().Number(1)
	for _, words := range []string{"donehere " + atRevision(g) + " today", "tickhere 1 " + tickName(g, 0) + " goals", "mode finish goals"} {
		req := h.at(viewer, words)
		req.Tap = true
		h.do(req)
	}
	if g := h.truth.List().Number(1); !g.Status.Open() || len(g.Plan().Ticked) > 0 {
		t.Errorf("it is %+v", g)
	}
}

// The number that replies to a card is a criterion of its; with # it is a goal.
func TestAReplyTicks(t *testing.T) {
	h := open(t)
	h.say("/addgoal write the report\n- three pages\n- read by somebody")
	h.say("/addgoal call mother")
	card := h.say("/goal 1")
	for _, test := range []struct{ words, said, ticked string }{
		{"2", "Ticked: ⬜ #1 write the report  ☑ 1/2", "[read by somebody]"},
		{"1", "Ticked: ⬜ #1 write the report  ☑ 2/2\nBoth criteria are met. Is it done?", "[read by somebody three pages]"},
		{"#2", "⬜ #2 call mother", "[read by somebody three pages]"},
		{"1-2", "Unticked: ⬜ #1 write the report", "[]"},
	} {
		m := h.one(h.replyTo(card, test.words))
		if ticked := fmt.Sprint(h.truth.List().Number(1).Plan().Ticked); !strings.HasPrefix(m.Text, test.said) || ticked != test.ticked {
			t.Errorf("%q: said %q, ticked are %s; want %q and %s", test.words, m.Text, ticked, test.said, test.ticked)
		}
	}
	if m := h.one(h.replyTo(card, "3")); len(h.truth.List().Number(1).Plan().Ticked) > 0 {
		t.Errorf("3 ticked something: %q", m.Text)
	}
}

// The digest is the view of the day: what is overdue and due leads, no goal is named
// twice, and it says what is next.
func TestTheDigestSaysWhatIsDue(t *testing.T) {
	h := open(t)
	for _, words := range []string{"/addgoal one", "/addgoal two", "/addgoal three", "/addgoal four", "/due 1 today", "/due 2 tomorrow", "/begin 2", "/begin 3", "/done 4"} {
		h.say(words)
	}
	h.now = h.now.Add(24 * time.Hour)
	finished := map[int64]time.Time{4: h.now}
	m, ok := digest(h.truth.List(), finished, reader{now: h.now, people: h.members.Now()})
	const want = `Your goals

Overdue · 1
⬜ #1 one  ❗ overdue by 1 day

Due today · 1
▶️ #2 two  📅 today

In progress · 1
▶️ #3 three

Done in the last week · 1
✅ #4 four

Next: #2, due today, started`
	if !ok || m.Text != want {
		t.Errorf("said\n%s\nwant\n%s", m.Text, want)
	}
	if m := h.tap(m, "✅ Finish"); !strings.HasPrefix(m.Text, "Today, ") {
		t.Errorf("the button shows %q", m.Text)
	}
}
