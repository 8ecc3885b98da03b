//go:build unix

package main

import (
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"goalbot/postgrestest"
)

// The real program keeps the goals in a PostgreSQL database. These scripts run as
// they are with an SQLite file, too.
func TestScriptsOnPostgres(t *testing.T) {
	onServer(t, postgrestest.Shared(t), []string{
		"testdata/script/conversation.txtar", "testdata/script/people.txtar", "testdata/script/questions.txtar", "testdata/script/edits.txtar",
		"testdata/script/foreign.txtar", "testdata/script/backlog.txtar", "testdata/script/dead_letters.txtar", "testdata/script/check_agrees.txtar",
		"testdata/script/due.txtar", "testdata/script/repeat_elsewhere.txtar",
	})
}

// What is different with a server. Each script has one of its own, which it may stop.
func TestPostgres(t *testing.T) {
	files, err := filepath.Glob("testdata/postgres/*.txtar")
	if err != nil || files == nil {
		t.Fatal("there are no scripts: ", err)
	}
	for _, file := range files {
		onServer(t, postgrestest.Start(t), []string{file})
	}
}

type serverKey struct{}

// onServer runs scripts, each with a palace of its own on a server.
func onServer(t *testing.T, s *postgrestest.Server, files []string) {
	places := make(chan string, len(files)) // made here, as the scripts run later
	for range files {
		places <- s.URL(t)
	}
	p := scripts(func(env *testscript.Env) {
		place := <-places
		env.Values[serverKey{}] = theServer{t, s, place}
		env.Vars = append(env.Vars, "PALACE_URL="+place)
	})
	p.Files = files
	p.Cmds["server"], p.Cmds["signal"], p.Cmds["reads"] = ofServer, signalTo, reads
	testscript.Run(t, p)
}

type theServer struct {
	t     *testing.T
	s     *postgrestest.Server
	place string
}

// ofServer runs SQL in the script's palace, or crashes, halts or resumes its server.
func ofServer(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value(serverKey{}).(theServer)
	switch do := strings.Join(args, " "); do {
	case "crash":
		s.s.Crash(s.t)
	case "halt":
		s.s.Halt(s.t)
	case "resume":
		s.s.Resume(s.t)
	default:
		u, err := url.Parse(s.place)
		ts.Check(err)
		s.s.SQL(s.t, "SET search_path = "+u.Query().Get("search_path")+";\n"+do)
	}
}

// reads file text waits until a file holds a text.
func reads(ts *testscript.TestScript, neg bool, args []string) {
	data := []byte(nil)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var err error
		if data, err = os.ReadFile(ts.MkAbs(args[0])); err == nil && strings.Contains(string(data), args[1]) {
			return
		}
	}
	ts.Fatalf("%s never holds %q, but:\n%s", args[0], args[1], data)
}

// signalTo sends STOP, CONT, TERM or KILL to the first, second, … of the bots that are in
// the background.
func signalTo(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]syscall.Signal{"STOP": syscall.SIGSTOP, "CONT": syscall.SIGCONT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL}
	which, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(ts.BackgroundCmds()[which-1].Process.Signal(signals[args[0]]))
}
