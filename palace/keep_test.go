package palace

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"goalbot/store"
)

// What is tested here: that a palace is the right one, whole and durable, or refused.

// closed makes a palace with two goals and closes it.
func closed(t testing.TB) (path string) {
	t.Helper()
	p := fresh(t)
	add(t, p, "one")
	add(t, p, "two")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return p.path
}

func statusOf(t testing.TB, path string) Status {
	t.Helper()
	s, err := StatusOf(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func refused(t testing.TB, path string, want error, says ...string) {
	t.Helper()
	before := listing(t, filepath.Dir(path))
	p, err := Open(t.Context(), path, Options{})
	if err == nil {
		p.Close()
		t.Fatalf("%s was opened", path)
	}
	wantErr(t, err, want)
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("the error does not say %q: %v", s, err)
		}
	}
	same(t, "files after the refusal", listing(t, filepath.Dir(path)), before)
}

// listing is every file in a directory, with its size and time.
func listing(t testing.TB, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintln(e.Name(), info.Size(), info.ModTime().UnixNano())
	}
	return text
}

func TestAPalaceIsMadeWhereThereWasNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "palace.db")
	same(t, "state", statusOf(t, path), Fresh)
	if exists(filepath.Dir(path)) {
		t.Error("StatusOf made something")
	}
	p := at(t, path)
	same(t, "goals", p.List().Len(), 0)
	same(t, "state", statusOf(t, path), Existing)
	marker, err := readMarker(path)
	if err != nil || marker != p.store || marker == "" {
		t.Errorf("palace.id says %q, the palace is %q: %v", marker, p.store, err)
	}
	for _, name := range []string{"palace.db", "palace.db-wal"} {
		if !private(filepath.Join(filepath.Dir(path), name)) {
			t.Errorf("%s is not for the owner only", name)
		}
	}
}

// private reports whether only the owner may read a file. Windows has no modes.
func private(path string) bool {
	info, err := os.Stat(path)
	return err == nil && (info.Mode().Perm() == 0o600 || runtime.GOOS == "windows")
}

func TestAMissingOrEmptiedOrForeignDatabaseIsRefused(t *testing.T) {
	t.Run("missing", func(t *testing.T) {
		path := closed(t)
		os.Remove(path)
		same(t, "state", statusOf(t, path), Lost)
		refused(t, path, ErrIdentity, "missing", "restore", "palace.id")
		_, err := OpenReadOnly(t.Context(), path)
		wantErr(t, err, ErrIdentity)
	})
	t.Run("missing, its log left", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "palace.db")
		os.WriteFile(path+"-wal", []byte("log"), 0o600)
		same(t, "state", statusOf(t, path), Lost)
		refused(t, path, ErrIdentity)
	})
	t.Run("zero length", func(t *testing.T) {
		path := closed(t)
		os.Truncate(path, 0)
		same(t, "state", statusOf(t, path), Lost)
		refused(t, path, ErrIdentity, "empty")
	})
	t.Run("emptied", func(t *testing.T) {
		path := closed(t)
		os.Remove(path)
		db, err := engine(path, creating, 1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("CREATE TABLE x (y); DROP TABLE x"); err != nil {
			t.Fatal(err)
		}
		db.Close()
		same(t, "state", statusOf(t, path), Lost)
		refused(t, path, ErrIdentity)
	})
	t.Run("another palace", func(t *testing.T) {
		path, other := closed(t), closed(t)
		copyFile(t, other, path)
		refused(t, path, ErrIdentity, "another", "restore")
		_, err := StatusOf(t.Context(), path)
		wantErr(t, err, ErrIdentity)
	})
	t.Run("another program's", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "palace.db")
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("CREATE TABLE theirs (x)"); err != nil {
			t.Fatal(err)
		}
		db.Close()
		refused(t, path, ErrIdentity, "another program")
	})
	t.Run("no database at all", func(t *testing.T) {
		path := closed(t)
		os.WriteFile(path, []byte(strings.Repeat("this is no database ", 500)), 0o600)
		refused(t, path, ErrDamaged, "restore --backup")
	})
	t.Run("half cut off", func(t *testing.T) {
		path := closed(t)
		os.Truncate(path, size(path)/2)
		refused(t, path, ErrDamaged, "restore --backup")
	})
	t.Run("empty palace.id", func(t *testing.T) {
		path := closed(t)
		os.Truncate(markerPath(path), 0)
		refused(t, path, ErrIdentity, "palace.id")
	})
	t.Run("written by a newer program", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "palace.db")
		p, err := open(t.Context(), path, Options{}, append(migrations(), "CREATE TABLE more (x TEXT)"))
		if err != nil {
			t.Fatal(err)
		}
		p.Close()
		refused(t, path, ErrNewer, fmt.Sprintf("version %d", version()+1))
		_, err = OpenReadOnly(t.Context(), path)
		wantErr(t, err, ErrNewer)
	})
}

