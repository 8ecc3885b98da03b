//go:build linux

package hard

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"goalbot/cache"
	"goalbot/postgrestest"
)

// BenchmarkStandby says a command to one of two bots on a PostgreSQL server, and
// measures for how long the goals.json of the one that stands by is older then than that
// of the one that leads.
func BenchmarkStandby(b *testing.B) {
	program, err := built()
	if err != nil {
		b.Fatal(err)
	}
	const commands = 500
	p := newPlan(rand.Uint64(), len(people), commands)
	f, err := newFleet(b, program, postgrestest.Start(b, durable...), 2, p, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer f.close()
	if err := f.begin(b); err != nil {
		b.Fatal(err)
	}
	// shows waits until the file below root is what it is after n commands.
	shows := func(root string, n int) time.Time {
		for began := time.Now(); ; time.Sleep(200 * time.Microsecond) {
			list, err := cache.New(root).Load()
			if at, ok := p.latest[plain(list)]; err == nil && ok && at >= n {
				return time.Now()
			}
			if time.Since(began) > time.Minute {
				b.Fatalf("%s does not show command %d\n%s", root, n, f.logged())
			}
		}
	}
	say := func(n int) time.Duration {
		f.say(1)
		led := shows(f.sites[0].root, n)
		return shows(f.sites[1].root, n).Sub(led)
	}
	n := 1
	say(n) // when this one shows, the other bot stands by
	var late []time.Duration
	for b.Loop() {
		if n++; n > commands {
			b.Fatalf("there are no more than %d commands", commands)
		}
		late = append(late, say(n))
	}
	slices.Sort(late)
	b.ReportMetric(0, "ns/op") // of a command until it shows in both, which says nothing
	b.ReportMetric(float64(late[len(late)/2].Microseconds())/1e3, "ms")
	b.ReportMetric(float64(late[len(late)*99/100].Microseconds())/1e3, "p99-ms")
}
