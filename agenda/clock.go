package agenda

import "time"

// At returns when a clock in loc shows a time of the day, given as the time
// since midnight. Days beyond the end of a month are counted on, as by
// [time.Date]. Where the clock is set forward past that time, it is the moment
// of the change; where the clock shows it twice, the first time.
func At(year int, month time.Month, day int, clock time.Duration, loc *time.Location) time.Time {
	hour, minute := int(clock/time.Hour), int(clock/time.Minute)%60
	asked := time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
	t := time.Date(year, month, day, hour, minute, 0, 0, loc)
	begin, end := t.ZoneBounds()
	_, offset := t.Zone()
	switch shown := t.Add(time.Duration(offset) * time.Second).UTC(); { // what the clock shows then, as a time in UTC
	case shown.After(asked): // time.Date went past the change
		return begin
	case shown.Before(asked): // or stopped before it
		return end
	case begin.IsZero():
		return t
	}
	_, before := begin.Add(-1).Zone()
	if back := time.Duration(before-offset) * time.Second; t.Before(begin.Add(back)) {
		return t.Add(-back)
	}
	return t
}
