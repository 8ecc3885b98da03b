//go:build linux

package hard

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"goalbot/cache"
)

// TestKill kills the program at random instants while its members write.
func TestKill(t *testing.T) {
	kills := 5
	if *hard {
		kills = 200
	}
	report, err := kill(program(t), kills, rand.Uint64())
	t.Log(report)
	if err != nil {
		t.Fatal(err)
	}
}

// kill kills a program so many times. The error says which promise was broken.
func kill(program string, kills int, seed uint64) (report string, err error) {
	root, err := os.MkdirTemp("", "goals-kill-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(root)
	random := rand.New(rand.NewPCG(seed, 1))
	w, err := newWorld(program, root, newPlan(seed, len(people), 60+12*kills))
	if err != nil {
		return "", err
	}
	defer w.close()
	reads, stopReading := w.read()
	defer stopReading()

	began, midway := time.Now(), 0
	defer func() {
		report = fmt.Sprintf("seed %d: %d commands, %d kills of which %d left commands undone, %d answers twice, %d reads of goals.json, %v",
			seed, w.spoken(), kills, midway, w.twice(), reads(), time.Since(began).Round(time.Second))
		if err != nil {
			err = fmt.Errorf("seed %d: %w", seed, err)
		}
	}()
	for i := range kills {
		if err := w.oneLife(random, i%4 == 3); err != nil {
			return "", fmt.Errorf("life %d: %w", i, err)
		}
		applied, err := w.dead(w.acknowledged())
		if err != nil {
			return "", fmt.Errorf("after kill %d: %w", i, err)
		}
		if applied < w.spoken() {
			midway++
		}
	}
	w.say(40) // a backlog, which is answered in fewer messages
	l, err := w.start()
	if err != nil {
		return "", err
	}
	defer l.kill()
	if err := w.polling(l); err != nil {
		return "", err
	}
	if err := w.settle(l); err != nil {
		return "", err
	}
	return "", l.stop()
}

// oneLife starts the program, gives it something to do and kills it, in some
// lives only when all of it has been done.
func (w *world) oneLife(random *rand.Rand, rest bool) error {
	w.say(random.IntN(4)) // while it is not there
	l, err := w.start()
	if err != nil {
		return err
	}
	defer l.kill()
	var talk sync.WaitGroup
	defer talk.Wait()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	pauses := make([]time.Duration, 4+random.IntN(8))
	for i := range pauses {
		pauses[i] = time.Duration(random.IntN(25)) * time.Millisecond
	}
	talk.Go(func() {
		for _, p := range pauses {
			w.say(1)
			select {
			case <-time.After(p): // people do not write all at once
			case <-ctx.Done():
				return
			}
		}
	})
	instant := time.Duration(random.IntN(40)) * time.Millisecond
	switch {
	case rest:
		talk.Wait()
		if err := w.quiet(l); err != nil {
			return err
		}
		if err := errors.Join(w.whole(), w.honest()); err != nil {
			return err
		}
		if random.IntN(2) == 0 {
			return l.stop() // after which the palace begins a new log
		}
		return nil
	case random.IntN(5) > 0: // when it is at work; otherwise while it starts
		if err := w.polling(l); err != nil {
			return err
		}
		if err := swept(w.root, l.cmd.Process.Pid); err != nil {
			return err
		}
		instant = time.Duration(random.IntN(200)) * time.Millisecond
	}
	select {
	case <-time.After(instant):
	case <-l.ended:
		return fmt.Errorf("the program ended by itself: %w\n%s", l.err, w.logged())
	}
	return nil
}

// read reads goals.json as another program would, as often as it can.
func (w *world) read() (count func() int, stop func()) {
	var mu sync.Mutex
	n := 0
	end := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() {
		file := cache.New(w.root)
		for {
			select {
			case <-end:
				return
			case <-time.After(2 * time.Millisecond): // leave the program a core
			}
			list, err := file.Load()
			if err == nil && list != nil {
				if _, known := w.plan.latest[plain(list)]; !known {
					err = errors.New("it says what no command could have made of it")
				}
			}
			if err != nil {
				w.heardMu.Lock()
				w.wrong = append(w.wrong, fmt.Errorf("a reader of goals.json: %w", err))
				w.heardMu.Unlock()
			}
			mu.Lock()
			n++
			mu.Unlock()
		}
	})
	count = func() int { mu.Lock(); defer mu.Unlock(); return n }
	return count, func() { close(end); reading.Wait() }
}
