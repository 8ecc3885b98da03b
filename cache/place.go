package cache

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"goalbot/securefile"
)

// This file finds out what stands in the place of the file.

// place returns where the file is, which is its path or what the symbolic link
// there leads to, and what is there: nil for nothing. A link that leads nowhere
// is a file that is not there yet. Anything but a regular file is a
// [*KindError], and so is a link that leads out of the data root, or to a file
// that is not called .json.
func (f *File) place() (path string, info fs.FileInfo, err error) {
	path = f.Path()
	info, err = f.disk.Lstat(path)
	linked := err == nil && info.Mode()&fs.ModeSymlink != 0
	if linked {
		if f.name != fileName {
			return path, nil, nil // it is replaced, not followed
		}
		path, info, err = f.behindLink()
	}
	if kind, ok := errors.AsType[*KindError](err); ok {
		return "", nil, kind
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, nil, nil
	case err != nil:
		return "", nil, ioError("look at", path, err)
	case !info.Mode().IsRegular():
		return "", nil, &KindError{f.Path(), securefile.Kind(info.Mode())}
	case linked && !mayHoldGoals(path):
		return "", nil, &KindError{f.Path(), "a symbolic link to a file of another kind than goals.json"}
	}
	return path, info, nil
}

// mayHoldGoals reports whether a link may lead to a file of that name. What is
// below the data root may be the palace, a backup, or a file that holds the
// token: a link to one would have it shown, and then replaced.
func mayHoldGoals(path string) bool {
	name := filepath.Base(path)
	return filepath.Ext(name) == ".json" && name != "alerts.json"
}

// behindLink follows the symbolic link at the file's path.
func (f *File) behindLink() (path string, info fs.FileInfo, err error) {
	path = f.Path()
	real, err := f.disk.EvalSymlinks(path)
	if err != nil {
		if _, ok := errors.AsType[*fs.PathError](err); !ok { // no error of the disk: it gave up
			err = &KindError{path, "a symbolic link that leads in a circle"}
		}
		return path, nil, err
	}
	inside, err := f.inside(real)
	if err != nil {
		return path, nil, err
	}
	if !inside {
		return path, nil, &KindError{path, "a symbolic link that leads out of the data root"}
	}
	info, err = f.disk.Lstat(real)
	return real, info, err
}

// inside reports whether a path without links is below the data root, or below
// the directory of the file, which may be a link itself: who made that one may
// write to the root.
func (f *File) inside(real string) (bool, error) {
	for _, dir := range []string{f.root, f.dir} {
		dir, err := f.disk.EvalSymlinks(dir)
		if err != nil {
			return false, err
		}
		if dir, err = filepath.Abs(dir); err != nil {
			return false, err
		}
		if real, err = filepath.Abs(real); err != nil {
			return false, err
		}
		if rel, err := filepath.Rel(dir, real); err == nil && filepath.IsLocal(rel) {
			return true, nil
		}
	}
	return false, nil
}

// Place is where the file is: its path or, where a symbolic link below the data
// root stands there, what that leads to.
func (f *File) Place() string {
	if path, _, err := f.place(); err == nil {
		return path
	}
	return f.Path()
}

// here is the directory in which the file is, for what is kept beside it.
func (f *File) here() string { return filepath.Dir(f.Place()) }

// leftovers are the temporary files that are there. Only one program may write
// the file while it runs: at its start they are a former run's.
func (f *File) leftovers() (paths []string, err error) { return f.beside(tempPrefix) }

// beside are the regular files beside the file whose names begin so.
func (f *File) beside(prefix string) (paths []string, err error) { return f.filesIn(f.here(), prefix) }

// filesIn are the regular files in a directory whose names begin so.
func (f *File) filesIn(dir, prefix string) (paths []string, err error) {
	entries, err := f.disk.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, ioError("list", dir, err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) && e.Type().IsRegular() {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths, nil
}
