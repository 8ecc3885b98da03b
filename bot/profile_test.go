package main

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Broken on purpose, and what went red: any other mode, no sweep, and following a
// link out of the data folder.
func TestProfilesAreFewAndPrivate(t *testing.T) {
	dir := t.TempDir()
	p := &profiler{dir: dir, log: slog.New(slog.DiscardHandler)}
	for range maxProfiles/3 + 2 {
		names, err := p.record(t.Context())
		if err != nil || len(names) != 3 {
			t.Fatalf("%v, %v", names, err)
		}
	}
	folder := filepath.Join(dir, profileFolder)
	if err := os.WriteFile(filepath.Join(folder, "mine.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	newest, err := p.record(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(folder); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", info.Mode(), err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if e.Name() == "mine.txt" {
			continue
		}
		names = append(names, e.Name())
		if runtime.GOOS != "windows" && info.Mode() != fs.FileMode(0o600) {
			t.Errorf("%s has the mode %v", e.Name(), info.Mode())
		}
	}
	if len(names) != maxProfiles || len(entries) != maxProfiles+1 || !strings.Contains(strings.Join(names, " "), newest[2]) {
		t.Errorf("%d profiles: %q", len(names), names)
	}
}

func TestProfilesStayInTheDataFolder(t *testing.T) {
	elsewhere, dir := t.TempDir(), t.TempDir()
	if err := os.Symlink(elsewhere, filepath.Join(dir, profileFolder)); err != nil {
		t.Skip("links cannot be made here: ", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if names, err := (&profiler{dir: dir, log: slog.New(slog.DiscardHandler)}).record(ctx); err == nil {
		t.Errorf("%q written to %s", names, elsewhere)
	}
}
