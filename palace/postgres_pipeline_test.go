package palace

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"goalbot/goals"
	"goalbot/postgrestest"
	"goalbot/store"
)

// counter stands between a program and its server, and counts the round trips: how
// often the program says something after the server did.
type counter struct {
	address string
	mu      sync.Mutex
	trips   int
}

func newCounter(t testing.TB, s *postgrestest.Server) *counter {
	c := &counter{}
	c.address = s.Relay(t, func() (up, down postgrestest.Pass) {
		asked := false // the server's answer is awaited
		pass := func(asks bool) postgrestest.Pass {
			return func(to io.Writer, from io.Reader) {
				io.Copy(writerFunc(func(b []byte) (int, error) {
					c.mu.Lock()
					if asks && !asked {
						c.trips++
					}
					asked = asks
					c.mu.Unlock()
					return to.Write(b)
				}), onlyReader{from})
			}
		}
		return pass(true), pass(false)
	})
	return c
}

// of returns how many round trips f makes.
func (c *counter) of(f func()) int {
	count := func() int {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.trips
	}
	before := count()
	f()
	return count() - before
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

type onlyReader struct{ io.Reader }

// counted opens a palace on a server behind a counter.
func counted(t testing.TB, s *postgrestest.Server) (*Palace, *counter) {
	t.Helper()
	c := newCounter(t, s)
	place := Place{File: filepath.Join(t.TempDir(), "palace.db"), URL: s.TCP(t, postgrestest.User, c.address, "sslmode", "disable")}
	p, err := place.Open(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p, c
}

// A change begins with one round trip, goes with another one and is committed with a
// third; each question more that it asks costs one. Of many together what is written
// goes in a few more.
func TestRoundTrips(t *testing.T) {
	p, c := counted(t, postgrestest.Shared(t))
	ctx, n := t.Context(), 0
	addGoal := func(tx store.Tx) error {
		n++
		_, err := tx.List().Add(goals.Draft{Description: "goal"}, fmt.Sprint("g-", n), noon)
		return errors.Join(err, send(7, "Added.")(tx))
	}
	rename := func(tx store.Tx) error {
		n++
		_, err := tx.List().Rename(int64(n%100+1), fmt.Sprint("another name ", n), noon.Add(time.Duration(n)*time.Second))
		return errors.Join(err, send(7, "Renamed.")(tx))
	}
	aHundred := func(f func(store.Tx) error) func() {
		return func() {
			t.Helper()
			var all []store.Origin
			var keys []string
			for range 100 {
				o := origin("x", 7)
				all, keys = append(all, o), append(keys, o.Key)
			}
			err := p.Batch(store.Expecting(ctx, keys), func(s store.Store) error {
				for _, o := range all {
					wantErr(t, s.Update(ctx, o, f), nil)
				}
				return nil
			})
			wantErr(t, err, nil)
		}
	}
	repeated := origin("again", 7)
	update(t, p, origin("first", 7), send(7, "hello"))
	wantErr(t, p.Update(ctx, repeated, send(7, "hello")), nil)
	for _, test := range []struct {
		name  string
		trips int
		do    func()
	}{
		{"a goal is added", 3, func() { update(t, p, origin("addgoal", 7), addGoal) }},
		{"a hundred goals are added together", 5, aHundred(addGoal)},
		{"a goal is changed", 3, func() { update(t, p, origin("rename", 7), rename) }},
		{"a hundred goals are changed together", 5, aHundred(rename)},
		{"a record is kept and a message queued", 2, func() {
			update(t, p, origin("set", 7), func(tx store.Tx) error {
				return errors.Join(tx.SetRecord("kind", "name", "value"), send(7, "Kept.")(tx))
			})
		}},
		{"a record is read as the one before did", 2, func() {
			update(t, p, origin("set", 7), func(tx store.Tx) error {
				_, err := tx.Record("kind", "name")
				return errors.Join(err, tx.SetRecord("kind", "name", "value"), send(7, "Kept.")(tx))
			})
		}},
		{"a change is refused", 2, func() {
			err := p.Update(ctx, origin("set", 7), func(tx store.Tx) error {
				return errors.Join(tx.SetRecord("kind", "name", "other"), send(7, "No.")(tx), store.ErrRefused)
			})
			wantErr(t, err, store.ErrRefused)
		}},
		{"a change was made before", 2, func() { // and is rolled back
			wantErr(t, p.Update(ctx, repeated, send(7, "hello")), store.ErrRepeat)
		}},
		{"a message is looked up and forgotten", 4, func() {
			waiting, err := p.Outbox(ctx)
			wantErr(t, errors.Join(err, p.Sent(ctx, waiting[0].ID, nil)), nil)
		}},
		{"the list is read", 2, func() {
			view(t, p, func(tx store.Tx) (int, error) { return tx.List().Len(), nil })
		}},
	} {
		test.do() // a connection asks the server to prepare each statement once
		test.do()
		if got := c.of(test.do); got != test.trips {
			t.Errorf("where %s there are %d round trips, want %d", test.name, got, test.trips)
		}
	}
}

// After a statement has failed the server says of all others only that one has. The
// reason is told all the same, where nobody looked at the first error; and nothing is
// taken for committed. Broken on purpose: what the server says of the others is told.
func TestTheFirstFailureOfATransactionIsTold(t *testing.T) {
	p, place := onPostgres(t)
	tx, err := p.writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	var n int
	_ = tx.QueryRowContext(t.Context(), "SELECT 1/0").Scan(&n)
	err = tx.QueryRowContext(t.Context(), "SELECT 1").Scan(&n)
	if answer, ok := errors.AsType[*pgconn.PgError](err); !ok || answer.Code != "22012" { // division_by_zero
		t.Errorf("the error is: %v", err)
	}
	alone, err := rawDB(t, place).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = alone.QueryRowContext(t.Context(), "SELECT 1/0").Scan(&n)
	wantErr(t, alone.Commit(), pgx.ErrTxCommitRollback)
}

// A statement that fails on its way with the COMMIT leaves nothing, as if it had been
// waited for, and what is said of that is certain.
func TestAStatementFailsBesideTheCommit(t *testing.T) {
	p, _ := onPostgres(t)
	p.sql(t, `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room' USING ERRCODE = '53100'; END $$`)
	p.sql(t, "CREATE TRIGGER refuse BEFORE INSERT ON records FOR EACH ROW EXECUTE FUNCTION refuse()")
	keep := func(o store.Origin) error {
		return p.Update(t.Context(), o, func(tx store.Tx) error {
			return errors.Join(tx.SetRecord("kind", "name", "value"), send(7, "kept")(tx))
		})
	}
	o := origin("set", 7)
	err := keep(o)
	if !errors.Is(err, store.ErrFull) || errors.Is(err, store.ErrUnknown) {
		t.Errorf("the error is: %v", err)
	}
	wantErr(t, p.Failing(), store.ErrFull)
	same(t, "what waits", waiting(t, p), "")
	p.sql(t, "DROP TRIGGER refuse ON records")
	wantErr(t, keep(o), nil)
	wantErr(t, p.Failing(), nil)
	same(t, "what waits", waiting(t, p), "7:kept ")
}

// What a transaction asked for when it began is asked again once it has changed it.
func TestWhatWasFetchedIsNotReadAfterAChange(t *testing.T) {
	p, _ := onPostgres(t)
	update(t, p, origin("x", 7), send(7, "a"))
	update(t, p, origin("x", 7), func(tx store.Tx) error {
		inside := tx.(interface {
			waiting() (*load, error)
			Unsend(int64) error
		})
		l, err := inside.waiting()
		same(t, "messages that wait", l.chats[7].messages, 1)
		err = errors.Join(err, inside.Unsend(7))
		l, failed := inside.waiting()
		same(t, "messages that wait after they were dropped", l.chats[7].messages, 0)
		return errors.Join(err, failed)
	})
}
