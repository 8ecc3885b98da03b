// Package schedule reads cron schedules and runs jobs by them.
package schedule

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// This file stands between the program and robfig/cron. The library accepts
// schedules that never fire, fire at another pace than they say, or make its
// parser panic; and it loses or doubles runs when the clocks change. None of
// that gets past Parse.

// Schedule says when something runs. The zero Schedule never does.
type Schedule struct {
	spec     string
	every    time.Duration  // of "@every"; 0 for the five fields
	fields   []string       // of a schedule by the clock
	clock    cron.Schedule  // reads the five fields on the clock of the time it is given
	location *time.Location // whose clock

	within func(time.Time) (begin, end time.Time, ok bool) // runs in there are put off; nil for none
	live   func() (Schedule, <-chan struct{})              // stands for whatever it returns; nil for itself
}

// Live is a schedule that may change: it stands for whatever now returns, and
// the channel is closed when that is no longer so.
func Live(now func() (s Schedule, changed <-chan struct{})) Schedule { return Schedule{live: now} }

// PutOff is the schedule with those runs put off to the end that fall into a
// stretch of time which within knows. Several of them become one.
func (s Schedule) PutOff(within func(time.Time) (begin, end time.Time, ok bool)) Schedule {
	s.within = within
	return s
}

// putOff reports whether a run at that time is put off, and until when.
func (s Schedule) putOff(t time.Time) (until time.Time, ok bool) {
	if s.within == nil {
		return t, false
	}
	_, until, ok = s.within(t)
	return until, ok
}

// now is the schedule as it is at present, and what is closed when it changes.
func (s Schedule) now() (Schedule, <-chan struct{}) {
	if s.live == nil {
		return s, nil
	}
	return s.live()
}

// The shortest and longest pace of "@every".
const (
	minEvery = time.Second
	maxEvery = 366 * 24 * time.Hour
)

// shorthands are the names for a schedule that cron knows.
var shorthands = map[string]string{
	"@yearly":   "0 0 1 1 *",
	"@annually": "0 0 1 1 *",
	"@monthly":  "0 0 1 * *",
	"@weekly":   "0 0 * * 0",
	"@daily":    "0 0 * * *",
	"@midnight": "0 0 * * *",
	"@hourly":   "0 * * * *",
}

// Parse reads five cron fields, a shorthand such as "@daily", or
// "@every 30s". The fields are read on the clock of that location. Errors say
// in plain words what is wrong, and never repeat what was given.
func Parse(spec string, loc *time.Location) (Schedule, error) {
	s := Schedule{spec: strings.Join(strings.Fields(spec), " "), location: loc}
	lower := strings.ToLower(s.spec)
	switch {
	case lower == "":
		return Schedule{}, errors.New("is empty; give five fields such as */5 * * * *, or a pace such as @every 30s")
	case strings.HasPrefix(lower, "tz=") || strings.HasPrefix(lower, "cron_tz="):
		return Schedule{}, errors.New("must not name a time zone; leave TZ= out and set TIMEZONE instead, as in TIMEZONE=Europe/Berlin")
	case strings.HasPrefix(lower, "@every"):
		return s.parseEvery(strings.TrimPrefix(lower, "@every"))
	case lower == "@reboot":
		return Schedule{}, errors.New("cannot be @reboot, which is no pace; give one such as @every 5m or @daily")
	case lower[0] == '@':
		lower = shorthands[lower]
		if lower == "" {
			return Schedule{}, errors.New("begins with an @ that cron does not know; there are @every 30s, @hourly, @daily, @weekly, @monthly and @yearly")
		}
	}
	s.fields = strings.Fields(lower)
	switch n := len(s.fields); {
	case n == 6:
		return Schedule{}, errors.New("has six fields, and seconds are not among them; give five such as */5 * * * *, or a pace such as @every 30s")
	case n != 5:
		return Schedule{}, fmt.Errorf("must have five fields, and has %d; they are minute, hour, day of the month, month and day of the week, as in 30 9 * * MON-FRI", n)
	}
	for i, kind := range kinds {
		if err := kind.check(s.fields[i]); err != nil {
			return Schedule{}, fmt.Errorf("field %d, the %s, %w", i+1, kind.name, err)
		}
	}
	clock, err := parse(strings.Join(s.fields, " "))
	if err != nil {
		return Schedule{}, errors.New("is not a schedule that cron understands; give five fields such as */5 * * * *, or a pace such as @every 30s")
	}
	s.clock = clock
	if s.Next(aLeapYear).IsZero() {
		return Schedule{}, errors.New("never comes, because no such day exists in those months; give for example 0 9 1 * * for the first of each month")
	}
	return s, nil
}

// aLeapYear is where the search for a first run begins, so that the 29th of
// February is found and no clock need be asked.
var aLeapYear = time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)