func TestAPalaceWhoseMakingWasCutShortIsFinished(t *testing.T) {
	for name, cut := range map[string]func(t *testing.T, path string){
		"before anything was written": func(t *testing.T, path string) { os.WriteFile(path, nil, 0o600) },
		"before the tables": func(t *testing.T, path string) {
			db, err := engine(path, creating, 1)
			if err == nil {
				err = errors.Join(db.Ping(), db.Close())
			}
			if err != nil {
				t.Fatal(err)
			}
			if size(path) == 0 {
				t.Fatal("nothing was written")
			}
		},
		"within the first write": func(t *testing.T, path string) {
			os.WriteFile(path, make([]byte, 4096), 0o600)
			// The journal's header says that the file had no pages before.
			header := "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + "\x00\x00\x00\x00" + "abcd" +
				"\x00\x00\x00\x00" + "\x00\x00\x02\x00" + "\x00\x00\x10\x00"
			os.WriteFile(path+"-journal", append([]byte(header), make([]byte, 512-len(header))...), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "palace.db")
			cut(t, path)
			same(t, "state", statusOf(t, path), Fresh)
			p := at(t, path)
			add(t, p, "one")
			same(t, "list", listed(reopened(t, p).List()), "#1 one ")
		})
	}
}

func TestALostMarkerIsWrittenAnew(t *testing.T) {
	path := closed(t)
	os.Remove(markerPath(path))
	same(t, "state", statusOf(t, path), Existing)
	var log strings.Builder
	p, err := Open(t.Context(), path, Options{Log: logTo(&log)})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	same(t, "list", listed(p.List()), "#1 one #2 two ")
	if marker, _ := readMarker(path); marker != p.store {
		t.Errorf("palace.id says %q, want %q", marker, p.store)
	}
	if !strings.Contains(log.String(), "palace.id") {
		t.Errorf("nothing was logged: %s", log.String())
	}
}

func TestADatabaseThatGoesAwayUnderTheBotIsNoticed(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	if err := os.Remove(p.path); err != nil {
		t.Skip("what is open cannot be removed here:", err)
	}
	wantErr(t, p.Check(t.Context()), ErrIdentity)
	wantErr(t, p.Update(t.Context(), origin("x", 7), send(7, "x")), ErrIdentity)
}

