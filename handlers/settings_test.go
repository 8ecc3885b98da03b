package handlers

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"goalbot/agenda"
	"goalbot/settings"
	"goalbot/store"
)

// Broken on purpose, and what went red: no look into the store after an
// ErrRepeat, TestASettingWhoseCommitIsUnknownHoldsAllTheSame; no check of the
// owner, TestSettingsAreForOwners.

// Whoever reads the settings learns what zone the times are in, also where it is
// the machine's and has no name.
func TestTheZoneOfTheSystemIsNamed(t *testing.T) {
	h := open(t)
	std := standard()
	std.Given = func(string) bool { return false }
	std.Values.Zone = time.FixedZone("Local", 7200) // Go calls the machine's zone so, whatever it is
	h.settings = settings.New(std, slog.New(slog.DiscardHandler))
	h.h = New(h.mirror, h.fake, h.files, h.members, h.settings, slog.New(slog.DiscardHandler))
	h.hear("/settings", "\n🌍 Time zone: Local, UTC+02:00, the system's\n📅 Date order: auto (I ask), by default\n📬 Digest: off, by default\n")
	h.hear("/settings timezone tokyo", "🌍 Time zone: Asia/Tokyo, set here\n")
	if m := h.say("/settings timezone"); button(t, m, "Back to Local, UTC+02:00").Command != "settings timezone default" {
		t.Errorf("got %+v", m)
	}
}

// Settings are taken as people write them.
func TestSettingsAsPeopleWriteThem(t *testing.T) {
	h := open(t)
	for words, want := range map[string]string{
		"timezone new  york": "🌍 Time zone: America/New_York", "digest weekdays 7:05 PM": "📬 Digest: Monday to Friday at 19:05", "digest 12am": "every day at 00:00",
		// By the names that people read on the screen and in /help.
		"Time zone tokyo": "🌍 Time zone: Asia/Tokyo", "quiet hours 23-6": "🌙 Quiet hours: 23:00–06:00", "Alert repeat 2h": "⏰ Alert reminders: every 2 hours",
		"reminders 3h": "⏰ Alert reminders: every 3 hours", "repeat 1 hour and 30 minutes": "every 90 minutes", "repeat 1h 30m": "every 90 minutes", "may ring everything": "🔔 Sound: everything", "sound nothing": "🔔 Sound: nothing",
		"dates day first": "📅 Date order: day first", "date order Month-First": "📅 Date order: month first",
		"quiet 9:30 pm – 6.45 am": "🌙 Quiet hours: 21:30–06:45",
	} {
		if m := h.say("/settings " + words); !strings.HasPrefix(m.Text, "✅") || !strings.Contains(m.Text, want) {
			t.Errorf("/settings %s: said %q, want %q", words, m.Text, want)
		}
	}
	for _, words := range []string{"timezone ññ", "dates 3/4", "digest 13pm", "quiet 10xm-7am"} {
		if m := h.say("/settings " + words); strings.HasPrefix(m.Text, "✅") {
			t.Errorf("/settings %s: said %q", words, m.Text)
		}
	}
	for _, words := range []string{"reminders", "Quiet hours", "sound"} {
		if m := h.say("/settings " + words); strings.Contains(m.Text, "no such setting") || button(t, m, "‹ Settings").Command != "settings" {
			t.Errorf("/settings %s: said %q", words, m.Text)
		}
	}
	h.hear("/settings soundly", "There is no such setting.")
	h.hear("/settings ring loud", "Choose what may make a sound: nothing, alerts, answers or everything. For example: /settings ring answers")
}

func TestSettingsThatAreNone(t *testing.T) {
	h := open(t)
	for _, words := range []string{
		"timezone ../../etc/passwd", "timezone Local", "timezone \x00", "timezone é", "timezone " + strings.Repeat("a", 3000),
		"digest @every 1ms", "digest @reboot", "digest TZ=UTC 0 8 * * *", "digest 0 8 30 2 *", "digest 8:61", "digest weekdays", "digest " + strings.Repeat("0,", 500) + "0 8 * * *",
		"quiet always", "quiet 1 2-13", "quiet 22-7 or so", "repeat 1 0m", "repeat 1h or so", "repeat 1h 30", "repeat 1 day", "repeat -1h", "repeat 59s", "ring", "ring " + strings.Repeat("😀", 100), "😀", "digest default default",
	} {
		h.say("/settings " + words)
	}
	if v := h.settings.Values(); v != standard().Values {
		t.Errorf("the settings are %+v", v)
	}
}

