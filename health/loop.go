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
			m.log.Error("the state of alerts could not be kept", "err", err)
		}
	}
	m.latest.Lock()
	m.started = time.Now()
	m.latest.Unlock()
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

// watch sees to it that what is to be told leaves, and that checks take place.
func (m *Monitor) watch(ctx context.Context) {
	tick := time.NewTicker(m.Watch)
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

// watchOver looks whether checks take place, whether one is wanted before its
// time, and whether what is to be told leaves.
func (m *Monitor) watchOver(ctx context.Context, wasSilent bool) (silent bool) {
	var found []alert.Finding
	f, silent := m.silent()
	if silent {
		found = append(found, f)
	}
	if silent && !wasSilent {
		m.tellOutside(m.Found(), m.Unsure()) // before anything that may take long
	}
	news, _, _ := m.step(ctx, found, func(c alert.Cause) bool { return c == alert.Silent }) // a failure is logged there
	if len(news) > 0 {
		m.tellOutside(m.Found(), m.Unsure())
	}
	if m.turned(ctx) {
		wake(m.soon)
	}
	m.push()
	return silent
}

// turned reports whether the sources that are swift find something else than
// in the last check.
func (m *Monitor) turned(ctx context.Context) bool {
	now := m.lookSwiftly(ctx)
	m.latest.Lock()
	defer m.latest.Unlock()
	return !m.last.IsZero() && !slices.EqualFunc(now.found, m.immediate, func(f alert.Finding, c alert.Cause) bool { return f.Cause == c })
}

// tellJump is how long /health tells of a clock that was set.
const tellJump = 24 * time.Hour

// lookAtClock is called every second. Where the clock was set, or the machine has
// slept, what is known of anything is old, so it is looked at anew.
func (m *Monitor) lookAtClock(now clock.Moment) {
	m.latest.Lock()
	before := m.looked
	m.looked = now
	m.latest.Unlock()
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

// push says past the outbox what has not left it for long: because nobody has
// even fetched it, or although Telegram answers.
func (m *Monitor) push() {
	there := time.Since(m.Polled()) <= sayAfter/2
	var late []int64
	m.queue.Lock()
	for chat, w := range m.waits {
		if time.Since(w.since) >= sayAfter && time.Since(w.said) >= sayAfter && (there || !w.composed) {
			w.said = time.Now()
			m.waits[chat] = w
			late = append(late, chat)
		}
	}
	m.queue.Unlock()
	m.sayTo(late)
}

// checked reports whether a check is for a cause. A start anew must not make it
// seem that the palace can be written again. m.mu is held.
func (m *Monitor) checked(c alert.Cause) bool {
	return c != alert.Silent && (c != alert.PalaceUnwritable || m.asked)
}

// checkSoon is Check for a person, who does not wait for a disk that hangs. done
// is false where the check has not come to an end.
func (m *Monitor) checkSoon(ctx context.Context) (found []alert.Finding, done bool, err error) {
	ended, err := through(ctx, newDoor(), personTime, func(ctx context.Context) (func() ([]alert.Finding, error), error) {
		found, err := m.Check(ctx)
		return func() ([]alert.Finding, error) { return found, err }, nil
	})
	if err != nil {
		return nil, false, nil
	}
	found, err = ended()
	return found, true, err
}
