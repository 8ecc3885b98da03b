//go:build !unix && !windows

package securefile

import "io/fs"

// Flags are what [OpenFile] adds to the flags of [os.OpenFile]: nothing, where
// the system has nothing of the kind.
const Flags = 0

const follows = true // whether a link may be followed in spite of Flags

func links(string, fs.FileInfo) uint64 { return 1 }
