package palace

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"database/sql"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"goalbot/goals"
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

// Connections that the server has ended are not met by anybody.
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

// Where TLS is asked for with verify-full, a server must show a certificate that is
// its own.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	root := certificate(t, dir, "localhost")
	s := postgrestest.Start(t)
	s.UseTLS(t, filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key"))
	port := strconv.Itoa(s.Port)
	file := filepath.Join(t.TempDir(), "palace.db")
	p := openPlace(t, Place{File: file, URL: s.TCP(t, postgrestest.User, "localhost:"+port, "sslmode", "verify-full", "sslrootcert", root)})
	var encrypted bool
	if err := p.readers.QueryRow("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").Scan(&encrypted); err != nil || !encrypted {
		t.Errorf("the connection is encrypted: %v, %v", encrypted, err)
	}
	for name, test := range map[string]struct{ host, root, says string }{
		"another name":          {"127.0.0.1", root, "cannot validate certificate for 127.0.0.1"},
		"another authority":     {"localhost", certificate(t, t.TempDir(), "localhost"), "certificate signed by unknown authority"},
		"authorities not there": {"localhost", filepath.Join(dir, "nothing"), "a certificate"},
	} {
		url := s.TCP(t, postgrestest.User, test.host+":"+port, "sslmode", "verify-full", "sslrootcert", test.root)
		_, err := Place{File: filepath.Join(t.TempDir(), "palace.db"), URL: url}.Open(t.Context(), Options{})
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// certificate makes one for a server, with its key, and returns the file of who signed it.
func certificate(t *testing.T, dir, name string) (root string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{"server.crt": {Type: "CERTIFICATE", Bytes: der}, "server.key": {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(filepath.Join(dir, file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "server.crt")
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
