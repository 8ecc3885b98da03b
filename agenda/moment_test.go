package agenda

import (
	"testing"
	"time"
)

func TestMoment(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 29, 12, 0, 0, 0, berlin) // the day of 23 hours
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{now, "today 12:00"},
		{time.Date(2026, 3, 29, 0, 0, 0, 0, berlin), "today 00:00"},
		{time.Date(2026, 3, 28, 23, 59, 59, 0, berlin), "yesterday 23:59"},
		{time.Date(2026, 3, 28, 0, 0, 0, 0, berlin), "yesterday 00:00"},
		{time.Date(2026, 3, 27, 23, 59, 0, 0, berlin), "27 Mar"},
		{time.Date(2025, 3, 29, 12, 0, 0, 0, berlin), "29 Mar 2025"},
		{time.Date(2026, 3, 30, 23, 59, 0, 0, berlin), "tomorrow 23:59"},
		{time.Date(2026, 3, 31, 7, 5, 0, 0, berlin), "31 Mar 07:05"},
		{time.Date(2027, 1, 1, 7, 5, 0, 0, berlin), "1 Jan 2027 07:05"},
		{time.Date(2026, 3, 28, 22, 30, 0, 0, time.UTC).In(berlin), "yesterday 23:30"},
		{time.Date(2026, 3, 28, 23, 30, 0, 0, time.UTC).In(berlin), "today 00:30"},
	} {
		if got := Moment(tt.at, now.UTC()); got != tt.want {
			t.Errorf("%v is %q, want %q", tt.at, got, tt.want)
		}
	}
	old := time.Date(2025, 12, 31, 23, 0, 0, 0, time.UTC)
	if got := Moment(old, old.Add(2*time.Hour)); got != "yesterday 23:00" {
		t.Errorf("over New Year: %q", got)
	}
}
