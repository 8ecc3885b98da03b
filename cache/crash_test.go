package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

// crash is what a crashing disk panics with.
type crash struct{ before string }

// crashing is a disk whose program dies before its step number at. What the
// death leaves is copied: to killed as it is, and to cut as after a power cut
// that takes what was not synced.
type crashing struct {
	disk
	root        string
	killed, cut string
	at, count   int
	exchange    bool
	unsynced    []fs.FileInfo
	swapping    func() // runs once, right before the file is replaced
}

func (d *crashing) step(name string) {
	if d.count++; d.count != d.at {
		return
	}
	for to, lossy := range map[string]bool{d.killed: false, d.cut: true} {
		if err := d.leave(to, lossy); err != nil {
			panic(err)
		}
	}
	panic(crash{name})
}

func (d *crashing) leave(to string, lossy bool) error {
	from := filepath.Join(d.root, "sm")
	if err := os.MkdirAll(filepath.Join(to, "sm"), 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() || strings.HasSuffix(e.Name(), "-shm") { // shared memory dies with its process
			continue
		}
		data, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err != nil {
			return err
		}
		for _, u := range d.unsynced {
			if lossy && os.SameFile(u, info) {
				data = nil
			}
		}
		if err := os.WriteFile(filepath.Join(to, "sm", e.Name()), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (d *crashing) MkdirAll(dir string, mode fs.FileMode) error {
	d.step("mkdir")
	return d.disk.MkdirAll(dir, mode)
}

func (d *crashing) Create(path string) (tempFile, error) {
	d.step("create")
	f, err := d.disk.Create(path)
	return &crashingFile{f, d}, err
}

func (d *crashing) Link(from, to string) error {
	d.step("link")
	return d.disk.Link(from, to)
}

func (d *crashing) Exchange(a, b string) error {
	if !d.exchange {
		return errors.ErrUnsupported
	}
	if f := d.swapping; f != nil {
		d.swapping = nil
		f()
	}
	d.step("exchange")
	return d.disk.Exchange(a, b)
}

func (d *crashing) Rename(from, to string) error {
	d.step("rename")
	return d.disk.Rename(from, to)
}

func (d *crashing) Remove(path string) error {
	d.step("remove")
	return d.disk.Remove(path)
}

type crashingFile struct {
	tempFile
	disk *crashing
}

func (f *crashingFile) Write(b []byte) (int, error) {
	f.disk.step("write")
	info, err := f.tempFile.Stat()
	if err != nil {
		return 0, err
	}
	f.disk.unsynced = append(f.disk.unsynced, info)
	n, err := f.tempFile.Write(b[:len(b)/2])
	if err != nil {
		return n, err
	}
	f.disk.step("write the rest")
	m, err := f.tempFile.Write(b[n:])
	return n + m, err
}

func (f *crashingFile) Chmod(mode fs.FileMode) error {
	f.disk.step("chmod")
	return f.tempFile.Chmod(mode)
}

func (f *crashingFile) Sync() error {
	f.disk.step("sync")
	err := f.tempFile.Sync()
	f.disk.unsynced = nil // no two files are written at a time
	return err
}

func (f *crashingFile) Close() error {
	f.disk.step("close")
	return f.tempFile.Close()
}

// TestACrashAtAnyStep lets the program die before every step that it takes
// with the file, and the power fail there: the next start has the file in line
// with the palace, tells nobody that another program had been at it, and the
// change, when it comes again, counts once.
//
// Red when the file is written before the palace, renamed before it is synced,
// or when the next start takes our own older version for somebody else's.
func TestACrashAtAnyStep(t *testing.T) {
	add := func(l *goals.List) error {
		_, err := l.Add(goals.Draft{Description: "call mother"}, fmt.Sprintf("g-%08x", l.LastNumber()+1), day)
		return err
	}
	remove := func(l *goals.List) error { _, err := l.Delete(1); return err }
	changes := map[string]struct {
		goals int                       // before it
		do    []func(*goals.List) error // several are made together
		after int
	}{
		"the first goal of all": {0, []func(*goals.List) error{add}, 1},
		"another goal":          {2, []func(*goals.List) error{add}, 3},
		"a goal less":           {2, []func(*goals.List) error{remove}, 1},
		"three changes":         {2, []func(*goals.List) error{add, remove, add}, 3},
	}
	for name, change := range changes {
		for _, exchange := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, exchange %v", name, exchange), func(t *testing.T) {
				t.Parallel()
				for at := 1; ; at++ {
					h := openHouse(t, t.TempDir())
					must(t, h.Start(t.Context()))
					for i := range change.goals {
						must(t, h.Update(t.Context(), store.Origin{Key: fmt.Sprint("before/", i), Name: "test", At: day}, func(tx store.Tx) error {
							_, err := tx.List().Add(goals.Draft{Description: "call father"}, fmt.Sprintf("g-%08x", i+1), day)
							return err
						}))
					}
					disk := &crashing{disk: osDisk{}, root: h.root, killed: t.TempDir(), cut: t.TempDir(), at: at, exchange: exchange}
					h.file.disk = disk
					update := func(h *house) error { return h.together(t, "it", change.do...) }
					step, died := dies(func() { must(t, update(h)) })
					if !died {
						if at < 6 {
							t.Fatalf("there were only %d steps", at-1)
						}
						return
					}
					for how, root := range map[string]string{"killed": disk.killed, "power cut": disk.cut} {
						t.Logf("step %d, before %s, %s", at, step, how)
						again := openHouse(t, root)
						must(t, again.Start(t.Context()))
						if len(again.notes.merged)+len(again.notes.kept) > 0 {
							t.Errorf("the owner is told of somebody else: %+v", again.notes)
						}
						if again.truth.List().Len() > 0 || change.goals > 0 {
							again.inLine(t)
						}
						if err := update(again); err != nil && !errors.Is(err, store.ErrRepeat) {
							t.Error(err)
						}
						if n := again.truth.List().Len(); n != change.after {
							t.Errorf("%d goals; want %d", n, change.after)
						}
						again.inLine(t)
						only(t, again.file, "goals.json", "palace.db", "palace.db-shm", "palace.db-wal", "palace.id")
						must(t, again.truth.Close())
					}
					must(t, h.truth.Close())
				}
			})
		}
	}
}

