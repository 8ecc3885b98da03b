package health

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// shared is a file that others write. What is not JSON is bad.
type shared struct {
	path string
	mu   sync.Mutex
	took string // by the last check that was content
	last string // by the last check

	settled atomic.Int64
}

func (s *shared) Path() string { return s.path }

func (s *shared) Place() string {
	if real, err := filepath.EvalSymlinks(s.path); err == nil {
		return real
	}
	return s.path
}

func (s *shared) read() string {
	data, _ := os.ReadFile(s.path)
	return string(data)
}

func (s *shared) Untouched() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.read() == s.took
}

func (s *shared) Check(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last = s.read(); s.last == "" || s.last[0] != '[' {
		return errors.New("it is bad")
	}
	s.took = s.last
	return nil
}

func (s *shared) Settle(context.Context) { s.settled.Add(1) }

func (s *shared) checked() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// watched watches a file in a new directory; without notify the file system
// tells nothing.
func watched(t *testing.T, notify bool) (*shared, *Monitor) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "root", "sm")
	must(t, os.MkdirAll(dir, 0o700))
	s := &shared{path: filepath.Join(dir, "goals.json")}
	m := &Monitor{log: slog.New(slog.DiscardHandler), soon: make(chan struct{}, 1)}
	d := &directories{log: m.log}
	if notify {
		d = newDirectories(m.log)
	}
	ctx, stop := context.WithCancel(t.Context())
	var watching sync.WaitGroup
	watching.Go(func() { m.watchIn(ctx, s, d) })
	t.Cleanup(watching.Wait)
	t.Cleanup(stop)
	return s, m
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// replaces puts a file in the place of another one in one step.
func replaces(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.WriteFile(path+".theirs", []byte(text), 0o600))
	must(t, os.Rename(path+".theirs", path))
}

// What another program writes is taken in, in whichever way it does that, and
// whether the file system tells of it or not. Red for the file system that tells
// nothing, and for the directory above, where the file is not looked at beside
// what is told; for its own directory where a new one is not watched.
func TestWhatOthersWriteIsTakenIn(t *testing.T) {
	for name, notify := range map[string]bool{"told": true, "untold": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := watched(t, notify)
			takes := func(text string) {
				t.Helper()
				until(t, "that "+text+" is taken in", func() bool { return s.checked() == text })
			}
			replaces(t, s.path, "[1]")
			takes("[1]")
			replaces(t, s.path, "[2]")
			takes("[2]")
			must(t, os.WriteFile(s.path, []byte("[33]"), 0o600))
			takes("[33]")
			dir := filepath.Dir(s.path)
			for i, swapped := range []string{dir, filepath.Dir(dir)} {
				must(t, os.Rename(swapped, swapped+".old"))
				must(t, os.MkdirAll(dir, 0o700))
				text := []string{"[4]", "[5]"}[i]
				replaces(t, s.path, text)
				takes(text)
				replaces(t, s.path, text+" ") // which the new directory tells of
				takes(text + " ")
			}
			if err := os.Symlink(filepath.Join(dir, "elsewhere.json"), s.path+".link"); err != nil {
				t.Skip("no links here")
			}
			replaces(t, filepath.Join(dir, "elsewhere.json"), "[6]")
			must(t, os.Rename(s.path+".link", s.path))
			takes("[6]")
			replaces(t, filepath.Join(dir, "elsewhere.json"), "[7]")
			takes("[7]")
		})
	}
}

// A bad file brings the check of everything forward, and so does its end; one that
// was taken in does not. Red where every change asks for that check, as it was.
func TestABadFileIsReported(t *testing.T) {
	s, m := watched(t, true)
	reported := func() bool { return len(m.soon) > 0 }
	replaces(t, s.path, "[1]")
	until(t, "that it is taken in", func() bool { return s.checked() == "[1]" })
	if reported() {
		t.Error("a good file is reported")
	}
	replaces(t, s.path, "nonsense")
	until(t, "that it is reported", reported)
	m.mu.Lock()
	m.checks.bad = true
	m.mu.Unlock()
	<-m.soon
	replaces(t, s.path, "[2]")
	until(t, "that it is reported to be good again", reported)
}

// What was left to be told of a change is told though the file does not change
// again. It waited for the next scheduled check.
func TestWhatIsLeftIsToldWithoutAnotherChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shared{path: filepath.Join(t.TempDir(), "goals.json")}
		m := &Monitor{log: slog.New(slog.DiscardHandler)}
		ctx, stop := context.WithCancel(t.Context())
		var watching sync.WaitGroup
		watching.Go(func() { m.watchIn(ctx, s, &directories{log: m.log}) })
		time.Sleep(settleEvery + time.Second)
		stop()
		watching.Wait()
		if s.settled.Load() != 1 {
			t.Errorf("told %d times", s.settled.Load())
		}
	})
}
