//go:build unix

package cache

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// deadProcess is the id of a process that has just ended.
func deadProcess(t *testing.T) int {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^$")
	must(t, c.Run())
	return c.Process.Pid
}

// What trusty-mpm leaves beside goals.json when it is killed while it writes is
// removed, and nothing else: not what is young, not what a living process may
// still rename, and nothing whose name or kind only resembles it. Red where the
// age, the process, the kind or the rest of the name is not looked at, and where a
// process id may have a sign or a leading zero.
func TestOrphansOfOtherProgramsAreSwept(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	dead := deadProcess(t)
	dir := h.file.Dir()
	old, young := time.Now().Add(-2*time.Hour), time.Now().Add(-50*time.Minute)
	write := func(name string, at time.Time) {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte("[]"), 0o600))
		must(t, os.Chtimes(path, at, at))
	}
	theirs := func(rest string) string { return fmt.Sprintf("goals.json.tmp.%d.%s", dead, rest) }
	gone := []string{theirs("1781611200000000000.0"), theirs("1781611200000000001.12"), "goals.json.tmp.2147483647.1.1"}
	for _, name := range gone {
		write(name, old)
	}
	stay := []string{
		fmt.Sprintf("goals.json.tmp.%d.1.1", os.Getpid()),
		fmt.Sprintf("goals.json.tmp.%d.1.1", os.Getppid()),
		"goals.json.tmp.1.1.1",
		// Not the name of one.
		"goals.json.tmp", "goals.json.tmp.", "goals.json.tmp.1", "goals.json.tmp..1.1", "goals.json.tmp.0.1.1", "goals.json.tmp.-1.1.1",
		fmt.Sprintf("goals.json.tmp.0%d.1.1", dead), fmt.Sprintf("goals.json.tmp.+%d.1.1", dead), fmt.Sprintf("goals.json.tmp. %d.1.1", dead),
		"goals.json.tmp.99999999999999999999.1.1", "goals.json.tmp.2147483648.1.1", fmt.Sprintf("goals.json.tmp.%d.1.1", 1<<32+int64(dead)),
		fmt.Sprintf("xgoals.json.tmp.%d.1.1", dead), "goals.json.bak",
		// A person's, or a program's that is not known.
		theirs("bak"), theirs("1.1.bak"), theirs("1.-1"), theirs("."), theirs("1.0x1"),
		// Ours, of a run that another start looks at first.
		fmt.Sprintf(".goals.json.tmp.%d.0123456789abcdef", dead),
	}
	for _, name := range stay {
		write(name, old)
	}
	write(theirs("2.2"), young)
	// Of another kind; all of it is older than an hour by the clock of the mirror below.
	must(t, os.Mkdir(filepath.Join(dir, theirs("3.3")), 0o700))
	must(t, os.Symlink(h.Path(), filepath.Join(dir, theirs("4.4"))))
	must(t, os.Symlink("nowhere", filepath.Join(dir, theirs("5.5"))))
	must(t, syscall.Mkfifo(filepath.Join(dir, theirs("6.6")), 0o600))
	kinds := []string{theirs("3.3"), theirs("4.4"), theirs("5.5"), theirs("6.6")}

	// Those that are swept, and those that may be a person's.
	if n, err := h.file.Leftovers(time.Since, time.Hour); err != nil || n != len(gone)+5+1 {
		t.Errorf("%d leftovers, %v", n, err)
	}
	if n, err := h.file.Leftovers(func(time.Time) time.Duration { return time.Hour }, time.Hour); err != nil || n != 0 {
		t.Errorf("%d leftovers are older than an hour, %v; all are as old as that", n, err)
	}
	var said strings.Builder
	h.log = slog.New(slog.NewTextHandler(&said, nil))
	for range 2 { // the second check has nothing to say
		must(t, h.Check(t.Context()))
	}
	if removed := fmt.Sprintf("files=%d\n", len(gone)); !strings.HasSuffix(said.String(), removed) || strings.Count(said.String(), "files=") != 1 {
		t.Errorf("the log says %s; want once %s", &said, removed)
	}
	check := func(names []string, want bool) {
		t.Helper()
		for _, name := range names {
			if _, err := os.Lstat(filepath.Join(dir, name)); (err == nil) != want {
				t.Errorf("%q is there: %v", name, err == nil)
			}
		}
	}
	check(gone, false)
	check(append(stay, theirs("2.2")), true)

	later := NewMirror(h.truth, New(h.root), h.notes, slog.New(slog.DiscardHandler), func() time.Time { return time.Now().Add(24 * time.Hour) })
	must(t, later.Check(t.Context()))
	check([]string{theirs("2.2")}, false)
	check(append(stay, kinds...), true)
	h.inLine(t)
}

// A directory that lets nothing be removed is no reason to fail; what stays is
// counted, so that the health report can tell it.
func TestOrphansThatStayAreCounted(t *testing.T) {
	h := newHouse(t)
	path := filepath.Join(h.file.Dir(), fmt.Sprintf("goals.json.tmp.%d.1.1", deadProcess(t)))
	must(t, os.WriteFile(path, nil, 0o600))
	old := time.Now().Add(-2 * time.Hour)
	must(t, os.Chtimes(path, old, old))
	h.file.disk = stubborn{h.file.disk}
	must(t, h.Check(t.Context()))
	if n, err := h.file.Leftovers(time.Since, time.Hour); err != nil || n != 1 {
		t.Errorf("%d leftovers, %v", n, err)
	}
}

// A directory that cannot be listed may hold any number of them. Red where the error
// of either list is dropped.
func TestLeftoversThatCannotBeCountedAreAnError(t *testing.T) {
	h := newHouse(t)
	orphan := filepath.Join(h.file.Dir(), fmt.Sprintf("goals.json.tmp.%d.1.1", deadProcess(t)))
	must(t, os.WriteFile(orphan, nil, 0o600)) // one that cannot be looked at is gone, for all that is known
	for at, lists := 1, 0; ; at++ {
		bad := &failing{disk: osDisk{}, at: at, err: syscall.EIO}
		h.file.disk = bad
		_, err := h.file.Leftovers(time.Since, time.Hour)
		if bad.failed == "list" {
			lists++
		}
		if (err != nil) != (bad.failed == "list") {
			t.Errorf("operation %d (%s) fails: Leftovers = %v", at, bad.failed, err)
		}
		if bad.failed == "" {
			if lists != 2 {
				t.Errorf("%d lists can fail", lists)
			}
			return
		}
	}
}

// stubborn is a disk on which nothing can be removed.
type stubborn struct{ disk }

func (stubborn) Remove(path string) error {
	return &os.PathError{Op: "remove", Path: path, Err: syscall.EACCES}
}
