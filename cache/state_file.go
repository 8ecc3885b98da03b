package cache

import (
	"errors"
	"io/fs"
	"path/filepath"

	"goalbot/securefile"
)

// maxStateFile is the size in bytes of the largest state file that is read.
const maxStateFile = 4 << 20

// A StateFile is a small file beside goals.json that is replaced in the same way.
// A link in its place is replaced, not followed.
type StateFile struct{ file File }

// NewStateFile returns the state file of that name below a data root. It does no I/O.
func NewStateFile(root, name string) *StateFile {
	return &StateFile{File{root: root, dir: filepath.Join(root, "sm"), name: name, disk: osDisk{}}}
}

// Load returns the content of the file, nil if there is none. Anything but a
// regular file is a [*KindError]. A file that is too large to be ours is not read.
func (s *StateFile) Load() ([]byte, error) {
	path := s.file.Path()
	r, err := s.file.disk.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, ioError("open", path, err)
	}
	defer r.Close()
	data, _, err := securefile.ReadAll(r, path, maxStateFile)
	if err != nil {
		return nil, ioError("read", path, err)
	}
	return data, nil
}

// Save replaces the content of the file; nil removes the file.
func (s *StateFile) Save(data []byte) error {
	s.file.tidy()
	if data == nil {
		err := s.file.disk.Remove(s.file.Path())
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return ioError("remove", s.file.Path(), err)
	}
	_, old, err := s.file.replace(onePart(data))
	s.file.discard(old)
	return err
}
