package palace

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"goalbot/goals"
	"goalbot/store"
)

// A check of a palace that is open once opened the index of the log beside
// SQLite and closed it, which took away the locks of the whole process. The
// next process to look at the palace then took the index for nobody's, cut it
// short, and the bot got an I/O error out of nowhere. So did the bot's look at
// what a damaged row was, with [Examine].
func TestALookKeepsTheLocksOnTheIndex(t *testing.T) {
	path := filepath.Join(t.TempDir(), "palace.db")
	p, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	err = p.Update(t.Context(), store.Origin{Key: "1"}, func(tx store.Tx) error {
		_, err := tx.List().Add(goals.Draft{Description: "call mother"}, "g-00000001", time.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.sql(t, "UPDATE goals SET sum = sum + 1")
	if losses, err := p.Examine(t.Context(), Sources{}); err != nil || len(losses.Goals) != 1 {
		t.Fatal(losses, err)
	}
	index, err := os.OpenFile(path+"-shm", os.O_RDWR, 0) // not closed before the palace is
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { index.Close() })
	// The byte that says that somebody uses the index (SQLite, os_unix.c, UNIX_SHM_DMS).
	dms := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart, Start: 128, Len: 1}
	if err := unix.FcntlFlock(index.Fd(), unix.F_OFD_GETLK, &dms); err != nil {
		t.Skip("this system does not tell locks:", err)
	}
	if dms.Type == unix.F_UNLCK {
		t.Error("nobody holds the index any more")
	}
}
