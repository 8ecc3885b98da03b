package cache

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/palace"
	"goalbot/store"
)

// An error that comes after the file was replaced: what stood there is handed
// over all the same, as it may be somebody else's.
func TestAnErrorThatComesAfterItWasDone(t *testing.T) {
	for _, exchange := range []bool{true, false} {
		f := New(t.TempDir())
		must(t, f.Save([]*goals.Goal{goal(1, "theirs")}))
		moved := 0 // how often a file got another name
		for at := 1; ; at++ {
			bad := &failing{disk: osDisk{}, at: at, err: syscall.EIO, exchange: exchange, late: true}
			f.disk = bad
			_, old, err := f.replace(onePart([]byte("[]")))
			if bad.failed == "" {
				break
			}
			if bad.failed == "exchange" || bad.failed == "rename" {
				moved++
				data, rerr := os.ReadFile(old)
				if err != nil || !strings.Contains(string(data), "theirs") {
					t.Errorf("%s: %v; what stood there is %q, %v", bad.failed, err, data, rerr)
				}
				if moved == 2 { // and nobody can look whether it was done: that is an error
					f.disk = osDisk{}
					f.discard(old)
					must(t, f.Save([]*goals.Goal{goal(1, "theirs")}))
					f.disk = &failing{disk: osDisk{}, at: at, times: 2, err: syscall.EIO, exchange: exchange, late: true}
					_, old, err = f.replace(onePart([]byte("[]")))
					data, rerr := os.ReadFile(old)
					if err == nil || !strings.Contains(string(data), "theirs") {
						t.Errorf("%s, and no look: %v; what stood there is %q, %v", bad.failed, err, data, rerr)
					}
				}
			}
			f.discard(old)
			must(t, os.WriteFile(f.Path(), goaljson.Append(nil, []*goals.Goal{goal(1, "theirs")}), 0o600))
		}
		if moved != 2 {
			t.Errorf("exchange %v: %d operations gave a file another name", exchange, moved)
		}
	}
}

// A link that is made and reported as failed keeps the file, and no other is made.
func TestALinkThatFailsAfterItWasMadeKeepsTheFileOnce(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	for at := 1; ; at++ {
		for _, path := range h.keptFiles(t) {
			must(t, os.Remove(path))
		}
		h.write(t, malformed)
		bad := &failing{disk: osDisk{}, at: at, err: syscall.EIO, late: true}
		h.file.disk = bad
		kept, err := h.file.Quarantine(day)
		if bad.failed == "" {
			t.Fatal("nothing is linked")
		}
		if bad.failed != "link" {
			continue
		}
		if all := h.keptFiles(t); err != nil || len(all) != 1 || all[0] != kept {
			t.Errorf("kept as %q, %v; there are %v", kept, err, all)
		}
		return
	}
}

// The disk has no links, so what is kept is renamed, and an error comes after it was done.
func TestARenameThatFailsAfterItWasDoneKeepsTheFile(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	for at := 1; ; at++ {
		h.write(t, malformed)
		bad := &failing{disk: osDisk{}, at: at, err: syscall.EIO, late: true, linkless: true}
		h.file.disk = bad
		kept, err := h.file.Quarantine(day)
		if bad.failed == "" {
			t.Fatal("nothing is renamed")
		}
		if bad.failed == "rename" {
			if data, rerr := os.ReadFile(kept); err != nil || string(data) != malformed {
				t.Errorf("kept as %q, %v: %q, %v", kept, err, data, rerr)
			}
			return
		}
		for _, path := range h.keptFiles(t) {
			must(t, os.Remove(path))
		}
	}
}

// blind is a disk on which what is kept cannot be looked at.
type blind struct{ disk }

func (d blind) Lstat(path string) (os.FileInfo, error) {
	if strings.HasPrefix(filepath.Base(path), keptPrefix) {
		return nil, syscall.EIO
	}
	return d.disk.Lstat(path)
}

