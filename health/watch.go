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
	watched := map[string]bool{}
	watch := func() {
		dirs := []string{filepath.Dir(path)}
		if there := filepath.Dir(place()); there != dirs[0] {
			dirs = append(dirs, there)
		}
		for _, dir := range dirs {
			err := watcher.Add(dir) // again is no harm
			if err != nil && !watched[dir] {
				log.Warn("a directory cannot be watched; the scheduled checks remain", "dir", dir, "err", err)
			}
			watched[dir] = true
		}
	}
	watch()
	renew := time.NewTicker(watchRenew)
	defer renew.Stop()
	settled := time.NewTimer(0)
	settled.Stop()
	waiting := false
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
				waiting = true
				settled.Reset(watchSettle)
			}
		case event, open := <-watcher.Events:
			if !open {
				return
			}
			if waiting || !concerns(event.Name, path, place) {
				continue
			}
			waiting = true
			settled.Reset(max(watchSettle, every-time.Since(asked)))
		case <-settled.C:
			waiting = false
			if untouched() {
				continue // it was ourselves, or nothing of note
			}
			if every *= 2; time.Since(asked) > watchCalm {
				every = watchAgain
			}
			every = min(every, watchEvery)
			asked = time.Now()
			select {
			case changed <- struct{}{}:
			default:
			}
		}
	}
}

// concerns reports whether an event may be about the file: it is, or what a link
// in its place leads to, or the directory itself.
func concerns(name, path string, place func() string) bool {
	base := filepath.Base(name)
	return base == filepath.Base(path) || name == filepath.Dir(path) || base == filepath.Base(place())
}