func TestDamagedRowsAreNamedAndNeverPassedOver(t *testing.T) {
	for name, damage := range map[string]string{
		"a letter":        "UPDATE goals SET body = replace(body, 'two', 'twp') WHERE number = 2",
		"a number":        "UPDATE goals SET number = 5 WHERE number = 2",
		"an id":           "UPDATE goals SET id = 'g-other' WHERE number = 2",
		"a sum":           "UPDATE goals SET sum = sum + 1 WHERE number = 2",
		"marked deleted":  "UPDATE goals SET deleted = 1 WHERE number = 2",
		"a deleted goal":  "UPDATE goals SET deleted = 0 WHERE number = 3",
		"a row gone":      "DELETE FROM goals WHERE number = 2",
		"one row swapped": "UPDATE goals SET body = (SELECT body FROM goals WHERE number = 1), sum = (SELECT sum FROM goals WHERE number = 1) WHERE number = 2",
	} {
		t.Run(name, func(t *testing.T) {
			p := fresh(t)
			add(t, p, "one")
			add(t, p, "two")
			add(t, p, "three")
			update(t, p, origin("delete", 7), func(tx store.Tx) error { _, err := tx.List().Delete(3); return err })
			if err := p.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			p.sql(t, damage)
			damage, ok := errors.AsType[*DamageError](p.Check(t.Context()))
			if !ok {
				t.Fatal("Check found nothing")
			}
			wantErr(t, damage, ErrDamaged)
			cure := "bot repair"
			if name == "a row gone" {
				cure = "bot restore --backup FILE"
			} else if len(damage.Numbers) != 1 {
				t.Errorf("the damaged goals are %v", damage.Numbers)
			}
			dir := t.TempDir()
			if _, err := p.Backup(t.Context(), dir); err == nil || listing(t, dir) != "" {
				t.Errorf("damage was backed up: %v, %s", err, listing(t, dir))
			}
			p.Close()
			if _, err := Open(t.Context(), p.path, Options{}); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), cure) {
				t.Errorf("Open: %v", err)
			}
			if _, err := OpenReadOnly(t.Context(), p.path); !errors.Is(err, ErrDamaged) {
				t.Errorf("OpenReadOnly: %v", err)
			}
		})
	}
}

func TestEveryConnectionIsDurable(t *testing.T) {
	p := fresh(t)
	for name, db := range map[string]*sql.DB{"writer": p.writer, "readers": p.readers} {
		for range db.Stats().MaxOpenConnections { // all at once, so that each is another
			conn, err := db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			for setting, want := range map[string]string{
				"synchronous": "2", "journal_mode": "wal", "fullfsync": "1", "checkpoint_fullfsync": "1",
				"busy_timeout": "5000", "foreign_keys": "1", "trusted_schema": "0", "cell_size_check": "1",
			} {
				var got string
				if err := conn.QueryRowContext(t.Context(), "PRAGMA "+setting).Scan(&got); err != nil || got != want {
					t.Errorf("%s: %s is %q, want %q (%v)", name, setting, got, want, err)
				}
			}
		}
	}
	same(t, "writers", p.writer.Stats().MaxOpenConnections, 1)
}

func TestTheReadersCannotWrite(t *testing.T) {
	p := fresh(t)
	if _, err := p.readers.Exec("UPDATE meta SET revision = 0"); err == nil {
		t.Error("a reading connection wrote")
	}
}

func TestAnOldEngineIsRefused(t *testing.T) {
	for version, ok := range map[string]bool{"3.51.2": false, "3.9.20": false, "3.51.3": true, "3.52.0": true, "4.0": true, "3.51.3.1": true, "": false} {
		if err := newEnough(version); (err == nil) != ok {
			t.Errorf("%q: %v", version, err)
		}
	}
}

// The log's index cannot grow on a full disk, and SQLite calls that an I/O error.
func TestAnIndexThatCannotGrowIsAFullDisk(t *testing.T) {
	wantErr(t, explain(fmt.Errorf("begin: %w", driverError(4874))), store.ErrFull)
	if err := explain(driverError(266)); errors.Is(err, store.ErrFull) { // a read that failed
		t.Errorf("any I/O error is a full disk: %v", err)
	}
}

