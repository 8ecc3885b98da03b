package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"goalbot/health"
)

// standing is what /healthz says. It holds no goal's text.
type standing struct {
	OK       bool     `json:"ok"`
	Causes   []string `json:"causes"`
	Warnings []string `json:"warnings"` // goals.json can be used all the same
	PollAge  float64  `json:"poll_age_seconds"`
}

// webHandler serves /healthz and /metrics. Everything else is not found.
func webHandler(started time.Time, deafAfter time.Duration, polled func() time.Time, found func() []health.Finding, numbers prometheus.Gatherer) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(numbers, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", healthz(started, deafAfter, polled, found))
	return mux
}

// healthz answers 200 where all is well but for warnings, and 503 with the
// causes where not.
func healthz(started time.Time, deafAfter time.Duration, polled func() time.Time, found func() []health.Finding) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		last := polled()
		if last.IsZero() {
			last = started
		}
		age := time.Since(last)
		s := standing{Causes: []string{}, Warnings: []string{}, PollAge: age.Round(time.Millisecond).Seconds()}
		for _, f := range found() {
			switch {
			case f.Cause == health.Deaf, f.Cause == health.Trial:
			case f.Warning():
				s.Warnings = append(s.Warnings, string(f.Cause))
			default:
				s.Causes = append(s.Causes, string(f.Cause))
			}
		}
		if age > deafAfter { // as it is now, not as the last check found it
			s.Causes = append(s.Causes, string(health.Deaf))
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

// serveWeb serves on an address that is taken now, so that a wrong one is told
// at the start. close ends it.
func serveWeb(address string, handler http.Handler) (close func(), err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("HTTP_ADDR cannot be used: %w. Choose another port, or leave it empty", err)
	}
	return serveOn(listener, &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute}), nil
}

func serveOn(listener net.Listener, server *http.Server) (close func()) {
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) }) // it ends when it is closed
	return func() {
		_ = server.Close()
		serving.Wait()
	}
}
