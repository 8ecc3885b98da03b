package palace

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"goalbot/postgrestest"
	"goalbot/store"
)

// durable are the settings of a server that loses nothing, as the tests' server may.
var durable = []string{"fsync=on", "full_page_writes=on", "synchronous_commit=on"}

// BenchmarkUpdateOnPostgres compares one change, a goal that is renamed and an answer
// that is queued, with what cannot be had for less on the same server, turn by turn: a
// bare INSERT with its commit. trips are the round trips of each, which a proxy counts
// after the rest.
func BenchmarkUpdateOnPostgres(b *testing.B) {
	s := postgrestest.Start(b, durable...)
	for _, size := range []int{10, 10_000} {
		b.Run(fmt.Sprintf("goals=%d", size), func(b *testing.B) {
			p, turns := benched(b, Place{File: b.TempDir() + "/palace.db", URL: s.URL(b)}, size), 0
			behind, c := counted(b, s)
			fill(b, behind, size)
			rename := func(p *Palace) {
				turns++
				update(b, p, origin("note", 7), renamed(turns, size))
			}
			var changes, bare laps
			for b.Loop() {
				changes.start()
				rename(p)
				changes.stop()
				bare.start()
				insertBare(b, p.readers, turns)
				bare.stop()
				if turns%100 == 0 { // as if it were sent
					p.sql(b, "DELETE FROM outbox")
				}
			}
			b.ReportMetric(0, "ns/op") // of both together, which says nothing
			b.ReportMetric(changes.at(50), "µs")
			b.ReportMetric(changes.at(99), "p99-µs")
			b.ReportMetric(bare.at(50), "bare-µs")
			b.ReportMetric(changes.at(50)/bare.at(50), "change/bare")
			prepareBare(b, behind)
			trips := func(do func()) float64 {
				do() // a connection asks the server to prepare each statement once
				do()
				return float64(c.of(do))
			}
			b.ReportMetric(trips(func() { rename(behind) }), "trips")
			b.ReportMetric(trips(func() { turns++; insertBare(b, behind.readers, turns) }), "bare-trips")
		})
	}
}

// BenchmarkBatchOnPostgres makes 10,000 such changes, 100 in each commit, and a bare
// INSERT with its commit after each of these.
func BenchmarkBatchOnPostgres(b *testing.B) {
	const many, together = 10_000, 100
	p, turns := benched(b, Place{File: b.TempDir() + "/palace.db", URL: postgrestest.Start(b, durable...).URL(b)}, 1_000), 0
	var batches, bare laps
	for b.Loop() {
		for range many / together {
			batches.start()
			var keys []string
			for i := range together {
				keys = append(keys, fmt.Sprint("bench/", turns+i))
			}
			err := p.Batch(store.Expecting(b.Context(), keys), func(s store.Store) error {
				for _, key := range keys {
					o := origin("note", 7)
					o.Key = key
					turns++
					if err := s.Update(b.Context(), o, renamed(turns, 1_000)); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
			batches.stop()
			bare.start()
			insertBare(b, p.readers, turns)
			bare.stop()
			p.sql(b, "DELETE FROM outbox")
		}
	}
	b.ReportMetric(0, "ns/op") // of both together, which says nothing
	b.ReportMetric(together*1e6/batches.at(50), "changes/s")
	b.ReportMetric(bare.at(50), "bare-µs")
	b.ReportMetric(batches.at(50)/together/bare.at(50), "change/bare")
}

func renamed(turn, size int) func(store.Tx) error {
	return func(tx store.Tx) error {
		at := noon.Add(time.Duration(turn) * time.Second)
		if _, err := tx.List().Rename(int64(turn%size+1), fmt.Sprintf("goal, named for time %d", turn), at); err != nil {
			return err
		}
		return tx.Send(store.Message{Chat: 7, Body: []byte("Renamed.")})
	}
}

// benched opens a palace with so many goals, and a table for bare inserts.
func benched(b *testing.B, place Place, size int) *Palace {
	p, err := place.Open(b.Context(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { p.Close() })
	fill(b, p, size)
	prepareBare(b, p)
	return p
}

func prepareBare(b *testing.B, p *Palace) {
	p.sql(b, "CREATE TABLE bare (n bigint PRIMARY KEY, line bytea)")
}

func insertBare(b *testing.B, db *sql.DB, n int) {
	if _, err := db.ExecContext(context.Background(), "INSERT INTO bare VALUES ($1, $2)", n, make([]byte, 256)); err != nil {
		b.Fatal(err)
	}
}

// at is a percentile in microseconds.
func (l *laps) at(percent int) float64 {
	slices.Sort(l.all)
	return float64(l.all[len(l.all)*percent/100].Nanoseconds()) / 1e3
}
