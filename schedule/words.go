package schedule

import (
	"fmt"
	"strings"
	"time"
)

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
