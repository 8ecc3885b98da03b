//go:build unix

package securefile

import (
	"io/fs"
	"syscall"
)

// Flags are what [OpenFile] adds to the flags of [os.OpenFile], for those who
// must open a file by other means: a symbolic link is an error, and opening a
// FIFO does not wait.
const Flags = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

const follows = false // whether a link may be followed in spite of Flags

// links is how many names the file has.
func links(_ string, info fs.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Nlink)
	}
	return 1
}
