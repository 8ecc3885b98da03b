package palace

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"goalbot/goals"
	"goalbot/postgrestest"
	"goalbot/store"
	"goalbot/store/storetest"
)

// A PostgreSQL database keeps the contract of a store.
func TestStoreOnPostgres(t *testing.T) {
	storetest.Run(t, func(t testing.TB, o storetest.Options) storetest.Engine {
		place := Place{File: filepath.Join(t.TempDir(), "palace.db"), URL: postgrestest.Shared(t).URL(t)}
		return openOnServer(t, place, o)
	})
}

// onServer is a palace on a server with the hooks of the contract test.
type onServer struct {
	*tested
	place Place
}

func openOnServer(t testing.TB, place Place, o storetest.Options) storetest.Engine {
	t.Helper()
	p, err := place.Open(t.Context(), Options{Now: o.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	if o.Log != nil { // not before: the server of the tests is not durable, which is told
		p.log = o.Log
	}
	p.limit(o.Limits)
	return &onServer{&tested{p, o}, place}
}

func (p *onServer) Reopen(t testing.TB) storetest.Engine {
	t.Helper()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return openOnServer(t, p.place, p.options)
}

func (p *onServer) Repair(t testing.TB) (storetest.Engine, string) {
	t.Helper()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	done, err := p.place.Repair(t.Context(), Options{}, Sources{})
	if err != nil {
		t.Fatal(err)
	}
	return openOnServer(t, p.place, p.options), LostRows(done.Rows)
}

func (p *onServer) FailCommits(t testing.TB, o storetest.Outcome) (stop func()) {
	engine := p.engine
	p.commit = func(tx *sql.Tx) error {
		var broken error = &unreachable{err: errors.New("broken")}
		switch o {
		case storetest.AppliedUnseen, storetest.DroppedUnseen:
			nowhere, err := parseURL("postgres://bot@127.0.0.1:1/postgres?sslmode=disable") // which settle cannot reach
			if err != nil {
				t.Fatal(err)
			}
			p.engine = &server{config: nowhere}
		case storetest.DiskFull:
			broken = &pgconn.PgError{Code: "53100"}
		}
		switch o {
		case storetest.Applied, storetest.AppliedUnseen:
			return errors.Join(tx.Commit(), broken)
		}
		tx.Rollback()
		return broken
	}
	return func() { p.engine, p.commit = engine, (*sql.Tx).Commit }
}

// PgBouncer hands out another connection for each transaction, so that nothing of a
// session may count. Its URL needs a mode without prepared statements.
func TestBehindPgBouncer(t *testing.T) {
	for _, mode := range []string{"exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) {
			place := Place{File: filepath.Join(t.TempDir(), "palace.db"), URL: postgrestest.Shared(t).Bounced(t, "default_query_exec_mode", mode, "sslmode", "disable")}
			p := openPlace(t, place)
			for i := range 30 {
				o := origin("addgoal", 7)
				err := p.Update(t.Context(), o, func(tx store.Tx) error {
					_, err := tx.List().Add(goals.Draft{Description: fmt.Sprint("goal ", i)}, fmt.Sprintf("g-%d\x00", i), noon)
					return errors.Join(err, tx.SetRecord("kind", `\x`, "\xff"), send(7, "\x00added")(tx))
				})
				if err != nil {
					t.Fatal(err)
				}
				wantErr(t, p.Update(t.Context(), o, func(store.Tx) error { return nil }), store.ErrRepeat)
				same(t, "record", record(t, p, "kind", `\x`), "\xff")
			}
			if err := p.Sent(t.Context(), 1, nil); err != nil {
				t.Fatal(err)
			}
			wantErr(t, p.CheckQuick(t.Context()), nil)
			wantErr(t, p.Check(t.Context()), nil)
			p.sql(t, "UPDATE records SET sum = 0")
			p.Close()
			done, err := place.Repair(t.Context(), Options{}, Sources{})
			if err != nil || len(done.Rows) != 1 {
				t.Fatal(done.Rows, err)
			}
			p = openPlace(t, place)
			same(t, "goals", p.List().Len(), 30)
			if _, err := p.Backup(t.Context(), t.TempDir()); err != nil {
				t.Error(err)
			}
		})
	}
}
