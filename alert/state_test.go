package alert

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"goalbot/agenda"
	"goalbot/clock"
	"goalbot/message"
)

// sim lets a state run through time, one look every pace, with one chat.
type sim struct {
	b      *State
	now    time.Time // the clock on the wall
	passed time.Duration
	pace   time.Duration
	repeat time.Duration
	down   bool // Telegram cannot be reached
	away   bool // messages go to another chat, so that they have no number here: 0 or less
	looks  int
	number int64
	all    strings.Builder // every message, with its buttons
	heard  []string        // what the chat got, by the time that has passed
	loud   []time.Duration // when
	waited []time.Duration // when it got what might have waited
	causes map[Cause]bool  // that a message has named
}

const chat = 7

func newSim() *sim {
	return &sim{b: New(), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), pace: 5 * time.Minute, repeat: 6 * time.Hour, causes: map[Cause]bool{}}
}

var voice = Env{Path: "/data/sm/goals.json", Zone: time.UTC, PalaceKnown: true}

// look has a check find these causes; "malformed:2" is another reason of the same.
func (s *sim) look(found ...string) {
	var list []Finding
	for _, f := range found {
		name, detail, _ := strings.Cut(f, ":")
		list = append(list, Finding{Cause: Cause(name), Detail: "detail " + detail})
	}
	for again := true; again; {
		_, again = s.b.Step(list, func(Cause) bool { return true }, clock.Moment{Wall: s.now}, s.repeat)
		s.b.Meet([]int64{chat})
		s.deliver() // the second look comes after a moment, and nothing waits for it
		if again {
			s.pass(time.Second)
		}
	}
	if s.looks++; s.looks%16 != 0 {
		return
	}
	// What is kept must be all there is.
	data, err := json.Marshal(s.b)
	if err != nil {
		panic(err)
	}
	s.b = New()
	if err := json.Unmarshal(data, s.b); err != nil {
		panic(err)
	}
}

func (s *sim) deliver() {
	for !s.down {
		m, ok := s.b.Next(chat, voice)
		if !ok {
			return
		}
		if _, err := m.Encode(); err != nil {
			panic(err)
		}
		s.number++
		number := s.number
		if s.away {
			number = -(s.number % 2)
		}
		s.write(m)
		first, _, _ := strings.Cut(m.Text, "\n")
		if m.Edit != 0 {
			number = m.Edit
			first = fmt.Sprintf("edit %d: %s", m.Edit, strings.ReplaceAll(m.Text, "\n", " / "))
		} else {
			s.loud = append(s.loud, s.passed)
			if r, _ := parseReceipt(m.Tag); r.kind == "told" {
				s.waited = append(s.waited, s.passed)
			}
			if strings.HasPrefix(m.Text, "🚨") {
				for _, cause := range s.b.Active() {
					s.causes[cause] = true
				}
			}
		}
		s.heard = append(s.heard, fmt.Sprintf("%s %s", agenda.InWords(s.passed.Truncate(time.Minute)), first))
		s.b.Delivered(m.Tag, number)
	}
}

func (s *sim) write(m message.Message) {
	fmt.Fprintf(&s.all, "--- after %s", agenda.InWords(s.passed))
	if m.Edit != 0 {
		fmt.Fprintf(&s.all, ", an edit of %d", m.Edit)
	}
	fmt.Fprintf(&s.all, "\n%s\n", m.Text)
	for _, row := range m.Buttons {
		for _, b := range row {
			fmt.Fprintf(&s.all, "[%s: %s] ", b.Label, b.Command)
		}
		s.all.WriteString("\n")
	}
}

func (s *sim) pass(d time.Duration) { s.now, s.passed = s.now.Add(d), s.passed+d }

// during lets time pass while every look finds the same.
func (s *sim) during(d time.Duration, found ...string) {
	for end := s.passed + d; s.passed < end; s.pass(s.pace) {
		s.look(found...)
	}
}

// gist drops the edits and shortens what was heard to its gist.
func (s *sim) gist() (list []string) {
	for _, h := range s.heard {
		if !strings.Contains(h, "edit ") {
			h = strings.ReplaceAll(h, " and can't be read (Serde corruption)", "")
			list = append(list, h)
		}
	}
	return list
}

