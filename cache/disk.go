package cache

import (
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"goalbot/securefile"
)

// disk is what File needs of a file system. It is here so that tests can let
// any single operation fail.
type disk interface {
	MkdirAll(dir string, mode fs.FileMode) error
	Create(path string) (tempFile, error) // fails where the path exists
	Open(path string) (openFile, error)   // nothing but a regular file, and no link
	Lstat(path string) (fs.FileInfo, error)
	EvalSymlinks(path string) (string, error)
	ReadDir(dir string) ([]fs.DirEntry, error)
	Link(from, to string) error
	// Exchange gives each of two files the other's name, in one step, or
	// returns [errors.ErrUnsupported].
	Exchange(a, b string) error
	Rename(from, to string) error
	Remove(path string) error
}

type openFile interface {
	Read([]byte) (int, error)
	Stat() (fs.FileInfo, error)
	Close() error
}

type tempFile interface {
	Name() string
	Write([]byte) (int, error)
	Chmod(fs.FileMode) error
	Sync() error
	Stat() (fs.FileInfo, error)
	Close() error
}

type osDisk struct{}

func (osDisk) MkdirAll(dir string, mode fs.FileMode) error { return os.MkdirAll(dir, mode) }
func (osDisk) Create(path string) (tempFile, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (osDisk) Open(path string) (openFile, error) {
	var f *os.File
	err := patiently(func() (err error) {
		f, err = securefile.Open(path)
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// patiently tries again, for a second at most, what fails because somebody has
// the file open.
func patiently(try func() error) (err error) {
	for end := time.Now().Add(time.Second); ; time.Sleep(2 * time.Millisecond) {
		if err = try(); !inUse(err) || time.Now().After(end) {
			return err
		}
	}
}

func (osDisk) Lstat(path string) (fs.FileInfo, error) {
	info, err := os.Lstat(path)
	// Windows looks up which file it is when that is first asked for, and by
	// its name, which may be another's by then.
	os.SameFile(info, info)
	return info, err
}
func (osDisk) EvalSymlinks(path string) (string, error)  { return filepath.EvalSymlinks(path) }
func (osDisk) ReadDir(dir string) ([]fs.DirEntry, error) { return os.ReadDir(dir) }
func (osDisk) Link(from, to string) error                { return os.Link(from, to) }
func (osDisk) Exchange(a, b string) error                { return exchange(a, b) }
func (osDisk) Rename(from, to string) error              { return os.Rename(from, to) }
func (osDisk) Remove(path string) error                  { return os.Remove(path) }

// stamp tells one version of the file from another. The zero stamp is that of
// a missing file.
type stamp struct {
	info os.FileInfo // nil for a missing file
	size int64
	time time.Time
	hash uint64 // of the bytes; 0 where they were not read or there is no file
}

func stampOf(info fs.FileInfo) stamp {
	return stamp{info: info, size: info.Size(), time: info.ModTime()}
}

func (s stamp) withHash(hash uint64) stamp {
	s.hash = hash
	return s
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// hasher makes a hash that is the same for the same bytes for ever, and never
// 0. It tells apart what programs write by chance; who wants to deceive it could
// as well write what he likes into the file. Two checksums that the processor
// knows how to make take a tenth of the time of one that is cryptographic, which
// for a long list was as long as writing the file.
type hasher struct {
	a, b uint32
	size int64 // of what was written
}

// Write implements [io.Writer]. It never fails.
func (h *hasher) Write(data []byte) (int, error) {
	h.a = crc32.Update(h.a, castagnoli, data)
	h.b = crc32.Update(h.b, crc32.IEEETable, data)
	h.size += int64(len(data))
	return len(data), nil
}

func (h *hasher) sum() uint64 { return uint64(h.a)<<32 | uint64(h.b) | 1 }

func hashOf(data []byte) uint64 {
	var h hasher
	_, _ = h.Write(data)
	return h.sum()
}

// looksLike reports whether a version has the outward marks of another: the
// same file on disk, size and time of writing. It is cheap and can be fooled
// by a writer who alters the file in place within one tick of the clock.
func (s stamp) looksLike(o stamp) bool {
	if s.info == nil && o.info == nil {
		return true
	}
	return s.size == o.size && s.time.Equal(o.time) && os.SameFile(s.info, o.info)
}
