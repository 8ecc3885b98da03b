package palace

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"goalbot/securefile"
	"goalbot/store"
)

// This file is all that only SQLite needs: how a file is opened, which
// settings every connection must have, and what its error codes mean.

// applicationID stands in the header of a palace's file: "GOAL".
const applicationID = 0x474F414C

// oldestEngine is the first release in which a checkpoint beside a writer
// cannot damage the file (the WAL-reset fix).
var oldestEngine = []int{3, 51, 3}

// settings are made on every connection and read back from it: a palace
// without them is not durable. synchronous=2 is FULL; with NORMAL a power cut
// takes back what was answered.
var settings = []struct{ name, value string }{
	{"busy_timeout", "5000"},
	{"synchronous", "2"},
	{"fullfsync", "1"},
	{"checkpoint_fullfsync", "1"},
	{"foreign_keys", "1"},
	{"trusted_schema", "0"},
	{"cell_size_check", "1"},
}

// readCache is how much of a file a connection that only reads keeps in memory, in kB.
// It is a fraction of what SQLite keeps by default, in each of several connections: who
// looks up a row needs a few pages, and who reads all rows needs none of them twice.
const readCache = "cache_size(-256)"

// mode says how a database file is opened.
type mode int

const (
	creating  mode = iota // written, and made when there is none
	writing               // written; must be there
	reading               // read, while this process or another may write
	unwritten             // read, and it is known that nobody writes
	untouched             // read beside a writer, without writing to its index
)

// connect opens a pool of connections to a database file. Nothing is touched
// until the first use.
func connect(path string, m mode, connections int) (*sql.DB, error) {
	query := url.Values{}
	for _, s := range settings {
		query.Add("_pragma", s.name+"("+s.value+")")
	}
	query.Set("_dqs", "0")
	query.Set("_error_rc", "1")
	want := ""
	switch m {
	case creating, writing:
		query.Set("mode", map[mode]string{creating: "rwc", writing: "rw"}[m])
		query.Set("_txlock", "immediate")
		query.Add("_pragma", "journal_mode(WAL)")
		query.Add("_pragma", "journal_size_limit(16777216)")
		want = "wal"
	case reading:
		query.Set("mode", "ro")
	case unwritten:
		query.Set("mode", "ro")
		query.Set("immutable", "1")
	case untouched:
		query.Set("mode", "ro")
		query.Set("readonly_shm", "1")
	}
	if query.Get("mode") == "ro" {
		query.Add("_pragma", readCache)
	}
	c, err := sqlite.NewConnector(address(path, query))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db := sql.OpenDB(connector{c, want})
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// address is how SQLite names a file.
func address(path string, query url.Values) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // C:/…
	}
	name := url.URL{Scheme: "file", Path: slashed, RawQuery: query.Encode()}
	return name.String()
}

// openUntouched opens a pool that reads a database and leaves everything as it
// found it, whether or not someone has the file open. Only the index of a log
// whose writer was killed must be made anew before the log can be read.
func openUntouched(ctx context.Context, path string) (*sql.DB, error) {
	if size(path+"-wal") <= 0 && !exists(path+"-shm") {
		return connect(path, unwritten, 2) // the log was put away: all is in the one file
	}
	if !indexFits(path) {
		return connect(path, reading, 2)
	}
	db, err := connect(path, untouched, 2)
	if err != nil {
		return nil, err
	}
	var rows int
	err = db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&rows)
	if code(err) != sqlite3.SQLITE_READONLY {
		return db, nil // whatever else is wrong shows at the first use
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return connect(path, reading, 2)
}

// indexFits reports whether the index of the log belongs to the log. A program
// that was killed in its first commit after a start leaves one that does not;
// SQLite waits long and in vain for its writer then, unless it may make the
// index anew. Both hold the same two random numbers (SQLite, "WAL-mode File
// Format").
//
// A process that has the database open must not call it: closing a file takes
// away all locks that the process has on it (POSIX, fcntl), and the next
// process would then cut the index short under its hands.
func indexFits(path string) bool {
	log, err := head(path+"-wal", 24)
	if err != nil {
		return exists(path + "-shm") // there is no log to fit
	}
	index, err := head(path+"-shm", 40)
	return err == nil && bytes.Equal(log[16:24], index[32:40])
}

// head reads the first n bytes of a file.
func head(path string, n int) ([]byte, error) {
	f, err := securefile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := make([]byte, n)
	_, err = io.ReadFull(f, b)
	return b, err
}

