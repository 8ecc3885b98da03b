package cache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"goalbot/goals"
	"goalbot/store"
)

// What is tested here: that nothing is left open, left over or left untold.

// counted is a disk that counts the files that are open.
type counted struct {
	disk
	open, opened int
}

func (d *counted) Open(path string) (openFile, error) {
	f, err := d.disk.Open(path)
	if err != nil {
		return nil, err
	}
	d.open, d.opened = d.open+1, d.opened+1
	return countedFile{f, d}, nil
}

type countedFile struct {
	openFile
	of *counted
}

func (f countedFile) Close() error {
	f.of.open--
	return f.openFile.Close()
}

// Whatever is read is closed.
func TestNothingStaysOpen(t *testing.T) {
	h := newHouse(t)
	disk := &counted{disk: osDisk{}}
	h.file.disk = disk
	h.add(t, "call mother")
	h.add(t, "buy milk")
	if disk.opened > 0 {
		t.Errorf("for a change %d files are read, though nobody touched any", disk.opened)
	}
	must(t, h.Check(t.Context()))
	h.write(t, strings.Replace(h.bytes(t), "mother", "father", 1))
	must(t, h.Check(t.Context()))
	for range 2 { // the second is compared with the first
		h.write(t, malformed)
		_, err := h.file.Quarantine(day)
		must(t, err)
	}
	s := NewStateFile(h.root, "alerts.json")
	s.file.disk = disk
	must(t, s.Save([]byte("{}")))
	data, err := s.Load()
	if string(data) != "{}" || err != nil || disk.opened < 6 || disk.open != 0 {
		t.Errorf("of %d files %d are open; the state is %s, %v", disk.opened, disk.open, data, err)
	}
}

// unremovable is a disk from which nothing can be removed for now.
type unremovable struct{ disk }

func (unremovable) Remove(string) error { return syscall.EBUSY }

// A temporary file that could not be removed goes at the next look.
func TestWhatCouldNotBeRemovedGoesLater(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	s := NewStateFile(h.root, "alerts.json")
	must(t, s.Save([]byte("{}")))
	h.file.disk, s.file.disk = unremovable{osDisk{}}, unremovable{osDisk{}}
	h.add(t, "buy milk")
	must(t, s.Save([]byte("[]")))
	left := func() []string {
		paths, err := filepath.Glob(filepath.Join(h.file.Dir(), tempPrefix+"*"))
		must(t, err)
		return paths
	}
	if n := len(left()); n != 2 {
		t.Fatalf("%d files are left, want 2", n)
	}
	h.file.disk, s.file.disk = osDisk{}, osDisk{}
	must(t, h.Check(t.Context()))
	must(t, s.Save([]byte("{}")))
	if left := left(); len(left) > 0 {
		t.Errorf("left over: %q", left)
	}
	// What is left of another file is not taken for a goals.json at the next start.
	s.file.disk = unremovable{osDisk{}}
	must(t, s.Save([]byte("{}")))
	if n := len(left()); n != 1 {
		t.Fatalf("%d files are left, want 1", n)
	}
	h = h.reopen(t)
	if left := left(); len(left)+len(h.notes.kept)+len(h.notes.merged) > 0 {
		t.Errorf("left over: %q; told: %+v", left, h.notes)
	}
}

// Of the versions that were to be replaced only the last few are remembered.
func TestFewVersionsAreRemembered(t *testing.T) {
	h := newHouse(t)
	for i := range keptOurs + 2 {
		h.add(t, fmt.Sprint("goal ", i))
	}
	if n := len(h.bases.ours); n != keptOurs {
		t.Errorf("%d versions are in memory, want %d", n, keptOurs)
	}
	must(t, h.truth.View(t.Context(), func(tx store.Tx) error {
		value, err := tx.Record(store.ReplacedRecord, fileName)
		if n := len(parseHashes(value)); n != keptHashes {
			t.Errorf("%d versions are remembered, want %d", n, keptHashes)
		}
		return err
	}))
}

// What the hash of some bytes is stands in databases, and both of its halves tell
// versions apart.
func TestTheHashOfAFile(t *testing.T) {
	if got := fmt.Sprintf("%016x", hashOf([]byte("[]"))); got != "764dbd760d4cbb29" {
		t.Errorf("it is %s", got)
	}
}

// illegible is a disk on which versions that were replaced cannot be read.
type illegible struct{ disk }

func (d illegible) Open(path string) (openFile, error) {
	if strings.HasPrefix(filepath.Base(path), tempPrefix) {
		return nil, syscall.EIO
	}
	return d.disk.Open(path)
}

