package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"goalbot/access"
	"goalbot/bot/config"
	"goalbot/bot/telegram"
	"goalbot/cache"
	"goalbot/clock"
	"goalbot/handlers"
	"goalbot/health"
	"goalbot/palace"
	"goalbot/progress"
	"goalbot/store"
)

// runBot takes the data folder for itself and leads until ctx ends. Where several
// bots have one database it stands by for as long as another one leads.
//
// With profile it writes profiles of its first half minute.
func runBot(ctx context.Context, c config.Config, l health.Limits, now func() time.Time, by *supervisor, profile bool, stdout, stderr io.Writer) error {
	log := NewLog(stderr, c)

	if c.FolderNote != "" {
		log.Info(c.FolderNote)
	}
	if c.FolderWarning != "" {
		log.Warn(c.FolderWarning)
	}
	if w := remoteWarning(c, l); w != "" {
		log.Warn(w)
	}
	file := cache.New(c.DataRoot)
	unlock, err := lock(file.Dir())
	if err != nil {
		return err
	}
	defer unlock()
	var watching sync.WaitGroup
	defer watching.Wait()
	watched, unwatch := context.WithCancel(ctx)
	defer unwatch()
	watching.Go(func() { by.watch(watched, log) })
	requests, stopRequests := profileRequests()
	defer stopRequests()
	watching.Go(func() { newProfiler(c, log).run(watched, requests, profile) })
	for {
		truth, err := openPalace(ctx, c, file, by, log)
		if err != nil {
			return err
		}
		err = lead(ctx, c, l, now, file, truth, by, log, stdout)
		by.hangs.Store(nil)
		if err := truth.Close(); err != nil {
			log.Warn("the bot's database could not be closed", "err", err)
		}
		if !errors.Is(err, palace.ErrLed) {
			return err
		}
		log.Warn("this bot does not lead any more", "err", err)
	}
}

// lead is the parts list: it puts the program together, lets it run until ctx ends
// or another bot leads, and takes it apart again.
func lead(ctx context.Context, c config.Config, l health.Limits, now func() time.Time, file *cache.File, truth *palace.Palace, by *supervisor, log *slog.Logger, stdout io.Writer) error {
	running, stop := context.WithCancelCause(progress.With(ctx, nil)) // only the start is shown on a terminal
	defer stop(nil)
	keeping, resign := context.WithCancel(context.WithoutCancel(ctx)) // also while what was begun is finished
	var kept sync.WaitGroup
	defer kept.Wait()
	defer resign()
	kept.Go(func() {
		if err := truth.KeepLease(keeping); err != nil {
			stop(err)
		}
	})

	members, err := access.Load(ctx, truth, access.Config{Owners: c.AllowedUserIDs, Editors: c.EditorChatIDs, Alerts: c.AlertChatIDs}, log)
	if err != nil {
		return err
	}
	chatSettings := newSettings(c, log)
	if err := chatSettings.Load(ctx, truth); err != nil {
		return err
	}
	mirror := cache.NewMirror(truth, file, handlers.NewNotices(members, chatSettings), log, time.Now)
	if c.PalaceURL != "" {
		mirror.Among(truth)
	}
	if err := mirror.Start(ctx); err != nil {
		log.Error("goals.json is not OK", "err", err)
	}

	client, direct := telegram.NewClient(c.TelegramAPIURL, string(c.Token)), telegram.NewClient(c.TelegramAPIURL, string(c.Token))
	client.Allowed, direct.Allowed = truth.Leads, truth.MayAlert
	defer client.Close()
	defer direct.Close()
	refused := &health.Refused{Truth: truth, Changes: changes, Settings: chatSettings}
	maintenance, err := health.NewMaintenance(truth, storage(c), c.Location, refused, log)
	if err != nil {
		return err
	}
	notifier := health.NewNotifier(string(c.HealthcheckPingURL), string(c.AlertWebhookURL), log)
	checks, clock, peopleClock := health.CheckDurations(), clock.New(), clock.Of(now)
	monitor := health.NewMonitor(health.Measured(mirror, checks), truth, health.Config{
		Schedule: healthSchedule(c, chatSettings), Limits: l, Clock: clock,
		Settings: chatSettings, Recipients: members, Telegram: directAlerts{client, direct, members}, Listener: notifier,
		Fallback:   cache.NewStateFile(c.DataRoot, "alerts.json"),
		Leadership: truth.Leadership,
		Sources:    []health.Source{maintenance.Findings, health.Surroundings(file, l, clock), health.OutboxStuck(truth, l.OutboxStuck, clock, log)},
		Immediate: []health.Source{
			health.PollStalled(time.Now(), l.PollStalled, &client.Polling, chatSettings),
			health.TokenConflict(l.TokenConflict, &client.Polling),
			health.Failing(truth, refused),
		},
	}, log)
	answers := handlers.New(diskGuard{refused.Of(mirror), file.Dir(), l}, monitor, client, members, chatSettings, log)
	answers.GoBy(now)
	out := &outbox{queue: truth, mirror: mirror, monitor: monitor, members: members, answers: answers, alerts: map[int64]store.Message{}}
	sender := telegram.NewSender(client, out, telegram.Hooks{Render: out.render}, log)
	poller := telegram.NewPoller(client, answers, sender, c.BotName, log)
	poller.Now = now
	pairing := pairing{members, truth, answers, stdout, log}

	if c.HTTPAddr != "" {
		numbers := health.NewMetrics(storage(c), c.GoalsFile(), truth, health.Traffic{
			Polled: client.Polling.Polled, Updates: &poller.Updates, Calls: &client.Calls, CommandsAgain: poller.Retries.Load, MessagesAgain: client.Retries.Load,
		}, monitor, notifier, clock, checks)
		closeWeb, err := serveWeb(c.HTTPAddr, health.Handler(time.Now(), l.PollStalled, client.Polling.Polled, monitor, numbers.Write), log)
		if err != nil {
			return err
		}
		defer closeWeb()
	}

	var all sync.WaitGroup
	sender.Hold(telegram.FirstPoll) // what waits from before is told with what came meanwhile
	all.Go(func() { tuneHeap(running) })
	all.Go(func() { sender.Run(running) })
	changed := make(chan struct{}, 1)
	all.Go(func() { maintenance.Run(running, changed) })
	all.Go(func() { monitor.Run(running, changed) })
	all.Go(func() { monitor.Watch(running, mirror) })
	all.Go(func() { notifier.Run(running, monitor) })
	all.Go(func() { takeInHanded(running, truth, mirror, log) })
	all.Go(func() { sendReminders(running, truth.List, answers, now, log) })
	all.Go(func() { sendDigests(running, mirror, answers, chatSettings, peopleClock, log) })
	hangs := client.Polling.Hangs
	by.hangs.Store(&hangs)
	by.ready(log)
	failed := poller.Run(running, func(username string) { pairing.begin(running, &all, username) })
	led := context.Cause(running)
	stop(nil)
	all.Wait()
	log.Info("stopped")
	if errors.Is(led, palace.ErrLed) {
		return led
	}
	if failed == nil {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		sender.Drain(last)
	}
	return failed
}

