package alert

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/clock"
)

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
