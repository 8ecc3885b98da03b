package alert

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/clock"
)

// A chat that refused a message for good gets nothing for an hour, and then what
// there is to tell.
func TestAChatThatRefusesIsLeftAloneForAnHour(t *testing.T) {
	for _, before := range []time.Duration{0, 3 * time.Hour} {
		s := newSim()
		s.during(before)
		s.down = true
		s.look("malformed")
		s.b.Refused(chat)
		s.b.Refused(8) // which gets no alerts
		hears := func() bool {
			s.b.Pass(clock.Moment{Wall: s.now})
			_, ok := s.b.Next(chat, voice)
			return ok
		}
		if s.pass(RefusedWait - time.Second); hears() {
			t.Errorf("begun %v before: it is told something within the hour", before)
		}
		s.pass(time.Second)
		if !hears() {
			t.Errorf("begun %v before: it is told nothing after the hour", before)
		}
		s.b.Refused(chat)
		s.b.Delivered(WaitingTag(chat), 1)
		if !hears() || len(s.b.Chats) != 1 {
			t.Errorf("begun %v before: it takes messages again, and is told nothing", before)
		}
	}
}

// Telegram's yes may come twice where the program ends between the two.
func TestADeliveryCountsOnce(t *testing.T) {
	s := newSim()
	s.down = true
	s.look("malformed")
	m, _ := s.b.Next(chat, voice)
	s.b.Delivered(m.Tag, 1)
	once, _ := json.Marshal(s.b)
	s.b.Delivered(m.Tag, 1)
	if twice, _ := json.Marshal(s.b); string(twice) != string(once) {
		t.Errorf("once:\n%s\ntwice:\n%s", once, twice)
	}
}

// An alert that says of all its causes that they are over stays as it is when
// another one comes.
func TestAnAlertThatIsOverStaysSo(t *testing.T) {
	s := newSim()
	s.during(time.Hour, "malformed")
	s.during(time.Hour)
	s.heard = nil
	s.look("missing")
	s.look("missing", "malformed")
	for _, h := range s.heard {
		if strings.Contains(h, "edit 1:") {
			t.Errorf("heard %q", h)
		}
	}
}

// A chat that comes later hears nothing of what is over, also where something is
// active that nobody was to be told of.
func TestAChatThatComesLaterHearsNothingOfWhatIsMuted(t *testing.T) {
	b := New()
	b.Count = 5
	b.Alerts[Missing] = Alert{Finding: Finding{Cause: Missing}, First: 1, News: 2, Kind: Resolved}
	b.Alerts[Malformed] = Alert{Finding: Finding{Cause: Malformed}, Phase: Firing, MutedUntil: time.Hour}
	b.Meet([]int64{chat})
	if m, ok := b.Next(chat, voice); ok {
		t.Errorf("it hears %q", m.Text)
	}
}

// What may wait is said twelve times in any hour, and no more.
func TestHowMuchAChatGetsInAnHour(t *testing.T) {
	b := New()
	b.Clock = 5 * time.Hour
	for first, want := range map[time.Duration]bool{4 * time.Hour: true, 4*time.Hour + 1: false} {
		lately := append([]time.Duration{first}, slices.Repeat([]time.Duration{b.Clock}, maxTold-1)...)
		if got := b.mayTell(Chat{Lately: lately}); got != want {
			t.Errorf("the first of %d was %v ago, and one more may come: %v", maxTold, b.Clock-first, got)
		}
		if !b.mayTell(Chat{Lately: lately[1:]}) {
			t.Errorf("%d are too many", maxTold-1)
		}
	}
}
