package main

import (
	"context"
	"log/slog"
	"time"

	"goalbot/bot/config"
	"goalbot/clock"
	"goalbot/goals"
	"goalbot/handlers"
	"goalbot/schedule"
	"goalbot/settings"
	"goalbot/store"
)

// This file brings together the settings that may be changed from the chat and
// the schedules that follow them.

// newSettings takes what the environment says as the settings to begin with.
func newSettings(c config.Config, log *slog.Logger) *settings.Settings {
	return settings.New(settings.Defaults{
		Values: settings.Values{Zone: c.Location, Dates: c.DateOrder, Digest: c.DigestCron.String(), Quiet: c.QuietHours, Repeat: c.AlertRepeat, Ring: c.Ring, News: c.News, Review: c.Review, React: c.React},
		Given:  c.Given, ZoneUnknown: c.ZoneUnknown,
		Schedule: func(spec string, zone *time.Location) (string, error) {
			s, err := schedule.Parse(spec, zone)
			return s.Words(), err
		},
	}, log)
}

// healthSchedule is when goals.json is checked, in the present time zone.
func healthSchedule(c config.Config, settings *settings.Settings) schedule.Schedule {
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

// digestLate is how late a digest may be that was due while the program did not run.
const digestLate = 6 * time.Hour

// updater is what a digest is queued in: a [store.Store].
type updater interface {
	Update(ctx context.Context, o store.Origin, f func(store.Tx) error) error
}

// sendDigests sends the digest whenever it is due, until ctx ends.
func sendDigests(ctx context.Context, truth updater, answers *handlers.Handlers, settings *settings.Settings, clock *clock.Clock, log *slog.Logger) {
	since, err := answers.DigestSince(ctx, clock.Now().Wall)
	if err != nil && ctx.Err() == nil {
		log.Error("whether a digest was missed is not known, so none is sent late", "err", err)
	}
	r := schedule.NewRunner(digestSchedule(settings, log), clock, log)
	r.Since, r.Late = since, digestLate
	r.Run(ctx, func(ctx context.Context) {
		now := clock.Now().Wall
		o := store.Origin{Key: "digest/" + now.UTC().Format(time.RFC3339Nano), Name: "digest", At: now, Once: true}
		due := func(since time.Time) time.Time {
			return lastDigest(now)(settings.Values(), since)
		}
		err := truth.Update(ctx, o, func(tx store.Tx) error { return answers.SendDigest(tx, now, due) })
		if err != nil && ctx.Err() == nil {
			log.Error("the digest could not be sent", "err", err)
		}
	})
}

// lastDigest tells when a digest by some settings was due last, after since; zero for never.
func lastDigest(now time.Time) func(v settings.Values, since time.Time) time.Time {
	return func(v settings.Values, since time.Time) time.Time {
		return parsed(v.Digest, v.Zone).PutOff(v.QuietAt).Last(since, now)
	}
}

// remindEvery is how often it is looked whether somebody is to be reminded of a goal.
const remindEvery = 5 * time.Second

// reviewEvery is how often it is looked whether goals are stuck, and whether a review or
// a member's own digest is due.
const reviewEvery = time.Minute

// sendReminders sends reminders when they are due, adds the next of goals that repeat
// and were done by another program, asks about goals that rest, sends the digests of
// members, and tells people the rest of what others did, until ctx ends.
func sendReminders(ctx context.Context, list func() goals.List, answers *handlers.Handlers, now func() time.Time, log *slog.Logger) {
	tick := time.NewTicker(remindEvery)
	defer tick.Stop()
	var looked time.Time // when it was looked whether something is to be asked
	for {
		if at := now(); at.Sub(looked).Abs() >= reviewEvery {
			if err := answers.Review(ctx, at); err != nil && ctx.Err() == nil {
				log.Error("questions about goals could not be sent; this is tried again", "err", err)
			}
			if err := answers.OwnDigests(ctx, at, digestLate, lastDigest(at)); err != nil && ctx.Err() == nil {
				log.Error("the digests of members could not be sent; this is tried again", "err", err)
			}
			looked = at
		}
		if err := answers.Remind(ctx, list(), now()); err != nil && ctx.Err() == nil {
			log.Error("reminders could not be sent; this is tried again", "err", err)
		}
		if err := answers.Repeat(ctx, list(), now()); err != nil && ctx.Err() == nil {
			log.Error("the next of goals that repeat could not be added; this is tried again", "err", err)
		}
		if err := answers.TellOwed(ctx, now()); err != nil && ctx.Err() == nil {
			log.Error("people could not be told what others did to their goals; this is tried again", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
