package cache

import (
	"errors"
	"io/fs"
	"path/filepath"

	"goalbot/securefile"
)

// maxNote is the size in bytes of the largest note that is read.
const maxNote = 4 << 20

// Note is a small file beside goals.json that is replaced in the same way. It
// is never a link: one that stands in its place is replaced, not followed.
type Note struct{ file File }

// NewNote names a note. It does no I/O.
func NewNote(root, name string) *Note {
	return &Note{File{root: root, dir: filepath.Join(root, "sm"), name: name, disk: osDisk{}}}
}

// Load returns what the note holds, nil if there is none. What is not a regular
// file is a [*KindError], and one that is too large to be ours is not read.
func (n *Note) Load() ([]byte, error) {
	n.file.tidy()
	path := n.file.Path()
	r, err := n.file.disk.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, ioError("open", path, err)
	}
	defer r.Close()
	data, _, err := securefile.ReadAll(r, path, maxNote)
	if err != nil {
		return nil, ioError("read", path, err)
	}
	return data, nil
}

// Save replaces what the note holds; nil removes it.
func (n *Note) Save(data []byte) error {
	n.file.tidy()
	if data == nil {
		err := n.file.disk.Remove(n.file.Path())
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return ioError("remove", n.file.Path(), err)
	}
	_, old, err := n.file.replace(onePart(data))
	n.file.discard(old)
	return err
}
