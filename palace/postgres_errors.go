package palace

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"goalbot/store"
)

// This file says what PostgreSQL's errors mean (PostgreSQL, "Error Codes").

// unreachable reports that there was no answer of the server: there is no
// connection, or it broke. It is no error of a context, which would be the caller's.
type unreachable struct {
	err error
	at  string // where it should be; "" for a connection that broke
}

// Is makes it a [store.ErrUnreachable].
func (e *unreachable) Is(target error) bool { return target == store.ErrUnreachable }

// Error is one line, without what of the URL the driver repeats.
func (e *unreachable) Error() string {
	if errors.Is(e.err, pgconn.ErrReadOnlyConnection) || errors.Is(e.err, pgconn.ErrStandbyConnection) {
		return "no PostgreSQL server in the URL can be written to; name the primary as well, or promote a replica"
	}
	text := "the PostgreSQL server does not answer"
	if name, ok := errors.AsType[*net.DNSError](e.err); ok && name.IsNotFound {
		text += ": there is no host " + name.Name
	} else if !pgconn.Timeout(e.err) {
		text += ": " + reason(e.err)
	}
	if e.at == "" {
		return text
	}
	return text + "; " + e.cure()
}

// cure says what to do where there is no connection at all.
func (e *unreachable) cure() string {
	name, unnamed := errors.AsType[*net.DNSError](e.err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](e.err)
	switch {
	case unnamed && name.IsNotFound:
		return "correct the host in the URL"
	case unnamed:
		return "see that this machine can look up names"
	case untrusted:
		return "correct sslrootcert in the URL, which names the certificate to trust, or the host, which must be the one in the server's certificate"
	case strings.Contains(e.err.Error(), "server refused TLS"): // the driver has no type for it
		return "turn ssl on in the server's settings; sslmode in the URL demands it"
	}
	if strings.HasPrefix(e.at, "/") { // a socket
		return "see that it runs at " + e.at + ", or correct host and port in the URL"
	}
	return "see that it runs at " + e.at + " and that no firewall is in the way, or correct host and port in the URL"
}

// tooSlow reports a server that was asked again and again, for longer than a lease
// lasts, and has not answered in time.
type tooSlow struct{ at string }

// Is makes it a [store.ErrUnreachable].
func (e *tooSlow) Is(target error) bool { return target == store.ErrUnreachable }

func (e *tooSlow) Error() string {
	return "the PostgreSQL server at " + e.at + " answers too slowly or not at all; see that it runs, that it is not overloaded, and that the network between it and this machine works"
}

// reason is what the innermost of nested errors says, in one line.
func reason(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "it closed the connection"
	}
	for {
		switch inner := err.(type) {
		case interface{ Unwrap() error }:
			if inner.Unwrap() == nil {
				return oneLine(err.Error())
			}
			err = inner.Unwrap()
		case interface{ Unwrap() []error }: // one for each address that was tried
			all := inner.Unwrap()
			err = all[len(all)-1]
		default:
			return oneLine(err.Error())
		}
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

const readOnlyServer = "the PostgreSQL server is read-only, as a replica is; name the primary in the URL, or several hosts and target_session_attrs=read-write"

// states are the errors that a person can do something about, by their SQLSTATE
// or its class.
var states = map[string]struct {
	kind error // nil for none that callers branch on
	what string
}{
	"53100": {store.ErrServerFull, "the disk of the PostgreSQL server is full; make room there"},
	"XX001": {ErrDamaged, "PostgreSQL found its own files damaged"},
	"XX002": {ErrDamaged, "PostgreSQL found an index damaged; REINDEX rebuilds it"},
	"28P01": {nil, "the PostgreSQL server refused the password; correct it in the URL of the database, or in ~/.pgpass"},
	"28":    {nil, "the PostgreSQL server does not let the user in; correct the user in the URL of the database, make it with CREATE ROLE … LOGIN, or let it in through the server's pg_hba.conf"},
	"3D000": {nil, "the PostgreSQL server has no database of that name; make it with CREATE DATABASE, or correct the name in the URL"},
	"3F000": {nil, "the PostgreSQL database has no schema to make tables in; make one with CREATE SCHEMA, or correct search_path in the URL"},
	"42501": {nil, "the user in the URL lacks rights in the PostgreSQL database; let it own the database (ALTER DATABASE … OWNER TO …), or the schema where search_path names one"},
	"25006": {store.ErrUnreachable, readOnlyServer},
	"53300": {store.ErrUnreachable, "the PostgreSQL server has no connection left; raise max_connections"},
	"57P01": {store.ErrUnreachable, "the PostgreSQL server ended the connection"},
	"57P02": {store.ErrUnreachable, "the PostgreSQL server crashed"},
	"57P03": {store.ErrUnreachable, "the PostgreSQL server is starting or stopping"},
	"25P03": {store.ErrUnreachable, "the PostgreSQL server, or the network before it, is too slow"}, // it ended a transaction that did nothing
	"55P03": {store.ErrUnreachable, "another program is writing to the PostgreSQL database, and does not end"},
	"08":    {store.ErrUnreachable, "the PostgreSQL server, or what stands before it, has a bad connection"},
	"57014": {store.ErrUnreachable, "the PostgreSQL server took too long"},
}

// stateError is an answer of the server with what it means.
type stateError struct {
	kind error
	what string
	err  error
}

func (e *stateError) Error() string { return e.what + " (" + e.err.Error() + ")" }

func (e *stateError) Unwrap() []error {
	if e.kind == nil {
		return []error{e.err}
	}
	return []error{e.kind, e.err}
}

// explainServer gives an answer of a server the kind that callers branch on, and
// says what to do. Other errors stay as they are.
func explainServer(err error) error {
	if _, done := errors.AsType[*stateError](err); done {
		return err
	}
	answer, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return err
	}
	s, known := states[answer.Code]
	if !known && len(answer.Code) == 5 {
		s, known = states[answer.Code[:2]]
	}
	if !known {
		return err
	}
	return &stateError{s.kind, s.what, fmt.Errorf("%w", err)}
}

// serverSaysDamage reports whether only damage explains an answer of the server, or
// what was made of it. ok is false where the error is not one of a server's.
func serverSaysDamage(err error) (damage, ok bool) {
	if _, ok := errors.AsType[*unreachable](err); ok {
		return false, true
	}
	answer, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return false, false
	}
	switch answer.Code {
	case "XX001", "XX002", // data_corrupted, index_corrupted
		"42P01", "42703", "42883", "42804": // no such table, column, or operator for a column's type
		return true, true
	}
	return false, true
}
