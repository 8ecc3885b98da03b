package cache

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

	"goalbot/store"
)

// What a person is told of an error says whether the file is unreadable or
// unwritable, and why.
func TestAnErrorSaysWhetherItWasWritingThatFailed(t *testing.T) {
	const writing, reading = true, false
	for _, tt := range []struct {
		err     AccessError
		writing bool
		detail  string
	}{
		{&IOError{"open", "f", syscall.EACCES}, reading, "The system says: permission denied."},
		{&IOError{"read", "f", syscall.EIO}, reading, "The system says: input/output error."},
		{&IOError{"look at", "f", syscall.EACCES}, reading, "The system says: permission denied."},
		{&IOError{"create", "f", syscall.EROFS}, writing, "The system says: read-only file system."},
		{&IOError{"rename", "f", syscall.ENOSPC}, writing, "The system says: no space left on device."},
		{&KindError{"f", "a directory"}, reading, "It is a directory, not a file of its own."},
		{&FullError{"d", 100, 7e6}, writing, "100 such files (7 MB) lie beside it already"},
	} {
		if writing, detail := tt.err.Access(); writing != tt.writing || !strings.Contains(detail, tt.detail) {
			t.Errorf("%v: writing %v, %q; want %v, %q", tt.err, writing, detail, tt.writing, tt.detail)
		}
	}
}

func TestAnErrorSaysWhatIsWrongWithTheFile(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{(&DuplicateIDsError{"f", []string{"a"}, syscall.EIO}).DuplicateIDs(),
			"The id is \"a\".\nI could not keep a copy of the file, so I leave it as it is. The log says why."},
		{(&DuplicateIDsError{"f", []string{"a", "b"}, &IOError{"rename", "f", syscall.EACCES}}).DuplicateIDs(),
			"There are 2 such ids; the first is \"a\".\nI could not keep a copy of the file, so I leave it as it is. The system says: permission denied."},
		{(&DuplicateIDsError{"f", []string{"a"}, &FullError{"d", 100, 7e6}}).DuplicateIDs(),
			"The id is \"a\".\nI could not keep a copy of the file, so I leave it as it is. 100 such files lie beside it already; move them away."},
		{(&TooLargeError{"f", 200e6, MaxSize}).TooLarge(),
			"It has 200 MB, and I read at most 134 MB: room for 100000 goals, each with more than a kilobyte. What is in it is not taken in."},
		{(&TooLargeError{"f", 200e6, 20e6}).TooLarge(),
			"It has 200 MB, and I read at most 20 MB: as much as the memory that I may use allows. What is in it is not taken in."},
		{(&MergeError{"f", fmt.Errorf("save: %w", store.ErrServerFull)}).Differs(), "What others wrote there could not be saved: the disk of the database server is full."},
		{(&MergeError{"f", fmt.Errorf("save: %w", store.ErrFull)}).Differs(), "What others wrote there could not be saved: the disk is full."},
		{(&MergeError{"f", syscall.EIO}).Differs(), "What others wrote there could not be saved; the log says why."},
	} {
		if tt.got != tt.want {
			t.Errorf("it says\n%s\nwant\n%s", tt.got, tt.want)
		}
	}
}

// An error names its path once.
func TestAnErrorNamesItsPathOnce(t *testing.T) {
	for _, err := range []error{
		&fs.PathError{Op: "open", Path: "/a/goals.json", Err: syscall.EIO},
		&os.LinkError{Op: "link", Old: "/a/goals.json", New: "/a/b", Err: syscall.EIO},
		syscall.EIO,
	} {
		if got := ioError("open", "/a/goals.json", err).Error(); got != "open /a/goals.json: "+syscall.EIO.Error() {
			t.Errorf("%T becomes %q", err, got)
		}
	}
}
