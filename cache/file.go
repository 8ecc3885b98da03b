package cache

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"goalbot/goals"
	"goalbot/goals/goaljson"
)

// MaxSize is the size in bytes of the largest goals.json that is read.
const MaxSize = 512 << 20

const (
	fileName   = "goals.json"
	tempPrefix = ".goals.json.tmp."
)

// File is goals.json below one data root.
type File struct {
	dir, name string
	disk      disk
	left      []string // temporary files that could not be removed
}

// New names the goals.json below a data root. It does no I/O, and nothing is
// created before the first [File.Save].
func New(root string) *File {
	return &File{dir: filepath.Join(root, "sm"), name: fileName, disk: osDisk{}}
}

// Dir is the directory that holds the file.
func (f *File) Dir() string { return f.dir }

// Path is where the file is.
func (f *File) Path() string { return filepath.Join(f.dir, f.name) }

// SerdeError reports a goals.json that can be read and does not load.
type SerdeError struct {
	Path string
	Err  *goaljson.Error
}

func (e *SerdeError) Error() string { return fmt.Sprintf("%s: %v", e.Path, e.Err) }
func (e *SerdeError) Unwrap() error { return e.Err }

// Malformed says in a few lines where the file is wrong and what was expected
// there, for a person. Excerpt is the place, fit for a fixed-width face.
func (e *SerdeError) Malformed() (where, excerpt string) { return e.Err.Error(), e.Err.Excerpt }

// IOError reports a goals.json that could not be read or written.
type IOError struct {
	Op   string // what was being done, as in "rename"
	Path string
	Err  error
}

func (e *IOError) Error() string { return fmt.Sprintf("%s %s: %v", e.Op, e.Path, e.Err) }
func (e *IOError) Unwrap() error { return e.Err }

// Access says whether it was writing that failed, and why, for a person.
func (e *IOError) Access() (writing bool, detail string) {
	writing = e.Op != "open" && e.Op != "read" && e.Op != "look at"
	return writing, "The system says: " + e.Err.Error() + "."
}

// ioError drops the path from an error of package os, whose own wording
// would name it a second time.
func ioError(op, path string, err error) error {
	if err == nil {
		return nil
	}
	var perr *fs.PathError
	var lerr *os.LinkError
	switch {
	case errors.As(err, &perr):
		err = perr.Err
	case errors.As(err, &lerr):
		err = lerr.Err
	}
	return &IOError{Op: op, Path: path, Err: err}
}

// Load reads the goals of the file. A missing file is an empty list, and the
// slice is then nil; a file that holds an empty list gives one that is not.
// The error is a [*SerdeError] for a malformed file and an [*IOError] for one
// that cannot be read.
func (f *File) Load() ([]*goals.Goal, error) {
	list, _, err := f.load()
	return list, err
}

func (f *File) load() ([]*goals.Goal, stamp, error) { return f.loadFrom(f.Path()) }

