package alert

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

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
