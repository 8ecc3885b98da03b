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
	mu      sync.Mutex // guards found
	found   []health.Finding
}

// daily is when the palace is checked and backed up.
const daily = "@daily"

func newKeeper(truth *palace.Palace, c Config, log *slog.Logger) (*keeper, error) {
	schedule, err := health.ParseSchedule(daily, c.Location)
	return &keeper{truth: truth, c: c, daily: schedule, log: log, now: time.Now,
		looked: make(chan struct{}), again: make(chan struct{}, 1)}, err
}

// run looks at once, then every day, and as long as something is wrong whenever
// the monitor looks, until ctx ends.
func (k *keeper) run(ctx context.Context) {
	k.look(ctx, k.due())
	close(k.looked)
	var scheduled sync.WaitGroup
	defer scheduled.Wait()
	scheduled.Go(func() { health.Run(ctx, k.daily, k.log, func(ctx context.Context) { k.look(ctx, true) }) })
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.again:
			k.look(ctx, k.failing() || k.due())
		}
	}
}

// findings are what the last look found. See [health.Source].
func (k *keeper) findings(ctx context.Context) []health.Finding {
	select {
	case <-k.looked: // until then an alert that stands must not seem to be over
	case <-ctx.Done():
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.found) > 0 {
		select {
		case k.again <- struct{}{}:
		default: // it will look anyway
		}
	}
	return slices.Clone(k.found)
}

// look reads the whole palace and, where it is sound and a backup is wanted,
// makes one.
func (k *keeper) look(ctx context.Context, backup bool) {
	k.looking.Lock()
	defer k.looking.Unlock()
	began := time.Now()
	var found []health.Finding
	err := k.truth.Check(ctx)
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		f, _ := damage(ctx, k.c, err)
		found = append(found, f)
		k.log.Error("the palace is not sound", "err", err)
	default:
		k.log.Info("the palace is sound", "took", time.Since(began).Round(time.Millisecond))
		if backup && k.truth.List().LastNumber() > 0 {
			found = k.backUp(ctx)
		}
	}
	if ctx.Err() != nil {
		return
	}
	k.mu.Lock()
	k.found = found
	k.mu.Unlock()
}

func (k *keeper) backUp(ctx context.Context) []health.Finding {
	path, err := k.truth.Backup(ctx, k.c.backupsDir())
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

func (k *keeper) failing() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.ContainsFunc(k.found, func(f health.Finding) bool { return f.Cause == health.BackupsFailing })
}

// due reports whether the newest backup is older than a day, or none is there.
// One from the future tells nothing: the clock was set back.
func (k *keeper) due() bool {
	at, ok := palace.BackupTime(newestBackup(k.c))
	age := k.now().Sub(at)
	return !ok || age < 0 || age > 24*time.Hour
}
