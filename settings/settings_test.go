package settings

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"goalbot/store"
)

// Broken on purpose, and what went red: quiet hours of today alone,
// TestQuietHours; an older reading that replaces a newer one,
// TestTheLastReadingThatStartedCounts.

func TestQuietHours(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		hours, at, begin, end string // in Berlin; no begin: not quiet
	}{
		{"off", "2026-06-01 23:00", "", ""},
		{"off", "2026-06-01 00:00", "", ""},
		{"22:00-07:00", "2026-06-01 21:59", "", ""},
		{"22:00-07:00", "2026-06-01 22:00", "2026-06-01 22:00", "2026-06-02 07:00"},
		{"22:00-07:00", "2026-06-02 00:00", "2026-06-01 22:00", "2026-06-02 07:00"},
		{"22:00-07:00", "2026-06-02 06:59", "2026-06-01 22:00", "2026-06-02 07:00"},
		{"22:00-07:00", "2026-06-02 07:00", "", ""},
		{"12-14:30", "2026-06-02 12:00", "2026-06-02 12:00", "2026-06-02 14:30"},
		{"12-14:30", "2026-06-02 14:30", "", ""},
		{"22-7", "2026-03-29 05:00", "2026-03-28 22:00", "2026-03-29 07:00"},   // an hour is left out
		{"22-7", "2026-10-25 02:30", "2026-10-24 22:00", "2026-10-25 07:00"},   // or comes twice
		{"0:30-6", "2026-06-02 01:00", "2026-06-02 00:30", "2026-06-02 06:00"}, // a day before in UTC
		{"0:00-23:59", "2026-12-31 23:58", "2026-12-31 00:00", "2026-12-31 23:59"},
	} {
		hours, err := ParseHours(tt.hours)
		if err != nil {
			t.Fatal(err)
		}
		v := Values{Zone: berlin, Quiet: hours, Ring: RingEverything}
		at, err := time.ParseInLocation("2006-01-02 15:04", tt.at, berlin)
		if err != nil {
			t.Fatal(err)
		}
		begin, end, ok := v.QuietAt(at.UTC())
		got := [2]string{}
		if ok {
			got = [2]string{begin.Format("2006-01-02 15:04"), end.Format("2006-01-02 15:04")}
		}
		if got != [2]string{tt.begin, tt.end} {
			t.Errorf("%s at %s: %v, want %s to %s", tt.hours, tt.at, got, tt.begin, tt.end)
		}
		if v.Rings(RingAnswers, at) == ok || v.Rings(RingEverything, at) == ok || !v.Rings(RingAlerts, at) || v.RingsNews(at) == ok {
			t.Errorf("%s at %s: what rings is wrong", tt.hours, tt.at)
		}
	}
}

// Each choice lets ring what those before it do, and news ring where alerts may.
func TestWhatRings(t *testing.T) {
	for i, name := range Rings {
		ring, err := ParseRing(strings.ToUpper(name))
		if err != nil || ring.String() != name {
			t.Fatalf("%s is read as %v: %v", name, ring, err)
		}
		v := Values{Zone: time.UTC, Ring: ring}
		for what := RingAlerts; what <= RingEverything; what++ {
			if got, want := v.Rings(what, time.Now()), int(what) <= i; got != want {
				t.Errorf("where %s may ring, does %v: %v", name, what, got)
			}
		}
		if got, want := v.RingsNews(time.Now()), ring != RingNothing; got != want {
			t.Errorf("where %s may ring, do news: %v", name, got)
		}
	}
	if ring, err := ParseRing("loud"); err == nil {
		t.Errorf("read as %v", ring)
	}
}

func TestHoursThatAreNone(t *testing.T) {
	for _, typed := range []string{"", "22", "22-", "-7", "24-7", "22:60-7", "22:00-22:00", "22-7-8", "١-٢", "22:0-7"} {
		if h, err := ParseHours(typed); err == nil {
			t.Errorf("%q is read as %v", typed, h)
		}
	}
}

func TestRepeats(t *testing.T) {
	for typed, want := range map[string]time.Duration{
		"1m": time.Minute, "60s": time.Minute, "90m": 90 * time.Minute, "1h 30m": 90 * time.Minute, "24h": 24 * time.Hour,
		"59s": 0, "": 0, "0": 0, "-1h": 0, "1d": 0, "2 weeks": 0, "soon": 0, // none of these is one
	} {
		if got, err := ParseRepeat(typed); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q is read as %v, %v", typed, got, err)
		}
	}
}

// What a store has overrides the defaults; what cannot be read is passed over, and
// said in the log.
func TestWhatTheStoreHasHolds(t *testing.T) {
	var log strings.Builder
	s := open(&log)
	_, changed := s.Watch()
	told := func() bool {
		select {
		case <-changed:
			_, changed = s.Watch()
			return true
		default:
			return false
		}
	}
	load := func(k kept) {
		t.Helper()
		if err := s.Load(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	load(kept{})
	if told() || s.Values() != s.Defaults.Values {
		t.Error("nothing is set, and the settings are others")
	}
	own := map[string]string{"digest": "0 8 * * *", "repeat": "2h", "ring": "loud", "weather": "fine"}
	want := s.Defaults.Values
	want.Digest, want.Repeat = "0 8 * * *", 2*time.Hour
	read := func() {
		t.Helper()
		if got, err := s.Read(kept{own: own}); got != want || err != nil {
			t.Errorf("a transaction reads %+v, %v, want %+v", got, err, want)
		}
	}
	read() // before it is in force
	if s.Values() != s.Defaults.Values {
		t.Error("what a transaction sees is in force before it is kept")
	}
	load(kept{own: own})
	if read(); !told() || s.Values() != want {
		t.Errorf("the settings are %+v, want %+v", s.Values(), want)
	}
	if load(kept{own: own}); told() {
		t.Error("somebody is told of settings that are the same")
	}
	if !strings.Contains(log.String(), "setting=ring") || strings.Contains(log.String(), "setting=repeat") {
		t.Errorf("the log says:\n%s", log.String())
	}

	broken := kept{fail: errors.New("the disk is gone")}
	if err := s.Load(t.Context(), broken); !errors.Is(err, broken.fail) || s.Values() != want {
		t.Errorf("a store that cannot be read: %v, and the settings are %+v", err, s.Values())
	}
	if v, err := s.Read(broken); !errors.Is(err, broken.fail) {
		t.Errorf("a transaction that cannot be read: %+v, %v", v, err)
	}
}

// slow is a store in which something happens while it is read.
type slow struct {
	kept
	meanwhile func()
}

func (s slow) View(ctx context.Context, f func(store.Tx) error) error {
	s.meanwhile()
	return s.kept.View(ctx, f)
}

func TestTheLastReadingThatStartedCounts(t *testing.T) {
	s := open(io.Discard)
	newer := kept{own: map[string]string{"ring": "nothing"}}
	err := s.Load(t.Context(), slow{kept{}, func() {
		if err := s.Load(t.Context(), newer); err != nil {
			t.Fatal(err)
		}
	}})
	if got := s.Values().Ring; err != nil || got != RingNothing {
		t.Errorf("what may ring is %v, %v", got, err)
	}
}
