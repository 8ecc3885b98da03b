package alert

import (
	"fmt"
	"testing"
	"time"

	"goalbot/clock"
)

func TestWhatAChatHearsOfFlapping(t *testing.T) {
	broken, missing := "malformed", "missing"
	for _, test := range []story{
		{"it came and went twice while nobody could be told", func(s *sim) {
			s.down = true
			for range 2 {
				s.during(time.Hour, broken)
				s.during(time.Hour)
			}
			s.during(time.Hour, missing)
			s.down = false
			s.look(missing)
		}, []string{"5 h 🚨 goals.json is missing – for 1 h now"}},
		{"it comes and goes: told, and then not until it keeps still", func(s *sim) {
			for range 20 {
				s.during(5*time.Minute, broken)
				s.during(5 * time.Minute)
			}
			s.during(time.Hour)
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"5 min ✅ goals.json is OK again, after 5 min 1 s.",
			"10 min 🚨 goals.json is damaged",
			"15 min ✅ goals.json is OK again, after 5 min 1 s.",
			"20 min 🚨 goals.json is damaged – it comes and goes, for 20 min 2 s now",
			"3 h 45 min ✅ goals.json is OK again, after 3 h 15 min.",
		}},
		{"it comes and goes, and stays broken", func(s *sim) {
			for range 4 {
				s.during(5*time.Minute, broken)
				s.during(5 * time.Minute)
			}
			s.during(time.Hour, broken)
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"5 min ✅ goals.json is OK again, after 5 min 1 s.",
			"10 min 🚨 goals.json is damaged",
			"15 min ✅ goals.json is OK again, after 5 min 1 s.",
			"20 min 🚨 goals.json is damaged – it comes and goes, for 20 min 2 s now",
			"1 h 10 min 🚨 goals.json is damaged – for 1 h 10 min now",
		}},
		{"four reasons in a row, as somebody mends it by hand: each is told, and the end", func(s *sim) {
			for i := range 4 {
				s.during(5*time.Minute, fmt.Sprint(broken, ":", i))
			}
			s.during(time.Hour)
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"5 min 🚨 goals.json is damaged – for 5 min 1 s now",
			"10 min 🚨 goals.json is damaged – for 10 min 1 s now",
			"15 min 🚨 goals.json is damaged – for 15 min 1 s now",
			"20 min ✅ goals.json is OK again, after 20 min 1 s.",
		}},
		{"a storm of reasons: a handful is told, then what it says when that stays, then the end", func(s *sim) {
			s.pace = 2 * time.Second
			for i := range 1000 {
				s.during(2*time.Second, fmt.Sprint(broken, ":", i))
			}
			s.during(time.Hour, broken+":1000")
			s.look()
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"less than a second 🚨 goals.json is damaged",
			"less than a second 🚨 goals.json is damaged",
			"less than a second 🚨 goals.json is damaged",
			"38 min 🚨 goals.json is damaged – for 38 min 21 s now",
			"1 h 33 min ✅ goals.json is OK again, after 1 h 33 min.",
		}},
		{"it comes and goes, and somebody restores it: the end is told, and what comes next", func(s *sim) {
			for range 6 {
				s.during(5*time.Minute, broken)
				s.during(5 * time.Minute)
			}
			s.during(5*time.Minute, broken)
			s.b.Restored()
			s.during(10 * time.Minute)
			s.during(10*time.Minute, broken)
			s.b.Restored()
			s.during(time.Hour)
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"5 min ✅ goals.json is OK again, after 5 min 1 s.",
			"10 min 🚨 goals.json is damaged",
			"15 min ✅ goals.json is OK again, after 5 min 1 s.",
			"20 min 🚨 goals.json is damaged – it comes and goes, for 20 min 2 s now",
			"1 h 5 min ✅ goals.json is OK again, after 1 h 5 min.",
			"1 h 15 min 🚨 goals.json is damaged",
			"1 h 25 min ✅ goals.json is OK again, after 10 min 1 s.",
		}},
		{"it comes and goes, and is restored while it is gone: the end is told", func(s *sim) {
			for range 6 {
				s.during(5*time.Minute, broken)
				s.during(5 * time.Minute)
			}
			s.b.Restored()
			s.look()
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"5 min ✅ goals.json is OK again, after 5 min 1 s.",
			"10 min 🚨 goals.json is damaged",
			"15 min ✅ goals.json is OK again, after 5 min 1 s.",
			"20 min 🚨 goals.json is damaged – it comes and goes, for 20 min 2 s now",
			"1 h ✅ goals.json is OK again, after 55 min 5 s.",
		}},
		{"it came and went twice, and was restored: the next time is the first again", func(s *sim) {
			for range 2 {
				s.during(5*time.Minute, broken)
				s.during(5 * time.Minute)
			}
			s.b.Restored()
			s.during(5*time.Minute, broken)
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"5 min ✅ goals.json is OK again, after 5 min 1 s.",
			"10 min 🚨 goals.json is damaged",
			"15 min ✅ goals.json is OK again, after 5 min 1 s.",
			"20 min 🚨 goals.json is damaged",
		}},
		{"four times in three hours is not often", func(s *sim) {
			for range 4 {
				s.during(5*time.Minute, broken)
				s.during(40 * time.Minute)
			}
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"5 min ✅ goals.json is OK again, after 5 min 1 s.",
			"45 min 🚨 goals.json is damaged",
			"50 min ✅ goals.json is OK again, after 5 min 1 s.",
			"1 h 30 min 🚨 goals.json is damaged",
			"1 h 35 min ✅ goals.json is OK again, after 5 min 1 s.",
			"2 h 15 min 🚨 goals.json is damaged",
			"2 h 20 min ✅ goals.json is OK again, after 5 min 1 s.",
		}},
	} {
		test.run(t)
	}
}

// Nobody hears of the end of what they were not told of; what is there all the same
// is told when it keeps still.
func TestFlappingThatNobodyWasToldOf(t *testing.T) {
	for phase, want := range map[Phase]int{Inactive: 0, Firing: 1} {
		b := New()
		b.Clock = flapStill
		b.Alerts[Malformed] = Alert{Finding: Finding{Cause: Malformed}, Phase: phase, Flapping: true, Transitions: []time.Duration{0}}
		var found []Finding
		if phase == Firing {
			found = []Finding{{Cause: Malformed}}
		}
		news, _ := b.Step(found, func(Cause) bool { return true }, clock.Moment{}, time.Hour)
		if len(news) != want || b.Alerts[Malformed].Flapping {
			t.Errorf("%q: the news are %+v", phase, news)
		}
	}
}
