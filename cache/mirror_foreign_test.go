package cache

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/palace"
	"goalbot/store"
)

// TestFilesOfSerdeAreTakenInWhole starts with an empty palace and a file that
// a serde program wrote, for every such file of the conformance suite: the
// goals are taken in, and saved again byte for byte.
func TestFilesOfSerdeAreTakenInWhole(t *testing.T) {
	files := serdeFiles(t)
	if len(files) < 30 {
		t.Fatalf("only %d files", len(files))
	}
	stride := 12
	if *deep {
		stride = 1
	}
	for i := 0; i < len(files); i += stride {
		data := files[i]
		root := t.TempDir()
		h := openHouse(t, root)
		h.write(t, data)
		must(t, h.Start(t.Context()))
		if got := h.bytes(t); got != data {
			t.Fatalf("the file became\n%s\nit was\n%s", got, data)
		}
		must(t, os.Remove(h.Path()))
		if _, err := h.Restore(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := h.bytes(t); got != data {
			t.Fatalf("saved again it is\n%s\nit was\n%s", got, data)
		}
		must(t, h.truth.Close())
	}
}

// serdeFiles are the distinct files of the suite as serde wrote them, but for
// those in which an id stands twice: a list cannot hold that.
func serdeFiles(t *testing.T) (files []string) {
	t.Helper()
	f, err := os.Open("../goals/goaljson/testdata/conformance.jsonl.gz")
	must(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	must(t, err)
	seen := map[string]bool{}
	for lines := bufio.NewReader(z); ; {
		line, err := lines.ReadBytes('\n')
		if len(line) == 0 && err != nil {
			return files
		}
		var c struct {
			Normalised []byte `json:"normalised"`
		}
		must(t, json.Unmarshal(line, &c))
		if c.Normalised == nil || seen[string(c.Normalised)] {
			continue
		}
		seen[string(c.Normalised)] = true
		list, err := goaljson.Decode(c.Normalised)
		must(t, err)
		ids := map[string]bool{}
		for _, g := range list {
			ids[g.ID] = true
		}
		if len(ids) == len(list) {
			files = append(files, string(c.Normalised))
		}
	}
}

func TestAForeignChangeIsTakenIn(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	h.add(t, "buy milk")
	theirs, err := h.file.Load()
	must(t, err)
	theirs[0].Description, theirs[0].Updated = "call father", day.Add(time.Hour)
	theirs[1] = &goals.Goal{ID: "foreign", Description: "from elsewhere", Status: goals.Blocked, Progress: 150, Created: day, Updated: day,
		Extra: []goals.Field{{Name: `"x"`, Value: "1e999"}}}
	h.write(t, string(goaljson.Append(nil, theirs)))

	// The command that comes next sees what was taken in.
	must(t, h.change(t, func(l *goals.List) error { _, err := l.AddNote(3, "seen", day.Add(2*time.Hour)); return err }))
	h.inLine(t)
	list := h.truth.List()
	if got := list.Number(1).Description; got != "call father" {
		t.Errorf("#1 is %q; theirs was newer", got)
	}
	if list.Number(2) == nil {
		t.Error("#2 was dropped because it is missing there")
	}
	if g := list.Number(3); g == nil || g.ID != "foreign" || len(g.Notes) != 1 || len(g.Extra) != 1 {
		t.Errorf("#3 is %+v; want theirs with its note and its unknown field", g)
	}
	if len(h.notes.merged) != 1 || len(h.notes.merged[0].Vanished) != 1 || len(h.notes.merged[0].Added) != 1 {
		t.Errorf("reported: %+v", h.notes.merged)
	}
}

// Another program may write the file in the instant before it is replaced, and change the
// same goal as the phone. It cannot have seen what replaces its version, so what it changed
// is found by the version before. It once counted as too old to change anything, and was lost
// without a word. Red without [bases.without].
func TestTheSameGoalIsChangedRightBeforeTheFileIsReplaced(t *testing.T) {
	later := day.Add(2 * time.Hour)
	conflict := "Changed in two places at once: the name was also set to “call father”."
	for name, test := range map[string]struct {
		ours func(*goals.List) (*goals.Goal, error)
		want string
	}{
		"a note":    {func(l *goals.List) (*goals.Goal, error) { return l.AddNote(1, "seen", later) }, `call father pending ["seen"]`},
		"the state": {func(l *goals.List) (*goals.Goal, error) { return l.Block(1, "no phone", later) }, `call father blocked ["Blocked: no phone"]`},
		"the name":  {func(l *goals.List) (*goals.Goal, error) { return l.Rename(1, "call aunt", later) }, `call aunt pending ["` + conflict + `"]`},
	} {
		for _, updated := range []time.Time{day, day.Add(time.Hour)} { // a person leaves that alone, a program does not
			h := newHouse(t)
			h.add(t, "call mother")
			h.file.disk = &failing{disk: osDisk{}, exchange: true, at: 1 << 30, swapping: func() {
				theirs, err := h.file.Load()
				must(t, err)
				theirs[0].Description, theirs[0].Updated = "call father", updated
				h.write(t, string(goaljson.Append(nil, theirs)))
			}}
			must(t, h.change(t, func(l *goals.List) error { _, err := test.ours(l); return err }))
			h.inLine(t)
			g := h.truth.List().Number(1)
			if got := fmt.Sprintf("%s %s %q", g.Description, g.Status, g.Notes); got != test.want {
				t.Errorf("%s, theirs updated at %v: the goal is %s, want %s", name, updated, got, test.want)
			}
			if len(h.notes.merged) != 1 {
				t.Errorf("%s, theirs updated at %v: told of %v", name, updated, h.notes.merged)
			}
		}
	}
}

// meanwhile is a palace that somebody else changes right before the next commit.
type meanwhile struct {
	*palace.Palace
	change func()
}

func (m *meanwhile) Update(ctx context.Context, o store.Origin, f func(store.Tx) error) error {
	if m.change != nil {
		m.change()
		m.change = nil
	}
	return m.Palace.Update(ctx, o, f)
}

// What is saved between a look at the file and the commit of what it said stays.
func TestWhatIsSavedWhileTheFileIsTakenInStays(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	h.add(t, "buy milk")
	theirs, err := h.file.Load()
	must(t, err)
	theirs[0].Description, theirs[0].Updated = "call father", day.Add(time.Hour)
	h.write(t, string(goaljson.Append(nil, theirs)))
	h.Mirror.palace = &meanwhile{h.truth, func() {
		must(t, h.truth.Update(t.Context(), store.Origin{Key: "meanwhile", Name: "test", At: day}, func(tx store.Tx) error {
			_, err := tx.List().Finish(2, false, day)
			return err
		}))
	}}
	must(t, h.Check(t.Context()))
	h.inLine(t)
	if list := h.truth.List(); list.Number(1).Description != "call father" || list.Number(2).Status != goals.Done {
		t.Errorf("the palace says %+v and %+v", list.Number(1), list.Number(2))
	}
	// A goal that was added and deleted meanwhile keeps its number to itself.
	h.write(t, strings.Replace(h.bytes(t), "\n]", `,{"id":"theirs","description":"theirs","status":"pending","progress":0,"created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z"}]`, 1))
	h.Mirror.palace = &meanwhile{h.truth, func() {
		must(t, h.truth.Update(t.Context(), store.Origin{Key: "added", Name: "test", At: day}, func(tx store.Tx) error {
			_, err := tx.List().Add(goals.Draft{Description: "for a moment"}, "g-moment", day)
			return err
		}))
		must(t, h.truth.Update(t.Context(), store.Origin{Key: "deleted", Name: "test", At: day}, func(tx store.Tx) error {
			_, err := tx.List().Delete(3)
			return err
		}))
	}}
	must(t, h.Check(t.Context()))
	h.inLine(t)
	list := h.truth.List()
	if g := list.ID("theirs"); g == nil || g.Number != 4 {
		t.Errorf("theirs is %+v", g)
	}
}

// A person with an editor does not touch "updated", and may write in place
// within the same tick of the clock.
func TestAnEditInPlaceIsTakenIn(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	before, err := os.Stat(h.Path())
	must(t, err)
	must(t, os.WriteFile(h.Path(), []byte(strings.Replace(h.bytes(t), "call mother", "call MOTHER", 1)), 0o600))
	must(t, os.Chtimes(h.Path(), before.ModTime(), before.ModTime()))
	must(t, h.Check(t.Context()))
	if got := h.truth.List().Number(1).Description; got != "call MOTHER" {
		t.Errorf("#1 is %q", got)
	}
	h.inLine(t)
}

func TestAMalformedFileIsReportedAndLeftAloneUntilAChange(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	h.write(t, "[{")
	var bad *SerdeError
	for range 2 {
		if err := h.Check(t.Context()); !errors.As(err, &bad) {
			t.Fatalf("Check = %v; want a SerdeError", err)
		}
	}
	_ = h.change(t, func(*goals.List) error { return store.ErrRefused })
	if h.bytes(t) != "[{" {
		t.Fatal("the evidence is gone")
	}
	h.add(t, "buy milk")
	h.inLine(t)
	if len(h.notes.kept) != 1 {
		t.Fatalf("kept: %v", h.notes.kept)
	}
	if data, _ := os.ReadFile(h.notes.kept[0]); string(data) != "[{" {
		t.Errorf("kept %q", data)
	}
}

// sealed is a directory in which nothing can be made.
type sealed struct{ disk }

func (sealed) Create(string) (tempFile, error) { return nil, syscall.EACCES }
func (sealed) Link(string, string) error       { return syscall.EACCES }
func (sealed) Rename(string, string) error     { return syscall.EACCES }
func (sealed) Exchange(string, string) error   { return syscall.EACCES }

// Of an id that stands there twice only one version is taken in, so the file is
// kept first, or stays as it is. Broken on purpose, and it went red: no copy at
// all, one that is made again at every check while the palace takes nothing in,
// and a file that is put right although it could not be kept.
func TestAnIDThatStandsThereTwice(t *testing.T) {
	h := newHouse(t)
	h.add(t, "call mother")
	one := strings.TrimSuffix(strings.TrimPrefix(h.bytes(t), "["), "]")
	twice := "[" + strings.Replace(one, "mother", "father", 1) + "," + one + "]"
	kept := func(want ...string) {
		t.Helper()
		var have []string
		paths, _ := filepath.Glob(filepath.Join(h.file.Dir(), "*corrupt*"))
		for _, path := range paths {
			data, _ := os.ReadFile(path)
			have = append(have, string(data))
		}
		if !slices.Equal(have, want) {
			t.Errorf("kept %q, want %q", have, want)
		}
	}

	h.file.disk = sealed{osDisk{}}
	h.write(t, twice)
	var doubled *DuplicateIDsError
	for range 2 {
		if err := h.Check(t.Context()); !errors.As(err, &doubled) || !strings.Contains(doubled.DuplicateIDs(), "permission denied") {
			t.Fatalf("Check = %v; want a DuplicateIDsError that says why", err)
		}
	}
	if err := h.change(t, func(l *goals.List) error { _, err := l.AddNote(1, "hello", day); return err }); !errors.Is(err, store.ErrFileBehind) {
		t.Errorf("Update = %v; want ErrFileBehind", err)
	}
	if h.bytes(t) != twice || len(h.notes.merged) != 0 {
		t.Error("the file was put right, and could not be kept")
	}
	kept()

	h.file.disk = osDisk{}
	h.notes.broken = store.ErrFull
	h.write(t, twice)
	for range 2 {
		if err := h.Check(t.Context()); !errors.Is(err, store.ErrFull) {
			t.Fatalf("Check = %v", err)
		}
	}
	kept()

	h.notes.broken = nil
	must(t, h.Check(t.Context()))
	must(t, h.Check(t.Context()))
	h.inLine(t)
	kept(twice)
	if len(h.notes.merged) != 1 || len(h.notes.kept) != 1 {
		t.Errorf("reported %v, kept as %v", h.notes.merged, h.notes.kept)
	}

	// A copy that was kept before stays when the palace takes nothing in,
	note := func(text string) {
		t.Helper()
		must(t, h.change(t, func(l *goals.List) error { _, err := l.AddNote(1, text, day); return err }))
	}
	note("from the phone")
	h.notes.broken = store.ErrFull
	h.write(t, twice)
	if err := h.Check(t.Context()); !errors.Is(err, store.ErrFull) {
		t.Errorf("Check = %v", err)
	}
	kept(twice)
	// and so does a new one of a file that is gone by then,
	version := func(name string) string { return strings.Replace(twice, "father", name, 1) }
	h.Mirror.palace = &meanwhile{h.truth, func() { must(t, os.Remove(h.Path())) }}
	h.write(t, version("aunt"))
	if err := h.Check(t.Context()); !errors.Is(err, store.ErrFull) {
		t.Errorf("Check = %v", err)
	}
	kept(twice, version("aunt"))
	// or one that the owner may be told of: nobody knows whether that was committed.
	h.notes.broken = nil
	h.Mirror.palace = &doubtful{Palace: h.truth, unseen: h.truth, doubt: true}
	h.write(t, version("uncle"))
	if err := h.Check(t.Context()); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("Check = %v", err)
	}
	kept(twice, version("aunt"), version("uncle"))
	// A program that goes on from there and says nothing else than before of what is
	// taken in is heard of what is not.
	note("and again")
	told := len(h.notes.merged)
	h.write(t, version("niece"))
	must(t, h.Check(t.Context()))
	h.inLine(t)
	kept(twice, version("aunt"), version("uncle"), version("niece"))
	if len(h.notes.merged) != told+1 {
		t.Errorf("it is told %d times", len(h.notes.merged)-told)
	}
}

// Behind a link, the file is kept, and not the link.
func TestAnIDThatStandsTwiceBehindALink(t *testing.T) {
	h := &spoilt{house: newHouse(t)}
	h.add(t, "call mother")
	one := strings.TrimSuffix(strings.TrimPrefix(h.bytes(t), "["), "]")
	twice := "[" + strings.Replace(one, "mother", "father", 1) + "," + one + "]"
	h.write(t, twice)
	h.linkAway(t)
	must(t, h.Check(t.Context()))
	h.inLine(t)
	kept := h.keptFiles(t)
	if len(kept) != 1 || !slices.Equal(h.notes.kept, kept) {
		t.Fatalf("kept %q, told of %q", kept, h.notes.kept)
	}
	if info, err := os.Lstat(kept[0]); err != nil || !info.Mode().IsRegular() {
		t.Errorf("kept is %v, %v", info, err)
	}
	if data, err := os.ReadFile(kept[0]); string(data) != twice {
		t.Errorf("kept is %s, %v", data, err)
	}
	if to, err := os.Readlink(h.Path()); to != "real.json" {
		t.Errorf("the link leads to %q, %v", to, err)
	}
}

// A goal that was deleted here stays deleted, whatever older version of it
// others write, and is back under its number once they have changed it since.
// Red where a merge does not compare the times, and where the palace does not
// say, after a commit or at the next start, when the goal was deleted.
func TestADeletionHoldsUntilTheyChangeTheGoal(t *testing.T) {
	root := t.TempDir()
	h := openHouse(t, root)
	must(t, h.Start(t.Context()))
	h.add(t, "call mother")
	h.add(t, "buy milk")
	old := h.bytes(t)
	must(t, h.change(t, func(l *goals.List) error { _, err := l.Delete(1); return err }))
	for _, when := range []string{"at once", "after a start"} {
		theirs, err := goaljson.Decode([]byte(old))
		must(t, err)
		theirs[1].Notes = append(theirs[1].Notes, when) // or it would be our own older version
		theirs[1].Updated = time.Now()
		h.write(t, string(goaljson.Append(nil, theirs)))
		must(t, h.Check(t.Context()))
		if g := h.truth.List().Number(1); g != nil {
			t.Errorf("%s: #1 is back: %+v", when, g)
		}
		h.inLine(t)
		must(t, h.truth.Close())
		h = openHouse(t, root)
		must(t, h.Start(t.Context()))
	}
	theirs, err := goaljson.Decode([]byte(old))
	must(t, err)
	theirs[0].Description, theirs[0].Updated = "call father", time.Now()
	h.write(t, string(goaljson.Append(nil, theirs)))
	must(t, h.Check(t.Context()))
	if g := h.truth.List().Number(1); g == nil || g.Description != "call father" {
		t.Errorf("#1 is %+v; they changed it after the deletion", g)
	}
	if n := len(h.notes.merged); n != 1 || len(h.notes.merged[0].Back) != 1 {
		t.Errorf("reported: %+v", h.notes.merged)
	}
	h.inLine(t)
	// In the same run as well.
	must(t, h.change(t, func(l *goals.List) error { _, err := l.Delete(1); return err }))
	theirs[0].Updated = time.Now()
	h.write(t, string(goaljson.Append(nil, theirs)))
	must(t, h.Check(t.Context()))
	if h.truth.List().Number(1) == nil {
		t.Error("#1 is gone; they changed it after the deletion")
	}
}

// TestTwoWritersLoseNothing lets a second writer, which behaves like the
// program that shares the file, replace it as fast as it can from its own
// memory while commands run here: in the end every goal of both is there.
// Red when save does not look at what it replaced.
func TestTwoWritersLoseNothing(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files cannot be exchanged here: what is written in the moment between a link and a rename is lost")
	}
	h := newHouse(t)
	h.add(t, "the first")
	const each = 150
	var both sync.WaitGroup
	both.Go(func() {
		for i := range each {
			h.add(t, fmt.Sprintf("ours %d", i))
		}
	})
	both.Go(func() {
		other := New(h.root)
		for i := range each {
			// It reads, adds its own, and writes all of it, whatever happens meanwhile.
			theirs, err := other.Load()
			if err != nil {
				t.Error(err)
				return
			}
			now := time.Now()
			theirs = append(theirs, &goals.Goal{ID: fmt.Sprintf("theirs-%d", i), Description: "theirs", Status: goals.Pending, Created: now, Updated: now})
			temp := filepath.Join(h.root, "sm", fmt.Sprintf("other-%d", i))
			if err := os.WriteFile(temp, goaljson.Append(nil, theirs), 0o600); err != nil {
				t.Error(err)
				return
			}
			if err := patiently(func() error { return os.Rename(temp, h.Path()) }); err != nil {
				t.Error(err)
				return
			}
			// What it wrote must survive even if it never writes again; what it
			// overwrote must come back. Give ours no time in between.
		}
	})
	both.Wait()
	must(t, h.Check(t.Context()))
	h.inLine(t)
	list := h.truth.List()
	for i := range each {
		if list.ID(fmt.Sprintf("theirs-%d", i)) == nil {
			t.Errorf("theirs-%d is lost", i)
		}
	}
	if n := list.Len(); n != 1+2*each {
		t.Errorf("%d goals; want %d", n, 1+2*each)
	}
}

