package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// On Windows the note was written through a second handle into the bytes that
// the first one had locked, so the bot never started there; see "The hard
// suites" in CONTRIBUTING.md for how to run this for Windows.
func TestTheSecondToLockHearsOfTheFirst(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sm")
	for range 2 { // again, over the note of the one before
		unlock, err := lock(dir)
		if err != nil {
			t.Fatal(err)
		}
		again, err := lock(dir)
		if err == nil {
			again()
			t.Fatal("the directory was locked twice")
		}
		if !strings.Contains(err.Error(), ": process ") || !strings.Contains(err.Error(), ", since 2") || strings.Contains(err.Error(), "  ") {
			t.Errorf("the error does not say who has it: %v", err)
		}
		unlock()
	}
}

// What lies there already may be anything: it is neither followed nor altered,
// nor shown as it is. Red without the look at what is opened, and without OneLine.
func TestTheLockTrustsNoFile(t *testing.T) {
	dir := t.TempDir()
	path, victim := filepath.Join(dir, "bot.lock"), filepath.Join(dir, "authorized_keys")
	if err := os.WriteFile(victim, []byte("a key that lets somebody in, and is much longer than a note ever would be, so that it shows"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, plant := range map[string]func() error{
		"a symbolic link": func() error { return os.Symlink(victim, path) },
		"a hard link":     func() error { return os.Link(victim, path) },
		"a directory":     func() error { return os.Mkdir(path, 0o700) },
	} {
		if runtime.GOOS == "windows" && name != "a directory" {
			continue // it has no links that anybody could plant
		}
		if err := plant(); err != nil {
			t.Fatal(err)
		}
		unlock, err := lock(dir)
		if err == nil {
			unlock()
			t.Errorf("%s was taken for the lock", name)
		} else if !strings.Contains(err.Error(), "move it away") || strings.Contains(err.Error(), "a key") {
			t.Errorf("%s: %v", name, err)
		}
		os.Remove(path)
	}
	if data, _ := os.ReadFile(victim); !strings.HasSuffix(string(data), "shows") {
		t.Errorf("the other file holds %q", data)
	}

	unlock, err := lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for note, want := range map[string]string{"\x1b[2Jgone\nand more\u202e": "gone", strings.Repeat("\x00", noteSize): "another process"} {
		if _, err := f.WriteAt([]byte(note + strings.Repeat(" ", noteSize))[:noteSize], noteAt); err != nil {
			t.Fatal(err)
		}
		_, err = lock(dir)
		if err == nil || !strings.Contains(err.Error(), want) || strings.ContainsAny(err.Error(), "\x1b\n\x00\u202e") {
			t.Errorf("the error reads %q", err)
		}
	}
}