func TestSettingsAreForOwners(t *testing.T) {
	h := people(t)
	for _, user := range []int64{viewer, editor} {
		for _, words := range []string{"/settings ring nothing", "/settings", "/settings timezone default"} {
			if m := h.one(h.at(user, words)); strings.Contains(m.Text, "UTC") {
				t.Errorf("%s shows %s", words, m.Text)
			}
		}
	}
	if v := h.settings.Values(); v != standard().Values {
		t.Errorf("the settings are %+v", v)
	}
}

func TestSettingsHoldAtOnceAndAfterARestart(t *testing.T) {
	h := open(t)
	_, changed := h.settings.Watch()
	h.hear("/settings timezone Asia/Tokyo", "Asia/Tokyo")
	select {
	case <-changed:
	default:
		t.Error("nobody is told")
	}
	h.hear("/settings dates day-first", "day first")
	h.hear("/settings repeat 2h", "every 2 hours")
	h.hear("/settings digest 8", "every day at 08:00")
	h.hear("/settings quiet 22-7", "22:00–07:00")
	h.hear("/settings ring everything", "everything")
	h.hear("/settings news failed", "📣 News: failed")
	h.hear("/settings review Sun 18", "stuck goals, and every Sunday 18:00")
	want := settings.Values{Dates: agenda.DayFirst, Repeat: 2 * time.Hour, Digest: "0 8 * * *", Quiet: settings.Hours{From: 22 * time.Hour, To: 7 * time.Hour}, Ring: settings.RingEverything, News: settings.News{Failed: true},
		Review: settings.Review{Stuck: true, Weekly: true, Day: time.Sunday, At: 18 * time.Hour}}
	check := func(zone string) {
		t.Helper()
		v := h.settings.Values()
		name := v.Zone.String()
		if v.Zone = nil; v != want || name != zone {
			t.Errorf("the settings are %+v in %s, want %+v in %s", v, name, want, zone)
		}
	}
	check("Asia/Tokyo")
	h.start(nil, ann)
	check("Asia/Tokyo")
	// What an older version cannot read stays at its standard.
	err := h.truth.Update(t.Context(), store.Origin{Key: "x", At: h.now}, func(tx store.Tx) error {
		return errors.Join(tx.SetRecord(store.SettingRecord, "timezone", "Mars/Olympus"), tx.SetRecord(store.SettingRecord, "weather", "fine"))
	})
	if err != nil {
		t.Fatal(err)
	}
	h.start(nil, ann)
	check("UTC")
	if !strings.Contains(h.log.String(), "setting=timezone") {
		t.Error("the log does not say so")
	}
	h.hear("/settings timezone default", "UTC")
}

// unsure commits the first change and says that nobody can tell.
type unsure struct {
	store.Store
	done bool
}

func (u *unsure) Update(ctx context.Context, o store.Origin, f func(store.Tx) error) error {
	err := u.Store.Update(ctx, o, f)
	if !u.done && err == nil {
		u.done, err = true, store.ErrUnknown
	}
	return err
}

func TestASettingWhoseCommitIsUnknownHoldsAllTheSame(t *testing.T) {
	h := open(t)
	h.start(func(s store.Store) store.Store { return &unsure{Store: s} }, ann)
	req := h.request("/settings timezone Asia/Tokyo")
	if err := h.h.Handle(t.Context(), req); !errors.Is(err, store.ErrUnknown) {
		t.Fatal(err)
	}
	if err := h.h.Handle(t.Context(), req); !errors.Is(err, store.ErrRepeat) {
		t.Fatal(err)
	}
	if zone := h.settings.Values().Zone.String(); zone != "Asia/Tokyo" {
		t.Errorf("the zone is %s", zone)
	}
}

// A TZ with a slip in it was UTC without a word.
func TestSettingsSayWhereTheZoneIsUnknown(t *testing.T) {
	h := open(t)
	std := standard()
	std.Given, std.ZoneUnknown = func(string) bool { return false }, true
	h.settings = settings.New(std, slog.New(slog.DiscardHandler))
	h.h = New(h.mirror, h.fake, h.files, h.members, h.settings, slog.New(slog.DiscardHandler))
	h.hear("/settings", "Time zone: UTC, because TZ, where I run, is not a time zone that I know\n")
	h.hear("/settings timezone", "Time zone: UTC, because TZ, where I run, is not a time zone that I know\n")
	h.hear("/settings timezone Asia/Tokyo", "Time zone: Asia/Tokyo, set here\n")
}
