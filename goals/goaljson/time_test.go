package goaljson

import (
	"fmt"
	"testing"
	"time"

	"goalbot/goals"
)

func TestTimesAreReadAndWrittenAsChronoDoes(t *testing.T) {
	const refused = ""
	for in, want := range map[string]string{
		"2026-06-16T12:00:00Z":                  "2026-06-16T12:00:00Z",
		"2026-06-16t12:00:00z":                  "2026-06-16T12:00:00Z",
		"2026-06-16T12:00:00x":                  refused,
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
		// A leap second is kept as it is, in any minute.
		"2016-12-31T23:59:60Z":      "2016-12-31T23:59:60Z",
		"2016-12-31T23:59:60.5Z":    "2016-12-31T23:59:60.500Z",
		"2017-01-01T05:29:60+05:30": "2016-12-31T23:59:60Z",
		"2026-06-16T12:34:60Z":      "2026-06-16T12:34:60Z",

		"2026-06-16T12:00:00+0530":         "2026-06-16T06:30:00Z",
		"2026-06-16T12:00:00+05 :30":       "2026-06-16T06:30:00Z",
		"2026-06-16T12:00:00\u221202:00":   "2026-06-16T14:00:00Z",
		"2026-06-16 12:00:00 UTC":          "2026-06-16T12:00:00Z",
		"2026-06-16T12:00:00utc":           "2026-06-16T12:00:00Z",
		"2026-6-16T1:2:3Z":                 "2026-06-16T01:02:03Z",
		"206-06-16T12:00:00Z":              "0206-06-16T12:00:00Z",
		"+2026-06-16T12:00:00Z":            "2026-06-16T12:00:00Z",
		"+10000-01-01T00:00:00Z":           "+10000-01-01T00:00:00Z",
		"-5-01-01T00:00:00Z":               "-0005-01-01T00:00:00Z",
		"-0-01-01T00:00:00Z":               "0000-01-01T00:00:00Z",
		"9999-12-31T23:59:59-01:00":        "+10000-01-01T00:59:59Z",
		"0000-01-01T00:00:00+00:01":        "-0001-12-31T23:59:00Z",
		"+262142-12-31T23:59:60.999Z":      "+262142-12-31T23:59:60.999Z",
		"-262143-01-01T00:00:00Z":          "-262143-01-01T00:00:00Z",
		" 2026 - 6 - 16T 1 : 2 : 3.5 + 0 ": refused,
		" 2026 - 6 - 16T 1 : 2 : 3.5 Z\t":  "2026-06-16T01:02:03.500Z",
		"\u20032026-06-16T12:00:00\u00A0Z": "2026-06-16T12:00:00Z",

		"":                                 refused,
		"2026-06-16":                       refused,
		"2026-06-16T12:00Z":                refused,
		"2026-06-16T12:00:00":              refused,
		"2026-06-16T12:00:00+05":           refused,
		"2026-06-16T12:00:00+24:00":        refused,
		"2026-06-16T12:00:00+23:60":        refused,
		"2026-06-16T12:00:00+2a:00":        refused,
		"2026-06-16T12:00:00*02:00":        refused,
		"2026-06-16T12:00:00,5Z":           refused,
		"2026-06-16T12:00:00.Z":            refused,
		"2026-06-16T12:00:00Zx":            refused,
		"2026-06-16T12:00:00Z[UTC]":        refused,
		"2026-06-16T24:00:00Z":             refused,
		"2026-06-16T12:60:00Z":             refused,
		"2026-06-16T12:00:61Z":             refused,
		"2025-02-29T00:00:00Z":             refused,
		"1900-02-29T00:00:00Z":             refused,
		"2026-06-31T00:00:00Z":             refused,
		"2026-13-01T00:00:00Z":             refused,
		"2026-00-01T00:00:00Z":             refused,
		"2026-01-00T00:00:00Z":             refused,
		"2026-06-16-12:00:00Z":             refused,
		"20260616T120000Z0000":             refused,
		"20260616T120000Z":                 refused,
		"2026-06-16T:00:00Z":               refused,
		"2026-06-16T12:00:00 02:00":        refused,
		"0000-0-10-00T00:00:00Z":           refused,
		"2026-06-16 T12:00:00Z":            refused,
		"12026-06-16T12:00:00Z":            refused,
		"+ 2026-06-16T12:00:00Z":           refused,
		"\u22125-06-16T12:00:00Z":          refused,
		"2026-006-16T12:00:00Z":            refused,
		"2026/06/16 12.00.00Z":             refused,
		"2026 06 16T12 00 00Z":             refused,
		"2026-06-16T12:00:00 .5Z":          refused,
		"2026-06-16T12:00:00+5:30":         refused,
		"2026-06-16T12:00:00+2400":         refused,
		"2026-06-16T12:00:00UTC+1":         refused,
		"2026-06-16T12:00:00GMT":           refused,
		"2026-06-16T12:00:00\u200bZ":       refused,
		"+262143-01-01T00:00:00+00:01":     refused,
		"-262143-01-01T00:00:00+00:01":     refused,
		"+9999999999-01-01T00:00:00Z":      refused,
		"+99999999999999999999-1-1 0:0:0Z": refused,
	} {
		got := refused
		if read, why := parseTime([]byte(in)); why == "" {
			got = string(appendTime(nil, read))
			if read.Location() != time.UTC && read.Location() != goals.LeapSecond {
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
		"+262142-12-31T23:59:59.999999999Z": time.Date(262143, 1, 1, 0, 0, 0, 0, time.UTC),
		"-262143-01-01T00:00:00Z":           time.Date(-1_000_000, 1, 1, 0, 0, 0, 0, time.UTC),
		"0001-01-01T00:00:00Z":              {},
		"2026-06-16T10:00:00Z":              time.Date(2026, 6, 16, 12, 0, 0, 0, time.FixedZone("CEST", 7200)),
	} {
		if got := string(appendTime(nil, in)); got != want {
			t.Errorf("%v: wrote %s, want %s", in, got, want)
		}
	}
}

// A leap second is an instant like any other: it is before the second that
// follows it, and what is computed from it is an ordinary time.
func TestALeapSecondIsAnOrdinaryInstant(t *testing.T) {
	leap, why := parseTime([]byte("2016-12-31T23:59:60.5Z"))
	if why != "" {
		t.Fatal(why)
	}
	if want := time.Date(2017, 1, 1, 0, 0, 0, 500_000_000, time.UTC); !leap.Equal(want) {
		t.Errorf("it is the instant %v, want %v", leap.UTC(), want)
	}
	for _, c := range []struct {
		in   time.Time
		want string
	}{
		{leap, "2016-12-31T23:59:60.500Z"},
		{leap.UTC(), "2017-01-01T00:00:00.500Z"},
		{leap.Add(time.Second), "2017-01-01T00:00:01.500Z"},
		{leap.In(time.FixedZone("CET", 3600)), "2017-01-01T00:00:00.500Z"},
	} {
		if got := string(appendTime(nil, c.in)); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// FuzzTime holds that a time that is read is written as one that reads the same,
// in the form of RFC 3339 unless its year does not fit that.
func FuzzTime(f *testing.F) {
	for _, s := range []string{
		"2026-06-16T12:00:00.123Z", "2016-12-31T23:59:60.5+05:30", " 2026 - 6 - 16t1:2:3 utc", "+262142-12-31T23:59:60Z",
		"-0005-1-1 0:0:0\u221223:59", "206-06-16T12:00:00+05 : 30", "9999-12-31T23:59:59-0001",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		read, why := parseTime(b)
		if why != "" {
			return
		}
		wrote := appendTime(nil, read)
		again, why := parseTime(wrote)
		if why != "" || !again.Equal(read) || again.Location() != read.Location() {
			t.Fatalf("%q is written %q, which is read as %v %s", b, wrote, again, why)
		}
		if twice := appendTime(nil, again); string(twice) != string(wrote) {
			t.Fatalf("%q is written %q and then %q", b, wrote, twice)
		}
		if read.Year() >= 0 && read.Year() <= 9999 && read.Location() == time.UTC {
			if _, err := time.Parse(time.RFC3339Nano, string(wrote)); err != nil {
				t.Fatalf("%q is written %q: %v", b, wrote, err)
			}
		}
	})
}
