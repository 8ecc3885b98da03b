package cache

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/store"
)

func TestTheFileFollowsEveryChange(t *testing.T) {
	h := newHouse(t)
	if _, err := os.Stat(h.Path()); err == nil {
		t.Error("the file was created before the first change")
	}
	h.add(t, "call mother")
	h.inLine(t)
	must(t, h.change(t, func(l *goals.List) error { _, err := l.Finish(1, false, day); return err }))
	h.inLine(t)
	if !strings.Contains(h.bytes(t), `"status": "done"`) {
		t.Error("the file does not show the change")
	}
}

// counting is a disk that counts how often the file is replaced.
type counting struct {
	disk
	replaced int
}

func (d *counting) Exchange(a, b string) error { return errors.ErrUnsupported }

func (d *counting) Rename(from, to string) error {
	if !isTemp(to) {
		d.replaced++
	}
	return d.disk.Rename(from, to)
}

// isTemp reports whether a path is that of a temporary file.
func isTemp(path string) bool { return strings.HasPrefix(filepath.Base(path), tempPrefix) }

func TestManyChangesTogetherReplaceTheFileOnce(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	disk := &counting{disk: h.file.disk}
	h.file.disk = disk
	rename := func(text string) func(*goals.List) error {
		return func(l *goals.List) error { _, err := l.Rename(1, text, day); return err }
	}
	must(t, h.together(t, "many", rename("call father"), rename("call Zoë"), rename("call home")))
	h.inLine(t)
	if disk.replaced != 1 {
		t.Errorf("the file was replaced %d times for three changes", disk.replaced)
	}
	must(t, h.together(t, "many", rename("call father"), rename("call Zoë"), rename("call home")))
	if disk.replaced != 1 {
		t.Error("the file was replaced for changes that came again")
	}
	// One that fails keeps nothing of all, and the file has nothing to follow.
	failed := errors.New("failed")
	err := h.together(t, "more", rename("call nobody"), func(*goals.List) error { return failed })
	if !errors.Is(err, failed) || disk.replaced != 1 || h.truth.List().Number(1).Description != "call home" {
		t.Errorf("Batch = %v; the goal is %q", err, h.truth.List().Number(1).Description)
	}
	// What somebody else wrote meanwhile is taken in as before a single change.
	h.write(t, strings.Replace(h.bytes(t), "\n]", `,{"id":"g-theirs","description":"theirs","status":"pending","progress":0,"created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z"}]`, 1))
	must(t, h.together(t, "last", rename("call Ada"), rename("call Bea")))
	h.inLine(t)
	if h.truth.List().ID("g-theirs") == nil || h.truth.List().Number(1).Description != "call Bea" {
		t.Errorf("the list is %v", h.bytes(t))
	}
}

// TestWhatTheFileSaysIsKeptThoughAnUpdateOfABatchWasUndone. Where each update is noted
// by itself, the note that was undone with the first one is missed by the second.
func TestWhatTheFileSaysIsKeptThoughAnUpdateOfABatchWasUndone(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	change := func(s store.Store, key string, f func(*goals.List) error) error {
		return s.Update(t.Context(), store.Origin{Key: key, By: 1, Name: "test", At: day}, func(tx store.Tx) error { return f(tx.List()) })
	}
	must(t, h.Batch(t.Context(), func(s store.Store) error {
		if err := change(s, "impossible", func(l *goals.List) error {
			l.Put(&goals.Goal{Number: 1, ID: "g-another", Status: goals.Pending, Description: "call father"})
			return nil
		}); err == nil {
			t.Error("the id of a goal was changed")
		}
		return change(s, "rename", func(l *goals.List) error { _, err := l.Rename(1, "call Zoë", day); return err })
	}))
	h.inLine(t)
	must(t, h.View(t.Context(), func(tx store.Tx) error {
		was, err := tx.Record(store.BaseRecord, "0/1")
		if !strings.Contains(was, "call mother") {
			t.Errorf("of what the file said before, %q is kept", was)
		}
		return err
	}))
}

func TestARefusedCommandLeavesTheFileAlone(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	before, err := os.Stat(h.Path())
	must(t, err)
	err = h.change(t, func(l *goals.List) error { return store.ErrRefused })
	if !errors.Is(err, store.ErrRefused) {
		t.Errorf("Update = %v; want the refusal", err)
	}
	if after, _ := os.Stat(h.Path()); !os.SameFile(before, after) {
		t.Error("the file was replaced for nothing")
	}
}

