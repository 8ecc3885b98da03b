package demo

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// loopbackOnly lets through what comes from this machine: requests for a loopback
// host, and those that change something only from a page of the same origin or
// from a program that is no browser.
//
// The host is looked at because any site can point its own name at 127.0.0.1
// and then read what we answer.
func loopbackOnly(next http.Handler) http.Handler {
	origin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLoopback(r.Host) {
			refuse(w, http.StatusForbidden, "Only this machine may use the demo. Open it as http://localhost or http://127.0.0.1.")
			return
		}
		if err := origin.Check(r); err != nil || strings.HasPrefix(r.Header.Get("Sec-Fetch-Site"), "cross-") && r.URL.Path != "/" {
			refuse(w, http.StatusForbidden, "The request comes from another site.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isLoopback judges a Host header, with or without a port.
func isLoopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(hostport, "["), "]")
	}
	host = strings.ToLower(host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") { // RFC 6761, section 6.3: always this machine
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
