package cache

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/store"
)

// handOver lets others write this beside the bot that stands by, which hands it over.
func (w *two) handOver(t *testing.T, content string) {
	t.Helper()
	must(t, os.WriteFile(New(w.root).Path(), []byte(content), 0o600))
	w.follow(t)
}

// next is a bot that begins to lead, with a file below another root.
func (w *two) next(root string) *Mirror {
	m := NewMirror(w.truth, New(root), w.notes, slog.New(slog.NewTextHandler(&w.logged, nil)), time.Now)
	m.Among(w.truth)
	return m
}

// A goal that they removed beside a standby stays, and the person is told, as beside
// the leader.
func TestAGoalThatIsRemovedBesideAStandbyIsTold(t *testing.T) {
	w := newTwo(t)
	w.add(t, "one")
	before := w.bytes(t)
	w.add(t, "two")
	w.follow(t)
	w.handOver(t, strings.Replace(before, "one", "eins", 1))
	must(t, w.TakeInHanded(t.Context()))
	w.follow(t)
	w.wantSame(t, "eins, two, ")
	if len(w.notes.merged) != 1 || len(w.notes.merged[0].Vanished) != 1 || w.notes.merged[0].Vanished[0].Number != 2 {
		t.Errorf("it is told as %+v", w.notes.merged)
	}
}

// Of an id that stands twice in the file of a standby only one version is taken in, so
// the leader keeps the file beside its own.
func TestAnIDThatStandsTwiceBesideAStandby(t *testing.T) {
	w := newTwo(t)
	w.add(t, "one")
	w.follow(t)
	one := strings.TrimSuffix(strings.TrimPrefix(w.bytes(t), "["), "]")
	w.handOver(t, "["+strings.Replace(one, "one", "eins", 1)+","+one+"]")
	must(t, w.TakeInHanded(t.Context()))
	kept := w.keptFiles(t)
	if len(kept) != 1 || !slices.Equal(w.notes.kept, kept) {
		t.Fatalf("kept %q, told of %q", kept, w.notes.kept)
	}
	data, err := os.ReadFile(kept[0])
	if text := string(data); err != nil || !strings.Contains(text, `"one"`) || !strings.Contains(text, `"eins"`) {
		t.Errorf("kept is %s, %v", text, err)
	}
	if left, err := w.file.leftovers(); len(left) > 0 || err != nil {
		t.Errorf("left over: %q, %v", left, err)
	}
}

// A goals.json of the leader that does not load stays as it is, also when something
// was handed over.
func TestWhatIsHandedOverLeavesABrokenFileAlone(t *testing.T) {
	w := newTwo(t)
	w.add(t, "one")
	w.follow(t)
	w.edit(t, "one", "eins")
	w.follow(t)
	w.write(t, malformed)
	must(t, w.TakeInHanded(t.Context()))
	if w.bytes(t) != malformed || w.truth.List().Number(1).Description != "eins" {
		t.Errorf("the file is %s, the list %+v", w.bytes(t), w.truth.List().All())
	}
}

// What no bot of ours can have handed over is dropped, and holds up nothing else.
func TestWhatIsHandedOverAndCannotBeReadIsDropped(t *testing.T) {
	w := newTwo(t)
	w.add(t, "one")
	w.follow(t)
	for _, value := range []string{"{", `{"theirs": "odd"}`, `{"theirs": [], "base": "odd"}`} {
		must(t, w.leader.HandOver(t.Context(), "0/"+value, value))
	}
	w.edit(t, "one", "eins")
	w.follow(t)
	lead := w.Mirror
	lead.log = slog.New(slog.NewTextHandler(&w.logged, nil))
	must(t, lead.TakeInHanded(t.Context()))
	w.follow(t)
	w.wantSame(t, "eins, ")
	if n := strings.Count(w.logged.String(), "cannot be read and is dropped"); n != 3 {
		t.Errorf("the log says %s", w.logged.String())
	}
}

