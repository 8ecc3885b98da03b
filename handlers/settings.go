package handlers

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"goalbot/access"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/settings"
	"goalbot/store"
)

// This file shows the settings in the chat and lets owners change them there.

// maxKept is how long a value may be, so that a button can bring it back.
const maxKept = message.MaxButtonData - len("settings timezone ")

// findSetting reads the name that the words of a person begin with.
func findSetting(words string, rows []settings.Row) (row settings.Row, typed string, known bool) {
	all := strings.Fields(words)
	for _, row := range rows {
		for _, name := range append(slices.Clone(row.Called), row.Name) { // the longer ones first
			n := len(strings.Fields(name))
			if len(all) >= n && goals.Fold(strings.Join(all[:n], " ")) == name {
				return row, strings.Join(all[n:], " "), true
			}
		}
	}
	return row, "", false
}

// layer is where settings are made: by owners for all, or by a member for themselves.
type layer struct {
	command string
	title   string
	rows    []settings.Row
	own     map[string]string                           // what is set in it
	values  func(own map[string]string) settings.Values // what holds with that
	source  func(settings.Row) string                   // where a value comes from that is not set in it
	about   func(settings.Row) string
	keep    func(own map[string]string, name string) error
}

// settings shows the settings, one of them, or changes one.
func (c *call) settings() (message.Message, error) {
	own, err := c.tx.Records(store.SettingRecord)
	if err != nil {
		return message.Message{}, err
	}
	return c.setIn(layer{
		command: "settings", title: "Settings", rows: settings.Rows, own: own, values: c.setting.With, source: c.source,
		about: func(row settings.Row) string { return row.About },
		keep: func(own map[string]string, name string) error {
			if err := c.tx.SetRecord(store.SettingRecord, name, own[name]); err != nil {
				return err
			}
			return c.digestFollows(digestName, c.setting.With(own))
		},
	})
}

// me shows what a member has set for themselves, or changes it. It is a command of its
// own, and not /settings, so that it is the same for everybody: an owner has both.
func (c *call) me() (message.Message, error) {
	if c.From.ID <= 0 {
		return message.Message{}, refusal("You write here as the group, and only people have settings of their own. Send /me under your own name.")
	}
	all, err := c.tx.Records(store.SettingRecord)
	if err != nil {
		return message.Message{}, err
	}
	own, err := c.setting.ReadOwn(c.tx, c.From.ID)
	if err != nil {
		return message.Message{}, err
	}
	if all = maps.Clone(all); c.role < access.Owner {
		all["digest"] = "off" // that of the list goes to the owners
	}
	values := func(own map[string]string) settings.Values { return c.setting.Over(all, own) }
	return c.setIn(layer{
		command: "me", title: "Your settings", own: own, values: values,
		rows: slices.DeleteFunc(slices.Clone(settings.Rows), func(row settings.Row) bool { return row.Mine == "" }),
		source: func(row settings.Row) string {
			if row.Name == "digest" && c.role < access.Owner {
				return "by default"
			}
			return "as for everybody"
		},
		about: func(row settings.Row) string { return row.Mine },
		keep: func(own map[string]string, _ string) error {
			if err := settings.Own(own).Keep(c.tx, c.From.ID); err != nil || own["digest"] == "" {
				return err
			}
			return c.digestFollows(ownDigest(c.From.ID), values(own))
		},
	})
}

