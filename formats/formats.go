// Package formats reads lists as other programs and people write them. It does
// no I/O and reads no clock.
package formats
