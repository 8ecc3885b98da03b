package main

import (
	"log/slog"
	"time"

	"goalbot/schedule"
	"goalbot/settings"
)

// This file brings together the settings that may be changed from the chat and
// the schedules that follow them.

// newSettings takes what the environment says as the settings to begin with.
func newSettings(c Config, log *slog.Logger) *settings.Settings {
	return settings.New(settings.Defaults{
		Values: settings.Values{Zone: c.Location, Digest: c.DigestCron.String(), Quiet: c.QuietHours, Repeat: c.AlertRepeat, Ring: c.Ring},
		Given:  c.Given, ZoneUnknown: c.ZoneUnknown,
		Schedule: func(spec string, zone *time.Location) (string, error) {
			s, err := schedule.Parse(spec, zone)
			return s.Words(), err
		},
	}, log)
}

// healthSchedule is when goals.json is checked, in the present time zone.
func healthSchedule(c Config, settings *settings.Settings) schedule.Schedule {
	return schedule.Live(func() (schedule.Schedule, <-chan struct{}) {
		v, changed := settings.Watch()
		return parsed(c.HealthCron.String(), v.Zone), changed
	})
}

// digestSchedule is when the digest is sent: outside the quiet hours.
func digestSchedule(settings *settings.Settings, log *slog.Logger) schedule.Schedule {
	return schedule.Live(func() (schedule.Schedule, <-chan struct{}) {
		v, changed := settings.Watch()
		if v.Digest == "" {
			return schedule.Schedule{}, changed
		}
		s := parsed(v.Digest, v.Zone).PutOff(v.QuietAt)
		log.Info("the digest is sent " + s.Describe(time.Now()))
		return s, changed
	})
}

// parsed reads a schedule that has been read before, perhaps in another zone,
// which makes no difference to whether it is one.
func parsed(spec string, zone *time.Location) schedule.Schedule {
	s, _ := schedule.Parse(spec, zone)
	return s
}
