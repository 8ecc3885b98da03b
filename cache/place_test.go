//go:build unix

package cache

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"goalbot/goals"
	"goalbot/store"
)

// What is tested here: that nothing is read, linked or replaced in the place of
// goals.json but a file of its own.

const secret = "root:$6$secret"

// oddities put something else in the place of the file. outside is a file that
// is not ours.
var oddities = []struct {
	name, kind string
	put        func(path, outside string) error
}{
	{"directory", "a directory", func(path, _ string) error { return os.Mkdir(path, 0o700) }},
	{"FIFO", "a named pipe (FIFO)", func(path, _ string) error { return syscall.Mkfifo(path, 0o600) }},
	{"socket", "a socket", func(path, _ string) error {
		short, err := os.MkdirTemp("", "s") // the name of a socket must be short
		if err != nil {
			return err
		}
		defer os.RemoveAll(short)
		l, err := net.Listen("unix", filepath.Join(short, "s"))
		if err != nil {
			return err
		}
		l.(*net.UnixListener).SetUnlinkOnClose(false)
		defer l.Close()
		return os.Rename(filepath.Join(short, "s"), path)
	}},
	{"device", "a device", func(path, _ string) error { return syscall.Mknod(path, syscall.S_IFCHR|0o600, 1<<8|5) }}, // as /dev/zero
	{"link to another's file", outsideLink, func(path, outside string) error { return os.Symlink(outside, path) }},
	{"link to a device", outsideLink, func(path, _ string) error { return os.Symlink("/dev/zero", path) }},
	{"link in a circle", "a symbolic link that leads in a circle", func(path, _ string) error { return os.Symlink(filepath.Base(path), path) }},
	{"link to a link that leads out", outsideLink, func(path, outside string) error {
		if err := os.Symlink(filepath.Dir(outside), filepath.Join(filepath.Dir(path), "there")); err != nil {
			return err
		}
		return os.Symlink(filepath.Join("there", filepath.Base(outside)), path)
	}},
	{"link to the palace", foreignLink, func(path, _ string) error { return os.Symlink("palace.db", path) }},
	{"link to what is kept of alerts", foreignLink, func(path, _ string) error {
		alerts := filepath.Join(filepath.Dir(path), "other", "alerts.json")
		return errors.Join(os.Mkdir(filepath.Dir(alerts), 0o700), os.WriteFile(alerts, []byte("[]"), 0o600), os.Symlink(alerts, path))
	}},
	{"link to a FIFO of ours", "a named pipe (FIFO)", func(path, _ string) error {
		if err := syscall.Mkfifo(path+".fifo", 0o600); err != nil {
			return err
		}
		return os.Symlink(filepath.Base(path)+".fifo", path)
	}},
}

const (
	outsideLink = "a symbolic link that leads out of the data root"
	foreignLink = "a symbolic link to a file of another kind than goals.json"
)

// A link to somebody else's file had its first line shown in the alert, and was
// replaced; /dev/zero was linked as evidence. Through a link to the palace the bot
// wrote the list into the palace's place. Red without the look at the kind in
// place, without inside, and without mayHoldGoals.
func TestNothingButAFileOfItsOwnIsTouched(t *testing.T) {
	for _, odd := range oddities {
		t.Run(odd.name, func(t *testing.T) {
			h := newHouse(t)
			h.add(t, "call mother")
			outside := filepath.Join(t.TempDir(), "shadow")
			must(t, os.WriteFile(outside, []byte(secret), 0o600))
			must(t, os.Remove(h.Path()))
			if err := odd.put(h.Path(), outside); errors.Is(err, syscall.EPERM) {
				t.Skip("may not be made here:", err)
			} else {
				must(t, err)
			}
			before, err := os.Lstat(h.Path())
			must(t, err)
			wants := func(what string, err error) {
				t.Helper()
				kind, ok := errors.AsType[*KindError](err)
				if !ok || kind.Kind != odd.kind {
					t.Fatalf("%s = %v; want that it is %s", what, err, odd.kind)
				}
				if _, detail := kind.Access(); !strings.Contains(detail, odd.kind) || !strings.Contains(detail, "Move it away") || strings.Contains(detail+err.Error(), "secret") {
					t.Errorf("it is told as %q, %q", detail, err)
				}
			}
			untouched := func(what string) {
				t.Helper()
				if now, err := os.Lstat(h.Path()); err != nil || !os.SameFile(now, before) {
					t.Errorf("%s replaced what stands there", what)
				}
				if data, _ := os.ReadFile(outside); string(data) != secret {
					t.Errorf("%s: the file that is not ours holds %q", what, data)
				}
				if kept, _ := filepath.Glob(h.Path() + ".corrupt-*"); len(kept) > 0 {
					t.Errorf("%s kept %v", what, kept)
				}
			}
			_, err = h.file.Load()
			wants("Load", err)
			must(t, h.file.Replaceable())
			if place := h.file.Place(); place != h.Path() {
				t.Errorf("it is watched at %s", place)
			}
			for range 2 {
				wants("Check", h.Check(t.Context()))
				untouched("Check")
				err = h.change(t, func(l *goals.List) error { _, err := l.AddNote(1, "hello", day); return err })
				if !errors.Is(err, store.ErrFileBehind) {
					t.Errorf("Update = %v; want ErrFileBehind", err)
				}
				wants("Update", err)
				untouched("Update")
			}
			wants("Save", h.file.Save(nil))
			again := openHouse(t, h.root)
			wants("Start", again.Start(t.Context()))
			must(t, again.truth.Close())
			untouched("Start")

			// A person decides.
			kept, err := h.Restore(t.Context())
			must(t, err)
			if now, err := os.Lstat(kept); err != nil || !os.SameFile(now, before) {
				t.Errorf("what stood there is not %q", kept)
			}
			h.inLine(t)
			must(t, h.Check(t.Context()))
			if data, _ := os.ReadFile(outside); string(data) != secret {
				t.Errorf("Restore: the file that is not ours holds %q", data)
			}
			if len(h.notes.merged)+len(h.notes.kept) > 0 {
				t.Errorf("told: %+v", h.notes)
			}
		})
	}
}

