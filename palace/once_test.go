package palace

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"goalbot/goals"
	"goalbot/store"
)

// A program that wrote goals.json all day left a key for every time, and pushed
// those of Telegram's updates out of what is remembered. Red where every key is
// kept, and where a commit that failed is looked up by a key that is not kept.
func TestAKeyThatWillNotComeAgainIsNotKept(t *testing.T) {
	p := fresh(t)
	key := 0
	once := func(f func(store.Tx) error) error {
		key++
		return p.Update(t.Context(), store.Origin{Key: fmt.Sprint("merge/", key), Name: "merge", At: noon, Once: true}, f)
	}
	adds := func(id string) func(store.Tx) error {
		return func(tx store.Tx) error {
			_, err := tx.List().Add(goals.Draft{Description: id}, "g-"+id, noon)
			return err
		}
	}
	wantErr(t, once(adds("one")), nil)
	keys := func() (n int) {
		if err := p.writer.QueryRowContext(t.Context(), "SELECT count(*) FROM applied").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	same(t, "keys", keys(), 0)
	same(t, "the change by its key", len(view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.Change("merge/1") })), 1)

	boom := errors.New("boom")
	p.commit = func(tx *sql.Tx) error { return errors.Join(tx.Commit(), boom) }
	wantErr(t, once(adds("two")), nil) // it took effect
	p.commit = func(tx *sql.Tx) error { return errors.Join(tx.Rollback(), boom) }
	if err := once(adds("three")); err == nil {
		t.Error("a commit that took no effect is no error")
	}
	p.commit = (*sql.Tx).Commit
	same(t, "list", listed(p.List()), "#1 one #2 two ")
	same(t, "after reopening", listed(reopened(t, p).List()), "#1 one #2 two ")
}
