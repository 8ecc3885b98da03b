package agenda

import (
	"slices"
	"strings"
	"time"
)

// Order is the order of the day and the month in a date of numbers.
type Order uint8

const (
	// OrderUnknown makes 3/4 ambiguous.
	OrderUnknown Order = iota
	// DayFirst makes 3/4 the third of April.
	DayFirst
	// MonthFirst makes 3/4 the fourth of March.
	MonthFirst
)

// monthFirst are the zones of the tz database where people write the month
// before the day: the United States and their territories, the states
// associated with them, the Philippines, and the countries of East Asia that
// write the year, the month and the day. An entry that ends in a slash stands
// for every zone that begins with it.
var monthFirst = []string{
	"US/", "America/Indiana/", "America/Kentucky/", "America/North_Dakota/",
	"America/New_York", "America/Detroit", "America/Chicago", "America/Menominee", "America/Denver", "America/Boise", "America/Phoenix", "America/Los_Angeles",
	"America/Anchorage", "America/Juneau", "America/Sitka", "America/Metlakatla", "America/Yakutat", "America/Nome", "America/Adak", "America/Atka",
	"America/Indianapolis", "America/Fort_Wayne", "America/Louisville", "America/Knox_IN", "America/Shiprock", "Navajo",
	"EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT", "Pacific/Honolulu", "Pacific/Johnston", "Pacific/Midway", "Pacific/Wake",
	"Pacific/Guam", "Pacific/Saipan", "Pacific/Pago_Pago", "Pacific/Samoa", "America/St_Thomas", "America/Virgin",
	"Pacific/Palau", "Pacific/Majuro", "Pacific/Kwajalein", "Kwajalein", "Pacific/Chuuk", "Pacific/Truk", "Pacific/Yap", "Pacific/Pohnpei", "Pacific/Ponape", "Pacific/Kosrae",
	"Asia/Manila",
	"Asia/Shanghai", "Asia/Chongqing", "Asia/Chungking", "Asia/Harbin", "Asia/Urumqi", "Asia/Kashgar", "PRC", "Asia/Taipei", "ROC", "Asia/Tokyo", "Japan", "Asia/Seoul", "ROK", "Asia/Pyongyang",
}

// eitherOrder are the zones where both orders are common, or the usual one is
// neither: Canada, Puerto Rico, Panama, Hungary, Lithuania.
var eitherOrder = []string{
	"Canada/", "America/St_Johns", "America/Halifax", "America/Glace_Bay", "America/Moncton", "America/Goose_Bay", "America/Toronto", "America/Montreal", "America/Nipigon", "America/Thunder_Bay",
	"America/Iqaluit", "America/Pangnirtung", "America/Winnipeg", "America/Rainy_River", "America/Resolute", "America/Rankin_Inlet", "America/Regina", "America/Swift_Current", "America/Edmonton",
	"America/Cambridge_Bay", "America/Yellowknife", "America/Inuvik", "America/Dawson_Creek", "America/Fort_Nelson", "America/Creston", "America/Whitehorse", "America/Dawson", "America/Vancouver",
	"America/Atikokan", "America/Coral_Harbour", "America/Blanc-Sablon",
	"America/Puerto_Rico", "America/Panama", "Europe/Budapest", "Europe/Vilnius",
}

// OrderIn returns the order that is usual in a zone of the tz database. It is
// unknown for zones that belong to no country, such as UTC.
func OrderIn(zone string) Order {
	in := func(zones []string) bool {
		return slices.ContainsFunc(zones, func(z string) bool {
			return z == zone || strings.HasSuffix(z, "/") && strings.HasPrefix(zone, z)
		})
	}
	region, _, city := strings.Cut(zone, "/")
	switch {
	case in(monthFirst):
		return MonthFirst
	case in(eitherOrder), !city && !slices.Contains(countries, zone), region == "Etc", region == "posix", region == "right":
		return OrderUnknown
	}
	return DayFirst
}

// countries are the zones with the name of a country and no slash where the
// day is written first.
var countries = []string{"Cuba", "Egypt", "Eire", "GB", "GB-Eire", "Hongkong", "Iceland", "Iran", "Israel", "Jamaica", "Libya", "NZ", "NZ-CHAT", "Poland", "Portugal", "Singapore", "Turkey", "W-SU"}

// Hours are the times at which the named parts of a day are told of, since midnight.
type Hours struct{ Morning, Afternoon, Evening, Night time.Duration }

// DefaultHours are the hours where none are set.
var DefaultHours = Hours{Morning: Morning, Afternoon: 15 * time.Hour, Evening: parts["evening"], Night: 20 * time.Hour}

// Options say how dates in words are read.
type Options struct {
	Now         time.Time // in the zone whose calendar and clock are meant
	Order       Order     // of 3/4; see [OrderIn]
	SundayFirst bool      // weeks begin on Sunday; they begin on Monday otherwise
	Hours       Hours     // the zero Hours are [DefaultHours]
}

func (o Options) hours() Hours {
	if o.Hours == (Hours{}) {
		return DefaultHours
	}
	return o.Hours
}

// A Reading is one thing that a phrase can mean.
type Reading struct {
	When     When   // the first time of a repeat
	Repeat   Repeat // the zero Repeat for once
	NextYear bool   // no year was named, and the day is over this year
}
