//go:build unix

package main

import (
	"flag"
	"io"
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

// The real program has a server that is slow for a while. Nothing is made shorter than it
// is in earnest.
func TestSlowServer(t *testing.T) {
	if !*slowServer {
		t.Skip("It depends on how busy the machine is: go test ./bot -run TestSlowServer -slow-server")
	}
	s := postgrestest.Shared(t)
	r := &slowRelay{quick: make(chan struct{})}
	close(r.quick)
	address := s.Relay(t, func() (up, down postgrestest.Pass) { return postgrestest.All, r.pass })
	t.Cleanup(func() { r.set(false) })
	p := scripts(func(env *testscript.Env) {
		env.Vars = append(env.Vars, "SERVER_ADDR="+address, "PALACE_URL="+s.TCP(t, postgrestest.User, address, "sslmode", "disable", "connect_timeout", "1")) // five seconds otherwise
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

// slowRelay keeps back what a server answers while it is slow.
type slowRelay struct {
	mu    sync.Mutex
	quick chan struct{} // closed unless the server is slow
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

// pass carries what the server says.
func (r *slowRelay) pass(to io.Writer, from io.Reader) {
	b := make([]byte, 1<<16)
	for {
		n, err := from.Read(b)
		if n > 0 {
			select {
			case <-time.After(slowness):
			case <-r.untilQuick():
			}
		}
		if _, werr := to.Write(b[:n]); err != nil || werr != nil {
			return
		}
	}
}
