package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"goalbot/bot/config"
)

// served serves a handler as HTTP_ADDR does, and returns where.
func served(t *testing.T, handler http.Handler, server *http.Server, log *slog.Logger) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server.Handler = handler
	t.Cleanup(serveOn(listener, server, log))
	return listener.Addr().String()
}

var fine = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "fine") })

// Any site could let its own name lead to this machine and read the numbers.
// Red without onlyFor, and without each of its exceptions.
func TestOnlyKnownHostsAreAnswered(t *testing.T) {
	for _, tt := range []struct {
		configured, asked string
		want              int
	}{
		{"127.0.0.1", "127.0.0.1:8080", 200},
		{"127.0.0.1", "localhost:8080", 200},
		{"127.0.0.1", "LocalHost", 200},
		{"127.0.0.1", "goals.localhost:8080", 200},
		{"127.0.0.1", "[::1]:8080", 200},
		{"127.0.0.1", "", 200}, // HTTP/1.0
		{"0.0.0.0", "192.168.1.7:8080", 200},
		{"goals.example", "Goals.Example:8080", 200},
		{"127.0.0.1", "goals.example", 421},
		{"0.0.0.0", "evil.example:8080", 421},
		{"goals.example", "evil.example", 421},
		{"127.0.0.1", "127.0.0.1.evil.example", 421},
		{"127.0.0.1", "evil.example.localhost.example", 421},
		{"127.0.0.1", "notlocalhost", 421},
		{"", "evil.example", 421},
	} {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.Host = tt.asked
		w := httptest.NewRecorder()
		onlyFor(tt.configured, fine).ServeHTTP(w, r)
		if w.Code != tt.want || w.Code != 200 && strings.Contains(w.Body.String(), "fine") {
			t.Errorf("HTTP_ADDR names %q, asked for %q: %d, want %d", tt.configured, tt.asked, w.Code, tt.want)
		}
	}
}

// 400 requests with headers of 900 kB each took 344 MB.
func TestALargeHeaderIsNotReadToItsEnd(t *testing.T) {
	address := served(t, fine, &http.Server{}, slog.New(slog.DiscardHandler))
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))                                           // or the answer never comes
	go fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nX: %s", strings.Repeat("x", 900<<10)) // no end
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("answered with %v, %v", resp, err)
	}
}

func TestConnectionsAreLimited(t *testing.T) {
	const clients = maxConnections + 50
	var came, under, most atomic.Int32
	full, tooMany := make(chan struct{}), make(chan struct{})
	address := served(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		for n, m := under.Add(1), most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		defer under.Add(-1)
		switch came.Add(1) {
		case maxConnections:
			select {
			case <-tooMany: // comes at once where nothing keeps it out
			case <-time.After(200 * time.Millisecond):
			}
			close(full)
		case maxConnections + 1:
			close(tooMany)
		}
		<-full
	}), &http.Server{}, slog.New(slog.DiscardHandler))
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
			if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := most.Load(); n > maxConnections {
		t.Errorf("%d at once", n)
	}
}

// What net/http reports went to stderr by itself, whatever LOG_FORMAT says, and
// past what hides secrets.
func TestWhatTheServerReportsIsInTheLog(t *testing.T) {
	var log bytes.Buffer
	var mu sync.Mutex
	address := served(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("at the disco") }), &http.Server{},
		NewLog(lockedWriter{&mu, &log}, config.Config{LogFormat: "json"}))
	if resp, err := http.Get("http://" + address); err == nil {
		resp.Body.Close()
		t.Error("a panic is answered")
	}
	mu.Lock()
	defer mu.Unlock()
	if text := log.String(); !strings.HasPrefix(text, "{") || !strings.Contains(text, `"level":"WARN"`) || !strings.Contains(text, "at the disco") {
		t.Errorf("the log says %q", text)
	}
}

// lockedWriter writes under a lock.
type lockedWriter struct {
	mu *sync.Mutex
	w  io.Writer
}

func (w lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.w.Write(p)
}
