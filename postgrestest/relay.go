package postgrestest

import (
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
)

// A Pass carries what one end of a connection says to the other. When it returns the
// connection is closed.
type Pass func(to io.Writer, from io.Reader)

// All passes everything on.
func All(to io.Writer, from io.Reader) { io.Copy(to, from) }

// Relay listens on loopback until the test ends, and connects everybody to the server.
// For each connection it asks passes for what carries the client's words up to the
// server, and the server's down to the client.
func (s *Server) Relay(t testing.TB, passes func() (up, down Pass)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)))
			if err != nil {
				client.Close()
				continue
			}
			carry := func(pass Pass, to, from net.Conn) {
				defer to.Close()
				defer from.Close()
				pass(to, from)
			}
			up, down := passes()
			all.Go(func() { carry(up, server, client) })
			all.Go(func() { carry(down, client, server) })
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	return l.Addr().String()
}
