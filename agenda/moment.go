package agenda

import "time"

// Moment is a time in words, in the zone of t and as seen at now: "today 17:44",
// "yesterday 09:12", "tomorrow 07:00". A day further back is "12 Nov", and one
// further ahead "12 Nov 07:00", with the year where it is another than now.
func Moment(t, now time.Time) string {
	now = now.In(t.Location())
	year, month, day := now.Date()
	days := map[time.Time]string{}
	for i, name := range []string{"yesterday", "today", "tomorrow"} {
		days[time.Date(year, month, day-1+i, 0, 0, 0, 0, time.UTC)] = name
	}
	y, m, d := t.Date()
	if name, ok := days[time.Date(y, m, d, 0, 0, 0, 0, time.UTC)]; ok {
		return name + t.Format(" 15:04")
	}
	layout := "2 Jan"
	if y != year {
		layout += " 2006"
	}
	if t.After(now) {
		layout += " 15:04"
	}
	return t.Format(layout)
}
