package cache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"goalbot/goals"
	"goalbot/goals/goaljson"
)

// What is tested here: that the size of a file that others wrote costs nothing.

// allocates returns how many bytes f allocates.
func allocates(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A file of 300 MB in a container of 256 MB was read at every start and ended
// the program each time; nobody was told. Red without the limit in read, and
// where keep compares such files.
func TestAFileThatIsTooLargeIsNotRead(t *testing.T) {
	const size = 600 << 20
	h := newHouse(t)
	h.add(t, "call mother")
	enlarge := func(path string, by int64) {
		t.Helper()
		must(t, os.WriteFile(path, nil, 0o600))
		if err := os.Truncate(path, size+by); err != nil {
			t.Skip("no room for a file with holes:", err)
		}
	}
	wants := func(what string, err error) {
		t.Helper()
		large, ok := errors.AsType[*TooLargeError](err)
		if !ok || large.Size < size || large.Limit != readLimit() || !strings.Contains(large.TooLarge(), "629 MB") {
			t.Errorf("%s = %v; want a TooLargeError", what, err)
		}
	}
	n := allocates(func() {
		enlarge(h.Path(), 0)
		_, err := h.file.Load()
		wants("Load", err)
		for range 3 {
			wants("Check", h.Check(t.Context()))
		}
		h.add(t, "buy milk") // keeps it and writes another one
		h.inLine(t)
		if len(h.notes.kept) != 1 {
			t.Errorf("kept: %v", h.notes.kept)
		}

		enlarge(h.Path(), 1)
		wants("Check", h.Check(t.Context()))
		before, err := h.file.Quarantine(day)
		must(t, err)
		kept, err := h.Restore(t.Context())
		must(t, err)
		if kept != before {
			t.Errorf("kept as %s and as %s", before, kept)
		}
		if info, err := os.Stat(kept); err != nil || info.Size() != size+1 {
			t.Errorf("kept %s: %v", kept, err)
		}
		h.inLine(t)
		must(t, os.Remove(kept))
		must(t, os.Remove(h.notes.kept[0])) // else there are enough

		enlarge(filepath.Join(h.file.Dir(), tempPrefix+"1.2"), 2)
		must(t, h.Start(t.Context()))
		if len(h.notes.kept) != 2 || len(h.notes.merged) != 0 {
			t.Errorf("told: %+v", h.notes)
		}
		h.inLine(t)
		must(t, h.Check(t.Context()))
	})
	if n > 16<<20 {
		t.Errorf("%d bytes were allocated", n)
	}
}

// What does not load is not read again as long as it is the same.
func TestAFileThatDoesNotLoadIsReadOnce(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	h.write(t, strings.Repeat("x", 4<<20))
	var bad, again *SerdeError
	if err := h.Check(t.Context()); !errors.As(err, &bad) {
		t.Fatalf("Check = %v", err)
	}
	n := allocates(func() {
		must(t, os.Chtimes(h.Path(), day, day)) // the bytes tell
		if err := h.Check(t.Context()); !errors.As(err, &again) || again != bad {
			t.Errorf("Check = %v", err)
		}
	})
	if n > 1<<20 {
		t.Errorf("%d bytes were allocated", n)
	}
	h.add(t, "buy milk")
	h.inLine(t)
	if len(h.notes.kept) != 1 || len(h.notes.merged) != 0 {
		t.Errorf("told: %+v", h.notes)
	}
	h.write(t, "[]")
	must(t, h.Check(t.Context()))
}

// The limit is for what others write: a list of our own may be longer.
func TestAnOwnFileMayBeLargerThanTheLimit(t *testing.T) {
	h := newHouse(t)
	h.file.limit = 2000
	for i := range 10 {
		h.add(t, fmt.Sprintf("goal %d", i))
	}
	for range 2 {
		must(t, h.Check(t.Context()))
		h.add(t, "another")
		h.inLine(t)
	}
	must(t, h.truth.Close())
	again := openHouse(t, h.root)
	again.file.limit = h.file.limit
	must(t, again.Start(t.Context())) // which has not written it
	again.add(t, "yet another")
	again.inLine(t)
	h.notes.merged = append(h.notes.merged, again.notes.merged...)
	h.notes.kept = append(h.notes.kept, again.notes.kept...)
	if len(h.notes.merged)+len(h.notes.kept) > 0 {
		t.Errorf("told: %+v", h.notes)
	}
}

// A list that is as long as a list may be can be read.
func TestTheLimitHasRoomForAFullList(t *testing.T) {
	n := len(goaljson.Append(nil, kilobyteGoals(goals.MaxGoals/100))) * 100
	if n > MaxSize*3/4 {
		t.Errorf("a full list has %d bytes, and the limit is %d", n, MaxSize)
	}
}

// A check looks at all bytes of a file that nobody touched and keeps none.
func TestACheckOfASoundFileKeepsNoneOfIt(t *testing.T) {
	h := newHouse(t)
	must(t, h.change(t, func(l *goals.List) error { l.Import(kilobyteGoals(5000), day); return nil }))
	size := uint64(len(h.bytes(t)))
	if n := allocates(func() { must(t, h.Check(t.Context())) }); n > size/4 {
		t.Errorf("%d bytes were allocated for a file of %d", n, size)
	}
	// And it would have seen a byte that somebody altered behind its outward marks.
	before, err := os.Stat(h.Path())
	must(t, err)
	must(t, os.WriteFile(h.Path(), []byte(strings.Replace(h.bytes(t), "000042", "000024", 1)), 0o600))
	must(t, os.Chtimes(h.Path(), before.ModTime(), before.ModTime()))
	must(t, h.Check(t.Context()))
	if len(h.notes.merged) != 1 || len(h.notes.merged[0].Changed) != 1 {
		t.Errorf("told: %+v", h.notes)
	}
}

// The first start reads the file before there is a palace, and again to take it in.
func TestAFileThatWasPreloadedIsDecodedOnce(t *testing.T) {
	f := New(t.TempDir())
	must(t, f.Save(kilobyteGoals(5000)))
	data, err := os.ReadFile(f.Path())
	must(t, err)
	load := func() []*goals.Goal {
		t.Helper()
		list, err := f.Load()
		must(t, err)
		return list
	}
	must(t, f.Preload())
	var list []*goals.Goal
	if n := allocates(func() { list = load() }); n > uint64(len(data))/4 {
		t.Errorf("%d bytes were allocated for a file of %d", n, len(data))
	}
	if string(goaljson.Append(nil, list)) != string(data) {
		t.Error("another list was loaded")
	}
	if load()[0] == list[0] {
		t.Error("two loads share a goal")
	}
	must(t, f.Preload())
	must(t, os.WriteFile(f.Path(), []byte(strings.Replace(string(data), "000042", "000024", 1)), 0o600))
	if list := load(); !strings.Contains(list[42].Description, "000024") {
		t.Errorf("an older version was loaded: %s", list[42].Description)
	}
}
