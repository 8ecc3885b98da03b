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
func (m *Maintenance) Run(ctx context.Context, changed chan<- struct{}) {
	look := func(ctx context.Context, backup bool) {
		if m.look(ctx, backup) {
			wake(changed)
		}
	}
	look(ctx, m.due(ctx))
	close(m.looked)
	var scheduled sync.WaitGroup
	defer scheduled.Wait()
	scheduled.Go(func() { schedule.Run(ctx, m.daily, m.log, func(ctx context.Context) { look(ctx, true) }) })
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.again:
			look(ctx, m.wanted(ctx))
		case <-m.truth.Suspect():
			look(ctx, false)
		}
	}
}

// firstLook is how long the checks at the start wait for the first look. It is
// over by then, unless the palace is large or the disk hangs.
const firstLook = 500 * time.Millisecond

// Findings are what the last look found, and what a quick one finds now. See
// [Source].
func (m *Maintenance) Findings(ctx context.Context) ([]alert.Finding, []alert.Cause) {
	select {
	case <-m.looked:
	case <-ctx.Done():
	case <-time.After(firstLook):
	}
	quick, unsure := m.glance(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.found)+len(quick) > 0 || m.truth.Failing() != nil {
		wake(m.again)
	}
	found := slices.Clone(m.found)
	for _, f := range quick {
		if !contains(found, f.Cause) { // which says more
			found = append(found, f)
		}
	}
	return found, slices.Compact(slices.Sorted(slices.Values(slices.Concat(m.unsure, unsure))))
}

// writeTime is how long a check waits to try whether the bot's database can be written:
// a backlog may be worked through meanwhile.
const writeTime = 5 * time.Second

// glance looks whether the palace is there and can be written.
func (m *Maintenance) glance(ctx context.Context) (found []alert.Finding, unsure []alert.Cause) {
	if err := m.truth.CheckQuick(ctx); err != nil {
		return m.diagnose(ctx, err)
	}
	own, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	switch err := m.truth.CheckWritable(own); {
	case err == nil:
	case errors.Is(err, context.DeadlineExceeded), ctx.Err() != nil:
		unsure = append(unsure, alert.PalaceUnwritable)
	case errors.Is(err, palace.ErrDamaged), errors.Is(err, palace.ErrIdentity):
		return m.diagnose(ctx, err)
	default:
		m.log.Error("the bot's database cannot be written", "err", err)
		found = append(found, m.refused.unwritten(err))
	}
	return found, unsure
}

// diagnose says what an error of a check means for the palace.
func (m *Maintenance) diagnose(ctx context.Context, err error) ([]alert.Finding, []alert.Cause) {
	switch {
	case ctx.Err() != nil:
		return nil, []alert.Cause{alert.PalaceDamaged, alert.PalaceUnread}
	case errors.Is(err, palace.ErrDamaged), errors.Is(err, palace.ErrIdentity):
		f, _ := m.storage.Damage(ctx, err, m.truth.Examine)
		m.log.Error("the bot's database is not OK", "err", err)
		return []alert.Finding{f}, nil
	}
	m.log.Error("the bot's database could not be checked", "err", err)
	return []alert.Finding{{Cause: alert.PalaceUnread, Detail: Sentence(err) + "."}}, []alert.Cause{alert.PalaceDamaged}
}

// look reads the whole palace and, where it is OK and a backup is wanted,
// makes one. It reports whether other causes are found now than before.
func (m *Maintenance) look(ctx context.Context, backup bool) (news bool) {
	m.looking.Lock()
	defer m.looking.Unlock()
	began := time.Now()
	var found []alert.Finding
	var unsure []alert.Cause
	if err := m.truth.Check(ctx); err != nil {
		found, unsure = m.diagnose(ctx, err)
		unsure = append(unsure, alert.BackupsFailing)
	} else {
		m.log.Info("the bot's database is OK", "took", time.Since(began).Round(time.Millisecond))
		if backup && m.truth.List().LastNumber() > 0 {
			found = m.backUp(ctx)
		}
		if n, err := m.truth.GiveBack(ctx); err != nil && ctx.Err() == nil {
			m.log.Warn("the free space in the bot's database could not be given back", "err", err)
		} else if n > 0 {
			m.log.Info("the free space in the bot's database was given back", "bytes", n)
		}
	}
	if ctx.Err() != nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	news = !slices.Equal(unsure, m.unsure) || !slices.EqualFunc(found, m.found, func(a, b alert.Finding) bool { return a.Cause == b.Cause })
	m.found, m.unsure = found, unsure
	return news
}

func (m *Maintenance) backUp(ctx context.Context) []alert.Finding {
	path, err := m.truth.Backup(ctx, m.storage.Backups)
	if ctx.Err() != nil {
		return nil // the program ends
	}
	m.mu.Lock()
	m.failing = err != nil
	m.mu.Unlock()
	if err != nil {
		m.log.Error("the bot's database could not be backed up", "err", err)
		return []alert.Finding{{Cause: alert.BackupsFailing, Detail: backupTrouble(err) + "\nBackups go to " + m.storage.Backups}}
	}
	m.log.Info("the bot's database is backed up", "backup", path)
	return nil
}

// backupTrouble says why, in the same words as long as it is the same.
func backupTrouble(err error) string {
	switch {
	case errors.Is(err, store.ErrServerFull):
		return "The disk of the database server is full."
	case errors.Is(err, store.ErrFull):
		return "The disk is full."
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok { // the path has the time in it
		return "The system says: " + p.Err.Error() + "."
	}
	return "The log says why."
}

// wanted reports whether a backup is due, or the last one went wrong.
func (m *Maintenance) wanted(ctx context.Context) bool {
	m.mu.Lock()
	failing := m.failing
	m.mu.Unlock()
	return failing || m.due(ctx)
}

// due reports whether the newest backup is older than a day, or none is there.
// One from the future tells nothing: the clock was set back.
func (m *Maintenance) due(ctx context.Context) bool {
	at, ok := palace.BackupTime(m.storage.NewestBackup(ctx))
	age := m.now().Sub(at)
	return !ok || age < 0 || age > 24*time.Hour
}
