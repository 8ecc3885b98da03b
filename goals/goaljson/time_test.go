package goaljson

import (
	"fmt"
	"testing"
	"time"
)

func TestTimesAreReadAndWrittenAsChronoDoes(t *testing.T) {
	const refused = ""
	for in, want := range map[string]string{
		"2026-06-16T12:00:00Z":                  "2026-06-16T12:00:00Z",
		"2026-06-16t12:00:00z":                  "2026-06-16T12:00:00Z",
		"2026-06-16 12:00:00Z":                  "2026-06-16T12:00:00Z",
		"2026-06-16T12:00:00.1Z":                "2026-06-16T12:00:00.100Z",
		"2026-06-16T12:00:00.12Z":               "2026-06-16T12:00:00.120Z",
		"2026-06-16T12:00:00.1230Z":             "2026-06-16T12:00:00.123Z",
		"2026-06-16T12:00:00.0001Z":             "2026-06-16T12:00:00.000100Z",
		"2026-06-16T12:00:00.00000001Z":         "2026-06-16T12:00:00.000000010Z",
		"2026-06-16T12:00:00.123456789Z":        "2026-06-16T12:00:00.123456789Z",
		"2026-06-16T12:00:00.1234567899999999Z": "2026-06-16T12:00:00.123456789Z",
		"2026-06-16T12:00:00.000Z":              "2026-06-16T12:00:00Z",
		"2026-06-16T12:00:00+00:00":             "2026-06-16T12:00:00Z",
		"2026-06-16T12:00:00-00:00":             "2026-06-16T12:00:00Z",
		"2026-06-16T00:30:00+05:45":             "2026-06-15T18:45:00Z",
		"2026-06-16T23:30:00.5-23:59":           "2026-06-17T23:29:00.500Z",
		"2024-02-29T00:00:00Z":                  "2024-02-29T00:00:00Z",
		"2000-02-29T00:00:00Z":                  "2000-02-29T00:00:00Z",
		"1900-02-28T23:59:59Z":                  "1900-02-28T23:59:59Z",
		"1969-12-31T23:59:59.9Z":                "1969-12-31T23:59:59.900Z",
		"0000-01-01T00:00:00Z":                  "0000-01-01T00:00:00Z",
		"0001-01-01T00:00:00Z":                  "0001-01-01T00:00:00Z",
		"9999-12-31T23:59:59.999999999Z":        "9999-12-31T23:59:59.999999999Z",
		// A leap second, which chrono keeps as it is.
		"2016-12-31T23:59:60Z":   "2017-01-01T00:00:00Z",
		"2016-12-31T23:59:60.5Z": "2017-01-01T00:00:00.500Z",

		"":                               refused,
		"2026-06-16":                     refused,
		"2026-06-16T12:00Z":              refused,
		"2026-06-16T12:00:00":            refused,
		"2026-06-16T12:00:00+05":         refused,
		"2026-06-16T12:00:00+24:00":      refused,
		"2026-06-16T12:00:00+23:60":      refused,
		"2026-06-16T12:00:00+2a:00":      refused,
		"2026-06-16T12:00:00*02:00":      refused,
		"2026-06-16T12:00:00,5Z":         refused,
		"2026-06-16T12:00:00.Z":          refused,
		"2026-06-16T12:00:00Zx":          refused,
		"2026-06-16T12:00:00Z[UTC]":      refused,
		"2026-06-16T24:00:00Z":           refused,
		"2026-06-16T12:60:00Z":           refused,
		"2026-06-16T12:00:61Z":           refused,
		"2025-02-29T00:00:00Z":           refused,
		"1900-02-29T00:00:00Z":           refused,
		"2026-06-31T00:00:00Z":           refused,
		"2026-13-01T00:00:00Z":           refused,
		"2026-00-01T00:00:00Z":           refused,
		"2026-01-00T00:00:00Z":           refused,
		"2026-06-16-12:00:00Z":           refused,
		"20260616T120000Z0000":           refused,
		"0000-0-10-00T00:00:00Z":         refused,
		"9999-12-31T23:59:59-01:00":      refused, // chrono goes on to +10000
		"0000-01-01T00:00:00+00:01":      refused, // and back to -0001
		"+10000-01-01T00:00:00Z":         refused,
		"2026-06-16T12:00:00\u221202:00": refused,
	} {
		got := refused
		if read, why := parseTime([]byte(in)); why == "" {
			got = string(appendTime(nil, read))
			if read.Location() != time.UTC {
				t.Errorf("%q is read in %v", in, read.Location())
			}
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// The first and the last days of every month in 800 years are read as package
// time counts them, and the days after the last one are refused.
func TestDaysCountAsTimeDoes(t *testing.T) {
	var text []byte
	for year := 1600; year < 2400; year++ {
		for month := time.January; month <= time.December; month++ {
			for _, day := range []int{1, 28, 29, 30, 31, 32} {
				text = fmt.Appendf(text[:0], "%04d-%02d-%02dT00:00:00Z", year, month, day)
				got, why := parseTime(text)
				switch want := time.Date(year, month, day, 0, 0, 0, 0, time.UTC); {
				case want.Month() != month:
					if why != "no such day" {
						t.Fatalf("%s is read as %v %s", text, got, why)
					}
				case why != "" || !got.Equal(want):
					t.Fatalf("%s is read as %v %s", text, got, why)
				}
			}
		}
	}
}

func TestTimesThatDoNotFitAreMoved(t *testing.T) {
	for want, in := range map[string]time.Time{
		"9999-12-31T23:59:59.999999999Z": time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		"0000-01-01T00:00:00Z":           time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC),
		"0001-01-01T00:00:00Z":           {},
		"2026-06-16T10:00:00Z":           time.Date(2026, 6, 16, 12, 0, 0, 0, time.FixedZone("CEST", 7200)),
	} {
		if got := string(appendTime(nil, in)); got != want {
			t.Errorf("%v: wrote %s, want %s", in, got, want)
		}
	}
}
