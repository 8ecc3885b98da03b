//go:build !unix

package cache

const openFlags = 0
