package cache

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/securefile"
)

const (
	fileName   = "goals.json"
	tempPrefix = ".goals.json.tmp."

	foreignPrefix = "goals.json.tmp." // of the temporary files of other programs
)

// File is goals.json below one data root. In its place a symbolic link may
// stand that leads to another .json file below the data root.
type File struct {
	root, dir, name string
	limit           int64 // in bytes, of what is read
	disk            disk
	left            []string // temporary files that could not be removed
	ahead           struct { // what [File.Preload] has read, until it is handed out
		list  []*goals.Goal
		stamp stamp
	}
}

// New names the goals.json below a data root. It does no I/O, and nothing is
// created before the first [File.Save].
func New(root string) *File {
	return &File{root: root, dir: filepath.Join(root, "sm"), name: fileName, limit: readLimit(), disk: osDisk{}}
}

// Dir is the directory that holds the file.
func (f *File) Dir() string { return f.dir }

// Path is where the file is.
func (f *File) Path() string { return filepath.Join(f.dir, f.name) }

// Load reads the goals of the file. A missing file is an empty list, and the
// slice is then nil; a file that holds an empty list gives one that is not.
// The error is a [*SerdeError] for a malformed file, a [*TooLargeError] or
// [*KindError] for one that is not read, and an [*IOError] for one that cannot be.
func (f *File) Load() ([]*goals.Goal, error) {
	list, _, err := f.load()
	return list, err
}

func (f *File) load() ([]*goals.Goal, stamp, error) {
	path, info, err := f.place()
	if err != nil || info == nil {
		return nil, stamp{}, err
	}
	return f.loadFrom(path)
}

// Preload is [File.Load] ahead of time: the next one that finds the same bytes hands
// out what this one has read.
func (f *File) Preload() error {
	list, st, err := f.load()
	f.ahead.list, f.ahead.stamp = list, st
	return err
}

func (f *File) loadFrom(path string) ([]*goals.Goal, stamp, error) {
	if ahead := f.ahead; ahead.list != nil {
		f.ahead.list = nil
		if st, err := f.sum(path, f.limit); err == nil && st.hash == ahead.stamp.hash && st.size == ahead.stamp.size {
			return ahead.list, st, nil
		}
	}
	data, st, err := f.read(path)
	if err != nil || data == nil {
		return nil, st, err
	}
	list, err := goaljson.Decode(data)
	if bad, ok := errors.AsType[*goaljson.Error](err); ok {
		return nil, st, &SerdeError{Path: f.Path(), Err: bad}
	}
	if err != nil {
		return nil, st, ioError("decode", f.Path(), err)
	}
	return list, st, nil
}

// read returns the bytes of the file and what tells this version of it from
// another; nil bytes mean that there is no file.
func (f *File) read(path string) ([]byte, stamp, error) {
	r, err := f.disk.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, stamp{}, nil
	}
	if err != nil {
		return nil, stamp{}, ioError("open", path, err)
	}
	defer r.Close()
	data, info, err := securefile.ReadAll(r, path, f.limit)
	if err != nil {
		return nil, stamp{}, ioError("read", path, err)
	}
	return data, stampOf(info).withHash(hashOf(data)), nil
}

// sum returns the same stamp as read without keeping the bytes, for a file of
// any size up to limit.
func (f *File) sum(path string, limit int64) (stamp, error) {
	r, err := f.disk.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return stamp{}, nil
	}
	if err != nil {
		return stamp{}, ioError("open", path, err)
	}
	defer r.Close()
	info, err := r.Stat()
	if err != nil {
		return stamp{}, ioError("look at", path, err)
	}
	if info.Size() > limit {
		return stamp{}, &TooLargeError{path, info.Size(), limit}
	}
	// Of one that grows meanwhile no more is read. Its stamp is none that is known.
	var h hasher
	if _, err := io.Copy(&h, io.LimitReader(r, limit+1)); err != nil {
		return stamp{}, ioError("read", path, err)
	}
	return stampOf(info).withHash(h.sum()), nil
}

// Save replaces the file by one that holds these goals, in one step: whoever
// reads it sees the old file or the new one, whole. It does so through a
// sibling file with a name of its own, which is gone afterwards whether or not
// that went well. The error is an [*IOError].
func (f *File) Save(list []*goals.Goal) error {
	_, old, err := f.replace(partsOf(list))
	f.discard(old)
	return err
}

// Replaceable reports a file that cannot be replaced in one step, as one that
// is mounted by itself. It changes nothing that a reader could see. The error
// says what to do.
func (f *File) Replaceable() error {
	target, _, err := f.place()
	if err != nil {
		return nil // whoever reads or writes it will say so
	}
	probe := f.tempName(target, "")
	// A link needs both names on one mount, as the rename does.
	switch err := f.disk.Link(target, probe); {
	case err == nil:
		f.discard(probe)
	case errors.Is(err, syscall.EXDEV):
		return &IOError{Op: "replace", Path: f.Path(), Err: errors.New("it is mounted by itself, so it cannot be replaced in one step; mount the directory that holds it instead")}
	}
	return nil
}

// newVersion is in the names of temporary files that never were goals.json.
const newVersion = "new."

