package palace

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"goalbot/postgrestest"
)

var updateGolden = flag.Bool("update", false, "write testdata/refused.golden anew")

// Each reason why the bot cannot use a server is one line that says what to do, and
// never the password.
func TestWhyAServerIsRefused(t *testing.T) {
	s := postgrestest.Shared(t)
	s.SQL(t, `DROP ROLE IF EXISTS secret; CREATE ROLE secret LOGIN PASSWORD 'rightpass';
		DROP ROLE IF EXISTS kept_out; CREATE ROLE kept_out NOLOGIN;
		DROP SCHEMA IF EXISTS locked; DROP ROLE IF EXISTS poor; CREATE ROLE poor LOGIN; CREATE SCHEMA locked; GRANT USAGE ON SCHEMA locked TO poor;
		DROP DATABASE IF EXISTS latin; CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0`)
	here := net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port))
	plain := func(address string) string {
		return s.TCP(t, "bot:wrongpass", address, "sslmode", "disable")
	}
	made := func(t *testing.T, after string) Place {
		p, place := onPostgres(t)
		if after != "" {
			p.sql(t, after)
		}
		p.Close()
		return place
	}
	replica := sync.OnceValue(func() *postgrestest.Server {
		primary := postgrestest.Start(t)
		openPlace(t, Place{URL: schemaAt(plain(net.JoinHostPort("127.0.0.1", strconv.Itoa(primary.Port))), "public"), File: filepath.Join(t.TempDir(), "palace.db")}).Close()
		primary.SQL(t, "CREATE SCHEMA empty")
		return primary.Replica(t)
	})
	onReplica := func(schema string) string {
		return schemaAt(plain(net.JoinHostPort("127.0.0.1", strconv.Itoa(replica().Port))), schema)
	}
	at := func(url func() string) func(*testing.T) Place {
		return func(*testing.T) Place { return Place{URL: url()} }
	}
	var got strings.Builder
	for _, test := range []struct {
		name  string
		place func(t *testing.T) Place
		want  error
	}{
		{"a wrong password", at(func() string { return s.TCP(t, "secret:wrongpass", here) }), nil},
		{"no such user", at(func() string { return s.TCP(t, "nobody:wrongpass", here) }), nil},
		{"a user who may not log in", at(func() string { return s.TCP(t, "kept_out:wrongpass", here) }), nil},
		{"no such database", at(func() string { return "postgres://bot:wrongpass@" + here + "/nothing" }), nil},
		{"no rights", at(func() string { return "postgres://poor:wrongpass@" + here + "/postgres?search_path=locked" }), nil},
		{"no schema", at(func() string { return "postgres://bot:wrongpass@" + here + "/postgres?search_path=nothing" }), nil},
		{"another encoding", at(func() string { return "postgres://bot:wrongpass@" + here + "/latin" }), nil},
		{"a server that is too old", at(func() string { return plain(asVersion(t, s, "120005")) }), nil},
		{"a much older server", at(func() string { return plain(asVersion(t, s, "090624")) }), nil},
		{"a replica", at(func() string { return onReplica("public") }), nil},
		{"an empty schema of a replica", at(func() string { return onReplica("empty") }), nil},
		{"a replica where the URL asks for a primary", at(func() string { return onReplica("public") + "&target_session_attrs=read-write" }), nil},
		{"nobody there", at(func() string { return "postgres://bot:wrongpass@127.0.0.1:1/x" }), nil},
		{"nobody at several addresses", at(func() string { return "postgres://bot:wrongpass@127.0.0.1:1,127.0.0.1:2/x" }), nil},
		{"one who ends the connection", at(func() string { return plain(closing(t, s)) }), nil},
		{"no TLS", at(func() string { return s.TCP(t, "bot:wrongpass", here, "sslmode", "require") }), nil},
		{"no URL", at(func() string { return "postgres://bot:wrongpass@[/x" }), nil},
		{"a newer schema", func(t *testing.T) Place { return made(t, "UPDATE palace_version SET version = 99") }, ErrNewer},
		{"another program's", func(t *testing.T) Place { return Place{URL: made(t, "DROP TABLE palace_version").URL} }, ErrIdentity},
		{"emptied", func(t *testing.T) Place {
			return made(t, "DROP TABLE palace_version, meta, goals, changes, events, applied, outbox, parked, records")
		}, ErrIdentity},
		{"another store", func(t *testing.T) Place {
			_, other := onPostgres(t)
			return Place{File: other.File, URL: made(t, "").URL}
		}, ErrIdentity},
		{"a damaged goal", func(t *testing.T) Place { return made(t, "INSERT INTO goals VALUES (1, 'g-1', 0, 0, '{}')") }, ErrDamaged},
		{"a lost index", func(t *testing.T) Place { return made(t, "DROP INDEX events_of_goal") }, ErrDamaged},
		{"a lost column", func(t *testing.T) Place { return made(t, "ALTER TABLE records DROP COLUMN value") }, ErrDamaged},
	} {
		place := test.place(t)
		if place.File == "" {
			place.File = filepath.Join(t.TempDir(), "palace.db")
		}
		if u, err := url.Parse(place.URL); err == nil && u.User != nil {
			if _, has := u.User.Password(); !has {
				u.User = url.UserPassword(u.User.Username(), "wrongpass")
				place.URL = u.String()
			}
		}
		p, err := place.Open(t.Context(), Options{})
		if err == nil {
			p.Close()
			t.Errorf("%s: it was opened", test.name)
			continue
		}
		if test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: the error is not %v", test.name, test.want)
		}
		fmt.Fprintf(&got, "%s:\n\t%s\n", test.name, anywhere(err.Error()))
		if text := err.Error(); strings.Contains(text, "pass@") || strings.Contains(text, "wrongpass") || strings.Contains(text, "\n") {
			t.Errorf("%s: %s", test.name, text)
		}
	}
	golden := filepath.Join("testdata", "refused.golden")
	if *updateGolden {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the reasons", got.String(), string(want))
}

