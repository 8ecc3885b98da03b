package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"goalbot/goals"
)

var day = time.Date(2026, time.March, 1, 8, 0, 0, 0, time.UTC)

func goal(n int64, text string) *goals.Goal {
	return &goals.Goal{Number: n, ID: fmt.Sprintf("g-%08x", n), Description: text, Status: goals.Pending, Created: day, Updated: day}
}

func TestNothingIsCreatedBeforeTheFirstSave(t *testing.T) {
	root := filepath.Join(t.TempDir(), "root")
	f := New(root)
	list, err := f.Load()
	if list != nil || err != nil {
		t.Fatalf("Load of a missing file = %v, %v; want nil, nil", list, err)
	}
	if _, err := os.Stat(root); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal("the root was created without a save")
	}
	if want := filepath.Join(root, "sm", "goals.json"); f.Path() != want || f.Dir() != filepath.Dir(want) {
		t.Fatalf("Path, Dir = %s, %s", f.Path(), f.Dir())
	}
}

func TestWhatWasSavedLoads(t *testing.T) {
	f := New(t.TempDir())
	want := []*goals.Goal{goal(1, "call mother"), goal(2, "kauf Öl 🛢 & <brot>")}
	if err := f.Save(want); err != nil {
		t.Fatal(err)
	}
	got, err := f.Load()
	if err != nil {
		t.Fatal(err)
	}
	for i, g := range got {
		g.Number = want[i].Number // the file does not hold it
		if !g.Same(want[i]) {
			t.Errorf("goal %d: %s", i, cmp.Diff(want[i], g))
		}
	}
	only(t, f, "goals.json")
	if err := f.Save(nil); err != nil {
		t.Fatal(err)
	}
	if list, err := f.Load(); list == nil || len(list) != 0 || err != nil {
		t.Fatalf("an empty list loads as %v, %v; want empty and not nil", list, err)
	}
}

func TestAMalformedFileIsATypedError(t *testing.T) {
	f := New(t.TempDir())
	must(t, os.MkdirAll(f.Dir(), 0o700))
	// encoding/json would take "null" for an empty list, and Decoder.Decode
	// would not see what follows the first value.
	for _, text := range []string{"", "null", "{}", "[]x", "[] []", "[\x00]", "\xef\xbb\xbf[]", `[{"id":"g-1"}]`, `[{"ID":"x"}]`} {
		must(t, os.WriteFile(f.Path(), []byte(text), 0o600))
		_, err := f.Load()
		var bad *SerdeError
		if !errors.As(err, &bad) || bad.Err.Line < 1 {
			t.Errorf("Load of %q = %v; want a SerdeError with a line", text, err)
		}
	}
}

func TestTheModeOfTheFileIsKept(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	f := New(t.TempDir())
	must(t, f.Save(nil))
	mode := func() fs.FileMode {
		info, err := os.Stat(f.Path())
		must(t, err)
		return info.Mode().Perm()
	}
	if mode() != 0o600 {
		t.Errorf("a new file has mode %o; goals are private", mode())
	}
	must(t, os.Chmod(f.Path(), 0o640))
	must(t, f.Save(nil))
	if mode() != 0o640 {
		t.Errorf("the mode became %o; it was 640", mode())
	}
}

func TestLeftoversAreRemovedAndNothingElse(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	now, err := os.ReadFile(h.Path())
	must(t, err)
	for name, data := range map[string]string{
		".goals.json.tmp.1.2": "", ".goals.json.tmp.1.3": string(now), ".goals.json.tmp.new.1.4": string(now[:9]) + "\x00\x00",
		".goals.json.tmp.99.ffff.old": string(now), ".goals.json.tmp.alerts.json.1.2": "{",
		"goals.json.corrupt-20260101T000000Z": "", "notes.txt": "",
	} {
		must(t, os.WriteFile(filepath.Join(h.file.Dir(), name), []byte(data), 0o600))
	}
	must(t, h.Start(t.Context()))
	only(t, h.file, "goals.json", "goals.json.corrupt-20260101T000000Z", "notes.txt", "palace.db", "palace.db-shm", "palace.db-wal", "palace.id")
	if len(h.notes.merged)+len(h.notes.kept) > 0 {
		t.Errorf("the owner is told of %+v", h.notes)
	}
}

