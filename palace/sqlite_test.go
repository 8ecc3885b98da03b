package palace

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"goalbot/store"
)

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

// With a list of 10,000 goals the caches of the connections had 8 MB. Red without readCache.
func TestConnectionsThatReadKeepLittleInMemory(t *testing.T) {
	var pages int
	if err := fresh(t).readers.QueryRowContext(t.Context(), "PRAGMA cache_size").Scan(&pages); err != nil || pages != -256 {
		t.Errorf("cache_size %d, %v", pages, err)
	}
}
