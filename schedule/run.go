package schedule

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"goalbot/clock"
)

// This file runs what is due. The cron library computes when that is and sleeps
// until then, by a clock that stands still while the machine sleeps: a run that
// was due meanwhile came late by the rest of the sleep, and when the wall clock
// was set back a day, none came for a day. So the library wakes us every second
// here, and each time the clocks are looked at.

// tick is from one look at the clocks to the next. It is the unit of the
// schedules, so that nothing is late because of it.
const tick = time.Second

// stopWait is how long Run waits for a job that is still at work when it is to end.
const stopWait = 4 * time.Second

// Runner runs a job on a schedule.
type Runner struct {
	OnTick func(clock.Moment) // called every second while it runs; may be nil

	// Since is until when it is known that nothing was missed, from before the
	// program started; zero if it is not known. A run that was due between then
	// and the start is made at once, if it is late by at most Late, and once
	// however many there were. A pace of "@every" goes on from there.
	Since time.Time
	Late  time.Duration

	schedule Schedule
	clock    *clock.Clock
	log      *slog.Logger

	mu   sync.Mutex
	seen clock.Moment // the last tick: what was due until then is done with
	pace clock.Moment // "@every" counts from there
	spec string       // the schedule that pace is of
	ran  clock.Moment // the last run
	owed bool         // a run was due that is still to be made
}

// NewRunner makes a runner; [Runner.Run] runs it.
func NewRunner(s Schedule, clock *clock.Clock, log *slog.Logger) *Runner {
	return &Runner{schedule: s, clock: clock, log: log}
}

// Run runs the job on the machine's clocks; see [Runner.Run].
func Run(ctx context.Context, s Schedule, log *slog.Logger, job func(context.Context)) {
	NewRunner(s, clock.New(), log).Run(ctx, job)
}

// Run runs the job whenever the schedule says so, until ctx ends, and then
// waits a little for a run that is still under way; the job's context ends at
// once. A run that is due while the one before it is still under way is left
// out, and a run that panics is logged and does not keep the next from coming.
// Of what was due while the machine slept, or in a time that the clock was set
// ahead over, there is one run at once. Where the clock is set back, what was
// just run is not run again.
// A [Live] schedule is followed. It does not run the job at the start.
func (r *Runner) Run(ctx context.Context, job func(context.Context)) {
	logger := cronLog{r.log}
	// In this order: a panic that passed through the skipping would never
	// give back the right to run, and every later run would be skipped.
	once := cron.NewChain(cron.SkipIfStillRunning(logger), cron.Recover(logger)).Then(cron.FuncJob(func() { job(ctx) }))
	for ctx.Err() == nil {
		present, changed := r.schedule.now()
		if present.IsZero() && changed == nil {
			return
		}
		r.run(ctx, present, changed, logger, once)
	}
}

// run runs the job until ctx ends or the schedule has changed.
func (r *Runner) run(ctx context.Context, present Schedule, changed <-chan struct{}, log cronLog, once cron.Job) {
	r.begin(present)
	c := cron.New(cron.WithLogger(log)) // in which zone does not matter: times are moved to the schedule's own
	c.Schedule(cron.Every(tick), cron.NewChain(cron.Recover(log)).Then(cron.FuncJob(func() {
		now := r.clock.Now()
		if r.OnTick != nil {
			r.OnTick(now)
		}
		if r.due(present, now) {
			once.Run()
		}
	})))
	c.Start()
	select {
	case <-ctx.Done():
	case <-changed:
	}
	ended := c.Stop()
	select {
	case <-ctx.Done():
	case <-ended.Done(): // a change waits for the run that is under way
		return
	}
	select {
	case <-ended.Done():
	case <-time.After(stopWait):
		r.log.Warn("a scheduled run did not end in time", "schedule", present.String(), "waited", stopWait)
	}
}

// begin begins with a schedule, which may be the one that there was before.
func (r *Runner) begin(s Schedule) {
	now := r.clock.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	first := r.seen.Lived == 0
	if first {
		r.seen = now
	}
	if first || s.spec != r.spec {
		r.pace, r.spec, r.owed = now, s.spec, false          // nobody waits for what another schedule owed
		r.pace.Lived -= time.Duration(now.Wall.Nanosecond()) // the ticks come with the full seconds
	}
	if !first || r.Since.IsZero() {
		return
	}
	switch due := s.Last(r.Since, now.Wall); {
	case !due.IsZero():
		r.owed = now.Wall.Sub(due) <= r.Late
	case s.every > 0 && r.Since.Before(now.Wall):
		r.pace.Lived -= now.Wall.Sub(r.Since)
	}
}

// due reports whether there is to be a run now, which it takes for made then.
func (r *Runner) due(s Schedule, now clock.Moment) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.seen
	r.seen = now
	if s.IsZero() {
		return false
	}
	r.owed = r.owed || r.comesDue(s, before, now)
	if _, putOff := s.putOff(now.Wall); putOff || !r.owed {
		return false
	}
	r.owed, r.pace, r.ran = false, now, now
	return true
}

// comesDue reports whether a run has come due between two ticks.
func (r *Runner) comesDue(s Schedule, before, now clock.Moment) bool {
	if s.every > 0 {
		return s.left(r.pace, now) <= tick/2
	}
	from := before.Wall
	if now.Wall.Before(from) {
		from = now.Wall.Add(before.Lived - now.Lived) // the clock was set back
	}
	next := s.Next(from)
	return !next.IsZero() && !next.After(now.Wall) && !r.repeats(s, next, now)
}

// repeats reports whether a run that is due next has just been made: then the
// clock was set back since.
func (r *Runner) repeats(s Schedule, next time.Time, now clock.Moment) bool {
	if r.ran.Lived == 0 || next.After(r.ran.Wall) {
		return false
	}
	since := now.Lived + max(0, next.Sub(now.Wall)) - r.ran.Lived
	return since < s.Next(next).Sub(next)/2
}

// left is how long it is until the next run of a pace.
func (s Schedule) left(from, now clock.Moment) time.Duration {
	return s.every - (now.Lived - from.Lived)
}

// Next returns when the next run is, or the zero time if there is none.
func (r *Runner) Next() time.Time {
	now := r.clock.Now()
	s, _ := r.schedule.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.owed || s.every > 0 && r.pace.Lived != 0 {
		at := now.Wall.In(s.location)
		if !r.owed {
			at = at.Add(max(0, s.left(r.pace, now)))
		}
		if end, putOff := s.putOff(at); putOff {
			return end
		}
		return at
	}
	next := s.Next(now.Wall)
	if !next.IsZero() && r.repeats(s, next, now) {
		return s.Next(next)
	}
	return next
}

// cronLog lets robfig/cron write to our log.
type cronLog struct{ log *slog.Logger }

// Info is called for every step of the scheduler, of which only a skipped run is news.
func (l cronLog) Info(msg string, pairs ...any) {
	if msg == "skip" {
		l.log.Warn("a scheduled run was left out: the one before it is still under way")
	}
}

func (l cronLog) Error(err error, msg string, pairs ...any) {
	l.log.Error("a scheduled run failed: "+msg, append(pairs, "err", err)...)
}
