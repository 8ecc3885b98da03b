//go:build linux

package hard

import (
	"context"
	"errors"
	"flag"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/palace"
	"goalbot/store"
)

// TestGap measures for how long a reader of goals.json misses the phone's goals
// after the session manager has saved its own: at a save a second, and at twenty.
// It asserts no time. With -program it measures another build first, and with -phones
// another number of goals.
func TestGap(t *testing.T) {
	named(t)
	for _, p := range []string{*other, program(t)} {
		if p == "" {
			continue
		}
		report, err := gap(p, t.TempDir())
		t.Logf("%s\n%s", p, report)
		if err != nil {
			t.Fatal(err)
		}
	}
}

var phones = flag.Int("phones", 20, "how many goals of the phone TestGap begins with")

// fill makes a palace with goals of the phone.
func (b *beside) fill(path string, n int) error {
	ctx := context.Background()
	truth, err := palace.Open(ctx, path, palace.Options{})
	if err != nil {
		return err
	}
	now := time.Now()
	err = truth.Update(ctx, store.Origin{Key: "fill", At: now}, func(tx store.Tx) (err error) {
		tx.List().Batch(func() {
			for i := range n {
				name := fmt.Sprintf("errand%05d", i)
				b.said[name] = &spoken{added: true}
				tx.List().Put(&goals.Goal{Number: int64(i + 1), ID: fmt.Sprintf("g-%016x", i+1), Description: name, Status: goals.Pending,
					Acceptance: []string{"it is seen", "it is told"}, Notes: []string{"from the phone"}, Created: now, Updated: now})
			}
		})
		return nil
	})
	return errors.Join(err, truth.Close())
}

func gap(program, dir string) (report string, err error) {
	w, err := newWorld(program, filepath.Join(dir, "root"), nil)
	if err != nil {
		return "", err
	}
	defer w.close()
	b := &beside{world: w, store: filepath.Join(dir, "store"), said: map[string]*spoken{}}
	sm := filepath.Join(w.root, "sm")
	if err := errors.Join(os.MkdirAll(sm, 0o700), os.MkdirAll(b.store, 0o700), b.fill(filepath.Join(sm, "palace.db"), *phones)); err != nil {
		return "", err
	}
	l, err := w.start()
	if err != nil {
		return "", err
	}
	defer l.kill()
	if err := w.polling(l); err != nil {
		return "", err
	}
	stop := b.reader.start(b, filepath.Join(sm, "goals.json"))
	defer stop()
	m, err := startManager(sm, b.store)
	if err != nil {
		return "", err
	}
	defer func() { _ = m.end() }()
	random := mathrand.New(mathrand.NewPCG(1, 1))
	changes := func(lasts, pause time.Duration) (n int, err error) {
		ctx, cancel := context.WithTimeout(context.Background(), lasts)
		defer cancel()
		every := time.NewTicker(pause)
		defer every.Stop()
		for ; ctx.Err() == nil; n++ {
			if _, err := m.do(b.theirChange(m, random)); err != nil {
				return n, err
			}
			<-every.C
		}
		return n, nil
	}
	for _, phase := range []struct {
		storm        bool
		lasts, pause time.Duration
	}{{false, 30 * time.Second, time.Second}, {true, 30 * time.Second, 50 * time.Millisecond}} {
		wait(context.Background(), 5*time.Second) // the one before is over
		b.storm.Store(phase.storm)
		before := processorTime(l)
		n, err := changes(phase.lasts, phase.pause)
		if err != nil {
			return "", err
		}
		report += fmt.Sprintf("%d saves in %v: %v of processor time\n", n, phase.lasts, processorTime(l)-before)
	}
	wait(context.Background(), 3*time.Second)
	stop()
	return report + b.reader.report(), b.reader.torn()
}
