package palace

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"goalbot/goals"
	"goalbot/postgrestest"
	"goalbot/store"
)

// Connections that the server has ended are not met by anybody, but for who is in the
// middle of a change: that one hears why it fails.
func TestABrokenConnectionIsReplaced(t *testing.T) {
	s := postgrestest.Shared(t)
	p := openPlace(t, Place{File: filepath.Join(t.TempDir(), "palace.db"), URL: s.URL(t) + "&application_name=tobreak"})
	add(t, p, "one")
	ended := func() {
		t.Helper()
		if s.SQL(t, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'tobreak'") == "0" {
			t.Fatal("there was no connection to end")
		}
	}
	for i := range 3 {
		ended()
		add(t, p, fmt.Sprint("another ", i))
		ended()
		view(t, p, func(tx store.Tx) (int, error) { return tx.List().Len(), nil })
		ended()
		if _, err := p.Outbox(t.Context()); err != nil {
			t.Error(err)
		}
	}
	c := newCutter(t, s)
	q := openPlace(t, Place{File: filepath.Join(t.TempDir(), "palace.db"), URL: s.TCP(t, postgrestest.User, c.address, "sslmode", "disable")})
	for p, end := range map[*Palace]func(){p: ended, q: func() { c.left.Store(0) }} { // in order, and without a word
		wantErr(t, p.Update(t.Context(), origin("x", 7), func(tx store.Tx) error {
			end()
			_, err := tx.Record("kind", "name")
			return err
		}), store.ErrUnreachable)
		add(t, p, "last")
	}
}

