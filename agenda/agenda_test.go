package agenda

import (
	"testing"
	"time"
	_ "time/tzdata"
)

// Broken on purpose: the rest of a text passed over in ParseDuration, and in
// ParseTime; each turned a test here red.

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90m": 90 * time.Minute, "1h30m": 90 * time.Minute, "1h 30m": 90 * time.Minute, "1 h 30 min": 90 * time.Minute, "1 hour and 30 minutes": 90 * time.Minute,
		"1 day, 6 hours": 30 * time.Hour, "2d": 48 * time.Hour, "1 week": 168 * time.Hour, "1.5h": 90 * time.Minute, "0.5 d": 12 * time.Hour, "30s": 30 * time.Second,
		" 8 H ": 8 * time.Hour, "8\u00A0hours": 8 * time.Hour, "٨h": 8 * time.Hour, "1w2d3h4m5s": 9*day + 3*time.Hour + 4*time.Minute + 5*time.Second,
	} {
		if d, ok := ParseDuration(text); !ok || d != want {
			t.Errorf("%q is %v, %v; want %v", text, d, ok, want)
		}
	}
	for _, text := range []string{"", "8", "h", "1h 30", "1h30", "30m 1h", "1h 1h", "1h,", "and 1h", "1h and", "1h or 2h", "1 0m", "-1h", "+1h", "1e3h", "0h", "0m 0s", "999999999w", "1..5h", "1.h", "8 lightyears", "1h30m until it is over", "until 18:00", "1h\x0030m x"} {
		if d, ok := ParseDuration(text); ok {
			t.Errorf("%q is read as %v", text, d)
		}
	}
}

func TestParseClock(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"7:30": 7*time.Hour + 30*time.Minute, "7.30": 7*time.Hour + 30*time.Minute, "7": 7 * time.Hour, "07:05 AM": 7*time.Hour + 5*time.Minute, "12am": 0, "12 pm": 12 * time.Hour, "23:59": 23*time.Hour + 59*time.Minute,
	} {
		if d, ok := ParseClock(text); !ok || d != want {
			t.Errorf("%q is %v, %v; want %v", text, d, ok, want)
		}
	}
	for _, text := range []string{"", "24:00", "7:60", "13pm", "0am", "7:5", "7:30 xm", "7:30am x", "1 2:00", "-7", "7-8"} {
		if d, ok := ParseClock(text); ok {
			t.Errorf("%q is read as %v", text, d)
		}
	}
}

func TestParseTime(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	const layout = "2006-01-02 15:04"
	saturday := time.Date(2026, 11, 28, 14, 30, 0, 0, berlin)
	for text, want := range map[string]string{
		"18:00": "2026-11-28 18:00", "6pm": "2026-11-28 18:00", "6 pm": "2026-11-28 18:00", "18": "2026-11-28 18:00", "8:00": "2026-11-29 08:00", "14:30": "2026-11-29 14:30", "noon": "2026-11-29 12:00", "evening": "2026-11-28 18:00",
		"midnight": "2026-11-29 00:00", "today 23:15": "2026-11-28 23:15", "today at 6 pm": "2026-11-28 18:00",
		"tomorrow": "2026-11-29 08:00", "Tomorrow  9": "2026-11-29 09:00", "tomorrow at 9:30 pm": "2026-11-29 21:30", "9:00 tomorrow": "2026-11-29 09:00", "tomorrow, noon": "2026-11-29 12:00", "tomorrow morning": "2026-11-29 08:00", "tomorrow midnight": "2026-11-30 00:00",
		"monday": "2026-11-30 08:00", "Fri 9:00": "2026-12-04 09:00", "sat": "2026-12-05 08:00", "2026-12-01": "2026-12-01 08:00", "2026-12-01 18:00": "2026-12-01 18:00", "2026‑12‑01": "2026-12-01 08:00",
	} {
		at, ok := ParseTime(text, saturday)
		if got := at.Format(layout); !ok || got != want || at.Location() != berlin {
			t.Errorf("%q is %s, %v; want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{
		"", "at", "at 9", "today", "today 9:00", "today 14:30", "yesterday", "tomorrow tomorrow", "9:00 10:00", "tomorrow 9:00 or so", "tomorrow at", "monday tuesday", "2026-11-27", "2026-02-30", "9999-01-01",
		"it is over", "18:00:00", "25:00", "moon", "mond", "1h", "noon midnight", "6 pm pm",
	} {
		if at, ok := ParseTime(text, saturday); ok {
			t.Errorf("%q is read as %s", text, at.Format(layout))
		}
	}
	// The night in which the clocks go forward has no 2:30.
	if at, ok := ParseTime("tomorrow 2:30", time.Date(2027, 3, 27, 12, 0, 0, 0, berlin)); !ok || at.Format(layout) != "2027-03-28 03:30" {
		t.Errorf("in the hour that is left out: %v", at)
	}
}

// FuzzParse: nothing makes them panic, and what they return is what they promise.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"1h 30m", "tomorrow at 9", "mon 9:00", "2026-12-01", "6 pm", "1.5h", "at", "\xff"} {
		f.Add(s, int64(1795876200))
	}
	f.Fuzz(func(t *testing.T, s string, unix int64) {
		now := time.Unix(unix%(1<<34), 0).UTC()
		if d, ok := ParseDuration(s); ok != (d > 0) {
			t.Errorf("%q is %v, %v", s, d, ok)
		}
		if d, ok := ParseClock(s); ok && (d < 0 || d >= day) {
			t.Errorf("%q is %v", s, d)
		}
		if at, ok := ParseTime(s, now); ok && !at.After(now) {
			t.Errorf("%q is %v, which is before %v", s, at, now)
		}
	})
}