// What was kept stays kept though nobody can look at it, and a file that cannot be
// looked at is not moved.
func TestWhatCannotBeLookedAt(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	h.write(t, malformed)
	h.file.disk = blind{osDisk{}}
	kept, err := h.file.Quarantine(day)
	if data, rerr := os.ReadFile(kept); err != nil || string(data) != malformed {
		t.Errorf("kept as %q, %v: %q, %v", kept, err, data, rerr)
	}
	h.file.disk = &failing{disk: osDisk{}, at: 1, err: syscall.EIO}
	if kept, err := h.file.Quarantine(day); err == nil || h.bytes(t) != malformed {
		t.Errorf("kept as %q, %v", kept, err)
	}
}

// Where files cannot be exchanged, a link shows what is replaced. A disk that is full or
// broken makes none, and then nothing is replaced: it may be somebody else's news.
func TestWithoutALookAtItNothingIsReplaced(t *testing.T) {
	f := New(t.TempDir())
	for _, why := range []error{syscall.EIO, syscall.ENOSPC, syscall.EROFS} {
		must(t, f.Save([]*goals.Goal{goal(1, "theirs")}))
		f.disk = unlinked{osDisk{}, why}
		err := f.Save(nil)
		if list, lerr := New(f.root).Load(); !errors.Is(err, why) || len(list) != 1 || lerr != nil {
			t.Errorf("%v: Save = %v; the file has %d goals, %v", why, err, len(list), lerr)
		}
		only(t, f, fileName)
		f.disk = osDisk{}
	}
}

// unlinked is a disk that exchanges nothing, and says of every link that it failed.
type unlinked struct {
	disk
	why error
}

func (d unlinked) Link(from, to string) error    { return errors.Join(os.Link(from, to), d.why) }
func (d unlinked) Exchange(string, string) error { return errors.ErrUnsupported }

// Somebody replaces the file right before we do, and the exchange fails after it was
// done: their news is taken in once the disk is well again.
func TestWhatWasExchangedInDoubtIsTakenIn(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	theirs := h.truth.List()
	_, err := theirs.Add(goals.Draft{Description: "theirs"}, "theirs", day)
	must(t, err)
	bad := &failing{disk: osDisk{}, at: math.MaxInt, times: 2, err: syscall.EIO, exchange: true, late: true}
	bad.swapping = func() {
		h.write(t, string(goaljson.Append(nil, theirs.All())))
		bad.at = bad.count + 1 // the exchange, and the look whether it was done
	}
	h.file.disk = bad
	err = h.change(t, func(l *goals.List) error { _, err := l.AddNote(1, "hello", day); return err })
	if !errors.Is(err, store.ErrFileBehind) || bad.failed != "exchange" {
		t.Errorf("Update = %v; the first that failed is %q", err, bad.failed)
	}
	h.file.disk = osDisk{}
	must(t, h.Check(t.Context()))
	if h.truth.List().ID("theirs") == nil {
		t.Error("what others wrote is lost")
	}
	h.inLine(t)
}

// uncreatable is a disk on which nothing new can be made.
type uncreatable struct {
	disk
	instead func() // runs where something should be made; may be nil
}

func (d uncreatable) Create(string) (tempFile, error) {
	if d.instead != nil {
		d.instead()
	}
	return nil, syscall.ENOSPC
}

