package config

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// Believing a name without a look at how the zone runs turns this red.
func TestSystemZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	nameless := func(name string) *time.Location { // as Go reads /etc/localtime
		data, err := os.ReadFile("/usr/share/zoneinfo/" + name)
		if err != nil {
			t.Skip("this machine has no files of time zones")
		}
		zone, err := time.LoadLocationFromTZData("Local", data)
		if err != nil {
			t.Fatal(err)
		}
		return zone
	}
	for _, c := range []struct {
		name          string
		local         func() *time.Location
		link, written string
		want          string
	}{
		{"TZ names it", func() *time.Location { return berlin }, "", "", "Europe/Berlin"},
		{"a container without any", func() *time.Location { return time.UTC }, "", "", "UTC"},
		{"a server's link", func() *time.Location { return nameless("Etc/UTC") }, "/usr/share/zoneinfo/Etc/UTC", "", "UTC"},
		{"the link", func() *time.Location { return nameless("Europe/Berlin") }, "/usr/share/zoneinfo/Europe/Berlin", "", "Europe/Berlin"},
		{"macOS's link", func() *time.Location { return nameless("Asia/Kolkata") }, "/var/db/timezone/zoneinfo/Asia/Kolkata", "", "Asia/Kolkata"},
		{"a link to elsewhere", func() *time.Location { return nameless("Europe/Berlin") }, "/somewhere", "", "Local"},
		{"a file, and its name", func() *time.Location { return nameless("America/New_York") }, "", "America/New_York\n", "America/New_York"},
		{"a name of another zone", func() *time.Location { return nameless("America/New_York") }, "/usr/share/zoneinfo/Europe/Berlin", "America/Chicago", "Local"},
		{"a zone without summer time", func() *time.Location { return nameless("Africa/Lagos") }, "/usr/share/zoneinfo/Europe/Berlin", "", "Local"},
		{"nonsense", func() *time.Location { return nameless("Europe/Berlin") }, "/usr/share/zoneinfo/../../etc/passwd", "../x\nLocal", "Local"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			if err := os.Mkdir(filepath.Join(root, "etc"), 0o700); err != nil {
				t.Fatal(err)
			}
			if c.link != "" {
				if err := os.Symlink(c.link, filepath.Join(root, "etc", "localtime")); err != nil {
					t.Skip("links cannot be made here: ", err)
				}
			}
			if err := os.WriteFile(filepath.Join(root, "etc", "timezone"), []byte(c.written), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := systemZone(c.local(), root).String(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// A TZ with a slip in it was UTC without a word.
func TestATimeZoneThatNobodyKnowsIsTold(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("nothing reads TZ on Windows")
	}
	const warning = "TZ names no time zone that is known here"
	for tz, want := range map[string]bool{
		"Europe/Berlim": true, "CET-1CEST,M3.5.0,M10.5.0": true, ":Mars/Olympus": true, "Local": true, "/there/is/none": true, t.TempDir(): true,
		"": false, "UTC": false, "Europe/Berlin": false, ":Asia/Tokyo": false, ":": false,
	} {
		c, err := load(t, "", "TZ="+tz)
		if got := strings.Contains(fmt.Sprint(c.Warnings), warning); err != nil || got != want || c.ZoneUnknown != want {
			t.Errorf("TZ=%s: warnings %q, %v", tz, c.Warnings, err)
		}
		if c, _ := load(t, "TIMEZONE=Asia/Tokyo", "TZ="+tz); c.ZoneUnknown || len(c.Warnings) > 0 {
			t.Errorf("TZ=%s with TIMEZONE: warnings %q", tz, c.Warnings)
		}
	}
}

// A container may have no time zones of its own. Broken on purpose: without
// the import in config.go.
func TestZonesAreInTheProgram(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("there is no go command")
	}
	if err != nil || !slices.Contains(strings.Fields(string(out)), "time/tzdata") {
		t.Errorf("the program is built without time/tzdata (%v)", err)
	}
}
