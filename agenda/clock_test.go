package agenda

import (
	"testing"
	"time"
)

func TestAt(t *testing.T) {
	for _, tt := range []struct{ zone, date, clock, want string }{
		{"Europe/Berlin", "2026-01-15", "07:30", "2026-01-15T07:30:00+01:00"},
		{"Europe/Berlin", "2027-03-28", "01:59", "2027-03-28T01:59:00+01:00"},
		{"Europe/Berlin", "2027-03-28", "02:00", "2027-03-28T03:00:00+02:00"}, // left out
		{"Europe/Berlin", "2027-03-28", "02:30", "2027-03-28T03:00:00+02:00"},
		{"Europe/Berlin", "2027-03-28", "03:00", "2027-03-28T03:00:00+02:00"},
		{"Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T02:30:00+02:00"}, // twice
		{"Europe/Berlin", "2026-10-25", "02:00", "2026-10-25T02:00:00+02:00"},
		{"Europe/Berlin", "2026-10-25", "03:00", "2026-10-25T03:00:00+01:00"},
		{"America/New_York", "2026-03-08", "02:30", "2026-03-08T03:00:00-04:00"},
		{"America/New_York", "2026-11-01", "01:30", "2026-11-01T01:30:00-04:00"},
		{"Africa/Cairo", "2026-04-24", "00:00", "2026-04-24T01:00:00+03:00"},
		{"Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-04T02:30:00+11:00"},
		{"Pacific/Apia", "2011-12-30", "12:00", "2011-12-31T00:00:00+14:00"}, // a whole day
		{"UTC", "2026-02-28", "23:59", "2026-02-28T23:59:00Z"},
	} {
		zone, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		date, err := time.Parse(time.DateOnly, tt.date)
		if err != nil {
			t.Fatal(err)
		}
		clock, _ := ParseClock(tt.clock)
		if got := At(date.Year(), date.Month(), date.Day(), clock, zone).Format(time.RFC3339); got != tt.want {
			t.Errorf("%s on %s in %s: %s, want %s", tt.clock, tt.date, tt.zone, got, tt.want)
		}
		// The same day, counted from the month before.
		if got := At(date.Year(), date.Month()-1, date.Day()+date.AddDate(0, 0, -date.Day()).Day(), clock, zone).Format(time.RFC3339); got != tt.want {
			t.Errorf("counted on: %s, want %s", got, tt.want)
		}
	}
}
