package handlers

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/message"
)

// This file shows the settings in the chat and lets owners change them there.

// settingRow is all there is to know of a setting.
type settingRow struct {
	name, title string
	called      []string // other names that people read: in the title, the help
	subject     string   // in a sentence, before an error of set
	variable    string   // of the environment
	about       string
	example     string
	offers      []string // values on buttons
	standard    string   // where a value comes from that nobody has set; "" for the program itself
	// set reads a value as people type it, and returns how it is kept.
	set func(s *Settings, v *Values, typed string) (kept string, err error)
	// words is how a value is shown.
	words func(s *Settings, v Values) string
}

// plainTitle is the title without its sign.
func (r settingRow) plainTitle() string {
	_, words, _ := strings.Cut(r.title, " ")
	return words
}

var settingRows = []settingRow{
	{
		name: "timezone", title: "🌍 Time zone", called: []string{"time zone"}, subject: "A time zone", variable: "TIMEZONE", example: "Asia/Tokyo",
		about:  "For the dates that I show, and for all times here.",
		offers: []string{"Europe/London", "Europe/Berlin", "Europe/Athens", "America/New_York", "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney", "UTC"},
		set: func(_ *Settings, v *Values, typed string) (string, error) {
			zone, err := findZone(typed)
			if err != nil {
				return "", err
			}
			v.Zone = zone
			return zone.String(), nil
		},
		words:    func(_ *Settings, v Values) string { return zoneName(v.Zone, time.Now()) },
		standard: "the system's",
	},
	{
		name: "digest", title: "📬 Digest", subject: "The time of the digest", variable: "DIGEST_CRON", example: "weekdays 7:30",
		about:  "A summary of your goals. One that is due in quiet hours comes when they end.",
		offers: []string{"7:00", "8:00", "9:00", "18:00", "20:00", "weekdays 8:00", "off"},
		set: func(s *Settings, v *Values, typed string) (string, error) {
			if goals.Fold(typed) == "off" {
				v.Digest = ""
				return "off", nil
			}
			spec := digestSpec(typed)
			if len(strings.Fields(spec)) < 5 && !strings.HasPrefix(spec, "@") {
				return "", errors.New("must look like 8:00 or weekdays 8:00, or be off; whoever knows cron may also give its five fields")
			}
			if _, err := s.standard.Schedule(spec, v.Zone); err != nil {
				return "", err
			}
			v.Digest = spec
			return spec, nil
		},
		words: func(s *Settings, v Values) string {
			if v.Digest == "" {
				return "off"
			}
			words, _ := s.standard.Schedule(v.Digest, v.Zone)
			return clip(words, maxAmongMany)
		},
	},
	{
		name: "quiet", title: "🌙 Quiet hours", called: []string{"quiet hours"}, subject: "Quiet hours", variable: "QUIET_HOURS", example: "21:30-6:45",
		about:  "Nothing makes a sound then but an alert, and the digest waits.",
		offers: []string{"22:00-07:00", "23:00-08:00", "20:00-09:00", "off"},
		set: func(_ *Settings, v *Values, typed string) (string, error) {
			hours, err := ParseHours(typed)
			v.Quiet = hours
			return hours.String(), err
		},
		words: func(_ *Settings, v Values) string { return strings.ReplaceAll(v.Quiet.String(), "-", "–") },
	},
	{
		name: "repeat", title: "⏰ Alert repeat", called: []string{"alert repeat", "reminders"}, subject: "The time between reminders", variable: "ALERT_REPEAT", example: "90m",
		about:  "How often I remind you while a problem lasts.",
		offers: []string{"15m", "1h", "6h", "12h", "24h"},
		set: func(_ *Settings, v *Values, typed string) (string, error) {
			d, err := ParseRepeat(typed)
			v.Repeat = d
			return d.String(), err
		},
		words: func(_ *Settings, v Values) string { return "every " + pace(v.Repeat) },
	},
	{
		name: "ring", title: "🔔 May ring", called: []string{"may ring", "sound"}, subject: "Choose what may make a sound:", variable: "RING", example: "answers",
		about:  "What makes a sound on the phone. Everything comes all the same, only silently.",
		offers: rings,
		set: func(_ *Settings, v *Values, typed string) (string, error) {
			ring, err := ParseRing(typed)
			if err != nil {
				return "", errors.New(strings.TrimPrefix(err.Error(), "must be "))
			}
			v.Ring = ring
			return ring.String(), nil
		},
		words: func(_ *Settings, v Values) string {
			return [...]string{"nothing", "alerts alone", "alerts and answers", "everything"}[v.Ring]
		},
	},
}