// What a server is set to is not what it is: the bot says of each transaction that it writes.
func TestAServerThatIsSetToReadOnly(t *testing.T) {
	place := Place{URL: postgrestest.Shared(t).URL(t) + "&default_transaction_read_only=on", File: filepath.Join(t.TempDir(), "palace.db")}
	add(t, openPlace(t, place), "one")
}

// Where there is no host of a name, it is the name that is wrong. Whom this machine
// has asked does not matter.
func TestNoSuchHost(t *testing.T) {
	unknown := &unreachable{fmt.Errorf("hostname resolving error: %w", errors.Join(&net.DNSError{
		Err: "no such host", Name: "db.example.org", Server: "192.0.2.1:53", IsNotFound: true})), "db.example.org:5432"}
	same(t, "unknown", unknown.Error(), "the PostgreSQL server does not answer: there is no host db.example.org; correct the host in the URL")
	_, err := Place{URL: "postgres://bot:wrongpass@host.invalid/x", File: filepath.Join(t.TempDir(), "palace.db")}.Open(t.Context(), Options{})
	if err == nil || !strings.Contains(err.Error(), "does not answer") || !strings.Contains(err.Error(), "host.invalid") || strings.Contains(err.Error(), "wrongpass") {
		t.Error(err)
	}
}

// anywhere is what is said without what differs from run to run.
func anywhere(text string) string {
	for _, r := range [][2]string{
		{`/[^ "]*/pg\d+:\d+`, "SERVER"}, {`127\.0\.0\.1:\d{3,}`, "SERVER"}, {`/[^ ]*/palace\.id`, "DATA_ROOT/sm/palace.id"},
	} {
		text = regexp.MustCompile(r[0]).ReplaceAllString(text, r[1])
	}
	return text
}

// schemaAt is a URL with another schema.
func schemaAt(address, schema string) string {
	u, _ := url.Parse(address)
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

// asVersion stands before a server, which is of another version then.
func asVersion(t *testing.T, s *postgrestest.Server, version string) (address string) {
	real := s.SQL(t, "SHOW server_version_num")
	other := func(to io.Writer, from io.Reader) {
		b := make([]byte, 1<<16)
		for {
			n, err := from.Read(b)
			if _, werr := to.Write(bytes.ReplaceAll(b[:n], []byte(real), []byte(version))); err != nil || werr != nil {
				return
			}
		}
	}
	return s.Relay(t, func() (up, down postgrestest.Pass) { return postgrestest.All, other })
}

// closing is where somebody takes every connection, and ends it.
func closing(t *testing.T, s *postgrestest.Server) (address string) {
	once := func(_ io.Writer, from io.Reader) { from.Read(make([]byte, 1024)) }
	return s.Relay(t, func() (up, down postgrestest.Pass) { return once, postgrestest.All })
}
