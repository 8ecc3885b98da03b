package postgrestest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// User is the superuser of every server.
const User = "bot"

// Server is a server that runs.
type Server struct {
	Port    int // on 127.0.0.1
	dir     string
	bin     string
	options string        // that it is started with
	deaf    chan struct{} // of a replica: closed when it hears nothing more

	process *exec.Cmd
	input   io.Closer // the server ends when this is closed, by whatever

	mu      sync.Mutex
	schemas []string // that nobody has used
	made    int
}

// access lets everybody in, but for the user secret, who needs a password.
const access = `local all all trust
host all secret 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
host replication all 127.0.0.1/32 trust
`

// runServer starts a server, says so, and ends it when its input does: that is
// also when the test was killed.
const runServer = `
"$1/pg_ctl" -s -w -D "$2/data" -l "$2/log" -o "$3" start && echo ready
cat >/dev/null
"$1/pg_ctl" -s -w -D "$2/data" -m immediate stop
rm -rf "$2"
`

// fast are settings without which tests would wait for a disk that they do not need.
var fast = []string{"fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off", "max_connections=200"}

// binaries finds the programs of the newest server that is installed.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	newest := ""
	most := 0
	for _, path := range found {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		if n >= most {
			newest, most = filepath.Dir(path), n
		}
	}
	if newest != "" {
		return newest, nil
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", errors.New("PostgreSQL is not installed here (Debian: postgresql)")
}

// start starts a server with these settings, as in postgresql.conf. missing says
// why this machine cannot run one.
func start(settings []string) (s *Server, missing, err error) {
	bin, missing := binaries()
	if missing != nil {
		return nil, missing, nil
	}
	dir, err := os.MkdirTemp("", "pg") // short: it is part of the name of a socket
	if err != nil {
		return nil, nil, err
	}
	s = &Server{dir: dir, bin: bin}
	if missing, err := s.run(settings); missing != nil || err != nil {
		os.RemoveAll(dir)
		return nil, missing, err
	}
	return s, nil, nil
}

func (s *Server) run(settings []string) (missing, err error) {
	if missing = giveAway(s.dir); missing != nil {
		return missing, nil
	}
	init := s.command("initdb", "-D", s.dir+"/data", "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if out, err := init.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if err := os.WriteFile(s.dir+"/data/pg_hba.conf", []byte(access), 0o600); err != nil {
		return nil, err
	}
	return nil, s.launch(settings)
}

// launch starts a server on what is in its folder.
func (s *Server) launch(settings []string) (err error) {
	if s.Port, err = freePort(); err != nil {
		return err
	}
	for _, setting := range append([]string{"listen_addresses=127.0.0.1", fmt.Sprintf("port=%d", s.Port), "unix_socket_directories=" + s.dir}, settings...) {
		s.options += " -c " + setting
	}
	s.process = s.command("/bin/sh", "-c", runServer, "sh", s.bin, s.dir, s.options)
	s.process.Stderr = os.Stderr
	out, err := s.process.StdoutPipe()
	if err != nil {
		return err
	}
	if s.input, err = s.process.StdinPipe(); err != nil {
		return err
	}
	if err := s.process.Start(); err != nil {
		return err
	}
	if line, _ := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		log, _ := os.ReadFile(s.dir + "/log")
		s.Stop()
		return fmt.Errorf("the server did not start:\n%s", log)
	}
	return nil
}

// Stop ends the server at once, and removes what it kept.
func (s *Server) Stop() {
	s.input.Close()
	_ = s.process.Wait()
}

// command prepares a program of the server, which must not run as root.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	if !filepath.IsAbs(name) {
		name = filepath.Join(s.bin, name)
	}
	c := exec.Command(name, args...)
	c.Dir = s.dir
	c.Env = append(os.Environ(), "LC_ALL=C")
	asServer(c)
	return c
}

