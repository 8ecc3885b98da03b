package health

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	watchSettle = 100 * time.Millisecond // what comes within is one change
	watchAgain  = 250 * time.Millisecond // from the first check of a series of changes to the second
	watchEvery  = 2 * time.Second        // from one to the next, twice as long each time, at most
	watchCalm   = 5 * time.Second        // what comes later begins a new series
	watchRenew  = 10 * time.Second       // the directory may be made anew, and its watch with it
)

// Watch says on changed when another program may have changed the file, which is
// at path, or at place where path is a symbolic link. It watches the directories: a
// file that is replaced takes its watch with it.
// Where the file system tells of nothing, the scheduled checks remain.
func Watch(ctx context.Context, path string, place func() string, untouched func() bool, changed chan<- struct{}, log *slog.Logger) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		log.Warn("goals.json cannot be watched; the scheduled checks remain", "err", err)
		return
	}
	defer watcher.Close()
	watch := directories(watcher, path, place, log)
	watch()
	renew := time.NewTicker(watchRenew)
	defer renew.Stop()
	due := time.NewTimer(0)
	due.Stop()
	waiting := false
	wait := func(d time.Duration) {
		waiting = true
		due.Reset(d)
	}
	var asked time.Time
	every := watchAgain
	for {
		select {
		case <-ctx.Done():
			return
		case <-renew.C:
			watch()
		case _, open := <-watcher.Errors: // too many events at once, say
			if !open {
				return
			}
			if !waiting {
				wait(watchSettle)
			}
		case event, open := <-watcher.Events:
			if !open {
				return
			}
			if !waiting && concerns(event.Name, path, place) {
				wait(max(watchSettle, every-time.Since(asked)))
			}
		case <-due.C:
			waiting = false
			if untouched() {
				continue // it was ourselves, or nothing of note
			}
			if every *= 2; time.Since(asked) > watchCalm {
				every = watchAgain
			}
			every = min(every, watchEvery)
			asked = time.Now()
			wake(changed)
		}
	}
}

// directories returns a function that watches the directories of the file, also
// where it was called before. It logs once for each that cannot be watched.
func directories(watcher *fsnotify.Watcher, path string, place func() string, log *slog.Logger) (watch func()) {
	logged := map[string]bool{}
	return func() {
		dirs := []string{filepath.Dir(path)}
		if there := filepath.Dir(place()); there != dirs[0] {
			dirs = append(dirs, there)
		}
		for _, dir := range dirs {
			err := watcher.Add(dir)
			if err != nil && !logged[dir] {
				log.Warn("a directory cannot be watched; the scheduled checks remain", "dir", dir, "err", err)
			}
			logged[dir] = true
		}
	}
}

// concerns reports whether an event may be about the file: it is, or what a link
// in its place leads to, or the directory itself.
func concerns(name, path string, place func() string) bool {
	base := filepath.Base(name)
	return base == filepath.Base(path) || name == filepath.Dir(path) || base == filepath.Base(place())
}
