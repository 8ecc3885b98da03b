//go:build unix

package palace

import (
	"errors"
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
	for _, name := range []string{"palace.id", "palace.db", "palace.db-wal"} {
		t.Run("a FIFO as "+name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "palace.db")
			p, err := Open(t.Context(), path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(p.Close(), remove(filepath.Join(dir, name)), syscall.Mkfifo(filepath.Join(dir, name), 0o600)); err != nil {
				t.Fatal(err)
			}
			p, err = Open(t.Context(), path, Options{})
			if err == nil {
				p.Close()
			}
			if name == "palace.db-wal" {
				return // SQLite may judge
			}
			if err == nil || !errors.Is(err, ErrIdentity) {
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

func remove(path string) error {
	if err := os.Remove(path); !os.IsNotExist(err) {
		return err
	}
	return nil
}
