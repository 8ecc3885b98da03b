package alert

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite what is in testdata")

// What a chat reads, word for word. testdata/words.golden is to be read from top to
// bottom when it changes.
func TestWords(t *testing.T) {
	var got strings.Builder
	for _, story := range []struct {
		name string
		tell func(*sim)
	}{
		{"one problem: acknowledged, muted, and over", func(s *sim) {
			s.during(time.Hour)
			s.look("malformed:1")
			s.b.Acknowledge([]Cause{Malformed}, "Ann")
			s.deliver()
			s.b.Mute([]Cause{Malformed}, 8*time.Hour)
			s.deliver()
			s.pass(time.Hour)
			s.look()
		}},
		{"several, of which one is muted and one says much", func(s *sim) {
			s.look("disk-low:1")
			s.b.Mute([]Cause{DiskLow}, 8*time.Hour)
			s.look("disk-low:1", "poll-stalled:"+strings.Repeat("x", 192), "missing:"+strings.Repeat("x", 193))
			s.look("disk-low:1", "poll-stalled:2", "malformed:1")
			s.during(time.Hour, "disk-low:1", "poll-stalled:2", "malformed:1")
			s.look("poll-stalled:2")
			s.look()
		}},
		{"over before it could be told", func(s *sim) {
			s.down = true
			s.during(time.Hour, "malformed:1", "disk-low:1")
			s.during(time.Hour)
			s.down = false
			s.look()
		}},
		{"one comes and goes, and one lasts", func(s *sim) {
			for range 4 {
				s.during(5*time.Minute, "malformed:1", "disk-low:1")
				s.during(5*time.Minute, "disk-low:1")
			}
			s.during(time.Hour, "disk-low:1")
		}},
		{"three times is not often, four times is", func(s *sim) {
			for range 3 {
				s.during(5*time.Minute, "malformed:1")
				s.during(5 * time.Minute)
			}
		}},
		{"a test alone, and beside a problem", func(s *sim) {
			s.look("test")
			s.pass(6 * time.Second)
			s.look()
			s.look("test", "malformed:1")
			s.down = true
			s.pass(6 * time.Second)
			s.look()
			s.down = false
			s.look()
		}},
		{"the database, where goals are not safe for sure", func(s *sim) {
			s.look("palace-damaged:1")
			s.look("palace-damaged:1", "malformed:1")
			s.look("malformed:1")
			s.look("malformed:2")
			s.look("backups-failing:1")
		}},
	} {
		s := newSim()
		story.tell(s)
		fmt.Fprintf(&got, "# %s\n%s\n", story.name, s.all.String())
	}
	const file = "testdata/words.golden"
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || got.String() != string(want) {
		t.Errorf("the words differ from %s (%v); if they are better now, run the test with -update. They are:\n%s", file, err, got.String())
	}
}
