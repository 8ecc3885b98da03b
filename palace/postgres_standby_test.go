package palace

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"goalbot/postgrestest"
	"goalbot/store"
)

// It can be asked who leads and who stands by; who leads does not stand by, and who is
// not heard of any more does not either.
func TestLeadership(t *testing.T) {
	p, place := onPostgres(t)
	keeping(t, p)
	standbys := func(p *Palace) (holders []string) {
		t.Helper()
		now, err := p.Leadership(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		same(t, "leader", now.Holder, p.lease().holder)
		if age := time.Since(now.Since).Abs(); age > time.Minute {
			t.Errorf("leads since %v", now.Since)
		}
		for _, s := range now.Standbys {
			holders = append(holders, s.Holder)
		}
		return holders
	}
	same(t, "alone", standbys(p), []string{})
	p.sql(t, "INSERT INTO standbys VALUES ('gone', clock_timestamp() - interval '11 seconds', '-infinity', '')")
	same(t, "one that is gone", standbys(p), []string{})

	var next *Palace
	var opening sync.WaitGroup
	opening.Go(func() {
		var err error
		next, err = Place{filepath.Join(t.TempDir(), "palace.db"), place.URL}.Open(t.Context(), Options{StandBy: func(Leader, *Palace) {}})
		if err != nil {
			t.Error(err)
		}
	})
	var seen []string
	for seen = standbys(p); len(seen) == 0; seen = standbys(p) {
		select {
		case <-t.Context().Done():
			t.Fatal("nobody stands by")
		case <-time.After(10 * time.Millisecond):
		}
	}
	p.Close()
	opening.Wait()
	defer next.Close()
	same(t, "who stood by", seen, []string{next.lease().holder})
	same(t, "who leads does not stand by", standbys(next), []string{})

	inFile, err := fresh(t).Leadership(t.Context())
	same(t, "in a file", fmt.Sprint(inFile), fmt.Sprint(Leadership{}))
	wantErr(t, err, nil)
}

// waitsToLead opens a palace that another one leads, and returns it while it stands by.
func waitsToLead(t *testing.T, url string) (standing *Palace, led func() *Palace) {
	t.Helper()
	stands, opened := make(chan *Palace, 1), make(chan *Palace, 1)
	ctx, stop := context.WithCancel(context.Background())
	var opening sync.WaitGroup
	opening.Go(func() {
		q, err := Place{filepath.Join(t.TempDir(), "palace.db"), url}.Open(ctx, Options{StandBy: func(_ Leader, now *Palace) {
			if now != nil {
				select {
				case stands <- now:
				default: // it is known
				}
			}
		}})
		if err != nil && ctx.Err() == nil {
			t.Error(err)
		}
		opened <- q
	})
	t.Cleanup(func() {
		stop()
		opening.Wait()
	})
	return <-stands, func() *Palace {
		q := <-opened
		t.Cleanup(func() { q.Close() })
		return q
	}
}

// Who stands by reads what the leader saves as soon as it is told, changes nothing, and
// hands over what the leader hears of.
func TestStandingBy(t *testing.T) {
	p, place := onPostgres(t)
	keeping(t, p)
	add(t, p, "one")
	q, led := waitsToLead(t, place.URL)
	same(t, "list", listed(q.List()), "#1 one ")
	<-q.Changed() // it listens
	add(t, p, "two")
	<-q.Changed()
	view(t, q, func(store.Tx) (int, error) { return 0, nil })
	same(t, "list", listed(q.List()), "#1 one #2 two ")

	wantErr(t, q.Update(t.Context(), origin("x", 7), func(store.Tx) error { return nil }), ErrLed)
	drain := func() {
		for len(p.Handed()) > 0 {
			<-p.Handed()
		}
	}
	drain()
	for range 2 { // what became of the first may not have been known
		if err := q.HandOver(t.Context(), "1/x", "a value\x00"); err != nil {
			t.Fatal(err)
		}
	}
	<-p.Handed()
	same(t, "what was handed over", record(t, p, store.HandedRecord, "1/x"), "a value\x00")
	wantErr(t, p.Check(t.Context()), nil)
	update(t, p, origin("x", 7), func(tx store.Tx) error { return tx.SetRecord(store.HandedRecord, "1/x", "") })

	q.Copied(time.Now().Add(-time.Minute), "malformed")
	for {
		now, err := p.Leadership(t.Context())
		if err != nil || len(now.Standbys) != 1 {
			t.Fatal(now, err)
		}
		s := now.Standbys[0]
		if s.Copied {
			if s.Trouble != "malformed" || s.Age < time.Minute || s.Age > 2*time.Minute {
				t.Errorf("it is told as %+v", s)
			}
			break
		}
	}
	p.Close()
	update(t, led(), origin("x", 7), func(store.Tx) error { return nil })
	wantErr(t, fresh(t).HandOver(t.Context(), "1/x", "a value"), ErrReadOnly)
}

// Behind a connection pooler nothing is told, and what was handed over is found all the same.
func TestStandingByBehindPgBouncer(t *testing.T) {
	url := postgrestest.Shared(t).Bounced(t, "default_query_exec_mode", "exec", "sslmode", "disable")
	p := openPlace(t, Place{filepath.Join(t.TempDir(), "palace.db"), url})
	keeping(t, p)
	<-p.Handed() // as always when it begins to listen
	q, _ := waitsToLead(t, url)
	add(t, p, "one")
	view(t, q, func(store.Tx) (int, error) { return 0, nil })
	same(t, "list", listed(q.List()), "#1 one ")
	if err := q.HandOver(t.Context(), "1/x", "a value"); err != nil {
		t.Fatal(err)
	}
	for record(t, p, store.HandedRecord, "1/x") != "" {
		<-p.Handed()
		update(t, p, origin("x", 7), func(tx store.Tx) error { return tx.SetRecord(store.HandedRecord, "1/x", "") })
	}
}

// Who stands by goes on while the server does not answer, and not where the lease can
// never be read again. Who does not stand by is told of either.
func TestWhoStandsByWaitsForTheServer(t *testing.T) {
	over := errors.New("over")
	free := func(db *sql.DB, standBy func(Leader)) error {
		ctx, cancel := context.WithCancelCause(t.Context())
		return newLease(nil).free(ctx, askedOnce{db, func() { cancel(over) }}, standBy)
	}
	standBy := func(Leader) { t.Error("somebody leads") }
	nobody := rawDB(t, Place{URL: "postgres://bot@127.0.0.1:1/goals"})
	wantErr(t, free(nobody, standBy), over)
	wantErr(t, free(nobody, nil), store.ErrUnreachable)
	p, place := onPostgres(t)
	p.sql(t, "DROP TABLE lease")
	if err := free(rawDB(t, place), standBy); err == nil || errors.Is(err, over) {
		t.Errorf("it waits for a lease that is not there: %v", err)
	}
}

// askedOnce is a database that answers once, and then calls after.
type askedOnce struct {
	*sql.DB
	after func()
}

func (q askedOnce) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	defer q.after()
	return q.DB.QueryRowContext(ctx, query, args...)
}

