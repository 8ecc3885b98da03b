// Package settings holds the settings that may be changed from the chat: their
// values, where each value comes from, and how values are read.
package settings

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/store"
)

// What an owner has set in the chat is kept in the store and overrides the
// environment, which overrides the defaults.

// Values are the settings in force.
type Values struct {
	Zone   *time.Location
	Dates  agenda.Order // of dates in numbers; unknown for the order that is usual in Zone
	Digest string       // a schedule; "" is off
	Quiet  Hours
	Repeat time.Duration // of the reminder of an alert
	Ring   Ring
	News   News
	Review Review
	React  bool // in groups, to changes that an answer would only repeat
}

// DateOrder is the order of the day and the month in dates of numbers. It is unknown
// where nobody has set one and both are usual in the zone.
func (v Values) DateOrder() agenda.Order {
	if v.Dates != agenda.OrderUnknown {
		return v.Dates
	}
	return agenda.OrderIn(v.Zone.String())
}

// Ring is what may make a sound on the phone. Each includes those before it.
type Ring int

// What may make a sound.
const (
	RingNothing Ring = iota
	RingAlerts
	RingAnswers
	RingEverything
)

var Rings = []string{"nothing", "alerts", "answers", "everything"}

func (r Ring) String() string { return Rings[r] }

// Rings reports whether something may make a sound now. An alert may also in
// quiet hours.
func (v Values) Rings(what Ring, now time.Time) bool {
	_, _, quiet := v.QuietAt(now)
	return v.Ring >= what && (what == RingAlerts || !quiet)
}

// RingsNews reports whether [News] may make a sound now: where alerts may, but
// not in quiet hours.
func (v Values) RingsNews(now time.Time) bool {
	_, _, quiet := v.QuietAt(now)
	return v.Ring >= RingAlerts && !quiet
}

// QuietAt is the stretch of quiet hours that a time falls into.
func (v Values) QuietAt(t time.Time) (begin, end time.Time, ok bool) {
	t = t.In(v.Zone)
	for _, back := range []int{0, 1} {
		at := func(clock time.Duration, days int) time.Time {
			return agenda.At(t.Year(), t.Month(), t.Day()-back+days, clock, v.Zone)
		}
		begin, end = at(v.Quiet.From, 0), at(v.Quiet.To, 0)
		if v.Quiet.From > v.Quiet.To {
			end = at(v.Quiet.To, 1)
		}
		if !t.Before(begin) && t.Before(end) {
			return begin, end, true
		}
	}
	return time.Time{}, time.Time{}, false
}

// Hours are from one time of the day to another, past midnight if need be.
// The zero Hours are none.
type Hours struct{ From, To time.Duration }

func (h Hours) String() string {
	if h == (Hours{}) {
		return "off"
	}
	clock := func(d time.Duration) string {
		return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
	}
	return clock(h.From) + "-" + clock(h.To)
}

// ParseZone reads the name of a time zone. Errors of this and the other Parse
// functions say what is expected, and never repeat what was given.
func ParseZone(value string) (*time.Location, error) {
	zone, err := time.LoadLocation(value)
	if err != nil || value == "Local" || value == "" {
		return nil, errors.New("must be an IANA name of a region and a city, or UTC")
	}
	return zone, nil
}

// ParseSwitch reads "on" or "off".
func ParseSwitch(value string) (bool, error) {
	switch goals.Fold(value) {
	case "on":
		return true, nil
	case "off":
		return false, nil
	}
	return false, errors.New("must be on or off")
}

// DateOrders are the orders of the day and the month as they are set; auto is the one
// that is usual in the time zone.
var DateOrders = []string{agenda.OrderUnknown: "auto", agenda.DayFirst: "day-first", agenda.MonthFirst: "month-first"}

// ParseDateOrder reads one of [DateOrders].
func ParseDateOrder(value string) (agenda.Order, error) {
	if i := slices.Index(DateOrders, strings.ReplaceAll(goals.Fold(value), " ", "-")); i >= 0 {
		return agenda.Order(i), nil
	}
	return 0, errors.New("must be auto, day-first or month-first")
}

// inDays finds the units that the library of schedules does not know, so that
// all settings are written alike.
var inDays = regexp.MustCompile(`[0-9]\s*[dDwW]`)

