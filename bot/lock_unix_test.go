//go:build unix

package main

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A FIFO in the place of the lock kept the program waiting for ever, and a second
// one too, which wants to know who holds it.
func TestTheLockDoesNotWaitForAFIFO(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "bot.lock"), 0o600); err != nil {
		t.Fatal(err)
	}
	if unlock, err := lock(dir); err == nil {
		unlock()
		t.Error("a FIFO was locked")
	} else if !strings.Contains(err.Error(), "a named pipe (FIFO)") || !strings.Contains(err.Error(), "move it away") {
		t.Error(err)
	}
}
