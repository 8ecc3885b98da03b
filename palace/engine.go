package palace

import (
	"context"
	"database/sql"
)

// engine is what differs between the databases that a palace may be in. The files
// of this package whose names begin with that of an engine know only that one; the
// others are the same for all.
type engine interface {
	// place is what errors call the database. It holds no secret.
	place() string

	// inPlace reports that the database is not there any more that was opened. It
	// is quick: every change asks it.
	inPlace() error
	// belongs reports that too, and a database that does not belong where it is.
	belongs(store string) error
	// fresh opens connections to read with that know nothing yet.
	fresh(ctx context.Context) (*sql.DB, error)

	// copyTo copies all of it into an SQLite file, which must be empty.
	copyTo(ctx context.Context, db *sql.DB, path string) error
	// giveBack gives free space back, where that is worth it, and returns how much.
	// Nobody writes meanwhile.
	giveBack(ctx context.Context, conn *sql.Conn) (int64, error)

	// structure reports what is damaged in that which the rows lie in. Unless it looks at
	// the whole of it, it does not compare the indexes of large tables with the tables.
	structure(ctx context.Context, q querier, whole bool) error
	// schemaIntact reports what the schema lacks, or says otherwise than it should.
	schemaIntact(ctx context.Context, q querier) error
	// reachable reads the beginning of every table and index.
	reachable(ctx context.Context, q querier) error

	// allRows is a query for all rows of a table: where each of them is, its
	// columns and its checksum. It uses no index, which may be damaged.
	allRows(tb table) string
	// dropRows drops rows, which are where allRows said.
	dropRows(ctx context.Context, q querier, lost []LostRow) error
}
