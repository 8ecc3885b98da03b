package alert

import (
	"maps"
	"strings"
	"testing"
	"time"
)

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
