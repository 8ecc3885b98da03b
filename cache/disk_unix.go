//go:build unix

package cache

import "syscall"

// openFlags keep the opening of a FIFO at the file's path from hanging.
const openFlags = syscall.O_NONBLOCK
