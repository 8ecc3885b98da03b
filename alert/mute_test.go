package alert

import (
	"testing"
	"time"
)

// "/mute until 18:00" and "/mute until tomorrow" once muted for seven days, and
// "/mute 1h 30m" nothing at all: what stood behind the first word was passed
// over. Cutting the words off in parseMute turns this red.
func TestMuteTakesWhatAPersonWrites(t *testing.T) {
	now := time.Date(2026, 11, 28, 14, 30, 0, 0, time.UTC) // a Saturday
	for words, want := range map[string]time.Duration{
		"8h": 8 * time.Hour, "8 h": 8 * time.Hour, "8 hours": 8 * time.Hour, "8hours": 8 * time.Hour, "1 Hour": time.Hour,
		"30m": 30 * time.Minute, "30 min": 30 * time.Minute, "90 minutes": 90 * time.Minute, "1h30m": 90 * time.Minute,
		"1h 30m": 90 * time.Minute, "1 hour and 30 minutes": 90 * time.Minute, "for 2 h": 2 * time.Hour,
		"1m": time.Minute, "60s": time.Minute, "2d": 48 * time.Hour, "7 days": maxMute, "2 days": 48 * time.Hour, "1 week": maxMute, "over": maxMute, "until it is over": maxMute, "Until it’s over": maxMute, "": 0,
		"until 18:00": 210 * time.Minute, "until 6pm": 210 * time.Minute, "until 18": 210 * time.Minute, "18:00": 210 * time.Minute, "until 14:00": 23*time.Hour + 30*time.Minute,
		"until tomorrow": 17*time.Hour + 30*time.Minute, "until tomorrow at 18:00": 27*time.Hour + 30*time.Minute, "until monday": 41*time.Hour + 30*time.Minute, "until noon": 21*time.Hour + 30*time.Minute,
	} {
		if most, which, ok := ParseMute(words, now); !ok || most != want || which != "" {
			t.Errorf("/mute %s: %v of %q, %v; want %v", words, most, which, ok, want)
		}
	}
	for _, words := range []string{"8 h malformed", "8h malformed", "2 days malformed", "over malformed", "1h 30m Malformed", "until 18:00 malformed", "until tomorrow malformed"} {
		if most, which, ok := ParseMute(words, now); !ok || most == 0 || which != "malformed" {
			t.Errorf("/mute %s: %v of %q, %v", words, most, which, ok)
		}
	}
	for _, words := range []string{
		"sometimes", "8", "8 weeks", "h", "8 days", "59s", "-1 h", "99999999999999999999 days", "1e9 h",
		"until", "until then", "until sunday week", "until 25:00", "until 2027-01-01", "until 14:30:00", "until 18:00 or so", "until it is time", "over there", "1h please", "8h nonsense", "1h malformed disk-low", "until yesterday", "@17 over", "for", "for ever",
	} {
		if most, _, ok := ParseMute(words, now); ok {
			t.Errorf("/mute %s is taken as %v", words, most)
		}
	}
	if _, which, ok := ParseMute("over @17", now); which != "@17" || !ok {
		t.Errorf("a button mutes %q, %v", which, ok)
	}
}