// setIn shows the settings of a layer, one of them, or changes one.
func (c *call) setIn(l layer) (message.Message, error) {
	if c.Args == "" {
		return c.settingsScreen(new(message.Text), l), nil
	}
	row, typed, known := findSetting(c.Args, l.rows)
	if !known {
		var names []string
		for _, row := range l.rows {
			names = append(names, row.Name)
		}
		return message.Message{}, refuse("There is no such setting. The settings are: %s. /%s shows them all.", strings.Join(names, ", "), l.command)
	}
	if typed == "" {
		return c.settingScreen(row, l), nil
	}
	before, changed := l.own[row.Name], maps.Clone(l.own)
	if changed == nil {
		changed = map[string]string{}
	}
	if goals.Fold(typed) == "default" {
		delete(changed, row.Name)
	} else {
		v := l.values(l.own)
		kept, err := row.Set(c.setting, &v, typed)
		if err != nil {
			return message.Message{}, refuse("%s %s. For example: /%s %s %s", row.Subject, err, l.command, row.Name, row.Example)
		}
		if len(kept) > maxKept {
			return message.Message{}, refuse("That is too long; it can have up to %d characters.", maxKept)
		}
		changed[row.Name] = kept
	}
	c.renew = true
	if err := l.keep(changed, row.Name); err != nil {
		return message.Message{}, err
	}
	l.own = changed
	var t message.Text
	t.Add("✅ ").Add(row.Title).Add(": ").Bold(row.Words(c.setting, l.values(changed))).Add("\n\n")
	m := c.settingsScreen(&t, l)
	if row.Toggles != nil && c.Tap { // the next tap is on the same setting
		m = c.settingScreen(row, l)
	}
	if changed[row.Name] == before {
		return m, nil
	}
	if !c.replays && c.mayDo("undo") {
		m.Buttons = append([][]message.Button{undoRow(c.Key)}, m.Buttons...)
	}
	command := func(kept string) string { return l.command + " " + row.Name + " " + cmp.Or(kept, "default") }
	return m, c.did(action{What: "changing “" + row.PlainTitle() + "”", Do: command(changed[row.Name]), Back: command(before)})
}

// source says where a value comes from that no owner has set.
func (c *call) source(row settings.Row) string {
	switch {
	case c.setting.Defaults.Given(row.Variable):
		return "from .env or the environment"
	case row.Name == "timezone" && c.setting.Defaults.ZoneUnknown:
		return "because TZ, where I run, is not a time zone that I know"
	case row.Standard != "":
		return row.Standard
	}
	return "by default"
}

// cameFrom says where a value of a layer comes from.
func (l layer) cameFrom(row settings.Row) string {
	if l.own[row.Name] != "" {
		return "set here"
	}
	return l.source(row)
}

func (c *call) settingsScreen(t *message.Text, l layer) message.Message {
	v := l.values(l.own)
	t.Bold(l.title).Add("\n")
	var rows [][]message.Button
	for i, row := range l.rows {
		t.Add("\n" + row.Title + ": ").Bold(row.Words(c.setting, v)).Add(", " + l.cameFrom(row))
		if i%2 == 0 {
			rows = append(rows, nil)
		}
		rows[i/2] = append(rows[i/2], message.Button{Label: row.Title, Command: l.command + " " + row.Name})
	}
	t.Addf("\n\nIt is %s now. Tap one to change it.", c.At.In(v.Zone).Format("Monday 15:04"))
	return t.Message(rows...)
}

func (c *call) settingScreen(row settings.Row, l layer) message.Message {
	v := l.values(l.own)
	now := row.Words(c.setting, v)
	button := func(label, value string) message.Button {
		return message.Button{Label: label, Command: l.command + " " + row.Name + " " + value}
	}
	var t message.Text
	t.Add(row.Title + ": ").Bold(now).Add(", " + l.cameFrom(row))
	t.Add("\n\n" + l.about(row) + "\nOr type your own: ").Code("/" + l.command + " " + row.Name + " " + row.Example)
	var rows [][]message.Button
	for i, offer := range row.Offers {
		_, label, region := strings.Cut(offer, "/")
		if label = strings.ReplaceAll(label, "_", " "); !region {
			label = offer
		}
		other := v
		if _, err := row.Set(c.setting, &other, offer); err == nil && row.Words(c.setting, other) == now {
			label = "✓ " + label
		}
		if i%3 == 0 {
			rows = append(rows, nil)
		}
		rows[i/3] = append(rows[i/3], button(label, offer))
	}
	if row.Toggles != nil {
		for _, toggle := range row.Toggles(v) {
			label := toggle.Label
			if toggle.On {
				label = "✓ " + label
			}
			rows = append(rows, []message.Button{button(label, toggle.Sets)})
		}
	}
	if l.own[row.Name] != "" {
		without := maps.Clone(l.own)
		delete(without, row.Name)
		rows = append(rows, []message.Button{button("↩️ Back to "+clip(row.Words(c.setting, l.values(without)), maxInButton), "default")})
	}
	return t.Message(append(rows, []message.Button{{Label: "‹ " + l.title, Command: l.command}})...)
}
