//go:build !windows

package cache

// inUse reports an error that is over as soon as somebody closes the file.
func inUse(error) bool { return false }
