package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"goalbot/access"
	"goalbot/bot/telegram"
	"goalbot/cache"
	"goalbot/clock"
	"goalbot/handlers"
	"goalbot/health"
	"goalbot/message"
	"goalbot/palace"
	"goalbot/settings"
	"goalbot/store"
)

// runBot is the parts list: it puts the program together, lets it run until
// ctx ends, and takes it apart again.
func runBot(ctx context.Context, c Config, l health.Limits, stdout, stderr io.Writer) error {
	log := NewLog(stderr, c)

	file := cache.New(c.DataRoot)
	unlock, err := lock(file.Dir())
	if err != nil {
		return err
	}
	defer unlock()
	if err := file.Replaceable(); err != nil {
		return err
	}
	if err := readyForFirstStart(ctx, c, file); err != nil {
		return refusal(ctx, c, err)
	}
	truth, err := palace.Open(ctx, c.PalaceFile(), palace.Options{Log: log, Backups: c.storage().Backups})
	if err != nil {
		return refusal(ctx, c, err)
	}
	defer truth.Close()

	members, err := access.Load(ctx, truth, access.Config{Owners: c.AllowedUserIDs, Editors: c.EditorChatIDs, Alerts: c.AlertChatIDs}, log)
	if err != nil {
		return err
	}
	chatSettings := newSettings(c, log)
	if err := chatSettings.Load(ctx, truth); err != nil {
		return err
	}
	mirror := cache.NewMirror(truth, file, handlers.NewNotices(members, chatSettings), log, time.Now)
	if err := mirror.Start(ctx); err != nil {
		log.Error("goals.json is not OK", "err", err)
	}

	client := telegram.NewClient(c.TelegramAPIURL, string(c.Token))
	defer client.Close()
	zone := func() *time.Location { return chatSettings.Values().Zone }
	refused := &health.Refused{Failing: truth.Failing, Changes: changes, Zone: zone}
	maintenance, err := health.NewMaintenance(truth, c.storage(), c.Location, refused, log)
	if err != nil {
		return err
	}
	notifier := health.NewNotifier(string(c.HealthcheckPingURL), string(c.AlertWebhookURL), log)
	checks := health.CheckDurations()
	clock := clock.New()
	monitor := health.NewMonitor(health.Measured(mirror, checks), truth, health.Settings{
		Schedule: healthSchedule(c, chatSettings), Clock: clock, Silent: l.Silent, Watch: l.Watch,
		Chats: members.AlertChats, Zone: zone,
		Repeat: func() time.Duration { return chatSettings.Values().Repeat },
		Rings:  func() bool { return chatSettings.Values().Rings(settings.RingAlerts, time.Now()) },
		Polled: client.Polling.Polled,
		Heard:  notifier.Heard, Posting: c.AlertWebhookURL != "",
		Aside: cache.NewNote(c.DataRoot, "alerts.json"), Outbox: health.OutboxDepth(truth),
		Say: func(ctx context.Context, chat int64, m message.Message) (int64, error) {
			return client.Say(ctx, chat, handlers.AlertElsewhere(members, chat, m))
		},
		Others: []health.Source{maintenance.Findings, health.Surroundings(file, l, clock), health.OutboxStuck(truth.Depth, l.OutboxStuck, clock, log)},
		Immediate: []health.Source{
			health.PollStalled(time.Now(), l.PollStalled, func() (polled, busy time.Time) { return client.Polling.Polled(), client.Polling.Busy() }, zone),
			health.TokenConflict(l.TokenConflict, func() (first, last time.Time) { c := client.Polling.Conflict(); return c.First, c.Last }),
			health.Failing(truth, refused),
		},
	}, log)
	answers := handlers.New(diskGuard{refused.Of(mirror), file.Dir(), l}, monitor, client, members, chatSettings, log)
	out := &outbox{Palace: truth, mirror: mirror, monitor: monitor, members: members, answers: answers, alerts: map[int64]store.Message{}}
	sender := telegram.NewSender(client, out, telegram.Hooks{Render: out.render}, log)
	poller := telegram.NewPoller(client, answers, sender, c.BotName, log)

	if c.HTTPAddr != "" {
		numbers := health.NewMetrics(c.storage(), c.GoalsFile(), truth, health.Traffic{
			Polled: client.Polling.Polled, Updates: &poller.Updates, Calls: &client.Calls, CommandsAgain: poller.Retries.Load, MessagesAgain: client.Retries.Load,
		}, monitor, notifier, clock, checks)
		closeWeb, err := serveWeb(c.HTTPAddr, health.Handler(time.Now(), l.PollStalled, client.Polling.Polled, monitor, numbers.Registry()), log)
		if err != nil {
			return err
		}
		defer closeWeb()
	}

	var all sync.WaitGroup
	running, stop := context.WithCancel(ctx)
	defer stop()
	sender.Hold(telegram.FirstPoll) // what waits from before is told with what came meanwhile
	all.Go(func() { sender.Run(running) })
	changed := make(chan struct{}, 1)
	all.Go(func() { maintenance.Run(running, changed) })
	all.Go(func() { monitor.Run(running, changed) })
	all.Go(func() { health.Watch(running, file.Path(), file.Place, mirror.Untouched, changed, log) })
	all.Go(func() { notifier.Run(running, monitor) })
	all.Go(func() { sendDigests(running, mirror, answers, chatSettings, clock, log) })
	var failed error
	all.Go(func() {
		defer stop()
		failed = poller.Run(running, func(username string) {
			if !members.None() {
				return
			}
			if truth.Doubtful() {
				log.Error("no pairing link is made: the list of people in the bot's database may be damaged; stop the bot and run: bot repair")
				return
			}
			wait := invite(running, answers, username, stdout, log)
			all.Go(func() {
				for members.Wait(running, wait) && members.None() {
					wait = invite(running, answers, username, stdout, log)
				}
			})
		})
	})
	all.Wait()
	log.Info("stopped")
	if failed == nil {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		sender.Drain(last)
	}
	return failed
}

// readyForFirstStart refuses to make an empty palace beside a goals.json that
// cannot be taken into it.
func readyForFirstStart(ctx context.Context, c Config, file *cache.File) error {
	status, err := palace.StatusOf(ctx, c.PalaceFile())
	if err != nil || status != palace.Fresh {
		return err
	}
	_, err = file.Load()
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
