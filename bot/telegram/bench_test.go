package telegram

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"goalbot/access"
	"goalbot/cache"
	"goalbot/goals"
	"goalbot/handlers"
	"goalbot/palace"
	"goalbot/postgrestest"
	"goalbot/settings"
	"goalbot/store"
	"goalbot/telegramtest"
)

// BenchmarkBacklog works through 10,000 commands that wait at Telegram, with
// the real palace and goals.json on the disk and HTTP on loopback, until all of
// them are committed and confirmed: together, as the program does, and one by
// one. bare is what the same number of appends of one line costs, each synced,
// on the same disk in the same run.
func BenchmarkBacklog(b *testing.B) {
	const backlog = 10_000
	for _, size := range []int{10, 1_000, 10_000} {
		for _, how := range []string{"together", "one by one"} {
			b.Run(fmt.Sprintf("goals=%d/%s", size, how), func(b *testing.B) {
				if how == "one by one" && size > 1_000 {
					b.Skip("it takes minutes and says nothing new")
				}
				var drained, bare time.Duration
				for b.Loop() {
					drained += drain(b, palace.Place{}, size, backlog, how == "together")
					bare += appends(b, backlog)
				}
				per := func(d time.Duration) float64 { return float64(d.Microseconds()) / backlog / float64(b.N) }
				b.ReportMetric(0, "ns/op") // of both together, which says nothing
				b.ReportMetric(per(drained), "µs/command")
				b.ReportMetric(per(bare), "bare-µs")
				b.ReportMetric(per(drained)/per(bare), "drained/bare")
			})
		}
	}
}

// BenchmarkBacklogOnPostgres is the same with a palace on a server that loses nothing,
// together.
func BenchmarkBacklogOnPostgres(b *testing.B) {
	const backlog = 10_000
	s := postgrestest.Start(b, "fsync=on", "full_page_writes=on", "synchronous_commit=on")
	for _, size := range []int{10, 1_000} {
		b.Run(fmt.Sprintf("goals=%d", size), func(b *testing.B) {
			var drained time.Duration
			for b.Loop() {
				drained += drain(b, palace.Place{URL: s.URL(b)}, size, backlog, true)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(backlog*float64(b.N)/drained.Seconds(), "commands/s")
		})
	}
}

// drain lets that many commands wait and returns how long they take, with the palace at
// a place, or in a file where that is empty.
func drain(b *testing.B, place palace.Place, size, backlog int, together bool) time.Duration {
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	quiet := slog.New(slog.DiscardHandler)
	check := func(err error) {
		if err != nil {
			b.Helper()
			b.Fatal(err)
		}
	}
	server := telegramtest.New(telegramtest.Config{Token: canary})
	defer server.Close()
	defer server.CheckUnexpected(b)
	web := httptest.NewServer(server)
	defer web.Close()
	server.Meet(ann)
	client := NewClient(web.URL, canary)
	defer client.Close()

	dir := b.TempDir()
	place.File = filepath.Join(dir, "sm", "palace.db")
	truth, err := place.Open(ctx, palace.Options{})
	check(err)
	defer truth.Close()
	members, err := access.Load(ctx, truth, access.Config{Owners: []int64{ann.ID}}, quiet)
	check(err)
	settings := settings.New(settings.Defaults{Values: settings.Values{Zone: time.UTC}}, quiet)
	mirror := cache.NewMirror(truth, cache.New(dir), handlers.NewNotices(members, settings), quiet, time.Now)
	check(mirror.Update(ctx, store.Origin{Key: "fill", Name: "import", At: time.Now()}, func(tx store.Tx) error {
		var all []*goals.Goal
		for i := range size {
			all = append(all, &goals.Goal{ID: fmt.Sprintf("g-%08x", i+1), Description: fmt.Sprintf("goal %d", i+1), Status: goals.Pending,
				Acceptance: []string{"it is done", "it is seen to be done"}, Created: time.Now(), Updated: time.Now()})
		}
		tx.List().Import(all, time.Now())
		return nil
	}))
	for i := range backlog {
		server.Say(server.Private(ann), ann, fmt.Sprintf("/rename %d goal, named for time %d", i%size+1, i))
	}

	answers := handlers.New(mirror, nil, client, members, settings, quiet)
	var h Handler = answers
	if !together {
		h = single{h}
	}
	sender := NewSender(client, settled{truth, mirror, answers}, leaving(answers), quiet)
	poller := NewPoller(client, h, sender, "", quiet)
	ended := make(chan error, 1)
	began := time.Now()
	go func() { ended <- poller.Run(ctx, func(string) {}) }()
	check(server.Wait(ctx, func() bool { return server.Pending() == 0 }))
	took := time.Since(began)
	cancel()
	check(<-ended)
	list := truth.List()
	if got, want := list.Number(int64((backlog-1)%size+1)).Description, fmt.Sprintf("goal, named for time %d", backlog-1); got != want {
		b.Fatalf("the last command left %q, want %q", got, want)
	}
	return took
}

// single handles everything for itself.
type single struct{ Handler }

func (single) Batch(context.Context, []handlers.Request) (int, error) { return 0, nil }

// appends is the least that keeps n lines, each for itself. It measures some
// of them and counts them for all.
func appends(b *testing.B, n int) time.Duration {
	f, err := os.Create(filepath.Join(b.TempDir(), "appended"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	line := make([]byte, 256)
	var took []time.Duration
	for range min(n, 500) {
		began := time.Now()
		if _, err := f.Write(line); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)/2] * time.Duration(n)
}
