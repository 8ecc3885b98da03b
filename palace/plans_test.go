package palace

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"modernc.org/sqlite"

	"goalbot/store/storetest"
)

// mayScan are the statements that may read a table from its beginning, by what is in
// them: they end early, or belong neither to a change nor to an answer.
var mayScan = []string{
	"SELECT number, id, deleted, body, sum FROM goals ORDER BY number", // the list, at the start
	"SELECT rowid, ", // a check of everything
	"FROM changes AS c ORDER BY revision DESC LIMIT $1", // the newest changes, to the end of the page
	"SELECT sum(length(edit)",                           // the test itself
}

// wholeTable is how a plan says that it reads all of a table that grows with the list or
// with what was done to it, or all goals up to a number.
var wholeTable = regexp.MustCompile(`^(SCAN (goals|events|changes|applied|e|c|new)\b|SEARCH .*\(number[<>]\?\)$)`)

// No change and no answer reads a whole table: what it takes would grow with all that
// was ever done. SQLite decides by itself how it reads, so what it decides is asked for
// every statement of the contract test. To find the goals whose history a change made
// longer, it once read the history of all goals, 2 ms of each change with 10,000 goals.
func TestNothingReadsAWholeTable(t *testing.T) {
	r := &recorder{statements: map[string]bool{}}
	t.Run("contract", func(t *testing.T) {
		storetest.Run(t, func(t testing.TB, o storetest.Options) storetest.Engine {
			p := openTested(t, filepath.Join(t.TempDir(), "palace.db"), o)
			for _, db := range []**sql.DB{&p.readers, &p.writer} {
				(*db).Close()
				c, err := sqlite.NewConnector(address(p.path, url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(5000)", "foreign_keys(1)"}}))
				if err != nil {
					t.Fatal(err)
				}
				*db = sql.OpenDB(recordingConnector{c, r})
				(*db).SetMaxOpenConns(4)
			}
			return p
		})
	})
	p := fresh(t)
	asked := 0
	for statement := range r.statements {
		if slices.ContainsFunc(mayScan, func(part string) bool { return strings.Contains(statement, part) }) {
			continue
		}
		asked++
		for _, step := range plan(t, p, statement) {
			if wholeTable.MatchString(step) {
				t.Errorf("%s\n\treads a whole table: %s", statement, step)
			}
		}
	}
	if asked < 60 {
		t.Errorf("only %d statements were seen", asked)
	}
}

// plan is how SQLite means to run a statement.
func plan(t *testing.T, p *Palace, statement string) (steps []string) {
	t.Helper()
	args := make([]any, strings.Count(statement, "$"))
	for i := range args {
		if !strings.Contains(statement, fmt.Sprintf("$%d", i+1)) {
			args = args[:i]
			break
		}
		args[i] = 10 // it depends on them: on NULL as a limit, for one
	}
	rows, err := p.writer.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+statement, args...)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	return steps
}

// recorder keeps the statements that were run.
type recorder struct {
	mu         sync.Mutex
	statements map[string]bool
}

func (r *recorder) saw(statement string) {
	for _, verb := range []string{"SELECT", "INSERT", "UPDATE", "DELETE"} {
		if strings.HasPrefix(strings.TrimSpace(statement), verb) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.statements[strings.TrimSpace(statement)] = true
		}
	}
}

type recordingConnector struct {
	driver.Connector
	*recorder
}

func (c recordingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	return recordingConn{conn, c.recorder}, err
}

type recordingConn struct {
	driver.Conn
	*recorder
}

func (c recordingConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
}

func (c recordingConn) PrepareContext(ctx context.Context, statement string) (driver.Stmt, error) {
	c.saw(statement)
	return c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, statement)
}

func (c recordingConn) ExecContext(ctx context.Context, statement string, args []driver.NamedValue) (driver.Result, error) {
	c.saw(statement)
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, statement, args)
}

func (c recordingConn) QueryContext(ctx context.Context, statement string, args []driver.NamedValue) (driver.Rows, error) {
	c.saw(statement)
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, statement, args)
}
