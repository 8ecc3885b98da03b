package agenda

import (
	"fmt"
	"time"
)

// InWords is a duration in words, in at most two units.
func InWords(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Second:
		return "less than a second"
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return twoUnits(int(d.Minutes()), "min", int(d.Seconds())%60, "s")
	case d < 24*time.Hour:
		return twoUnits(int(d.Hours()), "h", int(d.Minutes())%60, "min")
	}
	return twoUnits(int(d.Hours())/24, "d", int(d.Hours())%24, "h")
}

func twoUnits(a int, aUnit string, b int, bUnit string) string {
	if b == 0 {
		return fmt.Sprintf("%d %s", a, aUnit)
	}
	return fmt.Sprintf("%d %s %d %s", a, aUnit, b, bUnit)
}

// Roughly is a duration in words, in one unit, as people say how old something is.
func Roughly(d time.Duration) string {
	const day = 24 * time.Hour
	for _, u := range []struct {
		from, unit time.Duration
		name       string
	}{
		{2 * 365 * day, 365 * day, "year"},
		{60 * day, 30 * day, "month"},
		{2 * day, day, "day"},
		{2 * time.Hour, time.Hour, "hour"},
		{2 * time.Minute, time.Minute, "minute"},
	} {
		if d >= u.from {
			return fmt.Sprintf("%d %ss", d/u.unit, u.name)
		}
	}
	return "a minute"
}
