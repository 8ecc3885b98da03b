package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"goalbot/securefile"
)

// This file reads what settings come from: .env, which is taken from whatever
// folder the program is started in, and the files that hold secrets. Whoever
// can write there can send the token where he likes.

// maxLinks is how many symbolic links are followed, one after the other.
const maxLinks = 10

// readSettings reads a file that settings come from, of at most limit bytes. A
// symbolic link is followed where this user or root has made it: container
// platforms hand out secrets so. The error is said to people by [unreadable].
func readSettings(path string, limit int64) (content []byte, info fs.FileInfo, err error) {
	for n := 0; ; n++ {
		info, err := os.Lstat(path)
		if err != nil {
			return nil, nil, err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			break
		}
		if uid, yes := foreignOwner(info); yes {
			return nil, nil, &foreignError{what: "is a symbolic link made by another user", uid: uid}
		}
		to, err := os.Readlink(path)
		if err != nil {
			return nil, nil, err
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		if path = to; n == maxLinks {
			return nil, nil, errors.New("its symbolic links form a loop")
		}
	}
	f, err := securefile.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	return securefile.ReadAll(f, path, limit)
}

// foreignError reports a file that is not ours.
type foreignError struct {
	what string
	uid  int
}

func (e *foreignError) Error() string { return fmt.Sprintf("%s (user id %d)", e.what, e.uid) }

// unreadable says why a file could not be read, without its path.
func unreadable(err error) string {
	if kind, ok := errors.AsType[*securefile.KindError](err); ok {
		return "is " + kind.Kind + ", not a regular file"
	}
	if size, ok := errors.AsType[*securefile.SizeError](err); ok {
		return fmt.Sprintf("has more than %d bytes", size.Limit)
	}
	if foreign, ok := errors.AsType[*foreignError](err); ok {
		return foreign.Error()
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "does not exist"
	case errors.Is(err, fs.ErrPermission):
		return "can't be read by this user"
	}
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return "cannot be read: " + pathError.Err.Error()
	}
	return "cannot be read: " + err.Error()
}

// loose warns of a file or folder that other users may read or change; what
// names it, and cure is how to keep it to oneself.
func loose(what string, info fs.FileInfo, cure string) (warning string) {
	done := ""
	switch read, write := openTo(info.Mode()); {
	case write:
		done = "changed"
	case read:
		done = "read"
	default:
		return ""
	}
	return fmt.Sprintf("%s can be %s by other users of this machine (mode %04o). To keep it private: %s", what, done, info.Mode().Perm(), cure)
}
