package settings

import (
	"io"
	"strings"
	"testing"
	"time"
)

// Whoever reads the settings learns what zone the times are in, also where it is
// the machine's and has no name.
func TestTheZoneOfTheSystemIsNamed(t *testing.T) {
	summer := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for want, zone := range map[string]*time.Location{
		"UTC": time.UTC, "CEST, UTC+02:00": local(t, "CEST", 7200),
		"UTC+05:45": local(t, "+0545", 5*3600+45*60), "UTC-03:00": local(t, "-03", -3*3600),
	} {
		if got := ZoneName(zone, summer); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Settings are taken as people write them, kept in one form, and shown in words.
// What is refused changes nothing.
func TestSettingsAsPeopleWriteThem(t *testing.T) {
	for _, tt := range []struct{ name, typed, kept, words string }{
		{"timezone", "europe/berlin", "Europe/Berlin", "Europe/Berlin"},
		{"timezone", "AMERICA/NEW_YORK", "America/New_York", "America/New_York"},
		{"timezone", "new  york", "America/New_York", "America/New_York"},
		{"timezone", "us/eastern", "US/Eastern", "US/Eastern"},
		{"timezone", "utc", "UTC", "UTC"},
		{"timezone", "etc/utc", "Etc/UTC", "Etc/UTC"},
		{"timezone", "port of spain", "America/Port_of_Spain", "America/Port_of_Spain"},
		{"timezone", "america/argentina/buenos_aires", "America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"},
		{"timezone", "port-au-prince", "America/Port-au-Prince", "America/Port-au-Prince"},
		{"timezone", "ñ/ñ", "", ""},
		{"timezone", "ññ", "", ""},
		{"timezone", "local", "", ""},
		{"timezone", "", "", ""},
		{"timezone", "../../etc/passwd", "", ""},

		{"dates", "Day first", "day-first", "day first"},
		{"dates", "month-first", "month-first", "month first"},
		{"dates", "AUTO", "auto", "auto (I ask)"}, // in UTC
		{"dates", "year-first", "", ""},
		{"dates", "", "", ""},

		{"digest", "8am", "0 8 * * *", "0 8 * * * in UTC"},
		{"digest", "8.30", "30 8 * * *", "30 8 * * * in UTC"},
		{"digest", "12am", "0 0 * * *", "0 0 * * * in UTC"},
		{"digest", "12 pm", "0 12 * * *", "0 12 * * * in UTC"},
		{"digest", "weekdays 7:05 PM", "5 19 * * MON-FRI", "5 19 * * MON-FRI in UTC"},
		{"digest", "@daily", "@daily", "@daily in UTC"},
		{"digest", "Off", "off", "off"},
		{"digest", "13pm", "", ""},
		{"digest", "0 9", "", ""}, // two fields are neither a time nor a schedule
		{"digest", "0 9 * *", "", ""},
		{"digest", "weekdays", "", ""},
		{"digest", "0 8 30 2 *", "", ""}, // a schedule that never comes

		{"quiet", "22-7", "22:00-07:00", "22:00–07:00"},
		{"quiet", "9:30 pm – 6.45 am", "21:30-06:45", "21:30–06:45"},
		{"quiet", "0:00-0:01", "00:00-00:01", "00:00–00:01"},
		{"quiet", "OFF", "off", "off"},
		{"quiet", "always", "", ""},

		{"repeat", "1m", "1m0s", "every minute"},
		{"repeat", "2 m", "2m0s", "every 2 minutes"},
		{"repeat", "1h", "1h0m0s", "every hour"},
		{"repeat", "3h", "3h0m0s", "every 3 hours"},
		{"repeat", "1h 30m", "1h30m0s", "every 90 minutes"},
		{"repeat", "90s", "1m30s", "every 1m30s"},
		{"repeat", "59s", "", ""},

		{"ring", "nothing", "nothing", "nothing"},
		{"ring", "Alerts", "alerts", "alerts and news"},
		{"ring", "answers", "answers", "alerts, news and answers"},
		{"ring", "everything", "everything", "everything"},
		{"ring", "loud", "", ""},

		{"news", "Failed  blocked", "blocked,failed", "blocked, failed"},
		{"news", "verified,", "verified", "verified"},
		{"news", "all", "blocked,failed,verified", "blocked, failed, verified"},
		{"news", "off", "off", "off"},
		{"news", "failed, off", "", ""},
		{"news", "failed, all", "", ""},
		{"news", ",", "", ""},
		{"news", "weather", "", ""},
	} {
		s := open(io.Discard)
		row := row(tt.name)
		v := s.Values()
		kept, err := row.Set(s, &v, tt.typed)
		if tt.kept == "" {
			if err == nil {
				t.Errorf("%s %q is read as %q", tt.name, tt.typed, kept)
			}
			continue
		}
		if err != nil || kept != tt.kept || row.Words(s, v) != tt.words {
			t.Errorf("%s %q is kept as %q and shown as %q (%v), want %q and %q", tt.name, tt.typed, kept, row.Words(s, v), err, tt.kept, tt.words)
		}
		// What is kept is read back as the same.
		again := s.Values()
		if kept, err := row.Set(s, &again, tt.kept); err != nil || kept != tt.kept || row.Words(s, again) != tt.words {
			t.Errorf("%s %q is read back as %q, %v", tt.name, tt.kept, kept, err)
		}
	}
}

func row(name string) Row {
	for _, row := range Rows {
		if row.Name == name {
			return row
		}
	}
	return Row{}
}

// Every value on a button is one that can be set.
func TestWhatIsOfferedCanBeSet(t *testing.T) {
	s := open(io.Discard)
	for _, row := range Rows {
		for _, offer := range append(row.Offers, row.Example) {
			v := s.Values()
			if _, err := row.Set(s, &v, offer); err != nil {
				t.Errorf("%s %s: %v", row.Name, offer, err)
			}
		}
		if title := row.PlainTitle(); title == "" || !strings.HasSuffix(row.Title, " "+title) {
			t.Errorf("%s is called %q", row.Name, title)
		}
	}
}

// A tap on a kind of news turns that kind alone on or off.
func TestTogglesOfNews(t *testing.T) {
	row := row("news")
	for _, tt := range []struct{ from, to string }{
		{"off", "+blocked +failed +verified"},
		{"failed", "+blocked,failed -off +failed,verified"},
		{"all", "-failed,verified -blocked,verified -blocked,failed"},
	} {
		news, err := ParseNews(tt.from)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, toggle := range row.Toggles(Values{News: news}) {
			sign := "+"
			if toggle.On {
				sign = "-"
			}
			got = append(got, sign+toggle.Sets)
		}
		if got := strings.Join(got, " "); got != tt.to {
			t.Errorf("of %s the buttons lead to %s, want %s", tt.from, got, tt.to)
		}
	}
}
