package agenda

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// zones have clocks that behave in every way there is: by an hour, by half an
// hour, never, backwards in Ramadan, across the date line.
var zones = []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Apia", "UTC"}

func drawZone(t *rapid.T) *time.Location {
	zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func drawNow(t *rapid.T) time.Time {
	return time.Unix(rapid.Int64Range(1e9, 4e9).Draw(t, "now"), 0).In(drawZone(t))
}

func drawWhen(t *rapid.T, from time.Time, days int) When {
	w := OnDay(DateOf(from).AddDays(rapid.IntRange(0, days).Draw(t, "days")))
	w.Kind = rapid.SampledFrom([]Kind{WholeDay, OnClock, Instant}).Draw(t, "kind")
	if w.Kind != WholeDay {
		w.Clock = time.Duration(rapid.IntRange(0, 24*60-1).Draw(t, "clock")) * time.Minute
	}
	return w
}

func TestWhenIsReadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := drawNow(t)
		w := drawWhen(t, now, 36000)
		if !w.Valid() {
			t.Fatalf("%v is not valid", w)
		}
		text, _ := w.MarshalText()
		var kept When
		if err := kept.UnmarshalText(text); err != nil || kept != w {
			t.Fatalf("%s is kept as %v, %v", w, kept, err)
		}
		read, err := ParseWhen(w.String(), Options{Now: now})
		if w.over(now) {
			if err == nil {
				t.Fatalf("%s is past and is read as %s", w, read.When)
			}
			return
		}
		if err != nil || read != (Reading{When: w}) {
			t.Fatalf("%s is read as %v, %v", w, read, err)
		}
	})
}

// What is shown to people can be typed by people.
func TestFormatIsReadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := drawNow(t)
		w := drawWhen(t, now, 800)
		text := Format(w, now)
		if w.over(now) || w.Kind == Instant {
			return
		}
		read, err := ParseWhen(text, Options{Now: now})
		if err != nil || read.When != w {
			t.Fatalf("%s is shown as %s, which is read as %s, %v", w, text, read.When, err)
		}
	})
}

func TestUnmarshalRefuses(t *testing.T) {
	for _, text := range []string{"2027-5-4", "2027-05-04 9:00", "2027-02-30", "2027-05-04T09:00", "2027-05-04 09:00:00", " 2027-05-04", "2027-05-04 24:00", "0000-00-00", "tomorrow"} {
		var w When
		if err := w.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken for %s", text, w)
		}
	}
	var w When
	if err := w.UnmarshalText(nil); err != nil || !w.IsZero() {
		t.Errorf("nothing is %v, %v", w, err)
	}
}

// A day lasts until it is over where one looks from, and a time on the clock is
// another instant in another zone.
func TestOverdue(t *testing.T) {
	day, clock := OnDay(Date{2026, 11, 28}), AtClock(Date{2026, 11, 28}, 9*time.Hour)
	instant := AtInstant(at(t, "Europe/Berlin", "2026-11-28 09:00"))
	for _, tt := range []struct {
		when      When
		zone, now string
		want      bool
	}{
		{day, "Europe/Berlin", "2026-11-28 00:00", false},
		{day, "Europe/Berlin", "2026-11-28 23:59", false},
		{day, "Europe/Berlin", "2026-11-29 00:00", true},
		{day, "America/New_York", "2026-11-28 23:59", false},
		{clock, "Europe/Berlin", "2026-11-28 09:00", false},
		{clock, "Europe/Berlin", "2026-11-28 09:01", true},
		{clock, "America/New_York", "2026-11-28 08:59", false},
		{clock, "America/New_York", "2026-11-28 09:01", true},
		{instant, "America/New_York", "2026-11-28 03:00", false},
		{instant, "America/New_York", "2026-11-28 03:01", true},
	} {
		if got := tt.when.Overdue(at(t, tt.zone, tt.now)); got != tt.want {
			t.Errorf("%s at %s in %s: overdue is %v", tt.when, tt.now, tt.zone, got)
		}
	}
}

// A whole day comes after the times of that day, because there is time until
// it is over.
func TestCompare(t *testing.T) {
	berlin := location(t, "Europe/Berlin")
	order := []When{
		OnDay(Date{2026, 11, 27}), AtClock(Date{2026, 11, 28}, time.Minute), AtClock(Date{2026, 11, 28}, 9*time.Hour), AtInstant(at(t, "Europe/Berlin", "2026-11-28 09:01")),
		AtClock(Date{2026, 11, 28}, 23*time.Hour+59*time.Minute), OnDay(Date{2026, 11, 28}), AtClock(Date{2026, 11, 29}, time.Minute),
	}
	for i, w := range order {
		for j, v := range order {
			if got, want := w.Compare(v, berlin), i-j; got*want < 0 || (got == 0) != (want == 0) {
				t.Errorf("%s and %s: %d", w, v, got)
			}
		}
	}
}

