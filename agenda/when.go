package agenda

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// Kind says how exactly a [When] is known.
type Kind uint8

const (
	// WholeDay is a day without a time. It is not midnight: it lasts until the
	// day is over in the zone of whoever looks.
	WholeDay Kind = iota
	// OnClock is a time that a clock on the wall shows. Without a zone of its own,
	// the same When is another instant in another zone.
	OnClock
	// Instant is the same instant in every zone. Date and Clock are in UTC.
	Instant
)

// A When says when something is due. The zero When is never.
type When struct {
	Date  Date
	Clock time.Duration // since midnight, in whole minutes; 0 for a whole day
	Kind  Kind
	// Zone is where the clock hangs, by its IANA name, of a When that is OnClock; ""
	// for the zone of whoever looks.
	Zone string
}

// OnDay returns the When of a whole day.
func OnDay(d Date) When { return When{Date: d} }

// AtClock returns the When of a time on the clock, given as the time since
// midnight.
func AtClock(d Date, clock time.Duration) When { return When{Date: d, Clock: clock, Kind: OnClock} }

// AtInstant returns the When of an instant, without its seconds.
func AtInstant(t time.Time) When {
	t = t.UTC()
	return When{Date: DateOf(t), Clock: clockOf(t), Kind: Instant}
}

// InZone returns w with its clock in a zone, by the IANA name. A whole day, an instant,
// and a clock that hangs somewhere already stay as they are.
func (w When) InZone(name string) When {
	if w.Kind == OnClock && w.Zone == "" {
		w.Zone = name
	}
	return w
}

// fixed returns the instant of w where that is the same for whoever looks.
func (w When) fixed() (t time.Time, ok bool) {
	zone := time.UTC
	switch {
	case w.Zone != "":
		if zone, ok = loadZone(w.Zone); !ok {
			return t, false
		}
	case w.Kind != Instant:
		return t, false
	}
	return At(w.Date.Year, w.Date.Month, w.Date.Day, w.Clock, zone), true
}

// loaded are the zones that were, by their names.
var loaded sync.Map

func loadZone(name string) (*time.Location, bool) {
	if zone, ok := loaded.Load(name); ok {
		return zone.(*time.Location), true
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, false
	}
	loaded.Store(name, zone)
	return zone, true
}

// clockOf returns the time that the clock of t's location shows, without seconds.
func clockOf(t time.Time) time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
}

// IsZero reports whether w is never.
func (w When) IsZero() bool { return w == When{} }

// Valid reports whether w is a day that exists, with a clock that fits its kind.
func (w When) Valid() bool {
	clock := w.Clock >= 0 && w.Clock < day && w.Clock%time.Minute == 0
	if w.Kind == WholeDay {
		clock = w.Clock == 0
	}
	if w.Zone != "" {
		_, known := loadZone(w.Zone)
		clock = clock && known && w.Kind == OnClock
	}
	return clock && w.Kind <= Instant && w.Date.Exists()
}

// Time returns the instant at which a clock in zone shows w; the start of the
// day for a whole day. Where the clock is set forward past w, that is the
// moment of the change; where it shows w twice, the first time.
func (w When) Time(zone *time.Location) time.Time {
	if t, ok := w.fixed(); ok {
		return t.In(zone)
	}
	return At(w.Date.Year, w.Date.Month, w.Date.Day, w.Clock, zone)
}

// Remind returns the instant at which to remind of w: a whole day is told of
// at a time of that day, which is given since midnight.
func (w When) Remind(zone *time.Location, morning time.Duration) time.Time {
	if w.Kind == WholeDay {
		return AtClock(w.Date, morning).Time(zone)
	}
	return w.Time(zone)
}

// Day returns the day of w on the calendar of zone.
func (w When) Day(zone *time.Location) Date {
	if t, ok := w.fixed(); ok {
		return DateOf(t.In(zone))
	}
	return w.Date
}

// Overdue reports whether w has passed: the day is over, or the minute has.
func (w When) Overdue(now time.Time) bool {
	if w.Kind == WholeDay {
		return w.Date.Before(DateOf(now))
	}
	return !now.Before(w.Time(now.Location()).Add(time.Minute))
}

// over reports whether w can no longer be waited for.
func (w When) over(now time.Time) bool {
	if w.Kind == WholeDay {
		return w.Overdue(now)
	}
	return !w.Time(now.Location()).After(now)
}

// end returns the instant at which there is no time left: the end of a whole day.
func (w When) end(zone *time.Location) time.Time {
	if w.Kind == WholeDay {
		return OnDay(w.Date.AddDays(1)).Time(zone)
	}
	return w.Time(zone)
}

// Compare orders w and v by when the time for them is up in zone: a whole day
// comes after all times of that day.
func (w When) Compare(v When, zone *time.Location) int { return w.end(zone).Compare(v.end(zone)) }

// String returns w as in ISO 8601: "2027-05-04" for a day, "2027-05-04 09:00"
// on the clock, "2027-05-04 09:00 Asia/Tokyo" on one there, "2027-05-04T07:00Z" for an
// instant, "" for never. [ParseWhen] reads what is not past and has no zone;
// [When.UnmarshalText] reads all.
func (w When) String() string {
	switch {
	case w.IsZero():
		return ""
	case w.Kind == WholeDay:
		return w.Date.String()
	case w.Kind == Instant:
		return w.Date.String() + "T" + clockText(w.Clock) + "Z"
	}
	return strings.TrimSpace(w.Date.String() + " " + clockText(w.Clock) + " " + w.Zone)
}

// clockText returns a time of the day with 24 hours: 09:00.
func clockText(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d/time.Hour), int(d/time.Minute)%60)
}

// MarshalText returns what [When.String] does.
func (w When) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// whenLayouts are the forms of [When.String], by kind.
var whenLayouts = [...]string{WholeDay: time.DateOnly, OnClock: "2006-01-02 15:04", Instant: "2006-01-02T15:04Z"}

// UnmarshalText reads what [When.String] returns, in the past too.
func (w *When) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*w = When{}
		return nil
	}
	date, zone := string(text), ""
	if parts := strings.SplitN(date, " ", 3); len(parts) == 3 {
		date, zone = parts[0]+" "+parts[1], parts[2]
	}
	for kind, layout := range whenLayouts {
		if t, err := time.Parse(layout, date); err == nil {
			*w = When{Date: DateOf(t), Clock: clockOf(t), Kind: Kind(kind), Zone: zone}
			if w.Valid() && w.String() == string(text) {
				return nil
			}
		}
	}
	return Unread("That is not a date as in 2027-05-04, 2027-05-04 09:00 or 2027-05-04T09:00Z.")
}
