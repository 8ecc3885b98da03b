package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// outside is a server that only remembers what it was asked.
type outside struct {
	url string

	mu       sync.Mutex
	requests []string
	down     bool // it cannot be reached
	heard    int
	changed  chan struct{}
}

func newOutside(env *testscript.Env) *outside {
	o := &outside{changed: make(chan struct{})}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.HasPrefix(r.URL.Path, "/hang") {
			defer func() { <-r.Context().Done() }()
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.down {
			panic(http.ErrAbortHandler)
		}
		if strings.HasPrefix(r.URL.Path, "/broken") {
			w.WriteHeader(http.StatusInternalServerError)
		}
		if strings.HasPrefix(r.URL.Path, "/flaky") && len(o.requests) == 0 {
			w.WriteHeader(http.StatusBadGateway) // the first time only
		}
		o.requests = append(o.requests, fmt.Sprintf("%s %s %s", r.Method, r.URL.RequestURI(), body))
		close(o.changed)
		o.changed = make(chan struct{})
	}))
	env.Defer(web.Close)
	o.url = web.URL
	return o
}

// switchOutside down|up lets the server outside be out of reach, or not.
func (p *phone) switchOutside(ts *testscript.TestScript, args []string) {
	if len(args) != 1 || args[0] != "down" && args[0] != "up" {
		ts.Fatalf("usage: outside down|up")
	}
	p.outside.mu.Lock()
	defer p.outside.mu.Unlock()
	p.outside.down = args[0] == "down"
}

// received pattern waits for a request to the server outside that matches;
// those before it are passed over.
func (p *phone) received(ts *testscript.TestScript, args []string) {
	pattern := regexp.MustCompile(args[0])
	o := p.outside
	for deadline := time.After(patience); ; {
		o.mu.Lock()
		changed := o.changed
		for ; o.heard < len(o.requests); o.heard++ {
			if pattern.MatchString(o.requests[o.heard]) {
				ts.Logf("received: %s", o.requests[o.heard])
				o.heard++
				o.mu.Unlock()
				return
			}
		}
		o.mu.Unlock()
		select {
		case <-changed:
		case <-deadline:
			ts.Fatalf("nothing like %q was received, but %q", args[0], o.requests)
		}
	}
}

// posted n checks that so many posts were received in all, each with an id of
// its own.
func (p *phone) posted(ts *testscript.TestScript, args []string) {
	p.outside.mu.Lock()
	defer p.outside.mu.Unlock()
	ids := map[string]bool{}
	for _, r := range p.outside.requests {
		if id := regexp.MustCompile(`^POST .*"id":"([^"]+)"`).FindStringSubmatch(r); id != nil {
			ids[id[1]] = true
		}
	}
	if n := strconv.Itoa(len(ids)); n != args[0] || n != strconv.Itoa(len(p.outside.requests)) {
		ts.Fatalf("%s posts were received:\n%s", n, strings.Join(p.outside.requests, "\n"))
	}
}

// fetch url pattern gets a page, whatever its status, as "<status> <body>".
func fetch(ts *testscript.TestScript, neg bool, args []string) {
	resp, err := http.Get(args[0])
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	got := fmt.Sprintf("%d %s", resp.StatusCode, body)
	if regexp.MustCompile(args[1]).MatchString(got) == neg {
		ts.Fatalf("%s answers:\n%s", args[0], got)
	}
}

// meets url pattern waits until a page is as fetch would have it.
func meets(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 || neg {
		ts.Fatalf("usage: meets url pattern")
	}
	pattern := regexp.MustCompile(args[1])
	got := ""
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get(args[0])
		if err != nil {
			continue // the program has not begun to serve
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if got = fmt.Sprintf("%d %s", resp.StatusCode, body); err == nil && pattern.MatchString(got) {
			return
		}
	}
	ts.Fatalf("%s never answers like %q, but:\n%s", args[0], args[1], got)
}

// freeAddress is an address on loopback that nobody listened on a moment ago.
// Where it can it is one of its own, so that no connection of anybody takes its
// port before the program does.
func freeAddress(env *testscript.Env) string {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.%d.%d.%d:0", 1+rand.N(254), rand.N(256), 1+rand.N(254)))
	if err != nil {
		listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		env.T().Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// checks n waits until goals.json was looked at n more times, and what was to be
// said about it has been queued. The program must serve at FREE_ADDR.
func checks(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 || neg {
		ts.Fatalf("usage: checks n")
	}
	more, err := strconv.Atoi(args[0])
	ts.Check(err)
	count := regexp.MustCompile(`(?m)^goalbot_check_duration_seconds_count\{.*\} (\d+)$`)
	until := -1
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get("http://" + ts.Getenv("FREE_ADDR") + "/metrics")
		if err != nil {
			continue // the program has not begun to serve
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		ts.Check(err)
		n := 0
		for _, found := range count.FindAllStringSubmatch(string(body), -1) {
			looks, err := strconv.Atoi(found[1])
			ts.Check(err)
			n += looks
		}
		if until < 0 {
			until = n + more + 1 // one is under way perhaps, and what came of a look is done when the next begins
		}
		if n >= until {
			return
		}
	}
	ts.Fatalf("goals.json is no longer being checked")
}
