package cache

import (
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// This file finds the temporary files beside the file that nobody needs any more:
// those of a former run of this program, and those that other programs left.

// orphanAge is how old a temporary file of another program is at least when it is
// looked at. A program that writes one takes milliseconds to rename it.
const orphanAge = time.Hour

// Leftovers counts the temporary files that are there: our own that are older
// than a limit, and those of other programs that are older than an hour and whose
// process is gone. age tells how long ago something was written.
func (f *File) Leftovers(age func(written time.Time) time.Duration, limit time.Duration) (n int, err error) {
	ours, err := f.leftovers()
	for _, path := range ours {
		if info, err := f.disk.Lstat(path); err == nil && age(info.ModTime()) > limit {
			n++
		}
	}
	theirs, terr := f.orphans(age)
	if err == nil {
		err = terr
	}
	return n + len(theirs), err
}

// orphans are the temporary files of other programs that are older than
// [orphanAge] and whose process is gone, of the name goals.json.tmp.<pid>.<rest>.
// One whose process id is in use is not among them, though it may be another
// process by now. A process in another container seems to be gone; after an hour
// that costs it no more than one write, which it tries again.
func (f *File) orphans(age func(written time.Time) time.Duration) (paths []string, err error) {
	all, err := f.filesIn(f.dir, foreignPrefix)
	for _, path := range all {
		pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), foreignPrefix), ".")
		id, ok := processID(pid)
		if !ok || runs(id) {
			continue
		}
		if info, err := f.disk.Lstat(path); err == nil && age(info.ModTime()) > orphanAge {
			paths = append(paths, path)
		}
	}
	return paths, err
}

// processID reads the id of a process as programs write it. What kill(2) takes
// for a group of processes, 0 and all that is negative, is none.
func processID(s string) (id int, ok bool) {
	if !decimal(s) || s[0] == '0' {
		return 0, false
	}
	id, err := strconv.Atoi(s)
	return id, err == nil && id <= math.MaxInt32
}

func decimal(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// sweepable reports whether an orphan has exactly the name that trusty-mpm gives:
// the id of the process, nanoseconds and a count. Any other may be something that
// a person keeps there.
func sweepable(path string) bool {
	parts := strings.Split(strings.TrimPrefix(filepath.Base(path), foreignPrefix), ".")
	return len(parts) == 3 && decimal(parts[1]) && decimal(parts[2])
}

// sweep removes the orphans of other programs that are certain to be some. They
// hold what their program was about to write, and nothing that it does not have.
// Those that cannot be removed are counted by [File.Leftovers].
func (m *Mirror) sweep() {
	orphans, _ := m.file.orphans(func(written time.Time) time.Duration { return m.now().Sub(written) })
	removed := 0
	for _, path := range orphans[:min(len(orphans), maxLeftovers)] {
		if sweepable(path) && m.file.disk.Remove(path) == nil {
			removed++
		}
	}
	if removed > 0 {
		m.log.Info("temporary files that another program left beside goals.json were removed", "files", removed)
	}
}
