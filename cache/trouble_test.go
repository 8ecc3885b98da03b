package cache

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/time/rate"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/store"
)

const malformed = `[{"id": "g-precious", "description": "only here"` // an editor that crashed

// spoilt is a house whose file is spoilt again and again. Ids are given once, so
// every run has its own.
type spoilt struct {
	*house
	run int
}

// id makes a goal's id for this run.
func (h *spoilt) id(name string) string { return fmt.Sprintf("g-%s-%d-", name, h.run) }

// starts are the ways in which the file may stand when a disk begins to fail.
// Each begins with a file in line with the palace.
var starts = []struct {
	name  string
	spoil func(t *testing.T, h *spoilt) (swapping func())
	loses string // these bytes must not be lost
	news  bool   // the palace has to take theirs in, or their bytes must not be lost
	stays bool   // a check may find it wrong and leave it so
}{
	{name: "sound", spoil: func(*testing.T, *spoilt) func() { return nil }},
	{name: "missing", stays: true, spoil: func(t *testing.T, h *spoilt) func() {
		must(t, os.Remove(h.Path()))
		return nil
	}},
	{name: "malformed", loses: malformed, stays: true, spoil: func(t *testing.T, h *spoilt) func() {
		h.write(t, malformed)
		return nil
	}},
	{name: "malformed behind a link", loses: malformed, stays: true, spoil: func(t *testing.T, h *spoilt) func() {
		h.write(t, malformed)
		h.linkAway(t)
		return nil
	}},
	{name: "malformed while it is replaced", loses: malformed, stays: true, spoil: func(t *testing.T, h *spoilt) func() {
		return func() { h.write(t, malformed) }
	}},
	{name: "changed by somebody else", news: true, spoil: func(t *testing.T, h *spoilt) func() {
		h.write(t, h.withTheirs(t))
		return nil
	}},
	{name: "changed while it is replaced", news: true, spoil: func(t *testing.T, h *spoilt) func() {
		changed := h.withTheirs(t)
		return func() { h.write(t, changed) }
	}},
	{name: "older than the palace", spoil: func(t *testing.T, h *spoilt) func() {
		h.file.disk = &failing{disk: osDisk{}, at: 1, err: syscall.EIO, forever: true, exchange: true}
		if err := h.together(t, h.id("newer"), h.addGoal("newer", 1)); !errors.Is(err, store.ErrFileBehind) {
			t.Fatalf("Update = %v; want ErrFileBehind", err)
		}
		h.file.disk = osDisk{}
		return nil
	}},
}

// linkAway moves the file elsewhere in its directory and leaves a link.
func (h *spoilt) linkAway(t *testing.T) {
	t.Helper()
	must(t, os.Rename(h.Path(), filepath.Join(h.file.Dir(), "real.json")))
	must(t, os.Symlink("real.json", h.Path()))
}

func (h *spoilt) withTheirs(t *testing.T) string {
	t.Helper()
	return strings.TrimSuffix(h.bytes(t), "\n]") + "," + fmt.Sprintf(`{"id":%q,"description":"theirs","status":"pending","progress":0,"created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z"}`, h.id("theirs")) + "]"
}

func (h *spoilt) addGoal(name string, i int) func(*goals.List) error {
	return func(l *goals.List) error {
		_, err := l.Add(goals.Draft{Description: "call " + name}, fmt.Sprint(h.id(name), i), day)
		return err
	}
}

// operations are what is done with the file. ours is how many goals they add.
var operations = []struct {
	name string
	ours int
	do   func(t *testing.T, h *spoilt) error
}{
	{"Start", 0, func(t *testing.T, h *spoilt) error {
		// A former run ended before it could look at these.
		must(t, os.WriteFile(filepath.Join(h.file.Dir(), tempPrefix+"1.2"), []byte(leftover), 0o600))
		h.Mirror = NewMirror(h.truth, h.file, h.notes, h.Mirror.log, h.Mirror.now)
		h.pace.SetLimit(rate.Inf)
		err := h.Start(t.Context())
		if !h.stands(t, leftover) {
			t.Errorf("what a former run has left is lost; Start = %v", err)
		}
		return err
	}},
	{"Start, then Update", 1, func(t *testing.T, h *spoilt) error {
		h.Mirror = NewMirror(h.truth, h.file, h.notes, h.Mirror.log, h.Mirror.now)
		h.pace.SetLimit(rate.Inf)
		_ = h.Start(t.Context()) // it may have written, and may not know
		return h.together(t, h.id("ours"), h.addGoal("ours", 0))
	}},
	{"Check", 0, func(t *testing.T, h *spoilt) error { return h.Check(t.Context()) }},
	{"Update", 1, func(t *testing.T, h *spoilt) error { return h.together(t, h.id("ours"), h.addGoal("ours", 0)) }},
	{"Check, then Update", 1, func(t *testing.T, h *spoilt) error {
		_ = h.Check(t.Context()) // what it could not look at must not be forgotten
		return h.together(t, h.id("ours"), h.addGoal("ours", 0))
	}},
	{"Update, and Update", 2, func(t *testing.T, h *spoilt) error {
		if err := h.together(t, h.id("ours"), h.addGoal("ours", 0)); err != nil && !errors.Is(err, store.ErrFileBehind) {
			return err
		}
		return h.together(t, h.id("also"), h.addGoal("ours", 1))
	}},
	{"Batch", 2, func(t *testing.T, h *spoilt) error {
		return h.together(t, h.id("ours"), h.addGoal("ours", 0), h.addGoal("ours", 1))
	}},
	{"Restore", 0, func(t *testing.T, h *spoilt) error { _, err := h.Restore(t.Context()); return err }},
	{"Quarantine", 0, func(t *testing.T, h *spoilt) error {
		before := h.Path() + ".corrupt-20260301T080000Z"
		must(t, os.WriteFile(before, []byte("kept before"), 0o600))
		_, err := h.file.Quarantine(day)
		if data, rerr := os.ReadFile(before); string(data) != "kept before" {
			t.Errorf("what was kept before is %q, %v now; Quarantine = %v", data, rerr, err)
		}
		return err
	}},
}