// A file that did not load is kept when another one takes its place, and not as
// long as it stands there itself.
func TestWhatCouldNotBeReplacedIsNotKeptYet(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	h.write(t, malformed)
	h.file.disk = uncreatable{disk: osDisk{}}
	for range 3 {
		if err := h.change(t, func(l *goals.List) error { _, err := l.AddNote(1, "hello", day); return err }); !errors.Is(err, store.ErrFileBehind) {
			t.Fatalf("Update = %v", err)
		}
		if kept := h.keptFiles(t); len(kept)+len(h.notes.kept) > 0 || h.bytes(t) != malformed {
			t.Fatalf("kept %v, told %v", kept, h.notes.kept)
		}
	}
	h.file.disk = osDisk{}
	h.add(t, "buy milk")
	if kept := h.keptFiles(t); len(kept) != 1 || len(h.notes.kept) != 1 {
		t.Errorf("kept %v, told %v", kept, h.notes.kept)
	}
	h.inLine(t)
	// One that somebody else replaces just then stands nowhere else: it stays kept.
	const gone = "[["
	h.write(t, gone)
	h.file.disk = uncreatable{disk: osDisk{}, instead: func() { h.write(t, malformed) }}
	if err := h.change(t, func(l *goals.List) error { _, err := l.AddNote(1, "hello", day); return err }); !errors.Is(err, store.ErrFileBehind) {
		t.Fatalf("Update = %v", err)
	}
	kept := h.keptFiles(t)
	if data, err := os.ReadFile(kept[len(kept)-1]); len(kept) != 2 || string(data) != gone {
		t.Errorf("kept %v: %q, %v", kept, data, err)
	}
	h.file.disk = osDisk{}
	h.add(t, "call father")
	h.inLine(t)
	if len(h.notes.kept) != 3 || h.notes.kept[1] != kept[1] {
		t.Errorf("told %v", h.notes.kept)
	}
}

// What was kept and cannot be told to the owner stands in the log.
func TestWhatIsKeptAndCannotBeToldIsLogged(t *testing.T) {
	for _, broken := range []error{nil, store.ErrFull} {
		h := newHouse(t)
		h.add(t, "call mother")
		var said strings.Builder
		h.log = slog.New(slog.NewTextHandler(&said, nil))
		h.write(t, malformed)
		h.notes.broken = broken
		h.add(t, "buy milk")
		h.inLine(t)
		kept := h.keptFiles(t)
		if len(kept) != 1 || strings.Count(said.String(), "kept="+kept[0]) < 1 || strings.Contains(said.String(), "could not report") != (broken != nil) {
			t.Errorf("%v: kept %v; the log says %s", broken, kept, &said)
		}
	}
}

// swapper puts another file in the place of one that is about to be linked.
type swapper struct {
	disk
	other string
}

func (s swapper) Link(from, to string) error {
	_ = os.Remove(from)
	if err := os.Link(s.other, from); err != nil {
		return err
	}
	return s.disk.Link(from, to)
}

// What is put there between the look and the link is not kept as ours.
func TestWhatIsSwappedBeforeItIsKeptIsNotKept(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	h.write(t, malformed)
	other := filepath.Join(t.TempDir(), "other")
	must(t, os.WriteFile(other, []byte("secret"), 0o600))
	h.file.disk = swapper{osDisk{}, other}
	if _, err := h.file.Quarantine(day); err == nil {
		t.Error("Quarantine says nothing")
	}
	if kept := h.keptFiles(t); len(kept) > 0 {
		t.Errorf("kept %v", kept)
	}
}

// fleeting is a disk on which a file is gone after the first look at it.
type fleeting struct {
	disk
	path string
}

func (d fleeting) Lstat(path string) (os.FileInfo, error) {
	info, err := d.disk.Lstat(path)
	if path == d.path {
		_ = os.Remove(path)
	}
	return info, err
}

// A version that was replaced and that somebody removes before it is read says nothing,
// least of all that every goal was removed.
func TestAReplacedVersionThatIsGoneSaysNothing(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	path := filepath.Join(h.file.Dir(), tempPrefix+"1.2")
	must(t, os.WriteFile(path, []byte("[]"), 0o600))
	h.file.disk = fleeting{osDisk{}, path}
	h.Mirror.palace = &meanwhile{h.truth, func() { t.Error("it is merged") }}
	if h.takeInReplaced(t.Context(), unmergedVersion{path: path, held: h.held()}) || len(h.notes.merged) > 0 || len(h.unmerged) > 0 {
		t.Errorf("told of %+v; to be read again: %v", h.notes.merged, h.unmerged)
	}
}

// unreadable is a palace that cannot be read for the moment.
type unreadable struct {
	*palace.Palace
	err error
}