// ParseRepeat reads how often to remind.
func ParseRepeat(value string) (time.Duration, error) {
	d, ok := agenda.ParseDuration(value)
	if !ok || d < time.Minute || inDays.MatchString(value) {
		return 0, errors.New("must be a duration of at least 1m: a number and a unit of s, m or h; a day is 24h")
	}
	return d, nil
}

// ParseHours reads "22:00-07:00", or "off".
func ParseHours(value string) (Hours, error) {
	if goals.Fold(value) == "off" {
		return Hours{}, nil
	}
	from, to, found := strings.Cut(strings.ReplaceAll(value, "–", "-"), "-")
	begin, ok := agenda.ParseClock(strings.TrimSpace(from))
	end, ok2 := agenda.ParseClock(strings.TrimSpace(to))
	if !found || !ok || !ok2 || begin == end {
		return Hours{}, errors.New("must be two different times of the day, as in 22:00-07:00, or off")
	}
	return Hours{begin, end}, nil
}

// ParseRing reads what may make a sound.
func ParseRing(value string) (Ring, error) {
	if i := slices.Index(Rings, goals.Fold(value)); i >= 0 {
		return Ring(i), nil
	}
	return 0, errors.New("must be nothing, alerts, answers or everything")
}

// Defaults apply where no owner has set anything else.
type Defaults struct {
	Values Values
	Given  func(variable string) bool // whether the environment says so, by the name of the variable
	// ZoneUnknown says that the zone is UTC only because TZ names none.
	ZoneUnknown bool
	Schedule    func(spec string, zone *time.Location) (words string, err error)
}

// Settings are the settings in force, which change while the program runs.
type Settings struct {
	Defaults Defaults
	log      *slog.Logger

	mu       sync.Mutex
	order    store.Order
	own      map[string]string // what owners have set, by name
	personal map[int64]Own     // what members have set for themselves
	values   Values
	changed  chan struct{} // closed when they are others
}

// New returns settings that start with the defaults.
func New(standard Defaults, log *slog.Logger) *Settings {
	return &Settings{Defaults: standard, log: log, values: standard.Values, changed: make(chan struct{})}
}

// viewer is where settings are kept: a [store.Store].
type viewer interface {
	View(ctx context.Context, f func(store.Tx) error) error
}

// Load takes over what the store has. One that cannot be read, as after a step
// back to an older version, is left at its standard. It is called after every
// commit that changes settings; of several calls at the same time the one that
// started last counts.
func (s *Settings) Load(ctx context.Context, truth viewer) error {
	s.mu.Lock()
	reading := s.order.Begin()
	s.mu.Unlock()
	var own map[string]string
	var personal map[int64]Own
	err := truth.View(ctx, func(tx store.Tx) (err error) {
		if own, err = tx.Records(store.SettingRecord); err == nil {
			personal, err = s.readPersonal(tx)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.order.Take(reading) {
		return nil
	}
	s.personal = personal
	if maps.Equal(own, s.own) {
		return nil
	}
	s.own, s.values = own, s.With(own)
	close(s.changed)
	s.changed = make(chan struct{})
	return nil
}

// Read returns the settings in force as a transaction sees them.
func (s *Settings) Read(tx store.Tx) (Values, error) {
	own, err := tx.Records(store.SettingRecord)
	if err != nil {
		return Values{}, fmt.Errorf("read settings: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if maps.Equal(own, s.own) {
		return s.values, nil
	}
	return s.With(own), nil
}

// With is what holds where owners have set these.
func (s *Settings) With(own map[string]string) Values {
	v := s.Defaults.Values
	for _, row := range Rows {
		value := own[row.Name]
		if value == "" {
			continue
		}
		if _, err := row.Set(s, &v, value); err != nil {
			s.log.Warn("a setting that was made in the chat cannot be read and is passed over", "setting", row.Name, "err", err)
		}
	}
	return v
}

// Values are the settings in force.
func (s *Settings) Values() Values {
	v, _ := s.Watch()
	return v
}

// Watch returns the settings in force, and what is closed when they are others.
func (s *Settings) Watch() (Values, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.values, s.changed
}
