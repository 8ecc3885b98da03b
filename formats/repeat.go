package formats

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"goalbot/agenda"
	"goalbot/goals"
)

// This file reads the repeats of other programs, those that count from the date. What
// counts from when a task was done, ends some day or leaves days out is not read.

var repeatWords = map[string]agenda.Repeat{
	"daily": {Every: 1, Unit: agenda.Days}, "weekly": {Every: 1, Unit: agenda.Weeks}, "weekdays": {Every: 1, Unit: agenda.Weeks, Weekdays: agenda.Workdays},
	"biweekly": {Every: 2, Unit: agenda.Weeks}, "fortnight": {Every: 2, Unit: agenda.Weeks}, "fortnightly": {Every: 2, Unit: agenda.Weeks},
	"monthly": {Every: 1, Unit: agenda.Months}, "bimonthly": {Every: 2, Unit: agenda.Months}, "quarterly": {Every: 3, Unit: agenda.Months}, "semiannual": {Every: 6, Unit: agenda.Months},
	"yearly": {Every: 1, Unit: agenda.Years}, "annual": {Every: 1, Unit: agenda.Years}, "annually": {Every: 1, Unit: agenda.Years},
	"biannual": {Every: 2, Unit: agenda.Years}, "biyearly": {Every: 2, Unit: agenda.Years},
}

var (
	// repeatCount is "2weeks" and P2W of Taskwarrior, "+2w" of todo.txt and "every 2
	// weeks". A single letter without a sign counts from when the task was done.
	repeatCount = regexp.MustCompile(`^(?:every |\+|p)?([0-9]{0,3}) ?([a-z]+)$`)
	repeatUnits = map[string]agenda.Unit{
		"day": agenda.Days, "days": agenda.Days, "week": agenda.Weeks, "weeks": agenda.Weeks, "wks": agenda.Weeks,
		"month": agenda.Months, "months": agenda.Months, "mo": agenda.Months, "year": agenda.Years, "years": agenda.Years, "yrs": agenda.Years,
	}
	repeatLetters = map[string]agenda.Unit{"d": agenda.Days, "w": agenda.Weeks, "m": agenda.Months, "y": agenda.Years}
)

// readRepeat reads a repeat of what is due on a day.
func readRepeat(text string, due agenda.Date) (r agenda.Repeat, ok bool) {
	if len(text) > maxDate {
		return r, false
	}
	if r, err := agenda.ParseRepeat(text); err == nil {
		return r, true
	}
	text = goals.Fold(text)
	if strings.HasPrefix(text, "freq=") {
		return readRule(text, due)
	}
	r, ok = repeatWords[text]
	if found := repeatCount.FindStringSubmatch(text); !ok && found != nil {
		n, err := strconv.Atoi(found[1])
		if found[1] == "" {
			n, err = 1, nil
		}
		units := repeatUnits
		if strings.HasPrefix(text, "+") || strings.HasPrefix(text, "p") && found[1] != "" {
			units = repeatLetters
		}
		r.Every = n
		r.Unit, ok = units[found[2]]
		ok = ok && err == nil
	}
	if r.Weekdays == 0 {
		r = r.On(due)
	}
	return r, ok && r.Valid()
}

var weekdayNames = map[string]time.Weekday{"su": 0, "mo": 1, "tu": 2, "we": 3, "th": 4, "fr": 5, "sa": 6}

// readRule reads a rule as in RFC 5545, folded: freq=weekly;interval=1;byday=sa.
func readRule(text string, due agenda.Date) (r agenda.Repeat, ok bool) {
	r.Every = 1
	var weekdays []string
	day, weekStart := 0, "mo"
	for part := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(part, "=")
		n, err := strconv.Atoi(value)
		switch {
		case name == "freq":
			i := slices.Index([]string{"daily", "weekly", "monthly", "yearly"}, value)
			if i < 0 {
				return r, false
			}
			r.Unit = agenda.Unit(i)
		case name == "interval" && err == nil:
			r.Every = n
		case name == "byday":
			weekdays = strings.Split(value, ",")
		case name == "bymonthday" && err == nil:
			day = n
		case name == "bymonth" && err == nil && time.Month(n) == due.Month:
		case name == "wkst":
			weekStart = value
		default:
			return r, false
		}
	}
	switch {
	case r.Unit == agenda.Weeks && r.Every > 1 && weekStart != "mo": // ours begin on Monday
		return r, false
	case r.Unit == agenda.Weeks && weekdays != nil && day == 0:
		for _, name := range weekdays {
			w, known := weekdayNames[name]
			if !known {
				return r, false
			}
			r.Weekdays |= agenda.WeekdaysOf(w)
		}
	case r.Unit == agenda.Months && len(weekdays) == 1 && day == 0:
		name := weekdays[0]
		w, known := weekdayNames[name[max(len(name)-2, 0):]]
		n, err := strconv.Atoi(name[:max(len(name)-2, 0)])
		if !known || err != nil {
			return r, false
		}
		r.Nth, r.Weekday = n, w
	case weekdays != nil:
		return r, false
	case r.Unit == agenda.Months && day != 0:
		r.Day = day
	default:
		if r = r.On(due); day != 0 && day != r.Day {
			return r, false
		}
	}
	return r, r.Valid()
}