// What others wrote right before the file was replaced, and what could not be read just
// then, is read at the next look.
func TestWhatCouldNotBeReadIsReadLater(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	h.add(t, "buy milk")
	theirs := strings.Replace(h.bytes(t), "milk", "bread", 1)
	h.file.disk = &failing{disk: illegible{osDisk{}}, exchange: true, swapping: func() { h.write(t, theirs) }}
	must(t, h.change(t, func(l *goals.List) error { _, err := l.Begin(1, day); return err }))
	h.file.disk = osDisk{}
	must(t, h.Check(t.Context()))
	h.inLine(t)
	list := h.truth.List()
	if list.Number(1).Status != goals.InProgress || list.Number(2).Description != "buy bread" {
		t.Errorf("the goals are %+v and %+v", list.Number(1), list.Number(2))
	}
}

// What can never be read is not looked at for ever: it is set aside, and that is told.
func TestWhatCanNeverBeReadIsSetAside(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	theirs := strings.Replace(h.bytes(t), "mother", "father", 1)
	h.file.disk = &failing{disk: illegible{osDisk{}}, at: 1 << 30, exchange: true, swapping: func() { h.write(t, theirs) }}
	for looks := 1; len(h.notes.kept) == 0; looks++ {
		if looks > maxTries {
			t.Fatalf("after %d looks it is not set aside", looks)
		}
		if looks == 1 {
			h.add(t, "buy milk")
		} else {
			must(t, h.Check(t.Context()))
		}
	}
	kept := h.keptFiles(t)
	if data, err := os.ReadFile(kept[0]); len(kept) != 1 || kept[0] != h.notes.kept[0] || string(data) != theirs {
		t.Errorf("kept %q, told %q: %s, %v", kept, h.notes.kept, data, err)
	}
	h.inLine(t)
	if left, _ := h.file.leftovers(); len(left) > 0 {
		t.Errorf("left over: %q", left)
	}
}

// While the file cannot be written, one in which an id stands twice is kept once, and
// told once.
func TestAnIDThatStandsTwiceInAFileThatStaysIsToldOnce(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	one := strings.TrimSuffix(strings.TrimPrefix(h.bytes(t), "["), "]")
	h.write(t, "["+strings.Replace(one, "mother", "father", 1)+","+one+"]")
	h.file.disk = uncreatable{disk: osDisk{}}
	for range 3 {
		if err := h.Check(t.Context()); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("Check = %v", err)
		}
		h.base, h.based = stamp{}, true // as after a touch
	}
	if kept := h.keptFiles(t); len(kept) != 1 || len(h.notes.merged) != 1 {
		t.Errorf("kept %q, told %+v", kept, h.notes.merged)
	}
}

// A link that leads to nothing is a file that is not there yet.
func TestALinkToNothingHoldsNothing(t *testing.T) {
	f := New(t.TempDir())
	must(t, os.Mkdir(f.Dir(), 0o700))
	must(t, os.Symlink("nothing.json", f.Path()))
	if list, err := f.Load(); list != nil || err != nil {
		t.Errorf("Load = %v, %v", list, err)
	}
}

// settling is a reporter that holds something back.
type settling struct {
	*notes
	left  int // how often it has more to tell
	fails error
}

func (s *settling) Settle(store.Tx) (bool, error) {
	s.left--
	return s.left <= 0 || s.fails != nil, s.fails
}

// What the reporter holds back it is asked for until nothing is left, also after an
// error; then no more, until there is something to tell again.
func TestWhatIsHeldBackIsAskedFor(t *testing.T) {
	h := newHouse(t)
	r := &settling{notes: h.notes, left: 3, fails: store.ErrFull}
	h.report, h.settled = r, false
	h.Settle(t.Context())
	r.fails = nil
	for range 3 {
		h.Settle(t.Context())
	}
	if r.left != 0 {
		t.Errorf("it is asked %d times, want 3", 3-r.left)
	}
	h.add(t, "call mother")
	h.write(t, malformed)
	h.add(t, "buy milk") // so that the file is set aside
	h.Settle(t.Context())
	if r.left != -1 || len(h.notes.kept) != 1 {
		t.Errorf("after %v was told it is asked %d times", h.notes.kept, -r.left)
	}
	h.write(t, strings.Replace(h.bytes(t), "mother", "father", 1))
	for range 2 {
		must(t, h.Check(t.Context()))
	}
	if r.left != -2 || len(h.notes.merged) != 1 {
		t.Errorf("after %+v was told it is asked %d times", h.notes.merged, -1-r.left)
	}
}
