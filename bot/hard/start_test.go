//go:build linux

package hard

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// pages are more than a palace needs that is made anew.
const pages = 80

// TestDiskFullAtStart starts the program on a disk that is full to every page:
// it runs, or says that the disk is full. The log's index that could not grow
// was said to be a "disk I/O error (4874)".
func TestDiskFullAtStart(t *testing.T) {
	named(t)
	needs(t, "mount", "umount")
	at, err := os.MkdirTemp("", "goals-start-")
	must(t, err)
	defer os.RemoveAll(at)
	must(t, sh("mount -t tmpfs -o size=2m tmpfs "+at))
	defer func() { must(t, unmount(at)) }()
	ballast, sm, kept := filepath.Join(at, "ballast"), filepath.Join(at, "sm"), filepath.Join(t.TempDir(), "sm")
	for _, made := range []bool{false, true} { // whether there is a palace, with its log put away
		refused := 0
		for free := range pages {
			w, err := newWorld(program(t), at, nil)
			must(t, err)
			must(t, fill(ballast, free*4096))
			l, err := w.start()
			must(t, err)
			running := w.polling(l) == nil
			l.kill()
			if said := w.logged(); !running {
				refused++
				if !strings.Contains(said, " is full. Make some room there, then try again") {
					t.Errorf("%d pages free: the program says\n%s", free, said)
				}
			}
			w.close()
			must(t, os.Remove(ballast))
			must(t, os.RemoveAll(sm))
			if made {
				must(t, os.CopyFS(sm, os.DirFS(kept)))
			}
		}
		t.Logf("a palace is there: %v; %d of %d starts were refused", made, refused, pages)
		if refused == 0 || refused == pages {
			t.Errorf("a palace is there: %v; %d of %d starts were refused", made, refused, pages)
		}
		w, err := newWorld(program(t), at, nil)
		must(t, err)
		l, err := w.start()
		must(t, err)
		must(t, w.polling(l)) // there is room
		must(t, l.cmd.Process.Signal(syscall.SIGTERM))
		<-l.ended
		w.close()
		if !made {
			must(t, os.CopyFS(kept, os.DirFS(sm)))
		}
	}
}