// What somebody puts there in the instant before it is replaced is put aside,
// and neither read nor followed.
func TestWhatIsPutThereWhileItIsReplaced(t *testing.T) {
	for _, odd := range oddities {
		t.Run(odd.name, func(t *testing.T) {
			h := newHouse(t)
			h.add(t, "call mother")
			outside := filepath.Join(t.TempDir(), "shadow")
			must(t, os.WriteFile(outside, []byte(secret), 0o600))
			var put error
			h.file.disk = &failing{disk: osDisk{}, exchange: true, at: 1 << 30, swapping: func() {
				must(t, os.Remove(h.Path()))
				put = odd.put(h.Path(), outside)
			}}
			h.add(t, "buy milk")
			if put != nil {
				t.Skip("may not be made here:", put)
			}
			h.inLine(t)
			if data, _ := os.ReadFile(outside); string(data) != secret {
				t.Errorf("the file that is not ours holds %q", data)
			}
			if left, _ := filepath.Glob(filepath.Join(h.file.Dir(), tempPrefix+"*")); len(left) > 0 {
				t.Errorf("left over: %v", left)
			}
			if len(h.notes.kept) != 1 {
				t.Errorf("told of %v", h.notes.kept)
			}
		})
	}
}

// Leftovers and kept files are found by their names, which anybody may give.
func TestOddFilesUnderOurNamesHoldNobodyUp(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	outside := filepath.Join(t.TempDir(), "shadow")
	must(t, os.WriteFile(outside, []byte(secret), 0o600))
	for i, name := range []string{tempPrefix + "1.", keptPrefix + "2026"} {
		for j, odd := range oddities {
			path := filepath.Join(h.file.Dir(), name+string(rune('a'+10*i+j)))
			if err := odd.put(path, outside); err != nil && !errors.Is(err, fs.ErrExist) && !errors.Is(err, syscall.EPERM) {
				t.Fatal(err)
			}
		}
	}
	must(t, h.Start(t.Context()))
	h.write(t, "[{")
	h.add(t, "buy milk")
	h.inLine(t)
	if len(h.notes.kept) != 1 || len(h.notes.merged) != 0 {
		t.Errorf("told: %+v", h.notes)
	}
	if data, _ := os.ReadFile(outside); string(data) != secret {
		t.Errorf("the file that is not ours holds %q", data)
	}
}

