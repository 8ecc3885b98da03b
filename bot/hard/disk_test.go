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
	"syscall"
	"testing"
	"time"

	"goalbot/cache"
	"goalbot/palace"
)

// TestDiskFull fills the disk to every few pages short of full. What the
// person is told is true each time, and when there is room again everything
// works again, without a restart. The program is one that does not keep clear
// of a full disk: others may fill it faster than any limit sees.
func TestDiskFull(t *testing.T) {
	named(t)
	needs(t, "mount", "umount")
	mutated, err := mutate(bold.changes)
	must(t, err)
	program, err := mutated.build(t.TempDir())
	must(t, err)
	report, err := diskFull(program, 40)
	t.Log(report)
	if err != nil {
		t.Fatal(err)
	}
}

// bold keeps changing the list on a disk that is nearly full.
var bold = mutant{name: "no room is kept free", changes: []change{{"bot", "diskGuard.Update", start, `return r.Store.Update(ctx, o, f)`}}}

func diskFull(program string, pages int) (report string, err error) {
	at, err := os.MkdirTemp("", "goals-full-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(at)
	if err := sh("mount -t tmpfs -o size=8m tmpfs " + at); err != nil {
		return "", err
	}
	defer unmount(at)
	w, err := newWorld(program, at, nil)
	if err != nil {
		return "", err
	}
	defer w.close()
	w.only = []int64{people[0].ID}
	l, err := w.start()
	if err != nil {
		return "", err
	}
	defer l.kill()
	if err := w.polling(l); err != nil {
		return "", err
	}
	count := map[string]int{}
	heard := 0 // of w.odd
	// tell says a command and returns the answers until the first that says
	// done, without the alerts that come meanwhile.
	tell := func(text, done string) (answers []string, err error) {
		from := people[0]
		w.telegram.Say(w.telegram.Private(from), from, text)
		err = w.until(l, time.Minute, "there is an answer to "+text, func() bool {
			for _, said := range w.strays()[heard:] {
				heard++
				if strings.HasPrefix(said, "🚨") || strings.HasPrefix(said, "✅") {
					continue
				}
				answers = append(answers, said)
				if strings.HasPrefix(said, done) {
					return true
				}
			}
			return false
		})
		return answers, err
	}
	if _, err := tell("/addgoal before anything", "Added: "); err != nil {
		return "", err
	}
	ballast := filepath.Join(at, "ballast")
	for free := range pages {
		if err := fill(ballast, free*4096); err != nil {
			return "", err
		}
		name := fmt.Sprintf("full%05d", free)
		answers, err := tell("/addgoal "+name, "")
		if err != nil {
			return "", fmt.Errorf("%d pages free: %w", free, err)
		}
		inPalace, inFile, err := holds(at, name)
		if err != nil {
			return "", fmt.Errorf("%d pages free: %w", free, err)
		}
		if err := os.Remove(ballast); err != nil {
			return "", err
		}
		// What was said in the meantime, up to the answer to another command.
		more, err := tell(fmt.Sprintf("/addgoal room%05d", free), fmt.Sprintf("Added: ⬜ #%d room%05d", w.goals()+1, free))
		if err != nil {
			return "", fmt.Errorf("with %d pages free the bot said %q; with room again: %w", free, answers, err)
		}
		answers = append(answers, more[:len(more)-1]...)
		all := strings.Join(answers, " | ")
		added := strings.Contains(all, "Added: ") && strings.Contains(all, name)
		refused := strings.Contains(all, "Not saved: the disk is full. Nothing was changed.")
		behind := strings.Contains(all, "is saved, but goals.json could not be rewritten: the disk is full")
		switch {
		case added && !refused && inPalace && (inFile || behind):
		case !added && refused && !inPalace && !inFile:
		default:
			return "", fmt.Errorf("%d pages free: in the palace %v, in goals.json %v, and the bot says %s\n%s", free, inPalace, inFile, all, w.logged())
		}
		for what, was := range map[string]bool{"saved": added && inFile, "not saved": refused, "saved without goals.json": added && !inFile, "told so": behind} {
			if was {
				count[what]++
			}
		}
		if err := w.whole(); err != nil {
			return "", fmt.Errorf("%d pages free, then room: %w", free, err)
		}
	}
	report = fmt.Sprintf("%d times full: %v", pages, count)
	if count["not saved"] == 0 {
		return report, errors.New("the disk was never full enough")
	}
	return report, l.stop()
}

// TestDiskLow takes away room on a disk, as the system itself tells of it: first
// that is an alert, then changes are refused, and with room again it is over.
func TestDiskLow(t *testing.T) {
	named(t)
	needs(t, "mount", "umount")
	at := t.TempDir()
	const size = 260 << 20
	must(t, sh(fmt.Sprintf("mount -t tmpfs -o size=%d tmpfs %s", size, at)))
	defer unmount(at)
	w, err := newWorld(program(t), at, nil)
	must(t, err)
	defer w.close()
	w.only = []int64{people[0].ID}
	w.settings = []string{"HEALTH_CRON=@every 1s", fmt.Sprintf("ALERT_CHAT_IDS=%d", people[0].ID)}
	l, err := w.start()
	must(t, err)
	defer l.kill()
	must(t, w.polling(l))
	heard := 0
	told := func() []string { // without the alert that is edited, whenever that may be
		return slices.DeleteFunc(w.strays(), func(text string) bool { return strings.Contains(text, "✅ Resolved ") })
	}
	hear := func(begins string) {
		t.Helper()
		err := w.until(l, time.Minute, "the bot says "+begins, func() bool { return len(told()) > heard })
		must(t, err)
		if said := told()[heard]; !strings.HasPrefix(said, begins) {
			t.Fatalf("the bot says %q, and not %q", said, begins)
		}
		heard++
	}
	say := func(text string) { w.telegram.Say(w.telegram.Private(people[0]), people[0], text) }
	ballast, err := os.Create(filepath.Join(at, "ballast"))
	must(t, err)
	defer ballast.Close()
	take := func(mebibytes int64) { must(t, syscall.Fallocate(int(ballast.Fd()), 0, 0, mebibytes<<20)) }

	say("/addgoal call mother")
	hear("Added: ⬜ #1 call mother")
	take(80)
	hear("🚨 The disk that holds goals.json is nearly full\n17")
	say("/addgoal buy milk")
	hear("Added: ⬜ #2 buy milk")
	take(250)
	say("/addgoal write the report")
	hear("Not saved: only ")
	must(t, ballast.Truncate(0))
	hear("✅ The disk that holds goals.json has enough space again, after ")
	say("/addgoal write the report")
	hear("Added: ⬜ #3 write the report")
	must(t, l.stop())
}

// fill leaves so many bytes free beside a file that takes all others.
func fill(ballast string, free int) error {
	f, err := os.Create(ballast)
	if err != nil {
		return err
	}
	defer f.Close()
	page := make([]byte, 4096)
	for {
		if _, err = f.Write(page); err != nil {
			break
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	return f.Truncate(max(0, size-int64(free)))
}

// holds tells whether a goal is in the palace and in goals.json.
func holds(root, name string) (inPalace, inFile bool, err error) {
	truth, err := palace.OpenReadOnly(context.Background(), filepath.Join(root, "sm", "palace.db"))
	if err != nil {
		return false, false, err
	}
	defer truth.Close()
	for _, g := range truth.List().All() {
		inPalace = inPalace || g.Description == name
	}
	list, err := cache.New(root).Load()
	for _, g := range list {
		inFile = inFile || g.Description == name
	}
	return inPalace, inFile, err
}

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
