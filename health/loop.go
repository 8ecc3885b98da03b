package health

import (
	"context"
	"slices"
	"sync"
	"time"

	"goalbot/alert"
	"goalbot/clock"
)

// This file decides when there is a check.

// Run checks at once and then whenever the schedule says so, and when changed
// says that there may be something to see, until ctx ends.
func (m *Monitor) Run(ctx context.Context, changed <-chan struct{}) {
	check := func(ctx context.Context) {
		if _, err := m.Check(ctx); err != nil && ctx.Err() == nil {
			m.log.Error("the state of alerts could not be saved", "err", err)
		}
	}
	m.mu.Lock()
	m.checks.started = time.Now()
	m.mu.Unlock()
	m.log.Info("goals.json is checked " + m.Schedule.Describe(time.Now()))
	var all sync.WaitGroup
	all.Go(func() { m.watch(ctx) })
	check(ctx)
	all.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-changed:
				check(ctx)
			case <-m.soon:
				check(ctx)
			}
		}
	})
	m.runner.Run(ctx, check)
	all.Wait()
}

// showAfter is how long an alert that is out of date waits for its edit: what
// else is being said comes first, and several changes become one edit.
const showAfter = 500 * time.Millisecond

// watch sees to it that what is to be told leaves, and that checks take place.
func (m *Monitor) watch(ctx context.Context) {
	tick := time.NewTicker(m.Limits.Watch)
	defer tick.Stop()
	wasSilent := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			wasSilent = m.watchOver(ctx, wasSilent)
		case <-m.wake:
			select {
			case <-ctx.Done():
				return
			case <-time.After(showAfter):
			}
			_ = m.change(ctx, func(*alert.State) {}) // a failure is logged there
		}
	}
}

// checkHangs is for how long a check has been under way when what immediate sources
// find is told without it.
const checkHangs = 5 * time.Second

// watchOver looks whether checks take place, whether one is wanted before its
// time, and whether what is to be told leaves. While a check hangs, it takes in what
// the immediate sources find.
func (m *Monitor) watchOver(ctx context.Context, wasSilent bool) (silent bool) {
	now := m.ask(ctx, m.Immediate).found
	if m.immediateChanged(now) {
		wake(m.soon)
	}
	early := m.foundEarly(now)
	f, silent := m.silent()
	if silent && !wasSilent {
		m.tellListener(m.Found(), m.Unsure()) // before anything that may take long
	}
	found := early
	if silent {
		found = append(slices.Clone(early), f)
	}
	looked := func(c alert.Cause) bool { return c == alert.Silent || contains(early, c) }
	news, _, _ := m.step(ctx, found, looked) // a failure is logged there
	if len(news) > 0 {
		m.tellListener(m.Found(), m.Unsure())
	}
	m.sayLate()
	return silent
}

// immediateChanged reports whether the immediate sources find something else now than
// in the last check.
func (m *Monitor) immediateChanged(now []alert.Finding) bool {
	s := m.status()
	return !s.last.IsZero() && !slices.EqualFunc(now, s.immediate, func(f alert.Finding, c alert.Cause) bool { return f.Cause == c })
}

// foundEarly notes, while a check hangs, what the immediate sources find now and the
// last check did not, and returns it.
func (m *Monitor) foundEarly(now []alert.Finding) (early []alert.Finding) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := &m.checks
	if !s.underWay.IsZero() && time.Since(s.underWay) >= checkHangs {
		early = slices.DeleteFunc(slices.Clone(now), func(f alert.Finding) bool { return contains(s.found, f.Cause) })
	}
	s.early = early
	return early
}

func contains(found []alert.Finding, c alert.Cause) bool {
	return slices.ContainsFunc(found, func(f alert.Finding) bool { return f.Cause == c })
}

// tellJump is how long /health tells of a clock that was set.
const tellJump = 24 * time.Hour

// lookAtClock is called every second. Where the clock was set, or the machine has
// slept, what is known of anything is old, so it is looked at anew.
func (m *Monitor) lookAtClock(now clock.Moment) {
	m.mu.Lock()
	before := m.looked
	m.looked = now
	m.mu.Unlock()
	if before.Lived == 0 {
		return
	}
	slept := (now.Lived - now.Awake) - (before.Lived - before.Awake)
	set, _ := m.clock.Jumped(tellJump)
	jumped := set.At.Lived > before.Lived
	if slept >= clock.SleptFor {
		m.log.Info("the machine has slept", "for", slept.Round(time.Second))
	}
	if jumped {
		m.log.Warn("the clock was set", "by", set.By.Round(time.Second), "now", set.At.Wall)
	}
	if jumped || slept >= clock.SleptFor {
		wake(m.soon)
	}
}

// checkSoon is Check for a person, who does not wait for a disk that hangs. done
// is false where the check has not come to an end.
func (m *Monitor) checkSoon(ctx context.Context) (found []alert.Finding, done bool, err error) {
	type outcome struct {
		found []alert.Finding
		err   error
	}
	o, err := withTimeout(ctx, nil, personTime, func(ctx context.Context) (o outcome, _ error) {
		o.found, o.err = m.Check(ctx)
		return o, nil
	})
	return o.found, err == nil, o.err
}

func wake(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default: // it will look anyway
	}
}
