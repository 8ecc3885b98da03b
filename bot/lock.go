package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"goalbot/goals"
	"goalbot/securefile"
)

// lock takes the data directory for this process alone, and creates it where
// it is missing. The operating system gives the lock back whenever the process ends.
func lock(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the data directory below DATA_ROOT: %w", err)
	}
	path := filepath.Join(dir, "bot.lock")
	note, err := securefile.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		if _, odd := errors.AsType[*securefile.KindError](err); odd {
			err = fmt.Errorf("%w; move it away", err)
		} else if _, odd := errors.AsType[*securefile.LinksError](err); odd {
			err = fmt.Errorf("%w; move it away", err)
		}
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	defer note.Close()
	held := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR|securefile.Flags), flock.SetPermissions(0o600))
	ok, err := held.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	if !ok {
		return nil, fmt.Errorf("a bot runs on %s: %s. Stop it first, or set another DATA_ROOT", dir, holder(note))
	}
	if err := sign(note); err != nil {
		_ = held.Unlock()
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	return func() { _ = held.Unlock() }, nil
}

// The file says who holds the lock, for people; the lock itself does not depend on it.
// The note begins after the first byte, which is the locked one: on Windows only the
// handle that holds the lock can access a locked byte. The note has a fixed length, so
// that it overwrites any older one completely.
const (
	noteAt   = 1
	noteSize = 80
)

func sign(note *os.File) error {
	text := fmt.Sprintf("process %d, since %s", os.Getpid(), time.Now().Format(time.RFC3339))
	_, err := note.WriteAt(fmt.Appendf(nil, "%-*s\n", noteSize-1, text), noteAt)
	return err
}

// holder returns the process that the note names as the holder of the lock. Other
// programs can write the note, so it is cleaned before it is shown.
func holder(note *os.File) string {
	text := make([]byte, noteSize)
	n, err := note.ReadAt(text, noteAt)
	if who := goals.OneLine(string(text[:n])); (err == nil || err == io.EOF) && goals.Shows(who) {
		return who
	}
	return "another process"
}
