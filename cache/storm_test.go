package cache

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/store"
)

// What is tested here: that a program which writes the file again and again
// fills neither the disk nor the palace, and keeps nobody waiting.

// keptFiles are the files that are kept beside the file.
func (h *house) keptFiles(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(h.Path() + ".corrupt-*")
	must(t, err)
	return paths
}

func TestTheSameBytesAreNotKeptTwice(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	for i := range 5 {
		h.write(t, "[{")
		h.add(t, fmt.Sprint("goal ", i))
		h.inLine(t)
		if kept := h.keptFiles(t); len(kept) != 1 || len(h.notes.kept) != i+1 || h.notes.kept[i] != kept[0] {
			t.Fatalf("kept: %v; told: %v", kept, h.notes.kept)
		}
	}
	h.write(t, "[[")
	h.add(t, "other bytes of the same size")
	if kept := h.keptFiles(t); len(kept) != 2 {
		t.Errorf("kept: %v", kept)
	}
	// Files are compared in pieces of 32 KiB, up to the largest that is read.
	h.file.limit = 70_000
	for i, size := range []int{32 << 10, 64 << 10, 70_000} {
		for _, end := range []string{"{", "{", "["} {
			h.write(t, strings.Repeat("[", size-1)+end)
			h.add(t, "a large one")
		}
		if kept := h.keptFiles(t); len(kept) != 2+2*(i+1) {
			t.Errorf("with %d bytes: kept: %v", size, kept)
		}
	}
	bytes := int64(0)
	for _, path := range h.keptFiles(t) {
		info, err := os.Stat(path)
		must(t, err)
		bytes += info.Size()
	}
	if n, size, err := h.file.Kept(); err != nil || n != 8 || size != bytes {
		t.Errorf("counted are %d files of %d bytes, %v; there are 8 of %d", n, size, err, bytes)
	}
	// What could not be taken in is kept no second time either, and what was kept
	// before stays.
	twice := "[" + strings.Repeat(strings.Trim(h.bytes(t), "[]")+",", 1) + strings.Trim(h.bytes(t), "[]") + "]"
	for _, broken := range []error{nil, store.ErrFull, nil} {
		h.notes.broken = broken
		h.write(t, twice+strings.Repeat(" ", len(h.notes.merged))) // or it would not be new
		_ = h.Check(t.Context())
		if kept := h.keptFiles(t); len(kept) < 9 {
			t.Errorf("with %v: kept: %v", broken, kept)
		}
	}
}

// A program that writes nonsense all day does not fill the disk: when enough is
// kept the file stays as it is, and that is told. A person who restores goes on.
func TestNoMoreIsKeptThanSomebodyWillLookThrough(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	for i := range maxKept {
		must(t, os.WriteFile(fmt.Sprintf("%s.corrupt-%d", h.Path(), i), fmt.Appendf(nil, "[%d", i), 0o600))
	}
	h.write(t, malformed)
	var full *FullError
	for range 2 {
		err := h.change(t, func(l *goals.List) error { _, err := l.AddNote(1, "hello", day); return err })
		if !errors.Is(err, store.ErrFileBehind) || !errors.As(err, &full) || full.Files != maxKept {
			t.Fatalf("Update = %v; want ErrFileBehind, and that there are enough", err)
		}
		if writing, detail := full.Access(); !writing || !strings.Contains(detail, "100 such files") {
			t.Errorf("it is told as %v, %q", writing, detail)
		}
	}
	if h.bytes(t) != malformed || len(h.keptFiles(t)) != maxKept || len(h.notes.kept) != 0 {
		t.Errorf("the file is %q, kept are %d, told is %v", h.bytes(t), len(h.keptFiles(t)), h.notes.kept)
	}
	kept, err := h.Restore(t.Context())
	must(t, err)
	if data, _ := os.ReadFile(kept); string(data) != malformed {
		t.Errorf("%s holds %q", kept, data)
	}
	h.inLine(t)

	// Few that are large are enough as well.
	for _, path := range h.keptFiles(t)[1:] {
		must(t, os.Remove(path))
	}
	large := h.keptFiles(t)[0]
	h.write(t, "[[")
	for _, size := range []int64{maxKeptBytes, maxKeptBytes - 1} {
		if err := os.Truncate(large, size); err != nil {
			t.Skip("no room for a file with holes:", err)
		}
		err := h.change(t, func(l *goals.List) error { _, err := l.AddNote(1, "hello", day); return err })
		if enough := errors.As(err, &full) && full.Bytes == maxKeptBytes; enough != (size == maxKeptBytes) {
			t.Errorf("with %d bytes: %v", size, err)
		}
	}
	h.inLine(t)
	must(t, os.Remove(large))
	for i := range maxKept - len(h.keptFiles(t)) {
		must(t, os.WriteFile(fmt.Sprintf("%s.corrupt-%d", h.Path(), i), fmt.Appendf(nil, "[%d", i), 0o600))
	}

	// What stands there for an instant only is not lost, and does not pile up.
	disk := &failing{disk: osDisk{}, exchange: true, at: 1 << 30}
	h.file.disk = disk
	for i := range 2 * maxUnmerged {
		disk.swapping = func() { h.write(t, fmt.Sprintf("[[%d", i)) }
		_ = h.change(t, func(l *goals.List) error { _, err := l.AddNote(1, "hello", day); return err })
	}
	if left, _ := filepath.Glob(filepath.Join(h.file.Dir(), tempPrefix+"*")); len(left) != maxUnmerged {
		t.Errorf("%d versions wait", len(left))
	}
	disk.swapping = nil
	for _, path := range h.keptFiles(t) {
		must(t, os.Remove(path))
	}
	_ = h.Check(t.Context())
	h.add(t, "buy milk")
	h.inLine(t)
	if left, _ := filepath.Glob(filepath.Join(h.file.Dir(), tempPrefix+"*")); len(left) != 0 || len(h.keptFiles(t)) < maxUnmerged {
		t.Errorf("%v wait, %d are kept", left, len(h.keptFiles(t)))
	}
}