func TestAFullDiskIsSaidAndGotOverWithoutARestart(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	// The connection must not grow the file; it is the only one that writes.
	var pages int
	if err := p.writer.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	p.sql(t, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	o := origin("note", 7)
	long := func(tx store.Tx) error {
		_, err := tx.List().Rename(1, strings.Repeat("x", 900), noon.Add(time.Hour))
		for range 40 {
			err = errors.Join(err, send(7, strings.Repeat("y", 900))(tx))
		}
		return err
	}
	wantErr(t, p.Update(t.Context(), o, long), store.ErrFull)
	same(t, "list", listed(p.List()), "#1 one ")
	same(t, "outbox", waiting(t, p), "")

	// A function that shrugs off the failed statement gains nothing.
	shrug := func(tx store.Tx) error {
		for range 40 {
			tx.SetRecord("kind", origin("", 0).Key, strings.Repeat("y", 900))
		}
		return nil
	}
	wantErr(t, p.Update(t.Context(), origin("x", 7), shrug), store.ErrFull)
	same(t, "records", len(view(t, p, func(tx store.Tx) (map[string]string, error) { return tx.Records("kind") })), 0)

	p.sql(t, "PRAGMA max_page_count = 100000")
	update(t, p, o, long)
	p = reopened(t, p)
	same(t, "text", len(p.List().Number(1).Description), 900)
	if err := p.Check(t.Context()); err != nil {
		t.Error(err)
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

func TestTheNewestSevenBackupsAreKept(t *testing.T) {
	now := noon
	p := fresh(t)
	p.now = func() time.Time { return now }
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "mine.db"), []byte("not ours"), 0o600)
	var made []string
	for i := range 9 {
		now = noon.Add(time.Duration(i) * time.Hour)
		path, err := p.Backup(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, path)
	}
	backups, err := Backups(t.Context(), p.path, dir)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "backups", backups, made[2:])
	same(t, "files", strings.Count(listing(t, dir), "\n"), keptBackups+1)

	now = noon.Add(-time.Hour) // the clock was set back
	path, err := p.Backup(t.Context(), dir)
	if err != nil || !exists(path) {
		t.Errorf("the newest backup is gone: %v", err)
	}
}

func TestAnOlderPalaceIsBackedUpAndBroughtUpToDate(t *testing.T) {
	path := closed(t)
	newer := append(migrations(), "ALTER TABLE meta ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'; CREATE TABLE more (x TEXT)")
	dir := filepath.Join(t.TempDir(), "b")
	p, err := open(t.Context(), path, Options{Backups: dir}, newer)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	same(t, "list", listed(p.List()), "#1 one #2 two ")
	p.sql(t, "INSERT INTO more (x) SELECT colour FROM meta")
	if _, got, _, err := header(t.Context(), p.readers); err != nil || got != version()+1 {
		t.Errorf("version %d, %v", got, err)
	}
	backups, _ := Backups(t.Context(), p.path, dir)
	if len(backups) != 1 {
		t.Fatalf("backups: %v", backups)
	}
	p.Close()
	if _, err := Restore(t.Context(), backups[0], path, Options{}); err != nil {
		t.Fatal(err)
	}
	same(t, "the old list", listed(at(t, path).List()), "#1 one #2 two ")
}

func TestAFailedMigrationLeavesTheOldPalace(t *testing.T) {
	path := closed(t)
	bad := append(migrations(), "CREATE TABLE more (x TEXT); DROP TABLE goals", "this is no SQL")
	if p, err := open(t.Context(), path, Options{}, bad); err == nil {
		p.Close()
		t.Fatal("it was opened")
	}
	same(t, "list", listed(at(t, path).List()), "#1 one #2 two ")
}