// A date is kept in the palace alone. Red where the file is written for every commit.
func TestAChangeThatTheFileDoesNotShowLeavesItAlone(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	due := func(date string) func(*goals.List) error {
		return func(l *goals.List) error {
			l.NotePlan(1, func(p *goals.Plan) { p.Due = date })
			return nil
		}
	}
	disk := &counting{disk: h.file.disk}
	h.file.disk = disk
	must(t, h.change(t, due("2026-03-02")))
	if h.inLine(t); disk.replaced != 0 {
		t.Errorf("the file was replaced %d times for a date", disk.replaced)
	}
	// It is written where somebody else has removed it meanwhile.
	must(t, os.Remove(h.Path()))
	must(t, h.change(t, due("2026-03-03")))
	if h.inLine(t); disk.replaced != 1 {
		t.Errorf("the file was replaced %d times", disk.replaced)
	}
}

// Size, time and identity tell one version of the file from another, each by itself.
func TestWhatCountsAsTouched(t *testing.T) {
	const theirs = `[{"id":"a","description":"a","status":"pending","progress":0,"created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z"}]`
	for name, touch := range map[string]func(t *testing.T, h *house, was os.FileInfo){
		"removed": func(t *testing.T, h *house, was os.FileInfo) { must(t, os.Remove(h.Path())) },
		"written in place, as long as it was": func(t *testing.T, h *house, was os.FileInfo) {
			must(t, os.WriteFile(h.Path(), []byte(h.bytes(t)), 0o600))
			must(t, os.Chtimes(h.Path(), was.ModTime(), was.ModTime().Add(time.Second)))
		},
		"written in place, at the same time": func(t *testing.T, h *house, was os.FileInfo) {
			must(t, os.WriteFile(h.Path(), []byte(h.bytes(t)+"\n"), 0o600))
			must(t, os.Chtimes(h.Path(), was.ModTime(), was.ModTime()))
		},
		"replaced by one that is as long and as old": func(t *testing.T, h *house, was os.FileInfo) {
			h.write(t, h.bytes(t))
			must(t, os.Chtimes(h.Path(), was.ModTime(), was.ModTime()))
		},
	} {
		h := newHouse(t)
		if !h.Untouched() {
			t.Fatal("there never was a file, and it seems to be touched")
		}
		h.write(t, theirs)
		if h.Untouched() {
			t.Error("there is a file now, and it seems to be untouched")
		}
		must(t, h.Check(t.Context()))
		if !h.Untouched() {
			t.Error("it was taken in, and seems to be touched")
		}
		was, err := os.Stat(h.Path())
		must(t, err)
		if touch(t, h, was); h.Untouched() {
			t.Errorf("%s: it seems to be untouched", name)
		}
	}
}

// The order is palace first, file second: red when the file is written
// although the commit failed, and when a failed file takes the change back.
func TestAFileThatCannotBeWrittenDoesNotLoseTheChange(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	old := h.bytes(t)
	h.file.disk = &failing{disk: osDisk{}, at: 1, err: syscall.ENOSPC, forever: true, exchange: true}
	err := h.change(t, func(l *goals.List) error { _, err := l.Rename(1, "call father", day); return err })
	if !errors.Is(err, store.ErrFileBehind) || !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("Update = %v; want ErrFileBehind and its cause", err)
	}
	if h.truth.List().Number(1).Description != "call father" {
		t.Error("the palace lost the change")
	}
	if h.bytes(t) != old {
		t.Error("the file changed all the same")
	}
	h.file.disk = osDisk{}
	must(t, h.Check(t.Context()))
	h.inLine(t)
}

func TestAFailedCommitLeavesTheFileAlone(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	old := h.bytes(t)
	boom := errors.New("boom")
	if err := h.change(t, func(l *goals.List) error { _, _ = l.Rename(1, "call father", day); return boom }); !errors.Is(err, boom) {
		t.Fatalf("Update = %v", err)
	}
	if h.bytes(t) != old {
		t.Error("the file changed without a commit")
	}
}

// A crash between commit and file is healed by the next start.
func TestAFileThatIsBehindIsBroughtUpToDateAtStart(t *testing.T) {
	root := t.TempDir()
	h := openHouse(t, root)
	must(t, h.Start(t.Context()))
	h.add(t, "call mother")
	must(t, h.truth.Update(t.Context(), store.Origin{Key: "k", At: day}, func(tx store.Tx) error {
		_, err := tx.List().Add(goals.Draft{Description: "buy milk"}, "g-00000002", day)
		return err
	}))
	must(t, os.WriteFile(filepath.Join(root, "sm", tempPrefix+newVersion+"1.2"), []byte("[\n  {"), 0o600))
	must(t, h.truth.Close())

	h = openHouse(t, root)
	var said strings.Builder
	h.log = slog.New(slog.NewTextHandler(&said, nil))
	must(t, h.Start(t.Context()))
	h.inLine(t)
	if left, _ := filepath.Glob(filepath.Join(root, "sm", tempPrefix+"*")); len(left) > 0 || strings.Contains(said.String(), "level=WARN") {
		t.Errorf("left over: %v; warned: %s", left, &said)
	}
}