// writer writes a goal more right before every replacement of the file.
type writer struct {
	disk
	write func(n int)
	n     int
}

func (w *writer) Exchange(a, b string) error {
	w.n++
	w.write(w.n)
	return w.disk.Exchange(a, b)
}

// Somebody who writes as fast as we do kept a change from ever coming to an end.
func TestAWriterThatIsAlwaysFasterKeepsNobodyWaiting(t *testing.T) {
	h := newHouse(t)
	if err := exchange(t.TempDir(), t.TempDir()); errors.Is(err, errors.ErrUnsupported) {
		t.Skip("nobody can tell here")
	}
	h.add(t, "call mother")
	w := &writer{disk: osDisk{}, write: func(n int) {
		h.write(t, strings.Replace(h.bytes(t), "\n]", fmt.Sprintf(`,{"id":"g-theirs-%d","description":"theirs","status":"pending","progress":0,"created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z"}]`, n), 1))
	}}
	h.file.disk = w
	h.add(t, "buy milk")
	if w.n != maxRounds {
		t.Errorf("the file was replaced %d times", w.n)
	}
	h.file.disk = osDisk{}
	must(t, h.Check(t.Context()))
	h.inLine(t)
	if n := h.truth.List().Len(); n != 2+w.n {
		t.Errorf("%d goals; want %d", n, 2+w.n)
	}
}

// What others write many times a second is taken in as one change after a
// while, and a check that waits for that ends with its context.
func TestChangesOfOthersAreTakenInAtAPace(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	h.pace = rate.NewLimiter(rate.Every(time.Hour), 3)
	write := func(n int) {
		h.write(t, strings.Replace(h.bytes(t), "\n]", fmt.Sprintf(`,{"id":"g-theirs-%d","description":"theirs","status":"pending","progress":0,"created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z"}]`, n), 1))
	}
	for n := range 10 {
		must(t, h.Check(t.Context())) // nobody wrote, so nothing is counted
		if n == 3 {
			break
		}
		write(n)
		must(t, h.Check(t.Context()))
	}
	write(3)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Check(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Check = %v; want that it waits", err)
	}
	if len(h.notes.merged) != 3 {
		t.Errorf("taken in %d times", len(h.notes.merged))
	}
	h.add(t, "a command does not wait")
	h.inLine(t)
	if len(h.notes.merged) != 4 {
		t.Errorf("taken in %d times", len(h.notes.merged))
	}
}

// slow is a disk on which the file takes long to read.
type slow struct {
	disk
	takes time.Duration
}

func (s *slow) Open(path string) (openFile, error) {
	time.Sleep(s.takes)
	return s.disk.Open(path)
}

// What is written all the time is taken in ten times a second at most and, where that
// takes long, for half of the time at most. Red without the pace, and without the rest.
func TestAStormIsTakenInAtAPaceAndWithRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		defer h.truth.Close()
		h.pace.SetLimit(takeInsPerSecond)
		h.add(t, "call mother")
		disk := &slow{disk: osDisk{}}
		h.file.disk = disk
		checks := func(n int) time.Duration {
			began := time.Now()
			for i := range n {
				h.write(t, strings.Replace(h.bytes(t), "call mother", fmt.Sprint("call mother ", i), 1))
				must(t, h.Check(t.Context()))
			}
			return time.Since(began)
		}
		if took := checks(2 * takeInsPerSecond); took < time.Second || took > 2*time.Second {
			t.Errorf("%d checks took %v", 2*takeInsPerSecond, took)
		}
		disk.takes = time.Second
		checks(1)
		began := time.Now()
		checks(1)
		if took := time.Since(began); took < 2*disk.takes || took > 2*maxRest {
			t.Errorf("a check after a slow one took %v", took)
		}
		disk.takes = time.Minute
		checks(1)
		disk.takes = 0
		if took := checks(1); took != maxRest {
			t.Errorf("a check after one that hung took %v", took)
		}
	})
}

// A program that writes the same from its memory again and again says nothing
// new: the file is put right, and nobody is told twice.
func TestWhatWasTakenInOnceIsNothingNew(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	h.add(t, "buy milk")
	theirs, err := h.file.Load()
	must(t, err)
	theirs[0].Description, theirs[0].Updated = "call father", day.Add(time.Hour)
	memory := string(goaljson.Append(nil, theirs[:1]))
	for range 5 {
		h.write(t, memory)
		must(t, h.Check(t.Context()))
		h.inLine(t)
		if len(h.notes.merged) != 1 {
			t.Fatalf("told: %+v", h.notes.merged)
		}
	}
	// But who takes an edit back in an editor means it, though the bytes were
	// there before.
	h = newHouse(t)
	h.add(t, "call mother")
	before := h.bytes(t)
	for _, text := range []string{"call MOTHER", "call mother", "call MOTHER"} {
		h.write(t, strings.Replace(before, "call mother", text, 1))
		must(t, h.Check(t.Context()))
		if got := h.truth.List().Number(1).Description; got != text {
			t.Errorf("the goal is %q; want %q", got, text)
		}
	}
}