func TestQuarantineKeepsEveryVersion(t *testing.T) {
	f := New(t.TempDir())
	if kept, err := f.Quarantine(day); kept != "" || err != nil {
		t.Fatalf("without a file: %q, %v", kept, err)
	}
	for i, text := range []string{"first", "second", "third"} {
		must(t, os.MkdirAll(f.Dir(), 0o700))
		must(t, os.WriteFile(f.Path()+"-", []byte(text), 0o600))
		must(t, os.Rename(f.Path()+"-", f.Path()))
		kept, err := f.Quarantine(day)
		must(t, err)
		want := f.Path() + ".corrupt-20260301T080000Z"
		if i > 0 {
			want += fmt.Sprintf("-%d", i+1)
		}
		if data, _ := os.ReadFile(kept); kept != want || string(data) != text {
			t.Errorf("kept %q as %s; want %q as %s", data, kept, text, want)
		}
		if _, err := os.Stat(f.Path()); err != nil {
			t.Error("readers find no file while it is set aside")
		}
	}
}

func TestAPlantedLinkIsNotFollowed(t *testing.T) {
	// Red without O_EXCL in osDisk.Create.
	f := New(t.TempDir())
	victim := filepath.Join(t.TempDir(), "victim")
	must(t, os.WriteFile(victim, []byte("precious"), 0o600))
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(victim, link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Skip("symbolic links are not told from files here:", err) // by Wine
	}
	f.disk = planter{osDisk{}, victim}
	err := f.Save(nil)
	if data, _ := os.ReadFile(victim); string(data) != "precious" {
		t.Fatalf("the file behind the planted link holds %q", data)
	}
	if !errors.Is(err, fs.ErrExist) {
		t.Fatalf("Save = %v; want that the name exists", err)
	}
}

// planter puts a link at every name that is about to be created.
type planter struct {
	osDisk
	victim string
}

func (p planter) Create(path string) (tempFile, error) {
	_ = os.Symlink(p.victim, path)
	return p.osDisk.Create(path)
}

// TestAnyFailureLeavesTheOldFileOrTheNew lets the first, second, third …
// operation of a save fail, with every error that a disk gives, once and from
// then on, until a save goes through untouched.
func TestAnyFailureLeavesTheOldFileOrTheNew(t *testing.T) {
	before, after := []*goals.Goal{goal(1, "old")}, []*goals.Goal{goal(1, "new"), goal(2, "more")}
	for _, errno := range []syscall.Errno{syscall.ENOSPC, syscall.EIO, syscall.EACCES, syscall.EROFS, syscall.EBUSY} {
		for _, forever := range []bool{false, true} {
			for _, exchange := range []bool{false, true} {
				for n := 1; ; n++ {
					f := New(t.TempDir())
					must(t, f.Save(before))
					bad := &failing{disk: osDisk{}, at: n, err: errno, forever: forever, exchange: exchange}
					f.disk = bad
					err := f.Save(after)
					f.disk = osDisk{}
					name := fmt.Sprintf("%v at operation %d (%s), forever %v, exchange %v", errno, n, bad.failed, forever, exchange)

					list, lerr := f.Load()
					if lerr != nil {
						t.Fatalf("%s: the file does not load: %v", name, lerr)
					}
					var ioErr *IOError
					switch {
					case err != nil && !errors.As(err, &ioErr):
						t.Errorf("%s: error %T is not typed", name, err)
					case err != nil && !errors.Is(err, errno):
						t.Errorf("%s: error %v does not hold the cause", name, err)
					case err != nil && len(list) != len(before):
						t.Errorf("%s: Save failed and the file is the new one", name)
					case err == nil && (bad.failed == "sync" || bad.failed == "close"):
						t.Errorf("%s: Save succeeded with what may never reach the disk", name)
					case err == nil && len(list) != len(after):
						t.Errorf("%s: Save succeeded and the file is the old one", name)
					}
					if !forever { // a disk on which nothing can be removed keeps its leftovers
						if bad.failed == "remove" {
							f.tidy()
						}
						only(t, f, "goals.json")
					}
					if bad.failed == "" {
						break
					}
				}
			}
		}
	}
}

// TestTheFileIsSyncedBeforeItIsRenamed is red without the sync, with the
// rename before it, and with a write after it.
func TestTheFileIsSyncedBeforeItIsRenamed(t *testing.T) {
	for _, exchange := range []bool{false, true} {
		f := New(t.TempDir())
		must(t, f.Save(nil))
		order := &ordered{disk: osDisk{}, exchange: exchange}
		f.disk = order
		must(t, f.Save([]*goals.Goal{goal(1, "call mother")}))
		got := strings.Join(order.done, " ")
		if want := "create write chmod sync close name replace"; got != want {
			t.Errorf("operations: %s; want %s", got, want)
		}
	}
}

