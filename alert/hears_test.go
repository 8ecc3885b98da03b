package alert

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/clock"
)

// A story and all that the chat hears of it, but for edits.
type story struct {
	name  string
	story func(*sim)
	want  []string
}

func (test story) run(t *testing.T) {
	t.Run(test.name, func(t *testing.T) {
		s := newSim()
		s.look()
		test.story(s)
		if got := s.gist(); !slices.Equal(got, test.want) {
			t.Errorf("heard\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(test.want, "\n\t"))
		}
	})
}

func TestWhatAChatHears(t *testing.T) {
	const year = 365 * 24 * time.Hour
	broken, missing := "malformed", "missing"
	for _, test := range []story{
		{"nothing is wrong for three weeks", func(s *sim) { s.during(21 * 24 * time.Hour) }, nil},
		{"told once, and when it is over", func(s *sim) {
			s.during(time.Hour, broken)
			s.during(time.Hour)
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"1 h ✅ goals.json is OK again, after 1 h.",
		}},
		{"gone at the second look", func(s *sim) {
			s.b.Step([]Finding{{Cause: Malformed}}, func(Cause) bool { return true }, clock.Moment{Wall: s.now}, s.repeat)
			s.pass(time.Second)
			s.during(time.Hour)
		}, nil},
		{"reminders grow", func(s *sim) {
			s.during(19*time.Hour, broken)
			s.during(time.Hour)
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"6 h 🚨 goals.json is damaged – still not fixed after 6 h",
			"12 h 🚨 goals.json is damaged – still not fixed after 12 h",
			"18 h 🚨 goals.json is damaged – still not fixed after 18 h",
			"19 h ✅ goals.json is OK again, after 19 h.",
		}},
		{"a new reason at once, the same one not", func(s *sim) {
			s.during(time.Hour, broken+":1")
			s.during(time.Hour, broken+":2")
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"1 h 🚨 goals.json is damaged – for 1 h now",
		}},
		{"a measure that changes is no new reason", func(s *sim) {
			for i := range 12 {
				s.during(5*time.Minute, fmt.Sprintf("disk-low:%d", i))
			}
		}, []string{"less than a second 🚨 The disk that holds goals.json is nearly full"}},
		{"another cause at once, both in one message; then one is over", func(s *sim) {
			s.during(time.Hour, broken)
			s.during(time.Hour, broken, "poll-stalled")
			s.during(time.Hour, "poll-stalled")
			s.during(time.Hour)
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"1 h 🚨 The bot that keeps goals.json gets nothing from Telegram",
			"2 h ✅ goals.json is OK again, after 2 h.",
			"3 h ✅ The bot that keeps goals.json hears from Telegram again, after 2 h.",
		}},
		{"one cause takes the place of another: one message", func(s *sim) {
			s.during(time.Hour, broken)
			s.look(missing)
			s.look()
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"1 h 🚨 goals.json is missing",
			"1 h ✅ goals.json is OK again, after 1 s.",
		}},
		{"what seemed to take its place was nothing: over all the same", func(s *sim) {
			s.during(time.Hour, broken)
			s.b.Step([]Finding{{Cause: Missing}}, func(Cause) bool { return true }, clock.Moment{Wall: s.now}, s.repeat)
			s.deliver()
			s.pass(time.Second)
			s.look()
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"1 h ✅ goals.json is OK again, after 1 h.",
		}},
		{"one cause ends as one of another kind begins: told at once", func(s *sim) {
			s.during(time.Hour, broken)
			s.b.Step([]Finding{{Cause: PollStalled}}, func(Cause) bool { return true }, clock.Moment{Wall: s.now}, s.repeat)
			s.deliver()
			s.look("poll-stalled")
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"1 h ✅ goals.json is OK again, after 1 h.",
			"1 h 🚨 The bot that keeps goals.json gets nothing from Telegram",
		}},
		{"three at once: one message", func(s *sim) { s.during(time.Hour, broken, "disk-low", "token-conflict") },
			[]string{"less than a second 🚨 Another program is using the token of the bot that keeps goals.json"}},
		{"Telegram was down: the newest state, once", func(s *sim) {
			s.down = true
			s.during(20*time.Hour, broken)
			s.down = false
			s.during(5*time.Hour, broken)
			s.during(time.Hour, broken)
			s.during(5*time.Minute, broken)
		}, []string{
			"20 h 🚨 goals.json is damaged – for 20 h now",
			"1 d 2 h 🚨 goals.json is damaged – still not fixed after 1 d 2 h",
		}},
		{"over before it could be told", func(s *sim) {
			s.down = true
			s.during(3*time.Hour, broken)
			s.during(time.Hour)
			s.down = false
			s.during(time.Hour)
		}, []string{"4 h ✅ goals.json is OK again"}},
		{"known: no reminders for a week, but a new reason and the end", func(s *sim) {
			s.look(broken)
			s.b.Acknowledge([]Cause{Malformed}, "Ann")
			s.during(8*24*time.Hour, broken)
			s.during(time.Hour, broken+":2")
			s.look()
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"7 d 🚨 goals.json is damaged – still not fixed after 7 d",
			"8 d 🚨 goals.json is damaged – for 8 d now",
			"8 d 1 h ✅ goals.json is OK again, after 8 d 1 h.",
		}},
		{"the clock jumps ten years ahead and back", func(s *sim) {
			s.during(time.Hour, broken)
			s.now = s.now.Add(10 * year)
			s.during(time.Hour, broken)
			s.now = s.now.Add(-10 * year)
			s.during(5*time.Hour, broken)
			s.now = s.now.Add(-30 * year)
			s.during(6*time.Hour, broken)
			s.during(time.Hour)
		}, []string{ // each jump costs the step over it, no more
			"less than a second 🚨 goals.json is damaged",
			"6 h 10 min 🚨 goals.json is damaged – still not fixed after 6 h",
			"12 h 15 min 🚨 goals.json is damaged – still not fixed after 12 h",
			"13 h ✅ goals.json is OK again, after 12 h 45 min.",
		}},
		{"the clock jumps at every look", func(s *sim) {
			for i := range 300 {
				s.now = s.now.Add(time.Duration(1-i%2*2) * 20 * year)
				s.during(5*time.Minute, broken)
			}
		}, []string{"less than a second 🚨 goals.json is damaged"}},
		{"a test alert", func(s *sim) {
			s.look("test")
			s.pass(6 * time.Second)
			s.look()
		}, []string{
			"less than a second 🚨 This is a test alert. It says nothing about the state of goals.json",
			"less than a second ✅ The test is over. Alerts reach this chat.",
		}},
		{"many test alerts: every one is told, whatever is muted, but not in the place of what matters", func(s *sim) {
			for range 7 {
				s.look("test")
				s.b.Mute(s.b.Which(""), time.Hour)
				s.pass(6 * time.Second)
				s.look()
			}
			s.look(broken)
		}, append(slices.Repeat([]string{
			"less than a second 🚨 This is a test alert. It says nothing about the state of goals.json",
			"less than a second ✅ The test is over. Alerts reach this chat.",
		}, 7), "less than a second 🚨 goals.json is damaged")},
	} {
		test.run(t)
	}
}
