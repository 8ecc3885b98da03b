package handlers

import (
	"strings"
	"testing"
	"time"
)

// A button that was pressed carries the time of our clock, and a message that
// of Telegram's. Whichever of the two is off, a question is open for an hour.
// Looking at the time of the request alone turns this red.
func TestAClockThatIsOffEndsNoQuestion(t *testing.T) {
	for name, off := range map[string]time.Duration{"right": 0, "three hours behind": -3 * time.Hour, "three hours ahead": 3 * time.Hour} {
		for _, c := range []struct {
			after time.Duration
			open  bool
		}{{30 * time.Minute, true}, {5 * time.Hour, false}} {
			h := open(t)
			h.h.now = func() time.Time { return h.now.Add(off) }
			h.say("/addgoal call mother")
			tap := h.tapped(h.say("/goal 1"), "Note")
			tap.At = h.h.now()
			h.one(tap)
			file := h.send("", "goals.json", encoded(goal("g-new", "new one")))
			h.now = h.now.Add(c.after)
			if m := h.say("busy"); strings.Contains(m.Text, "Note added to") != c.open {
				t.Errorf("%s, after %v: %q", name, c.after, m.Text)
			}
			tap = h.tapped(file, "Import")
			tap.At = h.h.now()
			if m := h.one(tap); strings.Contains(m.Text, "Imported: ") != c.open {
				t.Errorf("%s, after %v: %q", name, c.after, m.Text)
			}
		}
	}
}

// An answer that was sent in time counts, however long the program was down.
func TestAnAnswerThatWasSentInTimeCounts(t *testing.T) {
	h := open(t)
	h.say("/addgoal")
	req := h.request("call mother")
	h.now = h.now.Add(20 * time.Hour)
	if m := h.one(req); !strings.Contains(m.Text, "Added: ") {
		t.Errorf("answered %q", m.Text)
	}
}
