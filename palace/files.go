package palace

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// This file knows the temporary files of a palace, and how files and names last
// through a power cut.

// Temporary files are named like this, with something between, and whatever
// SQLite puts behind the name of a database.
const (
	tempPrefix   = ".palace-"
	markerPrefix = ".palace.id-"
	tempSuffix   = ".tmp"
)

// sweep removes the temporary files that a program which was killed has left in
// a directory. Nobody else may be making any there: whoever does has the lock.
func sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		name := e.Name()
		ours := strings.HasPrefix(name, tempPrefix) || strings.HasPrefix(name, markerPrefix)
		if ours && strings.Contains(name, tempSuffix) && e.Type().IsRegular() {
			err = errors.Join(err, os.Remove(filepath.Join(dir, name)))
		}
	}
	return err
}

// syncFile makes what a file holds last.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0) // Windows syncs only what may be written
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncDir makes the names in a directory last.
func syncDir(path string) error {
	if runtime.GOOS == "windows" { // cannot, and need not
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// identify tells a file from others that may take its name.
func identify(path string) (os.FileInfo, error) {
	info, err := os.Stat(path)
	if err == nil {
		os.SameFile(info, info) // Windows looks up which file it is only now, and by its name
	}
	return info, err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// size is 0 for a file that is not there.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
