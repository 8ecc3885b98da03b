package palace

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"goalbot/goals"
	"goalbot/postgrestest"
	"goalbot/store"
)

// runOut lets a lease run out, as it does six seconds after its holder was killed.
func runOut(t *testing.T, p *Palace) {
	t.Helper()
	if _, err := p.readers.Exec("UPDATE lease SET until = clock_timestamp() - interval '1 second'"); err != nil {
		t.Fatal(err)
	}
}

// rawDB is the database of a place, without any rules.
func rawDB(t *testing.T, place Place) *sql.DB {
	t.Helper()
	config, err := parseURL(place.URL)
	if err != nil {
		t.Fatal(err)
	}
	db := dial(config, lockMeta, nil, 1)
	t.Cleanup(func() { db.Close() })
	return db
}

// keeping renews the lease of p until the test ends, and returns why that ended before.
func keeping(t *testing.T, p *Palace) (ended <-chan error) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	why := make(chan error, 1)
	var renewing sync.WaitGroup
	renewing.Go(func() { why <- p.KeepLease(ctx) })
	t.Cleanup(func() { stop(); renewing.Wait() })
	return why
}

// While one leads the others are told who, and change nothing, also where they are newer;
// when it has closed, one of them leads at once.
func TestOneLeads(t *testing.T) {
	p, place := onPostgres(t)
	keeping(t, p)
	if !p.Leads() {
		t.Error("it does not lead")
	}
	p.sql(t, "UPDATE palace_version SET version = $1", version()-1)
	_, err := place.Open(t.Context(), Options{})
	var left int
	if err := p.readers.QueryRow("SELECT version FROM palace_version").Scan(&left); err != nil || left != version()-1 {
		t.Errorf("it was brought to version %d while another one leads: %v", left, err)
	}
	p.sql(t, "UPDATE palace_version SET version = $1", version())
	led, ok := errors.AsType[*LedError](err)
	if !errors.Is(err, ErrLed) || !ok || !strings.Contains(err.Error(), "process ") || led.Epoch != 1 || time.Since(led.Since).Abs() > time.Minute {
		t.Fatalf("a second one opens it: %v", err)
	}
	if _, err := place.Repair(t.Context(), Options{}, Sources{}); !errors.Is(err, ErrLed) {
		t.Errorf("it is repaired beside who leads: %v", err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if left, err := readLease(t.Context(), rawDB(t, place)); err != nil || left.left > 0 {
		t.Errorf("after an orderly end nobody may lead for %v: %v", left.left, err)
	}
	q := openPlace(t, place)
	t.Logf("after an orderly end it took %v to lead", time.Since(began).Round(time.Millisecond))
	same(t, "epoch", q.lease().epoch.Load(), 2)
}

// A lease that was given up is not renewed by a statement that reaches the server late:
// nobody could lead for as long as it lasts. Red where renew takes any lease of its own.
func TestALeaseIsGivenUpForGood(t *testing.T) {
	p, place := onPostgres(t)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	db := rawDB(t, place)
	wantErr(t, p.lease().renew(t.Context(), db), ErrLed)
	if left, err := readLease(t.Context(), db); err != nil || left.left > 0 {
		t.Errorf("it lasts for %v: %v", left.left, err)
	}
}

// A leader that is not heard of is waited for until its lease has run out, and no longer.
func TestADeadLeaderIsFollowed(t *testing.T) {
	p, place := onPostgres(t)
	db := rawDB(t, place)
	lasted, err := readLease(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	q := openPlace(t, place)
	t.Logf("it took %v to lead", time.Since(began).Round(time.Millisecond))
	var waited bool
	if err := db.QueryRow("SELECT since >= $1::timestamptz FROM lease", lasted.until).Scan(&waited); err != nil || !waited {
		t.Errorf("it leads before the lease of the other one was over: %v", err)
	}
	wantErr(t, p.Update(t.Context(), origin("x", 7), func(store.Tx) error { return nil }), ErrLed)
	add(t, q, "one")
}

// Whoever was replaced saves nothing more, in whichever way, and says that it does not lead.
func TestAFormerLeaderIsFenced(t *testing.T) {
	p, place := onPostgres(t)
	add(t, p, "one")
	update(t, p, origin("x", 7), send(7, "hello"))
	runOut(t, p)
	q := openPlace(t, place)
	revision := q.committed.Load().revision
	nothing := func(store.Tx) error { return nil }
	for name, write := range map[string]func() error{
		"an update": func() error {
			return p.Update(t.Context(), origin("addgoal", 7), func(tx store.Tx) error {
				_, err := tx.List().Add(goals.Draft{Description: "two"}, "g-two", noon)
				return err
			})
		},
		"a batch": func() error {
			return p.Batch(t.Context(), func(s store.Store) error { return s.Update(t.Context(), origin("x", 7), nothing) })
		},
		"a message that went":         func() error { return p.Sent(t.Context(), 1, nil) },
		"messages that went":          func() error { return p.SentBatch(t.Context(), []int64{1}) },
		"a message that is put aside": func() error { return p.MoveToDeadLetters(t.Context(), 1, "x") },
		"a group that moves":          func() error { return p.MoveChat(t.Context(), -1, -2) },
		"a check":                     func() error { return p.CheckWritable(t.Context()) },
	} {
		if err := write(); !errors.Is(err, ErrLed) || !errors.Is(err, store.ErrUnreachable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if p.Leads() {
		t.Error("it still leads")
	}
	wantErr(t, <-keeping(t, p), ErrLed)
	if now := q.committed.Load().revision; now != revision {
		t.Errorf("the revision is %d, and was %d", now, revision)
	}
	same(t, "outbox", waiting(t, q), "7:hello ")
	update(t, q, origin("x", 7), nothing)
	same(t, "revision", q.committed.Load().revision, revision+1) // that of the former leader would be higher
	p.Close()                                                    // takes nothing from the other
	if !q.Leads() {
		t.Error("the other does not lead")
	}
	update(t, q, origin("x", 7), nothing)
}

// Whoever leads next waits for what is being saved, and goes on from that.
func TestWhoLeadsNextSeesWhatWasUnderWay(t *testing.T) {
	p, place := onPostgres(t)
	var next *Palace
	var opening sync.WaitGroup
	err := p.Update(t.Context(), origin("addgoal", 7), func(tx store.Tx) error {
		runOut(t, p)
		opening.Go(func() { next = openPlace(t, place) })
		for postgrestest.Shared(t).SQL(t, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == "0" {
		}
		_, err := tx.List().Add(goals.Draft{Description: "one"}, "g-one", noon)
		return err
	})
	opening.Wait()
	if err != nil {
		t.Fatal(err)
	}
	same(t, "list", listed(next.List()), "#1 one ")
	add(t, next, "two")
}

// Many that are started together on an empty database: one of them leads.
func TestManyStartTogether(t *testing.T) {
	url := postgrestest.Shared(t).URL(t)
	var all sync.WaitGroup
	results := make(chan error, 5)
	for range 5 {
		place := Place{File: filepath.Join(t.TempDir(), "palace.db"), URL: url}
		all.Go(func() {
			p, err := place.Open(t.Context(), Options{})
			if err == nil {
				keeping(t, p)
				t.Cleanup(func() { p.Close() })
			}
			results <- err
		})
	}
	all.Wait()
	lead := 0
	for range 5 {
		if err := <-results; err == nil {
			lead++
		} else if !errors.Is(err, ErrLed) {
			t.Error(err)
		}
	}
	same(t, "leaders", lead, 1)
}

// A lease outlives a crash of the server, and a restore of the tables.
func TestALeaseOutlivesACrashAndARestore(t *testing.T) {
	s := postgrestest.Start(t)
	place := Place{File: filepath.Join(t.TempDir(), "palace.db"), URL: s.URL(t)}
	p := openPlace(t, place)
	ended := keeping(t, p)
	s.Crash(t)
	if err := p.CheckWritable(t.Context()); !errors.Is(err, store.ErrUnreachable) {
		t.Errorf("without a server: %v", err)
	}
	s.Resume(t)
	for !p.Leads() {
		select {
		case err := <-ended:
			t.Fatal(err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	add(t, p, "one")
	backup, err := p.Backup(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	if _, err := place.Restore(t.Context(), backup, Options{}); err != nil {
		t.Fatal(err)
	}
	same(t, "epoch", openPlace(t, place).lease().epoch.Load(), 3)
}

// A leader takes its own lease for over a second early, by whichever of its clocks is
// ahead: one of them stands still while the machine sleeps.
func TestALeaderKnowsWhenItsLeaseIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &lease{}
		same(t, "before it was granted", l.leads(), false)
		l.asked.Store(momentNow())
		time.Sleep(leaseTime - leaseMargin - time.Nanosecond)
		same(t, "before it is over", l.leads(), true)
		time.Sleep(time.Nanosecond)
		same(t, "when it is over", l.leads(), false)
	})
	l, slept, set := &lease{}, momentNow(), momentNow()
	slept.wall = slept.wall.Add(-leaseTime)
	l.asked.Store(slept)
	same(t, "after a sleep", l.leads(), false)
	set.monotonic, set.wall = set.monotonic.Add(-leaseTime), set.wall.Add(time.Hour)
	l.asked.Store(set)
	same(t, "after the clock was set back", l.leads(), false)
	l.lost()
	same(t, "when it is lost", l.leads(), false)
	inFile := fresh(t)
	same(t, "in a file", fmt.Sprint(inFile.Leads(), inFile.MayAlert()), "true true")
	same(t, "its text", fmt.Sprint(&LedError{Leader{Holder: "host, process 7", Since: noon}}), "another bot leads: host, process 7, since 2026-11-22 12:00:00 UTC")
}

// A leader that could not renew its lease until it was over says why, and what to do.
func TestALeaseThatCannotBeRenewedIsAFailure(t *testing.T) {
	config, err := parseURL("postgres://bot:CanaryPassword@db.example.org/goals")
	if err != nil {
		t.Fatal(err)
	}
	expired, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	_, late := pgconn.Connect(expired, "postgres://bot@127.0.0.1/goals")
	const tooSlow = "the PostgreSQL server at db.example.org:5432 answers too slowly or not at all; see that it runs, that it is not overloaded, and that the network between it and this machine works"
	for _, test := range []struct {
		err  error
		want string
	}{
		{context.DeadlineExceeded, tooSlow},
		{&unreachable{err: late, at: "db.example.org:5432"}, tooSlow},
		{&unreachable{err: errors.New("reset")}, tooSlow},
		{&unreachable{err: errors.New("connection refused"), at: "db.example.org:5432"}, "the PostgreSQL server does not answer: connection refused; " +
			"see that it runs at db.example.org:5432 and that no firewall is in the way, or correct host and port in the URL"},
		{&pgconn.PgError{Code: "53300", Message: "sorry"}, "the PostgreSQL server has no connection left; raise max_connections (: sorry (SQLSTATE 53300))"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &server{config: config}
			s.lease = newLease(s)
			p := newPalace(s, Options{})
			p.fails("x", errors.New("another failure"))
			fails := func() string { return p.Failing().Error() }
			s.lease.asked.Store(momentNow())
			time.Sleep(leaseTime - time.Nanosecond)
			s.lease.failed.Store(&renewal{*momentNow(), test.err})
			same(t, "before the lease is over", fails(), "another failure")
			time.Sleep(time.Nanosecond)
			same(t, "when it is over", fails(), test.want)
			wantErr(t, p.Failing(), store.ErrUnreachable)
			s.lease.failed.Store(nil)
			same(t, "where nobody tries to renew it", fails(), "another failure")
			same(t, "it may alert where nobody tries to", p.MayAlert(), false)
			s.lease.failed.Store(&renewal{*momentNow(), test.err})
			time.Sleep(leaseTime - time.Nanosecond)
			same(t, "it may alert while the server does not answer", p.MayAlert(), true)
			time.Sleep(time.Nanosecond)
			same(t, "it may alert when nobody has tried for long", p.MayAlert(), false)
			s.lease.failed.Store(&renewal{*momentNow(), test.err})
			s.lease.lost()
			same(t, "when another bot leads", fails(), "another failure")
			same(t, "whether it may alert then", p.MayAlert(), false) // the other one does
		})
	}
}

// The same with a server that is not heard of for a while.
func TestASilentServerIsAFailure(t *testing.T) {
	var answers sync.RWMutex // locked while the server is silent
	s := postgrestest.Shared(t)
	at := s.Relay(t, func() (up, down postgrestest.Pass) {
		return postgrestest.All, func(to io.Writer, from io.Reader) {
			b := make([]byte, 4096)
			for {
				n, err := from.Read(b)
				answers.RLock()
				_, werr := to.Write(b[:n])
				answers.RUnlock()
				if err != nil || werr != nil {
					return
				}
			}
		}
	})
	p := openPlace(t, Place{File: filepath.Join(t.TempDir(), "palace.db"), URL: s.TCP(t, postgrestest.User, at, "sslmode", "disable")})
	ended := keeping(t, p)
	until := func(done func() bool) {
		for !done() {
			select {
			case err := <-ended:
				t.Fatal(err)
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
	answers.Lock()
	unlock := sync.OnceFunc(answers.Unlock)
	defer unlock()
	until(func() bool { return p.Failing() != nil })
	if text := p.Failing().Error(); !strings.Contains(text, " at "+at) || p.Leads() || !p.MayAlert() {
		t.Errorf("it says %q; it leads: %v, and may alert: %v", text, p.Leads(), p.MayAlert())
	}
	unlock()
	until(p.Leads)
	wantErr(t, p.Failing(), nil)
}

// Who stood by while a newer version led does not write to what that has left.
func TestWhoStandsByLooksAgain(t *testing.T) {
	p, place := onPostgres(t)
	keeping(t, p)
	once := sync.OnceFunc(func() {
		p.sql(t, "UPDATE palace_version SET version = 99")
		go p.Close()
	})
	_, err := place.Open(t.Context(), Options{StandBy: func(l Leader, _ *Palace) { same(t, "epoch", l.Epoch, 1); once() }})
	wantErr(t, err, ErrNewer)
}
