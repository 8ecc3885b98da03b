package handlers

import (
	"strings"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

// A note on what was done long ago once brought it back as done in the last week.
func TestTheDigestTellsWhatWasDoneLately(t *testing.T) {
	old := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	h := open(t,
		&goals.Goal{ID: "g-1", Description: "done elsewhere long ago", Status: goals.Done, Created: old, Updated: old},
		&goals.Goal{ID: "g-2", Description: "done elsewhere lately", Status: goals.Done, Created: old, Updated: time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)})
	h.say("/addgoal call mother")
	h.say("/done 3")
	h.now = h.now.Add(10 * 24 * time.Hour)
	h.say("/note 3 she is well")
	h.say("/addgoal write the report")
	h.say("/done 4")
	var said []string
	err := h.truth.Update(t.Context(), store.Origin{Key: "digest", At: h.now}, func(tx store.Tx) error { return h.h.SendDigest(tx, h.now, func(time.Time) time.Time { return h.now }) })
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range h.spoken() {
		said = append(said, m.Text)
	}
	const want = "Your goals\n\nDone in the last week · 2\n✅ #2 done elsewhere lately\n✅ #4 write the report"
	if got := strings.Join(said, "\n--\n"); got != want+"\n--\n"+want { // to both owners
		t.Errorf("said\n%s\nwant twice\n%s", got, want)
	}
}

// What comes due while the bot is stopped is not lost because it was stopped right after
// the schedule had been set: the schedule counts from when it was set. Red where only
// the next start notes it.
func TestADigestIsMissingFromWhenItWasSet(t *testing.T) {
	h := open(t)
	h.hear("/settings digest 8:00", "08:00")
	set := h.now
	h.start(nil, ann, ben)
	h.now = h.now.Add(24 * time.Hour)
	if since, err := h.h.DigestSince(t.Context(), h.now); err != nil || !since.Equal(set) {
		t.Errorf("none is missing until %v, want %v; error %v", since, set, err)
	}
}
