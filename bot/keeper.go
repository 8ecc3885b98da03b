package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"sync"
	"time"

	"goalbot/goals"
	"goalbot/health"
	"goalbot/palace"
)

// keeper looks after the palace while the bot runs: at the start and once a
// day it reads all of it from the disk and makes a backup. No command waits
// for that. What it finds it tells the monitor.
type keeper struct {
	truth *palace.Palace
	c     Config
	daily health.Schedule
	log   *slog.Logger
	now   func() time.Time

	looked chan struct{} // closed after the first look
	again  chan struct{} // receives when the monitor looks while something is wrong

	looking sync.Mutex // one look at a time
	mu      sync.Mutex // guards what follows
	found   []health.Finding
	unsure  []health.Cause // that the last look could not look for
	failing bool           // the last try to make a backup went wrong
}

// daily is when the palace is checked and backed up.
const daily = "@daily"

func newKeeper(truth *palace.Palace, c Config, log *slog.Logger) (*keeper, error) {
	schedule, err := health.ParseSchedule(daily, c.Location)
	return &keeper{truth: truth, c: c, daily: schedule, log: log, now: time.Now,
		looked: make(chan struct{}), again: make(chan struct{}, 1),
		unsure: []health.Cause{health.PalaceDamaged, health.PalaceUnread, health.BackupsFailing}}, err
}

// run looks at once, then every day, and as long as something is wrong whenever
// the monitor looks, until ctx ends. It says on changed when it has something
// new to tell.
func (k *keeper) run(ctx context.Context, changed chan<- struct{}) {
	look := func(ctx context.Context, backup bool) {
		if k.look(ctx, backup) {
			poke(changed)
		}
	}
	look(ctx, k.due(ctx))
	close(k.looked)
	var scheduled sync.WaitGroup
	defer scheduled.Wait()
	scheduled.Go(func() { health.Run(ctx, k.daily, k.log, func(ctx context.Context) { look(ctx, true) }) })
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.again:
			look(ctx, k.wanted(ctx))
		}
	}
}

// firstLook is how long the checks at the start wait for the first look. It is
// over by then, unless the palace is large or the disk hangs.
const firstLook = 500 * time.Millisecond

// findings are what the last look found. See [health.Source].
func (k *keeper) findings(ctx context.Context) ([]health.Finding, []health.Cause) {
	select {
	case <-k.looked:
	case <-ctx.Done():
	case <-time.After(firstLook):
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.found) > 0 {
		poke(k.again)
	}
	return slices.Clone(k.found), slices.Clone(k.unsure)
}

// look reads the whole palace and, where it is sound and a backup is wanted,
// makes one. It reports whether other causes are found now than before.
func (k *keeper) look(ctx context.Context, backup bool) (news bool) {
	k.looking.Lock()
	defer k.looking.Unlock()
	began := time.Now()
	var found []health.Finding
	var unsure []health.Cause
	err := k.truth.Check(ctx)
	switch {
	case ctx.Err() != nil:
		return false
	case errors.Is(err, palace.ErrDamaged), errors.Is(err, palace.ErrIdentity):
		f, _ := damage(ctx, k.c, err)
		found, unsure = append(found, f), append(unsure, health.BackupsFailing)
		k.log.Error("the palace is not sound", "err", err)
	case err != nil:
		found = append(found, health.Finding{Cause: health.PalaceUnread, Detail: sentence(err) + "."})
		unsure = append(unsure, health.PalaceDamaged, health.BackupsFailing)
		k.log.Error("the palace could not be checked", "err", err)
	default:
		k.log.Info("the palace is sound", "took", time.Since(began).Round(time.Millisecond))
		if backup && k.truth.List().LastNumber() > 0 {
			found = k.backUp(ctx)
		}
	}
	if ctx.Err() != nil {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	news = !slices.Equal(unsure, k.unsure) || !slices.EqualFunc(found, k.found, func(a, b health.Finding) bool { return a.Cause == b.Cause })
	k.found, k.unsure = found, unsure
	return news
}

func (k *keeper) backUp(ctx context.Context) []health.Finding {
	path, err := k.truth.Backup(ctx, k.c.backupsDir())
	if ctx.Err() != nil {
		return nil // the program ends
	}
	k.mu.Lock()
	k.failing = err != nil
	k.mu.Unlock()
	if err != nil {
		k.log.Error("the palace could not be backed up", "err", err)
		return []health.Finding{{Cause: health.BackupsFailing, Detail: backupTrouble(err) + "\nBackups go to " + k.c.backupsDir()}}
	}
	k.log.Info("the palace is backed up", "backup", path)
	return nil
}

// backupTrouble says why, in the same words as long as it is the same.
func backupTrouble(err error) string {
	if errors.Is(err, goals.ErrFull) {
		return "The disk is full."
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok { // the path has the time in it
		return "The system says: " + p.Err.Error() + "."
	}
	return "The log says why."
}

// wanted reports whether a backup is due, or the last one went wrong.
func (k *keeper) wanted(ctx context.Context) bool {
	k.mu.Lock()
	failing := k.failing
	k.mu.Unlock()
	return failing || k.due(ctx)
}

// due reports whether the newest backup is older than a day, or none is there.
// One from the future tells nothing: the clock was set back.
func (k *keeper) due(ctx context.Context) bool {
	at, ok := palace.BackupTime(newestBackup(ctx, k.c))
	age := k.now().Sub(at)
	return !ok || age < 0 || age > 24*time.Hour
}
