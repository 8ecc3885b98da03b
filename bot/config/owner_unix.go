//go:build unix

package config

import (
	"io/fs"
	"os"
	"syscall"
)

// foreignOwner returns the user id of the owner of a file where that is another
// user than this program's, and not root.
func foreignOwner(info fs.FileInfo) (uid int, yes bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	uid = int(s.Uid)
	return uid, uid != 0 && uid != os.Geteuid()
}

// openTo are the bits of a mode that let other users read or change a file.
func openTo(mode fs.FileMode) (read, write bool) { return mode&0o044 != 0, mode&0o022 != 0 }
