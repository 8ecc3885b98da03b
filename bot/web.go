package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/net/netutil"

	"goalbot/alert"
)

// standing is what /healthz says. It holds no goal's text.
type standing struct {
	OK       bool     `json:"ok"`
	Causes   []string `json:"causes"`
	Warnings []string `json:"warnings"` // goals.json can be used all the same
	Unknown  []string `json:"unknown"`  // what could not be looked for
	PollAge  float64  `json:"poll_age_seconds"`
}

// state is what /healthz looks at; it is implemented by health.Monitor.
type state interface {
	Found() []alert.Finding
	Unsure() []alert.Cause
}

// webHandler serves /healthz and /metrics. Everything else is not found.
func webHandler(started time.Time, stalledAfter time.Duration, polled func() time.Time, now state, numbers prometheus.Gatherer) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(numbers, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", healthz(started, stalledAfter, polled, now))
	return mux
}

// healthz answers 200 where all is well but for warnings, and 503 with the
// causes where not.
func healthz(started time.Time, stalledAfter time.Duration, polled func() time.Time, now state) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		last := polled()
		if last.IsZero() {
			last = started
		}
		age := time.Since(last)
		s := standing{Causes: []string{}, Warnings: []string{}, Unknown: []string{}, PollAge: age.Round(time.Millisecond).Seconds()}
		for _, c := range now.Unsure() {
			s.Unknown = append(s.Unknown, string(c))
		}
		for _, f := range now.Found() {
			switch {
			case f.Cause == alert.PollStalled, f.Cause == alert.Test:
			case f.Warning():
				s.Warnings = append(s.Warnings, string(f.Cause))
			default:
				s.Causes = append(s.Causes, string(f.Cause))
			}
		}
		if age > stalledAfter { // as it is now, not as the last check found it
			s.Causes = append(s.Causes, string(alert.PollStalled))
		}
		s.OK = len(s.Causes) == 0
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if !s.OK {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(s)
	}
}

// onlyFor lets requests pass that are meant for this program: for an IP
// address, a name of loopback, or the host that HTTP_ADDR names. A web page
// elsewhere can give its own name the address of this machine, and would read
// the answers then (DNS rebinding); its name gives it away. HTTP/1.0 may leave
// the name out, which no browser does.
func onlyFor(host string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := strings.ToLower((&url.URL{Host: r.Host}).Hostname())
		_, notIP := netip.ParseAddr(asked)
		known := asked == "localhost" || strings.HasSuffix(asked, ".localhost") || asked == strings.ToLower(host) // RFC 6761, section 6.3
		if r.Host != "" && notIP != nil && !known {
			http.Error(w, "This program is not known by that name. Ask for it by its IP address, or put the name into HTTP_ADDR.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// serveWeb serves on an address that is taken now, so that a wrong one is told
// at the start. close ends it.
func serveWeb(address string, handler http.Handler, log *slog.Logger) (close func(), err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("HTTP_ADDR cannot be used: %w. Choose another port, or leave it empty", err)
	}
	host, _, _ := net.SplitHostPort(address)
	return serveOn(listener, &http.Server{Handler: onlyFor(host, handler), ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute}, log), nil
}

// What a server of ours takes at most, so that nobody who reaches it can use up
// the memory: together 3 MiB.
const (
	maxConnections = 100
	maxHeader      = 32 << 10
)

// serveOn serves until it is closed. What the server has to report goes to log.
func serveOn(listener net.Listener, server *http.Server, log *slog.Logger) (close func()) {
	server.MaxHeaderBytes = maxHeader
	server.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(netutil.LimitListener(listener, maxConnections)) }) // it ends when it is closed
	return func() {
		_ = server.Close()
		serving.Wait()
	}
}
