package health

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// This file takes in what other programs write as soon as they have written it.

const (
	settleReplaced = 20 * time.Millisecond  // a file that was renamed is complete; some programs do so in two steps
	settleWritten  = 100 * time.Millisecond // one that is written in its place grows for a moment

	// How often the file is looked at beside what the file system tells, and how often
	// where it tells nothing: without fsnotify, on a network drive, in a directory
	// that was made anew. A look asks for the outward marks alone.
	pollTold   = time.Second
	pollUntold = 100 * time.Millisecond

	settleEvery = 10 * time.Second // what was left to be told

	reportEvery = time.Second // from one check that a bad file brings forward to the next, at least
)

// Watched is a file that other programs write too.
type Watched interface {
	Path() string
	// Place is where it is: Path or, where a symbolic link stands there, what that
	// leads to.
	Place() string
	// Untouched reports whether it still is the version that was last taken in or written.
	Untouched() bool
	// Check takes in what others wrote and writes what is behind, at a bounded pace.
	Check(context.Context) error
	// Settle tells what was left to be told of that.
	Settle(context.Context)
}

// Watch takes in what other programs write to the file, until ctx ends. That does
// not wait for the checks of everything else; one of those is brought forward where
// the file is not in order, or was not at the last of them.
func (m *Monitor) Watch(ctx context.Context, file Watched) {
	m.watchIn(ctx, file, newDirectories(m.log))
}

func (m *Monitor) watchIn(ctx context.Context, file Watched, d *directories) {
	defer d.close()
	poll := time.NewTimer(0)
	defer poll.Stop()
	settle := time.NewTicker(settleEvery)
	defer settle.Stop()
	due, report := time.NewTimer(0), time.NewTimer(0)
	due.Stop()
	report.Stop()
	defer due.Stop()
	defer report.Stop()
	var (
		waiting  bool        // for due
		untold   bool        // the file system did not tell of the last change
		seen     os.FileInfo // the file at the last look; nil for none
		reported time.Time
	)
	wait := func(d time.Duration) {
		if !waiting {
			waiting = true
			due.Reset(d)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case _, open := <-d.errors(): // too many events at once, say
			d.ended(!open)
			wait(settleReplaced)
		case event, open := <-d.events():
			d.ended(!open)
			d.lost(event)
			switch {
			case !open:
			case !concerns(event.Name, file):
			case event.Has(fsnotify.Write):
				untold = false
				wait(settleWritten)
			case event.Op != fsnotify.Chmod:
				untold = false
				wait(settleReplaced)
			}
		case <-poll.C:
			told := d.watch(file)
			if now := stat(file); !waiting && !sameFile(now, seen) {
				seen = now
				if !file.Untouched() {
					untold = true
					wait(0)
				}
			}
			if told && !untold {
				poll.Reset(pollTold)
			} else {
				poll.Reset(pollUntold)
			}
		case <-due.C:
			waiting = false
			if file.Untouched() {
				continue // it was ourselves, or nothing of note
			}
			seen = stat(file)
			err := m.recovered(func() error { return file.Check(ctx) })
			if ctx.Err() == nil && (err != nil || m.status().bad) {
				report.Reset(max(0, reportEvery-time.Since(reported)))
			}
		case <-settle.C:
			_ = m.recovered(func() error { file.Settle(ctx); return nil }) // it is tried again
		case <-report.C:
			reported = time.Now()
			wake(m.soon)
		}
	}
}

// stat returns the outward marks of the file, nil where there is none.
func stat(file Watched) os.FileInfo {
	info, err := os.Stat(file.Path())
	if err != nil {
		return nil
	}
	return info
}

func sameFile(a, b os.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// directories are watched, and not the file: one that is replaced takes its watch
// with it.
type directories struct {
	watcher *fsnotify.Watcher // nil where there is none
	log     *slog.Logger
	logged  map[string]bool
	watched map[string]os.FileInfo
}

func newDirectories(log *slog.Logger) *directories {
	d := &directories{log: log, logged: map[string]bool{}, watched: map[string]os.FileInfo{}}
	var err error
	if d.watcher, err = fsnotify.NewWatcher(); err != nil {
		d.watcher = nil
		log.Warn("the system tells of no changes of goals.json; it is looked at every "+pollUntold.String(), "err", err)
	}
	return d
}

func (d *directories) close() {
	if d.watcher != nil {
		d.watcher.Close()
	}
}

// ended takes in that the watcher has given up.
func (d *directories) ended(yes bool) {
	if yes && d.watcher != nil {
		d.watcher.Close()
		d.watcher = nil
		d.log.Warn("the system tells of no changes of goals.json any more; it is looked at every " + pollUntold.String())
	}
}

func (d *directories) events() <-chan fsnotify.Event {
	if d.watcher == nil {
		return nil
	}
	return d.watcher.Events
}

func (d *directories) errors() <-chan error {
	if d.watcher == nil {
		return nil
	}
	return d.watcher.Errors
}

// watch watches the directories of the file, also those that were made anew, and
// reports whether it could.
func (d *directories) watch(file Watched) (told bool) {
	if d.watcher == nil {
		return false
	}
	told = true
	for _, dir := range []string{filepath.Dir(file.Path()), filepath.Dir(file.Place())} {
		info, err := os.Stat(dir)
		was := d.watched[dir]
		if err == nil && was != nil && os.SameFile(was, info) {
			continue
		}
		if was != nil {
			_ = d.watcher.Remove(dir) // it may be gone already
			delete(d.watched, dir)
		}
		if err == nil {
			err = d.watcher.Add(dir)
		}
		if err == nil {
			d.watched[dir] = info
			continue
		}
		told = false
		if !d.logged[dir] {
			d.log.Warn("a directory cannot be watched; goals.json is looked at every "+pollUntold.String(), "dir", dir, "err", err)
		}
		d.logged[dir] = true
	}
	return told
}

// lost takes in that a directory was moved or removed. Another one in its place may
// have the same outward marks.
func (d *directories) lost(event fsnotify.Event) {
	if _, watched := d.watched[event.Name]; watched && (event.Has(fsnotify.Remove) || event.Has(fsnotify.Rename)) {
		_ = d.watcher.Remove(event.Name)
		delete(d.watched, event.Name)
	}
}

// concerns reports whether an event may be about the file: it is, or what a link
// in its place leads to, or the directory itself.
func concerns(name string, file Watched) bool {
	base := filepath.Base(name)
	return base == filepath.Base(file.Path()) || name == filepath.Dir(file.Path()) || base == filepath.Base(file.Place())
}
