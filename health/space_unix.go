//go:build unix

package health

import "golang.org/x/sys/unix"

// FreeSpace is how many bytes are left for us on the disk that holds a directory.
func FreeSpace(dir string) (free uint64, ok bool) {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil || s.Blocks == 0 {
		return 0, false // some file systems do not say
	}
	return uint64(s.Bavail) * uint64(s.Bsize), true
}

// mayWrite asks the system whether files may be made in a directory. It tells
// of permissions and of disks that are mounted read-only, and writes nothing.
func mayWrite(dir string) error { return unix.Access(dir, unix.W_OK|unix.X_OK) }
