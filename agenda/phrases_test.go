package agenda

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func at(t testing.TB, zone, text string) time.Time {
	t.Helper()
	now, err := time.ParseInLocation("2006-01-02 15:04", text, location(t, zone))
	if err != nil {
		t.Fatal(err)
	}
	return now
}

// describe writes a reading as testdata/phrases.txt does.
func describe(readings ...Reading) string {
	var all []string
	for _, r := range readings {
		s := r.When.String()
		if !r.Repeat.IsZero() {
			s += ", " + r.Repeat.String()
		}
		if r.NextYear {
			s += ", next year"
		}
		all = append(all, s)
	}
	return strings.Join(all, " | ")
}

func describeRead(text string, o Options) string {
	r, err := ParseWhen(text, o)
	var refusal Unread
	var ambiguous *Ambiguous
	switch {
	case errors.As(err, &ambiguous):
		return describe(ambiguous.Readings...)
	case errors.As(err, &refusal):
		return "refused: " + strings.TrimSuffix(string(refusal), " "+howToSay)
	case err != nil:
		return "an error that is not for people: " + err.Error()
	}
	return describe(r)
}

func describeFound(text string, o Options) (marked, meaning string) {
	f, ok := FindWhen(text, o)
	if !ok {
		return text, "none"
	}
	meaning = describe(append([]Reading{f.Reading}, f.Others...)...)
	if !f.Certain {
		meaning = "? " + meaning
	}
	if f.Past {
		meaning += ", past"
	}
	cut := func(by string) string { return strings.Replace(text, f.Phrase, by, 1) }
	if f.Rest != strings.Join(strings.Fields(cut(" ")), " ") {
		meaning += " ; " + f.Rest
	}
	return cut("[" + f.Phrase + "]"), meaning
}

// TestPhrases reads the table. Broken on purpose, each of which turned lines of
// it red: quotation marks passed over, the word behind a bare hour, "the" before
// a day of the month, the order of day and month, a day that is over.
func TestPhrases(t *testing.T) {
	table, err := os.ReadFile("testdata/phrases.txt")
	if err != nil {
		t.Fatal(err)
	}
	o := Options{}
	brackets := regexp.MustCompile(`\[(.*)\]`)
	lines := 0
	for n, line := range strings.Split(string(table), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		kind, rest, _ := strings.Cut(line, " ")
		text, want, _ := strings.Cut(rest, "=>")
		text, want = strings.TrimSpace(text), strings.TrimSpace(want)
		got := ""
		switch kind {
		case "":
			continue
		case "now":
			date, weekday, _ := strings.Cut(rest, ":")
			o.Now = at(t, "Europe/Berlin", date+":"+weekday[:2])
			if o.Now.Weekday().String() != weekday[3:] {
				t.Errorf("line %d: that is a %s", n+1, o.Now.Weekday())
			}
			continue
		case "order":
			o.Order = map[string]Order{"day first": DayFirst, "month first": MonthFirst, "unknown": OrderUnknown}[rest]
			continue
		case "read":
			got = describeRead(text, o)
		case "find":
			marked := text
			marked, got = describeFound(brackets.ReplaceAllString(text, "$1"), o)
			text, got, want = brackets.ReplaceAllString(text, "$1"), marked+" => "+got, text+" => "+want
		default:
			t.Fatalf("line %d: %s", n+1, line)
		}
		lines++
		if got != want {
			t.Errorf("line %d: %s\n got %s\nwant %s", n+1, text, got, want)
		}
	}
	if lines < 500 {
		t.Errorf("the table has %d phrases", lines)
	}
}

// A refusal repeats no more than the beginning of what was typed.
func TestRefusalsAreShort(t *testing.T) {
	o := Options{Now: at(t, "Europe/Berlin", "2026-11-28 10:00")}
	for _, text := range []string{strings.Repeat("x ", 5000), "tomorrow " + strings.Repeat("x ", 5000), "3/4" + strings.Repeat(" ", 5000) + ".", strings.Repeat("'", 20000)} {
		if _, err := ParseWhen(text, o); err == nil || len(err.Error()) > 400 {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

func TestAmbiguousSaysWhat(t *testing.T) {
	o := Options{Now: at(t, "Europe/Berlin", "2026-11-25 10:00")}
	for text, want := range map[string]string{
		"3/4":              "“3/4” can mean 3 Apr 2027 or 4 Mar 2027.",
		"next friday":      "“next friday” can mean Fri 4 Dec or Fri 27 Nov.",
		"tomorrow at 5":    "“tomorrow at 5” can mean tomorrow 17:00 or tomorrow 05:00.",
		"2.11":             "“2.11” can mean 2 Nov 2027, today 14:11 or tomorrow 02:11.",
		"every 2 weeks":    "“every 2 weeks” can begin today or Wed 9 Dec.",
		"every 2nd monday": "“every 2nd monday” can mean every 2 weeks on Monday from Mon 30 Nov or every month on the 2nd Monday from Mon 14 Dec.",
	} {
		if _, err := ParseWhen(text, o); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// Weeks that begin on Sunday, and other hours.
func TestOptions(t *testing.T) {
	o := Options{Now: at(t, "America/New_York", "2026-11-29 10:00"), SundayFirst: true, Order: OrderIn("America/New_York"), Hours: Hours{Morning: 6 * time.Hour, Afternoon: 14 * time.Hour, Evening: 17 * time.Hour, Night: 22 * time.Hour}}
	for text, want := range map[string]string{
		"next friday":        "2026-12-11 | 2026-12-04",
		"next week":          "2026-12-07 | 2026-12-06",
		"end of week":        "2026-12-04 | 2026-12-05",
		"this weekend":       "2026-11-29",
		"12/1":               "2026-12-01",
		"tomorrow morning":   "2026-11-30 06:00",
		"this afternoon":     "2026-11-29 14:00",
		"this evening":       "2026-11-29 17:00",
		"tonight":            "2026-11-29 22:00",
		"every morning":      "2026-11-30 06:00, every day",
		"start of next week": "2026-12-07",
	} {
		if got := describeRead(text, o); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
