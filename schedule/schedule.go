// Package schedule reads cron schedules and runs jobs by them.
package schedule

import (
	"errors"
	"fmt"
	"slices"
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
