package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// lock takes the data directory for this process alone, and creates it where
// it is missing. The operating system gives the lock back whenever the process ends.
func lock(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the data directory below DATA_ROOT: %w", err)
	}
	path := filepath.Join(dir, "bot.lock")
	held := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
	ok, err := held.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	if !ok {
		who := "another process"
		if note, err := os.ReadFile(path); err == nil && len(note) > 0 {
			who = strings.TrimSpace(string(note))
		}
		return nil, fmt.Errorf("a bot runs on %s: %s. Stop it first, or set another DATA_ROOT", dir, who)
	}
	// Only for the one who reads it above; the lock itself does not depend on it.
	note := fmt.Sprintf("process %d, since %s\n", os.Getpid(), time.Now().Format(time.RFC3339))
	if err := os.WriteFile(path, []byte(note), 0o600); err != nil {
		_ = held.Unlock()
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	return func() { _ = held.Unlock() }, nil
}
