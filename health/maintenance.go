package health

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"sync"
	"time"

	"goalbot/alert"
	"goalbot/palace"
	"goalbot/schedule"
	"goalbot/store"
)

// Maintenance looks after the palace while the bot runs: at the start and once a
// day it reads all of it from the disk and makes a backup. No command waits
// for that. What it finds it tells the monitor.
type Maintenance struct {
	truth   *palace.Palace
	storage Storage
	refused *Refused
	daily   schedule.Schedule
	log     *slog.Logger
	now     func() time.Time

	looked chan struct{} // closed after the first look
	again  chan struct{} // receives when the monitor looks while something is wrong

	looking sync.Mutex // one look at a time
	mu      sync.Mutex // guards what follows
	found   []alert.Finding
	unsure  []alert.Cause // that the last look could not look for
	failing bool          // the last try to make a backup went wrong
}

// daily is when the palace is checked and backed up.
const daily = "@daily"

func NewMaintenance(truth *palace.Palace, s Storage, zone *time.Location, refused *Refused, log *slog.Logger) (*Maintenance, error) {
	schedule, err := schedule.Parse(daily, zone)
	return &Maintenance{truth: truth, storage: s, refused: refused, daily: schedule, log: log, now: time.Now,
		looked: make(chan struct{}), again: make(chan struct{}, 1),
		unsure: []alert.Cause{alert.PalaceDamaged, alert.PalaceUnread, alert.BackupsFailing}}, err
}

// Run looks at once, then every day, when something damaged was met, and as
// long as something is wrong whenever the monitor looks, until ctx ends. It says on
// changed when it has something new to tell.
func (k *Maintenance) Run(ctx context.Context, changed chan<- struct{}) {
	look := func(ctx context.Context, backup bool) {
		if k.look(ctx, backup) {
			wake(changed)
		}
	}
	look(ctx, k.due(ctx))
	close(k.looked)
	var scheduled sync.WaitGroup
	defer scheduled.Wait()
	scheduled.Go(func() { schedule.Run(ctx, k.daily, k.log, func(ctx context.Context) { look(ctx, true) }) })
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.again:
			look(ctx, k.wanted(ctx))
		case <-k.truth.Suspect():
			look(ctx, false)
		}
	}
}

// firstLook is how long the checks at the start wait for the first look. It is
// over by then, unless the palace is large or the disk hangs.
const firstLook = 500 * time.Millisecond

// Findings are what the last look found, and what a quick one finds now. See
// [Source].
func (k *Maintenance) Findings(ctx context.Context) ([]alert.Finding, []alert.Cause) {
	select {
	case <-k.looked:
	case <-ctx.Done():
	case <-time.After(firstLook):
	}
	quick, unsure := k.glance(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.found)+len(quick) > 0 || k.truth.Failing() != nil {
		wake(k.again)
	}
	found := slices.Clone(k.found)
	for _, f := range quick {
		if !slices.ContainsFunc(found, func(o alert.Finding) bool { return o.Cause == f.Cause }) { // which says more
			found = append(found, f)
		}
	}
	return found, slices.Compact(slices.Sorted(slices.Values(slices.Concat(k.unsure, unsure))))
}

// writeTime is how long a check waits to try whether the bot's database can be written:
// a backlog may be worked through meanwhile.
const writeTime = 5 * time.Second

// glance looks whether the palace is there and can be written.
func (k *Maintenance) glance(ctx context.Context) (found []alert.Finding, unsure []alert.Cause) {
	if err := k.truth.CheckQuick(ctx); err != nil {
		return k.diagnose(ctx, err)
	}
	own, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	switch err := k.truth.CheckWritable(own); {
	case err == nil:
	case errors.Is(err, context.DeadlineExceeded), ctx.Err() != nil:
		unsure = append(unsure, alert.PalaceUnwritable)
	case errors.Is(err, palace.ErrDamaged), errors.Is(err, palace.ErrIdentity):
		return k.diagnose(ctx, err)
	default:
		k.log.Error("the bot's database cannot be written", "err", err)
		found = append(found, k.refused.unwritten(err))
	}
	return found, unsure
}

// diagnose says what an error of a check means for the palace.
func (k *Maintenance) diagnose(ctx context.Context, err error) ([]alert.Finding, []alert.Cause) {
	switch {
	case ctx.Err() != nil:
		return nil, []alert.Cause{alert.PalaceDamaged, alert.PalaceUnread}
	case errors.Is(err, palace.ErrDamaged), errors.Is(err, palace.ErrIdentity):
		f, _ := k.storage.Damage(ctx, err, k.truth.Examine)
		k.log.Error("the bot's database is not OK", "err", err)
		return []alert.Finding{f}, nil
	}
	k.log.Error("the bot's database could not be checked", "err", err)
	return []alert.Finding{{Cause: alert.PalaceUnread, Detail: Sentence(err) + "."}}, []alert.Cause{alert.PalaceDamaged}
}

// look reads the whole palace and, where it is sound and a backup is wanted,
// makes one. It reports whether other causes are found now than before.
func (k *Maintenance) look(ctx context.Context, backup bool) (news bool) {
	k.looking.Lock()
	defer k.looking.Unlock()
	began := time.Now()
	var found []alert.Finding
	var unsure []alert.Cause
	if err := k.truth.Check(ctx); err != nil {
		found, unsure = k.diagnose(ctx, err)
		unsure = append(unsure, alert.BackupsFailing)
	} else {
		k.log.Info("the bot's database is OK", "took", time.Since(began).Round(time.Millisecond))
		if backup && k.truth.List().LastNumber() > 0 {
			found = k.backUp(ctx)
		}
		if n, err := k.truth.GiveBack(ctx); err != nil && ctx.Err() == nil {
			k.log.Warn("the free space in the bot's database could not be given back", "err", err)
		} else if n > 0 {
			k.log.Info("the free space in the bot's database was given back", "bytes", n)
		}
	}
	if ctx.Err() != nil {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	news = !slices.Equal(unsure, k.unsure) || !slices.EqualFunc(found, k.found, func(a, b alert.Finding) bool { return a.Cause == b.Cause })
	k.found, k.unsure = found, unsure
	return news
}

func (k *Maintenance) backUp(ctx context.Context) []alert.Finding {
	path, err := k.truth.Backup(ctx, k.storage.Backups)
	if ctx.Err() != nil {
		return nil // the program ends
	}
	k.mu.Lock()
	k.failing = err != nil
	k.mu.Unlock()
	if err != nil {
		k.log.Error("the bot's database could not be backed up", "err", err)
		return []alert.Finding{{Cause: alert.BackupsFailing, Detail: backupTrouble(err) + "\nBackups go to " + k.storage.Backups}}
	}
	k.log.Info("the bot's database is backed up", "backup", path)
	return nil
}

// backupTrouble says why, in the same words as long as it is the same.
func backupTrouble(err error) string {
	if errors.Is(err, store.ErrFull) {
		return "The disk is full."
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok { // the path has the time in it
		return "The system says: " + p.Err.Error() + "."
	}
	return "The log says why."
}

// wanted reports whether a backup is due, or the last one went wrong.
func (k *Maintenance) wanted(ctx context.Context) bool {
	k.mu.Lock()
	failing := k.failing
	k.mu.Unlock()
	return failing || k.due(ctx)
}

// due reports whether the newest backup is older than a day, or none is there.
// One from the future tells nothing: the clock was set back.
func (k *Maintenance) due(ctx context.Context) bool {
	at, ok := palace.BackupTime(k.storage.NewestBackup(ctx))
	age := k.now().Sub(at)
	return !ok || age < 0 || age > 24*time.Hour
}
