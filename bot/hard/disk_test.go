//go:build linux

package hard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/cache"
	"goalbot/palace"
)

// goals is how many goals the palace has.
func (w *world) goals() int {
	truth, err := palace.OpenReadOnly(context.Background(), filepath.Join(w.root, "sm", "palace.db"))
	if err != nil {
		return -1
	}
	defer truth.Close()
	return truth.List().Len()
}

// TestFailingSync lets the sync of the palace fail, once, for a while and for
// good: whatever the person was told is so after the next start.
func TestFailingSync(t *testing.T) {
	named(t)
	needs(t, "strace")
	report, err := failingSync(program(t), []string{"1", "2", "3", "4", "5", "6", "1..3", "3..6", "5..12", "1+", "4+"})
	t.Log(report)
	if err != nil {
		t.Fatal(err)
	}
}

func failingSync(program string, whens []string) (report string, err error) {
	root, err := os.MkdirTemp("", "goals-eio-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(root)
	const each = 5
	w, err := newWorld(program, root, newPlan(rand.Uint64(), len(people), each*(len(whens)+1)))
	if err != nil {
		return "", err
	}
	defer w.close()
	w.say(each)
	if err := w.recover(); err != nil {
		return "", err
	}
	undone := 0
	w.failing = true
	for _, when := range whens {
		l, err := w.start("strace", "-f", "-qq", "-o", "/dev/null", "-P", filepath.Join(root, "sm", "palace.db-wal"),
			"-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO:when="+when)
		if err != nil {
			return "", err
		}
		if err := w.polling(l); err != nil {
			l.kill()
			return "", fmt.Errorf("when %s: %w", when, err)
		}
		w.say(each)
		// It need not come to an end of this, and the person may have to wait.
		_ = w.untilFor(l, 4*time.Second, func() bool { return w.telegram.Pending() == 0 && len(w.acknowledged().answered) == w.spoken() })
		a, honest := w.acknowledged(), w.honest()
		l.kill()
		applied, err := w.dead(a)
		if err := errors.Join(err, honest); err != nil {
			return "", fmt.Errorf("when %s: %w\n%s", when, err, w.logged())
		}
		if applied < w.spoken() {
			undone++
		}
		if err := w.recover(); err != nil {
			return "", fmt.Errorf("start after %s: %w", when, err)
		}
	}
	return fmt.Sprintf("%d ways to fail, %d of them left commands undone until the next start; %d commands, %d answers twice", len(whens), undone, w.spoken(), w.twice()), nil
}

// untilFor is until without a verdict.
func (w *world) untilFor(l *life, most time.Duration, done func() bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	return w.telegram.Wait(ctx, func() bool { return !l.running() || done() })
}

// TestReadOnly takes away the right to write: to all of the disk in the middle
// of the work, to goals.json alone, and to the folder before the start.
func TestReadOnly(t *testing.T) {
	named(t)
	needs(t, "mkfs.ext4", "mount", "umount", "chattr")
	image, at := mounted(t, 100<<20)
	root := filepath.Join(at, "data")
	w, err := newWorld(program(t), root, newPlan(rand.Uint64(), len(people), 40))
	must(t, err)
	defer w.close()
	w.settings = []string{"HEALTH_CRON=@every 1s"}
	w.say(10)
	must(t, w.recover())

	t.Run("goals.json", func(t *testing.T) {
		path := cache.New(root).Path()
		l, err := w.start()
		must(t, err)
		defer l.kill()
		must(t, w.polling(l))
		must(t, sh("chattr +i "+path))
		defer sh("chattr -i " + path)
		w.say(1)
		must(t, w.until(l, time.Minute, "the person is told that goals.json is behind", func() bool {
			return strings.Contains(strings.Join(w.strays(), " "), "Your change is saved, but goals.json could not be rewritten: the bot is not allowed to write there")
		}))
		must(t, sh("chattr -i "+path))
		// Without another command: the next check writes it.
		deadline := time.Now().Add(20 * time.Second)
		for {
			// Not by how far the file is: the next command may take this one back.
			if w.whole() == nil {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("goals.json stays behind\n%s", w.logged())
			}
			time.Sleep(20 * time.Millisecond)
		}
		w.forgive() // it was right to complain
		must(t, w.settle(l))
		must(t, l.stop())
	})

	t.Run("the disk", func(t *testing.T) {
		l, err := w.start()
		must(t, err)
		defer l.kill()
		must(t, w.polling(l))
		if err := sh("mount -o remount,abort " + at); err != nil {
			t.Skip("this kernel cannot make it read-only under a program:", err)
		}
		w.failing = true
		w.say(5)
		_ = w.untilFor(l, 6*time.Second, func() bool { return w.telegram.Pending() == 0 })
		answered := w.acknowledged().answered
		l.kill()
		must(t, unmount(at))
		must(t, sh("mount -o loop "+image+" "+at))
		applied, err := w.dead(acks{answered: answered})
		must(t, err)
		strays := slices.DeleteFunc(w.strays(), func(text string) bool { return strings.HasPrefix(text, "🚨") })
		refused := 0
		for _, text := range strays {
			if strings.HasPrefix(text, "Something went wrong, and nothing was changed.") {
				refused++
			}
		}
		t.Logf("of 5 commands %d were answered and %d refused; %d are applied", len(answered)-w.spoken()+5, refused, applied-w.spoken()+5)
		if refused != len(strays) || refused > w.spoken()-applied {
			t.Errorf("the bot says %q, and %d of the 5 are applied", strays, applied-w.spoken()+5)
		}
	})

	t.Run("the folder at the start", func(t *testing.T) {
		must(t, sh("mount -o remount,ro "+at))
		defer sh("mount -o remount,rw " + at)
		l, err := w.start()
		must(t, err)
		defer l.kill()
		<-l.ended
		if l.err == nil || !strings.Contains(w.logged(), "read-only file system") {
			t.Errorf("the program ended with %v and\n%s", l.err, w.logged())
		}
	})
}

// forgive forgets what the bot said on its own.
func (w *world) forgive() {
	w.heardMu.Lock()
	defer w.heardMu.Unlock()
	w.odd, w.wrong = nil, nil
}

// TestFileMountedByItself starts the program on a goals.json that is a mount of
// its own, as with a container that was given one file: it cannot be replaced
// in one step, so the program says so and does not start.
func TestFileMountedByItself(t *testing.T) {
	named(t)
	needs(t, "mount", "umount")
	root := t.TempDir()
	w, err := newWorld(program(t), root, newPlan(1, len(people), 10))
	must(t, err)
	defer w.close()
	w.say(10)
	must(t, w.recover())
	path := cache.New(root).Path()
	before, err := os.ReadFile(path)
	must(t, err)
	host := filepath.Join(t.TempDir(), "host.json")
	must(t, os.WriteFile(host, before, 0o600))
	must(t, sh("mount --bind "+host+" "+path))
	defer unmount(path)
	l, err := w.start()
	must(t, err)
	defer l.kill()
	select {
	case <-l.ended:
	case <-time.After(20 * time.Second):
		t.Fatalf("the program runs\n%s", w.logged())
	}
	if l.err == nil || !strings.Contains(w.logged(), "mount the directory that holds it instead") {
		t.Errorf("the program ended with %v and\n%s", l.err, w.logged())
	}
	after, err := os.ReadFile(path)
	must(t, err)
	if string(after) != string(before) {
		t.Error("the file was altered")
	}
	must(t, unmount(path))
	must(t, swept(w.root, 0))
}

// mounted mounts a new ext4 in an image, until the test ends.
func mounted(t *testing.T, size int64) (image, at string) {
	t.Helper()
	dir := t.TempDir()
	image, at = filepath.Join(dir, "image"), filepath.Join(dir, "mnt")
	must(t, os.WriteFile(image, nil, 0o600))
	must(t, os.Truncate(image, size))
	must(t, os.Mkdir(at, 0o700))
	must(t, sh("mkfs.ext4 -q -F "+image))
	must(t, sh("mount -o loop "+image+" "+at))
	t.Cleanup(func() { unmount(at) })
	return image, at
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestFrozenDisk freezes the file system in the middle of the work, as a disk
// does that hangs: nothing fails and nothing ends. That no check comes to an end
// is told all the same, by every way, and all goes on when the disk does.
func TestFrozenDisk(t *testing.T) {
	named(t)
	needs(t, "mkfs.ext4", "mount", "umount", "fsfreeze")
	_, at := mounted(t, 300<<20)
	w, err := newWorld(program(t), filepath.Join(at, "data"), nil)
	must(t, err)
	defer w.close()
	failed := make(chan struct{}, 1)
	outside := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ping/fail" {
			select {
			case failed <- struct{}{}:
			default:
			}
		}
	}))
	defer outside.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := listener.Addr().String()
	listener.Close()
	w.settings = []string{"HEALTH_CRON=@every 1s", "HTTP_ADDR=" + address, "HEALTHCHECK_PING_URL=" + outside.URL + "/ping"}
	l, err := w.start()
	must(t, err)
	defer l.kill()
	must(t, w.polling(l))
	heard := func(text string) func() bool {
		return func() bool {
			return slices.ContainsFunc(w.strays(), func(s string) bool { return strings.Contains(s, text) })
		}
	}
	from := people[0]
	w.telegram.Say(w.telegram.Private(from), from, "/addgoal one")
	must(t, w.until(l, time.Minute, "the first goal is added", heard("#1 one")))

	must(t, sh("fsfreeze -f "+at))
	thaw := func() { _ = sh("fsfreeze -u " + at) }
	defer thaw() // before it is unmounted; a second time is refused, and no harm
	w.telegram.Say(w.telegram.Private(from), from, "/addgoal two")
	must(t, w.until(l, 3*time.Minute, "it is told that no check ends", heard("🚨 goals.json is no longer being checked")))
	select {
	case <-failed:
	case <-time.After(time.Minute):
		t.Errorf("no failure was pinged\n%s", w.logged())
	}
	resp, err := http.Get("http://" + address + "/healthz")
	must(t, err)
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	must(t, err)
	if resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(body), `"check-silent"`) {
		t.Errorf("/healthz answers %d: %s", resp.StatusCode, body)
	}
	if heard("#2 two")() {
		t.Error("what could not be saved was said to be")
	}

	thaw()
	must(t, w.until(l, time.Minute, "the second goal is added", heard("#2 two")))
	must(t, w.until(l, time.Minute, "it is told that checks end again", heard("✅ goals.json is being checked again")))
	t.Logf("the bot said %q", w.strays())
	must(t, l.stop())
	must(t, w.whole())
}
