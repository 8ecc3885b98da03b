package main

import (
	"log/slog"
	"sync"
	"testing"

	"goalbot/health"
)

// Broken on purpose: a /fail behind the query, a warning that fails the ping,
// and a slot that was drained and sent into, which two callers got stuck at.

func TestAFailedCheckIsPingedAtThePath(t *testing.T) {
	for address, want := range map[string]string{
		"https://ping.example/key":              "https://ping.example/key/fail",
		"https://ping.example/key/":             "https://ping.example/key/fail",
		"https://ping.example/key?of=goals":     "https://ping.example/key/fail?of=goals",
		"https://ping.example/a%2Fb/?x=1&y=%20": "https://ping.example/a%2Fb/fail?x=1&y=%20",
		"https://ping.example":                  "https://ping.example/fail",
	} {
		b := newBeacon(Config{HealthcheckPingURL: Secret(address)}, slog.New(slog.DiscardHandler))
		if got := b.address(true); got != address {
			t.Errorf("sound: %s becomes %s", address, got)
		}
		if got := b.address(false); got != want {
			t.Errorf("not sound: %s becomes %s, want %s", address, got, want)
		}
	}
}

func TestHeardNeverBlocks(t *testing.T) {
	b := newBeacon(Config{HealthcheckPingURL: "https://ping.example/key"}, slog.New(slog.DiscardHandler))
	var all sync.WaitGroup
	for range 100 { // nobody pings meanwhile
		all.Go(func() {
			for range 100 {
				b.heard([]health.Finding{{Cause: health.Malformed}}, nil)
			}
		})
	}
	all.Wait()
	for cause, want := range map[health.Cause]bool{health.Malformed: false, health.Leftovers: true, health.DiskLow: true, health.Silent: false} {
		if b.heard([]health.Finding{{Cause: cause}}, nil); b.sound.Load() != want {
			t.Errorf("%s alone is sound: %v", cause, !want)
		}
	}
}

// While nobody could look whether the palace is sound, a dead man's switch was
// told that all is well.
func TestWhatNobodyCouldLookForIsNotPingedAsSound(t *testing.T) {
	for _, tt := range []struct {
		found  []health.Finding
		unsure []health.Cause
		pinged bool
	}{
		{nil, nil, true},
		{nil, []health.Cause{health.PalaceDamaged}, false},
		{nil, []health.Cause{health.DiskLow, health.BackupsFailing}, true}, // warnings, if they are there at all
		{[]health.Finding{{Cause: health.Malformed}}, []health.Cause{health.PalaceDamaged}, true},
	} {
		b := newBeacon(Config{HealthcheckPingURL: "https://ping.example/key"}, slog.New(slog.DiscardHandler))
		if b.heard(tt.found, tt.unsure); (len(b.pings) == 1) != tt.pinged {
			t.Errorf("found %v, unsure of %v: pinged is not %v", tt.found, tt.unsure, tt.pinged)
		}
	}
}
