package main

import (
	"log/slog"
	"testing"
	"time"

	"goalbot/bot/config"
	"goalbot/schedule"
	"goalbot/settings"
)

// A digest that waits for the end of the quiet hours fell at 03:30 where that
// end is in the hour that the clocks leave out. It comes with the change, and
// once; and once where the clocks show the end twice. Broken on purpose: time.Date
// in the place of agenda.At.
func TestADigestComesOnceWhereTheClocksChange(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		quiet, digest, after string
		want                 [2]string
	}{
		{"22:00-02:30", "0 23 * * *", "2027-03-27T12:00:00Z", [2]string{"2027-03-28T03:00:00+02:00", "2027-03-29T02:30:00+02:00"}},
		{"22:00-02:30", "30 2 * * *", "2027-03-27T12:00:00Z", [2]string{"2027-03-28T03:00:00+02:00", "2027-03-29T02:30:00+02:00"}},
		{"22:00-02:30", "0 23 * * *", "2026-10-24T12:00:00Z", [2]string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
		{"02:30-06:00", "45 2 * * *", "2027-03-27T12:00:00Z", [2]string{"2027-03-28T06:00:00+02:00", "2027-03-29T06:00:00+02:00"}},
	} {
		quiet, err := settings.ParseHours(tt.quiet)
		if err != nil {
			t.Fatal(err)
		}
		digest, err := schedule.Parse(tt.digest, berlin)
		if err != nil {
			t.Fatal(err)
		}
		after, err := time.Parse(time.RFC3339, tt.after)
		if err != nil {
			t.Fatal(err)
		}
		log := slog.New(slog.DiscardHandler)
		s := digestSchedule(newSettings(config.Config{Location: berlin, DigestCron: digest, QuietHours: quiet}, log), log)
		runs := s.NextRuns(after, 2)
		for i, want := range tt.want {
			if got := runs[i].In(berlin).Format(time.RFC3339); got != want {
				t.Errorf("digest %s, quiet %s, after %s: run %d at %s, want %s", tt.digest, tt.quiet, tt.after, i+1, got, want)
			}
		}
	}
}
