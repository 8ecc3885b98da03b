//go:build !linux

package health

// RemoteFilesystem is not known on this system.
func RemoteFilesystem(string) string { return "" }
