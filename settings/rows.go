package settings

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/message"
)

// Row is all there is to know of a setting.
type Row struct {
	Name, Title string
	Called      []string // other names that people read: in the title, the help
	Subject     string   // in a sentence, before an error of set
	Variable    string   // of the environment
	About       string
	Mine        string // what it is about where a member sets it for themselves; "" where nobody can
	Example     string
	Offers      []string // values on buttons
	// Toggles are the buttons of a setting that is made of several choices.
	Toggles  func(Values) []Toggle
	Standard string // where a value comes from that nobody has set; "" for the program itself
	// Set reads a value as people type it, and returns how it is kept.
	Set func(s *Settings, v *Values, typed string) (kept string, err error)
	// Words is how a value is shown.
	Words func(s *Settings, v Values) string
}

// Toggle is a button that turns a part of a setting on or off.
type Toggle struct {
	Label string
	On    bool
	Sets  string // the value of the whole setting after a tap
}

// PlainTitle is the title without its sign.
func (r Row) PlainTitle() string {
	_, words, _ := strings.Cut(r.Title, " ")
	return words
}

// Rows are the settings in the order in which they are shown.
var Rows = []Row{
	{
		Name: "timezone", Title: "🌍 Time zone", Called: []string{"time zone"}, Subject: "A time zone", Variable: "TIMEZONE", Example: "Asia/Tokyo",
		About:  "For dates and times in this chat.",
		Mine:   "For the dates that you type, and those that you read in our private chat.",
		Offers: []string{"Europe/London", "Europe/Berlin", "Europe/Athens", "America/New_York", "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney", "UTC"},
		Set: func(_ *Settings, v *Values, typed string) (string, error) {
			zone, err := FindZone(typed)
			if err != nil {
				return "", err
			}
			v.Zone = zone
			return zone.String(), nil
		},
		Words:    func(_ *Settings, v Values) string { return ZoneName(v.Zone, time.Now()) },
		Standard: "the system's",
	},
	{
		Name: "dates", Title: "📅 Date order", Called: []string{"date order", "dateorder", "date_order"}, Subject: "The date order", Variable: "DATE_ORDER", Example: "day-first",
		About:  "Whether 3/4 is 3 April, day-first, or March 4, month-first. With auto it is the usual one in your time zone; where both are usual there, I ask.",
		Offers: DateOrders,
		Set: func(_ *Settings, v *Values, typed string) (string, error) {
			order, err := ParseDateOrder(typed)
			v.Dates = order
			return DateOrders[order], err
		},
		Words: func(_ *Settings, v Values) string {
			words := [...]string{agenda.OrderUnknown: "I ask", agenda.DayFirst: "day first", agenda.MonthFirst: "month first"}[v.DateOrder()]
			if v.Dates == agenda.OrderUnknown {
				return "auto (" + words + ")"
			}
			return words
		},
	},
	{
		Name: "digest", Title: "📬 Digest", Subject: "The digest time", Variable: "DIGEST_CRON", Example: "weekdays 7:30",
		About:  "A summary of your goals. A digest due in quiet hours is sent when they end.",
		Mine:   "A summary of the goals that are assigned to you or that you added. One due in quiet hours is sent when they end.",
		Offers: []string{"7:00", "8:00", "9:00", "18:00", "20:00", "weekdays 8:00", "off"},
		Set: func(s *Settings, v *Values, typed string) (string, error) {
			if goals.Fold(typed) == "off" {
				v.Digest = ""
				return "off", nil
			}
			spec := digestSpec(typed)
			if len(strings.Fields(spec)) < 5 && !strings.HasPrefix(spec, "@") {
				return "", errors.New("must look like 8:00 or weekdays 8:00, or be off; the five fields of cron work too")
			}
			if _, err := s.Defaults.Schedule(spec, v.Zone); err != nil {
				return "", err
			}
			v.Digest = spec
			return spec, nil
		},
		Words: func(s *Settings, v Values) string {
			if v.Digest == "" {
				return "off"
			}
			words, _ := s.Defaults.Schedule(v.Digest, v.Zone)
			return message.Clip(words, maxScheduleWords)
		},
	},
	{
		Name: "review", Title: "🔎 Review", Subject: "The review", Variable: "REVIEW", Example: "sunday 18:00",
		About:  "With stuck I ask about goals that have rested for too long, once a day at most. With a weekday and a time I also send the weekly review, see /review.",
		Offers: []string{"stuck", "friday 16:00", "sunday 18:00", "monday 8:00", "off"},
		Set: func(_ *Settings, v *Values, typed string) (string, error) {
			review, err := ParseReview(typed)
			v.Review = review
			return review.String(), err
		},
		Words: func(_ *Settings, v Values) string {
			switch {
			case v.Review.Weekly:
				return "stuck goals, and every " + strings.ToUpper(v.Review.String()[:1]) + v.Review.String()[1:]
			case v.Review.Stuck:
				return "stuck goals"
			}
			return "off"
		},
	},
	{
		Name: "quiet", Title: "🌙 Quiet hours", Called: []string{"quiet hours"}, Subject: "Quiet hours", Variable: "QUIET_HOURS", Example: "21:30-6:45",
		About:  "Only alerts make a sound during these hours, and the digest waits.",
		Mine:   "Answers make no sound during these hours, and your reminders and your digest wait.",
		Offers: []string{"22:00-07:00", "23:00-08:00", "20:00-09:00", "off"},
		Set: func(_ *Settings, v *Values, typed string) (string, error) {
			hours, err := ParseHours(typed)
			v.Quiet = hours
			return hours.String(), err
		},
		Words: func(_ *Settings, v Values) string { return strings.ReplaceAll(v.Quiet.String(), "-", "–") },
	},
	{
		Name: "repeat", Title: "⏰ Alert reminders", Called: []string{"alert reminders", "alert repeat", "reminders"}, Subject: "The time between reminders", Variable: "ALERT_REPEAT", Example: "90m",
		About:  "How often to remind you while a problem lasts.",
		Offers: []string{"15m", "1h", "6h", "12h", "24h"},
		Set: func(_ *Settings, v *Values, typed string) (string, error) {
			d, err := ParseRepeat(typed)
			v.Repeat = d
			return d.String(), err
		},
		Words: func(_ *Settings, v Values) string { return "every " + pace(v.Repeat) },
	},
	{
		Name: "ring", Title: "🔔 Sound", Called: []string{"may ring", "sound"}, Subject: "Choose what may make a sound:", Variable: "RING", Example: "answers",
		About:  "What may make a sound on your phone. Everything else arrives silently.",
		Offers: Rings,
		Set: func(_ *Settings, v *Values, typed string) (string, error) {
			ring, err := ParseRing(typed)
			if err != nil {
				return "", errors.New(strings.TrimPrefix(err.Error(), "must be "))
			}
			v.Ring = ring
			return ring.String(), nil
		},
		Words: func(_ *Settings, v Values) string {
			return [...]string{"nothing", "alerts and news", "alerts, news and answers", "everything"}[v.Ring]
		},
	},
	{
		Name: "reactions", Title: "👍 Reactions", Subject: "Reactions", Variable: "REACTIONS", Example: "on",
		About:  "In groups I put a 👍 on your message instead of answering it, where the answer would only repeat what you wrote.",
		Offers: []string{"on", "off"},
		Set: func(_ *Settings, v *Values, typed string) (string, error) {
			on, err := ParseSwitch(typed)
			v.React = on
			return map[bool]string{true: "on", false: "off"}[on], err
		},
		Words: func(_ *Settings, v Values) string { return map[bool]string{true: "on", false: "off"}[v.React] },
	},
	{
		Name: "news", Title: "📣 News", Subject: "News", Variable: "NEWS", Example: "blocked, failed",
		About:   "What I tell you at once when another program does it to a goal. The message makes a sound, except in quiet hours or where Sound is set to nothing. Everything else that the program changes is listed silently.",
		Toggles: newsToggles,
		Set: func(_ *Settings, v *Values, typed string) (string, error) {
			news, err := ParseNews(typed)
			v.News = news
			return news.String(), err
		},
		Words: func(_ *Settings, v Values) string { return strings.ReplaceAll(v.News.String(), ",", ", ") },
	},
}