// connector hands out only connections whose settings have been read back.
type connector struct {
	driver.Connector
	journal string // the wanted journal_mode, "" for whatever the file has
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range settings {
		err = errors.Join(err, must(ctx, conn, s.name, s.value))
	}
	if c.journal != "" {
		err = errors.Join(err, must(ctx, conn, "journal_mode", c.journal))
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// must reports a setting that did not take.
func must(ctx context.Context, conn driver.Conn, name, want string) error {
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, "PRAGMA "+name, nil)
	if err != nil {
		return fmt.Errorf("read setting %s: %w", name, err)
	}
	defer rows.Close()
	value := make([]driver.Value, 1)
	if err := rows.Next(value); err != nil {
		return fmt.Errorf("read setting %s: %w", name, err)
	}
	if got := fmt.Sprint(value[0]); got != want {
		return fmt.Errorf("open database: %s is %s, not %s", name, got, want)
	}
	return nil
}

// engineNew reports an engine that is too old to be trusted.
func engineNew(ctx context.Context, q querier) error {
	var version string
	if err := q.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version); err != nil {
		return fmt.Errorf("read engine version: %w", err)
	}
	return newEnough(version)
}

func newEnough(version string) error {
	var numbers []int
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return fmt.Errorf("read engine version %q: %w", version, err)
		}
		numbers = append(numbers, n)
	}
	if slices.Compare(numbers, oldestEngine) < 0 {
		return fmt.Errorf("SQLite %s can damage its file; 3.51.3 or newer is needed", version)
	}
	return nil
}

// header reads what SQLite keeps in the header of the file for its user, and
// whether there is any table.
func header(ctx context.Context, q querier) (application int64, version int, tables bool, err error) {
	err = q.QueryRowContext(ctx, "PRAGMA application_id").Scan(&application)
	if err == nil {
		err = q.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	}
	if err == nil {
		err = q.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM sqlite_schema)").Scan(&tables)
	}
	return application, version, tables, err
}

// setHeader belongs to the transaction in which it is called.
func setHeader(ctx context.Context, tx *sql.Tx, version int) error {
	_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, version))
	return err
}

// integrityCheck returns what SQLite finds wrong with the structure of the file.
func integrityCheck(ctx context.Context, q querier) (string, error) {
	return pragmaCheck(ctx, q, "PRAGMA integrity_check(5)")
}

// quickCheck is integrityCheck without looking whether the indexes hold what
// the tables do.
func quickCheck(ctx context.Context, q querier) (string, error) {
	return pragmaCheck(ctx, q, "PRAGMA quick_check(5)")
}

func pragmaCheck(ctx context.Context, q querier, query string) (string, error) {
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return "", err
		}
		if line != "ok" {
			found = append(found, strings.TrimSpace(strings.TrimPrefix(line, "*** in database main ***")))
		}
	}
	return strings.Join(found, "; "), rows.Err()
}

// copyInto writes the whole database, log included, into a file that must not exist.
func copyInto(ctx context.Context, q querier, path string) error {
	_, err := q.ExecContext(ctx, "VACUUM INTO $1", path)
	return err
}

// duplicate copies a database page by page, what stands in its log included,
// into the file at path, which must be empty. Nothing is left out because it is
// damaged. The copy is synced.
func duplicate(ctx context.Context, db *sql.DB, path string) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(c any) error {
		copying, err := c.(interface {
			NewBackup(string) (*sqlite.Backup, error)
		}).NewBackup(address(path, url.Values{"_pragma": {"synchronous(2)", "fullfsync(1)"}}))
		if err != nil {
			return err
		}
		for more := true; more && err == nil; {
			more, err = copying.Step(-1)
		}
		return errors.Join(err, copying.Finish())
	})
}

// coded is an error of the driver.
type coded interface {
	error
	Code() int
}

var _ coded = (*sqlite.Error)(nil)

// code is the primary result code in an error, 0 where there is none.
func code(err error) int {
	if failure, ok := errors.AsType[coded](err); ok {
		return failure.Code() & 0xFF
	}
	return 0
}

// explainFile gives an error of the driver the kind that callers branch on.
func explainFile(err error) error {
	switch code(err) {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: %w", store.ErrFull, err)
	case sqlite3.SQLITE_IOERR:
		// The index of the log could not grow: there is no room (SQLite, "Result
		// and Error Codes").
		if failure, _ := errors.AsType[coded](err); failure.Code() == sqlite3.SQLITE_IOERR_SHMSIZE {
			return fmt.Errorf("%w: %w", store.ErrFull, err)
		}
	case sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("%w: %w", ErrUnopened, err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}

// fileSaysDamage reports whether only damage explains an error of reading: SQLite
// says so, or knows no such table or column, or database/sql cannot make of a
// value what was written.
func fileSaysDamage(err error) bool {
	switch code(err) {
	case 0, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_MISMATCH:
		return true
	}
	return false
}

// mayReturn reports whether a commit that failed like this, and cannot be
// found, may still come back when the log is read anew: the log was written
// and only its sync failed.
func mayReturn(err error) bool { return code(err) == sqlite3.SQLITE_IOERR }
