package main

import (
	"context"
	"log/slog"
	"time"

	"goalbot/clock"
	"goalbot/handlers"
	"goalbot/schedule"
	"goalbot/settings"
	"goalbot/store"
)

// This file sends the digest of goals when it is due.

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
			v := settings.Values()
			return parsed(v.Digest, v.Zone).PutOff(v.QuietAt).Last(since, now)
		}
		err := truth.Update(ctx, o, func(tx store.Tx) error { return answers.SendDigest(tx, now, due) })
		if err != nil && ctx.Err() == nil {
			log.Error("the digest could not be sent", "err", err)
		}
	})
}
