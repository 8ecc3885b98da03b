//go:build unix

package securefile

import (
	"bytes"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// odd makes everything that somebody may plant under a name, and returns what
// each is called.
func odd(t *testing.T, victim string) map[string]string {
	t.Helper()
	dir, err := os.MkdirTemp("", "odd") // the name of a socket must be short
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	at := func(name string) string { return filepath.Join(dir, name) }
	must(t, os.Symlink(victim, at("link")))
	must(t, os.Symlink(at("nowhere"), at("dangling")))
	must(t, os.Symlink("/dev/zero", at("zero")))
	must(t, os.Mkdir(at("dir"), 0o700))
	must(t, syscall.Mkfifo(at("fifo"), 0o600))
	l, err := net.Listen("unix", at("socket"))
	must(t, err)
	t.Cleanup(func() { l.Close() })
	kinds := map[string]string{
		at("link"): "a symbolic link", at("dangling"): "a symbolic link", at("zero"): "a symbolic link",
		at("dir"): "a directory", at("fifo"): "a named pipe (FIFO)", at("socket"): "a socket", "/dev/zero": "a device",
	}
	return kinds
}

// Whatever is planted under the name is refused at once, and what it leads to
// stays as it is. Broken on purpose, and it went red: Check left out of
// OpenFile together with each of the two flags.
func TestNothingButARegularFileIsOpened(t *testing.T) {
	victim := filepath.Join(t.TempDir(), "victim")
	must(t, os.WriteFile(victim, []byte("precious"), 0o600))
	for path, kind := range odd(t, victim) {
		for name, open := range map[string]func() error{
			"Read":      func() error { _, err := Read(path, 100); return err },
			"Check":     func() error { return Check(path) },
			"CheckSole": func() error { return CheckSole(path) },
			"write": func() error {
				f, err := OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
				if err == nil {
					f.Close()
				}
				return err
			},
		} {
			var odd *KindError
			if err := open(); !errors.As(err, &odd) || odd.Kind != kind || odd.Path != path {
				t.Errorf("%s of %s = %v; want that it is %s", name, path, err, kind)
			}
		}
	}
	if data, _ := os.ReadFile(victim); string(data) != "precious" {
		t.Errorf("what the link leads to holds %q", data)
	}
}

// The check before the opening may have seen another file: what was opened is
// looked at again. Red without vet, and for the link without O_NOFOLLOW.
func TestWhatIsSwappedAfterTheCheckIsRefused(t *testing.T) {
	victim := filepath.Join(t.TempDir(), "victim")
	must(t, os.WriteFile(victim, []byte("precious"), 0o600))
	for path, kind := range odd(t, victim) {
		if kind == "a socket" {
			continue // cannot be opened at all
		}
		f, err := os.OpenFile(path, os.O_RDONLY|Flags, 0)
		if kind == "a symbolic link" {
			if !errors.Is(err, syscall.ELOOP) {
				t.Errorf("%s was followed: %v", path, err)
			}
			continue
		}
		must(t, err)
		var odd *KindError
		if err := vet(f, path, os.O_RDONLY); !errors.As(err, &odd) || odd.Kind != kind {
			t.Errorf("vet of %s = %v; want that it is %s", path, err, kind)
		}
		f.Close()
	}
}

func TestAHardLinkIsNotWrittenTo(t *testing.T) {
	dir := t.TempDir()
	victim, planted := filepath.Join(dir, "victim"), filepath.Join(dir, "planted")
	must(t, os.WriteFile(victim, []byte("precious"), 0o600))
	must(t, os.Link(victim, planted))
	for name, err := range map[string]error{
		"OpenFile":  func() error { _, err := OpenFile(planted, os.O_RDWR|os.O_TRUNC, 0); return err }(),
		"CheckSole": CheckSole(planted),
	} {
		var linked *LinksError
		if !errors.As(err, &linked) || linked.Links != 2 {
			t.Errorf("%s = %v; want a LinksError", name, err)
		}
	}
	if data, err := Read(planted, 100); string(data) != "precious" || err != nil {
		t.Errorf("Read = %q, %v; reading does no harm", data, err)
	}
}

func TestARegularFileIsOpenedAsUsual(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	for _, text := range []string{"first", "2nd"} {
		f, err := OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
		must(t, err)
		_, err = f.WriteString(text)
		must(t, err)
		must(t, f.Close())
		if data, err := Read(path, 100); string(data) != text || err != nil {
			t.Errorf("Read = %q, %v; want %q", data, err, text)
		}
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v", info.Mode())
	}
	if _, err := OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); !errors.Is(err, fs.ErrExist) {
		t.Errorf("OpenFile with O_EXCL = %v", err)
	}
	for name, err := range map[string]error{"Check": Check(path + "-"), "CheckSole": CheckSole(path + "-"), "Open": func() error { _, err := Open(path + "-"); return err }()} {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s of nothing = %v", name, err)
		}
	}
}

// growing says that it is empty and holds a byte each time, for ever.
type growing struct {
	info fs.FileInfo
	read int
}

func (g *growing) Stat() (fs.FileInfo, error) { return g.info, nil }
func (g *growing) Read(b []byte) (int, error) { g.read++; b[0] = 'x'; return 1, nil }

// Red without either check of the size.
func TestNoMoreIsReadThanTheLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(path, bytes.Repeat([]byte("x"), 100), 0o600))
	if data, err := Read(path, 100); len(data) != 100 || err != nil {
		t.Errorf("Read = %d bytes, %v", len(data), err)
	}
	var large *SizeError
	if _, err := Read(path, 99); !errors.As(err, &large) || large.Size != 100 || large.Limit != 99 || !strings.Contains(err.Error(), path) {
		t.Errorf("Read = %v; want a SizeError", err)
	}
	must(t, os.Truncate(path, 1<<40))
	if n := testing.AllocsPerRun(10, func() { _, _ = Read(path, 1<<20) }); n > 50 {
		t.Errorf("%v allocations for a file that is not read", n)
	}
	must(t, os.Truncate(path, 0))
	info, err := os.Stat(path)
	must(t, err)
	g := &growing{info: info}
	if _, _, err := ReadAll(g, path, 1000); !errors.As(err, &large) || g.read > 1001 {
		t.Errorf("a file that grows: %v after %d reads", err, g.read)
	}
}