// Start starts a server for one test, with these settings beside those that make
// it fast. Where there is none on this machine the test is skipped.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	s, missing, err := start(append(fast[:len(fast):len(fast)], settings...))
	if missing != nil {
		t.Skip("There is no PostgreSQL server to test with: ", missing)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// shared is the server of all tests of a package.
var shared struct {
	sync.Mutex
	*Server
	missing error
}

// Shared is the server that the tests of a package have in common. Their TestMain
// ends it with [StopShared]. Where there is none on this machine the test is skipped.
func Shared(t testing.TB) *Server {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.Server == nil && shared.missing == nil {
		s, missing, err := start(fast)
		if err != nil {
			t.Fatal(err)
		}
		shared.Server, shared.missing = s, missing
	}
	if shared.missing != nil {
		t.Skip("There is no PostgreSQL server to test with: ", shared.missing)
	}
	return shared.Server
}

// StopShared ends the shared server, if any test has asked for it.
func StopShared() {
	shared.Lock()
	defer shared.Unlock()
	if shared.Server != nil {
		shared.Stop()
		shared.Server = nil
	}
}

// URL is that of an empty schema, through a Unix socket.
func (s *Server) URL(t testing.TB) string {
	return s.url("", "host", s.dir, "port", strconv.Itoa(s.Port), "search_path", s.schema(t))
}

// TCP is the URL of an empty schema for a user, which may have a password behind a
// colon, at a host of 127.0.0.1 and a port.
func (s *Server) TCP(t testing.TB, user, host string, query ...string) string {
	u, _ := url.Parse(s.url(host, append(query, "search_path", s.schema(t))...))
	name, password, ok := strings.Cut(user, ":")
	if u.User = url.User(name); ok {
		u.User = url.UserPassword(name, password)
	}
	return u.String()
}

func (s *Server) url(host string, query ...string) string {
	values := url.Values{}
	for i := 0; i < len(query); i += 2 {
		values.Set(query[i], query[i+1])
	}
	u := url.URL{Scheme: "postgres", User: url.User(User), Host: host, Path: "/postgres", RawQuery: values.Encode()}
	return u.String()
}

// schema hands out an empty schema. Many are made at once, since that is faster.
func (s *Server) schema(t testing.TB) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.schemas) == 0 {
		var script strings.Builder
		for range 50 {
			s.made++
			name := fmt.Sprintf("t%d", s.made)
			fmt.Fprintf(&script, "CREATE SCHEMA %s;\n", name)
			s.schemas = append(s.schemas, name)
		}
		s.SQL(t, script.String())
	}
	name := s.schemas[0]
	s.schemas = s.schemas[1:]
	return name
}

// Crash ends the server as a power cut would, but for what the disk holds.
func (s *Server) Crash(t testing.TB) { s.ctl(t, "-m", "immediate", "stop") }

// Halt ends the server in order. Who is connected is cut off.
func (s *Server) Halt(t testing.TB) { s.ctl(t, "-m", "fast", "stop") }

// Resume starts a server again that was ended.
func (s *Server) Resume(t testing.TB) { s.ctl(t, "-l", s.dir+"/log", "-o", s.options, "start") }

// Ended reports whether the server has ended, whoever ended it.
func (s *Server) Ended() bool {
	_, err := os.Stat(s.dir + "/data/postmaster.pid") // to connect would start a process of the server each time
	return os.IsNotExist(err)
}

func (s *Server) ctl(t testing.TB, args ...string) {
	t.Helper()
	c := s.command("pg_ctl", append([]string{"-s", "-w", "-D", s.dir + "/data"}, args...)...)
	if err := c.Run(); err != nil { // without pipes: the server would hold them open
		log, _ := os.ReadFile(s.dir + "/log")
		t.Fatalf("pg_ctl %v: %v\n%s", args, err, log)
	}
}