// maxScheduleWords is how many characters of a schedule in words are shown.
const maxScheduleWords = 120

// ZoneName is what a zone is called; one without a name, what it is at a time.
func ZoneName(zone *time.Location, at time.Time) string {
	if name := zone.String(); name != "Local" {
		return name
	}
	at = at.In(zone)
	offset := at.Format("UTC-07:00")
	if short, _ := at.Zone(); !strings.ContainsAny(short, "+-") {
		return short + ", " + offset
	}
	return offset
}

var zoneRegions = []string{"Europe", "America", "Asia", "Africa", "Australia", "Pacific", "Atlantic", "Indian"}

// FindZone takes a name in any case, and a city without its region.
func FindZone(typed string) (*time.Location, error) {
	zone, err := ParseZone(typed)
	if err == nil {
		return zone, nil
	}
	name := zoneCase(goals.Fold(typed))
	tries := []string{name, strings.ToUpper(name)}
	if region, city, ok := strings.Cut(name, "/"); ok {
		tries = append(tries, strings.ToUpper(region)+"/"+city, region+"/"+strings.ToUpper(city))
	} else {
		for _, region := range zoneRegions {
			tries = append(tries, region+"/"+name)
		}
	}
	for _, try := range tries {
		if zone, err := ParseZone(try); err == nil {
			return zone, nil
		}
	}
	return nil, err
}

// zoneCase writes a name as most of the names of zones are written.
func zoneCase(typed string) string {
	begins := true
	name := strings.Map(func(r rune) rune {
		first := begins
		begins = !unicode.IsLetter(r)
		if first {
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	}, strings.Join(strings.Fields(typed), "_"))
	return strings.NewReplacer("_Of_", "_of_", "_Es_", "_es_", "-Au-", "-au-").Replace(name)
}

// digestSpec makes a schedule of "8:30" and "weekdays 8:30"; what is none of
// these stays as it is.
func digestSpec(typed string) string {
	rest, weekdays := strings.CutPrefix(goals.Fold(typed), "weekdays")
	clock, ok := agenda.ParseClock(strings.TrimSpace(rest))
	switch {
	case !ok:
		return typed
	case weekdays:
		return fmt.Sprintf("%d %d * * MON-FRI", int(clock.Minutes())%60, int(clock.Hours()))
	}
	return fmt.Sprintf("%d %d * * *", int(clock.Minutes())%60, int(clock.Hours()))
}

// pace spells a duration, as in "6 hours" or "1h30m".
func pace(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "hour"}, {time.Minute, "minute"}} {
		switch {
		case d == unit.size:
			return unit.name
		case d%unit.size == 0:
			return fmt.Sprintf("%d %ss", d/unit.size, unit.name)
		}
	}
	return d.String()
}
