package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/netutil"
)

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