// zoneName is what a zone is called; one without a name, what it is at a time.
func zoneName(zone *time.Location, at time.Time) string {
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

// maxKept is how long a value may be, so that a button can bring it back.
const maxKept = message.MaxButtonData - len("settings timezone ")

var zoneRegions = []string{"Europe", "America", "Asia", "Africa", "Australia", "Pacific", "Atlantic", "Indian"}

// findZone takes a name in any case, and a city without its region.
func findZone(typed string) (*time.Location, error) {
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

// findSetting reads the name that the words of a person begin with.
func findSetting(words string) (row settingRow, typed string, known bool) {
	all := strings.Fields(words)
	for _, row := range settingRows {
		for _, name := range append(slices.Clone(row.called), row.name) { // the longer ones first
			n := len(strings.Fields(name))
			if len(all) >= n && goals.Fold(strings.Join(all[:n], " ")) == name {
				return row, strings.Join(all[n:], " "), true
			}
		}
	}
	return row, "", false
}

// settings shows the settings, one of them, or changes one.
func (c *call) settings() (message.Message, error) {
	own, err := c.tx.Records(settingRecord)
	if err != nil {
		return message.Message{}, err
	}
	if c.Args == "" {
		return c.settingsScreen(new(message.Text), own), nil
	}
	row, typed, known := findSetting(c.Args)
	if !known {
		return message.Message{}, goals.Refusal("There is no such setting. These are: timezone, digest, quiet, repeat, ring. /settings shows them all.")
	}
	if typed == "" {
		return c.settingScreen(row, own), nil
	}
	changed := maps.Clone(own)
	if goals.Fold(typed) == "default" {
		delete(changed, row.name)
	} else {
		v := c.setting.with(own)
		kept, err := row.set(c.setting, &v, typed)
		if err != nil {
			return message.Message{}, goals.Refusal(fmt.Sprintf("%s %s. For example: /settings %s %s", row.subject, err, row.name, row.example))
		}
		if len(kept) > maxKept {
			return message.Message{}, goals.Refusal(fmt.Sprintf("That is too long; %d characters are enough.", maxKept))
		}
		changed[row.name] = kept
	}
	c.renew = true
	if err := c.tx.SetRecord(settingRecord, row.name, changed[row.name]); err != nil {
		return message.Message{}, err
	}
	if err := c.digestFollows(c.setting.with(changed)); err != nil {
		return message.Message{}, err
	}
	var t message.Text
	t.Add("✅ ").Add(row.title).Add(": ").Bold(row.words(c.setting, c.setting.with(changed))).Add("\n\n")
	m := c.settingsScreen(&t, changed)
	if changed[row.name] == own[row.name] {
		return m, nil
	}
	if !c.replays {
		m.Buttons = append([][]message.Button{undoRow(c.Key)}, m.Buttons...)
	}
	command := func(kept string) string { return "settings " + row.name + " " + cmp.Or(kept, "default") }
	return m, c.did(action{What: "changing “" + row.plainTitle() + "”", Do: command(changed[row.name]), Back: command(own[row.name])})
}

// source says where a value comes from.
func (c *call) source(row settingRow, own map[string]string) string {
	switch {
	case own[row.name] != "":
		return "set here"
	case c.setting.standard.Given(row.variable):
		return "from .env or the environment"
	case row.name == "timezone" && c.setting.standard.ZoneUnknown:
		return "because TZ, where I run, names no time zone that I know"
	case row.standard != "":
		return row.standard
	}
	return "by default"
}

func (c *call) settingsScreen(t *message.Text, own map[string]string) message.Message {
	v := c.setting.with(own)
	t.Bold("Settings").Add("\n")
	var rows [][]message.Button
	for i, row := range settingRows {
		t.Add("\n" + row.title + ": ").Bold(row.words(c.setting, v)).Add(", " + c.source(row, own))
		if i%2 == 0 {
			rows = append(rows, nil)
		}
		rows[i/2] = append(rows[i/2], message.Button{Label: row.title, Command: "settings " + row.name})
	}
	t.Addf("\n\nIt is %s now. Tap one to change it.", c.At.In(v.Zone).Format("Monday 15:04"))
	return t.Message(rows...)
}

func (c *call) settingScreen(row settingRow, own map[string]string) message.Message {
	v := c.setting.with(own)
	now := row.words(c.setting, v)
	var t message.Text
	t.Add(row.title + ": ").Bold(now).Add(", " + c.source(row, own))
	t.Add("\n\n" + row.about + "\nSomething else? Type it: ").Code("/settings " + row.name + " " + row.example)
	var rows [][]message.Button
	for i, offer := range row.offers {
		_, label, region := strings.Cut(offer, "/")
		if label = strings.ReplaceAll(label, "_", " "); !region {
			label = offer
		}
		other := v
		if _, err := row.set(c.setting, &other, offer); err == nil && row.words(c.setting, other) == now {
			label = "✓ " + label
		}
		if i%3 == 0 {
			rows = append(rows, nil)
		}
		rows[i/3] = append(rows[i/3], message.Button{Label: label, Command: "settings " + row.name + " " + offer})
	}
	if own[row.name] != "" {
		standard := row.words(c.setting, c.setting.standard.Values)
		rows = append(rows, []message.Button{{Label: "↩️ Back to " + clip(standard, maxInButton), Command: "settings " + row.name + " default"}})
	}
	return t.Message(append(rows, []message.Button{{Label: "‹ Settings", Command: "settings"}})...)
}
