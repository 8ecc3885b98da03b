package cache

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// This file keeps what did not load, before something else takes its place.

// Files that did not load are kept for a person to look at. So that a program
// that writes nonsense all day cannot fill the disk, no more than this is added
// by the program itself.
const (
	maxKept      = 100
	maxKeptBytes = 1 << 30

	keptPrefix = fileName + ".corrupt-"
)

// Quarantine keeps the present file under the name
// goals.json.corrupt-<UTC time> beside it and returns that path. What was kept
// before is never replaced, and the same bytes are not kept twice. What is not a
// regular file, or is a link that leads elsewhere, is renamed as it is, unread.
// Without a file it returns "".
func (f *File) Quarantine(now time.Time) (string, error) {
	path, info, err := f.place()
	if err != nil {
		if _, ok := errors.AsType[*KindError](err); ok || f.isLink() {
			return f.setAside(f.Path(), now)
		}
		return "", err
	}
	if info == nil {
		return "", nil
	}
	k, err := f.keep(path, now, false)
	return k.path, err
}

func (f *File) isLink() bool {
	info, err := f.disk.Lstat(f.Path())
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// kept is a version of the file that is kept.
type kept struct {
	path  string
	fresh bool // it was not kept before
}

// keep keeps the regular file at path, which stays there as well where the disk
// has links. Where bounded, it is a [*FullError] once there are enough.
func (f *File) keep(path string, now time.Time, bounded bool) (kept, error) {
	info, err := f.disk.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return kept{}, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		path, err := f.setAside(path, now)
		return kept{path, true}, err
	}
	if err == nil { // else it may be kept all the same
		before, full := f.keptBefore(path, info)
		if before != "" {
			return kept{before, false}, nil
		}
		if bounded && full != nil {
			return kept{}, full
		}
	}
	to, err := f.freeName(path, info, now, func(to string) error {
		// A link keeps even a file that cannot be read, costs no room on a full
		// disk, fails where the name is taken, and leaves readers the old file
		// until the new one replaces it.
		return f.disk.Link(path, to)
	})
	if err != nil {
		return kept{}, err
	}
	if there, err := f.disk.Lstat(to); err == nil && info != nil && !os.SameFile(there, info) {
		f.discard(to) // whoever put another there may have meant us to keep what is not ours
		return kept{}, &IOError{Op: "keep", Path: path, Err: errors.New("it was replaced meanwhile")}
	}
	return kept{to, true}, nil
}

// setAside renames what stands at path, whatever it is.
func (f *File) setAside(path string, now time.Time) (string, error) {
	info, err := f.disk.Lstat(path)
	if err != nil {
		return "", ioError("look at", path, err)
	}
	return f.freeName(path, info, now, func(string) error { return errors.ErrUnsupported })
}

// freeName gives the file at path, which is info if that is known, a name that was not
// used before. link may add that name and leave the old one; if it cannot, the file is
// renamed, and readers find no file for a moment.
func (f *File) freeName(path string, info fs.FileInfo, now time.Time, link func(to string) error) (string, error) {
	name := filepath.Join(filepath.Dir(path), keptPrefix+now.UTC().Format("20060102T150405Z"))
	for to, i := name, 2; ; to, i = fmt.Sprintf("%s-%d", name, i), i+1 {
		err := link(to)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			there, lerr := f.disk.Lstat(to)
			switch {
			case lerr == nil && os.SameFile(there, info):
				err = nil // it was done all the same
			case lerr == nil:
				continue
			case errors.Is(lerr, fs.ErrNotExist):
				if err = f.disk.Rename(path, to); err != nil {
					if done, _ := f.stands(to, info); done {
						err = nil
					}
				}
			}
		}
		if err != nil {
			return "", ioError("rename", path, err)
		}
		return to, nil
	}
}

// keptBefore returns where the same file, or one with the same bytes, is kept
// already, and a [*FullError] where nothing should be added.
func (f *File) keptBefore(path string, info fs.FileInfo) (string, *FullError) {
	files, bytes := 0, int64(0)
	all, _ := f.beside(keptPrefix) // a directory that cannot be listed holds nobody up
	for _, other := range all {
		there, err := f.disk.Lstat(other)
		if err != nil {
			continue
		}
		if os.SameFile(there, info) || there.Size() == info.Size() && info.Size() <= f.limit && f.same(path, other) {
			return other, nil
		}
		files++
		bytes += there.Size()
	}
	if files >= maxKept || bytes >= maxKeptBytes {
		return "", &FullError{f.dir, files, bytes}
	}
	return "", nil
}

// Kept counts the files that are kept beside the file and their bytes.
func (f *File) Kept() (files int, bytes int64, err error) {
	all, err := f.beside(keptPrefix)
	for _, path := range all {
		if info, err := f.disk.Lstat(path); err == nil {
			files++
			bytes += info.Size()
		}
	}
	return files, bytes, err
}

// same reports whether two files have the same bytes. One that cannot be read
// is the same as none.
func (f *File) same(a, b string) bool {
	x, err := f.disk.Open(a)
	if err != nil {
		return false
	}
	defer x.Close()
	y, err := f.disk.Open(b)
	if err != nil {
		return false
	}
	defer y.Close()
	var p, q [32 << 10]byte
	for {
		n, err := io.ReadFull(x, p[:])
		m, yerr := io.ReadFull(y, q[:])
		if !bytes.Equal(p[:n], q[:m]) {
			return false
		}
		ended := func(err error) bool { return err == io.EOF || err == io.ErrUnexpectedEOF }
		if err != nil { // and yerr too: as little was read there
			return ended(err) && ended(yerr)
		}
	}
}
