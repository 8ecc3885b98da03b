// Package goaljson reads and writes goals.json, to the byte as a Rust program
// with serde, serde_json and chrono does it.
//
// # What is read
//
// [Decode] loads what such a program loads and refuses what it refuses. Its
// [Error] tells people where and why. It is stricter than encoding/json: names
// are case-sensitive, a known name may occur once, only evidence may be null,
// strings must be valid UTF-8, and nothing may follow the list. It refuses one
// thing more, which no program writes: invalid UTF-8 inside the value of an unknown
// member.
//
// What serde's derive accepts beside the usual form is accepted too: a goal or a
// session as a list of its values, in the order in which its members are written,
// and a status or state as an object, {"pending": null}. So are all the times that
// chrono reads.
//
// Members that the model does not know are kept with their goal or session, in
// their order and byte by byte, at any depth.
//
// # What is written
//
// [Append] and [AppendGoal] write what serde_json's pretty printer writes;
// unknown members follow the known ones. A written file loads as the same goals,
// and saving these again gives the same bytes. Whatever the goals contain, the
// file can be read: invalid UTF-8 is replaced by U+FFFD, an unknown status or
// state by the first of the known ones, a time that does not fit by the nearest
// that does; an unknown member that is not JSON or has a known name is left out.
//
// # How
//
// Reading and writing are one pass each, without reflection or recursion. The
// reader keeps its first error and stands at the end of the file from then on,
// so the code that reads a goal is a list of its members. Two things make it
// fast: strings are searched eight bytes at a time, and a known member in the
// layout that programs write is recognised by one comparison.
//
// The reader has its own tokenizer because jsontext, the one below
// encoding/json/v2, is slower and saves little. With the jsontext of February
// 2026 in its place, below the same schema and errors, reading took 1.8 to 2.7
// times as long at 100, 1,000, 10,000 and 100,000 goals, and the package had
// about 100 of its 1,500 lines less. It also refused unknown values more than
// 10,000 levels deep, and 28 errors in 1,048 test files got another place.
//
// # Memory
//
// The strings of a list are copied into pieces of 8 kB, each a strings.Builder
// that never grows; long strings are allocated one by one. Goals, sessions and
// slices of strings are likewise parts of larger slices. So a loaded list takes
// about as much memory as its file, refers to nothing in the buffer that it was
// read from, and a goal that outlives its list keeps about thirty neighbours in
// memory, not the whole file. One string for the whole file, cut into parts,
// would be as fast, but would keep the whole file in memory, white space and
// names included, as long as any goal of it is in use.
package goaljson
