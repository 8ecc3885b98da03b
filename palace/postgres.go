package palace

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// This file opens connections to a PostgreSQL server.
//
// The rules speak database/sql, since they are the same for SQLite; so what is used
// of pgx is its driver for that.

// oldestServer is the oldest PostgreSQL that the SQL of this package was written for.
const oldestServer = 13

const (
	connectTime = 5 * time.Second  // for a connection to one host
	answerTime  = 30 * time.Second // for one answer, or the next row of one
	lockTime    = 5 * time.Second  // for the lock of whoever writes
	// idleTime is how long a transaction may do nothing before the server ends it: a
	// bot that was stopped, or cut off, must not keep all others from writing.
	idleTime = 5 * time.Second
)

// beginWriting begins a transaction that writes; what it locks follows. It waits for
// the one that is under way, as SQLite's BEGIN IMMEDIATE does: so there is one writer
// at a time, and each statement sees all that was committed before. The settings
// are the transaction's own, since behind PgBouncer a session is not.
//
// A server may be set to answer a commit before it is on its disk. What the bot has
// answered must last.
var beginWriting = []statement{
	{text: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"},
	{text: fmt.Sprintf(`SELECT set_config('lock_timeout', '%d', true), set_config('statement_timeout', '%d', true),
		set_config('idle_in_transaction_session_timeout', '%d', true),
		set_config('synchronous_commit', coalesce(nullif(current_setting('synchronous_commit'), 'off'), 'on'), true)`,
		lockTime.Milliseconds(), answerTime.Milliseconds(), idleTime.Milliseconds())},
}

const lockMeta = "SELECT 1 FROM meta FOR UPDATE"

var beginReading = []statement{{text: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}}

// parseURL reads a connection URL. Its errors do not contain the URL.
func parseURL(url string) (*pgx.ConnConfig, error) {
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("it is not a PostgreSQL connection URL, such as postgres://bot@db.example.org/goals?sslmode=verify-full, or names a file, as of a certificate, that cannot be read")
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectTime
	}
	if _, set := c.RuntimeParams["application_name"]; !set {
		c.RuntimeParams["application_name"] = "goalbot"
	}
	return c, nil
}

// placeOf names a database without the password.
func placeOf(c *pgx.ConnConfig) string {
	return fmt.Sprintf("the PostgreSQL database %q at %s", c.Database, net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))))
}

// addressesOf names every address in a URL.
func addressesOf(c *pgx.ConnConfig) string {
	all := []string{net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port)))}
	for _, f := range c.Fallbacks { // those with and without TLS are the same
		if next := net.JoinHostPort(f.Host, strconv.Itoa(int(f.Port))); !slices.Contains(all, next) {
			all = append(all, next)
		}
	}
	return strings.Join(all, " or ")
}

// dial opens a pool of connections to a server. lock is what a transaction that
// writes begins with; where fence is not nil it is that of the leader alone. Nothing
// happens until the first use.
func dial(c *pgx.ConnConfig, lock string, fence *lease, connections int) *sql.DB {
	// A connection is not tried before it is used, which would be one more round
	// trip: see brokeUnused.
	connector := stdlib.GetConnector(*c, stdlib.OptionShouldPing(func(context.Context, stdlib.ShouldPingParams) bool { return false }))
	db := sql.OpenDB(pgConnector{connector, append(beginWriting[:len(beginWriting):len(beginWriting)], statement{text: lock}), fence, addressesOf(c)})
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db
}

// pgConnector makes connections of which every transaction begins as it must.
type pgConnector struct {
	driver.Connector
	begin []statement // what a transaction that writes begins with
	fence *lease
	at    string // the addresses that it tries
}

func (c pgConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if answer, ok := errors.AsType[*pgconn.PgError](err); ok {
			return nil, answer
		}
		return nil, &unreachable{err, c.at}
	}
	return &pgConn{Conn: conn.(*stdlib.Conn), begin: c.begin, fence: c.fence}, nil
}
