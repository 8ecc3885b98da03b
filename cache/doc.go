// Package cache keeps goals.json, the copy of the palace that other programs
// read.
//
// A [File] is that file: whoever reads it sees an old version or the new one,
// whole, and never a piece. A missing file loads as empty; a malformed one is a
// [*SerdeError], one that is too large to read a [*TooLargeError], and what is
// not a regular file below the data root a [*KindError]: that is neither read nor
// replaced. The [Mirror] is what every change passes through: the palace first,
// the file second.
package cache