// A connection breaks while the server still commits. What became of that is not
// looked up before it has ended.
func TestACommitThatIsUnderWayIsWaitedFor(t *testing.T) {
	s := postgrestest.Shared(t)
	for _, keeps := range []bool{true, false} {
		p, place := onPostgres(t)
		server, o := asIfLeading(t, p, place), origin("x", 7) // what the server still does is done by another program
		keep := func(tx store.Tx) error { return tx.SetRecord("kind", "name", "value") }
		var ended sync.WaitGroup
		p.commit = func(tx *sql.Tx) error {
			tx.Rollback()
			underWay := make(chan bool)
			ended.Go(func() {
				server.Update(t.Context(), o, func(tx store.Tx) error {
					close(underWay)
					for s.SQL(t, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == "0" {
					}
					if !keeps {
						return errors.New("mine")
					}
					return keep(tx)
				})
			})
			<-underWay
			return &unreachable{err: errors.New("broken")}
		}
		err := p.Update(t.Context(), o, keep)
		ended.Wait()
		if got := record(t, p, "kind", "name"); (err == nil) != keeps || (got == "value") != keeps || errors.Is(err, store.ErrUnknown) {
			t.Errorf("kept: %v; the error is %v, and the record %q", keeps, err, got)
		}
	}
}

// A leader stands still while it saves something, and the server ends its transaction.
// The next leader is told the same, and makes the same change. The first one wakes, and
// does not take that for its own. Red where a key or a later revision is enough to go by.
func TestAChangeOfTheNextLeaderIsNotTakenForOwn(t *testing.T) {
	for name, o := range map[string]store.Origin{"by its key": origin("addgoal", 7), "by the revision": {Name: "addgoal", Once: true, Key: "once"}} {
		p, place := onPostgres(t)
		add(t, p, "one")
		adds := func(id string) func(store.Tx) error {
			return func(tx store.Tx) error {
				_, err := tx.List().Add(goals.Draft{Description: "two"}, id, noon)
				return err
			}
		}
		var next *Palace
		p.commit = func(tx *sql.Tx) error {
			err := errors.Join(tx.Rollback(), errors.New("its connection was ended"))
			runOut(t, p)
			next = openPlace(t, place)
			update(t, next, o, adds("g-next"))
			return err
		}
		if err := p.Update(t.Context(), o, adds("g-own")); !errors.Is(err, ErrLed) {
			t.Errorf("%s: %v", name, err)
		}
		same(t, name+": its list", listed(p.List()), "#1 one ")
		same(t, name+": the next one's list", listed(next.List()), "#1 one #2 two ")
	}
}

// asIfLeading opens a palace that takes itself for the leader that p is.
func asIfLeading(t *testing.T, p *Palace, place Place) *Palace {
	t.Helper()
	q, s, err := connectServer(place.URL, place.File, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { q.Close() })
	s.writes, s.lease = true, p.lease()
	q.writer = dial(s.config, lockMeta, s.lease, 1)
	if err := q.load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return q
}

// cutter stands between a program and its server, and cuts the connections off
// after so many bytes.
type cutter struct {
	address string
	left    atomic.Int64 // bytes to the server, or from it, until it cuts
	answer  atomic.Bool  // it counts those from the server
	closed  atomic.Bool  // it lets nobody in after it has cut
	passed  atomic.Int64 // bytes that were counted
}

func newCutter(t *testing.T, s *postgrestest.Server) *cutter {
	c := &cutter{}
	c.left.Store(1 << 40)
	c.address = s.Relay(t, func() (up, down postgrestest.Pass) {
		answer := c.answer.Load()
		return func(to io.Writer, from io.Reader) { c.copy(to, from, !answer) },
			func(to io.Writer, from io.Reader) { c.copy(to, from, answer) }
	})
	return c
}

func (c *cutter) copy(to io.Writer, from io.Reader, counts bool) {
	if c.closed.Load() && c.left.Load() <= 0 {
		return
	}
	b := make([]byte, 4096)
	for {
		n, err := from.Read(b)
		if counts && n > 0 {
			c.passed.Add(int64(n))
			if left := c.left.Add(-int64(n)); left < 0 {
				to.Write(b[:max(0, int64(n)+left)])
				if !c.closed.Load() {
					c.left.Store(1 << 40) // only this one connection
				}
				return
			}
		}
		if _, werr := to.Write(b[:n]); err != nil || werr != nil {
			return
		}
	}
}

// Wherever a connection is cut, in whichever direction, a change is kept once when
// it is tried again; and where the server can still be reached, what is said of it
// is right at once.
func TestAChangeIsKeptOnceWhereverTheConnectionIsCut(t *testing.T) {
	s := postgrestest.Shared(t)
	c := newCutter(t, s)
	place := Place{File: filepath.Join(t.TempDir(), "palace.db"), URL: s.TCP(t, postgrestest.User, c.address, "sslmode", "disable")}
	p := openPlace(t, place)
	n := 0
	change := func(o store.Origin) error {
		return p.Update(t.Context(), o, func(tx store.Tx) error {
			_, err := tx.List().Add(goals.Draft{Description: o.Key}, "g-"+o.Key, noon)
			return errors.Join(err, tx.SetRecord("kind", "name", o.Key), send(7, o.Key)(tx))
		})
	}
	next := func() store.Origin {
		n++
		return store.Origin{Key: fmt.Sprintf("cut/%05d", n), Name: "addgoal", By: 7, At: noon}
	}
	p.writer.SetMaxIdleConns(0) // each change has a connection that knows no statement yet
	for _, answer := range []bool{false, true} {
		c.answer.Store(answer)
		c.passed.Store(0)
		if err := change(next()); err != nil {
			t.Fatal(err)
		}
		total := c.passed.Load()
		outcomes := map[string]int{}
		for _, closed := range []bool{false, true} {
			c.closed.Store(closed)
			step := int64(397)
			if *deep {
				step = 1
			}
			for at := int64(0); at < total; at += step {
				if at < total-64 && at+step > total-64 && !*deep { // there is the commit
					at, step = total-64, 3
				}
				o := next()
				c.left.Store(at)
				err := change(o)
				c.left.Store(1 << 40)
				kept := view(t, p, func(tx store.Tx) (bool, error) { return tx.Seen(o.Key) })
				switch {
				case err == nil && kept:
					outcomes["kept"]++
				case errors.Is(err, store.ErrUnknown) && closed:
					outcomes["unknown"]++
				case err != nil && !errors.Is(err, store.ErrUnknown) && !kept:
					outcomes["not kept"]++
				default:
					t.Errorf("cut after %d bytes (answers: %v, then closed: %v): kept is %v, and the error %v", at, answer, closed, kept, err)
				}
				if err := change(o); err != nil && !errors.Is(err, store.ErrRepeat) {
					t.Fatalf("cut after %d bytes: the next try says %v", at, err)
				}
			}
		}
		t.Logf("answers: %v, %d bytes: %v", answer, total, outcomes)
	}
	same(t, "goals", p.List().Len(), n)
	seen := map[string]bool{}
	messages, err := p.Waiting(t.Context(), 7, 10_000)
	for _, m := range messages {
		if seen[string(m.Body)] {
			t.Errorf("the message of %s waits twice", m.Body)
		}
		seen[string(m.Body)] = true
	}
	if err != nil || len(messages) != n {
		t.Errorf("%d messages wait, want %d: %v", len(messages), n, err)
	}
	if err := p.Check(t.Context()); err != nil {
		t.Error(err)
	}
}
