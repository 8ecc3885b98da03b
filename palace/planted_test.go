//go:build unix

package palace

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What others put under a name of the palace's is not waited for, and nothing is
// made where a link of theirs leads. Red with os.ReadFile and os.OpenFile, which
// wait for the FIFOs for ever.
func TestNothingPlantedIsOpened(t *testing.T) {
	sound := closed(t)
	for _, name := range []string{"palace.id", "palace.db", "palace.db-wal", "palace.db-shm", "palace.db-journal"} {
		t.Run("a FIFO as "+name, func(t *testing.T) {
			path := copyOf(t, sound)
			name := filepath.Join(filepath.Dir(path), name)
			if err := errors.Join(remove(name), syscall.Mkfifo(name, 0o600)); err != nil {
				t.Fatal(err)
			}
			p, err := Open(t.Context(), path, Options{})
			if err == nil {
				p.Close()
			}
			if err == nil || !strings.Contains(err.Error(), "move it away") {
				t.Errorf("opened with %v", err)
			}
		})
	}
	dir := t.TempDir()
	path, victim := filepath.Join(dir, "palace.db"), filepath.Join(dir, "victim")
	if err := os.Symlink(victim, path); err != nil {
		t.Fatal(err)
	}
	p, err := Open(t.Context(), path, Options{})
	if err == nil {
		p.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "a symbolic link") {
		t.Errorf("a link that leads nowhere: %v", err)
	}
	if _, err := os.Lstat(victim); err == nil {
		t.Error("the palace was made where the link leads")
	}
}

// SQLite writes into the log and its index wherever their names lead: a hard link
// to another file, planted there, had that file overwritten. What it refuses by
// itself it refuses as "unable to open database file". Red without planted, and
// without separate.
func TestNothingIsWrittenThroughPlantedLinks(t *testing.T) {
	sound := closed(t)
	for _, link := range []struct {
		part    string
		make    func(from, to string) error
		refused string
	}{
		{"", os.Link, ""},
		{"-wal", os.Link, ""},
		{"-wal", os.Symlink, "a symbolic link"},
		{"-shm", os.Link, "2 names (hard links)"},
	} {
		t.Run(fmt.Sprintf("palace.db%s %s", link.part, link.refused), func(t *testing.T) {
			path := copyOf(t, sound)
			victim := filepath.Join(t.TempDir(), "victim")
			precious := bytes.Repeat([]byte("precious\n"), 1000)
			if link.part == "" {
				var err error
				if precious, err = os.ReadFile(path); err != nil {
					t.Fatal(err)
				}
			}
			if err := errors.Join(os.WriteFile(victim, precious, 0o600), remove(path+link.part), link.make(victim, path+link.part)); err != nil {
				t.Fatal(err)
			}
			for _, open := range []func() (*Palace, error){
				func() (*Palace, error) { return OpenReadOnly(t.Context(), path) },
				func() (*Palace, error) { return Open(t.Context(), path, Options{}) },
			} {
				p, err := open()
				if err == nil && p.writer != nil {
					add(t, p, "call mother")
				}
				if err == nil {
					err = p.Close()
				}
				if link.refused == "" && err != nil {
					t.Error(err)
				} else if link.refused != "" && (err == nil || !strings.Contains(err.Error(), link.refused) || !strings.HasSuffix(err.Error(), "move it away")) {
					t.Errorf("opened with %v", err)
				}
				if data, err := os.ReadFile(victim); err != nil || !bytes.Equal(data, precious) {
					t.Fatalf("what the link leads to was written: %v", err)
				}
			}
		})
	}
}

// copyOf copies a palace that is closed to a place of its own.
func copyOf(t *testing.T, sound string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "palace.db")
	copyFile(t, sound, path)
	copyFile(t, markerPath(sound), markerPath(path))
	return path
}

func remove(path string) error {
	if err := os.Remove(path); !os.IsNotExist(err) {
		return err
	}
	return nil
}
