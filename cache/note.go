package cache

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// Note is a small file beside goals.json that is replaced in the same way.
type Note struct{ file File }

// NewNote names a note. It does no I/O.
func NewNote(root, name string) Note {
	return Note{File{dir: filepath.Join(root, "sm"), name: name, disk: osDisk{}}}
}

// Load returns what the note holds, nil if there is none.
func (n Note) Load() ([]byte, error) {
	data, _, err := n.file.read(n.file.Path())
	return data, err
}

// Save replaces what the note holds; nil removes it.
func (n Note) Save(data []byte) error {
	if data == nil {
		err := n.file.disk.Remove(n.file.Path())
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return ioError("remove", n.file.Path(), err)
	}
	_, old, err := n.file.replace(data)
	n.file.discard(old)
	return err
}
