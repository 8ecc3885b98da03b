//go:build unix

package cache

import (
	"errors"
	"syscall"
)

// runs reports whether a process with that id may be there.
func runs(id int) bool { return !errors.Is(syscall.Kill(id, 0), syscall.ESRCH) }
