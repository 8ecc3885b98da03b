package alert

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever happens: the phone does not ring more often than that, what lasts
// is told, a mute hides nothing else and ends.
func TestPropertiesOfAlerts(t *testing.T) {
	all := []string{"malformed", "missing", "disk-low", "poll-stalled", "palace-damaged"}
	rapid.Check(t, func(t *rapid.T) {
		s := newSim()
		s.pace = time.Minute
		muted := map[Cause]bool{}           // at any time since its alert began
		lasts := map[string]time.Duration{} // since when every look has found it and Telegram was there
		for range rapid.IntRange(1, 30).Draw(t, "actions") {
			switch rapid.IntRange(0, 9).Draw(t, "action") {
			case 0:
				s.down = !s.down
				clear(lasts)
			case 1:
				s.now = s.now.Add(time.Duration(rapid.IntRange(-50, 50).Draw(t, "years")) * 365 * 24 * time.Hour)
			case 2:
				active := s.b.Active()
				most := time.Duration(rapid.IntRange(1, 300).Draw(t, "hours")) * time.Hour
				s.b.Mute(active, most)
				for _, c := range active {
					muted[c] = true
				}
			case 3:
				s.b.Acknowledge(s.b.Active(), "Ann")
			case 4:
				s.b.UnmuteAll()
			default:
				var found []string
				for _, f := range all {
					if rapid.IntRange(0, 2).Draw(t, f) == 0 {
						found = append(found, fmt.Sprintf("%s:%d", f, rapid.IntRange(0, 1).Draw(t, "reason")))
					}
				}
				for range rapid.IntRange(1, 90).Draw(t, "minutes") {
					s.look(found...)
					s.pass(s.pace)
					for _, f := range all {
						i := slices.IndexFunc(found, func(o string) bool { return strings.HasPrefix(o, f+":") })
						if i < 0 {
							delete(s.causes, Cause(f))
						}
						if i < 0 || s.down {
							delete(lasts, f)
							continue
						}
						since, ok := lasts[f]
						if !ok {
							lasts[f] = s.passed
							continue
						}
						// An hour: for the phone that rang too often just now.
						if s.passed-since > time.Hour+2*time.Minute && !s.causes[Cause(f)] && !muted[Cause(f)] {
							t.Fatalf("%s has lasted since %v and was not told by %v", f, since, s.passed)
						}
					}
				}
			}
		}
		for times, most := range map[*[]time.Duration]int{&s.waited: maxTold, &s.loud: maxTold + 2*flapTransitions*len(all)} {
			for i, at := range *times {
				if i >= most && at-(*times)[i-most] < time.Hour-10*time.Second {
					t.Fatalf("%d messages within %v", most+1, at-(*times)[i-most])
				}
			}
		}
		// Every mute ends, and what stands then is told.
		s.down, s.pace = false, 30*time.Minute
		s.during(maxMute+time.Minute, "malformed:0")
		if muted := s.b.Where(Alert.Muted); len(muted) > 0 {
			t.Fatalf("still muted after %v: %v", maxMute, muted)
		}
		s.during(2*time.Hour, "malformed:0")
		if !s.causes[Malformed] {
			t.Fatal("what was muted is not told")
		}
	})
}