func (p *unreadable) View(ctx context.Context, f func(store.Tx) error) error {
	if p.err != nil {
		return p.err
	}
	return p.Palace.View(ctx, f)
}

// While the database cannot be read, a check compares the file with the list in memory
// and says so in the log, unless the check itself was to end.
func TestACheckWithoutTheDatabaseSaysSo(t *testing.T) {
	h := newHouse(t)
	truth := &unreadable{Palace: h.truth}
	var said strings.Builder
	h.Mirror = NewMirror(truth, New(h.root), h.notes, slog.New(slog.NewTextHandler(&said, nil)), time.Now)
	must(t, h.Start(t.Context()))
	h.add(t, "call mother")
	must(t, h.Check(t.Context()))
	if said.Len() > 0 {
		t.Errorf("with a sound database the log says %s", &said)
	}
	truth.err = syscall.EIO
	must(t, h.Check(t.Context()))
	if n := strings.Count(said.String(), "the bot's database cannot be read"); n != 1 || !strings.Contains(said.String(), syscall.EIO.Error()) {
		t.Errorf("the log says %s", &said)
	}
	said.Reset()
	ended, end := context.WithCancel(t.Context())
	end()
	h.renew(ended)
	if said.Len() > 0 {
		t.Errorf("at the end the log says %s", &said)
	}
}

// After a commit that failed, what others wrote must be read again. Where it cannot be,
// nothing is changed and nothing taken in: it would be forgotten what they had seen.
func TestNothingIsChangedWhileItIsNotKnownWhatOthersWrote(t *testing.T) {
	h := newHouse(t)
	truth := &unreadable{Palace: h.truth}
	h.Mirror = NewMirror(truth, New(h.root), h.notes, slog.New(slog.DiscardHandler), time.Now)
	must(t, h.Start(t.Context()))
	h.add(t, "call mother")
	before := h.bytes(t)
	failed := errors.New("failed")
	rename := func(err error) error {
		return h.change(t, func(l *goals.List) error {
			_, rerr := l.Rename(1, "call father", day)
			return errors.Join(rerr, err)
		})
	}
	if err := rename(failed); !errors.Is(err, failed) {
		t.Fatalf("Update = %v", err)
	}
	truth.err = syscall.EIO
	if err := rename(nil); !errors.Is(err, syscall.EIO) || h.bytes(t) != before {
		t.Errorf("Update = %v; the file says %s", err, h.bytes(t))
	}
	h.write(t, strings.Replace(before, "mother", "aunt", 1))
	if err := h.Check(t.Context()); !errors.Is(err, syscall.EIO) || len(h.notes.merged) > 0 {
		t.Errorf("Check = %v; told %+v", err, h.notes.merged)
	}
	truth.err = nil
	must(t, h.Check(t.Context()))
	h.inLine(t)
	if list := h.truth.List(); list.Number(1).Description != "call aunt" {
		t.Errorf("the goal is %+v", list.Number(1))
	}
}

// oddly panics over what is to be reported.
type oddly struct{ Reporter }

func (oddly) Merged(store.Tx, goals.Merged, string) error { panic("an odd goal") }

// A panic over what stands in the file ended the program at every start, before
// there was anything that could tell of it. Red without the recover in Start.
func TestAPanicOverTheFileDoesNotKeepTheProgramFromStarting(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	theirs := h.truth.List()
	_, err := theirs.Add(goals.Draft{Description: "theirs"}, "theirs", day)
	must(t, err)
	h.write(t, string(goaljson.Append(nil, theirs.All())))
	h.Mirror = NewMirror(h.truth, New(h.root), oddly{h.notes}, slog.New(slog.DiscardHandler), time.Now)
	if err := h.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "an odd goal") {
		t.Errorf("Start returns %v", err)
	}
	h.report = h.notes
	must(t, h.Check(t.Context()))
	if h.truth.List().ID("theirs") == nil {
		t.Error("what others wrote is not taken in later")
	}
}