// TestADiskThatFailsAtAnyOperation lets the first, second, third … operation on
// the disk fail in all that the mirror does, once, twice and from then on, until
// one goes through untouched. Whatever fails: the palace has the change and the
// error says whether the file has it; nothing that others wrote is lost; readers
// see no piece; and once the disk is well, the file is brought in line and
// nothing is left over.
func TestADiskThatFailsAtAnyOperation(t *testing.T) {
	kinds := []struct {
		errnos []syscall.Errno // one after the other
		times  int             // 0 for ever
		can    []string        // what the disk is able to
		late   bool            // what fails is done all the same
	}{
		{[]syscall.Errno{syscall.EIO}, 0, []string{"exchange", "link"}, false},
		{[]syscall.Errno{syscall.ENOSPC, syscall.EIO, syscall.EACCES, syscall.EROFS}, 1, []string{"exchange", "link", "neither"}, false},
		{[]syscall.Errno{syscall.EIO}, 1, []string{"exchange", "link"}, true},
		{[]syscall.Errno{syscall.EIO}, 0, []string{"exchange", "link"}, true},
		{[]syscall.Errno{syscall.EIO}, 2, []string{"exchange", "link"}, true}, // and cannot be looked at then
		{[]syscall.Errno{syscall.EIO}, 2, []string{"exchange"}, false},        // then what it falls back on fails too
	}
	stride := 7 // of the operations that fail, the ordinary run takes samples: others in each combination
	if *deep {
		stride = 1
	}
	for combination, start := range starts {
		t.Run(start.name, func(t *testing.T) {
			t.Parallel()
			h := &spoilt{house: openHouse(t, memory(t))}
			must(t, h.Start(t.Context()))
			must(t, h.together(t, h.id("first"), h.addGoal("first", 0)))
			for _, op := range operations {
				for _, kind := range kinds {
					for i, can := range kind.can {
						first := 1 + combination%stride
						combination++
						for n, reached := first, true; reached; n += stride {
							h.run++
							errno, times := kind.errnos[(n+i)%len(kind.errnos)], kind.times
							swapping := start.spoil(t, h)
							if swapping != nil && can != "exchange" {
								break // nobody can tell there
							}
							before := h.truth.List()
							bad := &failing{disk: osDisk{}, at: n, err: errno, times: times, forever: times == 0, exchange: can == "exchange", linkless: can == "neither", late: kind.late, swapping: swapping}
							old, olderr := os.ReadFile(h.Path())
							h.file.disk = bad
							err := op.do(t, h)
							h.file.disk = osDisk{}
							reached = bad.failed != ""
							swapped := swapping != nil && bad.swapping == nil

							fail := func(format string, args ...any) {
								t.Helper()
								t.Fatalf("%s with %v at operation %d (%s), %d times, can %s, error %v: %s",
									op.name, errno, n, bad.failed, times, can, err, fmt.Sprintf(format, args...))
							}
							list := h.truth.List()
							for i := range op.ours {
								if list.ID(fmt.Sprint(h.id("ours"), i)) == nil {
									fail("the palace has not the change")
								}
							}
							if want := before.Len() + op.ours; list.Len() != want && (list.Len() != want+1 || list.ID(h.id("theirs")) == nil || !start.news) {
								fail("the palace has %d goals", list.Len())
							}
							if op.ours > 0 && err != nil && !errors.Is(err, store.ErrFileBehind) {
								fail("the error does not say that the change is saved")
							}
							now, nowerr := os.ReadFile(h.Path())
							inLine := nowerr == nil && bytes.Equal(now, goaljson.Append(nil, list.All()))
							if err == nil && op.name != "Quarantine" && !inLine {
								fail("the file says %q, %v, and nobody was told", now, nowerr)
							}
							switch {
							case inLine, nowerr == nil && olderr == nil && bytes.Equal(now, old): // the new one, or the old
							case swapped && (string(now) == start.loses || bytes.Contains(now, []byte(h.id("theirs")))): // what came meanwhile
							case errors.Is(nowerr, fs.ErrNotExist) && (olderr != nil || start.loses != "" || h.stands(t, string(old))): // there was none, or it was set aside
							default:
								if whole, err := goaljson.Decode(now); err != nil || len(whole) < before.Len() { // one of the new ones
									fail("the file says %q, %v", now, nowerr)
								}
							}
							if start.loses != "" && (swapping == nil || swapped) && !h.stands(t, start.loses) {
								fail("what did not load is lost")
							}
							if start.news && (swapping == nil || swapped) && list.ID(h.id("theirs")) == nil && !h.stands(t, h.id("theirs")) {
								fail("what others wrote is lost")
							}

							if untrue := h.untrue(t, start.loses, start.news); untrue != "" {
								fail("%s", untrue)
							}

							// The disk is well again.
							herr := h.Check(t.Context())
							aside := olderr == nil && nowerr != nil && op.name != "Quarantine" // by us, and nothing took its place
							if herr != nil && !aside && (start.stays || op.name == "Quarantine") {
								herr = h.together(t, h.id("after"), h.addGoal("after", 1))
							}
							if herr != nil {
								fail("later: %v", herr)
							}
							if list = h.truth.List(); h.bytes(t) != string(goaljson.Append(nil, list.All())) {
								fail("later the file says %s", h.bytes(t))
							}
							if start.loses != "" && (swapping == nil || swapped) && !h.stands(t, start.loses) {
								fail("what did not load is lost later")
							}
							if start.news && (swapping == nil || swapped) && list.ID(h.id("theirs")) == nil && !h.stands(t, h.id("theirs")) {
								fail("what others wrote is lost later")
							}
							if untrue := h.untrue(t, start.loses, start.news); untrue != "" {
								fail("later: %s", untrue)
							}
							if op.name == "Start" && (bad.failed == "follow" || bad.failed == "lstat" || bad.failed == "list") {
								must(t, os.RemoveAll(filepath.Join(h.file.Dir(), tempPrefix+"1.2"))) // what could not be looked for stays until the next start
							}
							if left, _ := filepath.Glob(filepath.Join(h.file.Dir(), tempPrefix+"*")); len(left) > 0 {
								fail("left over: %v", left)
							}
							h.clear(t)
						}
					}
				}
			}
			t.Logf("%d runs", h.run)
		})
	}
}