// TestACrashAfterSomebodyElseWrote lets somebody write the file right before it
// is replaced, and the program die before every step that follows: the next
// start has what they wrote, or it is set aside. Red when leftovers are removed
// without a look.
func TestACrashAfterSomebodyElseWrote(t *testing.T) {
	const newer = `[{"id":"g-theirs","description":"theirs","status":"pending","progress":0,"created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z"}]`
	const edited = `[{"id":"g-00000001","description":"call father","status":"blocked","progress":0,"created":"2026-03-01T08:00:00Z","updated":"2026-03-01T08:00:00Z"}]`
	for _, theirs := range []string{newer, edited, malformed} {
		for at := 1; ; at++ {
			h := openHouse(t, memory(t))
			must(t, h.Start(t.Context()))
			must(t, h.together(t, "before", func(l *goals.List) error {
				_, err := l.Add(goals.Draft{Description: "call father"}, "g-00000001", day)
				return err
			}))
			disk := &crashing{disk: osDisk{}, root: h.root, killed: memory(t), cut: memory(t), at: at, exchange: true}
			disk.swapping = func() { h.write(t, theirs) }
			h.file.disk = disk
			step, died := dies(func() {
				must(t, h.together(t, "it", func(l *goals.List) error { _, err := l.Rename(1, "call mother", day.Add(time.Minute)); return err }))
			})
			must(t, h.truth.Close())
			if !died {
				break
			}
			if disk.swapping != nil {
				continue // they had not written yet
			}
			again := openHouse(t, disk.killed)
			err := again.Start(t.Context())
			found := again.truth.List().ID("g-theirs") != nil || again.truth.List().Number(1).Status == goals.Blocked
			files, gerr := filepath.Glob(again.Path() + "*")
			must(t, gerr)
			for _, path := range files {
				data, rerr := os.ReadFile(path)
				must(t, rerr)
				found = found || string(data) == malformed
			}
			if !found {
				t.Errorf("step %d, before %s: what they wrote is lost; Start = %v", at, step, err)
			}
			told := len(h.notes.merged) + len(again.notes.merged) + len(again.notes.kept) // what was told before is in the palace
			if err == nil && told == 0 {
				t.Errorf("step %d, before %s: nobody is told", at, step)
			}
			if left, _ := filepath.Glob(filepath.Join(again.file.Dir(), tempPrefix+"*")); len(left) > 0 {
				t.Errorf("step %d, before %s: left over: %v", at, step, left)
			}
			must(t, again.truth.Close())
		}
	}
}

// dies runs f and reports before which step the program died in it.
func dies(f func()) (step string, died bool) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case crash:
			step, died = r.before, true
		default:
			panic(r)
		}
	}()
	f()
	return "", false
}