// A person opens the file in an editor, the phone takes out a note and adds a goal, and
// the person saves what the editor still shows, with one more note. The new goal stays,
// and the phone is asked about it. Red where nothing counts as missing that was not
// there yet when the person opened the file.
func TestAnOlderFileThatIsSavedAsksAboutNewerGoals(t *testing.T) {
	h := newHouse(t)
	h.add(t, "first")
	must(t, h.change(t, func(l *goals.List) error { _, err := l.AddNote(1, "no more", day); return err }))
	shown, err := h.file.Load()
	must(t, err)
	must(t, h.change(t, func(l *goals.List) error { _, err := l.EditNote(1, 1, "", day.Add(time.Hour)); return err }))
	h.add(t, "second")
	told := len(h.notes.merged)
	shown[0].Notes, shown[0].Updated = append(shown[0].Notes, "saved late"), day.Add(2*time.Hour)
	h.replace(t, shown)
	must(t, h.Check(t.Context()))
	h.inLine(t)
	list := h.truth.List()
	if g := list.Number(1); list.Len() != 2 || !slices.Equal(g.Notes, []string{"saved late"}) {
		t.Errorf("the list is %+v", list.All())
	}
	if m := h.notes.merged[told:]; len(m) != 1 || len(m[0].Vanished) != 1 || m[0].Vanished[0].Description != "second" {
		t.Errorf("the phone was told %+v", m)
	}
}
