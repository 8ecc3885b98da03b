package alert

import (
	"fmt"
	"testing"
	"time"

	"goalbot/clock"
)

func TestTheLastWordAboutEachCauseWaits(t *testing.T) {
	b := New()
	last := map[Cause]string{}
	kept := 0
	for i := range 3 * maxPosts {
		b.Pass(clock.Moment{Wall: time.Date(2026, 3, 1, 12, 0, i, 0, time.UTC)})
		n := Notice{Kind: Kind(i % 2), Alert: Alert{Finding: Finding{Cause: Malformed}, Mark: int64(i)}}
		if i < 3 {
			n.Alert.Cause = []Cause{Missing, DiskLow, PollStalled}[i]
		}
		dropped := b.Post([]Notice{n}, "/data/sm/goals.json")
		if kept += 1 - len(dropped); kept != len(b.Posts) || kept > maxPosts {
			t.Fatalf("%d posts wait, and %d should", len(b.Posts), kept)
		}
		last[n.Alert.Cause] = b.Posts[len(b.Posts)-1].ID
	}
	if len(b.Posts) != maxPosts {
		t.Errorf("%d posts wait, and %d may", len(b.Posts), maxPosts)
	}
	seen := map[Cause]string{}
	for _, p := range b.Posts {
		seen[p.Cause] = p.ID
	}
	if fmt.Sprint(seen) != fmt.Sprint(last) {
		t.Errorf("the last words are %v, and there wait %v", last, seen)
	}
	if b.Posts[0].Cause != Missing || b.Posts[3].ID >= b.Posts[4].ID {
		t.Errorf("out of order: %v", b.Posts)
	}
}
