package postgrestest

import (
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"testing"
)

// Replica starts a server that streams what this one writes, and from then on lets no
// commit of this one be answered before the replica has it on its disk.
func (s *Server) Replica(t testing.TB) *Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		t.Fatal(err)
	}
	r := &Server{dir: dir, bin: s.bin, deaf: make(chan struct{})}
	if err := giveAway(dir); err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(s.Relay(t, func() (up, down Pass) { return All, r.hear }))
	backup := r.command("pg_basebackup", "-h", "127.0.0.1", "-p", port, "-U", User, "-D", dir+"/data", "-R", "-X", "stream", "-c", "fast")
	if out, err := backup.CombinedOutput(); err != nil {
		os.RemoveAll(dir)
		t.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
	if err := r.launch(fast); err != nil {
		os.RemoveAll(dir)
		t.Fatal(err)
	}
	t.Cleanup(r.Stop)
	s.SQL(t, "ALTER SYSTEM SET synchronous_standby_names = '*';\nSELECT pg_reload_conf()")
	for s.SQL(t, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "0" {
	}
	return r
}

// hear passes on what a replica streams, until it is deaf.
func (s *Server) hear(to io.Writer, from io.Reader) {
	b := make([]byte, 1<<16)
	for {
		n, err := from.Read(b)
		select {
		case <-s.deaf:
			io.Copy(io.Discard, from)
			return
		default:
		}
		if _, werr := to.Write(b[:n]); err != nil || werr != nil {
			return
		}
	}
}

// Deafen lets nothing more reach a replica of what it streams, though the connection
// stays.
func (s *Server) Deafen() { close(s.deaf) }

// Promote lets a replica take writes.
func (s *Server) Promote(t testing.TB) { s.ctl(t, "promote") }

// Dump is what pg_dump makes of the schema at url, as SQL.
func (s *Server) Dump(t testing.TB, url string) string {
	t.Helper()
	dump := s.command("pg_dump", "-h", s.dir, "-p", strconv.Itoa(s.Port), "-U", User, "-d", "postgres", "-n", schemaOf(t, url))
	out, err := dump.Output()
	if err != nil {
		t.Fatalf("pg_dump: %v", err)
	}
	return string(out)
}

// Drop drops the schema at url with all that is in it.
func (s *Server) Drop(t testing.TB, url string) {
	t.Helper()
	s.SQL(t, "DROP SCHEMA "+schemaOf(t, url)+" CASCADE")
}

func schemaOf(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("search_path")
}
