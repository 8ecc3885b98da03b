package cache

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/palace"
	"goalbot/store"
)

// BenchmarkSave changes one goal among many, through the mirror and a real
// palace, and compares what that takes with what cannot be had for less, on
// the same disk and turn by turn:
//
//	file: all but the palace's commit, against a bare write, sync and rename of the same bytes
//	durable: all of it, against a bare append of one line and a sync
//
// All numbers are medians, but for those that say p99.
func BenchmarkSave(b *testing.B) {
	for _, n := range []int{10, 1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("goals=%d", n), func(b *testing.B) {
			h := fullHouse(b, n)
			data := goaljson.Append(nil, h.palace.List().All())
			appended, err := os.Create(filepath.Join(h.root, "appended"))
			if err != nil {
				b.Fatal(err)
			}
			defer appended.Close()
			line := make([]byte, 256)
			var file, durable, bareFile, bareAppend laps
			turn := 0
			for b.Loop() {
				turn++
				began := time.Now()
				h.note(b, turn, n)
				whole := time.Since(began)
				durable = append(durable, whole)
				file = append(file, whole-h.palace.took)

				began = time.Now()
				bareReplace(b, filepath.Join(h.root, "sm", "bare.json"), data)
				bareFile = append(bareFile, time.Since(began))

				began = time.Now()
				if _, err := appended.Write(line); err != nil {
					b.Fatal(err)
				}
				if err := appended.Sync(); err != nil {
					b.Fatal(err)
				}
				bareAppend = append(bareAppend, time.Since(began))
			}
			b.ReportMetric(0, "ns/op") // of all three together, which says nothing
			b.ReportMetric(float64(len(data)), "bytes")
			b.ReportMetric(file.at(50), "file-µs")
			b.ReportMetric(file.at(99), "file-p99-µs")
			b.ReportMetric(bareFile.at(50), "bare-file-µs")
			b.ReportMetric(file.at(50)/bareFile.at(50), "file/bare")
			b.ReportMetric(durable.at(50), "durable-µs")
			b.ReportMetric(durable.at(99), "durable-p99-µs")
			b.ReportMetric(bareAppend.at(50), "bare-append-µs")
			b.ReportMetric(durable.at(50)/bareAppend.at(50), "durable/bare")
		})
	}
}

// BenchmarkBatch makes 200 changes in one batch, and compares what that takes with a bare
// write, sync and rename of the file, turn by turn. All numbers are medians.
func BenchmarkBatch(b *testing.B) {
	const many = 200
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("goals=%d", n), func(b *testing.B) {
			h := fullHouse(b, n)
			data := goaljson.Append(nil, h.palace.List().All())
			var batch, bareFile laps
			turn := 0
			for b.Loop() {
				began := time.Now()
				err := h.Batch(b.Context(), func(s store.Store) error {
					for range many {
						turn++
						keys++
						o := store.Origin{Key: fmt.Sprint("bench/", keys), By: 1, Name: "test", At: day}
						err := s.Update(b.Context(), o, func(tx store.Tx) error {
							_, err := tx.List().Rename(int64(turn%n+1), fmt.Sprintf("another name %d", turn), day.Add(time.Duration(turn)*time.Second))
							return err
						})
						if err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
				batch = append(batch, time.Since(began))
				began = time.Now()
				bareReplace(b, filepath.Join(h.root, "sm", "bare.json"), data)
				bareFile = append(bareFile, time.Since(began))
			}
			b.ReportMetric(0, "ns/op") // of both together, which says nothing
			b.ReportMetric(batch.at(50), "batch-µs")
			b.ReportMetric(bareFile.at(50), "bare-file-µs")
			b.ReportMetric(batch.at(50)/bareFile.at(50), "batch/bare")
		})
	}
}

// laps are the times of single turns.
type laps []time.Duration

// at is a percentile in microseconds.
func (l laps) at(percent int) float64 {
	sorted := slices.Sorted(slices.Values(l))
	return float64(sorted[len(sorted)*percent/100].Nanoseconds()) / 1e3
}

// timed is a palace that says how long its last update took.
type timed struct {
	*palace.Palace
	took time.Duration
}

func (p *timed) Update(ctx context.Context, o store.Origin, f func(store.Tx) error) error {
	began := time.Now()
	defer func() { p.took = time.Since(began) }()
	return p.Palace.Update(ctx, o, f)
}

// full is a mirror and its palace, with many goals.
type full struct {
	*Mirror
	root   string
	palace *timed
}

func fullHouse(b *testing.B, n int) full {
	b.Helper()
	root := b.TempDir()
	truth, err := palace.Open(b.Context(), filepath.Join(root, "sm", "palace.db"), palace.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { truth.Close() })
	h := full{root: root, palace: &timed{Palace: truth}}
	h.Mirror = NewMirror(h.palace, New(root), &notes{}, slog.New(slog.DiscardHandler), time.Now)
	h.update(b, func(l *goals.List) error { l.Import(kilobyteGoals(n), day); return nil })
	return h
}

func (h full) update(b *testing.B, f func(*goals.List) error) {
	b.Helper()
	keys++
	o := store.Origin{Key: fmt.Sprint("bench/", keys), By: 1, Name: "test", At: day}
	if err := h.Update(b.Context(), o, func(tx store.Tx) error { return f(tx.List()) }); err != nil {
		b.Fatal(err)
	}
}

// note alters one goal, each turn another one, and lets the file keep its size.
func (h full) note(b *testing.B, turn, n int) {
	h.update(b, func(l *goals.List) error {
		_, err := l.Rename(int64(turn%n+1), fmt.Sprintf("Größere Ziele für 2027 – глава %06d 🚀", turn), day.Add(time.Duration(turn)*time.Second))
		return err
	})
}

// kilobyteGoals makes goals of about 1 kB each, in several scripts.
func kilobyteGoals(n int) []*goals.Goal {
	evidence := "лог сборки: всё зелёное, 214 tests in 3.1 s"
	list := make([]*goals.Goal, n)
	for i := range list {
		list[i] = &goals.Goal{
			ID: fmt.Sprintf("g-%08x", i+1), Status: goals.InProgress, Progress: 50,
			Description: fmt.Sprintf("Größere Ziele für 2027 – часть %06d 🚀", i),
			Acceptance:  []string{"die Übersicht passt auf eine Seite", "отчёт прочитан дважды", "読みやすい \"と言われた\""},
			Sessions: []goals.Session{
				{ID: fmt.Sprintf("s-%d-1", i), Task: "entwerfen & prüfen", State: goals.Verified, Evidence: &evidence},
				{ID: fmt.Sprintf("s-%d-2", i), Task: "schreiben", State: goals.Running},
			},
			Created: day, Updated: day,
			Notes: []string{"Mit Zoë besprochen:\n\t– erst messen, dann kürzen", "ждём цифры до пятницы"},
		}
	}
	return list
}

// bareReplace is the least that replaces a file durably and in one step.
func bareReplace(b *testing.B, path string, data []byte) {
	b.Helper()
	f, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := f.Write(data); err != nil {
		b.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		b.Fatal(err)
	}
}
