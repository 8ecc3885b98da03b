package palace

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
)

//go:embed migrations/sqlite/*.sql
var files embed.FS

// migrations returns the scripts in the order of their names. The first makes
// a palace; the version of a database is how many it has seen. A script that
// was ever released is not changed.
func migrations() []string {
	names, err := fs.Glob(files, "migrations/sqlite/*.sql")
	if err != nil {
		panic(err) // the pattern is wrong
	}
	scripts := make([]string, len(names))
	for i, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			panic(err) // it is part of the program
		}
		scripts[i] = string(text)
	}
	return scripts
}

// version is the one that this program writes.
func version() int { return len(migrations()) }

// migrate runs the scripts that the database has not seen, all of them or
// none. Where there was no palace it gives the new one its name.
func migrate(ctx context.Context, db *sql.DB, version int, scripts []string) error {
	if version == len(scripts) {
		return nil
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	defer tx.Rollback()
	for i, script := range scripts[version:] {
		to := version + i + 1
		if _, err := tx.ExecContext(ctx, script); err != nil {
			return fmt.Errorf("migrate database to version %d: %w", to, err)
		}
		if convert := conversions[to]; convert != nil {
			if err := convert(ctx, tx); err != nil {
				return fmt.Errorf("migrate database to version %d: %w", to, err)
			}
		}
		if to > 1 {
			continue
		}
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO meta (only_one, store, revision, last_number, last_message, goal_rows)
			VALUES (1, $1, 0, 0, 0, 0)`, rand.Text()); err != nil {
			return fmt.Errorf("name database: %w", err)
		}
	}
	if err := setHeader(ctx, tx, len(scripts)); err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	return nil
}