type ordered struct {
	disk
	exchange bool
	done     []string
}

func (d *ordered) Create(path string) (tempFile, error) {
	d.done = append(d.done, "create")
	f, err := d.disk.Create(path)
	return &orderedFile{f, d}, err
}

func (d *ordered) Exchange(a, b string) error {
	if !d.exchange {
		return errors.ErrUnsupported
	}
	err := d.disk.Exchange(a, b)
	if err == nil {
		d.done = append(d.done, "replace")
	}
	return err
}

func (d *ordered) Rename(a, b string) error {
	d.done = append(d.done, map[bool]string{true: "name", false: "replace"}[isTemp(b)])
	return d.disk.Rename(a, b)
}

type orderedFile struct {
	tempFile
	disk *ordered
}

func (f *orderedFile) Write(b []byte) (int, error) {
	f.disk.done = append(f.disk.done, "write")
	return f.tempFile.Write(b)
}

func (f *orderedFile) Chmod(mode fs.FileMode) error {
	f.disk.done = append(f.disk.done, "chmod")
	return f.tempFile.Chmod(mode)
}

func (f *orderedFile) Sync() error {
	f.disk.done = append(f.disk.done, "sync")
	return f.tempFile.Sync()
}

func (f *orderedFile) Close() error {
	f.disk.done = append(f.disk.done, "close")
	return f.tempFile.Close()
}

// TestReadersNeverSeeAPiece has readers poll as fast as they can while a
// writer saves again and again: each sees a whole file, always, and never none.
func TestReadersNeverSeeAPiece(t *testing.T) {
	saves := 1000
	if *deep {
		saves = 10_000
	}
	f := New(t.TempDir())
	f.disk = unsynced{osDisk{}} // what readers see does not depend on the sync, and takes long
	versions := [][]*goals.Goal{{goal(1, "one")}, {goal(1, "one"), goal(2, strings.Repeat("long ", 2000))}, {}}
	must(t, f.Save(versions[0]))
	var stop atomic.Bool
	var reads atomic.Int64
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			mine := New(filepath.Dir(f.Dir()))
			for !stop.Load() {
				list, err := mine.Load()
				if err != nil || list == nil {
					t.Errorf("a reader saw %v, %v", list, err)
					return
				}
				reads.Add(1)
				if runtime.GOOS == "windows" { // nothing can be replaced that somebody reads
					time.Sleep(5 * time.Millisecond)
				}
			}
		})
	}
	for i := range saves {
		if err := f.Save(versions[i%len(versions)]); err != nil {
			t.Error(err)
			break
		}
	}
	stop.Store(true)
	readers.Wait()
	t.Logf("%d saves, %d reads", saves, reads.Load())
}

type unsynced struct{ osDisk }

func (d unsynced) Create(path string) (tempFile, error) {
	f, err := d.osDisk.Create(path)
	return unsyncedFile{f}, err
}

type unsyncedFile struct{ tempFile }

func (unsyncedFile) Sync() error { return nil }

// only checks what stands in the file's directory.
func only(t *testing.T, f *File, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(f.Dir())
	must(t, err)
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the directory holds other files (-want +got):\n%s", d)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// unlinkable is a disk on which a link fails, as from a mount into another.
type unlinkable struct {
	disk
	err error
}

func (d unlinkable) Link(from, to string) error {
	return &os.LinkError{Op: "link", Old: from, New: to, Err: d.err}
}

func TestAFileThatIsMountedByItselfIsReported(t *testing.T) {
	f := New(t.TempDir())
	must(t, f.Replaceable()) // there is none
	must(t, f.Save(nil))
	must(t, f.Replaceable())
	only(t, f, "goals.json")
	f.disk = unlinkable{osDisk{}, syscall.EXDEV}
	var ioErr *IOError
	if err := f.Replaceable(); !errors.As(err, &ioErr) || !strings.Contains(err.Error(), "mount the directory that holds it instead") {
		t.Errorf("Replaceable = %v; want that it says what to do", err)
	}
	// Without links it can be replaced all the same.
	for _, err := range []error{syscall.EPERM, syscall.EIO, errors.ErrUnsupported} {
		f.disk = unlinkable{osDisk{}, err}
		must(t, f.Replaceable())
	}
	only(t, f, "goals.json")
}
