package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"goalbot/alert"
	"goalbot/bot/config"
	"goalbot/cache"
	"goalbot/health"
	"goalbot/palace"
	"goalbot/schedule"
)

// standby is a bot that waits while another one leads. It keeps its own goals.json
// fresh, and says how that goes in the log, at HTTP_ADDR and to the leader.
type standby struct {
	c    config.Config
	file *cache.File
	by   *supervisor
	log  *slog.Logger

	epoch    int64 // of the leader that was told of
	closeWeb func()
	copies   health.Copy

	following sync.WaitGroup
	stop      context.CancelFunc // of what follows; nil before
}

// waitFor is called repeatedly with the present leader. truth is nil while the palace
// cannot be read.
func (s *standby) waitFor(l palace.Leader, truth *palace.Palace) {
	if s.stop == nil && truth != nil {
		ctx, stop := context.WithCancel(context.Background())
		s.stop = stop
		s.following.Go(func() { s.follow(ctx, truth) })
	}
	if s.epoch == l.Epoch {
		return
	}
	s.epoch = l.Epoch
	s.by.ready(s.log)
	s.log.Info("another bot leads, and this one stands by", "leader", l.Holder, "since", l.Since)
	if s.c.HTTPAddr == "" || s.closeWeb != nil {
		return
	}
	closeWeb, err := serveWeb(s.c.HTTPAddr, health.Standby(&s.copies), s.log)
	if err != nil {
		s.log.Error("this bot cannot say that it stands by", "err", err)
		return
	}
	s.closeWeb = closeWeb
}

// end stops following; this bot now leads.
func (s *standby) end() {
	if s.stop != nil {
		s.stop()
		s.following.Wait()
	}
	if s.closeWeb != nil {
		s.closeWeb()
	}
}

// followEvery is how often a bot that stands by looks at its goals.json and asks whether
// the list has changed. Where the server tells of changes, they are not waited for.
const followEvery = 500 * time.Millisecond

// follow keeps goals.json fresh, and checks all of it by the schedule, until ctx ends.
func (s *standby) follow(ctx context.Context, truth *palace.Palace) {
	mirror := cache.NewStandby(truth, s.file, s.log, time.Now)
	f := follower{mirror: mirror, truth: truth, copies: &s.copies, log: s.log}
	thorough := make(chan struct{})
	var checks sync.WaitGroup
	defer checks.Wait()
	checks.Go(func() {
		schedule.Run(ctx, parsed(s.c.HealthCron.String(), s.c.Location), s.log, func(ctx context.Context) {
			select {
			case thorough <- struct{}{}:
			case <-ctx.Done():
			}
		})
	})
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for all := true; ctx.Err() == nil; {
		f.look(ctx, all)
		all = false
		select {
		case <-ctx.Done():
		case <-truth.Changed():
		case <-tick.C:
		case <-thorough:
			all = true
		}
	}
}

// follower lets one file follow.
type follower struct {
	mirror *cache.Mirror
	truth  *palace.Palace
	copies *health.Copy
	log    *slog.Logger

	fresh   time.Time   // when the file was last what the list was
	trouble alert.Cause // that was found last, and is told when it is found again
	told    alert.Cause
	silent  bool // the database does not answer
}

// look lets the file follow, and tells how it is.
func (f *follower) look(ctx context.Context, thorough bool) {
	now := time.Now()
	fresh, bad, err := f.mirror.Follow(ctx, thorough)
	if ctx.Err() != nil {
		return
	}
	if err != nil != f.silent {
		if f.silent = err != nil; f.silent {
			f.log.Warn("goals.json does not follow, because the bot's database cannot be read", "err", err)
		} else {
			f.log.Info("the bot's database can be read again, and goals.json follows")
		}
	}
	if err != nil {
		return
	}
	if fresh {
		f.fresh = now
	}
	found := health.Diagnose(bad)
	var trouble alert.Cause
	if len(found) > 0 {
		trouble = found[0].Cause
	}
	again := trouble == f.trouble // a program that writes the file in place leaves a piece of it for a moment
	f.trouble = trouble
	if !again {
		return
	}
	if trouble != f.told {
		f.told = trouble
		if trouble != "" {
			f.log.Error("goals.json is not OK", "err", bad)
		} else {
			f.log.Info("goals.json is OK again")
		}
	}
	f.copies.Set(f.fresh, found)
	f.truth.Copied(f.fresh, string(trouble))
}