func TestRemindAt(t *testing.T) {
	berlin := location(t, "Europe/Berlin")
	for _, tt := range []struct{ when, want string }{
		{"2027-05-04", "2027-05-04T08:00:00+02:00"},
		{"2027-05-04 09:30", "2027-05-04T09:30:00+02:00"},
		{"2027-03-28 02:30", "2027-03-28T03:00:00+02:00"},  // left out
		{"2026-10-25 02:30", "2026-10-25T02:30:00+02:00"},  // twice
		{"2026-10-25T01:30Z", "2026-10-25T02:30:00+01:00"}, // the second
	} {
		var w When
		if err := w.UnmarshalText([]byte(tt.when)); err != nil {
			t.Fatal(err)
		}
		if got := w.Remind(berlin, Morning).Format(time.RFC3339); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.when, got, tt.want)
		}
	}
}

// FuzzWhen: nothing makes the readers panic, what they return is to come and
// can be kept, and what is found is in the text.
func FuzzWhen(f *testing.F) {
	for _, s := range []string{
		"call dentist tomorrow at 9", "by 31.12.", "next friday", "every mon, wed and fri at 18:00 from 1 Dec", "in 1h 30m", "Fri, 4 Dec 2026 at 14:00",
		"the 1st of every month", "“tomorrow”", "'til 5 p.m. on 3/4", "2027-05-04T09:00+02:00", "٣١.١٢.", "end of next week (maybe)", "9 - 10", "\xff tomorrow \xf0", "31 feb", "İ tomorrow ﷺ",
		"midnight on 29 feb", "before 1/1", "every 999 years from 31.12.2099", "11111111111 days", "12 am in the evening tonight at 12",
	} {
		f.Add(s, int64(1795856400), uint8(0))
	}
	f.Fuzz(func(t *testing.T, text string, unix int64, options uint8) {
		zone := location(t, zones[int(options>>3)%len(zones)])
		now := time.Unix((unix%(1<<33)+1<<33)%(1<<33), 0).In(zone)
		checkReaders(t, text, Options{Now: now, Order: Order(options & 3 % 3), SundayFirst: options&4 != 0})
	})
}

// TestAnyWords does the same with words that the readers know, in any order.
func TestAnyWords(t *testing.T) {
	vocabulary := strings.Fields(`today tonight tomorrow day after the this next coming monday fri sat sun week weekend month year end start of in within from now a an half
		3 2 1st 2nd 15th 31 31st last first second dec may december 29 feb 2027 2028 31.12. 3/4 12/31 31.12 1.2.27 2027-05-04 2027-05-04T09:00Z 9 5 9:30 05:30 12 0 11 9am 5 p.m. pm o'clock noon midnight
		morning evening night afternoon at on by until before due for every each other weekday weekdays mondays days weeks hours minutes hour daily monthly yearly quarterly and , . ! ( ) - " ' call mum version`)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom(vocabulary), 1, 9).Draw(t, "words")
		text := strings.NewReplacer(" ,", ",", " .", ".", " !", "!", " )", ")", "( ", "(").Replace(strings.Join(words, " "))
		checkReaders(t, text, Options{Now: drawNow(t), Order: rapid.SampledFrom([]Order{OrderUnknown, DayFirst, MonthFirst}).Draw(t, "order"), SundayFirst: rapid.Bool().Draw(t, "sunday first")})
	})
}

// checkReaders checks what both readers promise for every text.
func checkReaders(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string, o Options) {
	t.Helper()
	check := func(r Reading, past bool) {
		t.Helper()
		if !r.When.Valid() || r.When.over(o.Now) != past || !r.Repeat.IsZero() && !r.Repeat.Valid() {
			t.Fatalf("%q at %s: %s, %#v", text, o.Now, r.When, r.Repeat)
		}
		if again, err := ParseWhen(r.When.String(), o); !past && (err != nil || again.When != r.When) {
			t.Fatalf("%q: %s is read as %v, %v", text, r.When, again, err)
		}
		if r.Repeat.IsZero() {
			return
		}
		if again, err := ParseRepeat(r.Repeat.String()); err != nil || again != r.Repeat {
			t.Fatalf("%q: %s is read as %s, %v", text, r.Repeat, again, err)
		}
		if next := r.Repeat.Next(r.When); next.Date.Compare(r.When.Date) <= 0 {
			t.Fatalf("%q: %s after %s is %s", text, r.Repeat, r.When, next)
		}
	}
	r, err := ParseWhen(text, o)
	var ambiguous *Ambiguous
	var refusal Unread
	switch {
	case errors.As(err, &ambiguous):
		for i, r := range ambiguous.Readings {
			check(r, false)
			if slices.Contains(ambiguous.Readings[:i], r) {
				t.Fatalf("%q: %s twice", text, describe(r))
			}
		}
		if len(ambiguous.Readings) < 2 {
			t.Fatalf("%q has one reading", text)
		}
	case err == nil:
		check(r, false)
	case !errors.As(err, &refusal):
		t.Fatalf("%q: %v", text, err)
	}
	found, ok := FindWhen(text, o)
	if !ok {
		return
	}
	check(found.Reading, found.Past)
	for _, r := range found.Others {
		check(r, found.Past)
	}
	switch {
	case found.Phrase == "" || !strings.Contains(text, found.Phrase):
		t.Fatalf("%q: %q is not there", text, found.Phrase)
	case found.Rest == "" || len(found.Rest) > len(text) && utf8.ValidString(text):
		t.Fatalf("%q: the rest is %q", text, found.Rest)
	case found.Certain && (found.Past || len(found.Others) > 0):
		t.Fatalf("%q is certain", text)
	}
}
