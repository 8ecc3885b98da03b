//go:build unix

package main

import (
	"path/filepath"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// askForProfiles asks the program in the background for profiles, and waits until
// it has begun to write them.
func askForProfiles(ts *testscript.TestScript, neg bool, args []string) {
	for _, c := range ts.BackgroundCmds() {
		ts.Check(c.Process.Signal(syscall.SIGUSR1))
	}
	folder := filepath.Join(ts.Getenv("DATA_ROOT"), "sm", profileFolder)
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		if found, _ := filepath.Glob(folder); len(found) > 0 {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("no profiles are being written")
		}
	}
}
