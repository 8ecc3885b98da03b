package agenda

import (
	"slices"
	"testing"
	"time"
)

func TestOrderIn(t *testing.T) {
	for zone, want := range map[string]Order{
		"America/New_York": MonthFirst, "America/Indiana/Knox": MonthFirst, "US/Pacific": MonthFirst, "Pacific/Guam": MonthFirst, "Asia/Manila": MonthFirst, "Asia/Tokyo": MonthFirst,
		"Europe/Berlin": DayFirst, "Europe/London": DayFirst, "America/Sao_Paulo": DayFirst, "Australia/Sydney": DayFirst, "Asia/Kolkata": DayFirst, "NZ": DayFirst, "Africa/Cairo": DayFirst,
		"America/Toronto": OrderUnknown, "Canada/Pacific": OrderUnknown, "Europe/Budapest": OrderUnknown, "UTC": OrderUnknown, "Etc/GMT+5": OrderUnknown, "": OrderUnknown, "Local": OrderUnknown, "CET": OrderUnknown,
	} {
		if got := OrderIn(zone); got != want {
			t.Errorf("%s: %d, want %d", zone, got, want)
		}
	}
	// Every name of the lists is one of the tz database.
	for _, zone := range slices.Concat(monthFirst, eitherOrder, countries) {
		if zone[len(zone)-1] == '/' {
			continue
		}
		if _, err := time.LoadLocation(zone); err != nil {
			t.Error(err)
		}
	}
}
