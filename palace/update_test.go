package palace

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"goalbot/store"
)

func TestNothingIsWrittenAfterAStatementHasFailed(t *testing.T) {
	p := fresh(t)
	err := p.Update(t.Context(), origin("x", 7), func(tx store.Tx) error {
		inside := tx.(interface {
			exec(what, query string, args ...any) error
		})
		tx.SetRecord("kind", "a", "1")
		inside.exec("end", "ROLLBACK") // as SQLite does by itself when it is short of something
		inside.exec("fail", "this is no SQL")
		if err := tx.SetRecord("kind", "b", "2"); err == nil {
			t.Error("a record was kept outside of any transaction")
		}
		return nil // whatever the function makes of it
	})
	if err == nil {
		t.Error("the update was said to be saved")
	}
	same(t, "records", view(t, p, func(tx store.Tx) (map[string]string, error) { return tx.Records("kind") }), map[string]string{})
	update(t, p, origin("x", 7), send(7, "Still here."))
}

func TestASecondWriterIsNoticedAndNotClobbered(t *testing.T) {
	a := fresh(t)
	add(t, a, "one")
	b := at(t, a.path)
	var aSays, bSays strings.Builder
	a.log, b.log = logTo(&aSays), logTo(&bSays)
	add(t, b, "two")
	same(t, "a's view", view(t, a, func(tx store.Tx) (string, error) { return listed(*tx.List()), nil }), "#1 one #2 two ")
	same(t, "number", add(t, a, "three"), 3)
	same(t, "a's list", listed(a.List()), "#1 one #2 two #3 three ")
	add(t, b, "four")
	same(t, "b's list", listed(b.List()), "#1 one #2 two #3 three #4 four ")
	for who, says := range map[string]string{"a, which read then": aSays.String(), "b, which wrote then": bSays.String()} {
		same(t, "how often it is told by "+who, strings.Count(says, "another program has written"), 1)
	}
}

func TestOldKeysAreForgottenButNeverTheNewest(t *testing.T) {
	p := fresh(t)
	same(t, "keys that stay", p.keptKeys, 50_000) // more than come in a day
	p.keptKeys = 500
	const before = 1_500
	for i := range int64(before) {
		p.sql(t, keyTable.insert, keyTable.with(fmt.Sprintf("old/%d", 100_001+i), i+1, int64(0))...)
	}
	p.remember(t, func(m *meta) { m.revision = 1998 })
	for range 3 {
		update(t, p, origin("x", 7), send(7, "x"))
	}
	var n int
	if err := p.writer.QueryRowContext(t.Context(), "SELECT count(*) FROM applied").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n < 500 || n > 510 {
		t.Errorf("%d keys are kept, want at least %d and not many more", n, p.keptKeys)
	}
	old := func(i int) error {
		return p.Update(t.Context(), store.Origin{Key: fmt.Sprintf("old/%d", 100_000+i)}, send(7, "x"))
	}
	wantErr(t, old(before), store.ErrRepeat)
	wantErr(t, old(before-490), store.ErrRepeat)
	if err := old(1); err != nil {
		t.Errorf("the oldest key is still kept: %v", err)
	}
}

func TestAnAbandonedPalaceHasEverythingThatWasCommitted(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	add(t, p, "two")
	sqlTx, err := p.writer.BeginTx(t.Context(), nil) // cut off in the middle of a third change
	if err != nil {
		t.Fatal(err)
	}
	defer sqlTx.Rollback()
	if _, err := sqlTx.ExecContext(t.Context(), "UPDATE goals SET body = 'half'"); err != nil {
		t.Fatal(err)
	}
	if size(p.path+"-wal") == 0 {
		t.Fatal("there is no log to lose")
	}
	// A killed process leaves these files, and nobody holding them.
	dir := t.TempDir()
	for _, name := range []string{"palace.db", "palace.db-wal", "palace.id"} {
		copyFile(t, filepath.Join(filepath.Dir(p.path), name), filepath.Join(dir, name))
	}
	again := at(t, filepath.Join(dir, "palace.db"))
	same(t, "list", listed(again.List()), "#1 one #2 two ")
	if err := again.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if n := add(t, again, "three"); n != 3 || strings.Contains(listed(again.List()), "half") {
		t.Errorf("got #%d in %s", n, listed(again.List()))
	}
}

