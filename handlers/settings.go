package handlers

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"goalbot/goals"
	"goalbot/message"
	"goalbot/settings"
	"goalbot/store"
)

// This file shows the settings in the chat and lets owners change them there.

// maxKept is how long a value may be, so that a button can bring it back.
const maxKept = message.MaxButtonData - len("settings timezone ")

// findSetting reads the name that the words of a person begin with.
func findSetting(words string) (row settings.Row, typed string, known bool) {
	all := strings.Fields(words)
	for _, row := range settings.Rows {
		for _, name := range append(slices.Clone(row.Called), row.Name) { // the longer ones first
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
	own, err := c.tx.Records(store.SettingRecord)
	if err != nil {
		return message.Message{}, err
	}
	if c.Args == "" {
		return c.settingsScreen(new(message.Text), own), nil
	}
	row, typed, known := findSetting(c.Args)
	if !known {
		return message.Message{}, refusal("There is no such setting. The settings are: timezone, dates, digest, quiet, repeat, ring, news. /settings shows them all.")
	}
	if typed == "" {
		return c.settingScreen(row, own), nil
	}
	changed := maps.Clone(own)
	if goals.Fold(typed) == "default" {
		delete(changed, row.Name)
	} else {
		v := c.setting.With(own)
		kept, err := row.Set(c.setting, &v, typed)
		if err != nil {
			return message.Message{}, refuse("%s %s. For example: /settings %s %s", row.Subject, err, row.Name, row.Example)
		}
		if len(kept) > maxKept {
			return message.Message{}, refuse("That is too long; it can have up to %d characters.", maxKept)
		}
		changed[row.Name] = kept
	}
	c.renew = true
	if err := c.tx.SetRecord(store.SettingRecord, row.Name, changed[row.Name]); err != nil {
		return message.Message{}, err
	}
	if err := c.digestFollows(c.setting.With(changed)); err != nil {
		return message.Message{}, err
	}
	var t message.Text
	t.Add("✅ ").Add(row.Title).Add(": ").Bold(row.Words(c.setting, c.setting.With(changed))).Add("\n\n")
	m := c.settingsScreen(&t, changed)
	if row.Toggles != nil && c.Tap { // the next tap is on the same setting
		m = c.settingScreen(row, changed)
	}
	if changed[row.Name] == own[row.Name] {
		return m, nil
	}
	if !c.replays {
		m.Buttons = append([][]message.Button{undoRow(c.Key)}, m.Buttons...)
	}
	command := func(kept string) string { return "settings " + row.Name + " " + cmp.Or(kept, "default") }
	return m, c.did(action{What: "changing “" + row.PlainTitle() + "”", Do: command(changed[row.Name]), Back: command(own[row.Name])})
}

// source says where a value comes from.
func (c *call) source(row settings.Row, own map[string]string) string {
	switch {
	case own[row.Name] != "":
		return "set here"
	case c.setting.Defaults.Given(row.Variable):
		return "from .env or the environment"
	case row.Name == "timezone" && c.setting.Defaults.ZoneUnknown:
		return "because TZ, where I run, is not a time zone that I know"
	case row.Standard != "":
		return row.Standard
	}
	return "by default"
}

func (c *call) settingsScreen(t *message.Text, own map[string]string) message.Message {
	v := c.setting.With(own)
	t.Bold("Settings").Add("\n")
	var rows [][]message.Button
	for i, row := range settings.Rows {
		t.Add("\n" + row.Title + ": ").Bold(row.Words(c.setting, v)).Add(", " + c.source(row, own))
		if i%2 == 0 {
			rows = append(rows, nil)
		}
		rows[i/2] = append(rows[i/2], message.Button{Label: row.Title, Command: "settings " + row.Name})
	}
	t.Addf("\n\nIt is %s now. Tap one to change it.", c.At.In(v.Zone).Format("Monday 15:04"))
	return t.Message(rows...)
}

func (c *call) settingScreen(row settings.Row, own map[string]string) message.Message {
	v := c.setting.With(own)
	now := row.Words(c.setting, v)
	var t message.Text
	t.Add(row.Title + ": ").Bold(now).Add(", " + c.source(row, own))
	t.Add("\n\n" + row.About + "\nOr type your own: ").Code("/settings " + row.Name + " " + row.Example)
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
		rows[i/3] = append(rows[i/3], message.Button{Label: label, Command: "settings " + row.Name + " " + offer})
	}
	if row.Toggles != nil {
		for _, toggle := range row.Toggles(v) {
			label := toggle.Label
			if toggle.On {
				label = "✓ " + label
			}
			rows = append(rows, []message.Button{{Label: label, Command: "settings " + row.Name + " " + toggle.Sets}})
		}
	}
	if own[row.Name] != "" {
		standard := row.Words(c.setting, c.setting.Defaults.Values)
		rows = append(rows, []message.Button{{Label: "↩️ Back to " + clip(standard, maxInButton), Command: "settings " + row.Name + " default"}})
	}
	return t.Message(append(rows, []message.Button{{Label: "‹ Settings", Command: "settings"}})...)
}
