//go:build !unix

package main

import "os"

// profileRequests tells of nothing: there is no signal to ask with. The flag
// --profile is for all systems.
func profileRequests() (requests <-chan os.Signal, stop func()) { return nil, func() {} }
