//go:build linux

package hard

import (
	"context"
	"errors"
	"fmt"
	"io"
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
