package palace

import (
	"context"
	"database/sql"
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

// BenchmarkBatch makes 200 changes in one batch, each with a record as the mirror of
// goals.json keeps one, and compares what that takes with what SQLite needs to write
// the same rows in one transaction, by prepared statements and without anything else.
// Both are medians.
func BenchmarkBatch(b *testing.B) {
	const many = 200
	for _, size := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("goals=%d", size), func(b *testing.B) {
			p := fresh(b)
			fill(b, p, size)
			other := newBareRows(b, p)
			var batch, bare laps
			n := 0
			for b.Loop() {
				batch.start()
				err := p.Batch(b.Context(), func(s store.Store) error {
					for range many {
						n++
						err := s.Update(b.Context(), origin("note", 7), func(tx store.Tx) error {
							g, err := tx.List().Rename(int64(n%size+1), fmt.Sprintf("goal, named for time %d", n), noon.Add(time.Duration(n)*time.Second))
							if err != nil {
								return err
							}
							return tx.SetRecord(store.BaseRecord, fmt.Sprintf("0/%d", g.Number), encode(g))
						})
						if err != nil {
							return err
						}
					}
					return nil
				})
				batch.stop()
				if err != nil {
					b.Fatal(err)
				}
				rows := other.of(b, p, many)
				bare.start()
				other.write(b, rows)
				bare.stop()
			}
			b.ReportMetric(0, "ns/op") // of both together, which says nothing
			b.ReportMetric(batch.at(50), "batch-µs")
			b.ReportMetric(bare.at(50), "bare-rows-µs")
			b.ReportMetric(batch.at(50)/bare.at(50), "batch/bare")
		})
	}
}

// bareRows is a copy of a palace into which rows are written without any rule.
type bareRows struct {
	db     *sql.DB
	writes []*sql.Stmt
}

// bareWrites are what a change of one goal writes: how the rows are read from the
// palace that has them, and how they are written.
var bareWrites = []struct{ read, write string }{
	{"SELECT number, id, deleted, body, sum FROM goals WHERE number IN (SELECT number FROM events WHERE revision > $1)",
		"UPDATE goals SET deleted = $3, body = $4, sum = $5 WHERE number = $1 AND id = $2"},
	{"SELECT " + changeTable.read + " FROM changes WHERE revision > $1", changeTable.insert},
	{"SELECT " + eventTable.read + " FROM events WHERE revision > $1", eventTable.insert},
	{"SELECT " + keyTable.read + " FROM applied WHERE revision > $1", keyTable.insert},
	{"SELECT " + recordTable.read + " FROM records WHERE name IN (SELECT '0/' || number FROM events WHERE revision > $1)", recordTable.insert +
		" ON CONFLICT (kind, name) DO UPDATE SET value = excluded.value, sum = excluded.sum"},
	{"SELECT " + metaTable.read + " FROM meta WHERE revision > $1", saveMeta},
}

func newBareRows(b *testing.B, p *Palace) *bareRows {
	b.Helper()
	path := filepath.Join(b.TempDir(), "bare.db")
	if err := copyInto(b.Context(), p.readers, path); err != nil {
		b.Fatal(err)
	}
	db, err := connect(path, writing, 1)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	r := &bareRows{db: db}
	for _, w := range bareWrites {
		s, err := db.PrepareContext(b.Context(), w.write)
		if err != nil {
			b.Fatal(err)
		}
		r.writes = append(r.writes, s)
	}
	return r
}

// of reads what the last changes of a palace wrote, for every statement of bareWrites.
func (r *bareRows) of(b *testing.B, p *Palace, changes int64) (rows [][][]any) {
	b.Helper()
	after := p.committed.Load().revision - changes
	for _, w := range bareWrites {
		rows = append(rows, nil)
		found, err := p.readers.QueryContext(b.Context(), w.read, after)
		if err != nil {
			b.Fatal(err)
		}
		defer found.Close()
		columns, _ := found.Columns()
		for found.Next() {
			values, targets := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				targets[i] = &values[i]
			}
			if err := found.Scan(targets...); err != nil {
				b.Fatal(err)
			}
			rows[len(rows)-1] = append(rows[len(rows)-1], values)
		}
		if err := found.Err(); err != nil {
			b.Fatal(err)
		}
	}
	return rows
}

func (r *bareRows) write(b *testing.B, rows [][][]any) {
	b.Helper()
	tx, err := r.db.BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer tx.Rollback()
	for i, all := range rows {
		s := tx.StmtContext(b.Context(), r.writes[i])
		for _, values := range all {
			if _, err := s.ExecContext(b.Context(), values...); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
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
