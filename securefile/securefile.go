// Package securefile opens files by name in directories that other users or
// programs may write to.
//
// Whoever may write there can put anything under a known name: a symbolic link
// or a hard link to somebody else's file, a FIFO that never ends, a device, a
// file of any size. Nothing here follows a link in the last element of a path,
// waits for a FIFO, opens a device, or reads more than a limit. The directories
// on the way to the file are trusted.
package securefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// KindError reports that something else than a regular file has the name. It
// was not opened, or was closed again before anything was read or written.
type KindError struct {
	Path string
	Kind string // with its article, as in "a directory"
}

func (e *KindError) Error() string {
	return fmt.Sprintf("%s is %s, not a regular file", e.Path, e.Kind)
}

// LinksError reports a file that has other names as well, and so may be
// somebody else's. It was not written to.
type LinksError struct {
	Path  string
	Links uint64
}

func (e *LinksError) Error() string {
	return fmt.Sprintf("%s has %d names (hard links), so it may be another file too", e.Path, e.Links)
}

// SizeError reports a file that is larger than the limit. Size is what is known
// of it, in bytes; where the file grows while it is read, that is one more than
// the limit.
type SizeError struct {
	Path        string
	Size, Limit int64
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("%s has %d bytes; at most %d are read", e.Path, e.Size, e.Limit)
}

// Open opens a regular file to read it. The error is a [*KindError] or one of
// package os.
func Open(path string) (*os.File, error) { return OpenFile(path, os.O_RDONLY, 0) }

// OpenFile is [os.OpenFile] for a regular file. Where flag allows writing, a
// file that has more than one hard link is refused with a [*LinksError], and
// with [os.O_TRUNC] the file is emptied after it was found to be the right one.
func OpenFile(path string, flag int, perm fs.FileMode) (*os.File, error) {
	if err := Check(path); err != nil && !(flag&os.O_CREATE != 0 && errors.Is(err, fs.ErrNotExist)) {
		return nil, err
	}
	f, err := os.OpenFile(path, flag&^os.O_TRUNC|Flags, perm)
	if errors.Is(err, syscall.ELOOP) { // it has become a link since the check
		return nil, &KindError{path, "a symbolic link"}
	}
	if err != nil {
		return nil, err
	}
	if err := vet(f, path, flag); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// vet looks at what was opened: the check before may have seen something else.
func vet(f *os.File, path string, flag int) error {
	if !follows {
		// The flags keep links from being followed.
	} else if err := Check(path); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return &KindError{path, Kind(info.Mode())}
	}
	if flag&(os.O_WRONLY|os.O_RDWR) == 0 {
		return nil
	}
	if n := links(path, info); n > 1 {
		return &LinksError{path, n}
	}
	if flag&os.O_TRUNC != 0 {
		return f.Truncate(0)
	}
	return nil
}

// Check reports what stands at the path without opening it: nil for a regular
// file, a [*KindError] for anything else, and for nothing an error that is
// [fs.ErrNotExist].
func Check(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return &KindError{path, Kind(info.Mode())}
	}
	return nil
}

// CheckSole is [Check] for a file that is to be written by other means: one that
// has more than one hard link is a [*LinksError].
func CheckSole(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return &KindError{path, Kind(info.Mode())}
	}
	if n := links(path, info); n > 1 {
		return &LinksError{path, n}
	}
	return nil
}

// Read returns what a regular file holds, up to limit bytes. The error is a
// [*KindError], a [*SizeError] for a larger file, or one of package os.
func Read(path string, limit int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, _, err := ReadAll(f, path, limit)
	return data, err
}

// A File is an open file that is read.
type File interface {
	io.Reader
	Stat() (fs.FileInfo, error)
}

// ReadAll reads an open file to its end, up to limit bytes, and returns what it
// was before the first byte was read. A file that is larger is a [*SizeError];
// one that says so beforehand is not read at all. path is for that error.
func ReadAll(f File, path string, limit int64) ([]byte, fs.FileInfo, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if info.Size() > limit {
		return nil, info, &SizeError{path, info.Size(), limit}
	}
	data := make([]byte, 0, info.Size()+1) // one more, to find the end without growing
	for {
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case int64(len(data)) > limit:
			return nil, info, &SizeError{path, int64(len(data)), limit}
		case err == io.EOF:
			return data, info, nil
		case err != nil:
			return nil, info, err
		case len(data) == cap(data):
			data = append(data, 0)[:len(data)]
		}
	}
}

// Kind names what a mode says, with its article, as in "a directory".
func Kind(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return "a regular file"
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe (FIFO)"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "something of an unknown kind"
}
