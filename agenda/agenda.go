// Package agenda reads when something is to be: durations and times as people
// write them. It does no I/O and reads no clock: the present is an argument.
// Every function here reads all of a text or refuses it.
package agenda

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"goalbot/goals"
)

const day = 24 * time.Hour

// units are in the order in which a duration names them.
var units = []struct {
	size  time.Duration
	names []string
}{
	{7 * day, []string{"w", "week", "weeks"}},
	{day, []string{"d", "day", "days"}},
	{time.Hour, []string{"h", "hr", "hrs", "hour", "hours"}},
	{time.Minute, []string{"m", "min", "mins", "minute", "minutes"}},
	{time.Second, []string{"s", "sec", "secs", "second", "seconds"}},
}

var durationPart = regexp.MustCompile(`^(,? ?(?:and )?)([0-9]{1,9})(?:[.]([0-9]{1,9}))? ?([a-z]+)`)

// ParseDuration reads a duration: "90m", "1h30m", "1h 30m", "2 days",
// "1 day and 6 hours", "1.5 h". Each unit stands once, the larger before the
// smaller. A day has 24 hours, a week seven days. ok is false where anything
// else stands in the text, or the duration is zero or more than 290 years.
func ParseDuration(text string) (d time.Duration, ok bool) {
	rest := goals.Fold(text)
	next := 0 // the largest unit that may follow
	for rest != "" {
		part := durationPart.FindStringSubmatch(rest)
		if part == nil || next == 0 && part[1] != "" {
			return 0, false
		}
		rest = rest[len(part[0]):]
		unit := next
		for unit < len(units) && !slices.Contains(units[unit].names, part[4]) {
			unit++
		}
		if unit == len(units) {
			return 0, false
		}
		next = unit + 1
		n, _ := strconv.ParseFloat(part[2]+"."+part[3]+"0", 64) // digits
		n = n*float64(units[unit].size) + float64(d)
		if n >= float64(1<<63-1) {
			return 0, false
		}
		d = time.Duration(n)
	}
	return d, d > 0
}

var clockTime = regexp.MustCompile(`^([01]?[0-9]|2[0-3])(?:[:.]([0-5][0-9]))?(?: ?(am|pm))?$`)

// ParseClock reads a time of the day as the time since midnight: "7:30",
// "7.30", "7" or "7:30 am".
func ParseClock(text string) (time.Duration, bool) {
	found := clockTime.FindStringSubmatch(strings.ToLower(text))
	if found == nil {
		return 0, false
	}
	hours, _ := strconv.Atoi(found[1])
	minutes, _ := strconv.Atoi(found[2]) // or none
	if half := found[3]; half != "" {
		if hours < 1 || hours > 12 {
			return 0, false
		}
		if hours %= 12; half == "pm" { // 12 am is midnight
			hours += 12
		}
	}
	return time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute, true
}

// Morning is the time of a day that is named without one.
const Morning = 8 * time.Hour

// parts are the times of the day that have a name.
var parts = map[string]time.Duration{"morning": Morning, "noon": 12 * time.Hour, "evening": 18 * time.Hour}

// ParseTime reads a time after now, on the clock of now's location: "18:00"
// and "6 pm" are the next such time, "tomorrow", "monday" and "2026-12-01" that
// day at [Morning], "tomorrow 9:00", "9:00 tomorrow", "fri at noon" and
// "midnight" what they say. A day of the week is the next one, never today. ok
// is false where anything else stands in the text, or the time is past.
func ParseTime(text string, now time.Time) (at time.Time, ok bool) {
	words := strings.Fields(strings.ReplaceAll(goals.Fold(text), ",", " "))
	days, clock := -1, time.Duration(-1) // from today; not named yet
	for i := 0; i < len(words); i++ {
		word := words[i]
		if word == "at" && i > 0 && i+1 < len(words) {
			continue
		}
		if n, isDay := daysTo(word, now); isDay && days < 0 {
			days = n
			continue
		}
		if i+1 < len(words) && (words[i+1] == "am" || words[i+1] == "pm") {
			i++
			word += words[i]
		}
		t, isClock := ParseClock(word)
		if t2, named := parts[word]; named {
			t, isClock = t2, true
		}
		switch {
		case clock >= 0:
			return at, false
		case isClock:
			clock = t
		case word == "midnight":
			clock = day // the end of the day
		default:
			return at, false
		}
	}
	if days < 0 && clock < 0 {
		return at, false
	}
	on := func(days int, clock time.Duration) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, int(clock/time.Hour), int(clock/time.Minute)%60, 0, 0, now.Location())
	}
	switch {
	case clock < 0:
		at = on(days, Morning)
	case days >= 0:
		at = on(days, clock)
	default:
		if at = on(0, clock); !at.After(now) {
			at = on(1, clock)
		}
	}
	return at, at.After(now)
}

// daysTo is how many days lie between today and a day that is named.
func daysTo(word string, now time.Time) (int, bool) {
	switch word {
	case "today":
		return 0, true
	case "tomorrow":
		return 1, true
	}
	for n := 1; n <= 7; n++ {
		name := strings.ToLower(now.AddDate(0, 0, n).Weekday().String())
		if word == name || word == name[:3] {
			return n, true
		}
	}
	date, err := time.ParseInLocation(time.DateOnly, word, time.UTC)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	if err != nil || date.Before(today) || date.Sub(today) > 100*366*day {
		return 0, false
	}
	return int(date.Sub(today) / day), true
}