func (f *File) loadFrom(path string) ([]*goals.Goal, stamp, error) {
	data, st, err := f.read(path)
	if err != nil || data == nil {
		return nil, st, err
	}
	list, err := goaljson.Decode(data)
	if err != nil {
		var bad *goaljson.Error
		if errors.As(err, &bad) {
			return nil, st, &SerdeError{Path: f.Path(), Err: bad}
		}
		return nil, st, ioError("decode", f.Path(), err)
	}
	if list == nil {
		list = []*goals.Goal{}
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
	info, err := r.Stat()
	if err != nil {
		return nil, stamp{}, ioError("look at", path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, stamp{}, &IOError{Op: "read", Path: path, Err: errors.New("it is not a regular file")}
	}
	if info.Size() > MaxSize {
		return nil, stamp{}, &IOError{Op: "read", Path: path, Err: fmt.Errorf("it is larger than %d bytes", MaxSize)}
	}
	data := make([]byte, 0, info.Size()+1)
	for {
		n, err := r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case err == io.EOF:
			return data, stampOf(info).withHash(data), nil
		case err != nil:
			return nil, stamp{}, ioError("read", path, err)
		case len(data) > MaxSize:
			return nil, stamp{}, &IOError{Op: "read", Path: path, Err: fmt.Errorf("it is larger than %d bytes", MaxSize)}
		case len(data) == cap(data):
			data = append(data, 0)[:len(data)]
		}
	}
}

// Save replaces the file by one that holds these goals, in one step: whoever
// reads it sees the old file or the new one, whole. It does so through a
// sibling file with a name of its own, which is gone afterwards whether or not
// that went well. The error is an [*IOError].
func (f *File) Save(list []*goals.Goal) error {
	_, old, err := f.replace(goaljson.Append(nil, list))
	f.discard(old)
	return err
}

// Replaceable reports a file that cannot be replaced in one step, as one that
// is mounted by itself. It changes nothing that a reader could see. The error
// says what to do.
func (f *File) Replaceable() error {
	target, _, err := f.target()
	if err != nil {
		return nil // whoever reads or writes it will say so
	}
	probe := f.tempName(target)
	// A link needs both names on one mount, as the rename does.
	switch err := f.disk.Link(target, probe); {
	case err == nil:
		f.discard(probe)
	case errors.Is(err, syscall.EXDEV):
		return &IOError{Op: "replace", Path: f.Path(), Err: errors.New("it is mounted by itself, so it cannot be replaced in one step; mount the directory that holds it instead")}
	}
	return nil
}

// tempName is a name beside the file that nobody else has. It tells what was
// to become goals.json, or was, from what was to become another file.
func (f *File) tempName(target string) string {
	of := ""
	if f.name != fileName {
		of = f.name + "."
	}
	return filepath.Join(filepath.Dir(target), fmt.Sprintf("%s%s%d.%016x", tempPrefix, of, os.Getpid(), rand.Uint64()))
}

// replace replaces the file and returns what tells the new version from
// others, and where the version that it replaced can still be looked at: ""
// if there was none. The caller discards that one.
func (f *File) replace(data []byte) (st stamp, old string, err error) {
	if err := f.disk.MkdirAll(f.dir, 0o700); err != nil {
		return stamp{}, "", ioError("create", f.dir, err)
	}
	target, mode, err := f.target()
	if err != nil {
		return stamp{}, "", err
	}
	temp := f.tempName(target)
	// The name must be new: a file or link that somebody planted under it is not followed.
	w, err := f.disk.Create(temp)
	if err != nil {
		return stamp{}, "", ioError("create", temp, err)
	}
	st, err = fill(w, data, mode)
	if cerr := w.Close(); err == nil && cerr != nil {
		err = ioError("close", temp, cerr)
	}
	if err == nil {
		old, err = f.swap(temp, target)
	}
	if err != nil {
		f.discard(temp)
		return stamp{}, "", err
	}
	return st, old, nil
}

// swap puts temp in the place of target and returns where the old target is.
func (f *File) swap(temp, target string) (old string, err error) {
	// An exchange hands over exactly the version that is replaced, even if
	// somebody put it there a moment ago.
	if f.disk.Exchange(temp, target) == nil {
		return temp, nil
	}
	// A link shows the version that stood there just before.
	old = temp + ".old"
	switch err := f.disk.Link(target, old); {
	case err == nil:
	case trouble(err): // what stands there may be nobody's but for this
		return "", ioError("link", target, err)
	default:
		old = "" // nothing stands there, or there are no links here
	}
	if err := f.disk.Rename(temp, target); err != nil {
		f.discard(old)
		return "", ioError("rename", target, err)
	}
	return old, nil
}

// trouble tells a disk that fails from one that cannot do what is asked.
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

func fill(w tempFile, data []byte, mode fs.FileMode) (stamp, error) {
	if _, err := w.Write(data); err != nil {
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
	return stampOf(info).withHash(data), nil
}

// target is the file to replace and the mode that the new one gets. A
// symbolic link is followed, so that it stays a link.
func (f *File) target() (string, fs.FileMode, error) {
	target, err := f.followed()
	if err != nil {
		return "", 0, err
	}
	info, err := f.disk.Stat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return target, 0o600, nil
	case err != nil:
		return "", 0, ioError("look at", target, err)
	case !info.Mode().IsRegular():
		return "", 0, &IOError{Op: "replace", Path: target, Err: errors.New("it is not a regular file; move it away")}
	}
	return target, info.Mode().Perm(), nil
}

// followed is the path behind the symbolic link that the file may be. A link
// that leads nowhere is a file that is not there yet.
func (f *File) followed() (string, error) {
	real, err := f.disk.EvalSymlinks(f.Path())
	switch {
	case err == nil:
		return real, nil
	case errors.Is(err, fs.ErrNotExist):
		return f.Path(), nil
	}
	// Taken for a file, the link would be replaced, or kept in place of what it leads to.
	if info, lerr := f.disk.Lstat(f.Path()); lerr != nil || info.Mode()&fs.ModeSymlink != 0 {
		return "", ioError("look at", f.Path(), err)
	}
	return f.Path(), nil
}

// leftovers are the temporary files that are there. Only one program may write
// the file while it runs: at its start they are a former run's.
func (f *File) leftovers() (paths []string, err error) {
	path, err := f.followed()
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(path)
	entries, err := f.disk.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, ioError("list", dir, err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), tempPrefix) && e.Type().IsRegular() {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths, nil
}

// Quarantine keeps the present file under the name
// goals.json.corrupt-<UTC time> beside it and returns that path. What was kept
// before is never replaced. Without a file it returns "".
func (f *File) Quarantine(now time.Time) (string, error) {
	target, err := f.followed()
	if err != nil {
		return "", err
	}
	return f.quarantine(target, now)
}

func (f *File) quarantine(path string, now time.Time) (string, error) {
	if _, err := f.disk.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	name := filepath.Join(filepath.Dir(path), fileName+".corrupt-"+now.UTC().Format("20060102T150405Z"))
	for kept, i := name, 2; ; kept, i = fmt.Sprintf("%s-%d", name, i), i+1 {
		// A link keeps even a file that cannot be read, costs no room on a full
		// disk, fails where the name is taken, and leaves readers the old file
		// until the new one replaces it.
		err := f.disk.Link(path, kept)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			// No links here, or not to this. Readers find no file for a moment.
			_, lerr := f.disk.Lstat(kept)
			if lerr == nil {
				continue
			}
			if errors.Is(lerr, fs.ErrNotExist) {
				err = f.disk.Rename(path, kept)
			}
		}
		if err != nil {
			return "", ioError("rename", path, err)
		}
		return kept, nil
	}
}