// SQL runs statements as the superuser and returns what they yield.
func (s *Server) SQL(t testing.TB, statements string) string {
	t.Helper()
	psql := s.command("psql", "-h", s.dir, "-p", strconv.Itoa(s.Port), "-U", User, "-d", "postgres", "-qAtX", "-v", "ON_ERROR_STOP=1")
	psql.Stdin = strings.NewReader(statements)
	out, err := psql.CombinedOutput()
	if err != nil {
		t.Fatalf("psql: %v\n%s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// Tablespace lets a server keep tables in a folder, which then belongs to whom it runs as.
func (s *Server) Tablespace(t testing.TB, name, folder string) {
	t.Helper()
	if err := giveAway(folder); err != nil {
		t.Fatal(err)
	}
	s.SQL(t, fmt.Sprintf("CREATE TABLESPACE %s LOCATION '%s'", name, folder))
}

// MoveLog lets a server keep its log of changes (pg_wal) in a folder, in files of a
// megabyte. The folder then belongs to whom it runs as. The server is started anew.
func (s *Server) MoveLog(t testing.TB, folder string) {
	t.Helper()
	s.Halt(t)
	log := s.dir + "/data/pg_wal"
	out, err := s.command("pg_resetwal", "-D", s.dir+"/data", "--wal-segsize=1").CombinedOutput()
	if err == nil {
		err = os.CopyFS(folder, os.DirFS(log))
	}
	err = errors.Join(err, filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error { return errors.Join(err, giveAway(path)) }))
	if err := errors.Join(err, os.Chmod(folder, 0o700), os.RemoveAll(log), os.Symlink(folder, log)); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s.Resume(t)
}

// UseTLS lets the server encrypt connections with a certificate and its key.
func (s *Server) UseTLS(t testing.TB, certificate, key string) {
	t.Helper()
	for from, to := range map[string]string{certificate: "server.crt", key: "server.key"} {
		content, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		to = filepath.Join(s.dir, to)
		if err := errors.Join(os.WriteFile(to, content, 0o600), giveAway(to)); err != nil {
			t.Fatal(err)
		}
	}
	s.SQL(t, fmt.Sprintf("ALTER SYSTEM SET ssl_cert_file = '%s/server.crt';\nALTER SYSTEM SET ssl_key_file = '%s/server.key';\nALTER SYSTEM SET ssl = on;\nSELECT pg_reload_conf()", s.dir, s.dir))
	for s.SQL(t, "SHOW ssl") != "on" { // the server reads its settings when it comes to that
	}
}

// Bounced starts a PgBouncer before the server, which hands out a connection for each
// transaction anew, and returns the URL of an empty database behind it. Where there
// is none on this machine the test is skipped.
func (s *Server) Bounced(t testing.TB, query ...string) string {
	t.Helper()
	bin, err := exec.LookPath("pgbouncer")
	if err != nil {
		t.Skip("There is no PgBouncer to test with (Debian: pgbouncer)")
	}
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("bounced%d", port)
	s.SQL(t, "CREATE DATABASE "+name)
	dir := filepath.Join(s.dir, name)
	config := fmt.Sprintf("[databases]\n%s = host=%s port=%d\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %d\nunix_socket_dir =\n"+
		"auth_type = trust\nauth_file = %s/users\npool_mode = transaction\ndefault_pool_size = 3\n", name, s.dir, s.Port, port, dir)
	if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(dir+"/config", []byte(config), 0o600), os.WriteFile(dir+"/users", []byte(`"bot" ""`+"\n"), 0o600),
		giveAway(dir), giveAway(dir+"/config"), giveAway(dir+"/users")); err != nil {
		t.Fatal(err)
	}
	// It ends with its input, as the server does.
	c := s.command("/bin/sh", "-c", `"$1" -q "$2/config" >"$2/log" 2>&1 </dev/null & cat >/dev/null; kill $!; wait`, "sh", bin, dir)
	input, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { input.Close(); _ = c.Wait() })
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	for deadline := time.Now().Add(10 * time.Second); ; {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			break
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(dir + "/log")
			t.Fatalf("PgBouncer did not start:\n%s", log)
		}
	}
	u, _ := url.Parse(s.url(address, query...))
	u.Path = "/" + name
	return u.String()
}

func freePort() (int, error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer free.Close()
	return free.Addr().(*net.TCPAddr).Port, nil
}
