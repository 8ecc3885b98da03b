package palace

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"goalbot/store"
)

// This file says what PostgreSQL's errors mean (PostgreSQL, "Error Codes").

// unreachable reports that there was no answer of the server: there is no
// connection, or it broke. It is no error of a context, which would be the caller's.
type unreachable struct{ err error }

// Is makes it a [store.ErrUnreachable].
func (e *unreachable) Is(target error) bool { return target == store.ErrUnreachable }

// Error is one line, without what of the URL the driver repeats.
func (e *unreachable) Error() string {
	if pgconn.Timeout(e.err) {
		return "the PostgreSQL server does not answer"
	}
	return "the PostgreSQL server does not answer: " + reason(e.err)
}

// reason is what the innermost of nested errors says, in one line.
func reason(err error) string {
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

// states are the errors that a person can do something about, by their SQLSTATE
// or its class.
var states = map[string]struct {
	kind error // nil for none that callers branch on
	what string
}{
	"53100": {store.ErrFull, "the disk of the PostgreSQL server is full"},
	"XX001": {ErrDamaged, "PostgreSQL found its own files damaged"},
	"XX002": {ErrDamaged, "PostgreSQL found an index damaged; REINDEX rebuilds it"},
	"28":    {nil, "the PostgreSQL server refused the user or the password; correct them in the URL of the database, or in ~/.pgpass"},
	"3D000": {nil, "the PostgreSQL server has no database of that name; make it with CREATE DATABASE, or correct the URL"},
	"3F000": {nil, "the PostgreSQL database has no schema that the user may make tables in; see search_path"},
	"42501": {nil, "the user in the URL lacks rights in the PostgreSQL database; let it own the database"},
	"25006": {store.ErrUnreachable, "the PostgreSQL server is read-only, as a replica is; name the primary in the URL, or several hosts and target_session_attrs=read-write"},
	"53300": {store.ErrUnreachable, "the PostgreSQL server has no connection left; raise max_connections"},
	"57P01": {store.ErrUnreachable, "the PostgreSQL server ended the connection"},
	"57P02": {store.ErrUnreachable, "the PostgreSQL server crashed"},
	"57P03": {store.ErrUnreachable, "the PostgreSQL server is starting or stopping"},
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
