//go:build linux

package hard

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"goalbot/telegramtest"
)

// mounts are the file systems that power cuts are tried on. What a program
// forgot to sync shows on the second and third; the first hides it.
var mounts = []struct{ name, mkfs, options string }{
	{"ext4", "mkfs.ext4 -q -F", "loop"},
	{"ext4 noauto_da_alloc", "mkfs.ext4 -q -F", "loop,noauto_da_alloc"},
	{"XFS", "mkfs.xfs -q -f", "loop"},
}

// TestPowerCut takes the disk away in the middle of the work, so that all is
// lost that had not been synced, and looks at what is left.
func TestPowerCut(t *testing.T) {
	named(t)
	needs(t, "mkfs.ext4", "mkfs.xfs", "xfs_io", "mount", "umount")
	for _, m := range mounts {
		t.Run(m.name, func(t *testing.T) {
			report, err := powerCut(program(t), m.mkfs, m.options, 20, rand.Uint64())
			t.Log(report)
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func powerCut(program, mkfs, options string, cuts int, seed uint64) (report string, err error) {
	dir, err := os.MkdirTemp("", "goals-power-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	image, at := filepath.Join(dir, "image"), filepath.Join(dir, "mnt")
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		return "", err
	}
	if err := os.Truncate(image, 400<<20); err != nil {
		return "", err
	}
	if err := os.Mkdir(at, 0o700); err != nil {
		return "", err
	}
	if err := sh(mkfs + " " + image); err != nil {
		return "", err
	}
	mount := func() error { return sh("mount -o " + options + " " + image + " " + at) }
	if err := mount(); err != nil {
		return "", err
	}
	defer unmount(at)

	random := rand.New(rand.NewPCG(seed, 3))
	w, err := newWorld(program, filepath.Join(at, "data"), newPlan(seed, len(people), 60*(cuts+1)))
	if err != nil {
		return "", err
	}
	defer w.close()
	began, lost, older := time.Now(), 0, 0
	defer func() {
		report = fmt.Sprintf("seed %d: %d commands, %d power cuts of which %d left commands undone and %d an older goals.json, %d answers twice, %v",
			seed, w.spoken(), cuts, lost, older, w.twice(), time.Since(began).Round(time.Second))
		if err != nil {
			err = fmt.Errorf("seed %d: %w", seed, err)
		}
	}()
	for i := range cuts {
		l, err := w.start()
		if err != nil {
			return "", err
		}
		if err := w.polling(l); err != nil {
			l.kill()
			return "", err
		}
		end := make(chan struct{})
		var talk sync.WaitGroup
		talk.Go(func() {
			for range 30 {
				w.say(1)
				select {
				case <-end:
					return
				case <-time.After(time.Duration(random.IntN(20)) * time.Millisecond):
				}
			}
		})
		time.Sleep(time.Duration(100+rand.IntN(500)) * time.Millisecond) // the instant of the cut
		// Only what was promised before the cut counts: a sync after it may
		// still say yes and means nothing. Nor may the program confirm anything
		// on the strength of that; a real power cut takes the network too.
		w.telegram.Fail("getUpdates", -1, telegramtest.Hang())
		a := w.acknowledged()
		honest := w.honest()
		err = sh("xfs_io -x -c shutdown " + at)
		l.kill()
		w.telegram.Heal("getUpdates")
		close(end)
		talk.Wait()
		if err := errors.Join(err, honest); err != nil {
			return "", err
		}
		w.lastSeen = 0 // what had been applied may be gone
		if err := unmount(at); err != nil {
			return "", err
		}
		if err := mount(); err != nil {
			return "", err
		}
		applied, err := w.dead(a)
		if err != nil {
			return "", fmt.Errorf("after power cut %d: %w", i, err)
		}
		if applied < w.spoken() {
			lost++
		}
		if n, _ := w.file(); n < applied {
			older++
		}
		// What the program said after the cut was said by nobody.
		w.unsay(applied)
		if err := w.recover(); err != nil {
			return "", fmt.Errorf("start after power cut %d: %w", i, err)
		}
	}
	return "", nil
}

// recover starts the program on what is left, lets it finish what was said,
// and stops it.
func (w *world) recover() error {
	l, err := w.start()
	if err != nil {
		return err
	}
	defer l.kill()
	if err := w.polling(l); err != nil {
		return err
	}
	if err := w.settle(l); err != nil {
		return err
	}
	return l.stop()
}

// unsay forgets answers to commands that are not applied. They left in the
// moment between the disk and the program, when nothing could be promised.
func (w *world) unsay(applied int) {
	w.heardMu.Lock()
	defer w.heardMu.Unlock()
	for i := applied; i < len(w.heard); i++ {
		w.heard[i] = 0
	}
	w.wrong, w.odd = nil, nil
}

// sh runs a command line of plain words.
func sh(line string) error {
	words := strings.Fields(line)
	if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", line, err, out)
	}
	return nil
}

// unmount unmounts, and waits for those who still have files open there.
func unmount(at string) (err error) {
	for range 50 {
		if err = sh("umount " + at); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	_ = sh("umount -l " + at)
	return err
}