// tempName is a name beside the file that nobody else has. It tells what never was
// goals.json, and what was to become another file, from what may have been it.
func (f *File) tempName(target, of string) string {
	if f.name != fileName {
		of = f.name + "."
	}
	return filepath.Join(filepath.Dir(target), fmt.Sprintf("%s%s%d.%016x", tempPrefix, of, os.Getpid(), rand.Uint64()))
}

// replace replaces the file by one with that content and returns the stamp of the new
// version, and where the version that it replaced can still be looked at: ""
// if there was none. With an error that may be so too. The caller discards that
// one.
func (f *File) replace(content parts) (st stamp, old string, err error) {
	if err := f.disk.MkdirAll(f.dir, 0o700); err != nil {
		return stamp{}, "", ioError("create", f.dir, err)
	}
	target, info, err := f.place()
	if err != nil {
		return stamp{}, "", err
	}
	mode := fs.FileMode(0o600)
	if info != nil && f.name == fileName {
		mode = info.Mode().Perm()
	}
	temp := f.tempName(target, newVersion)
	// The name must be new: a file or link that somebody planted under it is not followed.
	w, err := f.disk.Create(temp)
	if err != nil {
		return stamp{}, "", ioError("create", temp, err)
	}
	st, err = fill(w, content, mode)
	if cerr := w.Close(); err == nil {
		err = ioError("close", temp, cerr)
	}
	if err == nil {
		temp, err = f.complete(temp, target, st)
	}
	if err == nil {
		old, err = f.swap(temp, target, st)
	}
	if err != nil {
		if old != temp {
			f.discard(temp)
		}
		return stamp{}, old, err
	}
	return st, old, nil
}

// complete gives a new version, whose stamp is st, the name of one that may have been
// goals.json: once the two are exchanged, it may be what somebody else wrote. It returns
// the name.
func (f *File) complete(temp, target string, st stamp) (string, error) {
	name := f.tempName(target, "")
	if err := patiently(func() error { return f.disk.Rename(temp, name) }); err != nil {
		if done, _ := f.stands(name, st.info); !done {
			f.discard(name) // it may be there all the same
			return temp, ioError("rename", temp, err)
		}
	}
	return name, nil
}

// swap puts temp, whose stamp is st, in the place of target and returns where the old
// target is. A disk may report an error after the operation took effect, so swap looks
// at what is there. With an error, old is where the old target may be if that is
// unknown.
func (f *File) swap(temp, target string, st stamp) (old string, err error) {
	// An exchange hands over exactly the version that is replaced, even if
	// somebody put it there a moment ago.
	err = f.disk.Exchange(temp, target)
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		var done bool
		if done, err = f.stands(target, st.info); !done && err != nil {
			return temp, ioError("exchange", target, err)
		}
		if !done {
			err = errors.ErrUnsupported
		}
	}
	if err == nil {
		return temp, nil
	}
	err = patiently(func() error {
		old, err = f.rename(temp, target, st)
		return err
	})
	return old, err
}

// rename is [File.swap] where two files cannot be exchanged.
func (f *File) rename(temp, target string, st stamp) (old string, err error) {
	// A link shows the version that stood there just before.
	old = temp + ".old"
	switch err := f.disk.Link(target, old); {
	case err == nil:
	case trouble(err): // what stands there may be nobody's but for this
		f.discard(old)
		return "", ioError("link", target, err)
	default:
		old = "" // nothing stands there, or there are no links here
	}
	if err := f.disk.Rename(temp, target); err != nil {
		done, serr := f.stands(target, st.info)
		switch {
		case done:
			return old, nil
		case serr != nil:
			return old, ioError("rename", target, err)
		}
		f.discard(old)
		return "", ioError("rename", target, err)
	}
	return old, nil
}

// stands reports whether path is that file. If it returns an error, that is unknown.
func (f *File) stands(path string, file fs.FileInfo) (bool, error) {
	info, err := f.disk.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(info, file), err
}

// trouble reports an error of the disk, as opposed to an operation that it does not
// support.
func trouble(err error) bool {
	return errors.Is(err, syscall.EIO) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EROFS)
}

// discard removes a temporary file. One that cannot be removed is left to
// [File.tidy], and to the next start if the program ends before.
func (f *File) discard(temp string) {
	if temp == "" {
		return
	}
	if err := f.disk.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.left = append(f.left, temp)
	}
}

// tidy removes what could not be removed before.
func (f *File) tidy() {
	left := f.left
	f.left = nil
	for _, temp := range left {
		f.discard(temp)
	}
}

func fill(w tempFile, content parts, mode fs.FileMode) (stamp, error) {
	var h hasher
	err := content(func(part []byte) error {
		_, _ = h.Write(part) // never fails
		_, err := w.Write(part)
		return err
	})
	if err != nil {
		return stamp{}, ioError("write", w.Name(), err)
	}
	if err := w.Chmod(mode); err != nil {
		return stamp{}, ioError("set the mode of", w.Name(), err)
	}
	// Without this a power cut after the rename can leave an empty file. An
	// error is final: the kernel may have dropped the pages, and a second
	// sync of the same file would lie.
	if err := w.Sync(); err != nil {
		return stamp{}, ioError("sync", w.Name(), err)
	}
	info, err := w.Stat()
	if err != nil {
		return stamp{}, ioError("look at", w.Name(), err)
	}
	return stampOf(info).withHash(h.sum()), nil
}
