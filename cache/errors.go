package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/securefile"
	"goalbot/store"
)

// This file holds the errors. Error is for the log; the other methods say for a
// person what is wrong and what to do.

// SerdeError reports a goals.json that can be read and does not load.
type SerdeError struct {
	Path string
	Err  *goaljson.Error
}

func (e *SerdeError) Error() string { return fmt.Sprintf("%s: %v", e.Path, e.Err) }
func (e *SerdeError) Unwrap() error { return e.Err }

// AccessError is an error because of which the file could not be read or
// written: [*IOError], [*KindError] or [*FullError].
type AccessError interface {
	error
	// Access says whether it was writing that failed, and why, for a person.
	Access() (writing bool, detail string)
}

// IOError reports a file that could not be read or written.
type IOError struct {
	Op   string // what was being done, as in "rename"
	Path string
	Err  error
}

func (e *IOError) Error() string { return fmt.Sprintf("%s %s: %v", e.Op, e.Path, e.Err) }
func (e *IOError) Unwrap() error { return e.Err }

// Access implements [AccessError].
func (e *IOError) Access() (writing bool, detail string) {
	writing = e.Op != "open" && e.Op != "read" && e.Op != "look at"
	return writing, "The system says: " + e.Err.Error() + "."
}

// KindError reports that something stands in the place of a file that is not a
// regular file below the data root. It is neither read nor replaced, and what a
// link leads to is not looked at: it may be somebody else's.
type KindError struct {
	Path string
	Kind string // with its article, as in "a directory"
}

func (e *KindError) Error() string {
	return fmt.Sprintf("%s is %s; it is neither read nor replaced: move it away", e.Path, e.Kind)
}

// Access implements [AccessError].
func (e *KindError) Access() (writing bool, detail string) {
	return false, "It is " + e.Kind + ", not a file of its own. I neither read nor replace it. Move it away, or restore: that puts it aside unread."
}

// Briefly says what is wrong, as a part of a sentence.
func (e *KindError) Briefly() string { return "it is " + e.Kind + " now, which I do not touch" }

// TooLargeError reports a file that is larger than the limit, which for
// goals.json is [MaxSize], or less where the memory is limited. It is not read.
type TooLargeError struct {
	Path        string
	Size, Limit int64 // in bytes; the size is one more than the limit where it grows
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%s has %d bytes; at most %d are read", e.Path, e.Size, e.Limit)
}

// TooLarge says how large it is and what is read at most, for a person.
func (e *TooLargeError) TooLarge() (detail string) {
	why := fmt.Sprintf("room for %d goals, each with more than a kilobyte", goals.MaxGoals)
	if e.Limit < MaxSize {
		why = "as much as the memory that I may use allows"
	}
	return fmt.Sprintf("It has %d MB, and I read at most %d MB: %s. What is in it is not taken in.", e.Size/1e6, e.Limit/1e6, why)
}

// FullError reports that a file was not kept beside goals.json because enough
// are kept there.
type FullError struct {
	Dir   string
	Files int
	Bytes int64
}

func (e *FullError) Error() string {
	return fmt.Sprintf("%d files of %d bytes are kept in %s, and no more by itself: move them away", e.Files, e.Bytes, e.Dir)
}

// Access implements [AccessError].
func (e *FullError) Access() (writing bool, detail string) {
	return true, fmt.Sprintf("It does not load and must be kept, but %d such files (%d MB) lie beside it already, and I add no more by myself. Look through them, and move away or delete what nobody needs.", e.Files, e.Bytes/1e6)
}

// Briefly says what is wrong, as a part of a sentence.
func (e *FullError) Briefly() string {
	return fmt.Sprintf("it does not load, and %d such files are kept beside it already; move them away", e.Files)
}

// MissingError reports that there is no goals.json although there are goals.
type MissingError struct{ Path string }

func (e *MissingError) Error() string {
	return e.Path + ": there is no such file, although there are goals"
}

func isMissing(err error) bool {
	_, ok := errors.AsType[*MissingError](err)
	return ok
}

// MergeError reports a goals.json that loads, and whose news the palace did not take.
type MergeError struct {
	Path string
	Err  error
}

func (e *MergeError) Error() string { return fmt.Sprintf("merge %s: %v", e.Path, e.Err) }
func (e *MergeError) Unwrap() error { return e.Err }

// Differs says that the file and the palace do not agree, for a person.
func (e *MergeError) Differs() string {
	switch {
	case errors.Is(e.Err, store.ErrServerFull):
		return "What others wrote there could not be saved: the disk of the database server is full."
	case errors.Is(e.Err, store.ErrFull):
		return "What others wrote there could not be saved: the disk is full."
	}
	return "What others wrote there could not be saved; the log says why."
}

// DuplicateIDsError reports a goals.json that holds an id more than once and cannot
// be kept as it is, which comes before it is set right.
type DuplicateIDsError struct {
	Path string
	IDs  []string
	Err  error
}

func (e *DuplicateIDsError) Error() string {
	return fmt.Sprintf("%s holds %q more than once, and no copy of it could be kept: %v", e.Path, e.IDs, e.Err)
}
func (e *DuplicateIDsError) Unwrap() error { return e.Err }

// DuplicateIDs says which, and why it stays so, for a person.
func (e *DuplicateIDsError) DuplicateIDs() (detail string) {
	detail = fmt.Sprintf("The id is %q.", goals.OneLine(e.IDs[0]))
	if n := len(e.IDs); n > 1 {
		detail = fmt.Sprintf("There are %d such ids; the first is %q.", n, goals.OneLine(e.IDs[0]))
	}
	why := "The log says why."
	if io, ok := errors.AsType[*IOError](e.Err); ok {
		_, why = io.Access()
	}
	if full, ok := errors.AsType[*FullError](e.Err); ok {
		why = fmt.Sprintf("%d such files lie beside it already; move them away.", full.Files)
	}
	return detail + "\nI could not keep a copy of the file, so I leave it as it is. " + why
}

// ioError turns an error of packages os and securefile into one of ours, and
// drops the path from its text, which would name it a second time.
func ioError(op, path string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*securefile.KindError](err); ok {
		return &KindError{path, e.Kind}
	}
	if e, ok := errors.AsType[*securefile.SizeError](err); ok {
		return &TooLargeError{path, e.Size, e.Limit}
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	} else if e, ok := errors.AsType[*os.LinkError](err); ok {
		err = e.Err
	}
	return &IOError{Op: op, Path: path, Err: err}
}
