package palace

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

// One durable update is compared with what cannot be had for less: one append
// to a file and one sync, in the same run on the same disk.

func BenchmarkRawAppendAndSync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "raw"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	line := make([]byte, 256)
	var took laps
	for b.Loop() {
		took.start()
		if _, err := f.Write(line); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
		took.stop()
	}
	took.report(b)
}

func BenchmarkUpdate(b *testing.B) {
	for _, size := range []int{10, 1_000, 10_000} {
		b.Run(fmt.Sprintf("goals=%d", size), func(b *testing.B) {
			p := fresh(b)
			fill(b, p, size)
			n := 0
			var took laps
			for b.Loop() {
				n++
				took.start()
				update(b, p, origin("note", 7), func(tx store.Tx) error {
					at := noon.Add(time.Duration(n) * time.Second)
					if _, err := tx.List().Rename(int64(n%size+1), fmt.Sprintf("goal, named for time %d", n), at); err != nil {
						return err
					}
					return tx.Send(store.Message{Chat: 7, Body: []byte("Renamed.")})
				})
				took.stop()
				if n%100 == 0 { // as if it were sent
					p.sql(b, "DELETE FROM outbox")
				}
			}
			took.report(b)
		})
	}
}

// BenchmarkUpdateBeside is a durable update while, again and again, the whole
// palace is checked or backed up beside it.
func BenchmarkUpdateBeside(b *testing.B) {
	const size = 10_000
	for _, beside := range []struct {
		name string
		do   func(*Palace, context.Context, string) error
	}{
		{"nothing", nil},
		{"check", func(p *Palace, ctx context.Context, _ string) error { return p.Check(ctx) }},
		{"backup", func(p *Palace, ctx context.Context, dir string) error { _, err := p.Backup(ctx, dir); return err }},
	} {
		b.Run(beside.name, func(b *testing.B) {
			p := fresh(b)
			fill(b, p, size)
			ctx, stop := context.WithCancel(b.Context())
			var busy sync.WaitGroup
			var runs laps
			if beside.do != nil {
				dir := b.TempDir()
				busy.Go(func() {
					for ctx.Err() == nil {
						runs.start()
						if err := beside.do(p, ctx, dir); err != nil && ctx.Err() == nil {
							b.Error(err)
						}
						runs.stop()
					}
				})
			}
			n := 0
			var took laps
			for b.Loop() {
				n++
				took.start()
				update(b, p, origin("note", 7), func(tx store.Tx) error {
					_, err := tx.List().Rename(int64(n%size+1), fmt.Sprintf("goal, named for time %d", n), noon.Add(time.Duration(n)*time.Second))
					return err
				})
				took.stop()
				time.Sleep(time.Millisecond) // a person is not that fast either
			}
			stop()
			busy.Wait()
			took.report(b)
			if len(runs.all) > 0 {
				slices.Sort(runs.all)
				b.ReportMetric(float64(runs.all[len(runs.all)/2].Milliseconds()), "beside-ms")
			}
		})
	}
}

// laps are the times of single turns: a mean hides what a checkpoint costs.
type laps struct {
	began time.Time
	all   []time.Duration
}

func (l *laps) start() { l.began = time.Now() }
func (l *laps) stop()  { l.all = append(l.all, time.Since(l.began)) }

func (l *laps) report(b *testing.B) {
	slices.Sort(l.all)
	b.ReportMetric(float64(l.all[len(l.all)/2].Nanoseconds()), "p50-ns")
	b.ReportMetric(float64(l.all[len(l.all)*99/100].Nanoseconds()), "p99-ns")
}

func BenchmarkOpen(b *testing.B) {
	p := fresh(b)
	fill(b, p, 10_000)
	for b.Loop() {
		p = reopened(b, p)
	}
}

// fill adds goals in one update.
func fill(t testing.TB, p *Palace, n int) {
	t.Helper()
	update(t, p, origin("import", 0), func(tx store.Tx) error {
		list := make([]*goals.Goal, n)
		for i := range list {
			list[i] = &goals.Goal{
				ID: fmt.Sprintf("g-%08x", i), Description: fmt.Sprintf("goal %d", i),
				Status: goals.Pending, Created: noon, Updated: noon,
				Acceptance: []string{"it is done", "it is seen to be done"},
			}
		}
		tx.List().Import(list, noon)
		return nil
	})
}
