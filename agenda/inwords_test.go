package agenda

import (
	"testing"
	"time"
)

func TestInWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "less than a second", 499 * time.Millisecond: "less than a second", time.Second: "1 s", 59 * time.Second: "59 s",
		time.Minute: "1 min", 61 * time.Second: "1 min 1 s", 59*time.Minute + 59*time.Second: "59 min 59 s",
		time.Hour: "1 h", 90*time.Minute + time.Second: "1 h 30 min", 24 * time.Hour: "1 d", 49 * time.Hour: "2 d 1 h",
	} {
		if got := InWords(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}

func TestRoughly(t *testing.T) {
	const day = 24 * time.Hour
	for d, want := range map[time.Duration]string{
		0: "a minute", 119 * time.Second: "a minute", 2 * time.Minute: "2 minutes", 119 * time.Minute: "119 minutes",
		2 * time.Hour: "2 hours", 2*day - 1: "47 hours", 2 * day: "2 days", 59 * day: "59 days", 60 * day: "2 months",
		729 * day: "24 months", 730 * day: "2 years", 9 * 365 * day: "9 years",
	} {
		if got := Roughly(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}
