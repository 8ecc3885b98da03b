package cache

import (
	"errors"

	"golang.org/x/sys/windows"
)

// inUse reports an error that is over as soon as somebody closes the file: on
// Windows one that is open can neither be replaced, unless whoever opened it
// allows that, which few do, nor be opened while it is replaced.
func inUse(err error) bool {
	return errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION) ||
		errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}
