//go:build unix

package main

import (
	"flag"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"goalbot/postgrestest"
)

var slowServer = flag.Bool("slow-server", false, "run the test of a database server that is slow")

// slowness is how long a server that is slow takes for each answer. It is more than a
// leader has to renew its lease, a check to end, and a transaction to do nothing.
const slowness = 10 * time.Second

// The real program has a server that is slow for a while.
func TestSlowServer(t *testing.T) {
	if !*slowServer {
		t.Skip("It depends on how busy the machine is: go test ./bot -run TestSlowServer -slow-server")
	}
	s := postgrestest.Shared(t)
	r := newSlowRelay(t, s.Port)
	p := scripts(func(env *testscript.Env) {
		env.Vars = append(env.Vars, "PALACE_URL="+s.TCP(t, postgrestest.User, r.Addr().String(), "sslmode", "disable", "connect_timeout", "1")) // five seconds otherwise
	})
	p.Files = []string{"testdata/slow/server.txtar"}
	p.Cmds["server"] = func(ts *testscript.TestScript, neg bool, args []string) { r.set(args[0] == "slow") }
	p.Cmds["unconfirmed"] = command((*phone).unconfirmed)
	testscript.Run(t, p)
}

// unconfirmed n checks that the bot has so many updates that it has not confirmed.
func (p *phone) unconfirmed(ts *testscript.TestScript, args []string) {
	if got := strconv.Itoa(p.server.Pending()); got != args[0] {
		ts.Fatalf("%s updates are not confirmed, want %s", got, args[0])
	}
}

// slowRelay stands before a server, and keeps back what it answers while it is slow.
type slowRelay struct {
	net.Listener
	to string

	mu    sync.Mutex
	quick chan struct{} // closed unless the server is slow
}

func newSlowRelay(t *testing.T, port int) *slowRelay {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &slowRelay{Listener: l, to: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), quick: make(chan struct{})}
	close(r.quick)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { r.pass(conn) })
		}
	})
	t.Cleanup(func() { r.set(false); l.Close(); all.Wait() })
	return r
}

// set makes the server slow, or quick again, which lets go of what is kept back.
func (r *slowRelay) set(slow bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.quick:
		if slow {
			r.quick = make(chan struct{})
		}
	default:
		if !slow {
			close(r.quick)
		}
	}
}

func (r *slowRelay) untilQuick() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.quick
}

func (r *slowRelay) pass(conn net.Conn) {
	defer conn.Close()
	server, err := net.Dial("tcp", r.to)
	if err != nil {
		return
	}
	defer server.Close()
	var asked sync.WaitGroup
	asked.Go(func() { io.Copy(server, conn); server.Close() })
	defer asked.Wait()
	defer conn.Close()
	b := make([]byte, 1<<16)
	for {
		n, err := server.Read(b)
		if n > 0 {
			select {
			case <-time.After(slowness):
			case <-r.untilQuick():
			}
		}
		if _, werr := conn.Write(b[:n]); err != nil || werr != nil {
			return
		}
	}
}