// Nobody knows what a connection holds whose commit failed, so it is never used
// again. Red without discarding it.
func TestAConnectionWhoseCommitFailedIsNotUsedAgain(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	const mark = "1234" // by which this connection is known
	p.commit = func(tx *sql.Tx) error {
		_, err := tx.Exec("PRAGMA cache_size = " + mark + `;
			CREATE TABLE parent (id INTEGER PRIMARY KEY);
			CREATE TABLE child (parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
			INSERT INTO child VALUES (7)`)
		if err != nil {
			t.Fatal(err)
		}
		return tx.Commit() // fails, and SQLite leaves the transaction open to be mended
	}
	err := p.Update(t.Context(), origin("note", 7), send(7, "Lost."))
	if err == nil || errors.Is(err, store.ErrUnknown) {
		t.Fatalf("Update = %v; want that it has not happened", err)
	}
	p.commit = (*sql.Tx).Commit
	add(t, p, "two")
	var size string
	if err := p.writer.QueryRowContext(t.Context(), "PRAGMA cache_size").Scan(&size); err != nil || size == mark {
		t.Errorf("the connection is used again: cache_size %s, %v", size, err)
	}
	same(t, "list", listed(p.List()), "#1 one #2 two ")
	same(t, "outbox", queued(t, p), "")
	same(t, "after reopening", listed(reopened(t, p).List()), "#1 one #2 two ")
}

// A statement that fails may have ended the transaction: what went before it
// must not seem to be kept.
func TestAFullDiskEndsAllThatIsDoneTogether(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	var pages int
	if err := p.writer.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	p.sql(t, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	long := func(tx store.Tx) error {
		for range 40 {
			if err := send(7, strings.Repeat("y", 900))(tx); err != nil {
				return err
			}
		}
		return nil
	}
	small := origin("note", 7)
	err := p.Batch(t.Context(), func(s store.Store) error {
		wantErr(t, s.Update(t.Context(), small, send(7, "Small.")), nil)
		wantErr(t, s.Update(t.Context(), origin("note", 7), long), store.ErrFull)
		wantErr(t, s.Update(t.Context(), origin("note", 7), send(7, "After.")), store.ErrFull)
		return nil // shrugging it off gains nothing
	})
	wantErr(t, err, store.ErrFull)
	same(t, "outbox", queued(t, p), "")
	update(t, p, small, send(7, "Small."))
	same(t, "outbox", queued(t, p), "Small.")
}

// A goal of which the row is not there any more is not saved, and neither is what
// else the change did.
func TestAGoalWithoutItsRow(t *testing.T) {
	for name, open := range map[string]func(*testing.T) *Palace{
		"SQLite":     func(t *testing.T) *Palace { return fresh(t) },
		"PostgreSQL": func(t *testing.T) *Palace { p, _ := onPostgres(t); return p },
	} {
		t.Run(name, func(t *testing.T) {
			p := open(t)
			add(t, p, "one")
			p.sql(t, "DELETE FROM goals")
			o := origin("rename", 7)
			rename := func(s store.Store) error {
				return s.Update(t.Context(), o, func(tx store.Tx) error {
					_, err := tx.List().Rename(1, "another", noon)
					return errors.Join(err, send(7, "Renamed.")(tx))
				})
			}
			for how, err := range map[string]error{"alone": rename(p), "in a batch": p.Batch(t.Context(), rename)} {
				if err == nil || !strings.Contains(err.Error(), "save goal #1") {
					t.Errorf("%s: the error is %v", how, err)
				}
			}
			same(t, "list", listed(p.List()), "#1 one ")
			same(t, "what waits", waiting(t, p), "")
		})
	}
}