func TestRestoreKeepsWhatDidNotLoad(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"malformed": func(t *testing.T, path string) { must(t, os.WriteFile(path, []byte("]"), 0o600)) },
		"directory": func(t *testing.T, path string) { must(t, os.Remove(path)); must(t, os.Mkdir(path, 0o700)) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.add(t, "call mother")
			spoil(t, h.Path())
			if err := h.Check(t.Context()); err == nil {
				t.Fatal("Check finds nothing")
			}
			kept, err := h.Restore(t.Context())
			must(t, err)
			if _, err := os.Stat(kept); err != nil || kept == "" {
				t.Errorf("kept as %q: %v", kept, err)
			}
			h.inLine(t)
			must(t, h.Check(t.Context()))
			if left, _ := filepath.Glob(filepath.Join(h.file.Dir(), "*corrupt*")); len(left) != 1 {
				t.Errorf("kept more than once: %v", left)
			}
		})
	}
}

func TestAMissingFileIsReported(t *testing.T) {
	h := newHouse(t)
	must(t, h.Check(t.Context())) // no goals, no file: sound
	h.add(t, "call mother")
	must(t, os.Remove(h.Path()))
	var missing *MissingError
	if err := h.Check(t.Context()); !errors.As(err, &missing) {
		t.Fatalf("Check = %v; want a MissingError", err)
	}
	h.add(t, "buy milk")
	h.inLine(t)
	must(t, h.Check(t.Context()))
	// A person has it written again, and nothing is set aside for that.
	var said strings.Builder
	h.log = slog.New(slog.NewTextHandler(&said, nil))
	must(t, os.Remove(h.Path()))
	if kept, err := h.Restore(t.Context()); err != nil || kept != "" || said.Len() > 0 {
		t.Errorf("Restore = %q, %v; the log says %s", kept, err, &said)
	}
	h.inLine(t)
	// With the last goal gone there is nothing to miss.
	must(t, h.truth.Update(t.Context(), store.Origin{Key: "last", At: day}, func(tx store.Tx) error {
		for range 2 {
			if _, err := tx.List().Delete(tx.List().All()[0].Number); err != nil {
				return err
			}
		}
		return nil
	}))
	must(t, os.Remove(h.Path()))
	must(t, h.Check(t.Context()))
}

// A file without goals says what a palace without goals does, and stays as it is.
func TestAFileWithoutGoalsIsInLineWithNone(t *testing.T) {
	h := newHouse(t)
	h.write(t, string(goaljson.Append(nil, nil)))
	disk := &counting{disk: h.file.disk}
	h.file.disk = disk
	for range 2 {
		must(t, h.Check(t.Context()))
	}
	if disk.replaced != 0 {
		t.Errorf("it was replaced %d times", disk.replaced)
	}
}

// The file is the same in parts and as a whole, however many goals a part has, and
// however many processors there are.
func TestPartsAreTheFile(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for i, n := range []int{0, 1, partGoals, partGoals + 1, 3*partGoals - 1, 3 * partGoals, 7*partGoals + 5, 7*partGoals + 5} {
		runtime.GOMAXPROCS(1 + i%2) // one processor makes it as well
		list := kilobyteGoals(n)
		want := goaljson.Append(nil, list)
		var got []byte
		must(t, encode(list, func(part []byte) error { got = append(got, part...); return nil }))
		if !bytes.Equal(got, want) {
			t.Errorf("%d goals: the parts are not the file", n)
		}
		if c := contentOf(goals.NewList(0, list)); c.hash != hashOf(want) || c.size != int64(len(want)) {
			t.Errorf("%d goals: content is %x, %d", n, c.hash, c.size)
		}
		failed := errors.New("the disk failed")
		if err := encode(list, func([]byte) error { return failed }); err != failed {
			t.Errorf("%d goals: the error is %v", n, err)
		}
	}
}

func TestViewNeedsNeitherFileNorLock(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	disk := &failing{disk: osDisk{}, at: 1, err: syscall.EIO, forever: true}
	h.file.disk = disk
	err := h.Settled(t.Context(), func() error { // while a change holds the lock
		return h.View(context.Background(), func(tx store.Tx) error {
			if tx.List().Len() != 1 {
				t.Error("the goal is not there")
			}
			return nil
		})
	})
	must(t, err)
	if disk.failed != "" {
		t.Errorf("%s: the file was looked at", disk.failed)
	}
	// A disk that failed at the last change is left to the next check, and no answer
	// waits for it.
	if err := h.change(t, func(l *goals.List) error { _, err := l.AddNote(1, "soon", day); return err }); !errors.Is(err, store.ErrFileBehind) {
		t.Errorf("Update = %v", err)
	}
	disk.failed = ""
	must(t, h.Settled(t.Context(), func() error { return nil }))
	if disk.failed != "" {
		t.Errorf("%s: the file was looked at again", disk.failed)
	}
}