func TestLookingChangesNoFile(t *testing.T) {
	path := closed(t)
	look := func(want string) {
		t.Helper()
		before := listing(t, filepath.Dir(path))
		same(t, "state", statusOf(t, path), Existing)
		p, err := OpenReadOnly(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		same(t, "list", listed(p.List()), want)
		same(t, "outbox", waiting(t, p), "")
		same(t, "record", record(t, p, "kind", "name"), "")
		if err := p.Check(t.Context()); err != nil {
			t.Error(err)
		}
		wantErr(t, p.Update(t.Context(), origin("x", 7), send(7, "x")), ErrReadOnly)
		wantErr(t, p.Sent(t.Context(), 1, nil), ErrReadOnly)
		p.Close()
		same(t, "files", listing(t, filepath.Dir(path)), before)
	}
	look("#1 one #2 two ") // nobody has it open

	bot := at(t, path)
	look("#1 one #2 two ") // someone has it open
	add(t, bot, "three")
	look("#1 one #2 two #3 three ") // and has written

	dir := t.TempDir()
	for _, name := range []string{"palace.db", "palace.db-wal", "palace.db-shm", "palace.id"} {
		copyFile(t, filepath.Join(filepath.Dir(path), name), filepath.Join(dir, name))
	}
	path = filepath.Join(dir, "palace.db")
	look("#1 one #2 two #3 three ") // the bot was killed

	_, err := OpenReadOnly(t.Context(), filepath.Join(t.TempDir(), "palace.db"))
	wantErr(t, err, os.ErrNotExist)
}

func TestAnOnlookerFollowsTheBot(t *testing.T) {
	bot := fresh(t)
	add(t, bot, "one")
	p, err := OpenReadOnly(t.Context(), bot.path)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	add(t, bot, "two")
	same(t, "list", view(t, p, func(tx store.Tx) (string, error) { return listed(*tx.List()), nil }), "#1 one #2 two ")
}

func TestAPathMayHoldAnything(t *testing.T) {
	name := "50% of #1? &mode=ro äöü"
	if runtime.GOOS == "windows" { // it allows no question mark
		name = "50% of #1 &mode=ro äöü"
	}
	path := filepath.Join(t.TempDir(), name, "palace.db")
	p := at(t, path)
	add(t, p, "one")
	if !exists(path) {
		t.Error("the palace is somewhere else")
	}
	same(t, "list", listed(reopened(t, p).List()), "#1 one ")
}

// What a failing disk makes of a commit may still come back from the log.
func TestACommitWhoseSyncFailedIsUnknown(t *testing.T) {
	for _, test := range []struct {
		name   string
		commit func(*sql.Tx) error
		want   error
	}{
		{"it happened, though the disk failed", func(tx *sql.Tx) error { tx.Commit(); return driverError(10) }, nil},
		{"its sync failed", func(tx *sql.Tx) error { tx.Rollback(); return driverError(10 | 4<<8) }, store.ErrUnknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := fresh(t)
			p.commit = test.commit
			o := origin("x", 7)
			wantErr(t, p.Update(t.Context(), o, send(7, "Once.")), test.want)
			p.commit = (*sql.Tx).Commit
			if err := p.Update(t.Context(), o, send(7, "Once.")); err != nil && !errors.Is(err, store.ErrRepeat) {
				t.Fatal(err)
			}
			same(t, "outbox", queued(t, p), "Once.")
		})
	}
}

// driverError is what SQLite reports from a disk that fails.
type driverError int

func (e driverError) Error() string { return "SQLite says no" }
func (e driverError) Code() int     { return int(e) }

func logTo(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

// The marker says that there is a palace. Were it to last where the database
// does not, a power cut at the very first start would leave a palace that is
// refused as lost. Red when the directory is synced after it, or not at all.
func TestTheMarkerComesAfterTheDatabaseLasts(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("needs a directory that cannot be opened, and there is none for root, nor on Windows")
	}
	dir := filepath.Join(t.TempDir(), "sm")
	if err := os.Mkdir(dir, 0o300); err != nil { // files may be made in it
		t.Fatal(err)
	}
	path := filepath.Join(dir, "palace.db")
	p, err := Open(t.Context(), path, Options{})
	if err == nil {
		p.Close()
	}
	if !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Open = %v; want that the directory cannot be synced", err)
	}
	if _, err := os.Stat(markerPath(path)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("palace.id was written before the directory was synced: %v", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	at(t, path) // as if nothing had been
}