func (s Schedule) parseEvery(pace string) (Schedule, error) {
	every, err := time.ParseDuration(strings.ReplaceAll(pace, " ", ""))
	switch {
	case err != nil:
		return Schedule{}, errors.New("has a pace that cannot be read; give a number and a unit of s, m or h, as in @every 30s or @every 1h30m")
	case every < minEvery: // the library would make it one second
		return Schedule{}, errors.New("is too fast; the pace must be at least a second, as in @every 30s")
	case every%time.Second != 0: // the library would drop the fraction
		return Schedule{}, errors.New("must be a pace in whole seconds, as in @every 30s")
	case every > maxEvery:
		return Schedule{}, errors.New("is too slow; the pace must be at most 8784h, which is a year, as in @every 24h")
	}
	s.every = every
	return s, nil
}

// parse is the library's parser without its panics.
func parse(spec string) (clock cron.Schedule, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("the cron parser panicked")
		}
	}()
	// A schedule without a zone of its own reads the clock of the time it is given.
	return cron.ParseStandard(spec)
}

// kind is what one of the five fields may hold.
type kind struct {
	name     string
	min, max int
	names    string // of the values, three letters each, the first is min
}

var kinds = [5]kind{
	{name: "minute", min: 0, max: 59},
	{name: "hour", min: 0, max: 23},
	{name: "day of the month", min: 1, max: 31},
	{name: "month", min: 1, max: 12, names: "janfebmaraprmayjunjulaugsepoctnovdec"},
	{name: "day of the week", min: 0, max: 6, names: "sunmontuewedthufrisat"},
}

// check is stricter than the library, which reads "*-5" as "*", "*/70" as
// "0", and takes an empty field for one that never matches.
func (k kind) check(field string) error {
	for item := range strings.SplitSeq(field, ",") {
		values, step, stepped := strings.Cut(item, "/")
		if stepped {
			n, ok := number(step)
			if !ok || n < 1 || n > k.max-k.min {
				return fmt.Errorf("can have a step of 1 to %d after the slash, as in */%d", k.max-k.min, min(5, k.max-k.min))
			}
		}
		if values == "*" || values == "?" {
			continue
		}
		low, high, ranged := strings.Cut(values, "-")
		first, err := k.value(low)
		if err != nil {
			return err
		}
		if !ranged {
			continue
		}
		last, err := k.value(high)
		if err != nil {
			return err
		}
		if first > last {
			return errors.New("has a range that runs backwards; the smaller value stands first, and what goes past the end is written as a list, as in 5,6,0")
		}
	}
	return nil
}

// value reads a number or a name.
func (k kind) value(text string) (int, error) {
	if i := strings.Index(k.names, text); len(text) == 3 && i >= 0 && i%3 == 0 {
		return k.min + i/3, nil
	}
	n, ok := number(text)
	switch {
	case ok && n >= k.min && n <= k.max:
		return n, nil
	case ok && n == 7 && k.name == "day of the week":
		return 0, errors.New("goes from 0 to 6: Sunday is 0 or SUN here, not 7")
	case k.names != "":
		return 0, fmt.Errorf("goes from %d to %d, or %s to %s", k.min, k.max, strings.ToUpper(k.names[:3]), strings.ToUpper(k.names[len(k.names)-3:]))
	}
	return 0, fmt.Errorf("goes from %d to %d", k.min, k.max)
}

// number reads digits and nothing else; strconv alone would take "+5".
func number(text string) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 16)
	return int(n), err == nil
}

// IsZero reports whether this is no schedule at all.
func (s Schedule) IsZero() bool {
	s, _ = s.now()
	return s.every == 0 && s.clock == nil
}

// String is the schedule as it was given.
func (s Schedule) String() string {
	s, _ = s.now()
	return s.spec
}

// Next returns the first run after t, or the zero time if there is none.
//
// Where the clocks change, a schedule with fixed hours keeps its count: what
// falls into the hour that is left out runs when that hour would have begun,
// and what falls into the hour that comes twice runs the first time only. A
// schedule for every hour runs by the clock as it goes, in both of them.
func (s Schedule) Next(t time.Time) time.Time {
	s, _ = s.now()
	if s.within == nil {
		return s.next(t)
	}
	from := t
	if begin, _, in := s.within(t); in {
		from = begin.Add(-1) // what was put off since then is still to come
	}
	next := s.next(from)
	if next.IsZero() {
		return next
	}
	if _, end, in := s.within(next); in {
		return end
	}
	return next
}

