//go:build linux

package hard

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/goals/goaljson"
)

// BenchmarkProgram measures the real program with an empty list and with long ones:
// how much memory it holds and needs at its peak, how long it takes until it answers
// after a first start and after a restart, and what a change and the commands cost that look at
// all goals. Next to each figure stands its ratio to a yardstick of the same run: the
// size of the file, reading it, or writing it anew with a sync and a rename. Times
// vary with all that the machine does besides; the processor time and the ratios do
// so less.
//
//	go test ./bot/hard -run '^$' -bench Program -benchtime 1x
//
// With -limit 2 the program may use, softly, twice the size of the file.
func BenchmarkProgram(b *testing.B) {
	path, err := built()
	must(b, err)
	for _, n := range []int{0, 10_000, 100_000} {
		b.Run(fmt.Sprintf("goals=%d", n), func(b *testing.B) {
			for b.Loop() {
				measure(b, path, n)
			}
		})
	}
}

var limit = flag.Float64("limit", 0, "how much memory BenchmarkProgram lets the program use, as GOMEMLIMIT, by the size of the file")

func measure(b *testing.B, program string, n int) {
	root := b.TempDir()
	sm := filepath.Join(root, "sm")
	must(b, os.MkdirAll(sm, 0o700))
	path := filepath.Join(sm, "goals.json")
	data := goaljson.Append(nil, kilobyteGoals(n))
	size := float64(len(data))
	must(b, os.WriteFile(path, data, 0o600))
	w, err := newWorld(program, root, nil)
	must(b, err)
	defer w.close()
	if *limit > 0 {
		w.settings = append(w.settings, fmt.Sprintf("GOMEMLIMIT=%.0f", *limit*size))
	}
	report := func(value float64, unit string) { b.ReportMetric(value, unit) }
	memory := func(l *life, field, unit string) {
		bytes := resident(b, l, field)
		report(float64(bytes)/1e6, unit+"-MB")
		if n > 0 {
			report(float64(bytes)/size, unit+"/file")
		}
	}
	start := func(unit string) *life {
		read := timed(func() { _, err = os.ReadFile(path) })
		must(b, err)
		began := time.Now()
		l, err := w.start()
		must(b, err)
		must(b, w.polling(l))
		took := time.Since(began)
		report(took.Seconds()*1e3, unit+"-ms")
		report(took.Seconds()/read.Seconds(), unit+"/read")
		report(processorTime(l).Seconds()*1e3, unit+"-cpu-ms")
		memory(l, "VmHWM", unit+"-peak")
		return l
	}
	l := start("first")
	must(b, l.stop())
	l = start("restart")
	defer l.kill()
	ask := func(text string) (took, processor time.Duration) {
		b.Helper()
		before, calls := processorTime(l), len(w.answers())
		took = timed(func() {
			w.telegram.Say(w.telegram.Private(people[0]), people[0], text)
			must(b, w.until(l, time.Minute, "it answers "+text, func() bool {
				return w.telegram.Pending() == 0 && len(w.answers()) > calls
			}))
		})
		return took, processorTime(l) - before
	}
	ask("/goals")
	wait(b.Context(), 10*time.Second) // until what the start needed is given back
	memory(l, "VmRSS", "rest")
	memory(l, "RssAnon", "rest-own") // without the program's own file
	if n > 0 {
		var whole, bare []time.Duration
		var cpu time.Duration
		for i := range 7 {
			took, processor := ask(fmt.Sprintf("/rename %d another name", i+1))
			whole, cpu = append(whole, took), cpu+processor
			bare = append(bare, timed(func() { replaceBare(b, filepath.Join(root, "bare.json"), data) }))
		}
		report(middle(whole), "change-ms")
		report(middle(whole)/middle(bare), "change/bare")
		report(cpu.Seconds()*1e3/7, "change-cpu-ms")
		memory(l, "VmHWM", "change-peak")
		for _, text := range []string{"/goals", "/goal 5", "/search часть 000777", "/history", "/stats", "/export"} {
			name, _, _ := strings.Cut(strings.TrimPrefix(text, "/"), " ")
			must(b, os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", l.cmd.Process.Pid), []byte("5"), 0)) // forgets the peak
			took, cpu := ask(text)
			report(took.Seconds()*1e3, name+"-ms")
			report(cpu.Seconds()*1e3, name+"-cpu-ms")
			memory(l, "VmHWM", name+"-peak")
		}
	}
	now, err := os.ReadFile(path)
	must(b, err)
	if n > 0 && bytes.Equal(now, data) {
		b.Error("goals.json has no change")
	}
	must(b, l.stop())
	report(0, "ns/op") // of all together, which says nothing
}

// answers are the calls that say something.
func (w *world) answers() (all []string) {
	for _, c := range w.telegram.Calls() {
		if m := strings.ToLower(c.Method); m == "sendmessage" || m == "senddocument" || m == "sendphoto" {
			all = append(all, m)
		}
	}
	return all
}

func timed(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}

// middle is the median in milliseconds.
func middle(all []time.Duration) float64 {
	slices.Sort(all)
	return all[len(all)/2].Seconds() * 1e3
}

// resident is a line of /proc/<pid>/status, in bytes.
func resident(b testing.TB, l *life, field string) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", l.cmd.Process.Pid))
	must(b, err)
	_, rest, _ := strings.Cut(string(text), field+":")
	n, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	must(b, err)
	return n * 1024
}

// replaceBare is the least that replaces a file durably and in one step.
func replaceBare(b *testing.B, path string, data []byte) {
	f, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	must(b, err)
	_, err = f.Write(data)
	must(b, err)
	must(b, f.Sync())
	must(b, f.Close())
	must(b, os.Rename(path+".tmp", path))
}

// kilobyteGoals makes goals of about 1 kB each, in several scripts.
func kilobyteGoals(n int) []*goals.Goal {
	evidence := "лог сборки: всё зелёное, 214 tests in 3.1 s"
	day := time.Date(2026, 6, 16, 12, 0, 0, 0, time.UTC)
	list := make([]*goals.Goal, n)
	for i := range list {
		list[i] = &goals.Goal{
			ID: fmt.Sprintf("g-%08x", i+1), Status: goals.Statuses[i%5], Progress: 50,
			Description: fmt.Sprintf("Größere Ziele für 2027 – часть %06d 🚀", i),
			Acceptance:  []string{"die Übersicht passt auf eine Seite", "отчёт прочитан дважды", "読みやすい \"と言われた\""},
			Sessions: []goals.Session{
				{ID: fmt.Sprintf("s-%d-1", i), Task: "entwerfen & prüfen", State: goals.Verified, Evidence: &evidence},
				{ID: fmt.Sprintf("s-%d-2", i), Task: "schreiben", State: goals.Running},
			},
			Created: day, Updated: day.Add(time.Duration(i) * time.Minute),
			Notes: []string{"Mit Zoë besprochen:\n\t– erst messen, dann kürzen", "ждём цифры до пятницы"},
		}
	}
	return list
}