// fullDisk is a disk on which files can be made, and nothing written to them.
type fullDisk struct{ disk }

type fullFile struct{ tempFile }

func (d fullDisk) Create(path string) (tempFile, error) {
	f, err := d.disk.Create(path)
	return fullFile{f}, err
}

func (fullFile) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// While the disk of the leader is full, what was handed over waits, and nothing piles up.
func TestWhatIsHandedOverOutlivesAFullDisk(t *testing.T) {
	w := newTwo(t)
	w.add(t, "one")
	w.follow(t)
	w.edit(t, "one", "eins")
	w.follow(t)
	w.file.disk = fullDisk{osDisk{}}
	err := w.TakeInHanded(t.Context())
	left, lerr := w.file.leftovers()
	if !errors.Is(err, syscall.ENOSPC) || len(left) > 0 || lerr != nil || len(w.notes.merged) > 0 {
		t.Errorf("TakeInHanded = %v; left over: %q, %v; told %+v", err, left, lerr, w.notes.merged)
	}
	w.file.disk = osDisk{}
	must(t, w.TakeInHanded(t.Context()))
	w.follow(t)
	w.wantSame(t, "eins, ")
}

// What a commit of unknown outcome has taken in after all is not taken in a second time:
// a note that the person removed since stays removed.
func TestWhatWasTakenInMeanwhileIsNotTakenInAgain(t *testing.T) {
	w := newTwo(t)
	w.add(t, "one")
	w.follow(t)
	all, err := New(w.root).Load()
	must(t, err)
	all[0].Notes, all[0].Updated = []string{"theirs"}, time.Now()
	w.handOver(t, string(goaljson.Append(nil, all)))
	late := w.next(w.house.root)
	must(t, late.begin(t.Context()))
	late.palace = &meanwhile{w.truth, func() {
		must(t, w.TakeInHanded(t.Context()))
		must(t, w.change(t, func(l *goals.List) error { _, err := l.EditNote(1, 1, "", time.Now()); return err }))
	}}
	must(t, late.TakeInHanded(t.Context()))
	list := w.truth.List()
	if notes := list.Number(1).Notes; len(notes) > 0 || len(w.notes.merged) != 1 {
		t.Errorf("its notes are %q; it is told %d times", notes, len(w.notes.merged))
	}
}

// A bot starts to lead although what was handed over cannot be saved for now, says so,
// and takes it in later.
func TestTheNextLeaderStartsAlthoughNothingCanBeTakenIn(t *testing.T) {
	w := newTwo(t)
	w.add(t, "one")
	w.follow(t)
	lead := w.next(w.house.root)
	must(t, lead.Start(t.Context()))
	if w.logged.Len() > 0 {
		t.Errorf("nothing was handed over, and the log says %s", w.logged.String())
	}
	w.edit(t, "one", "eins")
	w.follow(t)
	w.notes.broken = store.ErrFull
	lead = w.next(w.house.root)
	must(t, lead.Start(t.Context()))
	if !strings.Contains(w.logged.String(), "what was handed over is not taken in yet") {
		t.Errorf("the log says %s", w.logged.String())
	}
	w.notes.broken = nil
	must(t, lead.TakeInHanded(t.Context()))
	w.follow(t)
	w.wantSame(t, "eins, ")
}

// On the machine of the bot that leads next there may never have been a file: it is
// made, and nobody is told that it is missing. For an empty list none is made.
func TestTheNextLeaderMakesItsFile(t *testing.T) {
	w := newTwo(t)
	if _, err := os.Stat(w.Path()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of an empty list there is a file, %v", err)
	}
	for range keptHashes + 1 { // so that nothing is remembered of the time without a file
		w.add(t, "one")
	}
	lead := w.next(t.TempDir())
	must(t, lead.Start(t.Context()))
	if data, err := os.ReadFile(lead.Path()); string(data) != w.bytes(t) {
		t.Errorf("the file is %s, %v", data, err)
	}
}