// Who leads is told also to a standby that cannot read what that one writes, and it
// reads as soon as it can.
func TestWhoStandsByCannotRead(t *testing.T) {
	p, place := onPostgres(t)
	add(t, p, "one")
	q, s, err := connectServer(place.URL, place.File, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	told := ""
	standBy, stop := q.standingBy(t.Context(), s, func(l Leader, now *Palace) { told += fmt.Sprint(l.Holder, " ", now == q, "; ") })
	defer stop()
	for range 2 {
		p.sql(t, "UPDATE goals SET sum = 1 - sum")
		standBy(Leader{Holder: "another"})
	}
	same(t, "what is told", told, "another false; another true; ")
	same(t, "list", listed(q.List()), "#1 one ")
}

// A standby of another version, or of a database that has moved, hands nothing over.
func TestNothingIsHandedToAnotherVersion(t *testing.T) {
	p, place := onPostgres(t)
	keeping(t, p)
	q, _ := waitsToLead(t, place.URL)
	for _, change := range []string{
		"UPDATE palace_version SET version = 99", "UPDATE palace_version SET version = 1", "CREATE TABLE palace_moved AS SELECT 'elsewhere' AS moved_to",
	} {
		p.sql(t, change)
		if err := q.HandOver(t.Context(), "1/x", "a value"); !errors.Is(err, ErrNewer) && !errors.Is(err, ErrIdentity) {
			t.Errorf("after %s: %v", change, err)
		}
	}
	p.sql(t, "DROP TABLE palace_moved")
	p.sql(t, "UPDATE palace_version SET version = $1", version())
	wantErr(t, q.HandOver(t.Context(), "1/x", "a value"), nil)
}
