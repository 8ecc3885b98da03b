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
		db, err := connect(path, creating, 1)
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
		for _, what := range []string{"CREATE TABLE theirs (x)", "PRAGMA application_id = 7", "PRAGMA user_version = 7"} {
			path := filepath.Join(t.TempDir(), "palace.db")
			db, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec(what); err != nil {
				t.Fatal(err)
			}
			db.Close()
			refused(t, path, ErrIdentity, "another program")
			if err := os.WriteFile(markerPath(path), []byte("a store"), 0o600); err != nil {
				t.Fatal(err)
			}
			refused(t, path, ErrIdentity, "another program")
		}
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
			db, err := connect(path, creating, 1)
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
