package health

import (
	"context"
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"goalbot/alert"
	"goalbot/goals"
	"goalbot/palace"
	"goalbot/schedule"
	"goalbot/store"
)

// maintained is the maintenance of a new palace with one goal.
func maintained(t *testing.T) *Maintenance {
	t.Helper()
	root := t.TempDir()
	s := Storage{Root: root, Palace: palace.Place{File: filepath.Join(root, "sm", "palace.db")}, Backups: filepath.Join(root, "sm", "backups")}
	truth, err := palace.Open(t.Context(), s.Palace.File, palace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { truth.Close() })
	err = truth.Update(t.Context(), store.Origin{Key: "add", Name: "addgoal", At: time.Now()}, func(tx store.Tx) error {
		_, err := tx.List().Add(goals.Draft{Description: "call mother"}, "g-00000001", time.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	k, err := NewMaintenance(truth, s, time.UTC, &Refused{Truth: truth, Changes: func(store.Origin) bool { return true }, Settings: in{time.UTC}}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func backups(t *testing.T, k *Maintenance) []string {
	t.Helper()
	paths, err := palace.Backups(t.Context(), k.storage.Palace.File, k.storage.Backups)
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func TestThePalaceIsLookedAfterEveryDay(t *testing.T) {
	k := maintained(t)
	from := time.Date(2026, 3, 1, 15, 0, 0, 0, time.UTC)
	if next := k.daily.NextRuns(from, 2); next[1].Sub(next[0]) != 24*time.Hour {
		t.Errorf("it is looked after at %v", next)
	}
	k.daily, _ = schedule.Parse("@every 1s", time.UTC) // a day is long
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	running.Go(func() { k.Run(ctx, nil) })
	until(t, "a backup at the start and one later", func() bool { return len(backups(t, k)) >= 2 })
	until(t, "the first look", func() bool { _, unsure := k.Findings(ctx); return len(unsure) == 0 })
	if found, _ := k.Findings(ctx); len(found) > 0 {
		t.Errorf("found %v", found)
	}
	damageRow(t, k.storage.Palace.File)
	until(t, "the damage", func() bool {
		found, _ := k.Findings(ctx)
		return len(found) == 1 && found[0].Cause == alert.PalaceDamaged
	})
	before := len(backups(t, k))
	k.look(ctx, true)
	if n := len(backups(t, k)); n != before {
		t.Error("a damaged palace was backed up")
	}
}

func TestABackupIsDueWhenTheNewestIsOlderThanADay(t *testing.T) {
	k := maintained(t)
	if !k.due(t.Context()) {
		t.Error("without a backup, none is due")
	}
	k.look(t.Context(), true)
	made, ok := palace.BackupTime(backups(t, k)[0])
	if !ok {
		t.Fatal("a backup does not say when it was made")
	}
	for after, want := range map[time.Duration]bool{0: false, 23 * time.Hour: false, 25 * time.Hour: true, -time.Hour: true} {
		k.now = func() time.Time { return made.Add(after) }
		if k.due(t.Context()) != want {
			t.Errorf("%v after the last backup one is due: %v", after, !want)
		}
	}
}

// The first check of goals.json waited until the whole palace was read and
// backed up, on a disk that hangs for ever. Meanwhile nothing is known of the
// palace, and that is what is said.
func TestNobodyWaitsForALookAtThePalace(t *testing.T) {
	k := maintained(t)
	k.looking.Lock() // it takes long
	changed := make(chan struct{}, 1)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	running.Go(func() { k.Run(ctx, changed) })
	found, unsure := k.Findings(ctx)
	if len(found) > 0 || !slices.Contains(unsure, alert.PalaceDamaged) || !slices.Contains(unsure, alert.BackupsFailing) {
		t.Errorf("found %v, unsure of %v", found, unsure)
	}
	k.looking.Unlock()
	<-changed
	if found, unsure := k.Findings(ctx); len(found) > 0 || len(unsure) > 0 {
		t.Errorf("after the look: found %v, unsure of %v", found, unsure)
	}
}

// A palace that could not even be read was called damaged.
func TestAPalaceThatCannotBeReadIsNotCalledDamaged(t *testing.T) {
	k := maintained(t)
	marker := filepath.Join(k.storage.Root, "sm", "palace.id")
	if err := os.Truncate(marker, 1<<20); err != nil { // more than is read
		t.Fatal(err)
	}
	k.look(t.Context(), true)
	found, unsure := k.Findings(t.Context())
	if len(found) != 1 || found[0].Cause != alert.PalaceUnread || !slices.Contains(unsure, alert.PalaceDamaged) {
		t.Errorf("found %v, unsure of %v", found, unsure)
	}
}

// A palace that takes nothing any more was noticed by nobody who did not want
// something kept. Red without the commit in glance, and without the source.
func TestAPalaceThatTakesNothingIsFound(t *testing.T) {
	k := maintained(t)
	k.look(t.Context(), false)
	close(k.looked)
	swift := Failing(k.truth, k.refused)
	says := func(what, want string) {
		t.Helper()
		found, unsure := k.Findings(t.Context())
		quick, _ := swift(t.Context())
		got := ""
		for _, f := range slices.Concat(found, quick) {
			got += string(f.Cause) + " "
		}
		if got != want || len(unsure) > 0 {
			t.Errorf("%s: found %q, unsure of %v", what, got, unsure)
		}
	}
	says("sound", "")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	keep := func() error {
		o := store.Origin{Key: time.Now().String(), Name: "settings", At: time.Now()}
		return k.truth.Update(t.Context(), o, func(tx store.Tx) error { return tx.SetRecord("kind", "name", "value") })
	}
	must(alter(k.storage.Palace.File, "CREATE TRIGGER sick BEFORE UPDATE ON meta BEGIN SELECT RAISE(ABORT, 'sick'); END"))
	says("nothing is taken", "palace-unwritable palace-unwritable ")
	must(alter(k.storage.Palace.File, "DROP TRIGGER sick"))
	says("over", "")

	must(alter(k.storage.Palace.File, "CREATE TRIGGER sick BEFORE INSERT ON records BEGIN SELECT RAISE(ABORT, 'sick'); END"))
	if keep() == nil {
		t.Fatal("it was kept")
	}
	says("some things are not taken", "palace-unwritable ")
	must(alter(k.storage.Palace.File, "DROP TRIGGER sick"))
	says("nobody has tried again", "palace-unwritable ")
	must(keep())
	says("over", "")

	if runtime.GOOS == "windows" {
		return // what is open cannot be removed there
	}
	must(os.Remove(k.storage.Palace.File))
	if keep() == nil {
		t.Fatal("it was kept")
	}
	says("gone", "palace-damaged palace-damaged ")
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: does not come", what)
		}
	}
}

func damageRow(t *testing.T, palace string) {
	t.Helper()
	if err := alter(palace, "UPDATE goals SET body = 'x' WHERE number = 1"); err != nil {
		t.Fatal(err)
	}
}

// alter runs a statement on a database.
func alter(path, statement string) error {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(statement)
	return err
}
