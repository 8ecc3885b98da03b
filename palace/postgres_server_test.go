package palace

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/postgrestest"
	"goalbot/store"
)

// onPostgres opens a new palace on the server that the tests share.
func onPostgres(t *testing.T) (*Palace, Place) {
	t.Helper()
	place := Place{File: filepath.Join(t.TempDir(), "palace.db"), URL: postgrestest.Shared(t).URL(t)}
	return openPlace(t, place), place
}

func openPlace(t *testing.T, place Place) *Palace {
	t.Helper()
	p, err := place.Open(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// What is answered is on the server's disk, though the server is set otherwise; a
// transaction that does nothing is ended; and who only reads cannot write.
func TestEveryTransactionOnAServerIsAsItMust(t *testing.T) {
	p, _ := onPostgres(t)
	settings := func(db *sql.DB, o *sql.TxOptions) string {
		t.Helper()
		tx, err := db.BeginTx(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		text := ""
		for _, name := range []string{"synchronous_commit", "lock_timeout", "idle_in_transaction_session_timeout", "transaction_isolation", "transaction_read_only"} {
			var value string
			if err := tx.QueryRow("SHOW " + name).Scan(&value); err != nil {
				t.Fatal(err)
			}
			text += value + " "
		}
		return text
	}
	same(t, "the writer's", settings(p.writer, nil), "on 5s 5s read committed off ")
	same(t, "a reader's", settings(p.readers, &sql.TxOptions{ReadOnly: true}), "off 0 0 repeatable read on ")
	same(t, "writers", p.writer.Stats().MaxOpenConnections, 1)
}

// A connection is waited for as long as the URL says, or else for five seconds; an
// answer for thirty, and as long for each row more.
func TestAServerThatSaysNothing(t *testing.T) {
	for url, want := range map[string]time.Duration{
		"postgres://bot@127.0.0.1:1/goals":                   5 * time.Second,
		"postgres://bot@127.0.0.1:1/goals?connect_timeout=2": 2 * time.Second,
	} {
		config, err := parseURL(url)
		if err != nil {
			t.Fatal(err)
		}
		same(t, url, config.ConnectTimeout, want)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, extend, stop := within(t.Context(), answerTime)
		for range 2 {
			time.Sleep(30*time.Second - time.Nanosecond)
			same(t, "before", context.Cause(ctx), nil)
			extend()
		}
		time.Sleep(30 * time.Second)
		synctest.Wait()
		same(t, "then", context.Cause(ctx), errSilent)
		stop()
	})
}

// Whoever looks at a palace on a server is told what is there, and changes nothing:
// neither where there is none, nor beside the bot that leads.
func TestLookingAtAServer(t *testing.T) {
	s := postgrestest.Shared(t)
	place := Place{File: filepath.Join(t.TempDir(), "palace.db"), URL: s.URL(t)}
	status := func() Status {
		t.Helper()
		status, err := place.Status(t.Context())
		wantErr(t, err, nil)
		return status
	}
	refused := func(want error, says string) {
		t.Helper()
		_, err := place.OpenReadOnly(t.Context())
		_, examined := place.Examine(t.Context(), Sources{})
		if want != nil && !errors.Is(err, want) || !strings.Contains(err.Error(), says) || !strings.Contains(examined.Error(), says) {
			t.Errorf("it says %v, and %v", err, examined)
		}
	}
	same(t, "status", status(), Fresh)
	refused(fs.ErrNotExist, "there is none")
	same(t, "status", status(), Fresh)

	p := openPlace(t, place)
	add(t, p, "one")
	same(t, "status", status(), Existing)
	q, err := place.OpenReadOnly(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	same(t, "list", listed(q.List()), "#1 one ")
	wantErr(t, q.Update(t.Context(), origin("x", 7), func(store.Tx) error { return nil }), ErrReadOnly)
	losses, err := place.Examine(t.Context(), Sources{})
	same(t, "what is damaged", fmt.Sprint(losses, err), fmt.Sprint(Losses{}, nil))

	p.sql(t, "UPDATE palace_version SET version = version - 1")
	refused(nil, "older version; starting the bot brings it up to date")
	s.Drop(t, place.URL)
	same(t, "status", status(), Lost)
	refused(ErrIdentity, "restore a backup")
}

// What is opened keeps looking at what everything depends on.
func TestAQuickCheckOnAServer(t *testing.T) {
	for _, damage := range []string{
		"DROP INDEX changes_of_name", "ALTER TABLE goals DROP CONSTRAINT goals_id_key", "ALTER TABLE events RENAME TO happenings", "DROP TABLE parked",
	} {
		p, _ := onPostgres(t)
		wantErr(t, p.CheckQuick(t.Context()), nil)
		wantErr(t, p.CheckWritable(t.Context()), nil)
		p.sql(t, damage)
		wantErr(t, p.CheckQuick(t.Context()), ErrDamaged)
		wantErr(t, p.Check(t.Context()), ErrDamaged)
	}
	p, place := onPostgres(t)
	if err := os.Remove(markerPath(place.File)); err != nil {
		t.Fatal(err)
	}
	wantErr(t, p.CheckQuick(t.Context()), ErrIdentity)
}

// Where nothing is damaged a repair does nothing, and keeps no copy.
func TestASoundServerIsNotRepaired(t *testing.T) {
	p, place := onPostgres(t)
	add(t, p, "one")
	p.Close()
	done, err := place.Repair(t.Context(), Options{}, Sources{})
	if err != nil || done.Kept != "" || !done.None() {
		t.Errorf("%+v, %v", done, err)
	}
	same(t, "revision", openPlace(t, place).committed.Load().revision, p.committed.Load().revision)
}

// A database that became another one is not written to.
func TestAServersDatabaseIsReplaced(t *testing.T) {
	p, _ := onPostgres(t)
	add(t, p, "one")
	p.remember(t, func(m *meta) { m.store = "another" })
	wantErr(t, p.Update(t.Context(), origin("x", 7), func(store.Tx) error { return nil }), ErrIdentity)
}

// A backup of a palace on a server is an SQLite file with the same rows.
func TestABackupOfAServer(t *testing.T) {
	p, place := onPostgres(t)
	add(t, p, "one\x00")
	update(t, p, origin("x", 7), func(tx store.Tx) error {
		return errors.Join(tx.SetRecord("kind", `\x00`, "\xff"), send(7, "hello")(tx))
	})
	dir := filepath.Join(t.TempDir(), "backups")
	path, err := p.Backup(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	all, err := Backups(t.Context(), place.File, dir)
	if err != nil || len(all) != 1 || all[0] != path {
		t.Fatalf("the backups are %v, %v", all, err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("beside it lie: %v", entries)
	}
	back := filepath.Join(t.TempDir(), "palace.db")
	if _, err := Restore(t.Context(), path, back, Options{}); err != nil {
		t.Fatal(err)
	}
	q := at(t, back)
	same(t, "list", listed(q.List()), listed(p.List()))
	same(t, "record", record(t, q, "kind", `\x00`), "\xff")
	same(t, "outbox", waiting(t, q), "7:hello ")
	same(t, "state", q.committed.Load().meta, p.committed.Load().meta)
}

// A backup takes the place of what is on a server, whichever engine it is from, and
// what was there is kept.
func TestRestoreOnAServer(t *testing.T) {
	p, place := onPostgres(t)
	dir := filepath.Join(t.TempDir(), "backups")
	add(t, p, "one\x00")
	update(t, p, origin("x", 7), func(tx store.Tx) error { return tx.SetRecord("kind", `\x00`, "\xff") })
	backup, err := p.Backup(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	add(t, p, "two")
	restored := func(before string) (kept string) {
		t.Helper()
		if before != "" {
			p.sql(t, before)
		}
		p.Close()
		kept, err := place.Restore(t.Context(), backup, Options{})
		if err != nil {
			t.Fatal(err)
		}
		p = openPlace(t, place)
		same(t, "list", listed(p.List()), "#1 one ")
		same(t, "record", record(t, p, "kind", `\x00`), "\xff")
		wantErr(t, p.Check(t.Context()), nil)
		add(t, p, "three")
		return kept
	}
	was, err := OpenReadOnly(t.Context(), restored(""))
	if err != nil {
		t.Fatal(err)
	}
	defer was.Close()
	same(t, "what was there", listed(was.List()), "#1 one #2 two ")
	if kept := restored("UPDATE goals SET sum = 1 - sum"); size(kept) == 0 {
		t.Error("what was damaged is not kept")
	}
	if kept := restored("ALTER TABLE palace_version RENAME COLUMN version TO lost"); size(kept) == 0 {
		t.Error("what has no version is not kept")
	}
	if kept := restored("DROP TABLE palace_version, meta, goals, changes, events, applied, outbox, parked, records"); kept != "" {
		t.Errorf("nothing is kept as %s", kept)
	}

	p.sql(t, "DROP TABLE parked")
	p.Close()
	if _, err := place.Restore(t.Context(), backup, Options{}); err == nil || !strings.Contains(err.Error(), "cannot be kept") {
		t.Errorf("what cannot be kept is replaced: %v", err)
	}
	if entries, _ := filepath.Glob(filepath.Join(filepath.Dir(place.File), tempPrefix+"*")); len(entries) != 0 {
		t.Errorf("left over: %v", entries)
	}

	file := fresh(t) // from a file to a server that has none
	add(t, file, "in a file")
	theirs, err := file.Backup(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	q, other := onPostgres(t)
	q.Close()
	unmarked := Place{File: filepath.Join(t.TempDir(), "palace.db"), URL: other.URL}
	if _, err := unmarked.Restore(t.Context(), theirs, Options{}); !errors.Is(err, ErrIdentity) {
		t.Errorf("another palace is replaced: %v", err)
	}
	q = openPlace(t, other)
	q.sql(t, "DROP TABLE palace_version, meta, goals, changes, events, applied, outbox, parked, records")
	q.Close()
	if _, err := other.Restore(t.Context(), theirs, Options{}); !errors.Is(err, ErrIdentity) {
		t.Errorf("another palace takes the place of one that was lost: %v", err)
	}
	other.File = file.path
	file.Close()
	onServer := rawDB(t, other)
	if _, err := onServer.Exec("CREATE TABLE records (a int); CREATE VIEW theirs AS SELECT * FROM records"); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Restore(t.Context(), theirs, Options{}); err == nil || !exists(file.path) {
		t.Errorf("the file is put aside: %v, though nothing is restored: %v", !exists(file.path), err)
	}
	if _, err := onServer.Exec("DROP VIEW theirs"); err != nil {
		t.Fatal(err)
	}
	aside, err := other.Restore(t.Context(), theirs, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if exists(file.path) || size(aside) == 0 {
		t.Errorf("the file from which the goals moved stays; beside it: %q", aside)
	}
	if _, err := Open(t.Context(), file.path, Options{}); !errors.Is(err, ErrIdentity) {
		t.Errorf("a bot starts where the goals were: %v", err)
	}
	moved := openPlace(t, other)
	same(t, "list", listed(moved.List()), listed(file.List()))
	same(t, "name", moved.store, file.store)

	old := Place{File: filepath.Join(t.TempDir(), "palace.db"), URL: postgrestest.Shared(t).URL(t)}
	if _, err := old.Restore(t.Context(), ofVersion2(t), Options{}); err != nil {
		t.Fatal(err)
	}
	same(t, "goals of an older version", listed(openPlace(t, old).List()), listed(at(t, ofVersion2(t)).List()))
}
