package agenda

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A clock that hangs in a zone shows the same instant to whoever looks, and comes back
// from its text.
func TestAClockInAZone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(zones).Draw(t, "clock")
		there, _ := time.LoadLocation(name)
		now := drawNow(t)
		w := drawWhen(t, now, 400)
		in := w.InZone(name)
		var read When
		if err := read.UnmarshalText([]byte(in.String())); err != nil || read != in || !in.Valid() {
			t.Fatalf("%s is read as %+v, %v", in, read, err)
		}
		if w.Kind != OnClock && in != w || w.Kind == OnClock && in.Zone != name || in.InZone("UTC") != in {
			t.Fatalf("%s in %s is %s", w, name, in)
		}
		if w.Kind != OnClock {
			return
		}
		at := w.Time(there)
		if got := in.Time(now.Location()); !got.Equal(at) || got.Location() != now.Location() {
			t.Fatalf("%s is %s, want %s", in, got, at)
		}
		if day := in.Day(now.Location()); day != DateOf(at.In(now.Location())) {
			t.Fatalf("%s is on %s", in, day)
		}
		if got, want := Format(in, now), Format(AtInstant(at), now); got != want {
			t.Fatalf("%s is shown as %q, want %q", in, got, want)
		}
	})
}

func TestZonesThatAreNone(t *testing.T) {
	for _, text := range []string{"2027-05-04 09:00 ", "2027-05-04 09:00 Local", "2027-05-04 09:00 ../UTC", "2027-05-04 09:00 Asia/Nowhere", "2027-05-04 UTC", "2027-05-04T09:00Z UTC"} {
		var w When
		if err := w.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is read as %+v", text, w)
		}
	}
}