const leftover = `["precious too"` // of a former run

// untrue says what the owner was told that is not so: that somebody else had
// changed the file although nobody had, or what they did not change; or that a
// file was kept which loads, or that another one is written while it still
// stands there.
func (h *spoilt) untrue(t *testing.T, loses string, news bool) string {
	t.Helper()
	for _, m := range h.notes.merged {
		theirs := len(m.Added) == 1 && m.Added[0].ID == h.id("theirs")
		if !news || !theirs || len(m.Changed)+len(m.Vanished)+len(m.DuplicateIDs)+len(m.Back) > 0 {
			return fmt.Sprintf("it is told of another program: %+v", m)
		}
	}
	now, _ := os.ReadFile(h.Path())
	for _, path := range h.notes.kept {
		data, err := os.ReadFile(path)
		switch text := string(data); {
		case err != nil:
			return fmt.Sprintf("it is told of %s: %v", path, err)
		case text == leftover, news && strings.Contains(text, h.id("theirs")):
		case loses == "" || text != loses:
			return fmt.Sprintf("it is told that this did not load: %s", text)
		case string(now) == loses:
			return "it is told that another one is written"
		}
	}
	return ""
}

// memory is a directory in memory where there is one: what does not depend on
// the sync of a disk need not wait for it.
func memory(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "goals-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// stands reports whether a file of the directory, other than the palace's,
// holds that text.
func (h *spoilt) stands(t *testing.T, text string) bool {
	t.Helper()
	entries, err := os.ReadDir(h.file.Dir())
	must(t, err)
	for _, e := range entries {
		if !strings.Contains(e.Name(), "goals.json") && e.Name() != "real.json" || !e.Type().IsRegular() {
			continue
		}
		data, err := os.ReadFile(filepath.Join(h.file.Dir(), e.Name()))
		must(t, err)
		if strings.Contains(string(data), text) {
			return true
		}
	}
	return false
}

// clear makes the house one whose file has not been spoilt.
func (h *spoilt) clear(t *testing.T) {
	t.Helper()
	kept, err := filepath.Glob(h.Path() + ".corrupt-*")
	must(t, err)
	for _, path := range append(kept, filepath.Join(h.file.Dir(), "real.json"), h.Path()) {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			must(t, err)
		}
	}
	*h.notes = notes{}
	if h.truth.List().Len() > 10 { // few enough to be quick
		must(t, h.truth.Update(t.Context(), store.Origin{Key: fmt.Sprint("clear/", h.run), Name: "test", At: day}, func(tx store.Tx) error {
			for _, g := range slices.Clone(tx.List().All()[1:]) {
				if _, err := tx.List().Delete(g.Number); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	_, err = h.Restore(t.Context())
	must(t, err)
	only(t, h.file, "goals.json", "palace.db", "palace.db-shm", "palace.db-wal", "palace.id")
}
