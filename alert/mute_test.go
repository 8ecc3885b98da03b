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

func TestWhatAChatHearsOfAMute(t *testing.T) {
	const year = 365 * 24 * time.Hour
	broken, missing := "malformed", "missing"
	for _, test := range []story{
		{"muted: nothing of it, though it says something else; then it is told", func(s *sim) {
			s.look(broken)
			s.b.Mute([]Cause{Malformed}, 8*time.Hour)
			s.during(3*time.Hour, broken)
			s.during(6*time.Hour, broken+":2")
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"8 h 🚨 goals.json is damaged – still not fixed after 8 h",
		}},
		{"muted, and over before the mute is: the end is told, and the next time too", func(s *sim) {
			s.look(broken)
			s.b.Mute([]Cause{Malformed}, 8*time.Hour)
			s.during(time.Hour, broken)
			s.during(time.Hour)
			s.during(time.Hour, broken)
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"1 h ✅ goals.json is OK again, after 1 h.",
			"2 h 🚨 goals.json is damaged",
		}},
		{"muted while it comes and goes: the mute ends when that does", func(s *sim) {
			for i := range 12 {
				if i == 3 {
					s.b.Mute([]Cause{Malformed}, 24*time.Hour)
				}
				s.during(5*time.Minute, broken)
				s.during(5 * time.Minute)
			}
			s.during(3 * time.Hour)
			s.look(broken)
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"5 min ✅ goals.json is OK again, after 5 min 1 s.",
			"10 min 🚨 goals.json is damaged",
			"15 min ✅ goals.json is OK again, after 5 min 1 s.",
			"20 min 🚨 goals.json is damaged – it comes and goes, for 20 min 2 s now",
			"2 h 25 min ✅ goals.json is OK again, after 1 h 55 min.",
			"5 h 🚨 goals.json is damaged",
		}},
		{"muted: another cause is told all the same", func(s *sim) {
			s.look(broken)
			s.b.Mute([]Cause{Malformed}, 8*time.Hour)
			s.during(time.Hour, broken, missing)
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"less than a second 🚨 goals.json is missing",
		}},
		{"muted until it is over: the end is told, and the next time too", func(s *sim) {
			s.look(broken)
			s.b.Mute([]Cause{Malformed}, maxMute)
			s.during(3*24*time.Hour, broken)
			s.during(time.Hour)
			s.look(broken)
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"3 d ✅ goals.json is OK again, after 3 d.",
			"3 d 1 h 🚨 goals.json is damaged",
		}},
		{"muted until it is over, and it is never over: the mute ends", func(s *sim) {
			s.look(broken)
			s.b.Mute([]Cause{Malformed}, 1000*time.Hour)
			s.during(8*24*time.Hour, broken)
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"7 d 🚨 goals.json is damaged – still not fixed after 7 d",
			"7 d 6 h 🚨 goals.json is damaged – still not fixed after 7 d 6 h",
			"7 d 12 h 🚨 goals.json is damaged – still not fixed after 7 d 12 h",
			"7 d 18 h 🚨 goals.json is damaged – still not fixed after 7 d 18 h",
		}},
		{"muted before it could be told", func(s *sim) {
			s.down = true
			s.look(broken)
			s.b.Mute([]Cause{Malformed}, time.Hour)
			s.down = false
			s.during(70*time.Minute, broken)
		}, []string{"1 h 🚨 goals.json is damaged – for 1 h now"}},
		{"unmuted by hand: told at once", func(s *sim) {
			s.look(broken)
			s.b.Mute([]Cause{Malformed}, 8*time.Hour)
			s.during(time.Hour, broken)
			s.b.UnmuteAll()
			s.look(broken)
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"1 h 🚨 goals.json is damaged – still not fixed after 1 h",
		}},
		{"a mute ends though the clock was set back", func(s *sim) {
			s.look(broken)
			s.b.Mute([]Cause{Malformed}, time.Hour)
			s.now = s.now.Add(-3 * year)
			s.during(2*time.Hour, broken)
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"1 h 🚨 goals.json is damaged – still not fixed after 1 h",
		}},
	} {
		test.run(t)
	}
}
