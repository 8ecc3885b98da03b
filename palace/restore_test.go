package palace

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"goalbot/postgrestest"
)

// What is tested here: that no copy of a database lacks what stands in its log.

// killed leaves what a bot leaves that was killed with two goals, of which the
// second stands in the log alone, and returns the path.
func killed(t *testing.T) (path string) {
	t.Helper()
	p := fresh(t)
	add(t, p, "one")
	p = reopened(t, p) // which puts the log away
	add(t, p, "two")
	dir := t.TempDir()
	for _, name := range []string{"palace.db", "palace.db-wal", "palace.id"} {
		copyFile(t, filepath.Join(filepath.Dir(p.path), name), filepath.Join(dir, name))
	}
	return filepath.Join(dir, "palace.db")
}

func restored(t *testing.T, backup, path string) (replaced string) {
	t.Helper()
	replaced, err := Restore(t.Context(), backup, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return replaced
}

// What was put aside by a restore has its log beside it. Putting that back read
// the database alone, and the newest goals were gone. Red when the file is
// copied by itself.
func TestABackupIsReadWithItsLog(t *testing.T) {
	path := killed(t)
	empty := closed(t)
	os.Remove(markerPath(path)) // or the other one is not let in
	replaced := restored(t, empty, path)
	if !exists(replaced) || size(replaced+"-wal") == 0 {
		t.Fatalf("the log was not kept with %s", replaced)
	}
	before := listing(t, filepath.Dir(replaced))
	os.Remove(markerPath(path))
	restored(t, replaced, path)
	same(t, "restored", listed(at(t, path).List()), "#1 one #2 two ")
	for line := range strings.Lines(before) {
		if name := strings.Fields(line)[0]; strings.Contains(name, ".replaced-") && !strings.Contains(listing(t, filepath.Dir(replaced)), line) {
			t.Errorf("%s is not as it was", name)
		}
	}
}

// The palace of a bot that runs is a backup, too: for another folder.
func TestAPalaceThatIsOpenCanBeRestoredElsewhere(t *testing.T) {
	bot := fresh(t)
	add(t, bot, "one")
	path := filepath.Join(t.TempDir(), "sm", "palace.db")
	restored(t, bot.path, path)
	if marker, err := readMarker(path); err != nil || marker != bot.store { // else it could get lost unnoticed
		t.Errorf("palace.id says %q: %v", marker, err)
	}
	add(t, bot, "two") // nothing is taken from it
	same(t, "restored", listed(at(t, path).List()), "#1 one ")
	same(t, "the other", listed(bot.List()), "#1 one #2 two ")
	if err := bot.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// A repair keeps the palace as it was: in one file, with what stood in the log.
func TestWhatARepairKeepsHasItsLog(t *testing.T) {
	path := killed(t)
	p := at(t, path)
	p.sql(t, "UPDATE goals SET sum = sum + 1 WHERE number = 2")
	dir := t.TempDir() // where it was killed again
	for _, name := range []string{"palace.db", "palace.db-wal", "palace.id"} {
		copyFile(t, filepath.Join(filepath.Dir(path), name), filepath.Join(dir, name))
	}
	path = filepath.Join(dir, "palace.db")
	done, err := Repair(t.Context(), path, Options{}, Sources{})
	if err != nil || len(done.Goals) != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
	if size(done.Kept+"-wal") != 0 {
		t.Error("what is kept is in two pieces")
	}
	db, err := connect(done.Kept, unwritten, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := readRows(t.Context(), db)
	if err != nil || len(rows) != 2 || rows[1].matches() {
		t.Errorf("%d rows are kept, %v", len(rows), err)
	}
	same(t, "repaired", listed(at(t, path).List()), "#1 one #2 two ")
}

// Where a restore was killed before it took an old name away, the bot that was
// started then wrote into what had been kept, and so did a repair. Red without
// separate, in either place.
func TestWhatACutRestoreHasKeptIsNotWritten(t *testing.T) {
	for name, write := range map[string]func(*testing.T, string){
		"by the bot": func(t *testing.T, path string) {
			p := at(t, path)
			same(t, "opened", listed(p.List()), "#1 one #2 two ")
			add(t, p, "three")
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
		},
		"by a repair": func(t *testing.T, path string) {
			if done, err := Repair(t.Context(), path, Options{}, Sources{}); err != nil || len(done.Goals) != 1 {
				t.Fatal(done, err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := killed(t)
			if name == "by a repair" {
				p := at(t, path)
				p.sql(t, "UPDATE goals SET sum = sum + 1 WHERE number = 2")
				if err := p.Close(); err != nil {
					t.Fatal(err)
				}
			}
			kept := path + ".replaced-" + time.Now().UTC().Format(stampFormat)
			parts := []string{"", "-wal"}
			if !exists(path + "-wal") {
				parts = parts[:1]
			}
			if !link(path, kept, parts) {
				t.Skip("no links here")
			}
			bytesOf := func() (all string) {
				for _, part := range parts {
					data, err := os.ReadFile(kept + part)
					if err != nil {
						t.Fatal(err)
					}
					all += string(data)
				}
				return all
			}
			before := bytesOf()
			write(t, path)
			if bytesOf() != before {
				t.Error("what was kept has changed")
			}
		})
	}
}

// A restore that was killed between the database and its log removed the log
// when it was run again. Red when a log that stands alone is removed, and when
// the old names go before all the new ones are there.
func TestARestoreThatIsCutShortPartsNoLogFromItsDatabase(t *testing.T) {
	for name, cut := range map[string]func(path, kept string) error{
		"where files can be linked": func(path, kept string) error {
			if !link(path, kept, []string{"", "-wal"}) {
				t.Skip("no links here")
			}
			return os.Remove(path)
		},
		"where they cannot": func(path, kept string) error { return os.Rename(path, kept) },
	} {
		t.Run(name, func(t *testing.T) {
			path, backup := killed(t), closed(t)
			os.Remove(markerPath(path))
			log, err := os.ReadFile(path + "-wal")
			if err != nil {
				t.Fatal(err)
			}
			kept := path + ".replaced-" + time.Now().UTC().Format(stampFormat)
			if err := cut(path, kept); err != nil {
				t.Fatal(err)
			}
			again := restored(t, backup, path)
			same(t, "restored", listed(at(t, path).List()), "#1 one #2 two ")
			if data, err := os.ReadFile(again); err != nil || string(data) != string(log) || !strings.HasSuffix(again, "-wal") {
				t.Errorf("the log is kept as %q: %v", again, err)
			}
			if name == "where they cannot" {
				return
			}
			os.Remove(markerPath(path))
			elsewhere := filepath.Join(t.TempDir(), "palace.db")
			restored(t, kept, elsewhere)
			same(t, "what was replaced", listed(at(t, elsewhere).List()), "#1 one #2 two ")
		})
	}
}

func TestABackupIsWholeAndCanBePutBack(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	update(t, p, origin("x", 7), send(7, "a"))
	dir := filepath.Join(t.TempDir(), "backups")
	backup, err := p.Backup(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	add(t, p, "two")
	if !private(backup) {
		t.Error("the backup is not for the owner only")
	}
	p.Close()
	os.WriteFile(p.path, []byte("damage, damage, damage"), 0o600)
	os.WriteFile(p.path+"-wal", []byte("an old log"), 0o600)
	replaced, err := Restore(t.Context(), backup, p.path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(replaced); err != nil || !strings.HasPrefix(string(text), "damage") {
		t.Errorf("what was replaced: %q %v", text, err)
	}
	p = at(t, p.path)
	same(t, "list", listed(p.List()), "#1 one ")
	same(t, "outbox", waiting(t, p), "7:a ")
	same(t, "next number", add(t, p, "two"), 2)

	other := fresh(t)
	add(t, other, "theirs")
	theirs, err := other.Backup(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Restore(t.Context(), theirs, p.path, Options{})
	wantErr(t, err, ErrIdentity)
	other.sql(t, "UPDATE goals SET sum = 0")
	other.Close()
	_, err = Restore(t.Context(), other.path, filepath.Join(t.TempDir(), "palace.db"), Options{})
	wantErr(t, err, ErrDamaged)
}

func TestARestoredPalaceIsNotMixedWithTheLogOfTheOneBefore(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	backup, err := p.Backup(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	add(t, p, "two")
	path := filepath.Join(t.TempDir(), "palace.db") // as a killed bot leaves it
	for _, part := range []string{".db", ".db-wal", ".id"} {
		copyFile(t, strings.TrimSuffix(p.path, ".db")+part, strings.TrimSuffix(path, ".db")+part)
	}
	replaced, err := Restore(t.Context(), backup, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "list", listed(at(t, path).List()), "#1 one ")
	copyFile(t, markerPath(path), markerPath(replaced))
	same(t, "list that was replaced", listed(at(t, replaced).List()), "#1 one #2 two ")
}

func TestABackupIsPutBackWhereNothingIsLeft(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	backup, err := p.Backup(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "new", "palace.db")
	replaced, err := Restore(t.Context(), backup, path, Options{})
	if err != nil || replaced != "" {
		t.Fatal(replaced, err)
	}
	same(t, "list", listed(at(t, path).List()), "#1 one ")
}

// A backup that a newer program made is refused, and not called damaged: the bot would not
// start on it. One that is damaged is refused, too. Nothing is changed then, or left over.
func TestABackupThatIsNoUseIsNotRestored(t *testing.T) {
	for name, url := range map[string]func(*testing.T) string{
		"SQLite":     func(*testing.T) string { return "" },
		"PostgreSQL": func(t *testing.T) string { return postgrestest.Shared(t).URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			place := Place{File: filepath.Join(t.TempDir(), "palace.db"), URL: url(t)}
			p := openPlace(t, place)
			add(t, p, "one")
			backup, err := p.Backup(t.Context(), t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			add(t, p, "two")
			p.Close()
			db, err := connect(backup, writing, 1)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			refused := func(change string, want error, says string) {
				t.Helper()
				if _, err := db.Exec(change); err != nil {
					t.Fatal(err)
				}
				if _, err := place.Restore(t.Context(), backup, Options{}); !errors.Is(err, want) || !strings.Contains(err.Error(), says) {
					t.Errorf("the error is: %v", err)
				}
				if temps, _ := filepath.Glob(filepath.Join(filepath.Dir(place.File), tempPrefix+"*")); len(temps) > 0 {
					t.Errorf("left over: %v", temps)
				}
			}
			refused("UPDATE goals SET sum = 1 - sum", ErrDamaged, "#1")
			refused("PRAGMA user_version = 99; ALTER TABLE goals ADD COLUMN color text NOT NULL DEFAULT ''",
				ErrNewer, backup+" has version 99, this program knows "+strconv.Itoa(version())+"; nothing was changed")
			same(t, "list", listed(openPlace(t, place).List()), "#1 one #2 two ")
		})
	}
}

// Where the parts of a database cannot all have second names, they are renamed one after
// the other, and the log stays with its database. What is empty is not kept.
func TestARestoreWithoutLinksKeepsTheLog(t *testing.T) {
	path, backup := killed(t), closed(t)
	os.Remove(markerPath(path))
	kept := path + ".replaced-" + noon.Format(stampFormat)
	for _, name := range []string{kept + "-wal", path + "-journal"} { // the first is in the way of a link
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Restore(t.Context(), backup, path, Options{Now: func() time.Time { return noon }})
	if err != nil || got != kept {
		t.Fatalf("it is kept as %q: %v", got, err)
	}
	was, err := OpenReadOnly(t.Context(), kept)
	if err != nil {
		t.Fatal(err)
	}
	defer was.Close()
	same(t, "what is kept", listed(was.List()), "#1 one #2 two ")
	if exists(path+"-journal") || exists(kept+"-journal") {
		t.Error("an empty journal is left, or kept")
	}
	at(t, path)
}