// Every row is a story and all that the chat hears of it, but for edits.
func TestWhatAChatHears(t *testing.T) {
	const year = 365 * 24 * time.Hour
	broken, missing := "malformed", "missing"
	for _, test := range []struct {
		name  string
		story func(*sim)
		want  []string
	}{
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
		{"a mute ends though the clock was set back", func(s *sim) {
			s.look(broken)
			s.b.Mute([]Cause{Malformed}, time.Hour)
			s.now = s.now.Add(-3 * year)
			s.during(2*time.Hour, broken)
		}, []string{
			"less than a second 🚨 goals.json is damaged",
			"1 h 🚨 goals.json is damaged – still not fixed after 1 h",
		}},
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
		t.Run(test.name, func(t *testing.T) {
			s := newSim()
			s.look()
			test.story(s)
			if got := s.gist(); !slices.Equal(got, test.want) {
				t.Errorf("heard\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(test.want, "\n\t"))
			}
		})
	}
}

func TestAnAlertIsEditedAsItsStateChanges(t *testing.T) {
	s := newSim()
	want := func(patterns ...string) {
		t.Helper()
		got := s.heard
		s.heard = nil
		if len(got) != len(patterns) {
			t.Fatalf("heard %q, want %q", got, patterns)
		}
		for i, p := range patterns {
			if !strings.Contains(got[i], p) {
				t.Errorf("heard %q, want %q", got[i], p)
			}
		}
	}
	s.during(time.Hour)
	s.look("malformed")
	want("🚨 goals.json is damaged")
	s.b.Acknowledge([]Cause{Malformed}, "Ann")
	s.deliver()
	want("edit 1: 🚨 goals.json is damaged and can't be read (Serde corruption) / detail  / 👍 Acknowledged by Ann.")
	s.b.Mute([]Cause{Malformed}, time.Hour)
	s.deliver()
	want("🔕 Muted until fixed (14:00 at the latest).")
	s.deliver()
	want()
	s.pass(time.Hour)
	s.look("malformed")
	want("still not fixed after 1 h", "edit 1: 🚨 goals.json is damaged and can't be read (Serde corruption) / ⤵️ See the newer message")
	s.look("malformed", "missing")
	want("🚨 goals.json is missing", "edit 4: 🚨 goals.json is damaged and can't be read (Serde corruption) / ⤵️")
	s.look("missing")
	want("✅ One problem with goals.json is resolved", "Resolved: goals.json is damaged")
	s.look()
	want("✅ goals.json is OK again", "✅ Resolved after 1 s (from 14:00)")
	s.during(24 * time.Hour)
	want()
}

// An alert to a group that takes nothing is said in private, where it cannot be
// edited. Each edit of it was said there as one alert more.
func TestAnAlertThatWentElsewhereIsNotEdited(t *testing.T) {
	s := newSim()
	s.away = true
	s.look("malformed")
	s.b.Acknowledge([]Cause{Malformed}, "Ann")
	s.deliver()
	s.pass(24 * time.Hour)
	s.look("malformed")
	s.look("malformed", "missing")
	s.look()
	s.during(24 * time.Hour)
	for _, h := range s.heard {
		if strings.Contains(h, "edit") {
			t.Errorf("heard %q", h)
		}
	}
	if n := len(s.heard); n != 3 {
		t.Errorf("heard %q", s.heard)
	}
}

func TestAChatThatComesLaterHearsWhatStands(t *testing.T) {
	s := newSim()
	s.look("malformed")
	s.look()
	s.look("missing")
	s.b.Meet([]int64{chat, 8})
	m, ok := s.b.Next(8, voice)
	if !ok || !strings.HasPrefix(m.Text, "🚨 goals.json is missing") || strings.Contains(m.Text, "malformed") {
		t.Errorf("the new chat hears %q", m.Text)
	}
}

func TestManyCausesFitIntoOneMessage(t *testing.T) {
	s := newSim()
	var all []string
	for cause := range maps.Keys(causes) {
		all = append(all, string(cause)+":"+strings.Repeat("long ", 1000))
	}
	s.during(time.Hour, all...)
	if len(s.loud) != 1 {
		t.Errorf("heard %q", s.heard)
	}
}

// A command names what it is about as people do, a button by the news it came with.
func TestWhichCausesAreMeant(t *testing.T) {
	s := newSim()
	s.look("malformed")
	upTo := s.b.Alerts[Malformed].First
	s.look("malformed", "disk-low")
	for words, want := range map[string][]Cause{
		"": {DiskLow, Malformed}, "Malformed": {Malformed}, "missing": nil, "all": nil,
		fmt.Sprint("@", upTo): {Malformed}, fmt.Sprint("@", upTo-1): nil, fmt.Sprint("@", upTo+100): {DiskLow, Malformed},
		fmt.Sprint(upTo): nil, "@": nil, "@malformed": nil,
	} {
		if got := s.b.Which(words); !slices.Equal(got, want) {
			t.Errorf("%q means %v, want %v", words, got, want)
		}
	}
}

func TestNobodyMutesATest(t *testing.T) {
	s := newSim()
	s.look("test", "malformed")
	if got := s.b.Which(""); !slices.Equal(got, []Cause{Malformed}) {
		t.Errorf("a person decides about %v", got)
	}
}

// A person who wanted reminders every minute once heard nothing of a new fault
// for up to an hour.
func TestWhatMayWaitHoldsNothingNewBack(t *testing.T) {
	s := newSim()
	s.pace, s.repeat = time.Minute, time.Minute
	s.during(30*time.Minute, "disk-low")
	if len(s.loud) != 1+maxTold {
		t.Fatalf("%d messages, want %d", len(s.loud), 1+maxTold)
	}
	heard := len(s.gist())
	s.look("disk-low", "malformed:1")
	if got := s.gist()[heard:]; len(got) != 1 || !strings.Contains(got[0], "🚨 goals.json is damaged") {
		t.Errorf("what is new is told as %q", got)
	}
	s.pass(s.pace)
	s.look("disk-low")
	if slices.Contains(s.b.untold(s.b.Chats[chat]), Malformed) {
		t.Error("that it is over is not told")
	}
	s.during(40*time.Minute, "disk-low")
	if got := s.gist(); !strings.Contains(got[len(got)-1], "still not fixed after 1 h 1") {
		t.Errorf("after an hour there is no reminder: %q", got)
	}
}

// The last word about each cause is news, the newest alerts first, and each says
// what is active after the step.
func TestTheNewsOfAStep(t *testing.T) {
	b := New()
	step := func(found ...Cause) string {
		var list []Finding
		for _, cause := range found {
			list = append(list, Finding{Cause: cause})
		}
		news, doubtful := b.Step(list, func(Cause) bool { return true }, clock.Moment{Wall: b.Wall.Add(time.Minute)}, time.Hour)
		var words []string
		for _, n := range news {
			words = append(words, fmt.Sprint(n.Kind, " ", n.Alert.Cause, " ", n.Lasted, " ", n.Active))
		}
		return fmt.Sprint(doubtful, " ", strings.Join(words, ", "))
	}
	b.Wall = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for i, tt := range []struct {
		found []Cause
		want  string
	}{
		{[]Cause{Missing}, "true "},
		{[]Cause{Missing}, "false firing missing 1m0s [missing]"},
		{[]Cause{Missing, DiskLow}, "true "},
		{[]Cause{DiskLow}, "false firing disk-low 1m0s [disk-low], resolved missing 3m0s [disk-low]"},
		{nil, "false resolved disk-low 2m0s []"},
		{nil, "false "},
	} {
		if got := step(tt.found...); got != tt.want {
			t.Errorf("step %d: %s, want %s", i, got, tt.want)
		}
	}
}

// Within a run the time that the program has lived counts, which no clock that is
// set can change; since an earlier run there is the wall clock alone.
func TestHowMuchTimeHasPassed(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for _, tt := range []struct {
		name        string
		before, now time.Duration // lived; 0 is not known
		wall        time.Duration // passed on the wall
		restart     bool
		want        time.Duration
	}{
		{name: "one run", before: 1, now: time.Minute + 1, wall: 10 * year, want: time.Minute},
		{name: "one run, and the clock is set back", before: 1, now: time.Minute + 1, wall: -year, want: time.Minute},
		{name: "another run", before: time.Hour, now: 1, wall: time.Minute, restart: true, want: time.Minute},
		{name: "another run, and the clock is set back", before: time.Hour, now: 1, wall: -time.Minute, restart: true},
		{name: "not known before", now: time.Hour, wall: time.Minute, want: time.Minute},
		{name: "not known now", before: time.Hour, wall: time.Minute, want: time.Minute},
		{name: "as long as may be", wall: maxGap, want: maxGap},
		{name: "longer", wall: maxGap + 1},
	} {
		b := New()
		began := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		b.Pass(clock.Moment{Wall: began, Lived: tt.before})
		if tt.restart {
			data, _ := json.Marshal(b)
			if b = New(); json.Unmarshal(data, b) != nil {
				t.Fatal("what is kept cannot be read")
			}
		}
		if b.Pass(clock.Moment{Wall: began.Add(tt.wall), Lived: tt.now}); b.Clock != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, b.Clock, tt.want)
		}
	}
}

// What counts as often is what was within the last hour, the present moment included.
func TestWhatWasLately(t *testing.T) {
	b := New()
	b.Clock = 5 * time.Hour
	times := []time.Duration{time.Hour, 4 * time.Hour, 4*time.Hour + 1}
	for most, want := range map[int][]time.Duration{1: {b.Clock}, 2: {times[2], b.Clock}, 3: {times[2], b.Clock}} {
		if got := b.lately(times, most); !slices.Equal(got, want) {
			t.Errorf("%d at most: %v, want %v", most, got, want)
		}
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
				standing := s.b.Active()
				most := time.Duration(rapid.IntRange(1, 300).Draw(t, "hours")) * time.Hour
				s.b.Mute(standing, most)
				for _, c := range standing {
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