// takeInHanded takes in what bots that stand by hand over, until ctx ends.
func takeInHanded(ctx context.Context, truth *palace.Palace, mirror *cache.Mirror, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-truth.Handed():
		}
		if err := mirror.TakeInHanded(ctx); err != nil && ctx.Err() == nil {
			log.Error("what a bot that stands by handed over is not taken in yet", "err", err)
		}
	}
}

// openPalace opens the palace, or makes it where there is none yet.
func openPalace(ctx context.Context, c config.Config, file *cache.File, by *supervisor, log *slog.Logger) (*palace.Palace, error) {
	if err := file.Replaceable(); err != nil {
		return nil, err
	}
	if err := readyForFirstStart(ctx, c, file); err != nil {
		return nil, refusal(ctx, c, err)
	}
	waiting := &standby{c: c, file: file, by: by, log: log}
	defer waiting.end()
	truth, err := place(c).Open(ctx, palace.Options{Log: log, Backups: storage(c).Backups, StandBy: waiting.waitFor})
	if err != nil {
		return nil, refusal(ctx, c, err)
	}
	return truth, nil
}

// readyForFirstStart refuses to make an empty palace beside a goals.json that
// cannot be taken into it.
func readyForFirstStart(ctx context.Context, c config.Config, file *cache.File) error {
	status, err := place(c).Status(ctx)
	if err != nil || status != palace.Fresh {
		return err
	}
	err = file.Preload()
	var malformed *cache.SerdeError
	switch {
	case errors.As(err, &malformed):
		return fmt.Errorf("%w\n%s\nThere is no database yet to restore it from, so nothing was changed. Fix the file, or move it away to start with an empty list, then start the bot again", err, malformed.Err.Excerpt)
	case err != nil:
		return fmt.Errorf("%w\nThere is no database yet, so this file must be read first. Make it readable, or move it away to start with an empty list, then start the bot again", err)
	}
	return nil
}

// changes reports whether a command is to change something, and not only to be
// answered.
func changes(o store.Origin) bool {
	return !slices.ContainsFunc(handlers.Commands(), func(c handlers.Command) bool { return c.Name == o.Name && c.Least == access.Viewer })
}

// place says where the palace is.
func place(c config.Config) palace.Place {
	return palace.Place{File: c.PalaceFile(), URL: string(c.PalaceURL)}
}

// storage says where the list is kept.
func storage(c config.Config) health.Storage {
	return health.Storage{Root: c.DataRoot, Palace: place(c), Backups: filepath.Join(filepath.Dir(c.PalaceFile()), "backups")}
}
