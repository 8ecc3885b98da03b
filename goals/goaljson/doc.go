// Package goaljson reads and writes goals.json, to the byte as a Rust program
// with serde, serde_json and chrono does it: what such a program loads,
// [Decode] loads; what it refuses, Decode refuses; and [Append] writes the
// bytes that its pretty printer writes.
package goaljson