// A link to a file below the data root stays one, however it is written.
func TestALinkStaysALink(t *testing.T) {
	for name, link := range map[string]func(t *testing.T, root string) (f *File, real string){
		"relative": func(t *testing.T, root string) (*File, string) {
			must(t, os.Symlink("../real/goals.json", filepath.Join(root, "sm", "goals.json")))
			return New(root), filepath.Join(root, "real", "goals.json")
		},
		"absolute": func(t *testing.T, root string) (*File, string) {
			must(t, os.Symlink(filepath.Join(root, "real", "goals.json"), filepath.Join(root, "sm", "goals.json")))
			return New(root), filepath.Join(root, "real", "goals.json")
		},
		"below a root that is a link": func(t *testing.T, root string) (*File, string) {
			must(t, os.Symlink("../real/goals.json", filepath.Join(root, "sm", "goals.json")))
			other := filepath.Join(t.TempDir(), "root")
			must(t, os.Symlink(root, other))
			return New(other), filepath.Join(root, "real", "goals.json")
		},
		"below a directory that is a link out of the root": func(t *testing.T, root string) (*File, string) {
			other := t.TempDir()
			must(t, os.Symlink(filepath.Join(root, "sm"), filepath.Join(other, "sm")))
			must(t, os.Symlink("real.json", filepath.Join(root, "sm", "goals.json")))
			return New(other), filepath.Join(root, "sm", "real.json")
		},
		"below a root that is given as a relative path": func(t *testing.T, root string) (*File, string) {
			t.Chdir(filepath.Dir(root))
			must(t, os.Symlink("../real/goals.json", filepath.Join(root, "sm", "goals.json")))
			return New(filepath.Base(root)), filepath.Join(root, "real", "goals.json")
		},
	} {
		t.Run(name, func(t *testing.T) {
			root, err := filepath.EvalSymlinks(t.TempDir())
			must(t, err)
			must(t, os.Mkdir(filepath.Join(root, "sm"), 0o700))
			must(t, os.Mkdir(filepath.Join(root, "real"), 0o700))
			f, real := link(t, root)
			must(t, os.WriteFile(real, []byte("[]"), 0o640))
			if list, err := f.Load(); list == nil || err != nil {
				t.Fatalf("Load = %v, %v", list, err)
			}
			if place, err := filepath.Abs(f.Place()); place != real || err != nil {
				t.Errorf("it is watched at %s, %v", place, err)
			}
			must(t, f.Save([]*goals.Goal{goal(1, "call mother")}))
			if info, err := os.Lstat(f.Path()); err != nil || info.Mode()&fs.ModeSymlink == 0 {
				t.Fatal("the link was replaced by a file")
			}
			info, err := os.Lstat(real)
			must(t, err)
			if data, _ := os.ReadFile(real); !strings.Contains(string(data), "call mother") || info.Mode().Perm() != 0o640 {
				t.Fatalf("the file behind the link is %v and holds %q", info.Mode(), data)
			}
			kept, err := f.Quarantine(day)
			must(t, err)
			kept, err = filepath.Abs(kept)
			must(t, err)
			if data, _ := os.ReadFile(kept); filepath.Dir(kept) != filepath.Dir(real) || !strings.Contains(string(data), "call mother") {
				t.Errorf("kept as %s: %q", kept, data)
			}
		})
	}
}

// A state file is never a link: what is planted under its name is replaced, and not
// read, and what cannot be removed after a save is removed at the next one.
func TestAStateFileIsAFileOfItsOwn(t *testing.T) {
	n := NewStateFile(t.TempDir(), "alerts.json")
	outside := filepath.Join(t.TempDir(), "shadow")
	must(t, os.WriteFile(outside, []byte(secret), 0o600))
	for _, odd := range oddities {
		must(t, os.MkdirAll(n.file.Dir(), 0o700))
		if err := odd.put(n.file.Path(), outside); err != nil {
			continue
		}
		var kind *KindError
		if data, err := n.Load(); !errors.As(err, &kind) {
			t.Errorf("%s: Load = %q, %v", odd.name, data, err)
		}
		link := strings.HasPrefix(odd.name, "link")
		if err := n.Save([]byte("{}")); link != (err == nil) || !link && !errors.As(err, &kind) {
			t.Errorf("%s: Save = %v", odd.name, err)
		}
		if data, err := n.Load(); link && string(data) != "{}" {
			t.Errorf("%s: Load after Save = %q, %v", odd.name, data, err)
		}
		must(t, os.RemoveAll(n.file.Dir()))
	}
	if data, _ := os.ReadFile(outside); string(data) != secret {
		t.Errorf("the file that is not ours holds %q", data)
	}

	must(t, n.Save([]byte("{}")))
	if data, err := n.Load(); string(data) != "{}" || err != nil {
		t.Errorf("Load = %q, %v", data, err)
	}
	info, err := os.Lstat(n.file.Path())
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v", info.Mode())
	}
	must(t, os.Truncate(n.file.Path(), maxStateFile+1))
	var large *TooLargeError
	if _, err := n.Load(); !errors.As(err, &large) {
		t.Errorf("Load of a large file = %v", err)
	}
	for at, failed := 1, ""; failed != "remove"; at++ {
		bad := &failing{disk: osDisk{}, at: at, err: syscall.EIO, exchange: true}
		n.file.disk = bad
		_ = n.Save([]byte("{}"))
		if failed = bad.failed; failed == "" {
			t.Fatal("a save removes nothing")
		}
	}
	n.file.disk = osDisk{}
	must(t, n.Save([]byte("[]")))
	only(t, &n.file, "alerts.json")
	must(t, n.Save(nil))
	only(t, &n.file)
}