func (s Schedule) next(t time.Time) time.Time {
	switch {
	case s.every > 0:
		// Added, not computed anew, so that it keeps its pace when the clock is set.
		return t.Add(s.every - time.Duration(t.Nanosecond())).In(s.location)
	case s.clock == nil:
		return time.Time{}
	}
	everyHour := slices.Contains([]string{"*", "?", "*/1", "0-23"}, s.fields[1])
	for t = t.In(s.location); ; {
		// The search stays on the clock of one period between two changes.
		_, offset := t.Zone()
		_, end := t.ZoneBounds()
		next := s.clock.Next(t.In(time.FixedZone("", offset)))
		switch {
		case next.IsZero():
			return time.Time{}
		case end.IsZero() || next.Before(end):
			next = next.In(s.location)
			if everyHour || !comesAgain(next) {
				return next
			}
			t = next
			continue
		}
		// The next period begins; what falls between its clock and the old one was left out.
		_, after := end.Zone()
		if leftOut := time.Duration(after-offset) * time.Second; !everyHour && next.Before(end.Add(leftOut)) {
			return end
		}
		if next = s.clock.Next(end.Add(-1).In(time.FixedZone("", after))); next.Equal(end) && (everyHour || !comesAgain(end)) {
			return end
		}
		t = end
	}
}

// comesAgain reports whether the clock has shown this time once before,
// because it was set back since.
func comesAgain(t time.Time) bool {
	begin, _ := t.ZoneBounds()
	if begin.IsZero() {
		return false
	}
	_, before := begin.Add(-1).Zone()
	_, offset := t.Zone()
	return t.Before(begin.Add(time.Duration(before-offset) * time.Second))
}

// Last returns the last run after since and not after now, or the zero time if
// there is none. A pace of "@every" counts from since.
func (s Schedule) Last(since, now time.Time) time.Time {
	s, _ = s.now()
	first := s.Next(since)
	switch {
	case first.IsZero() || first.After(now):
		return time.Time{}
	case s.every > 0:
		return now.Add(-(now.Sub(since) % s.every))
	}
	// The runs after some time come no later than those after a later one.
	for low, high := since, now; ; {
		middle := low.Add(high.Sub(low) / 2)
		if high.Sub(low) < time.Second {
			return s.Next(low)
		}
		if next := s.Next(middle); next.IsZero() || next.After(now) {
			high = middle
		} else {
			low = middle
		}
	}
}

// NextRuns returns the first n runs after now.
func (s Schedule) NextRuns(now time.Time, n int) []time.Time {
	var runs []time.Time
	for t := s.Next(now); !t.IsZero() && len(runs) < n; t = s.Next(t) {
		runs = append(runs, t)
	}
	return runs
}

// Words say how often it runs, as in "every 5 minutes".
func (s Schedule) Words() string {
	s, _ = s.now()
	switch {
	case s.every > 0:
		return "every " + paceWords(s.every)
	case s.clock == nil:
		return "never"
	}
	minute, hour, day := s.fields[0], s.fields[1], s.fields[4]
	if s.fields[2] == "*" && s.fields[3] == "*" {
		at, fixedMinute := number(minute)
		hours, fixedHour := number(hour)
		clock := fmt.Sprintf("%02d:%02d", hours, at)
		step, stepped := strings.CutPrefix(minute, "*/")
		n, _ := number(step)
		switch {
		case minute == "*" && hour == "*" && day == "*":
			return "every minute"
		case stepped && 60%n == 0 && hour == "*" && day == "*": // others stop short at the full hour
			return "every " + paceWords(time.Duration(n)*time.Minute)
		case fixedMinute && hour == "*" && day == "*":
			return fmt.Sprintf("every hour at %d past", at)
		case fixedMinute && fixedHour && day == "*":
			return "every day at " + clock
		case fixedMinute && fixedHour && day == "mon-fri" || fixedMinute && fixedHour && day == "1-5":
			return "Monday to Friday at " + clock
		case fixedMinute && fixedHour:
			if n, err := kinds[4].value(day); err == nil {
				return "every " + time.Weekday(n).String() + " at " + clock
			}
		}
	}
	return "on the schedule " + s.spec
}

// paceWords spells a duration of whole seconds, as in "30 seconds" or "1h30m".
func paceWords(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		switch {
		case d == unit.size:
			return unit.name
		case d%unit.size == 0:
			return fmt.Sprintf("%d %ss", d/unit.size, unit.name)
		}
	}
	return d.String()
}

// Describe says how often it runs and when the next three times are, for the
// one who has set it to see that it means what was meant.
func (s Schedule) Describe(now time.Time) string {
	s, _ = s.now()
	runs := s.NextRuns(now, 3)
	if len(runs) == 0 {
		return s.Words()
	}
	layout := "15:04"
	if s.every%time.Minute != 0 {
		layout = "15:04:05"
	}
	var times []string
	for last, i := now.In(s.location), 0; i < len(runs); last, i = runs[i], i+1 {
		day := ""
		switch run := runs[i]; {
		case run.Year() != last.Year():
			day = "Mon 2 Jan 2006 "
		case run.YearDay() != last.YearDay():
			day = "Mon 2 Jan "
		}
		times = append(times, runs[i].Format(day+layout))
	}
	return s.Words() + "; next runs " + strings.Join(times, ", ")
}
