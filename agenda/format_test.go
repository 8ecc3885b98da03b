package agenda

import (
	"testing"
	"time"
)

func whenOf(t testing.TB, text string) (w When) {
	t.Helper()
	if err := w.UnmarshalText([]byte(text)); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return w
}

func TestFormat(t *testing.T) {
	now := at(t, "Europe/Berlin", "2026-11-28 10:00")
	for _, tt := range []struct{ when, format, relative string }{
		{"", "", ""},
		{"2026-11-28", "today", "today"},
		{"2026-11-28 17:44", "today 17:44", "in 8 hours"},
		{"2026-11-28 10:00", "today 10:00", "now"},
		{"2026-11-28 10:20", "today 10:20", "in 20 minutes"},
		{"2026-11-28 11:00", "today 11:00", "in 1 hour"},
		{"2026-11-28 09:58", "today 09:58", "overdue by 2 minutes"},
		{"2026-11-28 07:40", "today 07:40", "overdue by 2 hours"},
		{"2026-11-28T16:44Z", "today 17:44", "in 8 hours"},
		{"2026-11-28T23:30Z", "tomorrow 00:30", "in 15 hours"},
		{"2026-11-29", "tomorrow", "tomorrow"},
		{"2026-11-29 09:00", "tomorrow 09:00", "in 23 hours"},
		{"2026-11-29 18:00", "tomorrow 18:00", "tomorrow"},
		{"2026-11-27", "yesterday", "overdue by 1 day"},
		{"2026-11-26", "Thu 26 Nov", "overdue by 2 days"},
		{"2026-11-01 09:00", "Sun 1 Nov 09:00", "overdue by 4 weeks"},
		{"2026-12-04", "Fri 4 Dec", "in 6 days"},
		{"2026-12-04 09:00", "Fri 4 Dec 09:00", "in 6 days"},
		{"2026-12-19", "Sat 19 Dec", "in 3 weeks"},
		{"2027-01-12", "12 Jan 2027", "in 6 weeks"},
		{"2027-05-04 09:00", "4 May 2027 09:00", "in 5 months"},
		{"2030-05-04", "4 May 2030", "in 3 years"},
	} {
		w := whenOf(t, tt.when)
		if got := Format(w, now); got != tt.format {
			t.Errorf("%s: %q, want %q", tt.when, got, tt.format)
		}
		if got := Relative(w, now); got != tt.relative {
			t.Errorf("%s: %q, want %q", tt.when, got, tt.relative)
		}
	}
	if got := FormatTime(now.Add(-24*time.Hour), now); got != "yesterday 10:00" {
		t.Error(got)
	}
}

func TestDurationText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "1 minute", 29 * time.Second: "1 minute", 90 * time.Second: "2 minutes", 59 * time.Minute: "59 minutes", time.Hour - time.Second: "1 hour", 100 * time.Minute: "2 hours",
		23 * time.Hour: "23 hours", 23*time.Hour + 45*time.Minute: "1 day", day: "1 day", 9 * day: "9 days", 14 * day: "2 weeks", 100 * day: "3 months", 1000 * day: "2 years",
	} {
		if got := DurationText(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}
