//go:build linux

package hard

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"goalbot/postgrestest"
)

// durable are the settings of a server that loses nothing when it crashes.
var durable = []string{"fsync=on", "full_page_writes=on", "synchronous_commit=on"}

// TestLeaders lets three bots keep one list on a PostgreSQL server, and ends the one
// that leads again and again while members write: it is killed, stopped and woken when
// another one leads, or told to end; and the server crashes.
func TestLeaders(t *testing.T) {
	turns := map[string]int{killed: 1, ended: 1}
	if *hard {
		turns = map[string]int{killed: 80, slept: 20, ended: 10, crashed: 2}
	}
	report, err := leaders(t, program(t), turns, rand.Uint64())
	t.Log(report)
	if err != nil {
		t.Fatal(err)
	}
}

// What ends a leader.
const (
	killed  = "killed"
	slept   = "stopped, and woken when another one leads"
	ended   = "told to end"
	crashed = "left alone, and the server crashed"
)

// leaders plays so many turns of each kind, in any order.
func leaders(t *testing.T, program string, turns map[string]int, seed uint64) (report string, err error) {
	random := rand.New(rand.NewPCG(seed, 2))
	var all []string
	for how, n := range turns {
		all = append(all, slices.Repeat([]string{how}, n)...)
	}
	slices.Sort(all)
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })

	f, err := newFleet(t, program, postgrestest.Start(t, durable...), 3, newPlan(seed, len(people), 60+10*len(all)), nil)
	if err != nil {
		return "", err
	}
	defer f.close()
	if err := f.begin(t); err != nil {
		return "", err
	}
	began, took := time.Now(), map[string][]time.Duration{}
	defer func() {
		report = fmt.Sprintf("seed %d: %d commands, %d answers twice, %v", seed, f.spoken(), f.twice(), time.Since(began).Round(time.Second))
		for how, all := range took {
			slices.Sort(all)
			report += fmt.Sprintf("\n%d times the leader was %s: another one polled after %v, at most %v",
				len(all), how, all[len(all)/2].Round(time.Millisecond), all[len(all)-1].Round(time.Millisecond))
		}
		if err != nil {
			err = fmt.Errorf("seed %d: %w", seed, err)
		}
	}()
	for i, how := range all {
		one, err := f.turn(t, random, how)
		if err != nil {
			return "", fmt.Errorf("turn %d, in which the leader was %s: %w", i, how, err)
		}
		if how != crashed { // else the same one goes on
			took[how] = append(took[how], one)
		}
		if _, err := f.ledger(f.acknowledged()); err != nil {
			return "", fmt.Errorf("after turn %d, in which the leader was %s: %w", i, how, err)
		}
	}
	f.say(40) // a backlog, which is answered in fewer messages
	return "", f.settle(t, len(all)+1+turns[crashed])
}

// turn ends the leader in one way, while members write, and returns how long it took
// until another one polled.
func (f *fleet) turn(t *testing.T, random *rand.Rand, how string) (took time.Duration, err error) {
	leader, err := f.leader(t)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancel(t.Context())
	var talk sync.WaitGroup
	defer talk.Wait()
	defer cancel()
	pauses := make([]time.Duration, 4+random.IntN(8))
	for i := range pauses {
		pauses[i] = time.Duration(random.IntN(150)) * time.Millisecond
	}
	talk.Go(func() {
		for _, p := range pauses {
			f.say(1)
			select {
			case <-time.After(p): // people do not write all at once
			case <-ctx.Done():
				return
			}
		}
	})
	time.Sleep(time.Duration(random.IntN(400)) * time.Millisecond) // at any instant
	began := time.Now()
	switch how {
	case killed:
		leader.life.kill()
	case slept:
		leader.signal(syscall.SIGSTOP)
	case ended:
		if err := leader.life.stop(); err != nil {
			return 0, err
		}
	case crashed:
		f.serverIs(true)
		defer f.serverIs(false)
		f.server.Crash(t)
		f.server.Resume(t)
		return time.Since(began), f.busy()
	}
	if _, err := f.takenOver(leader); err != nil {
		return 0, err
	}
	took = time.Since(began)
	talk.Wait()
	if how == slept {
		return took, f.wake(leader)
	}
	return took, f.run(leader)
}

func (f *fleet) serverIs(away bool) {
	f.heardMu.Lock()
	defer f.heardMu.Unlock()
	f.away = away
}

// wake lets a leader go on that was stopped, when another one leads.
func (f *fleet) wake(m *site) error {
	said, polls := m.said.Load(), m.polls.Load()
	m.signal(syscall.SIGCONT)
	if err := f.busy(); err != nil {
		return err
	}
	// One call may have been on its way.
	if again := m.said.Load() - said + m.polls.Load() - polls; again > 1 {
		return fmt.Errorf("%s was stopped, and called Telegram %d times when it woke, though another bot led", m.name, again)
	}
	return nil
}

// busy waits until what was said is answered.
func (f *fleet) busy() error {
	f.say(3)
	said := f.spoken()
	return f.until(time.Minute, "what was said is answered", func() bool {
		f.heardMu.Lock()
		defer f.heardMu.Unlock()
		return !slices.Contains(f.heard[:said], 0)
	})
}
