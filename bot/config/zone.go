package config

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

// systemZone is the machine's time zone, by its IANA name where that can be
// found out below root: Go knows how that zone runs, and not what it is called.
func systemZone(local *time.Location, root string) *time.Location {
	link, _ := os.Readlink(filepath.Join(root, "etc", "localtime"))
	_, linked, _ := strings.Cut(filepath.ToSlash(link), "zoneinfo/")
	written, _ := os.ReadFile(filepath.Join(root, "etc", "timezone")) // Debian's
	for _, name := range []string{local.String(), linked, strings.TrimSpace(string(written))} {
		switch name {
		case "", "Local":
			continue // which LoadLocation knows as something else
		case "Etc/UTC":
			name = "UTC" // as people call it
		}
		if zone, err := time.LoadLocation(name); err == nil && runAlike(zone, local) {
			return zone
		}
	}
	return local
}

// runAlike reports whether clocks in two zones show the same, through the
// seasons of this year and the next.
func runAlike(a, b *time.Location) bool {
	first := time.Now()
	for week := range 2 * 53 {
		t := first.AddDate(0, 0, 7*week)
		_, x := t.In(a).Zone()
		_, y := t.In(b).Zone()
		if x != y {
			return false
		}
	}
	return true
}

const maxZoneFile = 1 << 20 // far more than a zone needs

// unknownZone reports whether Go takes UTC for the local time zone only because
// it knows no zone by the value of TZ.
func unknownZone(tz string) bool {
	tz = strings.TrimPrefix(tz, ":")
	switch {
	case tz == "" || tz == "UTC":
		return false
	case strings.HasPrefix(tz, "/"):
		data, _, err := readSettings(tz, maxZoneFile)
		if err == nil {
			_, err = time.LoadLocationFromTZData(tz, data)
		}
		return err != nil
	}
	_, err := time.LoadLocation(tz)
	return err != nil || tz == "Local"
}
